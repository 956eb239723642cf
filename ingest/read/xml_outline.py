"""How does XML of no known kind read? Its elements' names and the way they are built tell titles, texts and data apart.

Attributes are given where elements hold data; in running text they say how it looks or what it is linked to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from ingest.read.feed import local

_TITLE = re.compile(r"(?:[a-z]+-)?title|head|heading|h[1-6]")
_ABOUT = re.compile(r".*info|head|header|front|prolog|metadata|.*-meta|title-group")  # what a title may stand in
_PROSE = re.compile(r"p|.*para|paragraph|text|line|l|ab|note|quote|blockquote|caption|term|body")
_CODE = {"programlisting", "screen", "code", "codeblock", "pre", "literallayout", "synopsis", "eg"}
_ITEM = {"item", "li", "listitem", "step", "member"}
_ROW, _CELL = {"row", "tr"}, {"entry", "td", "th", "cell"}
_FORMAL = {"id", "lang", "href", "src", "class", "style", "role", "rend", "linkend", "space", "base", "schemaLocation"}
_FORMAL |= {"noNamespaceSchemaLocation", "nil"}
_AFTER_LINE = re.compile(r"\n(?=[^\n])")
_NAMING = ("title", "name", "label")


def outline(root: etree._Element) -> tuple[str, str]:
    """The first title, and the text in the order of the file as Markdown; a record's title comes before its fields."""
    page = _Page()
    _write(root, 1, page)
    return page.title, page.text()


