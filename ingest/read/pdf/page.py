"""What stands on one page of a PDF, and where, as PDFium tells it?

Places are measured from the reader's point of view: x grows in the direction of reading, y grows downwards. Text that
runs in another direction than most of the page is a layer of its own.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ingest.read.pdf.grounds import Grounds, painted_in
from ingest.read.unseen import How, unseen

HYPHEN = "\ufffe"  # stands at the end of a word that goes on in the next line
_MOST_DRAWN = 20_000  # lines and pictures that are looked at on one page; more are a drawing
_MOST_CLIPS = 8  # shapes in one another that are looked at
_MOST_CORNERS = 100
_SMALLEST = 1.0  # points of a letter; what is smaller nobody reads
_UNPAINTED = {pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP}
_OUTLINED = {pdfium.FPDF_TEXTRENDERMODE_STROKE, pdfium.FPDF_TEXTRENDERMODE_STROKE_CLIP}
_THIN = 3.0  # points; a filled area that is thinner is a line
SCRIPT = 0.85  # of its base's size; what is smaller and raised is an exponent or the mark of a note
EXPONENT = re.compile(r"[-−+]?\w{1,3}")
_BOLD = re.compile(r"bold|black|heavy|demi(?!lig)|medi$|(?:^|\+)(?:cmb|sfbx|ecbx|lmb)", re.IGNORECASE)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff]{2,}")
_SEPARATOR = re.compile(f"[\\s\0{HYPHEN}\x02]+")
_BREAKS = f"{HYPHEN}\x02"
_NOT_SEEN = dict.fromkeys([*range(1, 32), 0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF])
_SPACES = re.compile(r"[\s\0]+")


class Word(NamedTuple):
    """Letters without a gap: from `x0` to `x1`, standing on `y`."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool


class Rule(NamedTuple):
    """A drawn line, straight and along an axis: the corners of the box that it fills."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: `layers` of words, the main direction first; `height` is the page's, seen in that direction.

    `pictured` says that something is shown which no text tells; `garbled` is the share of words whose letters no font
    names.
    """

    layers: tuple[tuple[Word, ...], ...]
    rules: tuple[Rule, ...]
    top: float
    height: float
    pictured: bool
    garbled: float


class _Look(NamedTuple):
    size: float
    bold: bool
    angle: int
    y: float
    clipped: bool
    how: How | None


def sheet(page: Any, text_page: Any) -> Sheet:
    """What stands on a page, both given as pypdfium2's objects."""
    layers: dict[int, list[Word]] = {}
    unnamed = asked = 0
    letters = _with_ligatures(text_page.raw, _letters(text_page.raw))
    left, bottom, right, top = shown = _shown(page)
    for angle, word, is_named in _Words(text_page.raw, Grounds(page.raw)).found(letters):
        if not _is_within(shown, word, angle):
            continue
        layers.setdefault(angle, []).append(word)
        asked += is_named is not None
        unnamed += is_named is False
    weights = Counter({angle: sum(len(word.text) for word in words) for angle, words in layers.items()})
    order = [angle for angle, _ in weights.most_common()]
    main = order[0] if order else 0
    corners = [_turned(x, y, main) for x in (left, right) for y in (bottom, top)]
    first, last = min(y for _, y in corners), max(y for _, y in corners)
    rules, pictured = _drawn(page, main)
    return Sheet(
        tuple(tuple(layers[angle]) for angle in order), rules, first, last - first, pictured, unnamed / max(1, asked)
    )


_Box = tuple[float, float, float, float]  # left, bottom, right, top, as the file measures


def _shown(page: Any) -> _Box:
    """What a viewer shows of a page; where its boxes have nothing in common, the whole of the sheet."""
    box = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page.raw, box) and box.left < box.right and box.bottom < box.top:
        return box.left, box.bottom, box.right, box.top
    left, bottom, right, top = page.get_mediabox()
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _is_within(shown: _Box, word: Word, angle: int) -> bool:
    """Whether the middle of a word lies on the page: what lies beside it, nobody sees."""
    _, x0, x1, base, size, _ = word
    x, y = (x0 + x1) / 2, base - 0.3 * size
    x, y = _turned(x, y, angle) if angle else (x, -y)  # to turn twice is to turn back
    return shown[0] <= x <= shown[2] and shown[1] <= y <= shown[3]


