"""Which blocks has a text in AsciiDoc, and how do they read as Markdown?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.read.asciidoc.inline import Inline
from ingest.read.asciidoc.table import table
from ingest.read.writing.fences import fenced

_SECTION = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?")
_UNDERLINE = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_DELIMITER = re.compile(r"(-{4,}|\.{4,}|={4,}|\*{4,}|_{4,}|\+{4,}|/{4,}|--|```+\w*|~~~+)|([|,:!])={3,}")
_ATTRIBUTES = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]|\[\[.*\]\]")
_TITLE = re.compile(r"\.([^\s.].*)")
_ITEM = re.compile(r"[ \t]*(\*{1,6}|-|\.{1,6}|\d+\.|[a-zA-Z]\.|<(?:\d+|\.)>)[ \t]+(\S.*)")
_TERM = re.compile(r"[ \t]*(\S.*?)(:{2,4}|;;)(?:[ \t]+(.*))?")
_TASK = re.compile(r"\[[ x*]\][ \t]+")
_INCLUDE = re.compile(r"include::\S+\[.*\]")
_MEDIA = re.compile(r"(image|video|audio)::\S*\[(.*)\]")
_NOTHING = re.compile(r"'{3,}|<{3,}|toc::\[.*\]|(?:-[ ]?){3}|(?:\*[ ]?){3}")
_ADMONITIONS = {"NOTE", "TIP", "WARNING", "IMPORTANT", "CAUTION"}
_DEEPEST = 12  # blocks in blocks


@dataclass(slots=True)
class _Above:
    """What stands above a block and speaks of it."""

    attributes: str = ""
    title: str = ""

    @property
    def style(self) -> str:
        return re.split(r"[,#.%]", self.attributes, maxsplit=1)[0].strip()


class Blocks:
    """Turns lines into blocks of Markdown."""

    def __init__(self, inline: Inline) -> None:
        self.inline = inline
        self.depth = 0

    def of(self, lines: Sequence[str]) -> list[str]:
        """The blocks of these lines, in order."""
        lines = list(lines)
        made: list[str] = []
        above = _Above()
        at = 0
        while at < len(lines):
            following = self.silent(lines, at, above)
            if following > at:
                at = following
                continue
            found, at = self.block(lines, at, above)
            if above.title and any(found):
                made.append(self.inline.words(above.title))
            made += [*filter(None, found), *self.inline.notes]
            self.inline.notes.clear()
            above = _Above()
        return made

    def silent(self, lines: list[str], at: int, above: _Above) -> int:
        """Past what is no block itself: blank lines, comments, attributes, what speaks of the block below."""
        line = lines[at]
        if not line.strip() or (line.startswith("//") and not line.startswith("///")) or _NOTHING.fullmatch(line):
            return at + 1
        if (following := self.inline.attribute(lines, at)) > at:
            return following
        if found := _ATTRIBUTES.fullmatch(line):
            above.attributes = ",".join(filter(None, (above.attributes, found[1] or "")))
            return at + 1
        if (found := _TITLE.fullmatch(line)) and at + 1 < len(lines) and lines[at + 1].strip():
            above.title = found[1]
            return at + 1
        return at

    def block(self, lines: list[str], at: int, above: _Above) -> tuple[list[str], int]:
        """The block that begins at a line, and the line behind it."""
        if self.depth > _DEEPEST:
            return self.paragraph(lines, at, above)
        self.depth += 1
        found = self.one(lines, at, above)
        self.depth -= 1
        return found

    def one(self, lines: list[str], at: int, above: _Above) -> tuple[list[str], int]:
        line = lines[at]
        if found := _SECTION.fullmatch(line):
            return [f"{'#' * len(found[1])} {self.inline.words(found[2])}"], at + 1
        if level := _underlined(lines, at):
            return [f"{'#' * level} {self.inline.words(line)}"], at + 2
        if _DELIMITER.fullmatch(line):
            return self.delimited(lines, at, above)
        if _INCLUDE.fullmatch(line):
            return [f"`{line}`"], at + 1
        if found := _MEDIA.fullmatch(line):
            return [self.inline.words(f"image:x[{found[2]}]") if found[1] == "image" else ""], at + 1
        if _ITEM.fullmatch(line) or _is_term(line):
            return self.listed(lines, at)
        if line[0] in " \t":
            stop = _paragraph_end(lines, at)
            return [fenced(_dedented(lines[at:stop]), _language(above))], stop
        return self.paragraph(lines, at, above)

    def paragraph(self, lines: list[str], at: int, above: _Above) -> tuple[list[str], int]:
        stop = _paragraph_end(lines, at)
        kept = [line for line in lines[at:stop] if not (line.startswith("//") and not line.startswith("///"))]
        if above.style in {"source", "listing", "literal"} or above.attributes.startswith(","):
            return [fenced("\n".join(kept), _language(above))], stop
        words = self.inline.words("\n".join(kept))
        if above.style in _ADMONITIONS:
            words = f"{above.style}: {words}"
        return [words, *_said_by(above)], stop

    def delimited(self, lines: list[str], at: int, above: _Above) -> tuple[list[str], int]:
        """A block between two equal lines; one that is never closed goes on to the end."""
        mark = lines[at]
        closing = "`" * (len(mark) - len(mark.lstrip("`"))) if mark.startswith("```") else mark
        stop = next((number for number in range(at + 1, len(lines)) if lines[number] == closing), len(lines))
        inner = lines[at + 1 : stop]
        after = min(stop + 1, len(lines))
        if mark.endswith("===") and mark[0] in "|,:!":
            return [table(inner, mark[0], above.attributes, self.cell)], after
        if mark[0] == "/":
            return [], after
        if mark[0] in "-.`~+" and (mark != "--" or above.style in {"source", "listing"}):
            code = "\n".join(inner)
            if above.style == "stem" or "latexmath" in above.attributes:
                return [f"$$\n{code}\n$$"], after
            return [fenced(code, mark.lstrip("`") if mark[0] == "`" else _language(above))], after
        if above.style == "verse":
            return [self.inline.words(" +\n".join(inner)), *_said_by(above)], after
        blocks = self.of(inner)
        if above.style in _ADMONITIONS and blocks:
            between = "\n\n" if blocks[0][0] in "#-`|" else " "
            blocks[0] = f"{above.style}:{between}{blocks[0]}"
        return [*blocks, *_said_by(above)], after

    def cell(self, text: str) -> str:
        if re.search(r"^\s*(?:[*.-]+ |-{4,}|\.{4,})", text, re.MULTILINE):
            lines = "\n".join(self.of(text.strip().split("\n"))).split("\n")
            return " ".join(line for line in lines if not line.startswith("```"))
        return self.inline.words(text)

    def listed(self, lines: list[str], at: int) -> tuple[list[str], int]:
        """A list with all that is nested in it; which marks are open tells how deep an item is."""
        open_marks: list[tuple[str, int]] = []  # each with how far its text is indented
        counts: dict[int, int] = {}
        made: list[str] = []
        while at < len(lines):
            item, term = _ITEM.fullmatch(lines[at]), _term(lines[at])
            if item is None and term is None:
                break
            mark = _mark(item[1]) if item else term[2] if term else ""
            while open_marks and mark in {known for known, _ in open_marks} and open_marks[-1][0] != mark:
                counts.pop(len(open_marks), None)
                open_marks.pop()
            if not open_marks or open_marks[-1][0] != mark:
                open_marks.append((mark, 0))
                counts[len(open_marks)] = 0
            counts[len(open_marks)] += 1
            bullet = f"{counts[len(open_marks)]}. " if mark.startswith((".", "<")) else "- "
            margin = sum(width for _, width in open_marks[:-1])
            open_marks[-1] = (mark, len(bullet))
            first = _TASK.sub("", item[2]) if item else (term[3] or "") if term else ""
            blocks, at = self.item(first, lines, at + 1)
            if term and item is None:
                name = self.inline.words(term[1])
                blocks[:1] = [f"{name}: {blocks[0]}" if blocks and blocks[0] else f"{name}:"]
            inner = "\n\n".join(blocks).replace("\n", f"\n{' ' * (margin + len(bullet))}")
            made.append(" " * margin + bullet + inner)
        return ["\n".join(line.rstrip(" \t") for entry in made for line in entry.split("\n"))], at

    def item(self, first: str, lines: list[str], at: int) -> tuple[list[str], int]:
        """The blocks of an item: its text, and what a line with a plus attaches to it. Then the line behind it."""
        text = [first] if first else []
        while at < len(lines) and not first and not lines[at].strip():  # what a term means may stand below a blank line
            at += 1
        while at < len(lines) and lines[at].strip() and lines[at] != "+" and not _begins(lines[at]):
            text.append(lines[at].strip())
            at += 1
        blocks = [self.inline.words("\n".join(text))]
        while True:
            while at < len(lines) and lines[at] == "+":
                above = _Above()
                at += 1
                while at < len(lines) and (following := self.silent(lines, at, above)) > at:
                    at = following
                if at >= len(lines):
                    break
                found, at = self.block(lines, at, above)
                blocks += [*([self.inline.words(above.title)] if above.title else []), *filter(None, found)]
            skipped = at
            while skipped < len(lines) and not lines[skipped].strip():
                skipped += 1
            if skipped >= len(lines) or not (_ITEM.fullmatch(lines[skipped]) or _is_term(lines[skipped])):
                return blocks, at
            return blocks, skipped


def _begins(line: str) -> bool:
    """Whether a line within a list begins something of its own."""
    found = _ITEM.fullmatch(line) or _is_term(line) or _DELIMITER.fullmatch(line) or _ATTRIBUTES.fullmatch(line)
    return bool(found) or line.startswith(("//", "include::"))


def _mark(mark: str) -> str:
    """Marks of one list are one: 1. and 2., a. and b."""
    return ".1" if mark[0].isdigit() else ".a" if mark[0].isalpha() else "<>" if mark[0] == "<" else mark


def _term(line: str) -> re.Match[str] | None:
    found = _TERM.fullmatch(line)
    return None if found is None or found[1].startswith(("//", "include", "image", "ifdef")) else found


def _is_term(line: str) -> bool:
    return ("::" in line or ";;" in line) and _term(line) is not None


def _underlined(lines: list[str], at: int) -> int:
    """The level of a title with a line of marks of its length below; 0 where there is none."""
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if len(below) < 3 or below[0] not in _UNDERLINE or below != below[0] * len(below):
        return 0
    apart = at == 0 or not lines[at - 1].strip() or lines[at - 1].startswith("[")
    titled = apart and re.match(r"\w", lines[at]) and abs(len(lines[at]) - len(below)) < 2
    return _UNDERLINE[below[0]] if titled else 0


def _paragraph_end(lines: list[str], at: int) -> int:
    stop = at + 1
    while stop < len(lines) and lines[stop].strip() and not _DELIMITER.fullmatch(lines[stop]):
        if _ATTRIBUTES.fullmatch(lines[stop]) or lines[stop] == "+":
            break
        stop += 1
    return stop


def _language(above: _Above) -> str:
    kind, *named = (part.strip() for part in above.attributes.split(","))
    is_code = kind.split("%")[0] in {"source", ""} and named and re.fullmatch(r"[\w+#-]+", named[0])
    return named[0] if is_code else ""


def _said_by(above: _Above) -> list[str]:
    """Who is quoted, and where."""
    if above.style not in {"quote", "verse"}:
        return []
    named = ", ".join(filter(None, (part.strip(" \"'") for part in above.attributes.split(",")[1:])))
    return [f"— {named}"] if named else []


def _dedented(lines: list[str]) -> str:
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return "\n".join(line[margin:] for line in lines)
