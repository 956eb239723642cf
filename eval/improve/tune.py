"""Which settings of the search answer this gold best, and is the gain more than chance? By cross-validation.

Each question's legs are read once; every setting is then a matter of arithmetic over the same candidates. What is
reported is never the figure of the setting on the questions that chose it: each fold is answered with the setting that
the other folds chose (Stone 1974), and the gain over the settings in force is tested on those answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from eval.gold.gold import BadGold, Corpus, Gold
from eval.gold.resolve import ResolvedQuery, resolve
from eval.measure.compare import FIRST, SIGNIFICANT
from eval.measure.evaluate import by_document
from eval.measure.metrics import ndcg
from eval.measure.stats import Difference, difference, fold_of
from eval.measure.versions import OnProgress
from retrieval.model import EVERYTHING
from retrieval.search.candidates import Candidates, candidates
from retrieval.search.collapse import originals
from retrieval.search.fuse import Flags, Fused, Leg, Values, fuse, ranked, shares
from retrieval.search.hybrid import HybridSearch, says_something
from retrieval.search.order import learned
from retrieval.search.rerank import above
from retrieval.search.searcher import Searcher
from retrieval.search.settings import Fusion, SearchSettings

LEAST = 10  # queries, of which two are held out at a time
WEIGHTS = tuple(round(step / 20, 2) for step in range(21))
DEPTHS = (50, 100, 200, 400)
_DEFAULT = SearchSettings()


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be chosen without a new index; `reranked` is whether the cross-encoder that is set is asked."""

    fusion: Fusion = _DEFAULT.fusion
    dense_weight: float = _DEFAULT.dense_weight
    depth: int = _DEFAULT.depth
    reranked: bool = False

    def __str__(self) -> str:
        said = f'fusion = "{self.fusion}", dense_weight = {self.dense_weight:g}, depth = {self.depth}'
        return f"{said}, reranked" if self.reranked else said

    @property
    def values(self) -> dict[str, str | float | None]:
        """As settings are written; None for one that is to be taken out."""
        written: dict[str, str | float | None] = {
            "fusion": self.fusion,
            "dense_weight": self.dense_weight,
            "depth": self.depth,
        }
        return written if self.reranked else {**written, "reranker": None}


@dataclass(frozen=True, slots=True)
class Legs:
    """What both legs say of one question's candidates, and the document of each by its slot.

    Those that are `foreign` have at most `foreign_weight`; `rerank` gives what the cross-encoder says of chunks, of
    which it reads the first `rerank_depth`. `originals` names, for chunks inside archives, those of plain files that
    say the same. `learned` gives the scores of the learned order, where there is one for the encoder.
    """

    found: Candidates
    documents: Mapping[int, str]
    foreign: Flags
    foreign_weight: float = 0.0
    rerank: Callable[[Sequence[int]], Mapping[int, float]] = lambda _: {}
    rerank_depth: int = 0
    originals: Mapping[int, Sequence[int]] = field(default_factory=dict)
    learned: Callable[[Candidates, Fused, Flags], Values] | None = None

    @property
    def legs(self) -> tuple[Leg, Leg]:
        """The dense and the lexical one."""
        assert self.found.dense is not None
        assert self.found.lexical is not None
        return self.found.dense, self.found.lexical

    def first(self, depth: int) -> Legs:
        """The same, had each leg been asked for `depth` candidates."""
        dense, lexical = self.legs
        near, matching = dense.first(depth), lexical.first(depth)
        found = replace(self.found, dense=replace(dense, own=near), lexical=replace(lexical, own=matching))
        rows = np.flatnonzero(near | matching)
        return replace(self, found=found.at(rows), foreign=self.foreign[rows])


