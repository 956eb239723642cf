"""What is in an Org file, as Markdown?

No kept library in Python gives Org as text; what documents of text use of it is little, and read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of
from ingest.read.text.markdown import first_heading
from ingest.read.writing.fences import fenced
from ingest.read.writing.rows import markdown_table

_KEYWORD = re.compile(r"[ \t]*#\+([\w-]+):[ \t]*(.*)")
_HEADING = re.compile(r"(\*+)[ \t]+(?:\[#[A-Z0-9]\][ \t]+)?(.*?)(?:[ \t]+(:[\w@#%:]+:))?[ \t]*")
_SILENT_PART = re.compile(r"(?:[A-Z]+[ \t]+)?COMMENT(?:[ \t]|$)")
_PRIORITY = re.compile(r"^((?:TODO|DONE|NEXT|WAITING|CANCELLED)[ \t]+)?\[#[A-Z0-9]\][ \t]+")
_BEGIN = re.compile(r"[ \t]*#\+begin_(\w+)(?:[ \t]+(.*))?", re.IGNORECASE)
_DRAWER = re.compile(r"[ \t]*:[\w-]+:[ \t]*")
_DRAWER_END = re.compile(r"[ \t]*:END:[ \t]*", re.IGNORECASE)
_COMMENT = re.compile(r"[ \t]*#(?:[ \t].*)?")
_ROW = re.compile(r"[ \t]*\|.*")
_RULE = re.compile(r"[ \t]*\|[-+|: ]*")
_FIXED = re.compile(r"[ \t]*:(?:[ \t](.*))?")
_ITEM = re.compile(r"([ \t]*)([-+]|\d+[.)]|[ \t]\*)[ \t]+(?:\[@\d+\][ \t]+)?(?:\[([ Xx-])\][ \t]+)?(.*)")
_TERM = re.compile(r"(.+?)[ \t]+::[ \t]+(.*)")
_LINK = re.compile(r"\[\[([^\[\]]+)\](?:\[([^\[\]]+)\])?\]")
_CODE = re.compile(r"(?<![\w=~])([=~])(\S(?:[^\n]{0,500}?\S)?)\1(?![\w=~])")
_MARKS = re.compile(r"(?<![\w*/+_])([*/+_])(\S(?:[^\n]{0,500}?\S)?)\1(?![\w*/+_])")
_ESCAPED = re.compile(r",[ \t]*[*#,]")  # what would be a heading or a keyword within a block
_DEFINED = re.compile(r"\[fn:([\w-]+)\][ \t]*(.*)")
_NOTE = re.compile(r"\[fn:([\w-]+)\]")
_TIMES = re.compile(r"[<\[](\d{4}-\d\d-\d\d)(?: [^\W\d]+\.?)?( \d\d?:\d\d(?:-\d\d?:\d\d)?)?[^<>\[\]]{0,20}[>\]]")
_KEPT = {"author": "author", "date": "date", "language": "language", "description": "description", "email": "email"}
_TAGS = {"filetags", "keywords"}
_SILENT = {"comment", "export"}


def read_org(path: Path, name: str) -> Iterator[Document]:
    """The text with its headings, lists, tables and code; comments, drawers and settings are left out.

    The title is the file's `#+TITLE`, else its first heading, if that holds all others.
    """
    known: dict[str, str | tuple[str, ...]] = {}
    lines = text_of(path).split("\n")
    titled = any((found := _KEYWORD.fullmatch(line)) and found[1].lower() == "title" for line in lines)
    blocks = list(_blocks(lines, known, deeper=titled))
    title = str(known.pop("title", ""))
    text = "\n\n".join([*([f"# {title}"] if title else []), *blocks])
    metadata = {key: value for key, value in known.items() if value}
    yield Document(name, text, title or first_heading(text) or path.stem, "markdown", metadata=metadata)


def _blocks(lines: Sequence[str], known: dict[str, str | tuple[str, ...]], *, deeper: bool) -> Iterator[str]:
    at = 0
    caption = ""
    while at < len(lines):
        line = lines[at]
        if begin := _BEGIN.fullmatch(line):
            at, inner = _until(lines, at + 1, re.compile(rf"[ \t]*#\+end_{begin[1]}[ \t]*", re.IGNORECASE))
            yield from filter(None, [caption, *_block(begin[1].lower(), begin[2] or "", inner, known)])
            caption = ""
        elif keyword := _KEYWORD.fullmatch(line):
            at += 1
            if keyword[1].lower() in {"caption", "name"}:
                caption = _inline(keyword[2]) or caption
            elif keyword[1].lower() == "include":
                yield f"`{line.strip()}`"
            else:
                _keep(keyword[1].lower(), keyword[2].strip(), known)
        elif _DRAWER.fullmatch(line) and (end := _drawer_end(lines, at)) is not None:
            at = end + 1
        elif (heading := _HEADING.fullmatch(line)) and _SILENT_PART.match(heading[2]):
            at = _behind_part(lines, at, len(heading[1]))
        elif heading:
            level = min(6, len(heading[1]) + deeper)
            yield f"{'#' * level} {_inline(_PRIORITY.sub(lambda found: found[1] or '', heading[2]))}"
            at += 1
        elif _ROW.fullmatch(line):
            behind = next((number for number in range(at, len(lines)) if not _ROW.fullmatch(lines[number])), len(lines))
            yield from filter(None, [caption, markdown_table(_cells(lines[at:behind]))])
            at, caption = behind, ""
        elif not line.strip() or _COMMENT.fullmatch(line):
            at += 1
        else:
            behind = at + 1
            while behind < len(lines) and not _ends_paragraph(lines[behind], within=line):
                behind += 1
            yield _paragraph(lines[at:behind])
            at = behind


def _until(lines: Sequence[str], start: int, end: re.Pattern[str]) -> tuple[int, Sequence[str]]:
    """The line behind the end, and what stands before it; one that never ends goes on to the last line."""
    found = next((number for number in range(start, len(lines)) if end.fullmatch(lines[number])), len(lines))
    return found + 1, lines[start:found]


def _behind_part(lines: Sequence[str], at: int, level: int) -> int:
    """The next line that is a heading no deeper than this one."""
    following = range(at + 1, len(lines))
    return next(
        (each for each in following if (found := _HEADING.fullmatch(lines[each])) and len(found[1]) <= level),
        len(lines),
    )


def _drawer_end(lines: Sequence[str], at: int) -> int | None:
    for number in range(at + 1, len(lines)):
        if _DRAWER_END.fullmatch(lines[number]):
            return number
        if _HEADING.fullmatch(lines[number]):
            break
    return None


def _block(kind: str, options: str, inner: Sequence[str], known: dict[str, str | tuple[str, ...]]) -> Iterator[str]:
    if kind in _SILENT:
        return
    if kind in {"src", "example"}:
        margin = min((len(line) - len(line.lstrip()) for line in inner if line.strip() and line[0] != ","), default=0)
        code = "\n".join(line[1:] if _ESCAPED.match(line) else line[margin:] for line in inner)
        yield fenced(code, options.split()[0] if kind == "src" and options and options[0] not in "-:" else "")
    elif kind == "verse":
        yield "\n".join(_inline(line.strip()) for line in inner)
    else:
        yield from _blocks(inner, known, deeper=False)


def _keep(key: str, value: str, known: dict[str, str | tuple[str, ...]]) -> None:
    if key == "title" and value:
        known["title"] = " ".join(filter(None, (str(known.get("title", "")), _inline(value))))
    elif key in _KEPT and value:
        known.setdefault(_KEPT[key], _inline(value))
    elif key in _TAGS and value:
        known["tags" if key == "filetags" else key] = tuple(filter(None, re.split(r"[:,\s]+", value)))


def _cells(lines: Sequence[str]) -> Iterator[list[str]]:
    for line in lines:
        if not _RULE.fullmatch(line):
            yield [_inline(cell.strip()) for cell in line.strip().strip("|").split("|")]


def _ends_paragraph(line: str, *, within: str) -> bool:
    """Whether a line is none of the prose, the list or the verbatim lines that began with another."""
    if _FIXED.fullmatch(within) or _FIXED.fullmatch(line):
        return not (_FIXED.fullmatch(within) and _FIXED.fullmatch(line))
    if _ITEM.fullmatch(line):
        return not _ITEM.fullmatch(within)
    parts = (_HEADING, _ROW, _BEGIN, _KEYWORD, _COMMENT, _DRAWER, _DEFINED)
    return not line.strip() or any(part.fullmatch(line) for part in parts)


def _paragraph(lines: Sequence[str]) -> str:
    """Prose, a list, or lines that are shown as they are."""
    if all(map(_FIXED.fullmatch, lines)):
        return fenced("\n".join((found[1] or "") if (found := _FIXED.fullmatch(line)) else "" for line in lines))
    if defined := _DEFINED.fullmatch(lines[0]):
        return f"[^{defined[1]}]: {_inline(' '.join([defined[2], *map(str.strip, lines[1:])]))}"
    is_list = _ITEM.fullmatch(lines[0]) is not None
    return "\n".join(_item(line) if is_list else _inline(line.strip()) for line in lines)


def _item(line: str) -> str:
    """A line of a list: an item, or what goes on with one."""
    found = _ITEM.fullmatch(line)
    if found is None:
        return _inline(line)
    mark = f"{found[2].rstrip('.)')}." if found[2][0].isdigit() else "-"
    box = {"": "", "x": "[x] "}.get((found[3] or "").lower(), "[ ] ")
    term = _TERM.fullmatch(found[4])
    return f"{found[1]}{mark} {box}{_inline(term[1]) + ': ' + _inline(term[2]) if term else _inline(found[4])}"


def _inline(text: str) -> str:
    """A line without marks; what is code is quoted, a link is what it says."""
    parts: list[str] = []
    reached = 0
    for code in _CODE.finditer(text):
        parts += [_plain(text[reached : code.start()]), f"`{code[2]}`" if "`" not in code[2] else code[2]]
        reached = code.end()
    return "".join([*parts, _plain(text[reached:])])


def _plain(text: str) -> str:
    text = _LINK.sub(lambda link: link[2] or link[1], text)
    text = _NOTE.sub(r"[^\1]", text)
    text = _TIMES.sub(lambda time: f"{time[1]}{time[2] or ''}", text)
    return _MARKS.sub(r"\2", text)
