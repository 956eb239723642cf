"""How do the paragraphs and tables of a PDF's pages become Markdown?

A heading is taken for one only where its letters or the file's outline say so and something else follows; running heads
are given once; nothing that merely looks like a mark of Markdown becomes one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.read.pdf_layout import Block, Paragraph
from ingest.read.pdf_lines import BULLETS, Line
from ingest.read.pdf_page import HYPHEN
from ingest.read.pdf_tables import Table

_LARGER = 1.15  # times the size of the running text
_LONGEST_HEADING = 160  # letters
_EDGE = 0.12  # of a page's height; running heads and page numbers stand in it
_MOST_PAGES = 0.4  # of all; heads of left and right pages may differ
_FEWEST_PAGES = 4  # fewer say nothing about what repeats
_NUMBER = re.compile(r"\d+")
_MARK = re.compile(r"(?=#{1,6}(?:\s|$)|>|[*+-](?:\s|$)|`{3}|~{3}|<[A-Za-z/!?]|(?:[=-]+|[*_-](?:\s*[*_-]){2,})\s*$|\|)")
_BULLET = re.compile(rf"[{BULLETS}]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """What was found on a page: `number` counts from 1, `top` and `height` say where the page lies."""

    number: int
    blocks: tuple[Block, ...]
    top: float
    height: float
    notes: tuple[str, ...] = ()  # values of form fields and comments


@dataclass(frozen=True, slots=True)
class Outline:
    """The titles in the file's table of contents, by page (from 1)."""

    titles: frozenset[tuple[int, str]] = field(default_factory=frozenset)

    def names(self, page: int, text: str) -> bool:
        return (page, plain(text)) in self.titles


def plain(text: str) -> str:
    """The letters and digits of a text, by which a title is known again."""
    return "".join(filter(str.isalnum, text)).casefold()


def to_markdown(pages: Sequence[PageBlocks], outline: Outline) -> list[str]:
    """The Markdown of each page. Words broken at the end of a line keep their mark, `HYPHEN`."""
    running = _running(pages)
    kept: list[list[Block]] = []
    for page in pages:
        own = [block for block in page.blocks if not _is_running(block, page, running)]
        kept.append(own or list(page.blocks))  # a page is not all head and foot
    levels = _levels(kept, pages, outline)
    made: list[str] = []
    for page, page_blocks in zip(pages, kept, strict=True):
        parts = [part for block in page_blocks if (part := _written(block, levels.get(id(block), 0)))]
        made.append("\n\n".join([*parts, *(_escaped(note) for note in page.notes)]))
    return made


def _running(pages: Sequence[PageBlocks]) -> Counter[tuple[str, int]]:
    """What stands at one place on most pages, page numbers counted as one: how often, 0 once it was given."""
    counts: Counter[tuple[str, int]] = Counter()
    with_text = sum(bool(page.blocks) for page in pages)
    if with_text < _FEWEST_PAGES:
        return counts
    for page in pages:
        counts.update({key for block in page.blocks for key in _keys(block, page)})
    least = max(_FEWEST_PAGES - 1, _MOST_PAGES * with_text)
    return Counter({key: count for key, count in counts.items() if count >= least})


def _keys(block: Block, page: PageBlocks) -> list[tuple[str, int]]:
    """By what a head or foot is known again: its place and its text, or that with a number counted from the page's."""
    if isinstance(block, Table) or len(block.lines) > 2:
        return []
    place = (block.lines[0].y - page.top) / max(1.0, page.height)
    text = " ".join(line.text for line in block.lines)
    if _EDGE < place < 1 - _EDGE or len(text) > _LONGEST_HEADING:
        return []
    spot = round(100 * place)
    keys = [(text, spot)]
    numbers = [found for found in _NUMBER.finditer(text) if len(found[0]) < 6]
    keys += [
        (f"{text[: found.start()]}\0{int(found[0]) - page.number}\0{text[found.end() :]}", spot)
        for found in numbers[:4]
    ]
    return keys


