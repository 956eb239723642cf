import random
import pluggy


def roll_dice(sides: int = 6) -> str:
    """Roll one die and return the face.

    Use when: the user asks for a random roll.
    Do not use when: the user asks for a statistic.
    """
    return str(random.randint(1, sides))


roll_dice.effect = "read"
roll_dice.leaves = False


@pluggy.HookimplMarker("citewell")
def citewell_tools():
    return [roll_dice]
