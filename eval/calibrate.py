"""How is a calibration fitted on gold, and what does it cost and gain?

Each question is asked twice: as it is, and with the documents that answer it hidden, so that its best hit is one that
does not answer it although it is the best there is. Questions that gold marks as not answerable are asked once. The
model learns from the first hit of each; what withholding costs is counted over all hits that would be shown. Whatever
is said of a calibration comes from folds that had no part in it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.calibration import MOST_LOST, Calibration, Costs, sigmoid
from eval.gold import Gold
from eval.resolve import ResolvedQuery, Span, resolve
from eval.stats import fold_of
from retrieval.model import EVERYTHING, EncoderIdentity, Hit
from retrieval.search import HybridSearch
from retrieval.signals import SIGNALS, Signals

LEAST = 20  # first hits of each kind, relevant and not, below which nothing is fitted
SHOWN = 8  # hits of a question that are weighed
_CONFIDENCE = 0.95
_BINS = 10
Values = NDArray[np.float64]
Fit = Callable[[Signals, Values], Calibration]


@dataclass(frozen=True, slots=True)
class Case:
    """The hits of one question, best first: their signals, and whether each is relevant (1, 0, or NaN: nobody knows).

    `is_answerable` is false where what answers the question is hidden or does not exist.
    """

    query: str
    is_answerable: bool
    signals: Signals
    relevant: Values


def cases(
    search: HybridSearch, gold: Gold, *, k: int = SHOWN, on_progress: Callable[[int, int], None] | None = None
) -> list[Case]:
    """Each question of gold as it is, and with its own documents hidden; those that find nothing are left out."""
    resolved = {query.id: query for query in resolve(gold, search.version).queries}
    found: list[Case] = []
    for done, query in enumerate(gold.queries, start=1):
        if query.question:
            asked = search.read(query.question, EVERYTHING, "hybrid")
            hits, signals = search.weighed(asked, k=k)
            answers = resolved.get(query.id)
            if answers is None:
                found.append(Case(query.id, False, signals, np.zeros(len(hits))))
            else:
                relevant = _relevant(hits, answers)
                found.append(Case(query.id, True, signals, relevant))
                without, hidden = search.weighed(search.without(asked, _own(hits, relevant, answers)), k=k)
                found.append(Case(query.id, False, hidden, np.zeros(len(without))))
        if on_progress:
            on_progress(done, len(gold.queries))
    return [case for case in found if len(case.relevant)]


def calibrate(
    cases: Sequence[Case], encoder: EncoderIdentity, *, gold: str, shipped: Calibration | None, seed: int = 0
) -> Calibration | None:
    """The best of what is shipped, the same corrected on gold, and one fitted on gold alone; with its costs.

    The best by log loss in cross-validation over questions; of those that are as good the first. None where nothing is
    shipped and gold has too few first hits of either kind.
    """
    relevant = first_hits(cases)[1]
    made = _fits(encoder, shipped)
    if min(int((relevant == 1).sum()), int((relevant == 0).sum())) < LEAST:
        made = {name: fit for name, fit in made.items() if name == "shipped"}
    if not made:
        return None
    stated = {name: held_out(fit, cases, seed) for name, fit in made.items()}
    name = _simplest({name: _losses(cases, each) for name, each in stated.items()})
    chosen = made[name](*first_hits(cases))
    own = bounded(chosen, cases, stated[name])
    if own.withhold > 0 or name == "fitted" or not costs(cases, stated[name], chosen).lost <= MOST_LOST:
        chosen = own
    return replace(chosen, gold=gold, costs=costs(cases, stated[name], chosen))


def _simplest(losses: Mapping[str, Values]) -> str:
    """The first that is not worse than the best by more than one standard error of the difference (Breiman 1984)."""
    best = min(losses.values(), key=lambda each: float(each.mean()))
    for name, each in losses.items():
        behind = each - best
        if behind.mean() <= behind.std(ddof=1) / math.sqrt(len(behind)) + 1e-12:
            return name
    raise AssertionError("the best is not worse than itself")


def _fits(encoder: EncoderIdentity, shipped: Calibration | None) -> dict[str, Fit]:
    made: dict[str, Fit] = {}
    if shipped is not None:
        made["shipped"] = lambda _x, _y: shipped
        made["scaled"] = lambda x, y: scaled(shipped, x, y)
    made["fitted"] = lambda x, y: fitted(x, y, encoder.weights)
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


def bounded(calibration: Calibration, cases: Sequence[Case], stated: Sequence[Values]) -> Calibration:
    """With the thresholds that lose at most 5 %: of relevant passages, and of questions that have one."""
    answered = [each.max() for case, each in zip(cases, stated, strict=True) if (case.relevant == 1).any()]
    withhold, abstain = lowest(_flat(cases, stated, 1.0)), lowest(np.array(answered))
    return replace(calibration, withhold=withhold, abstain=max(withhold, abstain))


def lowest(good: Values) -> float:
    """The highest threshold below which at most 5 % of such values lie, with 95 % confidence; 0 with too few to say.

    By their order statistics (Wilks 1941). It takes 59 values.
    """
    from scipy.stats import binom

    below = int(binom.ppf(1 - _CONFIDENCE, len(good), MOST_LOST)) if len(good) else 0
    return float(np.sort(good)[below - 1]) if below else 0.0


def costs(cases: Sequence[Case], stated: Sequence[Values], calibration: Calibration) -> Costs:
    """What stating these probabilities costs and gains, under a calibration's thresholds."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    first = np.array([each[0] for each in stated])
    true = np.array([case.relevant[0] for case in cases])
    known = np.isfinite(true)
    p, y = first[known], true[known]
    base = float(y.mean())
    spread = base * (1 - base)
    bins = reliability(p, y)
    good, bad = _flat(cases, stated, 1.0), _flat(cases, stated, 0.0)
    answered = [(case, each) for case, each in zip(cases, stated, strict=True) if (case.relevant == 1).any()]
    none = [each for case, each in zip(cases, stated, strict=True) if not case.is_answerable]
    withhold, abstain = calibration.withhold, calibration.abstain
    return Costs(
        questions=len({case.query for case in cases}),
        auroc=float(roc_auc_score(y, p)) if spread else math.nan,
        brier_skill=1 - float(brier_score_loss(y, p)) / spread if spread else math.nan,
        ece=sum(count * abs(stated - share) for stated, share, count in bins) / len(p),
        false_answers={f"{share:.0%}": _false_answers(cases, first, share) for share in (0.8, 0.9)},
        lost=float((good < withhold).mean()) if len(good) else 0.0,
        prevented=float((bad < withhold).mean()) if len(bad) else 0.0,
        silenced=_share([bool((each[case.relevant == 1] < withhold).all()) for case, each in answered]),
        cleared=_share([bool((each < withhold).all()) for each in none]),
        refused_wrongly=_share([bool(each.max() < abstain) for _, each in answered]),
        refused_rightly=_share([bool(each.max() < abstain) for each in none]),
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


def held_out(fit: Fit, cases: Sequence[Case], seed: int = 0) -> list[Values]:
    """What a fit to the other folds states of each case."""
    folds = fold_of([case.query for case in cases], seed=seed)
    made = {}
    for fold in np.unique(folds).tolist():
        others = [case for case, its in zip(cases, folds, strict=True) if its != fold]
        made[fold] = fit(*first_hits(others))
    return [made[int(fold)](case.signals) for case, fold in zip(cases, folds, strict=True)]


def first_hits(cases: Sequence[Case]) -> tuple[Signals, Values]:
    """The signals of the first hit of each case, and whether it is relevant; without those nobody knows of."""
    signals = np.array([case.signals[0] for case in cases]).reshape(-1, len(SIGNALS))
    relevant = np.array([case.relevant[0] for case in cases])
    known = np.isfinite(relevant)
    return signals[known], relevant[known]


def _losses(cases: Sequence[Case], stated: Sequence[Values]) -> Values:
    """The log loss of each first hit of which something is known, in nats."""
    p = np.clip([each[0] for each in stated], 1e-6, 1 - 1e-6)
    y = np.array([case.relevant[0] for case in cases])
    losses: Values = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    return losses[np.isfinite(losses)]


def _false_answers(cases: Sequence[Case], first: Values, share: float) -> float:
    """How many questions without an answer are answered where the threshold answers this share of the others."""
    answerable = np.array([case.is_answerable for case in cases])
    if answerable.all() or not answerable.any():
        return math.nan
    threshold = np.quantile(first[answerable], 1 - share, method="lower")
    return float((first[~answerable] >= threshold).mean())


def _flat(cases: Sequence[Case], stated: Sequence[Values], relevant: float) -> Values:
    """The probabilities of all hits that are relevant (1) or irrelevant (0)."""
    parts = [each[case.relevant == relevant] for case, each in zip(cases, stated, strict=True)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _share(of: Sequence[bool]) -> float:
    return sum(of) / len(of) if of else 0.0


def _relevant(hits: Sequence[Hit], answers: ResolvedQuery) -> Values:
    """Whether each hit is relevant.

    Where gold names places in a document, those passages are that overlap with one; where it names the document as a
    whole, its first passage stands for it, and of its others nobody knows.
    """
    places: dict[str, list[Span]] = defaultdict(list)
    for span in (span for alternatives in answers.spans for span in alternatives):
        places[span.document].append(span)
    met: set[str] = set()
    labels = []
    for hit in hits:
        names = [name for name in (hit.chunk.document, *hit.duplicates) if answers.grades.get(name, 0) > 0]
        document = hit.chunk.document
        if not names:
            labels.append(0.0)
        elif document in places:
            chunk = hit.chunk
            labels.append(float(any(span.start < chunk.end and chunk.start < span.end for span in places[document])))
        else:
            labels.append(math.nan if document in met else 1.0)
            met.add(document)
    return np.array(labels)


def _own(hits: Sequence[Hit], relevant: Values, answers: ResolvedQuery) -> set[str]:
    """The documents that answer a question: those of gold, and those with nearly the same passages."""
    copies = {name for hit, label in zip(hits, relevant, strict=True) if label == 1 for name in hit.duplicates}
    shown = {hit.chunk.document for hit, label in zip(hits, relevant, strict=True) if label == 1}
    return {name for name, grade in answers.grades.items() if grade > 0} | copies | shown
