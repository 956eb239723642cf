"""How does each passage that was found bear on the question, in what order are they shown, and which are not at all?

A model says of each passage by itself a number from 0 to 10 and one line. The line is for whoever reads the journal: no
other model is shown it, so that what is quoted is the passage alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from agent.journal.events import Ranked, Weighed
from agent.models.model import Model, Question, Unsaid, said_aside
from agent.models.numbered.written import within as indented
from agent.plain import in_a_line
from agent.state import WHOLE, Passage, Think

CUT: Final = 3  # of 10: what bears less than that is not shown
FEW: Final = 3  # so many are shown at least, whatever they are worth; where there are no more, nothing is weighed
_LONGEST: Final = 300  # characters of its line
_SAID: Final = re.compile(r"(?i)(?:score\W+)?(\d{1,2})(?:\s*/\s*10\b)?(?![\w.,/])\s*(?:[|:–—-]\s*(.*))?")


def may_be_weighed(think: Think) -> bool:
    """Whether there are passages of which some may be left out, and none of them was named yet."""
    return not think.turns and not think.weighed and len(think.passages) > FEW


def asked_of(question: str, passage: Passage) -> Question:
    """What a model is asked of one passage."""
    about = " › ".join(dict.fromkeys(each for each in (passage.title, *passage.headings) if each))
    said = "\n".join(filter(None, (about, passage.context, passage.text)))
    return Question(
        f"<passage>\n    {indented(said)}\n</passage>\n\nQuestion: {question}\n\nHow does the passage bear on the "
        "question? Write one line: a number from 0 to 10, a vertical bar, and a few words."
    )


async def weighed(question: str, passage: Passage, model: Model, *, within: float) -> Weighed:
    """What the model says of one passage; why it is of no use, if it is of none."""
    nothing = Weighed(passage.number, passage.document, None)
    try:
        reply = await said_aside(model, asked_of(question, passage), within=within, at_most=within)
    except Unsaid as why:
        return replace(nothing, why=str(why))
    asked = replace(nothing, usage=reply.usage, model=reply.model, request=reply.request, given=reply.given)
    found = read(reply.text)
    if reply.stop not in {"end", "length"} or found is None:
        return replace(asked, line=in_a_line(reply.text)[:_LONGEST], why="the model gave no number from 0 to 10")
    return replace(asked, score=found[0], line=found[1])


def read(said: str) -> tuple[int, str] | None:
    """The number and the line that stand at the beginning of what a model said; None where they don't."""
    first = next((line.strip().strip("*`_\"'| ") for line in said.splitlines() if line.strip()), "")
    found = _SAID.fullmatch(first)
    if found is None or int(found[1]) > 10:
        return None
    return int(found[1]), (found[2] or "").strip()[:_LONGEST]


def ranked(think: Think, why: str = "") -> Ranked:
    """The passages by what they are worth, equals as they were found; what is not known stays at its place.

    What is worth little is left out, but for the best few, and the best that serves a part of the question.
    """
    scores = dict(think.scores)
    known = [each for each in think.passages if each.number in scores]
    best = iter(sorted(known, key=lambda each: (-scores[each.number], each.number)))
    order = [next(best) if each.number in scores else each for each in think.passages]
    kept = {each.number for each in order if scores.get(each.number, CUT) >= CUT}
    for part in {part for each in order for part in each.serves if part != WHOLE}:
        kept.add(next(each.number for each in order if part in each.serves))
    for each in order:
        if len(kept) >= FEW:
            break
        kept.add(each.number)
    shown = tuple(each.number for each in order if each.number in kept)
    return Ranked(shown, tuple(sorted(each.number for each in order if each.number not in kept)), why)
