"""How is a document cut into chunks that an encoder reads whole and a reader understands alone?

Blocks are packed into chunks up to the encoder's window, measured by the encoder's own tokens; a heading opens a new
chunk unless the chunk at hand is still short; a block larger than a chunk is cut between sentences, lines, then words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.blocks import Block, blocks
from ingest.model import Chunk, Document
from ingest.sentences import Span, sentences, trimmed

Offsets = Callable[[str], Sequence[Span]]

SPLITTER_VERSION = 1
SPECIAL_TOKENS = 2
SHORT = 4  # a chunk that has not reached a quarter of its room goes on past a heading


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Sizes in the encoder's tokens. `window` holds special tokens, context and text together."""

    window: int = 256
    context: int = 64


def split(document: Document, offsets: Offsets, settings: SplitSettings = SplitSettings()) -> list[Chunk]:
    """The document's chunks in order; every block of its text is in exactly one of them, cut only where it must be.

    `offsets` gives the spans of the encoder's tokens in a text. Each chunk's text slices back: `text[start:end]`.
    """
    ruler = _Ruler([span for span in offsets(document.text) if span[0] < span[1]])
    writer = _Writer(document, offsets, settings)
    chunks: list[Chunk] = []
    path: tuple[Block, ...] = ()
    pending: list[Block] = []
    pending_path: tuple[Block, ...] = ()
    room = 0
    for block in blocks(document):
        if block.kind == "heading":
            path = (*(heading for heading in path if heading.level < block.level), block)
        if pending:
            size = ruler.count(pending[0].start, block.end)
            filled = ruler.count(pending[0].start, pending[-1].end)
            short = filled * SHORT < room
            opens = block.kind == "heading" and not short and not _only_headings(pending)
            # A block that must be cut anyway is cut a little later, rather than leaving its title or lead-in alone.
            leads = short and ruler.count(block.start, block.end) > room
            if opens or (size > room and not leads):
                chunks += writer.write(pending, pending_path, ruler)
                pending = []
        if not pending:
            pending_path = path
            room = writer.room(path, block)
        pending.append(block)
        pending_path = _common(pending_path, path) if not _only_headings(pending) else path
    if pending:
        chunks += writer.write(pending, pending_path, ruler)
    return chunks


class _Ruler:
    """Counts the encoder's tokens between two offsets."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]

    def count(self, start: int, end: int) -> int:
        return max(0, bisect_left(self.starts, end) - bisect_right(self.ends, start))

    def cut(self, start: int, tokens: int, limit: int) -> int:
        """The offset at which `tokens` tokens from `start` end."""
        last = bisect_right(self.ends, start) + tokens - 1
        return min(limit, self.ends[last]) if last < len(self.ends) else limit


class _Writer:
    """Turns packed blocks into chunks with their context."""

    def __init__(self, document: Document, offsets: Offsets, settings: SplitSettings) -> None:
        self.document = document
        self.offsets = offsets
        self.settings = settings

    def room(self, path: tuple[Block, ...], block: Block) -> int:
        """Tokens left for text beside the context."""
        context = self.context(path, block)
        return max(16, self.settings.window - SPECIAL_TOKENS - (len(self.offsets(context)) if context else 0))

    def context(self, path: tuple[Block, ...], first: Block) -> str:
        """Title, heading path and a table's repeated header, at most `settings.context` tokens."""
        titles = [self.document.title, *(heading.title for heading in path)]
        parts = [title for index, title in enumerate(titles) if title and title not in titles[:index]]
        context = elide(" › ".join(parts), self.offsets, self.settings.context)
        if first.header is not None:
            header = self.document.text[slice(*first.header)]
            context = elide(f"{context}\n{header}", self.offsets, self.settings.context)
        return context

    def write(self, packed: list[Block], path: tuple[Block, ...], ruler: _Ruler) -> Iterator[Chunk]:
        first = packed[0]
        room = self.room(path, first)  # the path may have changed while headings were packed
        headings = tuple(heading.title for heading in path)
        base = Chunk(
            document=self.document.name,
            start=first.start,
            end=packed[-1].end,
            text="",
            context=self.context(path, first),
            title=self.document.title,
            headings=headings,
        )
        text = self.document.text
        for span in fit(text, base.start, base.end, room, ruler.count, ruler.cut, first.kind == "code"):
            for start, end in self.measured(*span, room):
                yield replace(base, start=start, end=end, text=text[start:end], page=self.page(start))

    def measured(self, start: int, end: int, room: int) -> Iterator[Span]:
        """The span, halved as often as it must be: cut inside a word, as in Hangul, it may be more tokens alone."""
        text = self.document.text
        whole = not (_inside_word(text, start) or _inside_word(text, end))
        if whole or end - start < 2 or len(self.offsets(text[start:end])) <= room:
            yield start, end
        else:
            half = (start + end) // 2
            space = max(text.rfind(" ", start + 1, half), text.rfind("\n", start + 1, half))
            middle = space if space > start else half
            for part in (trimmed(text, start, middle), trimmed(text, middle, end)):
                yield from self.measured(*part, room)

    def page(self, start: int) -> int | None:
        starts = [page.start for page in self.document.pages]
        index = bisect_right(starts, start) - 1
        return self.document.pages[index].number if index >= 0 else None


def fit(
    text: str,
    start: int,
    end: int,
    room: int,
    count: Callable[[int, int], int],
    cut: Callable[[int, int, int], int],
    by_lines: bool = False,
) -> Iterator[Span]:
    """`[start, end)` in spans of at most `room` tokens, cut between sentences (or lines), only then between words."""
    if count(start, end) <= room:
        yield trimmed(text, start, end)
        return
    begin = start
    reached = start
    for _, stop in _lines(text, start, end) if by_lines else sentences(text, start, end):
        if count(begin, stop) > room and reached > begin:
            yield trimmed(text, begin, reached)
            begin = reached
        while count(begin, stop) > room:
            at = cut(begin, room, stop)
            space = max(text.rfind(" ", begin + 1, at + 1), text.rfind("\n", begin + 1, at + 1))
            at = space if space > begin + (at - begin) // 2 else at
            yield trimmed(text, begin, at)
            begin, _ = trimmed(text, at, stop)
        reached = stop
    if reached > begin:
        span = trimmed(text, begin, reached)
        if span[0] < span[1]:
            yield span


def elide(text: str, offsets: Offsets, limit: int) -> str:
    """`text` with its middle left out, so that it is at most `limit` tokens long."""
    spans = offsets(text)
    if len(spans) <= limit:
        return text
    for kept in range(limit - 1, 1, -1):  # fewer only where a word that is cut becomes more tokens
        head = kept // 2
        elided = f"{text[: spans[head - 1][1]]} … {text[spans[head - kept][0] :]}"
        if len(offsets(elided)) <= limit:
            return elided
    return "…"


def _inside_word(text: str, position: int) -> bool:
    """Whether the tokenizer may see one word on both sides of an offset."""
    around = text[max(0, position - 1) : position + 1]
    return len(around) == 2 and not any(letter in " \t\n" for letter in around)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop + 1
        yield start, stop
        start = stop


def _only_headings(packed: list[Block]) -> bool:
    return all(block.kind == "heading" for block in packed)


def _common(first: tuple[Block, ...], second: tuple[Block, ...]) -> tuple[Block, ...]:
    shared = []
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        shared.append(left)
    return tuple(shared)
