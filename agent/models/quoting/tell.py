"""How is what was chosen said? Quote by quote, with what must be known of each before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate
from agent.models.quoting.choose import QUOTES, choose
from agent.models.quoting.features import above
from agent.models.quoting.parts import Part
from agent.models.quoting.shelf import Shelf
from agent.models.quoting.told.differing import Dated, is_of_one_thing
from agent.models.quoting.told.said import Chosen, told_anew
from agent.models.quoting.told.sections import of_section
from agent.state import Quote, Segment

DISAGREE: Final = "The documents disagree."
DIFFER: Final = "Several documents tell this, each otherwise."
_ASKS: Final = re.compile(
    r"(?i)(?:(?:by|for|from|in|on|to|with|at|since) )?(?:who|whom|whose|when|where|why|how|what|which)\b"
)
_WORD: Final = re.compile(r"\w+")
_ADDRESS: Final = re.compile(r"\S+@\S+|https?://\S+")


def segments(chosen: Sequence[Chosen]) -> list[Segment]:
    """One a line; where lines of its own mean something, one a paragraph, for it does not end as a sentence does."""
    end = "\n\n" if any(each.is_told or each.remark or "\n" in each.said for each in chosen) else "\n"
    told = []
    for each in chosen:
        told += [_remark(each.remark)] if each.remark else []
        told.append(Segment(f"{each.said}{end}", (Quote(each.passage.number, each.first, each.last, each.text),)))
    return told


def by_parts(asked: Sequence[Part], found: Sequence[Sequence[Chosen]], whole: Asked, shelf: Shelf) -> list[Segment]:
    """What answers each part in turn, each quote once; of what nothing answers, that nothing does."""
    told: list[Chosen] = []
    missed: dict[int, str] = {}
    for part, chosen in zip(asked, found, strict=True):
        for each in chosen:
            same = next((place for place, other in enumerate(told) if _within(each, other)), None)
            less = next((place for place, other in enumerate(told) if _within(other, each)), None)
            if same is None and less is not None:
                told[less] = each
            elif same is None:
                told.append(each)
            elif each.row and told[same].row:  # what each part asks for comes first
                told[same] = replace(told_anew(each.row, whole, shelf), remark=told[same].remark)
        if not chosen:
            missed[len(told)] = f"{missed.get(len(told), '')}{_unanswered(part)}\n"
    said: list[Segment] = []
    done = 0
    for place, remark in sorted(missed.items()):
        said += [*segments(told[done:place]), _remark(remark.strip() + "\n")]
        done = place
    return [*said, *segments(told[done:])]


def disagreeing(differ: Sequence[Dated], asked: Asked, shelf: Shelf) -> list[Chosen]:
    """Each of what several documents say otherwise, with the document and its date."""
    head = DISAGREE if is_of_one_thing(differ) else DIFFER
    head += " The newest first." if any(each.day[0] for each in differ) else " Nothing says which of them is newer."
    told = []
    for each in differ[:QUOTES]:
        chosen = choose(asked, [(each.candidate, 1.0)], [], shelf)[0]
        section = of_section(shelf, chosen.passage, chosen.first)
        told.append(replace(chosen, remark="\n".join(filter(None, (head, each.told, section)))))
        head = ""
    return told


def with_sections(chosen: Sequence[Chosen], shelf: Shelf) -> list[Chosen]:
    """Each with the heading that says that it does not hold, or is an example; said once for several in a row."""
    told: list[Chosen] = []
    last = ""
    for each in chosen:
        section = of_section(shelf, each.passage, each.first)
        remarks = [section if section != last else "", each.remark]
        told.append(replace(each, remark="\n".join(filter(None, remarks))))
        last = section
    return told


def names(side: str, candidate: Candidate, shelf: Shelf) -> bool:
    """Whether a candidate speaks of a thing by its name: in its words, its head, or above it."""
    over = (above(candidate.passage), *shelf.headings(candidate.passage, candidate.first), candidate.head)
    there = set(_WORD.findall(_ADDRESS.sub(" ", " ".join((*over, candidate.text)).casefold())))
    return all(
        not {word, word.removesuffix("s"), f"{word}s"}.isdisjoint(there) for word in _WORD.findall(side.casefold())
    )


def _within(one: Chosen, other: Chosen) -> bool:
    return one.passage is other.passage and other.first <= one.first and one.last <= other.last


def _unanswered(part: Part) -> str:
    about = part.about.strip(" ?")
    return f"The documents do not say {about}." if _ASKS.match(about) else f"The documents say nothing of {about}."


def _remark(text: str) -> Segment:
    return Segment(text if text.endswith("\n") else f"{text}\n", remark=True)
