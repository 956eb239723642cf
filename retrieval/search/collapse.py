"""Which hits say nothing that a better one does not say already?

A copy inside an archive gives way to the plain file that says the same, also where it scores higher.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ingest.model import Chunk
from ingest.names import is_packed
from retrieval.lexical.sameness import Key, key_of

Place = TypeVar("Place", bound=Hashable)

_AMONG = 50  # places from the first on, among which the plain file is looked for, whatever `k` is


@dataclass(frozen=True, slots=True)
class Shown(Generic[Place]):
    """A passage that is shown, and the others that say the same.

    `place` is whose place in the ranking it takes: a plain file's takes that of a better copy's inside an archive.
    """

    place: Place
    passage: Place
    chunk: Chunk
    others: list[Chunk]

    def given_way(self, passage: Place, chunk: Chunk) -> Shown[Place]:
        """Itself, or where it lies in an archive the passage of a plain file, in its place."""
        if passage == self.passage or not is_packed(self.chunk.document):
            return self
        return Shown(self.place, passage, chunk, [other for other in (self.chunk, *self.others) if other != chunk])


def collapse(
    ranking: Sequence[Place],
    load: Callable[[Sequence[Place]], Mapping[Place, Chunk]],
    *,
    k: int,
    keep: bool = False,
    key: Callable[[Place, Chunk], object] = lambda _, chunk: key_of(chunk),
) -> list[Shown[Place]]:
    """The first `k` passages that differ, going down the ranking, each with those nearly equal that it met.

    `load` gives chunks by what the ranking holds; those that it does not know are passed over. It is asked for `k`, and
    for as many again as it gave as long as these are not enough. `key` is equal for what is nearly equal. `keep` takes
    every passage as it comes.
    """
    shown: list[Shown[Place]] = []
    places: dict[object, int] = {}
    position = 0
    while len(shown) < k and position < len(ranking):
        part = ranking[position : position + max(k - len(shown), position)]
        position += len(part)
        found = load(part)
        for each, chunk in ((each, found[each]) for each in part if each in found):
            place = len(shown) if keep else places.setdefault(key(each, chunk), len(shown))
            if place == len(shown):
                shown.append(Shown(each, each, chunk, []))
            else:
                shown[place].others.append(chunk)
            if len(shown) == k:
                break
    if keep or not any(is_packed(one.chunk.document) for one in shown):
        return shown
    among = ranking[: max(_AMONG, position)]
    found = load(among)
    plain: dict[object, tuple[Place, Chunk]] = {}
    for each, chunk in ((each, found[each]) for each in among if each in found):
        if not is_packed(chunk.document):
            plain.setdefault(key(each, chunk), (each, chunk))
    return [one.given_way(*plain.get(key(one.passage, one.chunk), (one.passage, one.chunk))) for one in shown]


def originals(chunks: Iterable[Chunk], among: Callable[[], Iterable[Chunk]]) -> dict[str, list[Chunk]]:
    """The plain files' passages `among` others that say the same as each of these inside an archive, by its id.

    What lies in no archive, or only there, has none.
    """
    copies = {chunk.id: key_of(chunk) for chunk in chunks if is_packed(chunk.document)}
    plain: dict[Key, list[Chunk]] = defaultdict(list)
    for chunk in among() if copies else ():
        if not is_packed(chunk.document):
            plain[key_of(chunk)].append(chunk)
    return {id: plain[key] for id, key in copies.items() if key in plain}


def duplicates(chunk: Chunk, others: Iterable[Chunk]) -> tuple[str, ...]:
    """The names of the documents whose passages are shown as `chunk`, each once, without its own."""
    return tuple(dict.fromkeys(other.document for other in others if other.document != chunk.document))
