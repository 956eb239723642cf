"""What does a reader see as the number of a PDF's page?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.read.pdf.running import PageBlocks, at_edge

_FEWEST = 4  # pages that count on; of fewer, numbers may do so by chance
_MOST_PAGES = 0.6  # of those from the first number to the last; a few, as where chapters begin, may print none
_ALONE = re.compile(
    r"[\s–—|·•~-]*(?:pp?\.|page|seite|s\.)?\s?(\d{1,4})(?:\s?(?:of|von|/)\s?\d{1,4})?[\s–—|·•~-]*", re.IGNORECASE
)
_FIRST = re.compile(r"(\d{1,4})\s+\S+\s+\S.*")  # beside more than one word: "Figure 5" counts figures
_LAST = re.compile(r"\S+\s+.*\S\s+(\d{1,4})")


def shown_numbers(given: dict[int, str], pages: Sequence[PageBlocks]) -> dict[int, str]:
    """What a reader sees on each page, by the pages' numbers from 1: the labels that are given, else what is printed.

    Labels that only count from 1 say nothing that the numbers do not: most programs write them unasked.
    """
    says = any(label != str(number) for number, label in given.items())
    return given if says else _printed(pages) or given


def _printed(pages: Sequence[PageBlocks]) -> dict[int, str]:
    """The numbers printed at the pages' edges, where they count on with the pages but began elsewhere.

    They are taken for what they seem only where one step from the pages' own numbers holds for most of the pages, at
    one height of them.
    """
    steps = [frozenset(_steps(page)) for page in pages]
    counts = Counter(step for found in steps for step in found)
    if not counts:
        return {}
    (step, _), count = best = counts.most_common(1)[0]
    numbers = [page.number for page, found in zip(pages, steps, strict=True) if best[0] in found]
    reach = range(numbers[0], numbers[-1] + 1)
    with_text = sum(bool(page.blocks) for page in pages if page.number in reach)
    if step == 0 or count < max(_FEWEST, _MOST_PAGES * with_text):
        return {}
    return {number: str(number + step) for number in reach}


def _steps(page: PageBlocks) -> Iterator[tuple[int, int]]:
    """By how much each number that stands first, last or alone in a head or foot differs from its page's, and where."""
    for block in page.blocks:
        text, spot = at_edge(block, page)
        found = [each[1] for pattern in (_ALONE, _FIRST, _LAST) if (each := pattern.fullmatch(text))]
        for number in filter(None, map(int, found)):
            yield number - page.number, spot
