"""How good is this retrieval, and is it good enough? `citewell eval`."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.commands.shared import citewell, cli, fail, result
from agent.commands.terminal.progress import ProgressLine
from agent.limits import RANKED

if TYPE_CHECKING:
    from eval.measure.answers import Answers
    from eval.measure.compare import Comparison
    from eval.measure.evaluate import Evaluation

WORST = 5  # answers that are shown
gold_argument = click.argument("gold", type=click.Path(path_type=Path, exists=True))
version_option = click.option(
    "--index-version", metavar="ID", help="Another version than the one that is chosen by itself."
)
ask_option = click.option(
    "--ask",
    metavar="N",
    type=click.IntRange(0),
    help="Ask so many of the questions whose answers gold knows at most; 0 asks none.",
)


@cli.group("eval")
def evaluate() -> None:
    """Measure retrieval against gold queries.

    \b
    Example:
      citewell eval run gold.jsonl
    """


@evaluate.command("run")
@gold_argument
@version_option
@click.option("--mode", type=click.Choice(["hybrid", "dense", "lexical"]), default="hybrid", show_default=True)
@click.option("-k", default=100, show_default=True, type=click.IntRange(1, RANKED), help="Documents ranked per query.")
@ask_option
@click.option("--out", type=click.Path(path_type=Path), help="Write the ranking as a TREC run file.")
@click.option("--qrels", type=click.Path(path_type=Path), help="Write the gold's judgements as TREC qrels.")
def run_(
    gold: Path, index_version: str | None, mode: Any, k: int, ask: int | None, out: Path | None, qrels: Path | None
) -> None:
    """Score the live version on gold queries: a gold .jsonl, a BEIR folder or one of its tables, or TREC's qrels.

    Questions whose answers gold knows are asked too, without a model. --out and --qrels write what trec_eval reads. A
    metric whose cutoff lies beyond -k is left out.

    \b
    Example:
      citewell eval run gold.jsonl
    """
    from eval.gold.load import load_gold
    from eval.measure.evaluate import per_query_json, tags_json
    from eval.measure.trec import write_qrels, write_run

    line = ProgressLine()
    id, found = citewell().evaluate(
        gold,
        index_version=index_version,
        k=k,
        mode=mode,
        ask=ask,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    if out is not None:
        write_run(found, out)
    if qrels is not None:
        write_qrels(load_gold(gold), qrels)
    data = {
        "schema": 1,
        "index_version": id,
        "queries": found.queries,
        "unanswerable": found.unanswerable,
        "metrics": {name: asdict(value) for name, value in found.metrics.items()},
        "unjudged": found.unjudged,
        "copied": found.copied,
        "answers": found.answers.as_json() if found.answers else None,
        "tags": tags_json(found),
        "stale": [asdict(stale) for stale in found.stale],
        "per_query": per_query_json(found),
    }
    result(data, lambda: _measured(id, found))


@evaluate.command("compare")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--gold", type=click.Path(path_type=Path, exists=True), help="Gold; by default [eval] gold.")
@click.option("--mode", type=click.Choice(["hybrid", "dense", "lexical"]), default="hybrid", show_default=True)
@click.option("-k", default=100, show_default=True, type=click.IntRange(1, RANKED), help="Documents ranked per query.")
@ask_option
def compare_(a: str, b: str, gold: Path | None, mode: Any, k: int, ask: int | None) -> None:
    """Say whether B is better than A: each a version, or a run file in TREC's form.

    nDCG@10 and Recall@100 decide; a -k below 10 measures neither. Two versions are asked too, without a model, what
    gold knows the answers of.

    \b
    Example:
      citewell eval compare before.trec after.trec --gold gold.jsonl
    """
    line = ProgressLine()
    found = citewell().compare(
        *(a, b),
        gold=gold,
        k=k,
        mode=mode,
        ask=ask,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    data = {
        "schema": 1,
        "a": a,
        "b": b,
        "queries": found.queries,
        "metrics": {name: each.as_json() for name, each in found.metrics.items()},
        "adjusted": dict(found.adjusted),
        "verdict": found.outcome,
        "said": found.said,
        "wins": found.wins,
        "losses": found.losses,
        "per_query": [{"id": id, "delta": gain} for id, gain in found.gains.items()],
        "answers": [{"id": id, "a": before, "b": after} for id, (before, after) in found.turned.items()],
    }
    result(data, lambda: _compared(a, b, found))


@evaluate.command()
@click.argument("gold", type=click.Path(path_type=Path, exists=True), required=False)
@version_option
@click.option("--lift", is_flag=True, help="Instead: let versions be published again that no gold tested.")
def gate(gold: Path | None, index_version: str | None, lift: bool) -> None:
    """Judge the newest candidate (or the live version) on GOLD, else on the gold that is set, and record the verdict.

    Once a version has passed, later ones are published only when tested against gold too; --lift undoes that.

    \b
    Example:
      citewell eval gate gold.jsonl
    """
    from eval.gate.gate import demand
    from eval.gold.load import chosen_gold

    if lift and (gold or index_version):
        raise click.UsageError("Name the GOLD to judge on, or say --lift alone.")
    opened = citewell()
    if lift:
        opened.lift_gold()
        said = "New versions are published again without being tested against gold, until one passes gold."
        result({"schema": 1, "lifted": True}, said)
        return
    line = ProgressLine()
    done = opened.judge(
        chosen_gold(gold, opened.settings.eval.gold, "judge on; name it, or set").absolute(),
        index_version=index_version,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    id, verdict, calibration = done.index_version, done.verdict, done.calibration
    passed = verdict.status == "passed"
    data = {
        "schema": 1,
        "index_version": id,
        "passed": passed,
        "reasons": list(verdict.reasons),
        "metrics": dict(verdict.metrics),
        "answers": verdict.answers,
        "queries": verdict.queries,
        "live": verdict.live,
        "asked": done.asked,
        "demands_gold": done.demands_gold,
        "absent": verdict.absent,
        "calibration": calibration.to_json() if calibration else None,
    }
    lines = [f"{'passed' if passed else 'FAILED'}: {id} on {verdict.queries} queries"]
    lines += [verdict.summary] if verdict.summary else []
    lines += [f"  {name:27} {value:.3f}" for name, value in verdict.metrics.items()]
    lines += [f"  - {reason}" for reason in verdict.reasons]
    lines += [f"  {told}"] if (told := verdict.unheld) else []
    lines.append(done.asked)
    lines += [demand(opened.settings.eval.gold)] if done.is_first else []
    too_small = "How likely passages are to be relevant: gold is too small to learn it from."
    lines.append(calibration.said if calibration else too_small)
    result(data, "\n".join(lines))
    if not passed:
        fail()


def _compared(a: str, b: str, found: Comparison) -> str:
    from eval.measure.answers import WANTED
    from eval.measure.compare import FIRST
    from eval.measure.summary import OUTCOMES

    width = max(16, *map(len, found.metrics)) if found.metrics else 16
    head = f"  {'metric':{width}}      A       B   difference (95 %)             p"
    lines = [found.said, f"  A {a}", f"  B {b}", head]
    lines += [
        f"  {name:{width}}  {each.a:.3f}   {each.b:.3f}   "
        f"{each.mean:+.3f} ({each.low:+.3f} to {each.high:+.3f})   {found.p_said(name)}"
        for name, each in found.metrics.items()
    ]
    if found.gains:
        same = len(found.gains) - found.wins - found.losses
        lines.append(
            f"  {FIRST} of B is higher for {found.wins} queries, lower for {found.losses}, the same for {same}"
        )
    lines += [f"    {gain:+.3f}  {id}" for id, gain in list(found.gains.items())[:5] if gain < 0]
    if found.turned:
        better = sum(after in WANTED for _, after in found.turned.values())
        worse = sum(before in WANTED for before, _ in found.turned.values())
        lines.append(f"  answers that are right or rightly refused on B alone: {better}, on A alone: {worse}")
    worst = sorted(found.turned.items(), key=lambda item: item[1][0] not in WANTED)
    lines += [f"    {id}: {' → '.join(OUTCOMES[each][0] for each in pair)}" for id, pair in worst[:5]]
    return "\n".join(lines)


def _measured(id: str, found: Evaluation) -> str:
    from eval.measure.compare import FIRST
    from eval.measure.evaluate import SHOWN
    from eval.measure.summary import MEANINGS, level, sentence

    lines = [f"{level(found).capitalize()}. {sentence(found)}"]
    lines.append(f"{id}: {found.queries:,} queries, {found.mode}; in brackets the 95 % interval")
    lines += [
        f"  {name:16} {value.mean:.3f}  ({value.low:.3f} to {value.high:.3f})  {MEANINGS.get(name, 'of a plugin')}"
        for name, value in found.metrics.items()
    ]
    if found.unanswerable:
        lines.append(f"  {found.unanswerable} queries without an answer in the documents are not part of these figures")
    if found.unjudged:
        first = "ten" if found.k >= SHOWN else str(found.k)
        lines.append(f"  of the first {first} documents {found.unjudged:.0%} were never judged for their question")
    if found.copied:
        lines.append(
            f"  for {found.copied} queries a plain file among the first ten stands for its copy inside an archive too"
        )
    for tag, results in found.by_tag().items():
        values = [result.metrics[FIRST] for result in results if FIRST in result.metrics]
        mean = f"{FIRST} {math.fsum(values) / len(values):.3f}, " if values else ""
        lines.append(f"  tagged {tag}: {mean}{len(results)} queries")
    if found.answers:
        lines += answered(found.answers)
    for stale in found.stale[:10]:
        lines.append(f"  stale: query {stale.query} names a {stale.gone} that is gone: {stale.quote or stale.document}")
    if len(found.stale) > 10:
        lines.append(f"  … and {len(found.stale) - 10} more that are stale; --json lists them all")
    return "\n".join(lines)


def answered(answers: Answers) -> list[str]:
    """What came of asking, for a terminal: the outcomes, where answers were lost, and the worst of them."""
    from eval.measure.summary import LOST, OUTCOMES

    asked = len(answers.results)
    of = f" of {answers.of:,}" if answers.of != asked else ""
    lines = [f"asked without a model: {asked:,}{of} questions whose answers gold knows"]
    for outcome, share in answers.shares.items():
        name, meaning = OUTCOMES[outcome]
        interval = f"({share.low:.0%} to {share.high:.0%})"
        lines.append(f"  {name:19} {answers.counts[outcome]:5,}  {share.mean:4.0%}  {interval:15} {meaning}")
    lines += [
        f"  lost {count:,} time{'s' * (count != 1)}: {LOST[loss]}" for loss, count in answers.lost.items() if count
    ]
    for what, groups in (("asks", answers.by_kind()), ("tagged", answers.by_tag())):
        for name, group in groups.items():
            told = (f"{group.counts[outcome]} {OUTCOMES[outcome][0]}" for outcome in OUTCOMES if group.counts[outcome])
            lines.append(f"  {what} {name}: {', '.join(told)}")
    if answers.wrong:
        lines.append("  the worst answers, one of each kind in turn:")
    for each in answers.wrong[:WORST]:
        lines.append(f"    {OUTCOMES[each.outcome][0]}: {short(each.question)} ({each.id})")
        lines.append(f"      said   {short(each.said or each.reason)}")
        if each.expected:
            lines.append(f"      right  {short(' or '.join(each.expected))}")
        if each.right:
            lines.append(f"      from   {each.right.document}: {short(each.right.text)}")
        if each.lost:
            lines.append(f"      lost   {LOST[each.lost]}")
    if len(answers.wrong) > WORST:
        lines.append(f"    … and {len(answers.wrong) - WORST:,} more; --json lists them all")
    return lines


def short(text: str) -> str:
    """A question or an answer on one line of a terminal."""
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= 160 else f"{squeezed[:159]}…"