@dataclass(frozen=True, slots=True)
class Tuned:
    """The setting that all questions together prefer, and what choosing so gains on questions that did not choose.

    `gain` compares the settings in force (`a`) with the folds' choices (`b`). `is_worth_it` is whether that is beyond
    chance; `choices` are the settings that the folds chose, the more of them differ the less it means.
    """

    queries: int
    before: Setting
    after: Setting
    gain: Difference
    choices: tuple[Setting, ...]
    grid: Mapping[Setting, float]

    @property
    def is_worth_it(self) -> bool:
        """Nothing is claimed inside the noise."""
        return self.gain.mean > 0 and self.gain.p < SIGNIFICANT

    @property
    def said(self) -> str:
        """The outcome in a sentence or two."""
        gained = f"{FIRST} {self.gain.mean:+.3f} ({self.gain.low:+.3f} to {self.gain.high:+.3f}, p = {self.gain.p:.4f})"
        if self.after == self.before:
            return (
                f"Of {len(self.grid)} settings none is better than those in force by more than one standard error: "
                f"{self.before}."
            )
        if self.is_worth_it:
            agree = sum(choice == self.after for choice in self.choices)
            return (
                f"{self.after} is better: choosing so gains {gained} on {self.queries} questions that had no part in "
                f"the choice; {agree} of {len(self.choices)} parts of the gold alone chose the same."
            )
        return (
            f"Nothing beyond chance: {self.after} would give {gained}; {self.gain.could_show}. "
            "Keep the settings in force, or write more gold."
        )

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "schema": 1,
            "queries": self.queries,
            "before": {"settings": self.before.values, FIRST: self.gain.a},
            "after": {"settings": self.after.values},
            "held_out": {FIRST: self.gain.b},
            "settings": self.after.values,
            "gain": self.gain.as_json(),
            "worth_it": self.is_worth_it,
            "said": self.said,
            "folds": [choice.values for choice in self.choices],
            "grid": [{**setting.values, FIRST: mean} for setting, mean in self.grid.items()],
        }


def settings(before: Setting) -> Iterator[Setting]:
    """What is tried: the learned order, every formula and weight at the depth in force, and the convex one at others.

    Each with the cross-encoder and without it, where one is in force.
    """
    for reranked in dict.fromkeys((before.reranked, False)):
        yield from (
            Setting(fusion, weight, before.depth, reranked)
            for fusion in ("convex", "dbsf", "rrf")
            for weight in WEIGHTS
        )
        yield from (
            Setting("convex", weight, depth, reranked)
            for depth in DEPTHS
            if depth != before.depth
            for weight in WEIGHTS[::2]
        )
        yield Setting("learned", before.dense_weight, before.depth, reranked)


