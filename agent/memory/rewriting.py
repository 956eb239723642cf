"""How is a follow-up made a question of its own? A model is asked, within bounds; else the rule says it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from agent.limits import LONGEST
from agent.memory.conversation import Exchange, compact
from agent.memory.followup import understood
from agent.models.model import Model, ModelFailed, Question
from agent.state import Reply, Usage

SECONDS: Final = 20.0  # that a model is given for it
_LABEL: Final = re.compile(r"(?i)^\s*(?:rewritten |standalone )?(?:question|frage)\s*:\s*")
_TOLD: Final = re.compile(r"\d[\d.,:/-]*|\b[A-ZÄÖÜ][\w-]*")  # what a model may not make up: numbers and names
_FIRST: Final = re.compile(r"(?:^|[.?!:]\s+)\W*\w+")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a follow-up asks by itself, who says so and why; and what it took to ask the model."""

    question: str
    by: Literal["model", "rule"]
    why: str
    usage: Usage = field(default_factory=Usage)
    model: str | None = None


async def rewritten(question: str, earlier: Sequence[Exchange], model: Model | None, *, within: float) -> Rewritten:
    """The follow-up as a question of its own. What the `model` says that cannot be one leaves it to the rule."""
    if model is None:
        return _by_rule(question, earlier)
    request = Question(f"{compact(earlier)}\n\nFollow-up: {question}")
    reply: Reply | None = None
    try:
        async with asyncio.timeout(min(SECONDS, within)):
            async for item in model.reply([request], (), within=min(SECONDS, within), aloud=False):
                reply = item if isinstance(item, Reply) else reply
    except TimeoutError:
        return _by_rule(question, earlier, "the model took too long")
    except ModelFailed as fault:
        return _by_rule(question, earlier, f"the model failed ({fault.code})")
    if reply is None:
        return _by_rule(question, earlier, "the model said nothing")
    said = _LABEL.sub("", reply.text.strip()).strip().strip("\"“”'`*").strip()
    if unfit := _unfit(said, question, earlier, reply):
        return _by_rule(question, earlier, unfit, reply)
    why = "it stands by itself" if said == question else "the model was asked"
    return Rewritten(said, "model", why, reply.usage, reply.model)


def _unfit(said: str, question: str, earlier: Sequence[Exchange], reply: Reply) -> str:
    """Why what a model said is no such question; empty where it may be one."""
    if reply.stop != "end" or not said:
        return "the model gave no question"
    if "\n" in said or len(said) > min(LONGEST, 3 * len(question) + 300):
        return "the model gave more than a question"
    if question.rstrip().endswith("?") and not said.endswith(("?", "？", "؟")):
        return "the model gave no question"
    known = f"{question}\n{compact(earlier)}".casefold()
    firsts = {match[0].casefold() for match in _FIRST.finditer(said)}
    for word in _TOLD.findall(said):
        if word.casefold().rstrip(".,:") not in known and word.casefold() not in firsts:
            return f"the model's question names what nobody had named ({word})"
    return ""


def _by_rule(question: str, earlier: Sequence[Exchange], fault: str = "", reply: Reply | None = None) -> Rewritten:
    read = understood(question, earlier)
    why = f"{fault}; {read.why}" if fault else read.why
    spent, model = (reply.usage, reply.model) if reply else (Usage(), None)
    return Rewritten(read.question, "rule", why, spent, model)
