"""How is a follow-up made a question of its own? A model is asked, within bounds; else the rule says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from agent.limits import LONGEST
from agent.memory.conversation import Exchange
from agent.memory.followup import understood
from agent.models.model import Model, Question, Unsaid, said_aside
from agent.models.numbered.written import tame
from agent.state import Reply

_LABEL: Final = re.compile(r"(?i)^\s*(?:rewritten |standalone )?(?:question|frage)\s*:\s*")
_TOLD: Final = re.compile(r"\d[\d.,:/-]*|\b[A-ZÄÖÜ][\w-]*")  # what a model may not make up: numbers and names
_FIRST: Final = re.compile(r"(?m)(?:^|[.?!:]\s+)\W*([\w-]+)")  # of a sentence or a line, which is written large


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a follow-up asks by itself, who says so and why; and what the model replied that was asked, if one was."""

    question: str
    by: Literal["model", "rule"]
    why: str
    reply: Reply | None = None


def asked_of(question: str, account: str) -> Question:
    """What a model is asked of a follow-up, with an `account` of what was said before."""
    return Question(f"{tame(account)}\n\nFollow-up: {question}")


async def rewritten(
    question: str, earlier: Sequence[Exchange], account: str, model: Model | None, *, within: float
) -> Rewritten:
    """The follow-up as a question of its own. What the `model` says that cannot be one leaves it to the rule."""
    if model is None:
        return _by_rule(question, earlier)
    try:
        reply = await said_aside(model, asked_of(question, account), within=within)
    except Unsaid as why:
        return _by_rule(question, earlier, str(why))
    said = _LABEL.sub("", reply.text.strip()).strip().strip("\"“”'`*").strip()
    if unfit := _unfit(said, question, account, reply):
        return _by_rule(question, earlier, unfit, reply)
    return Rewritten(said, "model", "it stands by itself" if said == question else "the model was asked", reply)


def made_up(said: str, known: str) -> str | None:
    """The first number or name in what a model said that does not stand in what it was told; None where all do."""
    firsts = {match[1].casefold() for match in _FIRST.finditer(said)}
    known = known.casefold()
    words = (word.rstrip(".,:-/") for word in _TOLD.findall(said))
    return next((word for word in words if word.casefold() not in known and word.casefold() not in firsts), None)


def _unfit(said: str, question: str, account: str, reply: Reply) -> str:
    """Why what a model said is no such question; empty where it may be one."""
    if reply.stop != "end" or not said:
        return "the model gave no question"
    if "\n" in said or len(said) > min(LONGEST, 3 * len(question) + 300):
        return "the model gave more than a question"
    if question.rstrip().endswith("?") and not said.endswith(("?", "？", "؟")):
        return "the model gave no question"
    if word := made_up(said, f"{question}\n{account}"):
        return f"the model's question names what nobody had named ({word})"
    return ""


def _by_rule(question: str, earlier: Sequence[Exchange], fault: str = "", reply: Reply | None = None) -> Rewritten:
    read = understood(question, earlier)
    return Rewritten(read.question, "rule", f"{fault}; {read.why}" if fault else read.why, reply)
