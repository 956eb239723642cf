"""What does it cost and gain to state these probabilities, and to withhold what lies below a threshold?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.calibrate.calibration import Calibration, Costs
from eval.calibrate.cases import Case, Values

Thresholds = tuple[float, float]  # withhold, abstain
_BINS = 10


def costs(cases: Sequence[Case], stated: Sequence[Values], thresholds: Calibration | Sequence[Thresholds]) -> Costs:
    """What stating these probabilities costs and gains, under a calibration's thresholds or those of each case."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    if isinstance(thresholds, Calibration):
        thresholds = [(thresholds.withhold, thresholds.abstain)] * len(cases)
    first = np.array([each[0] for each in stated])
    true = np.array([case.relevant[0] for case in cases])
    known = np.isfinite(true)
    p, y = first[known], true[known]
    base = float(y.mean())
    spread = base * (1 - base)
    bins = reliability(p, y)
    gone = [each < withhold for each, (withhold, _) in zip(stated, thresholds, strict=True)]
    refused = [bool(each.max() < abstain) for each, (_, abstain) in zip(stated, thresholds, strict=True)]
    has = [case.has_relevant for case in cases]
    lost = [bool(its[case.relevant == 1].all()) for case, its in zip(cases, gone, strict=True) if case.has_relevant]
    none = [place for place, case in enumerate(cases) if not case.is_answerable]
    return Costs(
        questions=len({case.question for case in cases}),
        auroc=float(roc_auc_score(y, p)) if spread else None,
        brier_skill=1 - float(brier_score_loss(y, p)) / spread if spread else None,
        ece=sum(count * abs(stated - share) for stated, share, count in bins) / len(p),
        false_answers={f"{share:.0%}": _false_answers(cases, first, share) for share in (0.8, 0.9)},
        lost=_share(_flat(cases, gone, 1.0)),
        prevented=_share(_flat(cases, gone, 0.0)),
        silenced=_share(lost),
        cleared=_share([bool(gone[place].all()) for place in none]),
        refused_wrongly=_share([each for each, answered in zip(refused, has, strict=True) if answered]),
        refused_rightly=_share([refused[place] for place in none]),
        reliability=bins,
    )


def reliability(stated: Values, true: Values) -> list[tuple[float, float, int]]:
    """The mean probability, the share that is relevant and the count of each of ten bins that holds anything."""
    places = np.minimum((stated * _BINS).astype(int), _BINS - 1)
    return [
        (float(stated[places == each].mean()), float(true[places == each].mean()), int((places == each).sum()))
        for each in range(_BINS)
        if (places == each).any()
    ]


def _false_answers(cases: Sequence[Case], first: Values, share: float) -> float | None:
    """How many questions without an answer are answered where the threshold answers this share of the others."""
    answerable = np.array([case.is_answerable for case in cases])
    if answerable.all() or not answerable.any():
        return None
    threshold = np.quantile(first[answerable], 1 - share, method="lower")
    return float((first[~answerable] >= threshold).mean())


def _flat(cases: Sequence[Case], of_each: Sequence[NDArray[np.bool_]], relevant: float) -> list[bool]:
    """What is said of all hits that are relevant (1) or irrelevant (0)."""
    parts = [each[case.relevant == relevant] for case, each in zip(cases, of_each, strict=True)]
    return [bool(each) for part in parts for each in part]


def _share(of: Sequence[bool]) -> float:
    return sum(of) / len(of) if of else 0.0
