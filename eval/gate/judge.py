"""May this index version be served?

Absence never passes: a metric that is missing or not a number, a leg that finds nothing, a gold without answerable
queries each fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from pydantic import TypeAdapter, ValidationError

from eval.measure.answers import OF_ANSWERABLE, OF_UNANSWERABLE, PREFIX, UNWANTED, WANTED, AnswerResult, Answers
from eval.measure.compare import DECISIVE, FIRST, SIGNIFICANT, paired, values
from eval.measure.evaluate import METRICS, Evaluation
from eval.measure.probe import ProbeReport, lost
from eval.measure.stats import randomization_test
from eval.measure.summary import LOST, sentence
from eval.settings import MAX_DROP
from ingest.errors import CitewellError

Status = Literal["passed", "probe", "failed", "forced"]

SCHEMA = 1
LARGE_DROP = 0.10
_FLOORED = (*METRICS, *(f"{PREFIX}{each}" for each in WANTED))
_CEILED = tuple(f"{PREFIX}{each}" for each in UNWANTED)
# What questions came to that did not come to a wanted outcome
_INSTEAD: Mapping[str, Sequence[str]] = {wanted: others for wanted, *others in (OF_ANSWERABLE, OF_UNANSWERABLE)}
_NAMED = 5  # answers that a reason to fail names


class BadFloor(CitewellError):
    """A floor for a metric that does not exist, or a number that no metric can be measured against."""

    code: ClassVar[str] = "bad_floor"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


class BadVerdict(CitewellError):
    """A stored verdict that cannot be read."""

    code: ClassVar[str] = "bad_verdict"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Floors:
    """The least that each named metric must reach, and the most that may go wrong with answers, each over all queries
    and over those of a tag.

    Raises `BadFloor` where one could not be meant.
    """

    minimums: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    maximums: Mapping[str, float] = field(default_factory=dict)
    tag_maximums: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for of, minimums, maximums in (
            ("", (self.minimums,), (self.maximums,)),
            ("tag_", self.tags.values(), self.tag_maximums.values()),
        ):
            for limits in minimums:
                _check("floor", limits, _FLOORED, f"a ceiling and no floor: set it as [eval] {of}ceilings", _CEILED)
            for limits in maximums:
                _check("ceiling", limits, _CEILED, f"a floor and no ceiling: set it as [eval] {of}floors", _FLOORED)

    @property
    def limits(self) -> Iterator[tuple[str, str, float, str | None]]:
        """Each as its metric, `least` or `most`, the value, and its tag, which is None where it is for all queries."""
        for word, whole, tags in (("least", self.minimums, self.tags), ("most", self.maximums, self.tag_maximums)):
            for tag, limits in ((None, whole), *tags.items()):
                yield from ((name, word, value, tag) for name, value in limits.items())


def _check(what: str, limits: Mapping[str, float], names: Sequence[str], other: str, others: Sequence[str]) -> None:
    for name, limit in limits.items():
        if name in others:
            raise BadFloor(f"{name} takes {other}.")
        if name not in names:
            raise BadFloor(f"There is no metric {name!r} to set a {what} for: use one of {', '.join(names)}.")
        if not 0 <= limit <= 1:
            raise BadFloor(f"The {what} {limit} for {name} is not between 0 and 1: set one that is.")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a version may be served, and why (not).

    `passed` on gold; `probe`: alive, not tested against gold; `forced`: served against the reasons. `gold` is the
    gold's digest and `live` the version compared with, both None where there was none. `stale` counts the pieces of
    gold that the version does not hold, `absent` the queries that name a document which it does not hold; `conditions`
    stands for the floors and settings under which it was judged. `answers` is what came of asking, as `eval run --json`
    has it, where gold knows answers; `summary` says in a sentence what was measured.
    """

    status: Status
    reasons: tuple[str, ...]
    metrics: Mapping[str, float] = field(default_factory=dict)
    queries: int = 0
    gold: str | None = None
    live: str | None = None
    stale: int = 0
    conditions: str | None = None
    absent: int = 0
    answers: Mapping[str, Any] | None = None
    summary: str = ""
    at: str = field(default_factory=_now)
    schema: int = SCHEMA

    @property
    def unheld(self) -> str:
        """What to say and do where queries of gold name documents that it does not hold; empty where none does."""
        if not self.absent:
            return ""
        which = f"{self.absent} of the gold's {self.queries} queries"
        return (
            f"{which} name{'s' * (self.absent == 1)} a document that is not in the index, and count as not found: "
            "ingest it, or put its name in the gold right."
        )

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, which `from_json` reads back as an equal verdict."""
        return dict(_VERDICT.dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Verdict:
        """The verdict as it was stored; raises `BadVerdict`."""
        try:
            verdict = _VERDICT.validate_python(dict(stored))
        except ValidationError:
            raise BadVerdict(
                "The stored verdict is damaged: judge the version anew with `citewell eval gate`."
            ) from None
        if verdict.schema > SCHEMA:
            raise BadVerdict("The stored verdict was written by a newer Citewell: upgrade, or judge the version anew.")
        return verdict


_VERDICT = TypeAdapter(Verdict)


def judge(
    candidate: Evaluation,
    *,
    floors: Floors,
    live: Evaluation | None,
    max_drop: float = MAX_DROP,
    live_version: str | None = None,
    lost_share: float | None = None,
) -> Verdict:
    """`passed` or `failed`, with every reason to fail; both evaluations must be of the same gold, `k` and mode.

    A version passes if it was asked something, both legs are alive, nDCG@10 is above 0, every floor is met, and it is
    no worse than the live one. Worse means that nDCG@10 or Recall@100, over the queries of both, fell

    - by more than `max_drop`, and a paired randomization test says p < 0.05 (two-sided; not corrected for there being
      two of them, since a loss that is let through costs more than a version that waits); or
    - by more than 0.10 (or `max_drop`, if that is more), whatever the test says: on a dozen queries no test can prove
      anything, and a spoiled index must not slip through. The price is that on so few queries one or two that swing
      from found to lost are enough to fail.

    It also fails if a document, quote or span of gold is gone that the live version holds, or if more than a fifth of
    that version's documents are (`lost_share`; None where there was none). Answers have floors and ceilings alone.
    """
    if not 0 <= max_drop <= 1:
        raise BadFloor(f"The greatest drop allowed, {max_drop}, is not between 0 and 1: set one that is.")
    reasons = [*_absences(candidate), *_beyond(candidate, floors)]
    if lost_share is not None and not (check := lost(lost_share)).ok:
        reasons.append(check.detail)
    if live is not None:
        if (live.gold, live.k, live.mode) != (candidate.gold, candidate.k, candidate.mode):
            raise ValueError("the two evaluations are not of the same gold, k and mode")
        reasons += [*_regressions(candidate, live, max_drop), *_losses(candidate, live)]
    return Verdict(
        status="failed" if reasons else "passed",
        reasons=tuple(reasons),
        metrics={name: value for name, value in _means(candidate).items() if math.isfinite(value)},
        queries=candidate.queries,
        gold=candidate.gold,
        live=live_version,
        stale=len(candidate.stale),
        absent=len({stale.query for stale in candidate.stale if stale.gone == "document"}),
        answers=candidate.answers.as_json() if candidate.answers else None,
        summary=sentence(candidate),
    )


def judge_probe(report: ProbeReport) -> Verdict:
    """`probe`, with what was found as its reasons, or `failed`, with what was not."""
    if report.ok:
        return Verdict("probe", tuple(check.detail for check in report.checks))
    return Verdict("failed", report.reasons)


def _absences(candidate: Evaluation) -> Iterator[str]:
    if not candidate.queries:
        yield "The gold holds no answerable queries, so nothing was measured."
        return
    if not candidate.legs:
        yield "The version holds no documents."
    yield from (check.detail for check in candidate.legs if not check.ok)
    if candidate.unscored:
        yield f"{candidate.unscored} hits came with a score that is not a number."
    if FIRST not in candidate.metrics:
        yield f"{FIRST} was not measured."
    for name, value in candidate.metrics.items():
        if not math.isfinite(value.mean):
            yield f"{name} is not a number."
        elif name == FIRST and not value.mean > 0:
            yield f"{FIRST} is 0: none of {candidate.queries} queries found a relevant document in its first ten."


def _means(candidate: Evaluation) -> dict[str, float]:
    means = {name: value.mean for name, value in candidate.metrics.items()}
    return means | _shares(candidate.answers)


def _shares(answers: Answers | None) -> dict[str, float]:
    return {f"{PREFIX}{name}": share.mean for name, share in answers.shares.items()} if answers else {}


def _beyond(candidate: Evaluation, floors: Floors) -> Iterator[str]:
    """Which floors and ceilings are not kept."""
    tagged, asked = candidate.by_tag(), candidate.answers.by_tag() if candidate.answers else {}
    for name, word, limit, tag in floors.limits:
        if tag is not None:
            results, answers = tagged.get(tag, ()), asked.get(tag)
            found = [result.metrics[name] for result in results if name in result.metrics]
            value = math.fsum(found) / len(found) if found else _shares(answers).get(name)
            whose = f" of the {_of(name, answers, len(results))} queries tagged {tag!r}"
        else:
            answers, value, whose = candidate.answers, _means(candidate).get(name), ""
        kind, beyond = ("floor", "below") if word == "least" else ("ceiling", "above")
        if value is None:
            yield f"{name}{whose} was not measured, and its {kind} is {limit:.3f}{_to_measure(name)}."
        elif not (value >= limit if word == "least" else value <= limit):
            yield f"{name}{whose} {value:.3f} is {beyond} the {kind} {limit:.3f}{_which(name, answers)}."


def _of(name: str, answers: Answers | None, queries: int) -> int:
    """Of how many queries a figure is told: of answers, those that could come to it."""
    if not name.startswith(PREFIX):
        return queries
    if answers is None:
        return 0
    return answers.answerable if name.removeprefix(PREFIX) in OF_ANSWERABLE else answers.unanswerable


def _to_measure(name: str) -> str:
    """What to do for a figure of answers to be measured."""
    if not name.startswith(PREFIX):
        return ""
    is_answerable = name.removeprefix(PREFIX) in OF_ANSWERABLE
    wanted = '"answers"' if is_answerable else 'questions with "answerable": false'
    return f": add {wanted} to the gold, and leave [eval] ask above 0"


def _which(name: str, answers: Answers | None) -> str:
    """Which answers are at fault, if it is a limit on answers that is not kept."""
    if answers is None or not name.startswith(PREFIX):
        return ""
    outcome = name.removeprefix(PREFIX)
    outcomes = _INSTEAD.get(outcome, (outcome,))
    wrong = [each for each in answers.wrong if each.outcome in outcomes]
    more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return f": {'; '.join(map(_named, wrong[:_NAMED]))}{more}"


def _named(answer: AnswerResult) -> str:
    lost = f", {LOST[answer.lost]}" if answer.lost else ""
    return f"{answer.id} \u201c{' '.join(answer.question.split())}\u201d ({answer.outcome.replace('_', ' ')}{lost})"


def _regressions(candidate: Evaluation, live: Evaluation, max_drop: float) -> Iterator[str]:
    for name in DECISIVE:
        before, after = values(live, name), values(candidate, name)
        if not before:
            continue
        if not after:
            yield f"{name} was not measured, but it was on the live version."
            continue
        ids, old, new = paired(before, after)
        was, now = math.fsum(old) / len(ids), math.fsum(new) / len(ids)
        fell = (
            f"{name} fell from {was:.3f} on the live version to {now:.3f}, by {was - now:.3f} over {len(ids)} queries"
        )
        allowed = max(LARGE_DROP, max_drop)
        if not was - now <= allowed:
            yield f"{fell}; more than {allowed:.3f} is never allowed."
        elif was - now > max_drop and (p := randomization_test(old, new)) < SIGNIFICANT:
            yield f"{fell} (p = {p:.4f}); {max_drop:.3f} is allowed."


def _losses(candidate: Evaluation, live: Evaluation) -> Iterator[str]:
    """What of gold the live version holds and this one does not."""
    absent = {(stale.query, stale.document) for stale in live.stale if stale.gone == "document"}
    before = {(stale.query, stale.document, stale.quote) for stale in live.stale}
    new = [
        stale
        for stale in candidate.stale
        if (stale.query, stale.document) not in absent and (stale.query, stale.document, stale.quote) not in before
    ]
    if new:
        whole = {stale.document for stale in new if stale.gone == "document"}
        yield gone([*whole, *(f"{stale.document} (its {stale.gone})" for stale in new if stale.gone != "document")])


def gone(names: Sequence[str]) -> str:
    """What to say and do where gold lost its documents, or their quotes and spans."""
    each = sorted(set(names))
    named = ", ".join(each[:5]) + (f" and {len(each) - 5} more" if len(each) > 5 else "")
    return (
        f"Of gold, what the live version holds is gone: {named}. "
        "Ingest it again, or put the gold right where that is meant."
    )
