"""Which of two models is to speak next? The fast one where a question is easy by stated rules, else the strong one.

A function of what a run has come to, so that it can be told beforehand and comes out the same again. What it decided,
and why, is recorded with what the model said.
"""

from __future__ import annotations

from typing import Final

from agent.models.quoting.parts import parts
from agent.state import LIKELY, Think, evidence_of

LONG: Final = 300  # characters of a question
SEARCHES: Final = 2  # turns without an answer

UNHELD: Final = "It names no place that bears out an answer."
FAILED_CHECK: Final = "the answer of the fast model did not hold"


def routed(think: Think, *, acts: bool) -> tuple[bool, str]:
    """Whether the fast model may speak, and why or why not; `acts` says that a tool which does more than read is there.

    A run that has come to the strong model stays with it.
    """
    if why := _why_not(think, acts=acts):
        return False, why
    return True, "one short question, and a passage is likely to answer it"


def _why_not(think: Think, *, acts: bool) -> str | None:
    """The first of the rules by which the strong model is to speak."""
    asked, likely = parts(think.question), [each.probability for each in evidence_of(think)]
    known = [each for each in likely if each is not None]
    rules = (
        (think.route is not None and not think.route.fast, "the strong model has spoken"),
        (any(turn.returned for turn in think.turns), FAILED_CHECK),
        (acts, "a tool that does more than read is offered"),
        (len(asked) > 1, f"the question has {len(asked)} parts"),
        (len(think.question) > LONG, f"the question is longer than {LONG} characters"),
        (len(think.turns) >= SEARCHES, f"the fast model has spoken {len(think.turns)} times and not answered"),
        (not likely, "nothing was found"),
        (not known, "how likely a passage is to answer is not known"),
        (max(known, default=0.0) < LIKELY, "no passage is likely to answer"),
    )
    return next((why for holds, why in rules if holds), None)
