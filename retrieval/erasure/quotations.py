"""Does an event of the journal name an erased document, or quote it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from retrieval.erasure.proofs import Proofs, Sequence_, found_in, sequences, sequences_of, words_of


class Quotations:
    """What tells that an event's content came of a document: its name, or words that it alone held.

    Of a text that is still there every sequence is looked for, `elsewhere` saying whether another document holds it
    too; of one that is gone, those that were kept as proofs.
    """

    def __init__(
        self,
        names: Collection[str],
        texts: Sequence[str],
        elsewhere: Callable[[Sequence[str]], bool],
        proofs: Collection[Proofs],
    ) -> None:
        either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        self._names = re.compile(rf"(?<![\w/.-])(?:{either})(?![\w/-]|\.\w)")
        self._sequences: set[Sequence_] = {found for text in texts for found in sequences_of(text)}
        self._elsewhere, self._proofs = elsewhere, proofs

    def __call__(self, content: Mapping[str, Any]) -> bool:
        return any(self._told(text) for text in _texts(content))

    def _told(self, text: str) -> bool:
        if self._names.search(text) or found_in(text, self._proofs):
            return True
        if not self._sequences:
            return False
        return any(found in self._sequences and not self._elsewhere(found) for found in sequences(words_of(text)))


def _texts(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
