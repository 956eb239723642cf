"""How is a document cut into chunks that an encoder reads whole and a reader understands alone?

Its blocks, and the sentences (lines, cells, words) of blocks that are too large, are packed into chunks of even size,
measured by the encoder's own tokens, that begin where a reader would begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.model import Chunk, Document, within
from ingest.split.block import Block
from ingest.split.blocks import blocks
from ingest.split.context import Contexts, Headings, common
from ingest.split.pack import Piece, pack
from ingest.split.pieces import between, cut
from ingest.split.ruler import Offsets, Ruler
from ingest.split.sentences import Span, trimmed

SPLITTER_VERSION = 3
SPECIAL_TOKENS = 2
_LEAST_ROOM = 16


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Sizes in the encoder's tokens. `window` holds special tokens, context and text together.

    `target` is what a chunk's text should come near: about one subject's worth. A vector that stands for two is near to
    neither, so a window is better not filled because it is there; all-MiniLM-L6-v2 was trained on texts of this length.
    """

    window: int = 256
    context: int = 64
    target: int = 128


def split(document: Document, offsets: Offsets, settings: SplitSettings = SplitSettings()) -> list[Chunk]:
    """The document's chunks in order; every word of its text is in exactly one of them.

    `offsets` gives the spans of the encoder's tokens in a text. Each chunk's text slices back: `text[start:end]`.
    """
    return list(_Splitter(document, offsets, settings).chunks())


class _Splitter:
    """The steps between a document's blocks and its chunks."""

    def __init__(self, document: Document, offsets: Offsets, settings: SplitSettings) -> None:
        self.document, self.text, self.offsets, self.settings = document, document.text, offsets, settings
        self.ruler = Ruler(document.text, offsets)
        self.contexts = Contexts(document, offsets, settings.context)

    def chunks(self) -> Iterator[Chunk]:
        for pieces in pack(self.pieces(), self.settings.target):
            yield from self.written(pieces)

    def pieces(self) -> Iterator[Piece]:
        """Every block in pieces that fit a chunk."""
        before: Block | None = None
        for block, path in _placed(map(self.seen, blocks(self.document))):
            room = self.room(self.contexts.of(path, block)[1])
            first = between(self.text, before, block)
            for number, (span, cost) in enumerate(cut(self.text, block, self.ruler, room)):
                tokens = self.ruler.first(span[0]), self.ruler.last(span[1])
                yield Piece(*span, *tokens, room, cost if number else first, block, path)
            before = block

    def seen(self, block: Block) -> Block:
        """The block, of which what nobody sees neither heads nor explains others."""
        if not self.document.unseen:
            return block
        if block.kind == "heading" and within(self.document.unseen, block.start, block.end):
            return Block(block.start, block.end)
        header, caption = (
            span and (None if within(self.document.unseen, *span) else span) for span in (block.header, block.caption)
        )
        return replace(block, header=header, caption=caption)

    def room(self, context: int) -> int:
        """Tokens left for text beside the context's."""
        return max(_LEAST_ROOM, self.settings.window - SPECIAL_TOKENS - context)

    def written(self, pieces: Sequence[Piece]) -> Iterator[Chunk]:
        """One chunk, with the context that holds for all of it; more where a cut within a word makes more tokens."""
        first, last = pieces[0], pieces[-1]
        path = first.path
        for piece in pieces:
            if piece.block.kind != "heading":
                path = common(path, piece.path)
        context, tokens = self.contexts.of(path, first.block)
        for start, end in self.measured(first.start, last.end, min(first.room, self.room(tokens))):
            yield Chunk(
                document=self.document.name,
                start=start,
                end=end,
                text=self.text[start:end],
                context=context,
                title=self.document.title,
                headings=tuple(heading.title for heading in path),
                page=self.document.page_at(start),
                page_label=self.document.label_at(start),
                unseen=within(self.document.unseen, start, end),
            )

    def measured(self, start: int, end: int, room: int) -> Iterator[Span]:
        """The span, halved as often as it must be: cut inside a word, as in Hangul, it may be more tokens alone."""
        fits = self.ruler.count(start, end) <= room
        whole = fits and not (_inside_word(self.text, start) or _inside_word(self.text, end))
        if whole or end - start < 2 or len(self.offsets(self.text[start:end])) <= room:
            yield start, end
        else:
            half = (start + end) // 2
            space = max(self.text.rfind(mark, start + 1, half) for mark in (" ", "\n"))
            middle = space if space > start else half
            for part in (trimmed(self.text, start, middle), trimmed(self.text, middle, end)):
                if part[0] < part[1]:
                    yield from self.measured(*part, room)


def _placed(found: Iterable[Block]) -> Iterator[tuple[Block, Headings]]:
    """Each block with the headings above it; a heading itself stands where what follows it stands."""
    path: Headings = ()
    waiting: list[Block] = []
    for block in found:
        if block.kind == "heading":
            path = (*(heading for heading in path if heading.level < block.level), block)
            waiting.append(block)
        else:
            for each in (*waiting, block):
                yield each, path
            waiting = []
    for each in waiting:
        yield each, path


def _inside_word(text: str, position: int) -> bool:
    """Whether the tokenizer may see one word on both sides of an offset."""
    around = text[max(0, position - 1) : position + 1]
    return len(around) == 2 and not any(letter in " \t\n" for letter in around)
