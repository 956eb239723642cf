"""Where are the breaks between chunks best put, when many small pieces must be packed into a few large ones?

As a printer breaks a paragraph into lines (Knuth & Plass 1981): not greedily, but so that over a whole stretch the
chunks are as even as they can be and begin where a reader would begin. No full chunk leaves a stump behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.split.block import Block

_STRETCH = 512  # pieces that are weighed together, so that memory does not grow with the document
_SETTLED = 2  # of how many chunks at a stretch's end the breaks may still move with what follows


@dataclass(frozen=True, slots=True)
class Piece:
    """What is never cut: a span of text, the spans of tokens that it holds, and what a break before it costs.

    `room` is how many tokens a chunk may have that begins with it; `path` holds the headings that it stands under.
    """

    start: int
    end: int
    first: int
    last: int
    room: int
    cost: float
    block: Block
    path: tuple[Block, ...]


def pack(pieces: Iterable[Piece], target: int) -> Iterator[list[Piece]]:
    """The pieces, in order, as chunks of about `target` tokens and never more than the room of their first piece."""
    waiting: list[Piece] = []
    for piece in pieces:
        waiting.append(piece)
        if len(waiting) >= _STRETCH:
            packed = _packed(waiting, target)
            settled = packed[:-_SETTLED] or packed[:1]
            yield from settled
            waiting = waiting[sum(map(len, settled)) :]
    if waiting:
        yield from _packed(waiting, target)


def _packed(pieces: list[Piece], target: int) -> list[list[Piece]]:
    """The cheapest way to cut a stretch: a chunk costs the square of what it misses the target by, a break its cost."""
    firsts = [piece.first for piece in pieces]
    rooms = [piece.room for piece in pieces]
    goals = [min(target, room) for room in rooms]
    widest = max(rooms)
    least = 0.0  # what the pieces before the present one cost at the least
    opened: list[float] = []  # what it costs to begin a chunk with each piece, and all before it
    begins: list[int] = []  # with which piece the chunk begins that each one ends
    for number, piece in enumerate(pieces):
        opened.append(least + piece.cost)
        last, begin = piece.last, number
        miss = 1 - (last - firsts[number]) / goals[number]
        least = opened[number] + miss * miss
        for first in range(number - 1, -1, -1):
            tokens = last - firsts[first]
            if tokens > rooms[first]:
                if tokens > widest:
                    break
                continue
            miss = 1 - tokens / goals[first]
            cost = opened[first] + miss * miss
            if cost < least:
                least, begin = cost, first
        begins.append(begin)
    packed: list[list[Piece]] = []
    end = len(pieces)
    while end:
        begin = begins[end - 1]
        packed.append(pieces[begin:end])
        end = begin
    return packed[::-1]