def _letters(text_page: Any) -> str:
    """A letter for each of PDFium's, so that places in the text are its numbers."""
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer)[: 2 * (written - 1)].decode("utf-16-le", "replace")
    if len(text) == count:
        return text
    return "".join(chr(min(pdfium.FPDFText_GetUnicode(text_page, at), 0x10FFFF)) for at in range(count))


def _with_ligatures(text_page: Any, letters: str) -> str:
    """The letters with those in order that one sign of a script from right to left stands for, as lam and alef.

    PDFium turns what is written from right to left around letter by letter, and with it the letters within a sign;
    it does not where a font names the sign by its own character.
    """
    box = pdfium.FS_RECTF()
    made = list(letters)
    for part in _RIGHT_TO_LEFT.finditer(letters):
        signs: dict[tuple[float, float], list[int]] = {}
        for at in range(*part.span()):
            pdfium.FPDFText_GetLooseCharBox(text_page, at, box)
            signs.setdefault((box.left, box.right), []).append(at)
        for places in signs.values():
            if len(places) > 1 and places[-1] - places[0] == len(places) - 1:
                sign = letters[places[0] : places[-1] + 1]
                if sign not in _ligatures() or sign[::-1] in _ligatures():
                    made[places[0] : places[-1] + 1] = sign[::-1]
    return "".join(made)


@cache
def _ligatures() -> frozenset[str]:
    """What the signs stand for that are characters themselves."""
    signs = (chr(number) for number in (*range(0xFB1D, 0xFE00), *range(0xFE70, 0xFEFD)))
    return frozenset(letters for sign in signs if len(letters := unicodedata.normalize("NFKD", sign)) > 1)


