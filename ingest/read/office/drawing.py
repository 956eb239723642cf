"""What do the charts, diagrams and text boxes of an Office file say?

Charts are DrawingML charts (ECMA-376 part 1, section 21.2) or their successors (chartex); diagrams are SmartArt.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.read.office.equation import linear
from ingest.read.office.number_format import shown
from ingest.read.office.package import link, local, readable, relations
from ingest.read.unseen import described
from ingest.read.writing.rows import markdown_table, one_line


def drawn(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """What a spreadsheet's drawing says, piece by piece, as Markdown; of charts the titles: their numbers are cells."""
    root = readable(archive, part)
    for anchor in () if root is None else root:
        for shape in anchor.iter("{*}sp", "{*}pic", "{*}graphicFrame", "{*}cxnSp"):
            text = "\n\n".join(paragraph_text(each) for body in shape.iter("{*}txBody") for each in body.iter("{*}p"))
            yield from (
                piece
                for piece in (text.strip(), description(shape), graphic(archive, part, shape, chart_titles))
                if piece
            )


def paragraph_text(paragraph: etree._Element) -> str:
    """The words of a DrawingML paragraph, equations and fields included, with its own line breaks."""
    text = ""
    for child in paragraph:
        name = local(child)
        if name in {"r", "fld"}:
            text += child.findtext("{*}t") or ""
        elif name == "br":
            text += "\n"
        elif name == "m":
            text += " ".join(linear(each) for each in child.iter("{*}oMath"))
        elif name == "AlternateContent":
            text += next((linear(each) for each in child.iter("{*}oMath")), "")
    return text.replace("\x0b", "\n").strip()


def description(shape: etree._Element) -> str:
    """What the author said a picture or drawing shows: its alternative text."""
    for properties in shape.iterfind("*/{*}cNvPr"):
        return described(one_line(properties.get("descr") or ""))
    return ""


def graphic(
    archive: zipfile.ZipFile,
    part: str,
    element: etree._Element,
    of_chart: Callable[[etree._Element], str] | None = None,
) -> str:
    """What the chart or diagram says that `element`, which lies in `part`, shows; empty where it shows none."""
    related = relations(archive, part)
    readers: dict[str, tuple[str, Callable[[etree._Element], str]]] = {
        "chart": ("id", of_chart or chart),
        "relIds": ("dm", diagram),
    }
    pieces = []
    for shown_here in element.iter("{*}chart", "{*}relIds"):
        key, reader = readers[local(shown_here)]
        relation = related.get(link(shown_here, key))
        root = readable(archive, relation.target) if relation is not None else None
        if root is not None:
            pieces.append(reader(root))
    return "\n\n".join(piece for piece in pieces if piece)


@dataclass(frozen=True, slots=True)
class _Series:
    """A row of points: its name, and by the place of each point its category and its value."""

    name: str
    categories: dict[int, str]
    values: dict[int, str]
    sizes: dict[int, str]


def chart(root: etree._Element) -> str:
    """The titles, and a table of categories by series; series with categories of their own get tables apart."""
    axis = next((_words(title) for found in root.iter("{*}catAx") for title in found.iterchildren("{*}title")), "")
    series = [_series(found) for found in root.iter("{*}ser")] or list(_newer(root))
    tables: list[list[_Series]] = []
    for each in series:
        if tables and tables[-1][0].categories == each.categories:
            tables[-1].append(each)
        else:
            tables.append([each])
    return "\n\n".join([*_titles(root, "catAx"), *(_table(group, axis) for group in tables)])


def chart_titles(root: etree._Element) -> str:
    """The titles of a chart and its axes."""
    return "\n\n".join(_titles(root))


def _titles(root: etree._Element, but: str = "") -> list[str]:
    """Every title once, but for that of the axis named."""
    titles = [_words(title) for title in root.iter("{*}title") if local(title.getparent()) != but]
    return [title for title in dict.fromkeys(titles) if title]


def _table(group: list[_Series], axis: str) -> str:
    places = sorted({place for each in group for place in (*each.categories, *each.values)})
    columns = [(each.name, each.values) for each in group] + [(each.name, each.sizes) for each in group if each.sizes]
    categories = group[0].categories
    rows = [[categories.get(place, ""), *(values.get(place, "") for _, values in columns)] for place in places]
    return markdown_table([[axis, *(name for name, _ in columns)], *rows])


