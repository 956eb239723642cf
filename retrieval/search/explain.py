"""Why does a passage stand where it stands, and why is a document not among the hits?

Everything is told from within the scope: a document outside it is answered for as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ingest.model import Chunk
from retrieval.lexical.postings import Slots
from retrieval.model import EVERYTHING, Hit, Mode, Scope
from retrieval.search.candidates import Asked, cosines, nearest
from retrieval.search.collapse import Shown
from retrieval.search.fuse import Leg, Rows, Values, ranked
from retrieval.search.hybrid import HybridSearch, says_something
from retrieval.search.ranking import Ranking

Fate = Literal["shown", "unknown", "erased", "empty", "depth", "fusion", "reranking", "collapsed"]

_DEEPEST = 10_000  # how far down the dense leg a passage's place is looked for


@dataclass(frozen=True, slots=True)
class Said:
    """What one leg said of a passage.

    `rank` is its place in that leg within the scope, None where the leg does not rank it (no word is shared) or it
    stands below what was looked at; `scaled` is the score as it was fused, None where legs were not fused; `least` is
    the score of the last passage that the leg handed on.
    """

    score: float
    rank: int | None
    scaled: float | None
    least: float


@dataclass(frozen=True, slots=True)
class Matched:
    """A term of the query that stands in a passage: its idf over the whole index, and what it adds to the score."""

    term: str
    idf: float
    adds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a passage's score comes from.

    `rank` is its place among `candidates`, near-duplicates counted, `rank_before` the one before reranking; both are
    None for a passage that neither leg handed on. `features` are what a learned score is made of, empty where a formula
    made it: then it is what the legs' `scaled` scores make with `weight`, the dense leg's share. The score of a passage
    that was taken from further down, where copies filled the legs, is no higher than the last one above.
    """

    dense: Said | None
    lexical: Said | None
    weight: float | None
    score: float | None
    rank: int | None
    rank_before: int | None
    reranked: float | None
    candidates: int
    terms: tuple[Matched, ...]
    features: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a document: its fate, and where its best passage stands.

    `shown_at` is the place of the hit that shows it or (`collapsed`) its nearly equal passage; `needed` the score of
    the last hit shown, which it would have had to beat.
    """

    document: str
    fate: Fate
    passage: Chunk | None = None
    standing: Standing | None = None
    shown_at: int | None = None
    needed: float | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The hits, for each where its score came from, and the account of the document that was asked for."""

    hits: tuple[Hit, ...]
    standings: tuple[Standing, ...]
    document: Account | None = None


def explain(
    search: HybridSearch,
    query: str,
    *,
    k: int = 10,
    scope: Scope = EVERYTHING,
    mode: Mode = "hybrid",
    document: str | None = None,
) -> Explanation:
    """The same hits as of `search(query, …)`, explained; and what became of `document`, where something was asked."""
    if not says_something(query) or k < 1:
        return Explanation((), ())
    asked = search.read(query, scope, mode)
    ranking, shown = search.filled(asked, search.ranking(asked), k=k)
    hits = search.hits(asked, ranking, shown)
    standings = tuple(_standing(search, asked, ranking, _slot(ranking, one)) for one in shown)
    account = _account(search, asked, ranking, shown, hits, document) if document is not None else None
    return Explanation(tuple(hits), standings, account)


def _slot(ranking: Ranking, one: Shown[int]) -> int:
    return int(ranking.found.slots[one.passage])


def _account(
    search: HybridSearch, asked: Asked, ranking: Ranking, shown: Sequence[Shown[int]], hits: Sequence[Hit], name: str
) -> Account:
    version = search.version
    held = version.content.document(name)
    seen = asked.scope.is_everything or (held and asked.scope.admits(held.labels, held.metadata))
    if seen and name in version.erased_now():
        return Account(name, "erased")
    if held is None or not seen:
        return Account(name, "unknown")
    chunks = version.content.chunks_of(name)
    if not chunks:
        return Account(name, "empty")
    slots = version.postings.ordinals([chunk.id for chunk in chunks])
    best = _best(search, asked, ranking, slots)
    passage = chunks[slots.tolist().index(best)]
    last = hits[-1].score if hits else None
    for place, (one, hit) in enumerate(zip(shown, hits, strict=True), start=1):
        if name == hit.chunk.document:
            return Account(name, "shown", hit.chunk, _standing(search, asked, ranking, _slot(ranking, one)), place)
    standing = _standing(search, asked, ranking, best)
    for place, hit in enumerate(hits, start=1):
        if name in hit.duplicates:
            return Account(name, "collapsed", passage, standing, place)
    if standing.rank is None:
        return Account(name, "depth", passage, standing, needed=last)
    before = replace(ranking, order=np.arange(len(ranking.found)))
    moved = before.is_reranked and any(_shows(one, name) for one in search.shown(before, k=len(hits)))
    return Account(name, "reranking" if moved else "fusion", passage, standing, needed=last)


