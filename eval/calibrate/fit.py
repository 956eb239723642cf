"""How is a calibration fitted on gold, and what does it cost and gain?

The model learns from the first hit of each case (`eval.calibrate.cases`); what withholding costs is counted over all
hits that would be shown. What is said of a calibration comes from folds that had no part in its fit, nor in its
thresholds; that it was chosen among three by the same folds is not taken off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from eval.calibrate.calibration import MOST_LOST, Calibration, sigmoid
from eval.calibrate.cases import Case, Values, first_hits
from eval.calibrate.costs import Thresholds, costs
from eval.measure.stats import fold_of
from retrieval.parts import EncoderIdentity, key_of
from retrieval.search.signals import Signals

LEAST = 20  # first hits of each kind, relevant and not, below which nothing is learnt
_CONFIDENCE = 0.95
Fit = Callable[[Signals, Values], Calibration]
T = TypeVar("T")


def calibrate(
    cases: Sequence[Case], encoder: EncoderIdentity, *, gold: str, shipped: Calibration | None, seed: int = 0
) -> Calibration | None:
    """The best of what is shipped, the same corrected on gold, and one fitted on gold alone; with its costs.

    The best by log loss in cross-validation over questions; of those that are as good the first. With too few first
    hits of either kind what is shipped, of which gold then bears nothing out (its `gold` is None); None without that.
    """
    relevant = first_hits(cases)[1]
    if min(int((relevant == 1).sum()), int((relevant == 0).sum())) < LEAST:
        return shipped and replace(shipped, costs=costs(cases, [shipped(case.signals) for case in cases], shipped))
    made = _fits(encoder, shipped)
    stated = {name: held_out(fit, cases, seed) for name, fit in made.items()}
    name = _simplest({name: _losses(cases, each) for name, each in stated.items()})
    chosen = made[name](*first_hits(cases))
    thresholds = crossed(cases, stated[name], seed)
    own = lowest(cases, stated[name])
    if any(withhold == 0 for withhold, _ in thresholds) and name != "fitted":
        own = chosen.withhold, chosen.abstain  # too little gold for thresholds of its own
        thresholds = [own] * len(cases)
    found = costs(cases, stated[name], thresholds)
    if not (found.lost <= MOST_LOST and found.refused_wrongly <= MOST_LOST):
        own = 0.0, 0.0
        found = costs(cases, stated[name], [own] * len(cases))
    return replace(chosen, withhold=own[0], abstain=own[1], gold=gold, costs=found)


def _simplest(losses: Mapping[str, Values]) -> str:
    """The first that is not worse than the best by more than one standard error of the difference (Breiman 1984)."""
    best = min(losses, key=lambda name: float(losses[name].mean()))
    for name, each in losses.items():
        behind = each - losses[best]
        if name == best or behind.mean() <= behind.std(ddof=1) / math.sqrt(len(behind)):
            return name
    return best


def _fits(encoder: EncoderIdentity, shipped: Calibration | None) -> dict[str, Fit]:
    made: dict[str, Fit] = {}
    if shipped is not None:
        made["shipped"] = lambda _x, _y: shipped
        made["scaled"] = lambda x, y: scaled(shipped, x, y)
    made["fitted"] = lambda x, y: fitted(x, y, key_of(encoder))
    return made


def fitted(signals: Signals, relevant: Values, encoder: str, weights: Values | None = None) -> Calibration:
    """A logistic regression on signals of unit spread; C = 0.3 shrinks it where gold is small."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = signals.mean(axis=0), signals.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    model = LogisticRegression(C=0.3, max_iter=1_000).fit((signals - mean) / spread, relevant, sample_weight=weights)
    coefficients = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - coefficients @ mean)
    return Calibration("fitted", encoder, tuple(map(float, coefficients)), intercept)


def scaled(shipped: Calibration, signals: Signals, relevant: Values) -> Calibration:
    """The shipped log odds, stretched and shifted to what gold says (Platt 1999), and its thresholds with them.

    A model that gold contradicts is not turned round: it is stretched to nothing at most.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1_000).fit(shipped.logits(signals)[:, None], relevant)
    slope, shift = max(0.0, float(model.coef_[0, 0])), float(model.intercept_[0])

    def moved(threshold: float) -> float:
        if not slope or threshold <= 0:
            return 0.0
        return float(sigmoid(np.array([slope * math.log(threshold / (1 - threshold)) + shift]))[0])

    return replace(
        shipped,
        kind="scaled",
        coefficients=tuple(slope * each for each in shipped.coefficients),
        intercept=slope * shipped.intercept + shift,
        withhold=moved(shipped.withhold),
        abstain=moved(shipped.abstain),
    )


def lowest(cases: Sequence[Case], stated: Sequence[Values]) -> Thresholds:
    """Below which passages are withheld, and below which for the best of them nothing is quoted.

    At most 5 % of questions with a relevant passage lose one of these, and as many are refused though they have one.
    """
    answered = [(case.relevant == 1, each) for case, each in zip(cases, stated, strict=True) if case.has_relevant]
    withhold = bound(np.array([each[relevant].min() for relevant, each in answered]))
    return withhold, max(withhold, bound(np.array([each.max() for _, each in answered])))


def bound(values: Values) -> float:
    """The highest threshold below which at most 5 % of such values lie, with 95 % confidence; 0 with too few to say.

    By their order statistics (Wilks 1941), one value for each question, since those of one question hang together. It
    takes 59.
    """
    from scipy.stats import binom

    below = int(binom.ppf(1 - _CONFIDENCE, len(values), MOST_LOST)) if len(values) else 0
    return float(np.sort(values)[below - 1]) if below else 0.0


def crossed(cases: Sequence[Case], stated: Sequence[Values], seed: int = 0) -> list[Thresholds]:
    """For each case the thresholds that the questions of other folds give."""
    return _of_others(cases, lambda those: lowest([cases[n] for n in those], [stated[n] for n in those]), seed)


def held_out(fit: Fit, cases: Sequence[Case], seed: int = 0) -> list[Values]:
    """What a fit to the other folds states of each case."""
    made = _of_others(cases, lambda those: fit(*first_hits([cases[n] for n in those])), seed)
    return [model(case.signals) for model, case in zip(made, cases, strict=True)]


def _of_others(cases: Sequence[Case], make: Callable[[Sequence[int]], T], seed: int) -> list[T]:
    """For each case what is made of the places of all cases outside its fold; of each fold once."""
    folds = fold_of([case.question for case in cases], seed=seed)
    made = {fold: make(np.flatnonzero(folds != fold).tolist()) for fold in np.unique(folds).tolist()}
    return [made[fold] for fold in folds.tolist()]


def _losses(cases: Sequence[Case], stated: Sequence[Values]) -> Values:
    """The log loss of each first hit of which something is known, in nats."""
    p = np.clip([each[0] for each in stated], 1e-6, 1 - 1e-6)
    y = np.array([case.relevant[0] for case in cases])
    losses: Values = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return losses[np.isfinite(losses)]
