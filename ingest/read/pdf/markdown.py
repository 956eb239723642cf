"""How do the paragraphs and tables of a PDF's pages become Markdown?

A heading is taken for one only where its letters or the file's outline say so and something else follows; running heads
are given once; nothing that merely looks like a mark of Markdown becomes one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from ingest.read.pdf.layout import Block, Paragraph
from ingest.read.pdf.lines import BULLETS, LABEL, Line
from ingest.read.pdf.page import HYPHEN
from ingest.read.pdf.running import LONGEST_HEADING, PageBlocks, plain, without_running
from ingest.read.pdf.tables import Table, parts
from ingest.read.unseen import unmarked

_LARGER = 1.15  # times the size of the running text
_NEXT_LINE = 1.6  # of the letters' size; the lines of a heading are no further apart
_MARK = re.compile(r"(?=#{1,6}(?:\s|$)|>|[*+-](?:\s|$)|`{3}|~{3}|<[A-Za-z/!?]|(?:[=-]+|[*_-](?:\s*[*_-]){2,})\s*$|\|)")
_BULLET = re.compile(rf"[{BULLETS}]\s+(?=\S)")

_Style = tuple[float, bool]  # the letters' size, and whether they are bold


@dataclass(frozen=True, slots=True)
class Outline:
    """The titles in the file's table of contents, by page (from 1)."""

    titles: frozenset[tuple[int, str]] = field(default_factory=frozenset)

    def names(self, page: int, text: str) -> bool:
        return (page, plain(text)) in self.titles


class PageText(NamedTuple):
    """The Markdown of a page; `goes_on` says that it begins amid the paragraph with which the page before ends."""

    text: str
    goes_on: bool


def to_markdown(pages: Sequence[PageBlocks], outline: Outline) -> list[PageText]:
    """The Markdown of each page. Words broken at the end of a line keep their mark, `HYPHEN`."""
    kept = without_running(pages)
    body = _body(kept)
    kept = [_with_whole_headings(page_blocks, body) for page_blocks in kept]
    levels = _levels(kept, pages, outline, body)
    made: list[PageText] = []
    last: Block | None = None
    for page, page_blocks in zip(pages, kept, strict=True):
        goes_on = bool(page_blocks) and _is_parted(last, page_blocks[0], levels)
        text = "\n\n".join(filter(None, [_in_one(page_blocks, levels), *map(_escaped, page.notes)]))
        made.append(PageText(text, goes_on))
        if text:
            last = page_blocks[-1] if page_blocks and not page.notes else None
    return made


def _in_one(page_blocks: Sequence[Block], levels: dict[int, int]) -> str:
    """The blocks of a page, one below the other; a paragraph that goes on in the next column is not parted."""
    made: list[str] = []
    above: Block | None = None
    for block in page_blocks:
        part = _written(block, levels.get(id(block), 0))
        if not part:
            continue
        if made and _is_higher(block, above) and _is_parted(above, block, levels):
            made.append("" if made[-1].endswith(HYPHEN) else "\n")
        elif made:
            made.append("\n\n")
        made.append(part)
        above = block
    return "".join(made)


def _is_higher(block: Block, above: Block | None) -> bool:
    """Whether a paragraph begins higher on the page than the one before it ends, thus in another column."""
    return isinstance(block, Paragraph) and isinstance(above, Paragraph) and block.lines[0].y < above.lines[-1].y


def _is_parted(above: Block | None, below: Block, levels: dict[int, int]) -> bool:
    """Whether two paragraphs are one that the end of a page or a column parts: no stop before, no capital behind."""
    if not isinstance(above, Paragraph) or not isinstance(below, Paragraph) or {id(above), id(below)} & levels.keys():
        return False
    last, first = above.lines[-1], below.lines[0]
    if min(len(last.words), len(first.words)) < 2 or LABEL.match(first.words[0].text) or above.bold != below.bold:
        return False  # labels of figures, items of lists
    alike = abs(last.size - first.size) < 0.1 * first.size
    return alike and first.text[0].islower() and last.text.rstrip("\"'”’“»«)]")[-1:] not in set(".!?:;…")


