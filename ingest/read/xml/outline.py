"""How does XML of no known kind read? Its elements' names and the way they are built tell titles, texts and data apart.

Attributes are given where elements hold data; in running text they say how it looks or what it is linked to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from ingest.read.sandbox.late import is_late
from ingest.read.text.markdown import naming
from ingest.read.xml.kind import children_of, is_block, is_field, is_mixed, is_row, is_title, kind_of

_FORMAL = {"id", "lang", "href", "src", "class", "style", "role", "rend", "linkend", "space", "base", "schemaLocation"}
_FORMAL |= {"noNamespaceSchemaLocation", "nil"}
_AFTER_LINE = re.compile(r"\n(?=[^\n])")
_MANY = 1000  # attributes of one element
_NAMING = ("title", "name", "label")


def outline(root: etree._Element) -> tuple[str, str, float]:
    """The title of the whole, the text in the order of the file as Markdown, and what share was not read in time.

    A title precedes its fields.
    """
    page = _Page()
    _write(root, 1, page)
    text = page.text()
    rest = 1 - len(text) / max(1, len(text), sum(map(len, root.itertext()))) if page.is_over else 0.0
    return naming(page.headings), text, rest


class _Page:
    """Markdown in the making: blocks, and lines that become one block when anything else follows."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._lines: list[str] = []
        self.headings: list[tuple[int, str]] = []  # level and words
        self.is_over = False  # nothing more is written, since the time is over

    def ends(self) -> bool:
        """Whether it ends here, because the time is over."""
        self.is_over = self.is_over or (bool(self._blocks or self._lines) and is_late())
        return self.is_over

    def heading(self, text: str, level: int) -> None:
        if text:
            self.headings.append((level, text))
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
    children = children_of(element)
    if not children:
        _write_leaf(element, level, page)
    elif kind_of(element.tag).is_code and not any(len(child) for child in children):
        page.block(_fenced(element))
    elif is_title(element):
        page.heading(_words(element), level)
    elif is_mixed(element):
        _write_mixed(element, level, page)
    elif any(is_row(child) for child in children):
        page.block(_table(children, page))
    elif all(kind_of(child.tag).is_item for child in children):
        _write_list(element, children, level, page)
    else:
        _write_parts(element, children, level, page)


def _write_leaf(element: etree._Element, level: int, page: _Page) -> None:
    """A title, code, prose, which is a paragraph of its own, or else a field."""
    kind = kind_of(element.tag)
    if kind.is_code:
        page.block(_fenced(element))
        return
    text = " ".join((element.text or "").split())
    if kind.is_title:
        page.heading(text, level)
    elif kind.is_prose:
        page.block(text)
    else:
        attributes = _attributes(element)
        if text:
            page.line(f"{kind.name}: {text}")
            for key, value in attributes.items():
                page.line(f"{kind.name} {key}: {value}")
        elif attributes:
            page.line(f"{kind.name}: {', '.join(f'{key} {value}' for key, value in attributes.items())}")


def _write_list(element: etree._Element, items: list[etree._Element], level: int, page: _Page) -> None:
    page.end_block()
    for number, item in enumerate(items, start=1):
        if page.ends():
            break
        inner = _Page()
        if len(item):
            _write(item, level + 1, inner)
        else:
            inner.block(_words(item))
        mark = f"{number}." if kind_of(element.tag).is_numbered else "-"
        if text := inner.text():
            page.line(f"{mark} " + _AFTER_LINE.sub("\n" + " " * (len(mark) + 1), text))
        page.headings += inner.headings
        page.is_over = inner.is_over
    page.end_block()


def _write_parts(element: etree._Element, children: list[etree._Element], level: int, page: _Page) -> None:
    """A section or a record: its title, what its attributes say, its parts in their order."""
    page.end_block()
    kinds = [kind_of(child.tag) for child in children]
    titles = [child for child, kind in zip(children, kinds, strict=True) if kind.is_title and is_title(child)]
    said = _attributes(element)
    naming = next((key for key in _NAMING if said.get(key)), None) if not titles else None
    is_titled = bool(titles or naming) or any(
        kind.is_about and any(map(is_title, child.iter())) for child, kind in zip(children, kinds, strict=True)
    )
    if naming is not None:
        page.heading(said.pop(naming), level)
    if any(kind.is_prose for kind in kinds):
        said = {}
    for title in titles:
        _write(title, level, page)
    has_fields = any(is_field(child) for child in children)
    if has_fields and "id" in element.attrib:
        said = {"id": str(element.get("id")), **said}
    if not is_titled and (said or has_fields):
        page.line(kind_of(element.tag).name)
    for key, value in said.items():
        page.line(f"{key}: {value}")
    for child, kind in zip(children, kinds, strict=True):
        if page.ends():
            break
        if child not in titles:
            _write(child, level if kind.is_about else level + is_titled, page)
    page.end_block()


def _write_mixed(element: etree._Element, level: int, page: _Page) -> None:
    """Text with elements in it: those that are blocks themselves part it into paragraphs."""
    run = [element.text or ""]

    def end_run() -> None:
        page.block(" ".join("".join(run).split()))
        run.clear()

    for child in element:
        if isinstance(child.tag, str) and is_block(child):
            if page.ends():
                return
            end_run()
            _write(child, level, page)
        elif isinstance(child.tag, str):
            is_built = len(child) and not is_mixed(child)  # such as a note with its paragraphs
            run.append(f" {_words(child)} " if is_built else "".join(map(str, child.itertext())))
        run.append(child.tail or "")
    end_run()


# What it says


def _words(element: etree._Element) -> str:
    """All text in one line. Elements that stand alone are parted by spaces, those in a text by what it has."""
    if len(element) and not is_mixed(element):
        return " ".join(filter(None, map(_words, children_of(element))))
    return " ".join("".join(map(str, element.itertext())).split())


def _fenced(element: etree._Element) -> str:
    code = "".join(map(str, element.itertext())).strip("\n")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", code)), 3)
    return f"{fence}\n{code}\n{fence}" if code.strip() else ""


def _table(parts: list[etree._Element], page: _Page) -> str:
    rows: list[list[str]] = []
    for row in _rows(parts):
        if rows and page.ends():
            break
        rows.append([_words(cell).replace("|", "\\|") for cell in children_of(row)])
    width = max(map(len, rows))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    lines.insert(1, f"| {' | '.join(['---'] * width)} |")
    captions = [_words(part) for part in parts if not is_row(part) and _words(part)]
    return "\n\n".join(["\n".join(captions), "\n".join(lines)] if captions else ["\n".join(lines)])


def _rows(parts: list[etree._Element]) -> Iterator[etree._Element]:
    for part in parts:
        if is_row(part) and kind_of(part.tag).is_row:
            yield part
        elif is_row(part):
            yield from _rows(children_of(part))


def _attributes(element: etree._Element) -> dict[str, str]:
    """What the attributes say, without those that only hold the file together."""
    if not element.attrib:
        return {}
    if len(element.attrib) < _MANY:
        items = [(str(key), str(value)) for key, value in element.attrib.items()]
    else:  # that looks each of them up from the first one on
        items = [(str(value.attrname), str(value)) for value in element.xpath("@*")]
    found = {key.rpartition("}")[2]: " ".join(value.split()) for key, value in items}
    return {key: value for key, value in found.items() if value and key not in _FORMAL}