def _series(element: etree._Element) -> _Series:
    name = " ".join(one_line(value.text or "") for tx in element.iterchildren("{*}tx") for value in tx.iter("{*}v"))
    return _Series(
        name,
        _points(element, "cat") or _points(element, "xVal"),
        _points(element, "val") or _points(element, "yVal"),
        _points(element, "bubbleSize"),
    )


def _points(series: etree._Element, kind: str) -> dict[int, str]:
    """The stored values by place; categories of several levels are joined, the outermost first."""
    for found in series.iterchildren(f"{{*}}{kind}"):
        levels = [_level(level) for level in found.iter("{*}lvl")]
        if not levels:
            return _level(found)
        places = sorted(levels[0])
        above = [_filled(level, places) for level in levels[1:]]
        return {place: " / ".join([*(level[place] for level in reversed(above)), levels[0][place]]) for place in places}
    return {}


def _filled(level: dict[int, str], places: list[int]) -> dict[int, str]:
    """An outer level, which names a category where it begins only, for every place."""
    last, filled = "", {}
    for place in places:
        last = level.get(place, last)
        filled[place] = last
    return filled


def _level(element: etree._Element) -> dict[int, str]:
    code = next((found.text or "" for found in element.iter("{*}formatCode")), "")
    points: dict[int, str] = {}
    for point in element.iter("{*}pt"):
        text = one_line(point.findtext("{*}v") or point.text or "")
        is_number = local(point.getparent()) in {"numCache", "numLit"} and text
        points[int(point.get("idx", len(points)))] = (
            _number(text, point.get("formatCode") or code) if is_number else text
        )
    return points


def _number(text: str, code: str) -> str:
    try:
        return shown(str(float(text)) if "." in text or "e" in text.lower() else text, code or "General")
    except (ValueError, ArithmeticError):  # an error such as #N/A
        return text


def _newer(root: etree._Element) -> Iterator[_Series]:
    """The series of a chartex: waterfall, treemap and the like keep their data apart."""
    data = {found.get("id"): found for found in root.iter("{*}data")}
    for series in root.iter("{*}series"):
        name = " ".join(one_line(value.text or "") for tx in series.iterchildren("{*}tx") for value in tx.iter("{*}v"))
        for reference in series.iterchildren("{*}dataId"):
            found = data.get(reference.get("val"))
            if found is not None:
                words = [
                    _level(level) for dim in found.iterchildren("{*}strDim") for level in dim.iterchildren("{*}lvl")
                ]
                values = {
                    place: _number(value, "")
                    for dim in found.iterchildren("{*}numDim")
                    for place, value in _level(dim).items()
                }
                places = sorted({place for level in words for place in level})
                joined = {p: " / ".join(filter(None, (level.get(p, "") for level in reversed(words)))) for p in places}
                yield _Series(name, joined, values, {})


def _words(title: etree._Element) -> str:
    texts = title.iter("{*}t", "{*}v")
    return one_line("".join(text.text or "" for text in texts))


def diagram(root: etree._Element) -> str:
    """The points of a diagram as a list, those below others indented."""
    texts = {}
    for point in root.iter("{*}pt"):
        words = " ".join(filter(None, (one_line(paragraph_text(each)) for each in point.iterfind("{*}t/{*}p"))))
        texts[point.get("modelId", "")] = words
    below: dict[str, list[tuple[int, str]]] = {}
    for line in root.iter("{*}cxn"):
        if line.get("type", "parOf") == "parOf":
            below.setdefault(line.get("srcId", ""), []).append((int(line.get("srcOrd", "0")), line.get("destId", "")))
    written: list[str] = []
    left = dict.fromkeys(texts)

    def write(point: str, depth: int) -> None:
        if point not in left:
            return
        del left[point]
        if texts[point]:
            written.append(f"{'  ' * depth}- {texts[point]}")
        for _, child in sorted(below.get(point, [])):
            write(child, depth + 1 if texts[point] else depth)

    for start in [point.get("modelId", "") for point in root.iter("{*}pt") if point.get("type") == "doc"] + list(texts):
        write(start, 0)
    return "\n".join(written)
