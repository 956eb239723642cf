"""Does each cell of a PDF's table stand in its row and column, and is each column of prose read from top to bottom?

The files are drawn here: tables without lines, as programs set them, and pages of prose in columns, each kind several
times with other words, sizes and gaps. What is counted:

- cells: those whose text is one cell of ours in the row that holds the most of its row's cells, and in the column that
  holds the most of its column's cells.
- sentences: those that stand in our text in one piece and in their order, where no table was made of them.

Exits with 1 where fewer than 95 % of either are right.

    .venv/bin/python benchmarks/pdf_tables.py [--json] [--save FOLDER]
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from ingest.model import Document
from ingest.read.registry import read

LEAST = 0.95
VARIANTS = 4
WIDTHS = """
278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584
584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278
278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500
500 334 260 334 584
"""  # of Helvetica's letters from the space on, in thousandths (Adobe's font metrics)
WORDS = """
harbour ferry lantern signal anchor rope buoy slipway keeper island tide ledger crane winch barrel chart compass mast
oar deck cabin cargo pilot storm bell
"""
VERBS = "holds mends paints counts moves opens watches carries sells measures"
ENDS = "before noon, in the autumn, for the town, at low water, with great care, near the old mill, without a permit"
_WIDTH = {chr(32 + number): int(width) for number, width in enumerate(WIDTHS.split())}
_NAMES, _VERBS, _ENDS = WORDS.split(), VERBS.split(), ENDS.split(", ")


@dataclass
class Sheet:
    """A page that is being drawn, and what should be read on it."""

    random: Random
    size: float = 10.0
    drawn: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def width(self, text: str, size: float | None = None) -> float:
        return sum(_WIDTH[letter] for letter in text) * (size or self.size) / 1000

    def put(self, x: float, y: float, text: str, *, align: str = "l", size: float | None = None) -> None:
        size = size or self.size
        x -= {"l": 0.0, "r": 1.0, "c": 0.5}[align] * self.width(text, size)
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.drawn.append(f"BT /F1 {size:g} Tf 1 0 0 1 {x:.2f} {y:.2f} Tm ({escaped}) Tj ET")

    def line(self, x0: float, x1: float, y: float) -> None:
        self.drawn.append(f"0.5 w {x0:.2f} {y:.2f} m {x1:.2f} {y:.2f} l S")

    def name(self, words: int = 1) -> str:
        return " ".join(self.random.choice(_NAMES) for _ in range(words)).capitalize()

    def number(self, most: int = 9999, decimals: int = 0) -> str:
        return f"{self.random.uniform(1, most):,.{decimals}f}"

    def sentence(self) -> str:
        chosen = self.random.choice
        long = f" and the {chosen(_NAMES)} that the {chosen(_NAMES)} of the {chosen(_NAMES)} needs"
        said = f"The {chosen(_NAMES)} of the {chosen(_NAMES)} {chosen(_VERBS)} the {chosen(_NAMES)} {chosen(_ENDS)}"
        return f"{said}{long if self.random.random() < 0.5 else ''} {len(self.sentences) + 100}."

    def rows(
        self,
        y: float,
        rows: Sequence[Sequence[str]],
        starts: Sequence[float],
        aligns: str,
        *,
        step: float = 1.5,
        note: bool = True,
    ) -> float:
        """Draws rows of cells (a cell's lines are parted by a line break); the height below them."""
        for row in rows:
            for x, align, cell in zip(starts, aligns, row, strict=True):
                for number, text in enumerate(cell.split("\n")):
                    self.put(x, y - 1.15 * self.size * number, text, align=align)
            y -= step * self.size + 1.15 * self.size * max(cell.count("\n") for cell in row)
        if note:
            self.tables.append([[cell.replace("\n", " ") for cell in row] for row in rows])
        return y

    def prose(self, x: float, y: float, width: float, *, lines: int, leading: float = 1.2, shift: float = 0.0) -> float:
        """A column of sentences, broken to its width; the height below it."""
        y -= shift
        held, left = "", lines
        while left > 0:
            sentence = self.sentence()
            self.sentences.append(sentence)
            for word in sentence.split():
                if held and self.width(f"{held} {word}") > width:
                    self.put(x, y, held)
                    y, held, left = y - leading * self.size, "", left - 1
                held = f"{held} {word}".strip()
        self.put(x, y, held)
        return y - leading * self.size


Kind = Callable[[Sheet], None]


def _spread(sheet: Sheet, rows: Sequence[Sequence[str]], aligns: str, gap: float, left: float = 60) -> list[float]:
    """Where columns stand whose longest cells leave a gap (in sizes of the letters) between them."""
    starts, x = [], left
    for column, align in enumerate(aligns):
        wide = max(sheet.width(part) for row in rows for part in row[column].split("\n"))
        starts.append({"l": x, "r": x + wide, "c": x + wide / 2}[align])
        x += wide + gap * sheet.size
    return starts


def _table(columns: str, count: int, gap: float, *, words: int = 1, head: bool = True) -> Kind:
    def draw(sheet: Sheet) -> None:
        rows = [[sheet.name() for _ in columns]] if head else []
        rows += [
            [sheet.number(99_999) if align == "r" else sheet.name(words) for align in columns] for _ in range(count)
        ]
        sheet.rows(700, rows, _spread(sheet, rows, columns, gap), columns)

    return draw


def ragged(sheet: Sheet) -> None:
    rows = [["Berth", "Boat", "Fee", "Paid"]]
    for number in range(12):
        fee = sheet.number(900, 2) if sheet.random.random() < 0.7 else ""
        rows.append([f"B{number}", sheet.name(2), fee, sheet.random.choice(["yes", "no", ""])])
    sheet.rows(700, rows, _spread(sheet, rows, "llrl", 1.2), "llrl")


def of_several_lines(sheet: Sheet) -> None:
    rows = [["Part", "What it is for", "Price"]]
    for _ in range(8):
        said = f"{sheet.name(4)} of the\n{sheet.name(5).lower()}"
        rows += [[sheet.name(), said, sheet.number(500, 2)]]
    sheet.rows(700, rows, _spread(sheet, rows, "llr", 1.3), "llr", step=2.2)


def with_a_head_of_groups(sheet: Sheet) -> None:
    rows = [["Island", "2024", "2025", "2024", "2025"]]
    rows += [[sheet.name(2), *(sheet.number(9000) for _ in range(4))] for _ in range(9)]
    starts = _spread(sheet, rows, "lrrrr", 2.0)
    sheet.put((starts[1] + starts[2]) / 2, 700 + 1.5 * sheet.size, "Arrivals", align="c")
    sheet.put((starts[3] + starts[4]) / 2, 700 + 1.5 * sheet.size, "Departures", align="c")
    sheet.rows(700, rows, starts, "lrrrr")


def with_group_names(sheet: Sheet) -> None:
    rows = [["Boat", "Crew", "Load"]]
    for _ in range(3):
        rows.append([sheet.name(2), "", ""])
        rows += [[sheet.name(2), sheet.number(20), sheet.number(9000)] for _ in range(3)]
    sheet.rows(700, rows, _spread(sheet, rows, "lrr", 1.5), "lrr")


def of_decimals(sheet: Sheet) -> None:
    rows = [["Sample", "Salt", "Lime", "Iron"]]
    rows += [[f"S-{n}", *(sheet.number(99, sheet.random.choice([1, 2])) for _ in range(3))] for n in range(12)]
    sheet.rows(700, rows, _spread(sheet, rows, "lrrr", 1.0), "lrrr", step=1.3)


def between_lines(sheet: Sheet) -> None:
    rows = [["Tide", "Time", "Height", "Place"]]
    rows += [[sheet.name(), f"{n:02}:{n + 10}", sheet.number(9, 1), sheet.name(2)] for n in range(10)]
    starts = _spread(sheet, rows, "lrrl", 1.1)
    end = sheet.rows(700, rows, starts, "lrrl", step=1.3)
    for y in (700 + 1.1 * sheet.size, 700 - 0.4 * sheet.size, end + 0.9 * sheet.size):
        sheet.line(55, 400, y)


def amid_prose(sheet: Sheet) -> None:
    y = sheet.prose(60, 740, 480, lines=5)
    rows = [["Name", "Length", "Year"], *([sheet.name(2), sheet.number(90), sheet.number(2020)] for _ in range(8))]
    y = sheet.rows(y - 12, rows, _spread(sheet, rows, "lrr", 1.2), "lrr", step=1.3)
    sheet.prose(60, y - 8, 480, lines=5)


def beside_prose(sheet: Sheet) -> None:
    rows = [["Name", "Length", "Year"], *([sheet.name(2), sheet.number(90), sheet.number(2020)] for _ in range(10))]
    sheet.rows(700, rows, _spread(sheet, rows, "lrr", 1.2, left=330), "lrr", step=1.3)
    sheet.prose(60, 700, 240, lines=14, leading=1.3)


def under_each_other(sheet: Sheet) -> None:
    y = 720.0
    for columns in ("lrr", "llrr"):
        rows = [[sheet.name() for _ in columns]]
        rows += [[sheet.number(900) if each == "r" else sheet.name(2) for each in columns] for _ in range(6)]
        y = sheet.rows(y, rows, _spread(sheet, rows, columns, 1.2), columns) - 4 * sheet.size


def wide_apart(sheet: Sheet) -> None:
    rows = [["Item", "Amount"], *([sheet.name(2), sheet.number(9000, 2)] for _ in range(10))]
    sheet.rows(700, rows, [60, 540], "lr")


TABLES: dict[str, Kind] = {
    "three columns": _table("lll", 10, 3),
    "numbers at the right": _table("lrrr", 12, 1.5, words=2),
    "narrow gaps": _table("llrr", 14, 0.85, words=2),
    "very narrow gaps": _table("lrrrr", 14, 0.65, words=2),
    "eight columns": _table("lrrrrrrr", 14, 0.9),
    "centred": _table("lccc", 10, 1.5, words=1),
    "two columns": _table("lr", 9, 0.9, words=2),
    "without a head": _table("lrl", 9, 1.0, head=False),
    "empty cells": ragged,
    "cells of two lines": of_several_lines,
    "heads over groups": with_a_head_of_groups,
    "names of groups": with_group_names,
    "decimals": of_decimals,
    "ruled across": between_lines,
    "amid prose": amid_prose,
    "beside prose": beside_prose,
    "two tables": under_each_other,
    "wide apart": wide_apart,
}


def _columns(count: int, lines: int, *, shift: tuple[float, ...] = (), gap: float = 18, widths: str = "") -> Kind:
    def draw(sheet: Sheet) -> None:
        shares = [int(each) for each in widths] or [1] * count
        room, x = 612 - 100 - gap * (count - 1), 50.0
        for number, share in enumerate(shares):
            width = room * share / sum(shares)
            down = shift[number % len(shift)] if shift else 0.0
            sheet.prose(x, 700, width, lines=lines + sheet.random.choice([-1, 0, 0, 1]), shift=down)
            x += width + gap

    return draw


def with_headings_across(sheet: Sheet) -> None:
    for y, head in ((740, "The northern harbour"), (420, "The southern harbour")):
        sheet.put(306, y, head, align="c", size=1.6 * sheet.size)
        for x in (50, 315):
            sheet.prose(x, y - 30, 247, lines=12)


def with_headings_inside(sheet: Sheet) -> None:
    for x in (50.0, 315.0):
        y = sheet.prose(x, 700, 247, lines=8)
        sheet.put(x, y - 8, sheet.name(2), size=1.2 * sheet.size)
        sheet.prose(x, y - 28, 247, lines=8)


def with_lists(sheet: Sheet) -> None:
    for x, shift in ((50.0, 0.0), (315.0, 4.0)):
        y = 700 - shift
        for _ in range(6):
            sheet.put(x, y, "-")
            y = sheet.prose(x + 10, y, 237, lines=1) - 3


def around_a_figure(sheet: Sheet) -> None:
    sheet.drawn.append("0.9 g 50 430 512 150 re f 0 g")
    for x in (50.0, 315.0):
        sheet.prose(x, 740, 247, lines=9)
        sheet.prose(x, 410, 247, lines=9)


PROSE: dict[str, Kind] = {
    "two columns, level": _columns(2, 20),
    "two columns, shifted": _columns(2, 20, shift=(0, 5)),
    "two short columns": _columns(2, 7),
    "two short columns, shifted": _columns(2, 7, shift=(0, 3)),
    "three columns, level": _columns(3, 16),
    "three columns, shifted": _columns(3, 16, shift=(0, 3, 7)),
    "three short columns": _columns(3, 7, gap=14),
    "three short columns, shifted": _columns(3, 7, shift=(0, 7, 3)),
    "four columns, level": _columns(4, 20, gap=14),
    "four columns, shifted": _columns(4, 20, gap=14, shift=(0, 4)),
    "unequal columns": _columns(2, 15, widths="21", shift=(0, 2)),
    "narrow gutter": _columns(2, 18, gap=10),
    "headings across": with_headings_across,
    "headings inside": with_headings_inside,
    "lists": with_lists,
    "a figure between": around_a_figure,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What of one kind was found where it belongs."""

    kind: str
    cells: int
    right: int
    sentences: int
    whole: int


def drawn(kind: Kind, seed: int) -> tuple[bytes, Sheet]:
    """A file of this kind, and what should be read in it."""
    random = Random(seed)
    sheet = Sheet(random, size=random.choice([8, 9, 10, 11]))
    kind(sheet)
    return _pdf("\n".join(sheet.drawn)), sheet


def compared(sheet: Sheet, text: str) -> tuple[int, int, int, int]:
    """Cells, those in their row and column, sentences, and those that are whole, in their order and in no table."""
    ours = [[row.strip("| ").replace("\\|", "|") for row in re.split(r"(?<!\\)\|", line)[1:-1]] for line in _rows(text)]
    cells = right = 0
    for table in sheet.tables:
        cells += sum(bool(cell) for row in table for cell in row)
        right += _right(table, ours)
    said = " ".join(line for line in text.split("\n") if not line.startswith("|"))
    said = " ".join(said.replace("- ", " ").split())
    places = [said.find(sentence) for sentence in sheet.sentences]
    whole, reached = 0, -1
    for place in places:
        if place > reached:
            whole, reached = whole + 1, place
    return cells, right, len(sheet.sentences), whole


def _rows(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("|") and not re.fullmatch(r"[|\s:-]+", line)]


def _right(table: Sequence[list[str]], ours: Sequence[list[str]]) -> int:
    columns: dict[int, Counter[int]] = {}  # for each of theirs, how many of its cells stand in which of ours
    for row in table:
        wanted = [(number, cell) for number, cell in enumerate(row) if cell]
        best = max(ours, key=lambda own: [sum(cell in own for _, cell in wanted), row == own], default=[])
        for number, cell in wanted:
            columns.setdefault(number, Counter()).update(place for place, own in enumerate(best) if own == cell)
    return sum(max(counts.values(), default=0) for counts in columns.values())


def measured(folder: Path) -> Iterator[Found]:
    """What is found of each kind."""
    for kinds in (TABLES, PROSE):
        for name, kind in kinds.items():
            total = [0, 0, 0, 0]
            for variant in range(VARIANTS):
                data, sheet = drawn(kind, 1000 + variant)
                path = folder / f"{name.replace(' ', '-').replace(',', '')}-{variant}.pdf"
                path.write_bytes(data)
                text = "\n\n".join(item.text for item in read(path, path.name) if isinstance(item, Document))
                total = [sum(pair) for pair in zip(total, compared(sheet, text), strict=True)]
            yield Found(name, *total)


def _pdf(content: str) -> bytes:
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources 6 0 R >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Font << /F1 4 0 R >> >>",
    )
    made, places = "%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    made += (
        f"xref\n0 7\n0000000000 65535 f \n{table}trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    )
    return made.encode("ascii")


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        save = sys.argv[sys.argv.index("--save") + 1] if "--save" in sys.argv else temporary
        Path(save).mkdir(exist_ok=True)
        found = list(measured(Path(save)))
    cells, right = sum(each.cells for each in found), sum(each.right for each in found)
    sentences, whole = sum(each.sentences for each in found), sum(each.whole for each in found)
    if "--json" in sys.argv:
        print(json.dumps({"cells": cells, "right": right, "sentences": sentences, "whole": whole}))
    else:
        print("| kind | cells | in their row and column | sentences | whole and in order |\n|---|---|---|---|---|")
        for each in [*found, Found("all", cells, right, sentences, whole)]:
            print(f"| {each.kind} | {each.cells} | {each.right} | {each.sentences} | {each.whole} |")
    return 0 if right >= LEAST * cells and whole >= LEAST * sentences else 1


if __name__ == "__main__":
    sys.exit(main())
