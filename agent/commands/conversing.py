"""What was said before? `citewell conversations`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agent.commands.shared import citewell, cli, result
from agent.plain import in_a_line

if TYPE_CHECKING:
    from agent.memory.conversation import Conversation

_principal = click.option("--principal", metavar="NAME", help="Only what this principal said.")


@cli.group()
def conversations() -> None:
    """See what was said in conversations, and delete it.

    \b
    Example:
      citewell conversations list
    """


@conversations.command("list")
@_principal
def list_(principal: str | None) -> None:
    """List conversations, the latest first.

    \b
    Example:
      citewell conversations list
    """
    found = citewell().conversations(principal)
    lines = [
        f"{each.id:16}  {each.turns:3} question{'s' * (each.turns != 1):1}  {each.last[:16].replace('T', ' ')}"
        f"  {in_a_line(each.principal or '')}".rstrip()
        for each in found
    ]
    nothing = 'No conversation yet. Try: citewell ask --conversation new "…"'
    result({"schema": 1, "conversations": [asdict(each) for each in found]}, "\n".join(lines) or nothing)


@conversations.command()
@click.argument("id")
@_principal
def show(id: str, principal: str | None) -> None:
    """Show what was asked and answered in a conversation.

    \b
    Example:
      citewell conversations show invoices
    """
    found = citewell().conversation(id, principal=principal, anyones=principal is None)
    result(_json(found), lambda: _told(found))


@conversations.command()
@click.argument("id")
@_principal
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write; else it is printed.")
def export(id: str, principal: str | None, output: str | None) -> None:
    """Give a conversation as JSON, with what each answer cites.

    \b
    Example:
      citewell conversations export invoices -o invoices.json
    """
    from pathlib import Path

    from pydantic_core import to_json

    found = citewell().conversation(id, principal=principal, anyones=principal is None)
    written = to_json(_json(found), indent=2).decode()
    if output is None:
        result(_json(found), written)
        return
    Path(output).write_text(f"{written}\n", "utf-8")
    result({"schema": 1, "id": found.id, "path": output}, f"Written: {output}")


@conversations.command()
@click.argument("id")
@_principal
def delete(id: str, principal: str | None) -> None:
    """Take out all that was said in a conversation; that it was deleted is recorded.

    \b
    Example:
      citewell conversations delete invoices
    """
    done = citewell().forget_conversation(id, principal=principal, anyones=principal is None)
    said = f"Deleted: {id}; {done.events} events of the journal were emptied."
    if done.pending:
        said = f"{said}\nPending, because {done.pending.removesuffix('.')}."
    result({"schema": 1, "deleted": id, "events": done.events, "pending": done.pending}, said)


def _json(found: Conversation) -> dict[str, object]:
    return {"schema": 1, **asdict(found)}


def _told(found: Conversation) -> str:
    blocks = []
    for each in found.exchanges:
        lines = [f"{each.at[:16].replace('T', ' ')}  {in_a_line(each.asked)}"]
        if each.understood != each.asked:
            lines.append(f"  understood as: {in_a_line(each.understood)}")
        lines += [f"  {in_a_line(line)}" for line in each.answer.splitlines()] or [f"  ({each.status})"]
        lines += [f"  answered by {in_a_line(each.by)}"] if each.by else []
        lines += [f"  [{place}] {in_a_line(one.document)}" for place, one in enumerate(each.cited, start=1)]
        if each.answer and each.open:
            lines.append(f"  still open: {in_a_line('; '.join(each.open))}")
        blocks.append("\n".join([*lines, f"  run {each.run}"]))
    whose = f" · {in_a_line(found.principal)}" if found.principal else ""
    return "\n\n".join([f"conversation {found.id}{whose}", *blocks])
