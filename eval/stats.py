"""How sure can we be of a mean over queries, and of a difference between two?

Queries are what is sampled: another set of questions of the same kind would have given other values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 2_000_000  # random numbers held at once: 16 MB, whatever the number of queries
_SAME = 1e-12  # two sums of the same numbers in another order differ by less


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the range that holds it in 95 % of samples (unless another level was asked for)."""

    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float], *, resamples: int = 10_000, level: float = 0.95, seed: int = 0) -> Interval:
    """The mean with its percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    The same values and seed give the same interval. One value gives an interval of no width; none is a `ValueError`.
    """
    sample = _finite(values)
    if not sample.size:
        raise ValueError("no values to take a mean of")
    random = np.random.default_rng(seed)
    means = [
        sample[random.integers(sample.size, size=(rows, sample.size))].mean(axis=1)
        for rows in _blocks(resamples, sample.size)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(sample.mean()), float(low), float(high))


def randomization_test(a: Sequence[float], b: Sequence[float], *, resamples: int = 10_000, seed: int = 0) -> float:
    """The two-sided p of a difference in means at least as large, if the labels a and b meant nothing.

    Paired: `a[i]` and `b[i]` belong to one query, and each pair is swapped or not (Fisher 1935; Smucker, Allan &
    Carterette 2007 recommend it for retrieval). Exact where all the swaps are fewer than `resamples`; otherwise
    estimated, and never 0.
    """
    if len(a) != len(b):
        raise ValueError(f"pairs are needed: {len(a)} values against {len(b)}")
    differences = _finite(a) - _finite(b)
    differences = differences[differences != 0]  # swapping equals changes nothing
    observed = abs(differences.sum()) - _SAME
    if 2**differences.size <= resamples:
        swapped = np.arange(2**differences.size)[:, None] >> np.arange(differences.size) & 1
        return float(np.mean(np.abs((1 - 2 * swapped) @ differences) >= observed))
    random = np.random.default_rng(seed)
    extreme = 0
    for rows in _blocks(resamples, differences.size):
        signs = random.integers(2, size=(rows, differences.size)) * 2.0 - 1.0
        extreme += int(np.count_nonzero(np.abs(signs @ differences) >= observed))
    return (extreme + 1) / (resamples + 1)


def _finite(values: Sequence[float]) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("a value is not a finite number")
    return numbers


def _blocks(resamples: int, width: int) -> list[int]:
    """How many resamples to draw at a time."""
    rows = max(1, _BLOCK // width)
    return [min(rows, resamples - done) for done in range(0, resamples, rows)]
