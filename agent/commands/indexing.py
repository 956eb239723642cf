"""How do documents get in, and which version is served? `citewell ingest`, `status` and `index`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.lines import tested
from agent.commands.shared import citewell, cli, fail, pairs, result
from agent.commands.terminal.interrupted import ending_as_interrupted
from agent.commands.terminal.progress import ProgressLine, Rate, duration
from agent.plain import in_a_line, plain

if TYPE_CHECKING:
    from agent.status import Status
    from eval.settings import EvalSettings
    from retrieval.update import IngestReport

_SHOWN = 10
_WATCHED = 3  # old versions that watching leaves, which would fill the disk otherwise


@cli.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("--as", "label", metavar="LABEL", help="Name the source, instead of by its folder.")
@click.option("--label", "labels", multiple=True, metavar="L", help="An access label for every document; repeatable.")
@click.option("--meta", multiple=True, metavar="KEY=VALUE", help="Metadata for every document; repeatable.")
@click.option("--prune", is_flag=True, help="Remove documents that are gone from the folders given.")
@click.option("--gold", type=click.Path(path_type=Path, exists=True), help="Gold that the new version must answer.")
@click.option("--no-publish", is_flag=True, help="Build and judge, but leave the live version as it is.")
@click.option("--strict", is_flag=True, help="Exit with 1 if any document failed.")
@click.option("--retry-failed", is_flag=True, help="Read again what could not be read before, instead of PATHs.")
@click.option("--watch", is_flag=True, help="Go on: ingest again, pruned, whenever something in the PATHs changes.")
def ingest(
    paths: tuple[str, ...],
    label: str | None,
    labels: tuple[str, ...],
    meta: tuple[str, ...],
    prune: bool,
    gold: Path | None,
    no_publish: bool,
    strict: bool,
    retry_failed: bool,
    watch: bool,
) -> None:
    """Read files, folders or patterns into a new index version, judge it, and publish it if it passes.

    \b
    Example:
      citewell ingest handbook/ notes.md "reports/*.pdf"
      citewell ingest handbook/ --watch
    """
    if bool(paths) == retry_failed:
        raise click.UsageError("Name the PATHs to ingest, or say --retry-failed without any.")
    if retry_failed and (label is not None or labels or meta or prune):
        told = (
            "--retry-failed reads each file as it was to be read before: leave out --as, --label, --meta and --prune."
        )
        raise click.UsageError(told)
    if watch and (retry_failed or strict):
        raise click.UsageError("--watch goes on whatever fails: leave out --retry-failed and --strict.")
    click.get_current_context().with_resource(ending_as_interrupted())
    beginning = ProgressLine()
    beginning.say("starting")  # before what is imported, which takes seconds
    from eval.gate.gate import demand
    from ingest.options import Options

    opened = citewell()
    beginning.done()

    def once(*, prune: bool) -> IngestReport:
        was_tested = opened.home.was_tested()
        line = ProgressLine()
        line.say("starting")
        report = opened.ingest(
            paths,
            label=label,
            options=Options(frozenset(labels), _metadata(meta), prune),
            gold=gold.absolute() if gold else None,
            publish=not no_publish,
            retry_failed=retry_failed,
            on_progress=Rate(line.say),
            on_judging=lambda done, all: line.say(f"asking gold queries: {done} of {all}"),
            on_step=line.say,
        )
        line.done()
        if report.verdict == "passed" and not was_tested:
            click.echo(plain(demand(opened.settings.eval.gold)), err=True)
        return report

    if watch:
        from agent.commands.watching import keep_in_step

        def again() -> None:
            report = once(prune=True)
            opened.compact(keep=_WATCHED)
            text = _ingested(report, opened.home.live(), opened.settings.eval)
            result({"schema": 1, **asdict(report)}, text, in_a_line=True)

        keep_in_step(paths, opened.home.path, again)
    try:
        report = once(prune=prune)
    except KeyboardInterrupt:
        stands = "The live version stands" if opened.home.live() else "Nothing was published"
        click.echo(f"{stands}; the same command, typed again, goes on where this one stopped.", err=True)
        raise
    result({"schema": 1, **asdict(report)}, lambda: _ingested(report, opened.home.live(), opened.settings.eval))
    if (strict and report.failures) or report.verdict == "failed":
        fail()


@cli.command()
def status() -> None:
    """Show what is live, its verdict, and what could not be read.

    \b
    Example:
      citewell status
    """
    opened = citewell()
    found = opened.status()
    result({"schema": 1, **asdict(found)}, lambda: _standing(found, opened.home.path, opened.settings.eval))


@cli.group()
def index() -> None:
    """See the index versions, and choose which one is served.

    \b
    Example:
      citewell index versions
    """


@index.command()
def versions() -> None:
    """List the index versions, newest first.

    \b
    Example:
      citewell index versions
    """
    found = citewell().versions()
    lines = [
        f"{'*' if version.live else ' '} {version.id}  {version.verdict or '-':7}{version.documents:>9,} documents"
        f"{version.chunks:>10,} chunks  built {version.created[:16].replace('T', ' ')} UTC"
        for version in found
    ]
    data = {"schema": 1, "versions": [asdict(version) for version in found]}
    result(data, "\n".join(lines) or "No index version yet. Build one: citewell ingest PATH")


@index.command()
@click.argument("id", required=False)
@click.option("--force", is_flag=True, help="Publish in spite of its verdict; needs --reason.")
@click.option("--reason", help="Why; recorded with the verdict.")
def publish(id: str | None, force: bool, reason: str | None) -> None:
    """Serve a version (the newest candidate if none is named) that the gate lets pass.

    Where gold, floors, settings or the live version are others than when it was judged, it is judged anew first.

    \b
    Example:
      citewell index publish
    """
    if force and not (reason and reason.strip()):
        raise click.UsageError("--force needs --reason, which is recorded.")
    if reason and not force:
        raise click.UsageError("--reason is for --force; leave it out, or add --force.")
    line = ProgressLine()
    done = citewell().publish(
        id,
        force=reason,
        on_judging=lambda done, all: line.say(f"asking gold queries: {done} of {all}"),
        on_step=line.say,
    )
    line.done()
    result({"schema": 1, **asdict(done)}, f"Live is now {done.live}.")


@index.command()
def rollback() -> None:
    """Serve the version that was live before, and publish none until told.

    \b
    Example:
      citewell index rollback
    """
    line = ProgressLine()
    line.say("opening the version before")
    done = citewell().rollback()
    now, before = done.live, done.previous
    line.done()
    said = (
        f"Live is now {now}, as before {before}. From now on new versions are built and not published, until you say "
        f"citewell index publish {now} to stay with this one, citewell index publish {before} to go back to the other, "
        "or citewell index publish once a newer one was built."
    )
    result({"schema": 1, **asdict(done)}, said)


@index.command()
@click.option("--gold", type=click.Path(path_type=Path, exists=True), help="Gold that the new version must answer.")
@click.option("--no-publish", is_flag=True, help="Build and judge, but leave the live version as it is.")
def rebuild(gold: Path | None, no_publish: bool) -> None:
    """Build the live version anew from the texts that it holds, judge it, and publish it if it passes.

    No source file is needed. It is due where citewell status says so: after an update that reads texts otherwise.

    \b
    Example:
      citewell index rebuild
    """
    opened = citewell()
    line = ProgressLine()
    line.say("starting")
    report = opened.rebuild(
        gold=gold.absolute() if gold else None,
        publish=not no_publish,
        on_encoded=lambda chunks: line.say(f"{chunks:,} chunks encoded"),
        on_judging=lambda done, all: line.say(f"asking gold queries: {done} of {all}"),
        on_step=line.say,
    )
    line.done()
    result({"schema": 1, **asdict(report)}, lambda: _ingested(report, opened.home.live(), opened.settings.eval))
    if report.verdict == "failed":
        fail()


def _metadata(given: tuple[str, ...]) -> dict[str, str | tuple[str, ...]]:
    """What every document is to get: a key that is given several times is a list."""
    return {key: values if len(values) > 1 else values[0] for key, values in pairs(given, "--meta").items()}


def _ingested(report: IngestReport, live: str | None, asked: EvalSettings) -> str:
    done = {what: count for what, count in report.documents.items() if what != "gone"}
    counts = ", ".join(f"{count:,} {what}" for what, count in done.items() if count) or "nothing there"
    lines = [f"{counts} · {report.chunks:,} chunks · {duration(report.seconds)}"]
    if report.published:
        lines.append(f"live: {report.index_version} · {tested(report.verdict, asked)}")
    else:
        lines.append(f"NOT published: {report.index_version}, because {report.held_back}")
    lines += [f"  - {reason}" for reason in report.reasons if report.verdict == "failed"]
    lines += [report.unheld] if report.unheld else []
    if not report.published:
        lines += ["The live version goes on answering."] if live else []
    if gone := report.documents.get("gone", 0):
        what = "document of before is" if gone == 1 else "documents of before are"
        lines.append(
            f"{gone:,} {what} no longer on disk and still in the index; ingest with --prune removes what is gone."
        )
    lines += _named("could not be read", [(failure.document, failure.error) for failure in report.failures])
    if hidden := report.hidden_text:
        names = ", ".join(map(in_a_line, hidden[:_SHOWN])) + (", …" if len(hidden) > _SHOWN else "")
        what = "document holds" if len(hidden) == 1 else "documents hold"
        lines.append(f"{len(hidden):,} {what} hidden text, which counts as low in trust: {names}")
    lines += _named("skipped", [(skipped.document, skipped.reason) for skipped in report.skipped])
    return "\n".join(lines)


def _standing(found: Status, home: Path, asked: EvalSettings) -> str:
    live, waiting, running = found.served, found.pending, found.ingesting
    if live:
        built = live.created[:16].replace("T", " ")
        lines = [
            f"live      {live.id} · {tested(live.verdict, asked)}",
            f"holds     {live.documents:,} documents, {live.chunks:,} chunks, built {built} UTC",
        ]
    elif found.versions:
        lines = [
            f"live      none; the newest version is {found.versions[0].id} · {tested(found.versions[0].verdict, asked)}"
        ]
    else:
        lines = [f"No index in {home} yet. Build one: citewell ingest PATH"]
    if found.rebuild_due:
        lines.append(
            "rebuild   due: an older Citewell read its texts, which knew fewer forms of dates, numbers and names; run "
            "citewell index rebuild"
        )
    lines += [f"versions  {len(found.versions)}; citewell index versions lists them"] if len(found.versions) > 1 else []
    if found.demands_gold:
        lines.append("gold      new versions must be tested against it; citewell eval gate --lift undoes that")
    lines += (
        [f"pinned    someone rolled back; citewell index publish {live.id if live else 'ID'} lifts it"]
        if found.pinned
        else []
    )
    if erased := len(found.erased):
        owed = f", {len(waiting)} of them pending: run citewell delete again" if waiting else ""
        lines.append(
            f"erased    {erased:,} document{'s' * (erased != 1)}{owed}; citewell restore lets one be ingested again"
        )
    if running:
        since = running.started[11:16]
        lines.append(
            f"ingesting since {since} UTC: {running.done:,} of {running.documents:,} files, {running.encoded:,} of "
            f"{max(running.chunks, running.encoded):,} chunks encoded"
        )
    if not_read := found.documents["unread"]:
        lines.append(
            f"not read  {not_read:,} file{'s' * (not_read != 1)} or parts of files, as ask counts them: "
            f"{len(found.failures):,} failed, the others were skipped; citewell ingest names these"
        )
    if unseen := found.no_text_layer:
        lines.append(
            f"scans     {len(unseen):,} PDF{'s' * (len(unseen) != 1)} with pages that have no text layer: run OCR, "
            "or install a plugin that does (Scanned PDFs in the guide's plugins.md)"
        )
    return "\n".join([*lines, *_named("could not be read", [(f.document, f.error) for f in found.failures], all=True)])


def _named(what: str, rows: list[tuple[str, str]], *, all: bool = False) -> list[str]:
    shown = rows if all else rows[:_SHOWN]
    lines = [f"{what}:"] * bool(rows) + [f"  {in_a_line(name)}: {in_a_line(why)}" for name, why in shown]
    if len(rows) > len(shown):
        lines.append(f"  … and {len(rows) - len(shown)} more; --json lists them all")
    return lines