class _Words:
    """The words of one page; how its pieces of text look is asked once for each piece."""

    def __init__(self, text_page: Any, grounds: Grounds) -> None:
        self._page, self._grounds = text_page, grounds
        self._looks: dict[int, _Look] = {}
        self._bold: dict[int, bool] = {}
        self._last: Any = None
        self._box, self._matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def found(self, letters: str) -> Iterator[tuple[int, Word, bool | None]]:
        """Each word with the angle at which it stands, and of every fourth whether its font names its letters."""
        start = 0
        for number, gap in enumerate([*_SEPARATOR.finditer(letters), None]):
            end = gap.start() if gap else len(letters)
            if start < end:
                broken = gap is not None and gap[0][0] in _BREAKS
                angle, word = self._word(letters, start, end, HYPHEN if broken else "")
                is_named = None if number % 4 else pdfium.FPDFText_HasUnicodeMapError(self._page, start) != 1
                if word.text:
                    yield angle, word, is_named
            start = gap.end() if gap else end

    def _word(self, letters: str, start: int, end: int, mark: str) -> tuple[int, Word]:
        first = self._piece(start)
        text, look = letters[start:end], self._look(start, first)
        last = self._piece(end - 1) if end - start > 1 else first
        if first != last:
            text, look = self._with_scripts(letters, start, end)
        if text.endswith("\xad"):
            mark = HYPHEN
        seen = text if text.isprintable() else text.translate(_NOT_SEEN)
        text = "" if look.clipped else (unseen(seen, look.how) if look.how else seen) + mark
        x0, x1 = self._extent(start, end - 1, look.angle, look.size)
        return look.angle, Word(text, x0, x1, look.y, look.size, look.bold)

    def _with_scripts(self, letters: str, start: int, end: int) -> tuple[str, _Look]:
        """A word made of pieces: exponents are told from digits, and the largest piece says how it looks."""
        pieces: list[tuple[str, _Look]] = []
        before = -1
        for at in range(start, end):
            piece = self._piece(at)
            if piece == before:
                pieces[-1] = (pieces[-1][0] + letters[at], pieces[-1][1])
            else:
                pieces.append((letters[at], self._look(at, piece)))
            before = piece
        base = max((look for _, look in pieces), key=lambda look: look.size)
        text = ""
        was_raised = False
        for piece_text, look in pieces:
            raised = look.size < SCRIPT * base.size and base.y - look.y > 0.15 * base.size
            if raised and not was_raised and text and EXPONENT.fullmatch(piece_text):
                text += "^"
            elif was_raised and not raised and text.isalnum() and piece_text[0].isalnum():
                text += " "  # the mark of a note before the note
            text += piece_text
            was_raised = raised
        return text, base

    def _piece(self, at: int) -> int:
        self._last = pdfium.FPDFText_GetTextObject(self._page, at)
        return ctypes.addressof(self._last.contents) if self._last else 0

    def _look(self, at: int, piece: int) -> _Look:
        """How the piece of text looks that holds this letter, asked of the first of its letters that is met."""
        if piece in self._looks:
            return self._looks[piece]
        matrix = self._matrix
        pdfium.FPDFText_GetMatrix(self._page, at, matrix)
        size = pdfium.FPDFText_GetFontSize(self._page, at) * math.hypot(matrix.c, matrix.d)
        angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360 if matrix.b or matrix.a < 0 else 0
        y = _turned(matrix.e, matrix.f, angle)[1] if angle else -matrix.f
        look = _Look(abs(size) or 1.0, self._is_bold(), angle, y, self._is_clipped(), self._how(at, abs(size)))
        if piece:
            self._looks[piece] = look
        return look

    def _how(self, at: int, size: float) -> How | None:
        """Why nobody sees the piece that was asked for last, whose first letter is this; None where it is seen."""
        if not self._last:
            return None
        if 0 < size < _SMALLEST:
            return "size"
        kind = pdfium.FPDFTextObj_GetTextRenderMode(self._last)
        painted = None if kind in _UNPAINTED else painted_in(self._last, kind in _OUTLINED)
        if kind not in _UNPAINTED and (painted is None or not self._grounds.may_hide(painted)):
            return None
        pdfium.FPDFText_GetLooseCharBox(self._page, at, self._box)
        x, y = (self._box.left + self._box.right) / 2, (self._box.bottom + self._box.top) / 2
        if painted is None:  # what is recognised on a scan lies over its picture
            return None if self._grounds.has_picture(x, y) else "not shown"
        return "colour" if self._grounds.hides(painted, x, y) else None

    def _is_clipped(self) -> bool:
        """Whether the piece that was asked for last lies wholly beside what its surroundings let through."""
        if not self._last:
            return False
        path = pdfium.FPDFPageObj_GetClipPath(self._last)
        count = pdfium.FPDFClipPath_CountPaths(path)
        if count < 1:  # as where all of it is let through
            return False
        if pdfium.FPDFTextObj_GetTextRenderMode(self._last) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
            return False  # what is recognised on a scan is never shown
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        if not pdfium.FPDFPageObj_GetBounds(self._last, left, bottom, right, top):
            return False
        for number in range(min(count, _MOST_CLIPS)):
            xs, ys = zip(*_corners(path, number), strict=True)
            if right.value < min(xs) or left.value > max(xs) or top.value < min(ys) or bottom.value > max(ys):
                return True
        return False

    def _is_bold(self) -> bool:
        """Whether the piece that was asked for last is."""
        font = pdfium.FPDFTextObj_GetFont(self._last) if self._last else None
        if not font:
            return False
        key = ctypes.addressof(font.contents)
        if key not in self._bold:
            buffer = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
            self._bold[key] = bool(_BOLD.search(buffer.value.decode("utf-8", "replace")))
        return self._bold[key]

    def _origin(self, at: int, angle: int) -> tuple[float, float]:
        pdfium.FPDFText_GetCharOrigin(self._page, at, self._x, self._y)
        return _turned(self._x.value, self._y.value, angle)

    def _extent(self, first: int, last: int, angle: int, size: float) -> tuple[float, float]:
        """From where to where a word reaches, in its own direction."""
        if angle % 90:  # boxes are upright, so they say little about slanted letters
            start, end = self._origin(first, angle)[0], self._origin(last, angle)[0]
            return min(start, end), max(start, end) + 0.5 * size
        x0, x1 = self._sides(first, angle)
        if first < last:
            left, right = self._sides(last, angle)
            x0, x1 = min(x0, left), max(x1, right)
        return x0, x1

    def _sides(self, at: int, angle: int) -> tuple[float, float]:
        box = self._box
        pdfium.FPDFText_GetLooseCharBox(self._page, at, box)
        x0, x1 = box.left, box.right
        if angle:
            x0, x1 = _turned(x0, box.bottom, angle)[0], _turned(x1, box.top, angle)[0]
        return (x0, x1) if x0 <= x1 else (x1, x0)


