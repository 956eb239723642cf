"""Does the agent do what it must? `citewell eval agent`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.evaluating import evaluate, short
from agent.commands.shared import citewell, fail, result
from agent.commands.terminal.progress import ProgressLine
from agent.plain import in_a_line

if TYPE_CHECKING:
    from agent.outcomes import Examined
    from eval.cases.history import Recorded

_SHOWN = 10  # evaluations of the past on a terminal


@evaluate.command("agent")
@click.argument("cases", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--floor", type=click.FloatRange(0, 1), help="The least share that must pass; below it the command ends with 1."
)
@click.option("--repeat", metavar="N", default=1, type=click.IntRange(1, 100), help="How often each case is asked (1).")
@click.option("--compare", "against", metavar="RELEASE", help="Compare with the latest evaluation of that release.")
@click.option("--history", is_flag=True, help="Show how the cases did over time, as a picture too: see -o.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="With --history, the page to write, a .html.")
def agent_(cases: Path, floor: float | None, repeat: int, against: str | None, history: bool, out: Path | None) -> None:
    """Ask the agent its cases, and say which came out as they must: what it says, cites, calls, and leaves.

    Each case is a run of its own, which is recorded. What passed is kept in the home, by release.

    \b
    Example:
      citewell eval agent cases.jsonl --floor 0.95
    """
    from eval.report.cases import target, write_cases

    if out is not None and not history:
        raise click.UsageError("-o names the page of --history: say both, or leave -o out.")
    page = target(out or "agent.html") if history else None  # before it is asked for minutes
    line = ProgressLine()
    done = citewell().examine(
        cases,
        repeat=repeat,
        against=against,
        on_progress=lambda done, all: line.say(f"{done} of {all} questions"),
    )
    line.done()
    if page is not None:
        write_cases(
            *(page, done.found),
            release=done.release,
            history=done.history,
            compared=done.compared,
            notes=done.notes,
        )
    result(_data(done, floor, page), lambda: _said(done, floor, page, history=history))
    if not _reaches(done, floor):
        fail()


def _reaches(done: Examined, floor: float | None) -> bool:
    return floor is None or done.found.rate.mean >= floor


def _data(done: Examined, floor: float | None, page: Path | None) -> dict[str, Any]:
    from eval.cases.evaluate import as_json

    return {
        "schema": 1,
        **as_json(done.found),
        "release": done.release,
        "floor": floor,
        "reached": _reaches(done, floor),
        "compared": done.compared.as_json() if done.compared else None,
        "history": [_point(each) for each in done.history],
        "path": str(page) if page else None,
        "notes": list(done.notes),
    }


def _point(each: Recorded) -> dict[str, Any]:
    rate = each.rate
    told = {"at": each.at, "release": each.release, "model": each.model, "index_version": each.index_version}
    routing = each.routing.as_json() if each.routing else None
    figures = {"cases": len(each.results), "rate": rate.mean, "low": rate.low, "high": rate.high}
    return told | figures | {"routing": routing}


def _said(done: Examined, floor: float | None, page: Path | None, *, history: bool) -> str:
    from eval.report.cases import sentence

    found = done.found
    lines = [f"release {done.release or 'unknown'}: {sentence(found)}"]
    for tag, group in found.by_tag().items():
        lines.append(f"  tagged {tag}: {sum(each.is_passed for each in group)} of {len(group)}")
    for each in found.failures:
        often = f", passed {each.passes} of {len(each.tries)} times" if len(each.tries) > 1 else ""
        lines.append(f"  failed: {short(each.case.question)} ({each.case.id}{often})")
        lines.append(f"      {'; '.join(map(in_a_line, each.worst.reasons))}")
        if each.worst.seen.said:
            lines.append(f"      told  {short(each.worst.seen.said)}")
        if each.worst.seen.run:
            lines.append(f"      citewell runs show {each.worst.seen.run}")
    spent = found.spent
    cost = "" if spent.cost is None else f", cost {spent.cost:.4f} ({spent.cost / found.tries:.4f} a question)"
    lines.append(
        f"took {spent.seconds:.0f} s ({spent.seconds / found.tries:.1f} a question) and {spent.tokens:,} tokens{cost}"
    )
    lines += [f"  {model}: {tokens:,} tokens" for model, tokens in spent.by_model.items()]
    if routing := found.routing:
        lines.append(routing.said)
        lines += [f"  {count:,}: {in_a_line(reason)}" for reason, count in routing.reasons.items()]
    lines += map(in_a_line, found.refused.said)
    lines += [done.compared.said] if done.compared else []
    for name, ids in (("passes less", done.compared.lost), ("passes more", done.compared.won)) if done.compared else ():
        lines += [f"  {name} often now: {', '.join(ids)}"] if ids else []
    if history:
        for point in done.history[-_SHOWN:]:
            head = f"  {point.at}  {point.release}  {point.rate.mean:6.1%}  {len(point.results):,} cases  {point.model}"
            lines += [head, *([f"      {point.routing.said}"] if point.routing else [])]
    lines += done.notes
    lines += [f"Open {page} in a browser."] if page else []
    if floor is not None:
        met = "reached" if _reaches(done, floor) else "NOT REACHED"
        lines.append(f"floor {floor:.1%}: {met}")
    return "\n".join(lines)
