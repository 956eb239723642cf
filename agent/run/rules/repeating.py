"""Does a model go round in circles? It makes the same call again and is given the same again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from agent.journal.chain import canonical
from agent.state import Act, Observation

MOST: Final = 3  # times that a call may come to the same; with the last one the run ends
SAME: Final = "You have made this call before, and it gave the same: call something else, or answer."


def times(state: Act, made: Observation, before: Iterable[Observation] = ()) -> int:
    """How often the run has seen this call with this result, this time among them; `before` are of the same reply."""
    earlier = [each for turn in state.think.turns for each in turn.observations]
    wanted = _outcome(made)
    return 1 + sum(_outcome(each) == wanted for each in (*earlier, *state.observations, *before))


def told(made: Observation) -> Observation:
    """The same, with the word that it was seen before."""
    if made.error or not made.passages:
        return replace(made, text=f"{made.text}\n\n{SAME}")
    return replace(made, note=f"{made.note}\n{SAME}".strip())


def _outcome(made: Observation) -> tuple[Any, ...]:
    text = made.text.removesuffix(f"\n\n{SAME}")
    found = tuple((each.kind, each.document, each.start, each.end, each.text) for each in made.passages)
    return made.call.name, canonical(made.call.arguments), text, made.error, found
