"""How much of what stands in a file does its reader give, in order, and does it keep every cell of a table?

Two kinds of samples: public files with the text that another extractor's own tests expect of it, and documents written
for the purpose with known paragraphs, headings and tables, one for each format. What is counted:

- words: the longest common subsequence of the expected words and the words of our text, by Hunt and Szymanski (1977;
  exact, not a heuristic), over the expected words. A word is a run of letters and digits, case-folded; markup is none.
- cells in a row: of the cells of expected tables that hold words, those whose words are one cell of ours, in a row of a
  table that holds at least one more cell of the same expected row (or in any row, where the expected row has one cell).
- cells anywhere: those whose words stand in our text one behind the other.

Exits with 1 where a format gives less than 95 % of the words, or loses a cell.

    .venv/bin/python benchmarks/fidelity.py [--json]
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fidelity_samples import samples

from ingest.model import Document, Failure
from ingest.read.registry import read

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = ROOT.parent / "shared" / "data" / "loaders" / "markitdown"
LEAST = 0.95
COUNTED = ("words", "in_order", "cells", "in_row", "anywhere")
WORD = re.compile(r"[^\W_]+")
RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")


@dataclass(frozen=True, slots=True)
class Found:
    """What was expected of one file, and found."""

    name: str
    words: int = 0
    in_order: int = 0
    cells: int = 0
    in_row: int = 0
    anywhere: int = 0
    error: str = ""

    @property
    def share(self) -> float:
        return self.in_order / self.words if self.words else 0.0

    @property
    def passes(self) -> bool:
        return not self.error and self.share >= LEAST and self.anywhere == self.cells


def words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]


def common(expected: Sequence[str], given: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(given):
        places[word].append(place)
    ends: list[int] = []  # ends[n] is where the shortest beginning ends that has n + 1 words in common
    for word in expected:
        for place in reversed(places.get(word, [])):
            at = bisect_left(ends, place)
            ends[at : at + 1] = [place]
    return len(ends)


def rows(text: str) -> Iterator[list[tuple[str, ...]]]:
    """The rows of the Markdown tables in a text, each as the words of its cells; cells without words are left out."""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("|") and line.endswith("|") and not RULE.fullmatch(line):
            cells = [tuple(words(cell)) for cell in re.split(r"(?<!\\)\|", line[1:-1])]
            if any(cells):
                yield [cell for cell in cells if cell]


def compare(name: str, expected: str, given: str, error: str = "") -> Found:
    wanted, got = words(expected), words(given)
    ours = [set(row) for row in rows(given)]
    flat = f" {' '.join(got)} "
    cells = in_row = anywhere = 0
    for row in rows(expected):
        least = min(2, len(set(row)))
        fitting = [mine for mine in ours if len(mine & set(row)) >= least]
        cells += len(row)
        in_row += max((sum(cell in mine for cell in row) for mine in fitting), default=0)
        anywhere += sum(f" {' '.join(cell)} " in flat for cell in row)
    return Found(name, len(wanted), common(wanted, got), cells, in_row, anywhere, error)


def text_of(path: Path) -> tuple[str, str]:
    """What all documents of a file give, and what went wrong."""
    items = list(read(path, path.name))
    texts = [f"{item.title}\n\n{item.text}" if path.suffix == ".eml" else item.text for item in items
             if isinstance(item, Document)]  # fmt: skip
    return "\n\n".join(texts), "; ".join(item.error for item in items if isinstance(item, Failure))


def measured() -> Iterator[Found]:
    for expected in sorted((PUBLIC / "expected_outputs").glob("*.md")):
        text = expected.read_text("utf-8")
        path = PUBLIC / f"{expected.stem}.pdf"
        if text.strip() and path.exists():
            yield compare(path.name, text, *text_of(path))
    with tempfile.TemporaryDirectory(prefix="citewell-") as folder:
        for path, expected_text in samples(Path(folder)):
            yield compare(path.name, expected_text, *text_of(path))


def by_format(found: Sequence[Found]) -> list[tuple[Found, Found]]:
    """For each format all of its files together, and the one whose words are found least."""
    groups: dict[str, list[Found]] = {}
    for each in found:
        groups.setdefault(Path(each.name).suffix, []).append(each)
    made = []
    for suffix, files in groups.items():
        sums = {key: sum(getattr(each, key) for each in files) for key in COUNTED}
        errors = "; ".join(each.error for each in files if each.error)
        made.append((Found(f"{suffix} ({len(files)})", **sums, error=errors), min(files, key=lambda each: each.share)))
    return made


def main(as_json: bool) -> int:
    """One table; 1 where something is not met."""
    found = list(measured())
    formats = by_format(found)
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=1))
    else:
        print("| format (files) | words | in order | cells | in a row | anywhere | least of one file | |")
        print("|---|---|---|---|---|---|---|---|")
        for each, worst in formats:
            note = each.error[:60] or ("" if each.passes else "not met")
            least = f"{worst.share:.1%} {worst.name}" if not worst.name.startswith("sample.") else f"{worst.share:.1%}"
            counts = f"{each.cells} | {each.in_row} | {each.anywhere}"
            print(f"| {each.name} | {each.words} | {each.share:.1%} | {counts} | {least} | {note} |")
    return 0 if formats and all(each.passes for each, _ in formats) else 1


if __name__ == "__main__":
    sys.exit(main("--json" in sys.argv[1:]))
