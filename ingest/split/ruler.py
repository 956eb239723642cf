"""How many of the encoder's tokens lie between two offsets of a text?"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from ingest.split.sentences import Span

Offsets = Callable[[str], Sequence[Span]]
"""The spans of an encoder's own tokens in a text."""

_PART = 250_000  # letters that are tokenized at once: a tokenizer's own lists take a hundred times their room


class Ruler:
    """The tokens of a text in eight bytes each."""

    def __init__(self, text: str, offsets: Offsets) -> None:
        self._starts, self._ends = array("I"), array("I")
        for begin, stop in _parts(text):
            spans = [span for span in offsets(text[begin:stop]) if span[0] < span[1]]
            self._starts.extend([begin + start for start, _ in spans])
            self._ends.extend([begin + end for _, end in spans])

    def first(self, start: int) -> int:
        """The number of the first token that is not wholly before `start`."""
        return bisect_right(self._ends, start)

    def last(self, end: int) -> int:
        """The number of the token behind the last one that begins before `end`."""
        return bisect_left(self._starts, end)

    def count(self, start: int, end: int) -> int:
        """How many tokens `[start, end)` touches."""
        return max(0, self.last(end) - self.first(start))

    def reach(self, start: int, tokens: int, limit: int) -> int:
        """The offset at which `tokens` tokens from `start` end, at most `limit`."""
        last = self.first(start) + tokens - 1
        return min(limit, self._ends[last]) if last < len(self._ends) else limit


def _parts(text: str) -> Iterator[Span]:
    """Stretches that end with a line, else with a word, so that no token is cut if it can be helped."""
    begin = 0
    while begin < len(text):
        stop = begin + _PART
        if stop < len(text):
            cuts = (text.rfind(mark, begin + _PART // 2, stop) + 1 for mark in ("\n", " "))
            stop = next((cut for cut in cuts if cut), stop)
        yield begin, min(stop, len(text))
        begin = stop
