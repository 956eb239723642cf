"""What is in a Rich Text file (.rtf), as Markdown?"""

from __future__ import annotations

import locale
import re
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import decode
from ingest.read.registry import Unreadable
from ingest.read.rtf import text as marks
from ingest.read.rtf.groups import Groups, grouped
from ingest.read.text.markdown import first_heading
from ingest.read.unseen import unseen
from ingest.read.writing.rows import markdown_table, one_line
from ingest.read.writing.standing import COUNT, standing_lines

_START = b"{\\rtf"
_BEFORE = b"\xef\xbb\xbf \t\r\n"  # which programs pass over
_WORDS = re.compile(rb"\\(?:ansi|deff\d|fonttbl|colortbl|stylesheet|pard|plain)(?![a-z])")
_LOOKED_AT = 4096  # bytes
_INFO = {"title": "title", "author": "author", "subject": "subject", "keywords": "keywords", "doccomm": "description"}
_BULLET = re.compile(r"[oqnwüØ]|[\W_]*")  # signs, or a letter in whose place symbol fonts have one
_ITEM = re.compile(r"(?:-|\d{1,9}[.)]) ")  # what is an item in Markdown too; (a) and 2.1 stand in the text


def read_rich(path: Path, name: str) -> Iterator[Document]:
    """The text with its headings, lists and tables, then footnotes, headers, footers and comments.

    The title is the document's property, else its first heading. A file that is plain text is read as it stands. Raises
    Unreadable: it is damaged, or neither.
    """
    data = path.read_bytes()
    if not data[:_LOOKED_AT].lstrip(_BEFORE).startswith(_START):
        if _WORDS.search(data, 0, _LOOKED_AT):
            raise Unreadable("it is damaged, since it does not begin like RTF: repair it, or save it again as .rtf")
        yield Document(name, decode(data), path.stem)
        return
    groups = grouped(data)
    known = _known(groups)
    notes = [f"[{number}] {one_line(_text(groups, note))}" for number, note in enumerate(groups.notes, start=1)]
    lines = [line.replace(marks.NUMBER, COUNT) for part in groups.standing for line in _text(groups, part).split("\n")]
    said = [(one_line(_text(groups, author)), one_line(_text(groups, text))) for author, text in groups.comments]
    comments = [f"- {unseen(f'{author}: {text}' if author else text, 'comment')}" for author, text in said if text]
    pieces = ["\n\n".join(_blocks(_text(groups, groups.body))), *notes, standing_lines(lines)]
    pieces += ["Comments:\n\n" + "\n".join(comments)] if comments else []
    text = marks.MARKS.sub("", "\n\n".join(filter(None, pieces)))
    title = known.pop("title", "") or first_heading(text) or path.stem
    yield Document(name, text, title, "markdown", metadata=known)


def _text(groups: Groups, source: str) -> str:
    """RTF as text with its marks."""
    white = marks.white_in(groups.body)
    return marks.spelled(source, marks.alphabet(groups.prolog, groups.fonts), groups.levels, white)


def _known(groups: Groups) -> dict[str, str]:
    known = {key: text for word, key in _INFO.items() if (text := one_line(_text(groups, groups.info.get(word, ""))))}
    when = groups.info.get("revtim") or groups.info.get("creatim") or ""
    date = [re.search(rf"\\{part}(\d+)", when) for part in ("yr", "mo", "dy")]
    if all(date):
        known["date"] = "-".join(found[1].zfill(2) for found in date if found)
    language = re.search(r"\\deflang(\d+)", groups.prolog + groups.body[:4096])
    tag = locale.windows_locale.get(int(language[1]), "") if language else ""
    return known | ({"language": tag.replace("_", "-")} if tag else {})


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, lists and tables as Markdown."""
    rows: list[list[str]] = []
    for piece in re.split(f"(?<={marks.ROW})", text):
        if marks.CELL not in piece:
            rest = piece
        else:
            before, _, row = piece.partition(marks.ROW_START)
            if not row and rows:
                before, row = "", before
            elif not row:
                before, _, row = piece.rpartition("\n")
            if before.strip() and rows:
                yield markdown_table(rows)
                rows = []
            yield from _paragraphs(before)
            rows.append([_cell(cell) for cell in row.split(marks.CELL)[:-1]])
            rest = ""
        if rest.strip(f"{marks.ROW}{marks.ROW_START}\n "):
            if rows:
                yield markdown_table(rows)
                rows = []
            yield from _paragraphs(rest)
    if rows:
        yield markdown_table(rows)


def _cell(text: str) -> str:
    return marks.MARKS.sub(" ", text)


def _paragraphs(text: str) -> Iterator[str]:
    items: list[str] = []
    for line in text.split("\n"):
        words = _line(line)
        if marks.ITEM in line and _ITEM.match(words):
            items.append(words)
            continue
        if items:
            yield "\n".join(items)
            items = []
        if words:
            yield words
    if items:
        yield "\n".join(items)


def _line(line: str) -> str:
    """A paragraph: an item of a list, a heading, or neither."""
    label, has_label, rest = line.rpartition(marks.ITEM_END)
    words = "\n".join(filter(None, (one_line(_cell(part)) for part in rest.split(marks.LINE))))
    if not words:
        return ""
    level = re.search("[\ue010-\ue018]", line)
    label = one_line(_cell(label))
    if level:
        depth = min(ord(level[0]) - ord(marks.HEADING) + 1, 6)
        return f"{'#' * depth} {one_line(f'{label} {words}')}"
    if has_label:
        words = words.replace("\n", "\n  ")
        return f"- {words}" if _BULLET.fullmatch(label) else f"{label} {words}"
    return words
