"""Which lines at the edges of a PDF's pages are running heads, feet and page numbers?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.read.pdf.layout import Block, Paragraph
from ingest.read.pdf.tables import Table

LONGEST_HEADING = 160  # letters
_EDGE = 0.12  # of a page's height; running heads and page numbers stand in it
_MOST_PAGES = 0.4  # of all; heads of left and right pages may differ
_FEWEST_PAGES = 4  # fewer say nothing about what repeats
_NUMBER = re.compile(r"\d+")
_LAST_NUMBER = re.compile(r"(?:^|(?<=\s))\d{1,5}$")
_FIRST_NUMBER = re.compile(r"^\d{1,5}(?=\s|$)")
_LONE = re.compile(r"[\s–—|·•~-]*(\d{1,5})[\s–—|·•~-]*")  # what stands around a page's number, and nothing else

_Key = tuple[str, int]  # a text, or what a number adds to its page's with or without the text around it; and a place


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """What was found on a page: `number` counts from 1, `top` and `height` say where the page lies."""

    number: int
    blocks: tuple[Block, ...]
    top: float
    height: float
    notes: tuple[str, ...] = ()  # values of form fields and comments


def plain(text: str) -> str:
    """The letters and digits of a text, by which a title is known again."""
    return "".join(filter(str.isalnum, text)).casefold()


def without_running(pages: Sequence[PageBlocks]) -> list[list[Block]]:
    """The blocks of each page but for page numbers, and heads and feet that the document says elsewhere."""
    running, ahead = _running(pages), _ahead(pages)
    said = (
        {plain(text) for page in pages for block in page.blocks if (text := _aside(block, page))} if running else set()
    )
    kept: list[list[Block]] = []
    for page in pages:
        own = []
        for block in page.blocks:
            if _lone_number(block, page) in ahead:
                continue
            rests = {plain(rest) for key, rest in _keys(block, page) if key in running}
            is_first = any(map(str.isalpha, "".join(rests))) and not rests & said
            said |= rests
            if is_first or not rests:
                own.append(block)
        kept.append(own or list(page.blocks))  # a page is not all head and foot
    return kept


def _running(pages: Sequence[PageBlocks]) -> set[_Key]:
    """What stands at one place on most pages, page numbers counted as one."""
    with_text = sum(bool(page.blocks) for page in pages)
    if with_text < _FEWEST_PAGES:
        return set()
    counts: Counter[_Key] = Counter()
    for page in pages:
        counts.update({key for block in page.blocks for key, _ in _keys(block, page)})
    least = max(_FEWEST_PAGES - 1, _MOST_PAGES * with_text)
    return {key for key, count in counts.items() if count >= least}


def _ahead(pages: Sequence[PageBlocks]) -> set[int]:
    """By how much a number that stands alone differs from its page's if it is one: not at all, or as most others do."""
    counts = Counter(
        ahead for page in pages for block in page.blocks if (ahead := _lone_number(block, page)) is not None
    )
    return {0, *(ahead for ahead, count in counts.most_common(1) if count > 1)}


def _lone_number(block: Block, page: PageBlocks) -> int | None:
    """How far a number that stands alone at an edge is ahead of the page's."""
    found = _LONE.fullmatch(at_edge(block, page)[0])
    return int(found[1]) - page.number if found else None


def _keys(block: Block, page: PageBlocks) -> Iterator[tuple[_Key, str]]:
    """By what a head or foot is known again, each with the text without the page's number.

    That is its place and its text, or that with a number counted from the page's; where the number stands first or
    last, the text beside it may change from page to page.
    """
    text, spot = at_edge(block, page)
    if not text:
        return
    yield (text, spot), text
    numbers = [found for found in _NUMBER.finditer(text) if len(found[0]) < 6]
    for found in numbers[:4]:
        before, after = text[: found.start()], text[found.end() :]
        yield (f"{before}\0{int(found[0]) - page.number}\0{after}", spot), f"{before} {after}"
    for end in (_FIRST_NUMBER.search(text), _LAST_NUMBER.search(text)):
        if end:
            yield (f"\0{int(end[0]) - page.number}", spot), text[: end.start()] + text[end.end() :]


def at_edge(block: Block, page: PageBlocks) -> tuple[str, int]:
    """The text of a short block at the page's head or foot and its place in hundredths; else nothing."""
    if isinstance(block, Table) or len(block.lines) > 2:
        return "", 0
    place = (block.lines[0].y - page.top) / max(1.0, page.height)
    if _EDGE < place < 1 - _EDGE:
        return "", 0
    return _short_text(block), round(100 * place)


def _aside(block: Block, page: PageBlocks) -> str:
    """The text of what may be a heading and does not stand at an edge."""
    if isinstance(block, Table) or len(block.lines) > 3 or at_edge(block, page)[0]:
        return ""
    return _short_text(block)


def _short_text(block: Paragraph) -> str:
    if sum(len(word.text) for line in block.lines for word in line.words) > LONGEST_HEADING:
        return ""
    text = " ".join(line.text for line in block.lines)
    return text if len(text) <= LONGEST_HEADING else ""
