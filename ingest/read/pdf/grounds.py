"""On what do the letters of a PDF's page stand: on a picture, on an area of some colour, or on the bare page?"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ingest.read.web.looks import WHITE, Colour, is_near

_MOST = 20_000  # areas that are looked at on one page; of more it is not known what they cover
_DEEPEST = 4  # forms in one another
_THIN = 3.0  # points; a thinner area is a line
_OPAQUE = 250  # of 255; of what is less so the colour on the page is another one
_CLEAR = 13

_PARTS = tuple(ctypes.c_uint() for _ in range(4))  # one for all: PDFium is asked by one thread at a time

_Matrix = tuple[float, float, float, float, float, float]


class _Area(NamedTuple):
    """What is drawn over a part of the page; without a colour it is one that is not known, as of a picture."""

    left: float
    bottom: float
    right: float
    top: float
    colour: Colour | None
    is_picture: bool = False
    is_whole: bool = True  # rather than another shape within these bounds

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies within."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top


def painted_in(piece: Any, outlined: bool) -> tuple[Colour, int] | None:
    """The colour of a piece of text and how opaque it is, of 255; None where nobody can say."""
    ask = pdfium.FPDFPageObj_GetStrokeColor if outlined else pdfium.FPDFPageObj_GetFillColor
    if not ask(piece, *_PARTS):
        return None
    red, green, blue, opaque = (part.value for part in _PARTS)
    return (red, green, blue), opaque


class Grounds:
    """The areas of one page, looked for when they are first asked for."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._may_hide: dict[Colour, bool] = {}  # whether any ground on the page has a colour

    def has_picture(self, x: float, y: float) -> bool:
        """Whether a picture lies at a point."""
        return any(each.is_picture and each.holds(x, y) for each in self._areas)

    def may_hide(self, painted: tuple[Colour, int]) -> bool:
        """Whether there is any place on the page at which letters of this colour are not seen."""
        colour, opaque = painted
        if colour not in self._may_hide:
            grounds = {WHITE, *(each.colour for each in self._areas if each.colour)}
            self._may_hide[colour] = any(is_near(each, colour) for each in grounds)
        return opaque <= _CLEAR or self._may_hide[colour]

    def hides(self, painted: tuple[Colour, int], x: float, y: float) -> bool:
        """Whether letters of this colour are not seen at a point: what was drawn there last has it too."""
        colour, opaque = painted
        if opaque <= _CLEAR:
            return True
        for ground in (each for each in reversed(self._areas) if each.holds(x, y)):
            if ground.colour is None or not is_near(ground.colour, colour):
                return False
            if ground.is_whole:
                return True
        return is_near(colour, WHITE)

    @cached_property
    def _areas(self) -> list[_Area]:
        """In the order in which they are drawn."""
        count = pdfium.FPDFPage_CountObjects(self._page)
        pieces = (pdfium.FPDFPage_GetObject(self._page, number) for number in range(min(count, _MOST)))
        found = [area for piece in pieces for area in _areas(piece, (1, 0, 0, 1, 0, 0), _DEEPEST)]
        if count > _MOST:
            found.append(_Area(-1e9, -1e9, 1e9, 1e9, None))
        return found


def _areas(piece: Any, matrix: _Matrix, deep: int) -> Iterator[_Area]:
    kind = pdfium.FPDFPageObj_GetType(piece)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        return
    if kind == pdfium.FPDF_PAGEOBJ_FORM and deep:
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(piece, own)
        inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
        for number in range(min(pdfium.FPDFFormObj_CountObjects(piece), _MOST)):
            yield from _areas(pdfium.FPDFFormObj_GetObject(piece, number), inner, deep - 1)
        return
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(piece, left, bottom, right, top):
        return
    corners = [
        (x * matrix[0] + y * matrix[2] + matrix[4], x * matrix[1] + y * matrix[3] + matrix[5])
        for x in (left.value, right.value)
        for y in (bottom.value, top.value)
    ]
    xs, ys = zip(*corners, strict=True)
    box = min(xs), min(ys), max(xs), max(ys)
    if min(box[2] - box[0], box[3] - box[1]) <= _THIN:
        return
    if kind != pdfium.FPDF_PAGEOBJ_PATH:
        yield _Area(*box, None, is_picture=True)
        return
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(piece, filled, stroked)
    if not filled.value:
        return
    painted = painted_in(piece, outlined=False)
    if painted is None or painted[1] > _CLEAR:
        yield _Area(*box, painted[0] if painted and painted[1] >= _OPAQUE else None, is_whole=_is_rectangle(piece))


def _is_rectangle(path: Any) -> bool:
    count = pdfium.FPDFPath_CountSegments(path)
    if count not in {4, 5}:
        return False
    x, y = ctypes.c_float(), ctypes.c_float()
    points = set()
    for number in range(count):
        pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(path, number), x, y)
        points.add((x.value, y.value))
    return len({x for x, _ in points}) == len({y for _, y in points}) == 2 and len(points) == 4


def _times(one: _Matrix, other: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m
