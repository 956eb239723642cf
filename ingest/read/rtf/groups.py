"""What groups is an RTF file made of: which is the body, and what stands beside it?

Notes, comments and headers are taken out; text boxes, objects, fields and pictures give way to their words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ingest.read.rtf.text import ITEM, ITEM_END, NUMBER

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BINARY = re.compile(r"\\bin(\d+) ?")
_UNSEEN = (
    "pict",
    "nonshppict",
    "themedata",
    "colorschememapping",
    "datastore",
    "objdata",
    "stylesheet",
    "latentstyles",
)
_STANDING = ("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf")
_DELETED = re.compile(r"\{[^{}]*\\deleted(?![a-z\d])[^{}]*\}")
_STYLE = re.compile(r"\\s(\d+)(?!\d)[^{};]*?(?:\{[^{}]*\}[^{};]*?)*\s(?:(?i:heading) ([1-9])|(Title));")
_DESCRIPTION = re.compile(r"\{\\sn wzDescription\}\s*\{\\sv ([^{}]*)\}")
_COUNTS = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)


@dataclass(slots=True)
class Groups:
    """The body, and what was taken out of it; all of it is RTF still."""

    body: str
    prolog: str  # the words in front of the first group
    fonts: str
    levels: dict[str, int] = field(default_factory=dict)  # by style: that of the headings written in it
    notes: list[str] = field(default_factory=list)
    comments: list[tuple[str, str]] = field(default_factory=list)  # author, text
    standing: list[str] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)


def grouped(data: bytes) -> Groups:
    """The parts of an RTF file."""
    source = _without_binary(data.decode("latin-1")).replace("\0", "")  # which fill what was never written
    source = re.sub(
        "[\x80-\xff]", lambda found: f"\\'{ord(found[0]):02x}", source
    )  # so no program may write, but some do
    prolog = source[: source.find("{", 1)]
    made = Groups("", prolog, " ".join(_inner(source, "fonttbl")))
    for stylesheet in _inner(source, "stylesheet"):
        made.levels |= {number: int(level or 1) for number, level, _ in _STYLE.findall(stylesheet)}
    for info in _inner(source, "info"):
        for key in ("title", "author", "subject", "keywords", "doccomm", "revtim", "creatim"):
            made.info[key] = next(_inner(info, key), "")
    source = _replaced(source, ("info",), lambda _: "")
    source = _replaced(source, ("shp", "shpgrp"), _written_in_shape)
    source = _replaced(source, ("pict",), _description)
    source = _replaced(source, _UNSEEN, lambda _: "")
    source = _replaced(source, ("object",), lambda group: f"{{{next(_inner(group, 'result'), '')}}}")
    source = _replaced(source, ("upr",), lambda group: f"{{{next(_inner(group, 'ud'), '')}}}")
    source = _replaced(source, ("field",), _field)
    source = _DELETED.sub("", source)
    source = _replaced(
        source, ("pntext", "listtext"), lambda group: f"{_mark(ITEM)}{{{_content(group)}}}{_mark(ITEM_END)}"
    )
    source = _replaced(source, _STANDING, lambda group: _aside(made.standing, _content(group)))
    source = _replaced(source, ("annotation",), lambda group: _aside(made.comments, ("", _content(group))))
    authors = list(_inner(source, "atnauthor"))
    made.comments = [
        (authors[place] if place < len(authors) else "", text) for place, (_, text) in enumerate(made.comments)
    ]

    def note(group: str) -> str:
        made.notes.append(_content(group))
        return f"{{[{len(made.notes)}]}}"

    made.body = _replaced(source, ("footnote",), note)
    return made


def _aside(where: list[str] | list[tuple[str, str]], what: object) -> str:
    where.append(what)  # type: ignore[arg-type] # one list of each kind
    return ""


def _mark(letter: str) -> str:
    return f"{{\\uc0\\u{ord(letter) - 0x10000} }}"


def _written_in_shape(group: str) -> str:
    texts = [f"\\par {{{text}}}\\par " for text in _inner(group, "shptxt")]
    return "".join(texts) or _description(group)


def _description(group: str) -> str:
    return "".join(f"{{ {text} }}" for text in _DESCRIPTION.findall(group)[:1])


def _field(group: str) -> str:
    instruction = " ".join(_inner(group, "fldinst"))
    if _COUNTS.match(re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", instruction)):
        return _mark(NUMBER)
    return f"{{{next(_inner(group, 'fldrslt'), '')}}}"


def _without_binary(source: str) -> str:
    """The source without pictures that are not written in letters."""
    pieces = []
    place = 0
    while found := _BINARY.search(source, place):
        pieces.append(source[place : found.start()])
        place = found.end() + int(found[1])
    return "".join([*pieces, source[place:]])


def _opening(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\{\s*(?:\\\*\s*)?\\(?:" + "|".join(words) + r")(?![a-zA-Z])")


def _found(source: str, opening: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where the outermost groups that begin so lie."""
    place = 0
    while start := opening.search(source, place):
        depth, end = 0, len(source)
        for brace in _BRACE.finditer(source, start.start()):
            depth += (brace[0] == "{") - (brace[0] == "}")
            if depth == 0:
                end = brace.end()
                break
        yield start.start(), end
        place = end


def _replaced(source: str, words: tuple[str, ...], make: Callable[[str], str]) -> str:
    """The source with every group of these words replaced, those inside of such groups too."""
    opening = _opening(words)
    pieces = []
    place = 0
    for start, end in _found(source, opening):
        pieces += [source[place:start], make(source[start:end])]
        place = end
    return "".join([*pieces, source[place:]])


def _inner(source: str, word: str) -> Iterator[str]:
    """What stands in each of the groups of this word."""
    opening = _opening((word,))
    for start, end in _found(source, opening):
        yield _content(source[start:end])


def _content(group: str) -> str:
    """What stands in a group behind the word that it begins with."""
    return re.sub(r"^\{\s*(?:\\\*\s*)?\\[a-zA-Z]+-?\d* ?", "", group.removesuffix("}"))