def tune(
    legs: Callable[[str], Legs],
    gold: Gold,
    corpus: Corpus,
    *,
    before: Setting,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Tuned:
    """The best of `settings` on the answerable queries; `legs` reads as deep as the deepest of them.

    The same question under several ids is held out as one. Raises `BadGold` for gold that is too small, or has no
    questions.
    """
    queries = resolve(gold, corpus).queries
    if any(not query.question for query in queries):
        raise BadGold("The gold holds no questions to ask; put queries.tsv (id, tab, question) beside the qrels.")
    if len({query.question for query in queries}) < LEAST:
        raise BadGold(f"The gold holds fewer than {LEAST} answerable questions; write more before you tune on it.")
    tried = list(dict.fromkeys((before, *settings(before))))
    values = np.zeros((len(tried), len(queries)))
    for place, query in enumerate(queries):
        read = legs(query.question)
        cut = {depth: read.first(depth) for depth in {setting.depth for setting in tried}}
        values[:, place] = [_value(cut[setting.depth], setting, query) for setting in tried]
        on_progress(place + 1, len(queries))
    folds = fold_of([query.question for query in queries], seed=seed)
    chosen = {fold: _best(tried, values[:, folds != fold]) for fold in np.unique(folds).tolist()}
    held_out = np.array([values[chosen[int(fold)], place] for place, fold in enumerate(folds)])
    after = _best(tried, values)
    return Tuned(
        queries=len(queries),
        before=before,
        after=tried[after],
        gain=difference(values[0].tolist(), held_out.tolist()),
        choices=tuple(tried[choice] for choice in chosen.values()),
        grid={setting: float(row.mean()) for setting, row in zip(tried, values, strict=True)},
    )


def apply(read: Legs, setting: Setting, kept: Container[str] = ()) -> list[str]:
    """The documents in the order that a setting gives them, by their best chunk; `read` is of the setting's depth.

    A plain file takes the place of its copy inside an archive, unless that is `kept`.
    """
    dense, lexical = read.legs
    weights = shares(read.foreign, setting.dense_weight, read.foreign_weight)
    fused = fuse(setting.fusion, dense, lexical, weights=weights)
    values = fused.scores
    if setting.fusion == "learned" and read.learned is not None:
        values = read.learned(read.found, fused, read.foreign)
    slots = read.found.slots.tolist()
    if setting.reranked:
        order = [slots[row] for row in ranked(values, dense.scores)]
        said = read.rerank(order[: read.rerank_depth])
        rows = [row for row, slot in enumerate(slots) if slot in said]
        highest, values = values.max(initial=0.0), values.copy()
        values[rows] = above(highest, np.array([said[slots[row]] for row in rows]))
    scores = dict(zip(slots, values.tolist(), strict=True))

    def counted(slot: int) -> str:
        own = read.documents[slot]
        plain = (read.documents[other] for other in read.originals.get(slot, ()) if other in scores)
        return own if own in kept else next(plain, own)

    found = by_document((counted(slot), score) for slot, score in scores.items() if slot in read.documents)
    return [each.document for each in found]


def _value(read: Legs, setting: Setting, query: ResolvedQuery) -> float:
    return ndcg(apply(read, setting, query.grades), query.grades, 10)


def _best(tried: Sequence[Setting], values: np.ndarray[Any, np.dtype[np.float64]]) -> int:
    """The setting nearest to the one in force, which stands first, among those that are as good as the best.

    As good: not worse by more than one standard error of the difference (Breiman et al. 1984), so that of many settings
    that differ by chance the one that changes least is taken.
    """
    best = values[int(np.argmax(values.mean(axis=1)))]
    behind = best - values
    error = behind.std(axis=1, ddof=1) / math.sqrt(values.shape[1])
    as_good: list[int] = np.flatnonzero(behind.mean(axis=1) <= error + 1e-12).tolist()

    def change(place: int) -> tuple[bool, bool, bool, float]:
        now, then = tried[0], tried[place]
        weight = abs(then.dense_weight - now.dense_weight)
        return then.reranked != now.reranked, then.fusion != now.fusion, then.depth != now.depth, weight

    return min(as_good, key=change)


def tuned(searcher: Searcher, gold: Gold, *, on_progress: OnProgress | None = None) -> Tuned:
    """The search settings that answer gold best on the live version; the index stays as it is."""
    with closing(searcher.open()) as version:
        search = searcher.search(version)
        told = search.settings
        before = Setting(told.fusion, told.dense_weight, told.depth, search.reranker is not None)
        read = partial(read_legs, search, max(told.depth, *DEPTHS))
        return tune(read, gold, version, before=before, on_progress=on_progress or (lambda *_: None))


def read_legs(search: HybridSearch, depth: int, question: str) -> Legs:
    """Everything that the settings which are tried make of one question."""
    postings, by = search.version.postings, learned(search.encoder.identity)
    asked = search.read(question, EVERYTHING, "hybrid")
    if not says_something(question):
        asked = search.without(asked, search.version.names())
    found = candidates(search.version, asked, depth)
    slots, ids = found.slots.tolist(), postings.ids(found.slots)
    read: dict[int, float] = {}  # by the cross-encoder, for whichever setting came first

    def reranked(wanted: Sequence[int]) -> dict[int, float]:
        read.update(search.reranked(question, np.array([slot for slot in wanted if slot not in read], dtype=np.int64)))
        return {slot: read[slot] for slot in wanted if slot in read}

    def ordered(found: Candidates, fused: Fused, foreign: Flags) -> Values:
        assert by is not None
        terms = asked.terms or ()
        return by(found, fused, terms, foreign, partial(postings.scored_whole, terms)).scores

    chunks = search.version.content.chunks(ids)
    slot_of = dict(zip(ids, slots, strict=True))
    plain = originals(chunks.values(), lambda: (chunks[id] for id in ids if id in chunks))
    return Legs(
        found,
        {slot_of[id]: chunk.document for id, chunk in chunks.items()},
        search.foreign(found.slots),
        search.settings.foreign_dense_weight,
        reranked,
        search.settings.rerank_depth,
        {slot_of[id]: [slot_of[chunk.id] for chunk in others] for id, others in plain.items()},
        ordered if by else None,
    )