class _Page:
    """Markdown in the making: blocks, and lines that become one block when anything else follows."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._lines: list[str] = []
        self.title = ""

    def heading(self, text: str, level: int) -> None:
        if text:
            self.title = self.title or text
            self.block(f"{'#' * min(level, 6)} {text}")

    def line(self, text: str) -> None:
        self._lines.append(text)

    def block(self, text: str) -> None:
        self.end_block()
        if text.strip():
            self._blocks.append(text)

    def end_block(self) -> None:
        if self._lines:
            self._blocks.append("\n".join(self._lines))
            self._lines = []

    def text(self) -> str:
        self.end_block()
        return "\n\n".join(self._blocks)


def _write(element: etree._Element, level: int, page: _Page) -> None:
    kind = local(element).lower()
    children = _children(element)
    if kind in _CODE and not any(_children(child) for child in children):
        page.block(_fenced(element))
    elif _is_title(element):
        page.heading(_words(element), level)
    elif any(_is_row(child) for child in children):
        page.block(_table(children))
    elif _is_mixed(element):
        _write_mixed(element, level, page)
    elif not children:
        _write_leaf(element, page)
    elif all(local(child).lower() in _ITEM for child in children):
        _write_list(element, children, level, page)
    else:
        _write_parts(element, children, level, page)


def _write_leaf(element: etree._Element, page: _Page) -> None:
    """Prose is a paragraph of its own, anything else a field."""
    text, name = _words(element), local(element)
    if _PROSE.fullmatch(name.lower()):
        page.block(text)
        return
    attributes = _attributes(element)
    if text:
        page.line(f"{name}: {text}")
        for key, value in attributes.items():
            page.line(f"{name} {key}: {value}")
    elif attributes:
        page.line(f"{name}: {', '.join(f'{key} {value}' for key, value in attributes.items())}")


def _write_list(element: etree._Element, items: list[etree._Element], level: int, page: _Page) -> None:
    page.end_block()
    for number, item in enumerate(items, start=1):
        inner = _Page()
        if _children(item):
            _write(item, level + 1, inner)
        else:
            inner.block(_words(item))
        mark = f"{number}." if local(element).lower() in {"orderedlist", "ol", "steps", "procedure"} else "-"
        if text := inner.text():
            page.line(f"{mark} " + _AFTER_LINE.sub("\n" + " " * (len(mark) + 1), text))
    page.end_block()


def _write_parts(element: etree._Element, children: list[etree._Element], level: int, page: _Page) -> None:
    """A section or a record: its title, what its attributes say, its parts in their order."""
    page.end_block()
    titles = [child for child in children if _is_title(child)]
    attributes = _attributes(element) if not any(_PROSE.fullmatch(local(child).lower()) for child in children) else {}
    naming = next((key for key in _NAMING if not titles and _attributes(element).get(key)), None)
    is_titled = bool(titles or naming) or any(
        _ABOUT.fullmatch(local(child).lower()) and any(map(_is_title, child.iter())) for child in children
    )
    if naming is not None:
        page.heading(_attributes(element)[naming], level)
        attributes.pop(naming, None)
    for title in titles:
        _write(title, level, page)
    fields = [child for child in children if _is_field(child)]
    if fields and "id" in element.attrib:
        attributes = {"id": str(element.get("id")), **attributes}
    if not is_titled and (attributes or fields):
        page.line(local(element))
    for key, value in attributes.items():
        page.line(f"{key}: {value}")
    for child in children:
        if child not in titles:
            is_about = _ABOUT.fullmatch(local(child).lower()) is not None
            _write(child, level if is_about else level + is_titled, page)
    page.end_block()


def _write_mixed(element: etree._Element, level: int, page: _Page) -> None:
    """Text with elements in it: those that are blocks themselves part it into paragraphs."""
    run = [element.text or ""]

    def end_run() -> None:
        page.block(" ".join("".join(run).split()))
        run.clear()

    for child in element:
        if local(child) and _is_block(child):
            end_run()
            _write(child, level, page)
        elif local(child):
            run.append("".join(map(str, child.itertext())))
        run.append(child.tail or "")
    end_run()


# What an element is


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if local(child)]


def _is_mixed(element: etree._Element) -> bool:
    children = _children(element)
    return bool(children) and any((text or "").strip() for text in (element.text, *(child.tail for child in children)))


def _is_title(element: etree._Element) -> bool:
    return _TITLE.fullmatch(local(element).lower()) is not None and not any(
        _children(child) or _is_title(child) for child in _children(element) if not _is_mixed(element)
    )


def _is_field(element: etree._Element) -> bool:
    name = local(element).lower()
    return (
        not _children(element) and not _PROSE.fullmatch(name) and not _is_title(element) and name not in _ITEM | _CODE
    )


def _is_block(element: etree._Element) -> bool:
    name = local(element).lower()
    return name in _CODE - {"code"} or any(
        local(child).lower() in _ITEM or _is_row(child) for child in _children(element)
    )


def _is_row(element: etree._Element) -> bool:
    """Whether it is a row of a table, or a part of a table that holds rows."""
    children = _children(element)
    if local(element).lower() in _ROW:
        return bool(children) and all(local(child).lower() in _CELL for child in children)
    return local(element).lower() in {"thead", "tbody", "tfoot"} and any(map(_is_row, children))


# What it says


def _words(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _fenced(element: etree._Element) -> str:
    code = "".join(map(str, element.itertext())).strip("\n")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", code)), 3)
    return f"{fence}\n{code}\n{fence}" if code.strip() else ""


def _table(parts: list[etree._Element]) -> str:
    rows = [[_words(cell).replace("|", "\\|") for cell in _children(row)] for row in _rows(parts)]
    width = max(map(len, rows))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    lines.insert(1, f"| {' | '.join(['---'] * width)} |")
    captions = [_words(part) for part in parts if not _is_row(part) and _words(part)]
    return "\n\n".join(["\n".join(captions), "\n".join(lines)] if captions else ["\n".join(lines)])


def _rows(parts: list[etree._Element]) -> Iterator[etree._Element]:
    for part in parts:
        if local(part).lower() in _ROW and _is_row(part):
            yield part
        elif _is_row(part):
            yield from _rows(_children(part))


def _attributes(element: etree._Element) -> dict[str, str]:
    """What the attributes say, without those that only hold the file together."""
    found = {etree.QName(str(key)).localname: " ".join(str(value).split()) for key, value in element.attrib.items()}
    return {key: value for key, value in found.items() if value and key not in _FORMAL}
