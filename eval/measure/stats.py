"""How sure can we be of a mean over queries, and of a difference between two?

Queries are what is sampled: another set of questions of the same kind would have given other values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_BLOCK = 2_000_000  # random numbers held at once: 16 MB, whatever the number of queries
_SAME = 1e-12  # two sums of the same numbers in another order differ by less


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over a sample, and a range for the true mean: of ranges made so from many samples, 95 % hold it."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What `b` is above `a` by, over the same queries.

    `mean` is that difference with its interval (`low`, `high`), `p` the randomization test's, `differing` how many
    queries have another value, `detectable` the least true difference that as many queries as these, scattered as these
    are, would show four times in five; infinite where too few differ for any to show.
    """

    a: float
    b: float
    mean: float
    low: float
    high: float
    p: float
    differing: int
    detectable: float

    @property
    def could_show(self) -> str:
        """What such queries could have shown, in words that go on from a sentence about them."""
        if math.isfinite(self.detectable):
            return f"a true difference of {self.detectable:.3f} would have shown four times in five"
        return f"the two differ on {self.differing} of them, and on so few no difference can show"

    def as_json(self) -> dict[str, float | None]:
        """For scripts; `detectable` is None where nothing is."""
        return {
            "a": self.a,
            "b": self.b,
            "delta": self.mean,
            "low": self.low,
            "high": self.high,
            "p": self.p,
            "differing": self.differing,
            "detectable": self.detectable if math.isfinite(self.detectable) else None,
        }


def bootstrap(values: Sequence[float], *, resamples: int = 10_000, level: float = 0.95, seed: int = 0) -> Interval:
    """The mean with its percentile bootstrap interval (Efron & Tibshirani 1993, chapter 13).

    The same values and seed give the same interval. One value gives an interval of no width; none is a `ValueError`.
    """
    sample = _finite(values)
    if not sample.size:
        raise ValueError("no values to take a mean of")
    random = np.random.default_rng(seed)
    means = [
        sample[random.integers(sample.size, size=(rows, sample.size), dtype=np.int32)].mean(axis=1)
        for rows in _blocks(resamples, sample.size)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(sample.mean()), float(low), float(high))


def wilson(hits: float, of: int, *, level: float = 0.95) -> Interval:
    """The share of `hits` with Wilson's score interval (1927), which has a width where all or none are hits.

    A trial that counts in part is a part of a hit.
    """
    if of < 1:
        raise ValueError("no trials to take a share of")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


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
        flips = np.unpackbits(
            np.frombuffer(random.bytes(rows * -(-differences.size // 8)), np.uint8).reshape(rows, -1), 1
        )
        kept = flips[:, : differences.size].astype(np.float64) @ differences
        extreme += int(np.count_nonzero(np.abs(differences.sum() - 2 * kept) >= observed))
    return (extreme + 1) / (resamples + 1)


def permutation_test(a: Sequence[float], b: Sequence[float], *, resamples: int = 10_000, seed: int = 0) -> float:
    """The two-sided p of means at least as far apart, were the values dealt out to `a` and `b` by chance.

    Not paired: the two are of different queries (Fisher 1935). Estimated, and never 0.
    """
    values = np.concatenate([_finite(a), _finite(b)])
    expected = len(a) * values.mean()  # of the sum of a: how far it is from this grows with how far the means are apart
    observed = abs(values[: len(a)].sum() - expected) - _SAME
    random = np.random.default_rng(seed)
    extreme = 0
    for rows in _blocks(resamples, values.size):
        dealt = random.permuted(np.tile(values, (rows, 1)), axis=1)[:, : len(a)]
        extreme += int(np.count_nonzero(np.abs(dealt.sum(axis=1) - expected) >= observed))
    return (extreme + 1) / (resamples + 1)


def difference(a: Sequence[float], b: Sequence[float], *, level: float = 0.95, seed: int = 0) -> Difference:
    """How far `b` is above `a`; `a[i]` and `b[i]` belong to one query. Of nothing it is a `ValueError`.

    `level` is that of the test which decides, for what is detectable; the interval is always one of 95 %.
    """
    p = randomization_test(a, b, seed=seed)
    gains = _finite(b) - _finite(a)
    interval = bootstrap(gains.tolist(), seed=seed)
    return Difference(
        a=math.fsum(a) / len(a),
        b=math.fsum(b) / len(b),
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        p=p,
        differing=int(np.count_nonzero(gains)),
        detectable=detectable(gains.tolist(), level=level),
    )


def detectable(differences: Sequence[float], *, level: float = 0.95, power: float = 0.8) -> float:
    """The minimum detectable effect: the true mean difference that a test at `level` finds with this `power`.

    By the normal approximation, (z of the level + z of the power) standard errors (Cohen 1988, chapter 2). Infinite
    where the differences show no scatter, and where so few are not 0 that no p of a randomization test could be as
    small as the level asks: of the 2**n ways to swap n pairs two are at least as extreme as the one seen.
    """
    sample = _finite(differences)
    differing = int(np.count_nonzero(sample))
    scatter = float(sample.std(ddof=1)) if differing > 1 else 0.0
    if scatter <= _SAME or 2.0 ** (1 - differing) >= 1 - level:
        return math.inf
    z = NormalDist().inv_cdf
    return (z((1 + level) / 2) + z(power)) * scatter / math.sqrt(sample.size)


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """P values of several tests, raised so that the chance of any false alarm among them stays at the level.

    Holm's step-down method (1979): valid however the tests hang together, and never weaker than Bonferroni's.
    """
    adjusted: dict[str, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(ps, key=lambda name: (ps[name], name))):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[name]))
        adjusted[name] = highest
    return {name: adjusted[name] for name in ps}


def _finite(values: Sequence[float]) -> NDArray[np.float64]:
    numbers = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("a value is not a finite number")
    return numbers


def _blocks(resamples: int, width: int) -> list[int]:
    """How many resamples to draw at a time."""
    rows = max(1, _BLOCK // width)
    return [min(rows, resamples - done) for done in range(0, resamples, rows)]


def fold_of(groups: Sequence[str], *, folds: int = 5, seed: int = 0) -> NDArray[np.int64]:
    """`(len(groups),)`: a fold of cross-validation for each, the same for the same group."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    place = {name: int(each) % min(folds, len(names)) for name, each in zip(names, order, strict=True)}
    return np.array([place[group] for group in groups], dtype=np.int64)
