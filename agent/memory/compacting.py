"""What is left of a history that is longer than a model is shown? An account by the fast model, if it keeps what was
cited; else what the rule leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.memory.conversation import LAST, LETTERS, ROOM, Exchange, rests_on, whole
from agent.memory.rewriting import made_up
from agent.models.model import Model, Question, Unsaid, said_aside
from agent.models.numbered.written import tame
from agent.state import Reply

_LONGEST: Final = ROOM * LETTERS // 2  # letters of the account; the last exchanges stand beside it
_FOLLOWS: Final = "\n\nWrite the account. Each of these names must stand in it, letter by letter: {names}"


@dataclass(frozen=True, slots=True)
class Compacted:
    """The account of what was said, empty where the rule's stays, and `why`; and what the model replied, if it did."""

    account: str
    why: str
    reply: Reply | None = None


def is_long(earlier: Sequence[Exchange]) -> bool:
    """Whether the history holds more than a model is shown of it, and more than its last exchanges."""
    return len(earlier) > LAST and len(whole(earlier)) > ROOM * LETTERS


def asked_of(earlier: Sequence[Exchange]) -> Question:
    """What a model is asked of a history: of all but its last exchanges, which are shown as they are."""
    old = earlier[:-LAST]
    names = sorted(rests_on(old))
    return Question(tame(whole(old)) + (_FOLLOWS.format(names=", ".join(names)) if names else ""))


async def compacted(earlier: Sequence[Exchange], model: Model, *, within: float) -> Compacted:
    """The account that the model gives. What names no document that was cited, or what nobody named, is not used."""
    asked = asked_of(earlier)
    try:
        reply = await said_aside(model, asked, within=within)
    except Unsaid as why:
        return Compacted("", f"{why}; the rule shortened it")
    said = reply.text.strip()
    if unfit := _unfit(said, asked.text, earlier, reply):
        return Compacted("", f"{unfit}; the rule shortened it", reply)
    return Compacted(said, "the history is longer than is shown of it", reply)


def _unfit(said: str, told: str, earlier: Sequence[Exchange], reply: Reply) -> str:
    """Why what a model said is no such account; empty where it may be one."""
    if reply.stop != "end" or not said:
        return "the model gave no account"
    if len(said) > _LONGEST:
        return "the model's account is too long"
    if gone := [name for name in sorted(rests_on(earlier[:-LAST])) if name not in said]:
        return f"the model's account leaves out what was cited ({gone[0]})"
    if word := made_up(said, told):
        return f"the model's account names what nobody had named ({word})"
    return ""