def _is_running(block: Block, page: PageBlocks, running: Counter[tuple[str, int]]) -> bool:
    """Whether to leave a block out; what has letters is given where it stands first, so that it can be found."""
    if not running:
        return False
    hit = [key for key in _keys(block, page) if key in running]
    if not hit:
        return False
    said = re.sub(r"\0.*\0", "", hit[0][0])
    is_first = any(map(str.isalpha, said)) and all(running[key] for key in hit)
    for key in hit:
        running[key] = 0
    return not is_first


def _levels(kept: Sequence[list[Block]], pages: Sequence[PageBlocks], outline: Outline) -> dict[int, int]:
    """The level of each block that is a heading, by its identity; larger letters and then bolder ones stand higher."""
    sizes: Counter[tuple[float, bool]] = Counter()
    for page_blocks in kept:
        for block in page_blocks:
            if isinstance(block, Paragraph):
                for each in block.lines:
                    sizes[round(each.size, 1), each.bold] += sum(len(word.text) for word in each.words)
    if not sizes:
        return {}
    body, body_bold = sizes.most_common(1)[0][0]
    flat = [(block, page) for page, page_blocks in zip(pages, kept, strict=True) for block in page_blocks]
    styles: dict[int, tuple[float, bool]] = {}
    for (block, page), following in zip(flat, [*flat[1:], None], strict=True):
        if not isinstance(block, Paragraph):
            continue
        style = (round(block.size, 1), block.bold)
        named = outline.names(page.number, " ".join(each.text for each in block.lines))
        stands_out = style[0] >= _LARGER * body or (block.bold and not body_bold and style[0] > 0.95 * body)
        if named or (stands_out and _may_be_heading(block) and following and _follows(style, following[0])):
            styles[id(block)] = style
    ranks = sorted(set(styles.values()), reverse=True)
    return {key: min(6, ranks.index(style) + 1) for key, style in styles.items()}


def _may_be_heading(block: Paragraph) -> bool:
    text = " ".join(each.text for each in block.lines)
    if len(text) > _LONGEST_HEADING or len(block.lines) > 3 or text[-1] in ".,;!*" or HYPHEN in text:
        return False
    words = [word for word in text.split() if len([letter for letter in word if letter.isalpha()]) > 1]
    return bool(words) and not text[0].islower() and sum(map(str.isalpha, text)) > 0.5 * len(text.replace(" ", ""))


def _follows(style: tuple[float, bool], block: Block) -> bool:
    """Whether a block may stand under a heading of this style: one of the same or a larger style does not."""
    return isinstance(block, Table) or (round(block.size, 1), block.bold) < style


def _written(block: Block, level: int) -> str:
    if isinstance(block, Table):
        return _table(block)
    if level:
        return f"{'#' * level} {' '.join(each.text for each in block.lines)}"
    return _paragraph(block)


def _paragraph(block: Paragraph) -> str:
    """The lines in one, but for those that were ended on purpose: the next word would have had room."""
    made = [_item_or_escaped(block.lines[0].text)]
    for above, below in pairwise(block.lines):
        if _is_full(above, below, block.right):
            made[-1] += below.text if made[-1].endswith(HYPHEN) else f" {below.text}"
        else:
            made.append(_escaped(below.text))
    return "\n".join(made)


def _is_full(above: Line, below: Line, right: float) -> bool:
    if above.words[-1].text.endswith(HYPHEN):
        return True
    if above.led:
        return False
    first = below.words[0]
    return above.x1 + (first.x1 - first.x0) + 0.25 * above.size > right - 0.1 * above.size


def _item_or_escaped(text: str) -> str:
    """A paragraph's first line: an item's bullet becomes Markdown's, a number stays."""
    bullet = _BULLET.match(text)
    if bullet and bullet[0][0] not in "–—":
        return f"- {text[bullet.end() :]}"
    return _escaped(text)


def _escaped(text: str) -> str:
    return f"\\{text}" if _MARK.match(text) else text


def _table(table: Table) -> str:
    head, *body = [[cell.replace("\n", " ").replace("|", "\\|") for cell in row] for row in table.rows]
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *body])