def _shows(one: Shown[int], name: str) -> bool:
    return name in {one.chunk.document, *(other.document for other in one.others)}


def _best(search: HybridSearch, asked: Asked, ranking: Ranking, slots: Slots) -> int:
    """The passage that came nearest to being shown: by its place, else by cosine, or by BM25 where that alone is."""
    placed = ranking.found.slots[ranking.order]
    if len(found := placed[np.isin(placed, slots)]):
        return int(found[0])
    slots = search.version.postings.by_id(slots)
    words = search.version.postings.scored(asked.terms or (), slots).astype(np.float64)
    near = cosines(search.version, asked.vector, slots) if asked.vector is not None else words
    return int(slots[ranked(near, words)[0]])


def _standing(search: HybridSearch, asked: Asked, ranking: Ranking, slot: int) -> Standing:
    found, fused, by = ranking.found, ranking.fused, search.learned
    row = next(iter(np.flatnonzero(found.slots == slot).tolist()), None)
    told = ranking.features_of(row) if row is not None else None
    return Standing(
        dense=_dense(search, asked, ranking, slot, _at(fused.dense if fused else None, row)),
        lexical=_lexical(search, asked, ranking, slot, _at(fused.lexical if fused else None, row)),
        weight=_at(fused.weights if fused else None, row),
        score=_at(ranking.scores, row),
        rank=None if row is None else ranking.order.tolist().index(row) + 1,
        rank_before=None if row is None else row + 1,
        reranked=None if row is None else ranking.reranking(row),
        candidates=len(found),
        terms=_matched(search, asked, slot),
        features=by.adds(told) if by and told else {},
    )


def _at(values: Values | None, row: int | None) -> float | None:
    return None if values is None or row is None else float(values[row])


def _dense(search: HybridSearch, asked: Asked, ranking: Ranking, slot: int, scaled: float | None) -> Said | None:
    leg, slots = ranking.found.dense, ranking.found.slots
    if leg is None or asked.vector is None:
        return None
    found = slots[_in_leg(search, ranking, leg)].tolist()
    if slot not in found and len(found) >= ranking.depth:
        found = list(nearest(search.version, asked, max(_DEEPEST, ranking.depth)))
    among = leg.scores[slots == slot]
    score = among[0] if len(among) else cosines(search.version, asked.vector, np.array([slot]))[0]
    rank = found.index(slot) + 1 if slot in found else None
    return Said(float(score), rank, scaled, _least(leg))


def _lexical(search: HybridSearch, asked: Asked, ranking: Ranking, slot: int, scaled: float | None) -> Said | None:
    leg, postings = ranking.found.lexical, search.version.postings
    if leg is None or asked.terms is None:
        return None
    score = postings.scored(asked.terms, np.array([slot]))[0]
    found = ranking.found.slots[_in_leg(search, ranking, leg)].tolist()
    rank = found.index(slot) + 1 if slot in found else None
    if rank is None and score > 0:
        better = postings.scores(asked.terms) > score
        rank = int(np.count_nonzero(better if asked.mask is None else better & asked.mask)) + 1
    return Said(float(score), rank, scaled, _least(leg))


def _in_leg(search: HybridSearch, ranking: Ranking, leg: Leg) -> Rows:
    """A leg's own candidates, best first, equal ones in the order of their ids."""
    ids = np.array(search.version.postings.ids(ranking.found.slots))
    order = np.lexsort((ids, -leg.scores))
    return order[leg.own[order]]


def _least(leg: Leg) -> float:
    return float(leg.found.min()) if len(leg.found) else 0.0


def _matched(search: HybridSearch, asked: Asked, slot: int) -> tuple[Matched, ...]:
    """The query's terms that the passage holds, weightiest first."""
    terms = asked.terms or ()
    adds = search.version.postings.impacts(terms, np.array([slot]))[:, 0].tolist()
    matched = [Matched(term.text, term.idf, each) for term, each in zip(terms, adds, strict=True) if each > 0]
    return tuple(sorted(matched, key=lambda match: (-match.adds, match.term)))
