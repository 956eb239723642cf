"""What leaves a home for good? `citewell delete`, `restore`, `index verify-deletion` and `index compact`."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agent.commands.indexing import index
from agent.commands.shared import citewell, cli, fail, result
from agent.commands.terminal.interrupted import ending_as_interrupted
from agent.commands.terminal.progress import ProgressLine
from agent.plain import in_a_line

if TYPE_CHECKING:
    from retrieval.erasure.erasing import Deletion, Proof


@cli.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
def delete(documents: tuple[str, ...]) -> None:
    """Erase documents from every version, cache and record, and keep them from coming back.

    Nobody is given anything of them from the moment this is typed. Then every file that held them is written anew.

    \b
    Example:
      citewell delete handbook/old-contract.docx
    """
    click.get_current_context().with_resource(ending_as_interrupted())
    line = ProgressLine()
    done = citewell().delete(documents, on_step=line.say)
    line.done()
    result({"schema": 1, **asdict(done)}, lambda: _deleted(done))


@cli.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
def restore(documents: tuple[str, ...]) -> None:
    """Let documents that were erased be ingested again. It does not bring them back by itself.

    \b
    Example:
      citewell restore handbook/old-contract.docx
    """
    lifted = citewell().restore(documents)
    said = "\n".join(f"{in_a_line(name)} may be ingested again." for name in lifted)
    result({"schema": 1, "restored": lifted}, said)


@index.command("verify-deletion")
@click.argument("document")
def verify_deletion(document: str) -> None:
    """Look for what is left of an erased document, in every file of the home.

    \b
    Example:
      citewell index verify-deletion handbook/old-contract.docx
    """
    line = ProgressLine()
    line.say("looking through the documents that you have")

    def looked(done: int, all: int) -> None:
        line.say(f"{done / 1e6:,.0f} of {all / 1e6:,.0f} MB looked through")

    proof = citewell().verify_deletion(document, on_looked=looked)
    line.done()
    result({"schema": 1, **asdict(proof)}, lambda: _proven(proof))
    if not proof.clean:
        fail()


@index.command()
@click.option("--keep", type=click.IntRange(0), default=0, help="How many versions to keep beside those that serve.")
def compact(keep: int) -> None:
    """Drop old versions; the live one, the one before it and the newest candidate stay.

    \b
    Example:
      citewell index compact
    """
    click.get_current_context().with_resource(ending_as_interrupted())
    line = ProgressLine()
    line.say("dropping old versions")
    done = citewell().compact(keep)
    line.done()
    count = len(done.dropped)
    freed = f"{count} version{'s' * (count != 1)} dropped, {done.bytes_freed / 1e6:,.0f} MB freed."
    result({"schema": 1, **asdict(done)}, freed if count else "Nothing to drop.")


def _deleted(done: Deletion) -> str:
    lines = [f"Erased: {in_a_line(name)}" for name in done.deleted]
    versions, events = len(done.versions), done.events
    lines.append(f"from {versions} version{'s' * (versions != 1)}; {events} events of the journal were emptied.")
    if done.pending:
        lines.append(
            f"Pending: {', '.join(map(in_a_line, done.pending))}, because of {done.waits_for.removesuffix('.')}."
        )
        lines.append("Nothing of them is given to anyone meanwhile. citewell delete finishes it, as does any ingest.")
    lines.append(f"Prove it: citewell index verify-deletion {shlex.quote(in_a_line(done.deleted[0]))}")
    return "\n".join(lines)


def _proven(proof: Proof) -> str:
    again = f"{proof.document} was erased on {proof.erased[:10]} and restored on {(proof.restored or '')[:10]}. "
    before = again if proof.restored else ""
    if proof.clean and proof.sequences:
        others = f" ({proof.elsewhere} others stand in documents that you have)" if proof.elsewhere else ""
        return (
            f"{before}Clean: none of {proof.sequences} word sequences of {proof.document} alone is in any file{others}."
        )
    if proof.clean and proof.restored and proof.elsewhere:
        return f"{before}Its {proof.elsewhere} word sequences stand in documents that you have by now, as they may."
    if proof.clean:
        held = "" if proof.restored else f"No version holds {proof.document}. "
        return f"{before}{held}It had no words of its own that could be looked for in the files."
    lines = [f"{before}NOT clean: {proof.document} is still in"]
    lines += [f"  {trace.file}: {trace.where}" for trace in proof.found]
    lines += ["The erasure is pending; run citewell delete again."] if proof.pending else []
    return "\n".join(lines)