def _corners(path: Any, number: int) -> Iterator[tuple[float, float]]:
    """The points of one of the shapes that clip; what has none lets everything through."""
    x, y = ctypes.c_float(), ctypes.c_float()
    count = min(pdfium.FPDFClipPath_CountPathSegments(path, number), _MOST_CORNERS)
    for at in range(count):
        pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFClipPath_GetPathSegment(path, number, at), x, y)
        yield x.value, y.value
    if count < 1 or count == _MOST_CORNERS:
        yield from ((-math.inf, -math.inf), (math.inf, math.inf))


def _turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """A place as seen by who reads at this angle."""
    if angle == 0:
        return x, -y
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return x * cosine + y * sine, x * sine - y * cosine


def _drawn(page: Any, angle: int) -> tuple[tuple[Rule, ...], bool]:
    """The straight lines of a page, and whether it shows a picture or a drawing at all."""
    rules: list[Rule] = []
    paths = 0
    pictured = False
    for number, (kind, box, piece) in enumerate(_pieces(page.raw)):
        if number >= _MOST_DRAWN:
            break
        if kind in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING}:
            pictured = True
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            paths += 1
            if angle % 90 == 0:
                rules += _rules(piece, box, angle)
    return tuple(rules), pictured or paths > _MOST_PATHS_OF_A_FRAME


_MOST_PATHS_OF_A_FRAME = 40  # a page without text and with more of them shows something


def _pieces(page: Any) -> Iterator[tuple[int, tuple[float, float, float, float], Any]]:
    """What is drawn on a page and is no text: its kind and its box. Of forms (parts used again) the pictures only."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for number in range(pdfium.FPDFPage_CountObjects(page)):
        piece = pdfium.FPDFPage_GetObject(page, number)
        kind = pdfium.FPDFPageObj_GetType(piece)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            for inner in range(min(pdfium.FPDFFormObj_CountObjects(piece), 100)):
                kind = pdfium.FPDFPageObj_GetType(pdfium.FPDFFormObj_GetObject(piece, inner))
                if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                    yield kind, (0.0, 0.0, 0.0, 0.0), None
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            if pdfium.FPDFPageObj_GetBounds(piece, left, bottom, right, top):
                yield kind, (left.value, bottom.value, right.value, top.value), piece
        elif kind != pdfium.FPDF_PAGEOBJ_TEXT:
            yield kind, (0.0, 0.0, 0.0, 0.0), None


def _rules(piece: Any, box: tuple[float, float, float, float], angle: int) -> list[Rule]:
    """The lines that a path draws: a thin one itself, of a stroked rectangle its four sides."""
    (xa, ya), (xb, yb) = _turned(box[0], box[1], angle), _turned(box[2], box[3], angle)
    x0, x1, y0, y1 = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)
    if min(x1 - x0, y1 - y0) <= _THIN:
        return [Rule(x0, y0, x1, y1)] if max(x1 - x0, y1 - y0) > _THIN else []
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(piece, filled, stroked)
    if not stroked.value or pdfium.FPDFPath_CountSegments(piece) not in {4, 5}:
        return []
    return [Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1), Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1)]
