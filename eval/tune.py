"""Which settings of the search answer this gold best, and is the gain more than chance? By cross-validation.

Each question's legs are read once; every setting is then a matter of arithmetic over the same candidates. What is
reported is never the figure of the setting on the questions that chose it: each fold is answered with the setting that
the other folds chose (Stone 1974), and the gain over the settings in force is tested on those answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.compare import SIGNIFICANT
from eval.gold import Corpus, Gold
from eval.metrics import ndcg
from eval.resolve import ResolvedQuery, resolve
from eval.stats import Difference, difference
from retrieval.fuse import Fusion, Leg, fuse, ranked

FOLDS = 5
METRIC = "nDCG@10"
WEIGHTS = tuple(round(step / 20, 2) for step in range(21))


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be chosen without a new index."""

    fusion: Fusion = "convex"
    dense_weight: float = 0.5

    def __str__(self) -> str:
        return f'fusion = "{self.fusion}", dense_weight = {self.dense_weight:g}'


@dataclass(frozen=True, slots=True)
class Legs:
    """What both legs say of one question's candidates, and the document of each."""

    dense: Leg
    lexical: Leg
    documents: Mapping[str, str]
    foreign: frozenset[str] = frozenset()


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
        gained = (
            f"{METRIC} {self.gain.mean:+.3f} ({self.gain.low:+.3f} to {self.gain.high:+.3f}, p = {self.gain.p:.4f})"
        )
        if self.after == self.before:
            return f"The settings in force are the best of {len(self.grid)} that were tried: {self.before}."
        if self.is_worth_it:
            return f"{self.after} is better: {gained} on {self.queries} questions that did not choose it."
        return (
            f"Nothing beyond chance: {self.after} would give {gained}; a true gain of {self.gain.detectable:.3f} would "
            "have shown four times in five. Keep the settings in force, or write more gold."
        )

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        gain = {
            **asdict(self.gain),
            "detectable": self.gain.detectable if math.isfinite(self.gain.detectable) else None,
        }
        return {
            "schema": 1,
            "queries": self.queries,
            "before": {"settings": asdict(self.before), METRIC: self.gain.a},
            "after": {"settings": asdict(self.after), METRIC: self.gain.b},
            "gain": gain,
            "worth_it": self.is_worth_it,
            "said": self.said,
            "folds": [asdict(choice) for choice in self.choices],
            "grid": [{**asdict(setting), METRIC: mean} for setting, mean in self.grid.items()],
        }


def settings() -> Iterator[Setting]:
    """What is tried."""
    yield from (Setting(fusion, weight) for fusion in ("convex", "dbsf", "rrf") for weight in WEIGHTS)


def tune(
    legs: Callable[[str], Legs],
    gold: Gold,
    corpus: Corpus,
    *,
    before: Setting,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Tuned:
    """The best of `settings` on the answerable queries. Raises `ValueError` for fewer than two of them."""
    queries = resolve(gold, corpus).queries
    if len(queries) < 2:
        raise ValueError("there are too few queries to hold any of them out")
    tried = list(dict.fromkeys((before, *settings())))
    values = np.zeros((len(tried), len(queries)))
    for place, query in enumerate(queries):
        read = legs(query.question)
        values[:, place] = [_value(read, setting, query) for setting in tried]
        on_progress(place + 1, len(queries))
    folds = _folds(len(queries), seed)
    chosen = [_best(tried, values[:, folds != fold]) for fold in range(folds.max() + 1)]
    held_out = np.array([values[chosen[fold], place] for place, fold in enumerate(folds)])
    after = _best(tried, values)
    return Tuned(
        queries=len(queries),
        before=before,
        after=tried[after],
        gain=difference(values[0].tolist(), held_out.tolist()),
        choices=tuple(tried[choice] for choice in chosen),
        grid={setting: float(row.mean()) for setting, row in zip(tried, values, strict=True)},
    )


def apply(read: Legs, setting: Setting) -> list[str]:
    """The documents in the order that a setting gives them, by their best chunk."""
    weights = {id: 0.0 if id in read.foreign else setting.dense_weight for id in read.lexical.scores}
    fused = fuse(setting.fusion, read.dense, read.lexical, weights=weights)
    order = ranked(fused.scores, read.dense.scores)
    return list(dict.fromkeys(read.documents[id] for id in order if id in read.documents))


def _value(read: Legs, setting: Setting, query: ResolvedQuery) -> float:
    return ndcg(apply(read, setting), query.grades, 10)


def _best(tried: Sequence[Setting], values: np.ndarray[Any, np.dtype[np.float64]]) -> int:
    """The setting nearest to the one in force, which stands first, among those that are as good as the best.

    As good: not worse by more than one standard error of the difference (Breiman et al. 1984), so that of many settings
    that differ by chance the one that changes least is taken.
    """
    best = values[int(np.argmax(values.mean(axis=1)))]
    behind = best - values
    error = behind.std(axis=1, ddof=1) / math.sqrt(values.shape[1])
    as_good: list[int] = np.flatnonzero(behind.mean(axis=1) <= error + 1e-12).tolist()

    def change(place: int) -> tuple[bool, float]:
        return tried[place].fusion != tried[0].fusion, abs(tried[place].dense_weight - tried[0].dense_weight)

    return min(as_good, key=change)


def _folds(queries: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    order = np.random.default_rng(seed).permutation(queries)
    return np.argsort(order) % min(FOLDS, queries)
