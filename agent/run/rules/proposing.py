"""By which questions does a model say that one of several parts is searched for, and may they be?

It is held to a form where its server can, else it writes a numbered list, which is read strictly. What it may not say
leaves the plan that the rule made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter

from agent.evidence.wording import language_of, stems
from agent.journal.events import Planned
from agent.memory.rewriting import made_up
from agent.models.model import Model, Planner, Question, Unsaid, said_aside
from agent.models.prompt import PLAN_FORM, PLAN_LINES
from agent.models.structured import raw, read_json
from agent.run.rules.planning import MOST
from agent.state import Part, Reply

_LONGEST: Final = 200  # characters that a part may be longer than the question
_LINE: Final = re.compile(r"(\d{1,2})[.)]\s+(.+?[?？؟])\s*(?:\|\s*(.*))?")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A question that is to be searched for, and why it is needed."""

    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model is held to where its server can."""

    parts: list[Proposed]


_FORM: Final = TypeAdapter(Proposal)


def asked_of(model: Planner, question: str, *, held: bool) -> tuple[Model, Question]:
    """The model as it is told to plan, and what it is asked."""
    schema: Mapping[str, Any] | None = _FORM.json_schema() if held else None
    return model.writing(PLAN_FORM if held else PLAN_LINES, schema), Question(f"Question: {question}")


async def proposed(question: str, ruled: Planned, model: Planner, *, within: float) -> Planned:
    """The plan of the model, or that of the rule, and why."""
    try:
        held = await model.is_held(within)
        reply = await said_aside(*asked_of(model, question, held=held), within=within)
    except Unsaid as why:
        return replace(ruled, why=f"{ruled.why}; {why}")
    spent = replace(ruled, usage=reply.usage, model=reply.model, request=reply.request, given=reply.given, held=held)
    try:
        found = _FORM_OR_LINES[held](reply)
    except ValueError as fault:
        return replace(spent, why=f"{ruled.why}; what the model wrote {fault}")
    if unfit := _unfit([each.question for each in found], question, ruled.parts):
        return replace(spent, why=f"{ruled.why}; {unfit}")
    reasons = "; ".join(each.reason for each in found if each.reason)
    parts = tuple(Part(each.question, each.question.strip(" ?？؟")) for each in found)
    return replace(spent, parts=parts, by="model", why=f"{ruled.why}; the model: {reasons or 'no reason'}")


def _in_lines(reply: Reply) -> list[Proposed]:
    """A numbered list, and nothing else; raises `ValueError`."""
    found: list[Proposed] = []
    for line in filter(None, map(str.strip, raw(reply).splitlines())):
        one = _LINE.fullmatch(line)
        if one is None or int(one[1]) != len(found) + 1:
            raise ValueError("is no numbered list of questions")
        found.append(Proposed(one[2].strip(" *_`"), (one[3] or "").strip()))
    return found


def _in_form(reply: Reply) -> list[Proposed]:
    return read_json(reply, _FORM).parts


_FORM_OR_LINES: Final = {True: _in_form, False: _in_lines}


def _unfit(found: Sequence[str], question: str, ruled: Sequence[Part]) -> str:
    """Why questions are no parts of a question in which the rule reads others; empty where they may be."""
    if not 2 <= len(found) <= MOST or len({each.casefold() for each in found}) < len(found):
        return f"the model's plan has not two to {MOST} parts"
    language = language_of(question)
    asked = stems(question, language)
    for each in found:
        if len(each.splitlines()) != 1 or len(each) > len(question) + _LONGEST:
            return "a part of the model's plan is more than a question"
        if asked.isdisjoint(stems(each, language)):
            return f"a part of the model's plan is about something else ({each})"
        if word := made_up(each, question):
            return f"a part of the model's plan names what nobody had named ({word})"
    said = stems(" ".join(found), language)
    abouts = ((each.about, stems(each.about, language)) for each in ruled)
    lost = [name for name, about in abouts if 2 * len(about & said) < len(about)]
    return f"the model's plan leaves out {lost[0]}" if lost else ""
