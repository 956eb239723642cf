"""Which settings does a file of configuration make, each with the comment that explains it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agent.models.quoting.candidates import Candidate, says_something
from agent.state import Passage

_OUT: Final = re.compile(r"[#;][\w.-]+\s*[:=](?:\s|\S*$)")  # what is commented out: `#port = 8080`
_COMMENT: Final = re.compile(r"(?:#|;|//|!)")
_SECTION: Final = re.compile(r"\[{1,2}[^\[\]]+\]{1,2}\s*(?:[#;].*)?$")
_PARENT: Final = re.compile(r"(?:- )?[^\s:#][^:#]*:\s*(?:#.*)?$")
_KEY: Final = re.compile(r"(?:- )?[^\s:=#'\"]+\s*[:=](?:\s|$)")
_OPEN: Final = re.compile(r"[:=]\s*(?:[|>][+-]?|[\[{(][^\])}]*|)\s*(?:#.*)?$")
_SETTING: Final = re.compile(r"[#;]?\s*(?:- |export )?([^\s:=]+)(?:\s*[:=]\s*|\s+)(\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    indent: int
    is_apart: bool  # an empty line stands before it


def settings(passage: Passage) -> Iterator[Candidate]:
    """Each setting with the comment above it, below the sections that it stands in; and comments that stand alone."""
    lines = _lines(passage)
    over: list[tuple[int, str]] = []  # sections, outermost first, with their indentation
    comment = block = 0  # what stands from `comment` on is said of what comes next
    while block < len(lines):
        line = lines[block]
        if line.is_apart and comment < block:
            yield from _alone(passage, comment, block, over)
            comment = block
        if _is_comment(line.text):
            block += 1
            continue
        told = "\n".join(each.text for each in lines[comment : block + 1])
        is_section = _SECTION.match(line.text) is not None
        indent = -1 if is_section else line.indent
        while over and over[-1][0] >= indent:
            over.pop()
        if is_section or _is_parent(lines, block):
            yield from _alone(passage, comment, block, over)
            over.append((indent, told))
            end = block + 1
        else:
            end = _end(lines, block)
            yield _candidate(passage, comment, end, over)
        block = comment = end
    yield from _alone(passage, comment, block, over)


def named(text: str) -> tuple[str, str, str] | None:
    """The key of a setting, its value, and what its comment says; None where it has no value."""
    lines = text.splitlines()
    first = next((at for at, line in enumerate(lines) if not _is_comment(line.strip())), len(lines))
    found = _SETTING.match("\n".join(lines[first:]).strip())
    return (found[1], found[2], "\n".join(lines[:first])) if found else None


def _alone(passage: Passage, first: int, last: int, over: Sequence[tuple[int, str]]) -> Iterator[Candidate]:
    if any(says_something(passage.block_text(block).lstrip("#;/! ")) for block in range(first, last)):
        yield _candidate(passage, first, last, over)


def _candidate(passage: Passage, first: int, last: int, over: Sequence[tuple[int, str]]) -> Candidate:
    head = "\n".join(text for _, text in over)
    return Candidate(passage, first, last, "setting", head, None, passage.headings[-1] if passage.headings else "")


def _lines(passage: Passage) -> list[_Line]:
    found = []
    end = 0
    for start, stop in passage.blocks:
        first, last = start - passage.start, stop - passage.start
        begin = passage.text.rfind("\n", 0, first) + 1
        found.append(_Line(passage.text[first:last], first - begin, passage.text.count("\n", end, first) > 1))
        end = last
    return found


def _is_comment(text: str) -> bool:
    return _COMMENT.match(text) is not None and not _OUT.match(text)


def _is_parent(lines: Sequence[_Line], block: int) -> bool:
    """Whether settings stand below a line, as in YAML, and it makes none itself."""
    line = lines[block]
    below = next((each for each in lines[block + 1 :] if not _is_comment(each.text)), None)
    is_deeper = below is not None and below.indent > line.indent
    return _PARENT.match(line.text) is not None and is_deeper and below is not None and bool(_KEY.match(below.text))


def _end(lines: Sequence[_Line], block: int) -> int:
    """Where a setting ends: behind the lines on which its value goes on."""
    line, end = lines[block], block + 1
    is_open = _OPEN.search(line.text) is not None
    while is_open and end < len(lines):
        each = lines[end]
        closes = each.text[0] in ")]}"
        goes_on = each.indent > line.indent or (each.indent == line.indent and each.text.startswith("- "))
        if _is_comment(each.text) or not (goes_on or closes):
            break
        end += 1
        if closes:
            break
    return end
