"""How does a report read: as a page that needs nothing else, as Markdown, and as JSON beside them?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.charts import histogram, interval, reliability
from eval.compare import Comparison
from eval.evaluate import QueryResult, averages
from eval.report import Report, as_json, by_document, cosines, seconds, worst_first

QUERIES = 200  # shown on the page, with their passages
_PASSAGES, _DOCUMENTS = 5, 30
_TEMPLATE = Path(__file__).with_name("report.html")


def write_report(report: Report, path: str | Path) -> list[Path]:
    """The page at `path`, and `.md` and `.json` of the same name beside it; these three paths."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {
        path: as_html(report),
        path.with_suffix(".md"): as_markdown(report),
        path.with_suffix(".json"): json.dumps(as_json(report), indent=1, ensure_ascii=False),
    }
    for each, text in texts.items():
        each.write_text(text, encoding="utf-8")
    return list(texts)


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
    found, change = report.found, report.change
    lines = [f"# Retrieval report: {report.version.index_version}", ""]
    if report.verdict:
        lines += [f"The gate says **{report.verdict.status}**.", *(f"- {each}" for each in report.verdict.reasons), ""]
    if change:
        lines += [_said(change), ""]
    heading = ["metric", "mean (95 %)", *(["live", "difference (95 %)", "p"] if change else [])]
    lines += [f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}"]
    for name, value in found.metrics.items():
        cells = [name, f"{value.mean:.3f} ({value.low:.3f} to {value.high:.3f})"]
        if change and name in change.metrics:
            each = change.metrics[name]
            cells += [f"{each.a:.3f}", f"{each.mean:+.3f} ({each.low:+.3f} to {each.high:+.3f})", f"{each.p:.4f}"]
        elif change:
            cells += ["", "", ""]
        lines.append(f"| {' | '.join(cells)} |")
    if report.calibration:
        lines += ["", f"Evidence: {report.calibration.said}"]
    lines += ["", "## What to try next", "", *(f"- {line}" for line in report.advice)]
    lines += ["", "## The worst queries", ""]
    for result in worst_first(report)[:20]:
        gain = f" ({change.gains.get(result.id, 0.0):+.3f})" if change else ""
        question = " ".join(result.question.split())
        lines.append(f"- {result.metrics.get('nDCG@10', 0.0):.3f}{gain} {question} ({result.id})")
    return "\n".join(lines) + "\n"


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
