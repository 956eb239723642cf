"""What does an evaluation come to, in a sentence that needs no knowledge of metrics, and what does each figure mean?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from eval.measure.answers import LOSSES, Answers, Loss, Outcome
from eval.measure.evaluate import SHOWN, Evaluation
from eval.measure.stats import Interval, wilson

Level = Literal["good", "fair", "weak", "poor", "unknown"]

# From which share on; of answers also how many of all that were asked may be told something wrong
_FOUND: Final[Sequence[tuple[Level, float]]] = (("good", 0.9), ("fair", 0.75), ("weak", 0.5), ("poor", 0.0))
_ANSWERED: Final[Sequence[tuple[Level, float, float]]] = (
    ("good", 0.8, 0.15),
    ("fair", 0.6, 0.3),
    ("weak", 0.3, 0.6),
    ("poor", 0.0, 1.0),
)

MEANINGS: Final[Mapping[str, str]] = {
    "nDCG@10": "how high the documents that answer stand among the first ten; 1 is best",
    "Recall@10": "share of the documents that answer which are among the first ten",
    "Recall@100": "the same among the first hundred: what is not there cannot be answered from",
    "MRR@10": "1 if the first document answers, 1/2 if the second is the first that does, and so on",
    "MAP": "how high all the documents that answer stand; 1 is best",
    "P@5": "share of the first five documents that answer",
    "HitRate@10": "share of questions with a document that answers among the first ten",
    "SpanRecall@10": "share of the right words that are in the first ten passages",
    "SpanPrecision@10": "share of these passages that is the right words",
}
OUTCOMES: Final[Mapping[Outcome, tuple[str, str]]] = {
    "right": ("right", "the answer stands in what was quoted"),
    "beside": ("beside", "something was quoted, and the answer is not in it"),
    "wrongly_refused": ("wrongly refused", "nothing was quoted, though the documents answer"),
    "rightly_refused": ("rightly refused", "nothing was quoted, and the documents do not answer"),
    "should_have_refused": ("should have refused", "something was quoted, though the documents do not answer"),
}
LOST: Final[Mapping[Loss, str]] = LOSSES


def level(found: Evaluation) -> Level:
    """A verdict on what was measured: of answers where questions were asked, else of what was found."""
    if (answers := found.answers) and answers.answerable:
        right = answers.shares["right"].mean
        misled = (answers.counts["beside"] + answers.counts["should_have_refused"]) / len(answers.results)
        return next(name for name, least, most in _ANSWERED if right >= least and misled <= most)
    if not found.queries:
        return "unknown"
    return next(name for name, least in _FOUND if hits(found).mean >= least)


def sentence(found: Evaluation) -> str:
    """What was measured, for somebody who knows no metrics."""
    if found.answers:
        return f"{'; '.join(_answered(found.answers))}."
    if not found.queries:
        return "Nothing was measured: the gold holds no question that the documents answer."
    share, first = hits(found), _first(found)
    return (
        f"For {_of(found.queries, share)} a document that answers was among the first {min(SHOWN, found.k)}, and for "
        f"{first:.0%} it was the very first{_unsure(share)}."
    )


def hits(found: Evaluation) -> Interval:
    """For which share of the questions a document that answers was among the first ten."""
    several = sum(_best(each.grades, [one.document for one in each.ranking]) for each in found.per_query)
    return wilson(several, found.queries)


def _answered(answers: Answers) -> list[str]:
    counts, shares, parts = answers.counts, answers.shares, list[str]()
    if answers.answerable:
        parts.append(
            f"Of {_questions(answers.answerable)} that the documents answer, {counts['right']:,} "
            f"({shares['right'].mean:.0%}) got the right words{_unsure(shares['right'])}, {counts['beside']:,} other "
            f"words and {counts['wrongly_refused']:,} none"
        )
    if answers.unanswerable:
        refused = counts["rightly_refused"]
        of = f"of {answers.unanswerable:,}" if parts else f"Of {_questions(answers.unanswerable)}"
        parts.append(
            f"{of} that {'they' if parts else 'the documents'} do not answer, {refused:,} "
            f"({shares['rightly_refused'].mean:.0%}) {'was' if refused == 1 else 'were'} refused, as all should be"
        )
    return parts


def _questions(count: int) -> str:
    return f"{count:,} question{'s' * (count != 1)}"


def _of(queries: int, share: Interval) -> str:
    return f"{share.mean:.0%} of {_questions(queries)}"


def _unsure(share: Interval) -> str:
    """How far other questions could move a share, where that is far."""
    return f" (with others like them {share.low:.0%} to {share.high:.0%})" if share.high - share.low > 0.1 else ""


def _first(found: Evaluation) -> float:
    return (
        sum(_best(each.grades, [one.document for one in each.ranking[:1]]) for each in found.per_query) / found.queries
    )


def _best(grades: Mapping[str, int], documents: Sequence[str]) -> bool:
    return any(grades.get(name, 0) > 0 for name in documents[:SHOWN])
