"""Which blocks is a document made of?

A block is the smallest thing that is better kept whole: a heading, a paragraph, a list item, a code fence, a table row,
one message of a conversation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from ingest.model import Document
from ingest.split.block import Block, plain_blocks
from ingest.split.sentences import trimmed


def blocks(document: Document) -> Iterator[Block]:
    """The blocks in reading order, disjoint, none of them empty; only white space and rules lie between them."""
    from ingest.split.code import definition_blocks
    from ingest.split.markdown import markdown_blocks
    from ingest.split.rst import rst_blocks

    code_blocks = partial(definition_blocks, language=str(document.metadata.get("code", "")), title=document.title)
    find: Mapping[str, Callable[[str], Iterable[Block]]] = {
        "markdown": markdown_blocks,
        "rst": rst_blocks,
        "plain": plain_blocks,
        "code": code_blocks,
    }
    text = document.text
    reached = 0
    for block in find[document.markup](text):
        start, end = trimmed(text, max(block.start, reached), block.end)
        if start < end:
            yield from _passed_over(text, reached, start)
            yield from _parts(text, block, start, end)
            reached = end
    yield from _passed_over(text, reached, len(text))


def _passed_over(text: str, start: int, end: int) -> Iterable[Block]:
    """What a parser shows to nobody though it holds words: link definitions, or what is nested too deeply for it."""
    start, end = trimmed(text, start, end)
    return [Block(start, end)] if any(map(str.isalnum, text[start:end])) else []


_COLUMNS = (" | ", "\t")
_UNWRAPPED = 240  # letters: nobody wraps lines that late, so each line is a paragraph of its own
_LINE_END = re.compile("\n")
_RECORD = re.compile(r"[}\]],\s?(?=[{\[])")
_SPEAKER = re.compile(
    r"^[ \t]*(?:\[[\d:. ]{4,12}\][ \t]*)?"
    r"[*_]{0,2}(?P<who>[^\W\d_a-z][\w.'’-]*(?: [\w.'’-]+){0,3})[*_]{0,2}:[*_]{0,2}[ \t]",
    re.MULTILINE,
)
_FEW = 3  # so many lines must look like a row, or like someone speaking, before they are taken for a table or a talk


def _parts(text: str, block: Block, start: int, end: int) -> Iterator[Block]:
    """The block, or the paragraphs, rows, messages or records that stand in it without a blank line between."""
    lines = [line.end() for line in _LINE_END.finditer(text, start, end)] if block.kind == "text" else []
    if block.kind == "text" and _are_rows(text, start, lines, end):
        from ingest.split.tables import rows

        yield from rows(text, [start, *lines, end])
        return
    for stop in [*(_cuts(text, start, lines, end) if block.kind == "text" else ()), end]:
        span = trimmed(text, start, stop)
        if span[0] < span[1]:
            yield Block(*span, block.kind, block.title, block.level, block.header, block.caption)
        start = stop


def _are_rows(text: str, start: int, lines: list[int], end: int) -> bool:
    """Whether every line has columns, though no rule says that they are a table's."""
    if len(lines) + 1 < _FEW or not any(mark in text[start : lines[0]] for mark in _COLUMNS):
        return False
    return any(all(mark in text[a:b] for a, b in zip([start, *lines], [*lines, end], strict=True)) for mark in _COLUMNS)


def _cuts(text: str, start: int, lines: list[int], end: int) -> list[int]:
    turns = _turns(text, start, end)
    records = [record.end() for record in _RECORD.finditer(text, start, end)]
    longest = max(stop - begin for begin, stop in zip([start, *lines], [*lines, end], strict=True))
    if longest > _UNWRAPPED:
        return sorted({*lines, *records})
    return sorted({*records, *turns})


def _turns(text: str, start: int, end: int) -> list[int]:
    """Where someone else begins to speak. Nobody comes again in a form's fields, which look alike."""
    turns = list(_SPEAKER.finditer(text, start, end))
    is_talk = len(turns) >= _FEW and len({turn["who"] for turn in turns}) < len(turns)
    return [turn.start() for turn in turns] if is_talk else []
