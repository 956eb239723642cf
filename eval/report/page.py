"""How does a report read: as a page that needs nothing else, as Markdown, and as JSON beside them?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from eval.measure.answers import OF_ANSWERABLE, OF_UNANSWERABLE, WANTED, AnswerResult
from eval.measure.compare import FIRST, Comparison
from eval.measure.evaluate import QueryResult, averages
from eval.measure.summary import LOST, MEANINGS, OUTCOMES, level, sentence
from eval.report.charts import histogram, interval, reliability
from eval.report.report import Report, as_json, by_document, cosines, seconds, worst_first
from ingest.errors import CitewellError

QUERIES = 200  # shown on the page, with their passages
ANSWERS = 40  # that went wrong, shown on the page
_PASSAGES, _DOCUMENTS = 5, 30
_TEMPLATE = Path(__file__).with_name("report.html")
_HEADING = "# Retrieval report: "


class BadTarget(CitewellError):
    """A place where a report cannot be written without harm; the message names another."""

    code: ClassVar[str] = "bad_target"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


def targets(path: str | Path, gold: str | Path | None = None) -> list[Path]:
    """The page at `path`, and `.md` and `.json` of the same name beside it.

    Raises `BadTarget` where one is the gold, or something else that no report wrote.
    """
    path = Path(path)
    if path.suffix != ".html":
        raise BadTarget(f"The report is a page, and {path} does not end with .html: name one that does with -o.")
    beside = [path.with_suffix(".md"), path.with_suffix(".json")]
    for each in (path, *beside):
        if gold is not None and each.resolve() == Path(gold).resolve():
            raise BadTarget(f"The report would replace the gold {each}; name another with -o.")
    for each in beside:
        if each.exists() and not _is_ours(each):
            raise BadTarget(f"{each} is no report and would be replaced by one; name another with -o, or move it.")
    return [path, *beside]


def _is_ours(path: Path) -> bool:
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".md":
            return text.startswith(_HEADING)
        found = json.loads(text)
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and {"schema", "index_version", "advice", "per_query"} <= found.keys()


def write_report(report: Report, path: str | Path) -> list[Path]:
    """The `targets` at `path`, written; raises `BadTarget`."""
    paths = targets(path, report.version.gold)
    texts = as_html(report), as_markdown(report), json.dumps(as_json(report), indent=1, ensure_ascii=False)
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    for each, text in zip(paths, texts, strict=True):
        each.write_text(text, encoding="utf-8")
    return paths


def as_html(report: Report) -> str:
    """One page that opens without a network: styles and drawings are in it."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    change = report.change
    ordered = worst_first(report)
    before = {each.id: each for each in report.live[1].per_query} if report.live else {}
    missed = [row for row in by_document(report.found) if row.missed]
    right, wrong = cosines(report.found)
    return environment.from_string(_TEMPLATE.read_text("utf-8")).render(
        first=FIRST,
        level=level(report.found),
        sentence=sentence(report.found),
        meanings=MEANINGS,
        outcomes=OUTCOMES,
        losses=LOST,
        wanted=WANTED,
        groups=(OF_ANSWERABLE, OF_UNANSWERABLE),
        answers=report.found.answers,
        missing=report.found.answers.wrong if report.found.answers else [],
        most=ANSWERS,
        turned=change.turned if change else {},
        report=report,
        found=report.found,
        change=change,
        said=_said(change),
        advice=report.advice,
        queries=[_row(result, before, change) for result in ordered[:QUERIES]],
        left_out=max(0, len(ordered) - QUERIES),
        tags=[(tag, len(results), averages(results)) for tag, results in report.found.by_tag().items()],
        missed=missed[:_DOCUMENTS],
        more_missed=max(0, len(missed) - _DOCUMENTS),
        right=right,
        wrong=wrong,
        calibration=report.calibration,
        times=seconds(report.found),
        interval=interval,
        histogram=histogram,
        reliability=reliability,
    )


def as_markdown(report: Report) -> str:
    """The figures, what to try next and the twenty worst queries, to be pasted where people talk."""
    found, change, version = report.found, report.change, report.version
    lines = [f"{_HEADING}{version.index_version}", "", f"**{level(found).capitalize()}.** {sentence(found)}", ""]
    without = f", and {found.unanswerable} without an answer, which no metric counts" if found.unanswerable else ""
    lines += [f"Measured {version.created} on {version.gold}: {found.queries} queries{without}.", ""]
    if report.verdict:
        lines += [f"The gate says **{report.verdict.status}**.", *(f"- {each}" for each in report.verdict.reasons), ""]
    if change:
        lines += [_said(change), ""]
    if found.answers:
        lines += ["| asked without a model | questions | share (95 %) | what it means |", "|---|---|---|---|"]
        for outcome, share in found.answers.shares.items():
            name, meaning = OUTCOMES[outcome]
            interval_said = f"{share.mean:.0%} ({share.low:.0%} to {share.high:.0%})"
            lines.append(f"| {name} | {found.answers.counts[outcome]} | {interval_said} | {meaning} |")
        lines.append("")
    heading = ["metric", "mean (95 %)", "what it means", *(["live", "difference (95 %)", "p"] if change else [])]
    lines += [f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}"]
    for name, value in found.metrics.items():
        cells = [name, f"{value.mean:.3f} ({value.low:.3f} to {value.high:.3f})", MEANINGS[name]]
        if change and name in change.metrics:
            each = change.metrics[name]
            cells += [f"{each.a:.3f}", f"{each.mean:+.3f} ({each.low:+.3f} to {each.high:+.3f})", change.p_said(name)]
        elif change:
            cells += ["", "", ""]
        lines.append(f"| {' | '.join(cells)} |")
    if report.calibration:
        lines += ["", f"Evidence: {report.calibration.said}"]
    lines += ["", "## What to try next", "", *(f"- {line}" for line in report.advice)]
    if found.answers and found.answers.wrong:
        lines += ["", "## The worst answers", "", *(_answer_line(each) for each in found.answers.wrong[:20])]
    lines += ["", "## The worst queries", ""]
    for result in worst_first(report)[:20]:
        gain = f" ({change.gains[result.id]:+.3f})" if change and result.id in change.gains else ""
        question = " ".join(result.question.split())
        lines.append(f"- {result.metrics.get(FIRST, 0.0):.3f}{gain} {question} ({result.id})")
    return "\n".join(lines) + "\n"


def _answer_line(answer: AnswerResult) -> str:
    """One answer that went wrong, beside what was right."""
    question, said = (" ".join(text.split()) for text in (answer.question, answer.said or answer.reason))
    right = f" Right: {' or '.join(answer.expected)}." if answer.expected else ""
    lost = f" Lost: {LOST[answer.lost]}." if answer.lost else ""
    return f"- *{OUTCOMES[answer.outcome][0]}*: {question} ({answer.id}) Said: {said[:200]}{right}{lost}"


def _said(change: Comparison | None) -> str:
    """The comparison's sentence, of this version and the live one."""
    return change.said.replace("B is", "This version is", 1) if change else ""


def _row(result: QueryResult, before: Mapping[str, QueryResult], change: Comparison | None) -> Mapping[str, Any]:
    sides = [("this version", result.hits[:_PASSAGES])]
    if result.id in before:
        sides.insert(0, ("live version", before[result.id].hits[:_PASSAGES]))
    ranks = {ranked.document: place for place, ranked in enumerate(result.ranking, start=1)}
    return {
        "result": result,
        "delta": change.gains.get(result.id) if change else None,
        "sides": sides,
        "places": {name: f"place {ranks[name]}" if name in ranks else "not found" for name in result.grades},
    }
