"""`citewell eval`: how good is this retrieval, and is it good enough?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli import citewell, cli, fail, result
from agent.commands.progress import ProgressLine

if TYPE_CHECKING:
    from eval.evaluate import Evaluation

_gold = click.argument("gold", type=click.Path(path_type=Path, exists=True))
_version = click.option("--index-version", metavar="ID", help="Another version than the one that is chosen by itself.")


@cli.group("eval")
def evaluate() -> None:
    """Measure retrieval against gold queries.

    \b
    Example:
      citewell eval run gold.jsonl
    """


@evaluate.command("run")
@_gold
@_version
@click.option("--mode", type=click.Choice(["hybrid", "dense", "lexical"]), default="hybrid", show_default=True)
@click.option("-k", default=100, show_default=True, type=click.IntRange(1, 1000), help="Documents ranked per query.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the ranking as a TREC run file.")
def run_(gold: Path, index_version: str | None, mode: Any, k: int, out: Path | None) -> None:
    """Score the live version on gold queries: a gold .jsonl, or a BEIR folder.

    \b
    Example:
      citewell eval run gold.jsonl
    """
    from eval.trec import write_run

    line = ProgressLine()
    id, found = citewell().evaluate(
        gold,
        index_version=index_version,
        k=k,
        mode=mode,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    if out is not None:
        write_run(found, out)
    data = {
        "schema": 1,
        "index_version": id,
        "queries": found.queries,
        "unanswerable": found.unanswerable,
        "metrics": {name: asdict(value) for name, value in found.metrics.items()},
        "stale": [asdict(stale) for stale in found.stale],
        "per_query": [{"id": query.id, "metrics": dict(query.metrics)} for query in found.per_query],
    }
    result(data, lambda: _measured(id, found))


@evaluate.command()
@_gold
@_version
def gate(gold: Path, index_version: str | None) -> None:
    """Judge the newest candidate (or the live version) on gold, and record the verdict.

    \b
    Example:
      citewell eval gate gold.jsonl
    """
    line = ProgressLine()
    id, verdict = citewell().judge(
        gold.absolute(),
        index_version=index_version,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    passed = verdict.status == "passed"
    data = {
        "schema": 1,
        "index_version": id,
        "passed": passed,
        "reasons": list(verdict.reasons),
        "metrics": dict(verdict.metrics),
        "queries": verdict.queries,
        "live": verdict.live,
    }
    lines = [f"{'passed' if passed else 'FAILED'}: {id} on {verdict.queries} queries"]
    lines += [f"  {name:14} {value:.3f}" for name, value in verdict.metrics.items()]
    lines += [f"  - {reason}" for reason in verdict.reasons]
    result(data, "\n".join(lines))
    if not passed:
        fail()


def _measured(id: str, found: Evaluation) -> str:
    lines = [f"{id}: {found.queries:,} queries, {found.mode}"]
    lines += [
        f"  {name:14} {value.mean:.3f}   95 % interval {value.low:.3f} to {value.high:.3f}"
        for name, value in found.metrics.items()
    ]
    if found.unanswerable:
        lines.append(f"  {found.unanswerable} queries without an answer in the documents are not part of these figures")
    for stale in found.stale[:10]:
        lines.append(f"  stale: query {stale.query} names a {stale.gone} that is gone: {stale.quote or stale.document}")
    if len(found.stale) > 10:
        lines.append(f"  … and {len(found.stale) - 10} more that are stale; --json lists them all")
    return "\n".join(lines)
