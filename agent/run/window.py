"""What is left out where a model cannot read at once all that was found?"""

from __future__ import annotations

from dataclasses import replace

from agent.models.prompt import TOO_LONG
from agent.state import Observation, Think


def fewer(think: Think) -> Think | None:
    """The same with half of the passages that no reply has named yet, the first ones; None where there are no more.

    They are the last ones of all, so that the numbers of the others stay as they are.
    """
    if not think.turns:
        kept = len(think.passages) // 2
        left_out = think.left_out + len(think.passages) - kept
        return replace(think, passages=think.passages[:kept], left_out=left_out) if kept else None
    *before, last = think.turns
    found = sum(len(each.passages) for each in last.observations)
    if not found:
        return None
    kept, observations = found // 2, list[Observation]()
    for each in last.observations:
        some = each.passages[:kept]
        kept -= len(some)
        # Without any passage it is the text that is told, which may be as long.
        observations.append(replace(each, passages=some, text=each.text if some or not each.passages else TOO_LONG))
    turns = (*before, replace(last, observations=tuple(observations)))
    return replace(think, turns=turns, left_out=think.left_out + found - found // 2)