def _body(kept: Sequence[list[Block]]) -> _Style:
    """How most letters look."""
    looks: Counter[_Style] = Counter()
    for block in chain.from_iterable(kept):
        if isinstance(block, Paragraph):
            for each in block.lines:
                looks[round(each.size, 1), each.bold] += sum(len(word.text) for word in each.words)
    return looks.most_common(1)[0][0] if looks else (0.0, False)


def _with_whole_headings(page_blocks: Sequence[Block], body: _Style) -> list[Block]:
    """The blocks, the lines of one heading in one: large ones stand further apart than those of the running text."""
    made: list[Block] = []
    for block in page_blocks:
        above = made[-1] if made else None
        if isinstance(above, Paragraph) and isinstance(block, Paragraph) and _goes_on(above, block, body):
            made[-1] = Paragraph(above.lines + block.lines, above.right)
        else:
            made.append(block)
    return made


def _goes_on(above: Paragraph, below: Paragraph, body: _Style) -> bool:
    """Whether both may be lines of one heading."""
    style, last, first = _style(above), above.lines[-1], below.lines[0]
    if style != _style(below) or not _stands_out(style, body) or not 0 < first.y - last.y <= _NEXT_LINE * style[0]:
        return False
    if first.words[0].text[0].isdigit() or LABEL.match(first.words[0].text) or last.words[-1].text.isdigit():
        return False  # each a heading, or an entry in a table of contents, of its own
    beside = abs(last.x0 - first.x0) < 3 * style[0] or abs(last.x0 + last.x1 - first.x0 - first.x1) < style[0]
    return beside and _may_be_heading(Paragraph(above.lines + below.lines, above.right))


def _style(block: Paragraph) -> _Style:
    return round(block.size, 1), block.bold


def _stands_out(style: _Style, body: _Style) -> bool:
    return style[0] >= _LARGER * body[0] or (style[1] and not body[1] and style[0] > 0.95 * body[0])


def _levels(kept: Sequence[list[Block]], pages: Sequence[PageBlocks], outline: Outline, body: _Style) -> dict[int, int]:
    """The level of each block that is a heading, by its identity; larger letters and then bolder ones stand higher."""
    flat = [(block, page) for page, page_blocks in zip(pages, kept, strict=True) for block in page_blocks]
    styles: dict[int, _Style] = {}
    for (block, page), following in zip(flat, [*flat[1:], None], strict=False):
        if not isinstance(block, Paragraph):
            continue
        style = _style(block)
        named = outline.names(page.number, " ".join(each.text for each in block.lines))
        is_set_off = _stands_out(style, body) and _may_be_heading(block)
        if named or (is_set_off and following and _follows(style, following[0])):
            styles[id(block)] = style
    ranks = sorted(set(styles.values()), reverse=True)
    return {key: min(6, ranks.index(style) + 1) for key, style in styles.items()}


def _may_be_heading(block: Paragraph) -> bool:
    text = " ".join(each.text for each in block.lines)
    if len(text) > LONGEST_HEADING or len(block.lines) > 3 or text[-1] in ".,;!*" or HYPHEN in text:
        return False
    words = [word for word in text.split() if len([letter for letter in word if letter.isalpha()]) > 1]
    return bool(words) and not text[0].islower() and sum(map(str.isalpha, text)) > 0.5 * len(text.replace(" ", ""))


def _follows(style: _Style, block: Block) -> bool:
    """Whether a block may stand under a heading of this style: one of the same or a larger style does not."""
    return isinstance(block, Table) or _style(block) < style


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
    return f"\\{text}" if _MARK.match(unmarked(text)) else text


def _table(block: Table) -> str:
    made: list[str] = []
    for title, part in parts(block.rows):
        head, *body = [[cell.replace("\n", " ").replace("|", "\\|") for cell in row] for row in part]
        rule = ["---"] * len(head)
        made += [_escaped(title)] if title else []
        made.append("\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *body]))
    return "\n\n".join(made)
