"""What is to be done about the quality of retrieval? `citewell eval report`, `tune` and `synthesize`."""

from __future__ import annotations

from pathlib import Path

import click

from agent.commands.evaluating import ask_option, evaluate, version_option
from agent.commands.shared import citewell, result
from agent.commands.terminal.progress import ProgressLine


@evaluate.command("report")
@click.argument("gold", type=click.Path(path_type=Path, exists=True), required=False)
@version_option
@ask_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("retrieval.html"),
    show_default=True,
    help="The page, a .html.",
)
def report_(gold: Path | None, index_version: str | None, ask: int | None, out: Path) -> None:
    """Write a page on retrieval and answers: figures, what changed, the worst of both, what to try next.

    Markdown and JSON of the same name are written beside it, over those of an earlier report alone. Without GOLD it
    is [eval] gold.

    \b
    Example:
      citewell eval report gold.jsonl -o report.html
    """
    line = ProgressLine()
    done = citewell().report(
        *(out, gold),
        index_version=index_version,
        ask=ask,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    written = [*map(str, done.paths)]
    data = {"schema": 1, "path": written[0], "beside": written[1:], "index_version": done.index_version}
    result(data, f"Open {written[0]} in a browser; the same as {' and '.join(Path(each).name for each in written[1:])}")


@evaluate.command("tune")
@click.argument("gold", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--apply", "is_applied", is_flag=True, help="Write the settings into citewell.toml if they are worth it.")
def tune_(gold: Path | None, is_applied: bool) -> None:
    """Choose how the legs are fused, how deep they are read, and whether a reranker helps, by cross-validation.

    The index stays as it is.

    Without GOLD it is [eval] gold. A gain that chance explains is not applied.

    \b
    Example:
      citewell eval tune gold.jsonl --apply
    """
    line = ProgressLine()
    done = citewell().tune(gold, apply=is_applied, on_progress=lambda done, all: line.say(f"{done} of {all} queries"))
    line.done()
    found, written, over = done.found, done.applied, done.overridden_by
    lines = [found.said, f"  {len(found.grid)} settings tried on {found.queries} queries; the best of them:"]
    best = sorted(found.grid.items(), key=lambda item: -item[1])[:5]
    lines += [f"    {mean:.3f}  {setting}" for setting, mean in best]
    lines += [f"  in force: {found.grid[found.before]:.3f}  {found.before}"]
    if written:
        but = f"; {' and '.join(over)} in the environment goes over it until you unset it" if over else ""
        lines.append(f"  written to {written}{but}")
    elif is_applied:
        lines.append("  nothing was written")
    applied = {"applied": str(written) if written else None, "overridden_by": over}
    result({**found.as_json(), **applied}, "\n".join(lines))


@evaluate.command("synthesize")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The gold file to write or go on with.",
)
@click.option("-n", "wanted", default=100, show_default=True, type=click.IntRange(1, 100_000), help="How many queries.")
@click.option(
    "--tries", type=click.IntRange(min=1), help="Questions that are tried at most; by default 20 for each wanted one."
)
@click.option("--no-model", is_flag=True, help="Make questions from the text itself, though a model is set.")
def synthesize_(out: Path, wanted: int, tries: int | None, no_model: bool) -> None:
    """Propose gold from the live version's own texts, to be read and put right by a person.

    Where a model is set, it writes the questions, up to two a passage; --tries bounds how many are asked for.

    Run again, it goes on with the file; what you reworded stays, and what you took out does not come back. Every line
    is tagged "synthetic".

    \b
    Example:
      citewell eval synthesize -o proposed.jsonl -n 50
    """
    line = ProgressLine()
    done = citewell().synthesize(
        out,
        n=wanted,
        tries=tries,
        by_model=not no_model,
        on_progress=lambda done, all: line.say(f"{done} of {all} queries"),
    )
    line.done()
    kept, dropped = done.kept.total(), done.dropped.total()
    data = {
        "schema": 1,
        "path": str(out.absolute()),
        "queries": done.queries,
        "kept": dict(done.kept),
        "dropped": dict(done.dropped),
        "tried": done.tried,
    }
    lines = [f"{out}: {kept} queries added, {dropped} proposals dropped"]
    lines += [f"  kept     {count:5}  from a {kind}" for kind, count in done.kept.most_common()]
    lines += [f"  dropped  {count:5}  {reason}" for reason, count in done.dropped.most_common()]
    if done.queries < wanted and done.tried < done.tries:
        lines.append("  the documents have no more to ask")
    elif done.queries < wanted:
        lines.append(f"  given up after {done.tried} tries; --tries {2 * done.tries} goes on")
    lines.append("Read it before you trust it: these ask in the documents' own words, and people do not.")
    result(data, "\n".join(lines))
