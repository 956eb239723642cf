"""Why does a passage stand where it stands, and why is a document not among the hits?

Everything is told from within the scope: a document outside it is answered for as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from ingest.model import Chunk
from retrieval.model import EVERYTHING, Hit, Mode, Scope
from retrieval.search.fuse import Leg, ranked
from retrieval.search.hybrid import Asked, HybridSearch, Ranking, says_something

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
    ranking, hits = search.filled(asked, search.ranking(asked), k=k)
    standings = tuple(_standing(search, asked, ranking, hit.chunk.id) for hit in hits)
    account = _account(search, asked, ranking, hits, document) if document is not None else None
    return Explanation(tuple(hits), standings, account)


def _account(search: HybridSearch, asked: Asked, ranking: Ranking, hits: Sequence[Hit], name: str) -> Account:
    version = search.version
    held = version.content.document(name)
    seen = asked.scope.is_everything or (held and asked.scope.admits(held.labels, held.metadata))
    if seen and name in version.erased_now():
        return Account(name, "erased")
    if held is None or not seen:
        return Account(name, "unknown")
    chunks = {chunk.id: chunk for chunk in version.content.chunks_of(name)}
    if not chunks:
        return Account(name, "empty")
    best = _best(search, asked, ranking, list(chunks))
    standing = _standing(search, asked, ranking, best)
    last = hits[-1].score if hits else None
    for place, hit in enumerate(hits, start=1):
        if name == hit.chunk.document:
            standing = _standing(search, asked, ranking, hit.chunk.id)
            return Account(name, "shown", hit.chunk, standing, place)
    for place, hit in enumerate(hits, start=1):
        if name in hit.duplicates:
            return Account(name, "collapsed", chunks[best], standing, place)
    if standing.rank is None:
        return Account(name, "depth", chunks[best], standing, needed=last)
    without = search.shown(replace(ranking, order=ranking.before), k=len(hits)) if ranking.reranked else []
    moved = any(_shows(hit, name) for hit in without)
    return Account(name, "reranking" if moved else "fusion", chunks[best], standing, needed=last)


def _shows(hit: Hit, name: str) -> bool:
    return name == hit.chunk.document or name in hit.duplicates


def _best(search: HybridSearch, asked: Asked, ranking: Ranking, ids: Sequence[str]) -> str:
    """The passage that came nearest to being shown: by its place, else by cosine, or by BM25 where that alone is."""
    of_these = set(ids)
    placed = next((id for id in ranking.order if id in of_these), None)
    if placed is not None:
        return placed
    scores = _lexical_scores(search, asked, ids) or dict.fromkeys(ids, 0.0)
    return ranked(_cosines(search, asked, ids) or scores, scores)[0]


def _standing(search: HybridSearch, asked: Asked, ranking: Ranking, id: str) -> Standing:
    fused = ranking.fused
    return Standing(
        dense=_dense(search, asked, ranking, id, fused.dense.get(id) if fused else None),
        lexical=_lexical(search, asked, ranking.lexical, id, fused.lexical.get(id) if fused else None),
        weight=fused.weights.get(id) if fused else None,
        score=ranking.scores.get(id),
        rank=_place(ranking.order, id),
        rank_before=_place(ranking.before, id),
        reranked=ranking.reranked.get(id),
        candidates=len(ranking.order),
        terms=_matched(search, asked, id),
        features=search.learned.adds(ranking.features[id]) if search.learned and id in ranking.features else {},
    )


def _place(order: Sequence[str], id: str) -> int | None:
    return order.index(id) + 1 if id in order else None


def _dense(search: HybridSearch, asked: Asked, ranking: Ranking, id: str, scaled: float | None) -> Said | None:
    leg = ranking.dense
    if leg is None:
        return None
    found = ranked(leg.found)
    if id not in leg.own and len(found) >= ranking.depth:
        found = ranked(search.nearest(asked, max(_DEEPEST, ranking.depth)))
    score = leg.scores[id] if id in leg.scores else _cosines(search, asked, [id])[id]
    return Said(score, _place(found, id), scaled, min(leg.found.values(), default=0.0))


def _lexical(search: HybridSearch, asked: Asked, leg: Leg | None, id: str, scaled: float | None) -> Said | None:
    if leg is None or asked.words is None:
        return None
    score = _lexical_scores(search, asked, [id])[id]
    rank = _place(ranked(leg.found), id)
    if rank is None and score > 0:
        scores = search.version.postings.scores(asked.words)
        better = scores > np.float32(score)
        rank = int(np.count_nonzero(better if asked.mask is None else better & asked.mask)) + 1
    return Said(score, rank, scaled, min(leg.found.values(), default=0.0))


def _matched(search: HybridSearch, asked: Asked, id: str) -> tuple[Matched, ...]:
    """The query's terms that the passage holds, weightiest first."""
    postings, words = search.version.postings, asked.words or ()
    found = [(term, postings.scored([term] * words.count(term), [id])[id]) for term in dict.fromkeys(words)]
    matched = [Matched(term, postings.idf(term), adds) for term, adds in found if adds > 0]
    return tuple(sorted(matched, key=lambda match: (-match.adds, match.term)))


def _lexical_scores(search: HybridSearch, asked: Asked, ids: Sequence[str]) -> dict[str, float]:
    return search.version.postings.scored(asked.words, ids) if asked.words is not None else {}


def _cosines(search: HybridSearch, asked: Asked, ids: Sequence[str]) -> dict[str, float]:
    return search.version.store.cosines(asked.vector, ids) if asked.vector is not None else {}
