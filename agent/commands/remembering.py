"""What is remembered of a principal? `citewell memory`."""

from __future__ import annotations

from typing import Any

import click

from agent.commands.shared import citewell, cli, fail, result
from agent.plain import in_a_line, plain

_principal = click.option("--principal", required=True, metavar="NAME", help="Of whom it is remembered.")
_by = click.option("--by", metavar="NAME", help="Who says so; else the principal.")
_from = click.option("--from", "since", metavar="DAY", help="The first day on which it holds, as 2026-11-30.")
_until = click.option("--until", metavar="DAY", help="The first day on which it holds no longer.")


@cli.group()
def memory() -> None:
    """See what is remembered of a principal, and change it; it is off unless the settings name them.

    \b
    Example:
      citewell memory list --principal ada
    """


@memory.command("list")
@_principal
@click.option("--all", "every", is_flag=True, help="Also what is past or was superseded.")
def list_(principal: str, every: bool) -> None:
    """List what is remembered, with since when it holds and whose word it is.

    \b
    Example:
      citewell memory list --principal ada
    """
    found = citewell().memories.listed(principal, every=every)
    nothing = f"Nothing is remembered of {in_a_line(principal)}."
    result({"schema": 1, "memories": found}, "\n".join(map(_line, found)) or nothing)


@memory.command()
@click.argument("subject")
@click.argument("attribute")
@click.argument("value")
@_principal
@click.option("--kind", type=click.Choice(["fact", "preference", "resolution"]), default="fact", show_default=True)
@_from
@_until
@click.option("--run", metavar="ID", help="The run whose answer says it, which is looked at.")
@click.option("--approve", is_flag=True, help="You looked at what that run read, and stand for it.")
@_by
def add(
    subject: str,
    attribute: str,
    value: str,
    principal: str,
    kind: Any,
    since: str | None,
    until: str | None,
    run: str | None,
    approve: bool,
    by: str | None,
) -> None:
    """Remember that an attribute of a subject has a value; it takes the place of what says otherwise.

    \b
    Example:
      citewell memory add printer model "LaserJet 4000" --principal ada
      citewell memory add home city Paris --from 2021-05-01 --principal ada
    """
    from agent.run.people.memories import Told

    told = Told(
        principal, subject, attribute, value, _person(by or principal), kind, since, until,
        run, approve,
    )  # fmt: skip
    _written(citewell().memories.add(told))


@memory.command()
@click.argument("id")
@_principal
@click.option("--value", help="What is right.")
@_from
@_until
@_by
def edit(id: str, principal: str, value: str | None, since: str | None, until: str | None, by: str | None) -> None:
    """Correct what is remembered; the days that you do not name stay.

    \b
    Example:
      citewell memory edit m-20261130 --until 2027-01-01 --principal ada
    """
    whose = _person(by or principal)
    _written(citewell().memories.edit(principal, id, whose, value=value, since=since, until=until))


@memory.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_principal
@click.option("--all", "every", is_flag=True, help="All that is remembered of them.")
@click.option("--past", is_flag=True, help="All that is past or was superseded.")
def forget(ids: tuple[str, ...], principal: str, every: bool, past: bool) -> None:
    """Erase what is remembered, with what came of it in runs, and look for what is left of it.

    \b
    Example:
      citewell memory forget m-20261130 --principal ada
    """
    if (bool(ids), every, past).count(True) != 1:
        raise click.UsageError("Name what to forget by its ids, or say --all, or --past.")
    done = citewell().memories.forget(principal, ids or None, past=past)
    lines = [f"Forgotten: {each}" for each in done.forgotten] or ["Nothing to forget."]
    if done.forgotten:
        lines.append(f"{done.events} events of the journal were emptied.")
        clean = f"Clean: none of {done.sequences} word sequences of it is in any file."
        lines.append(clean if done.clean else "NOT clean: words of it are still in a file; forget it again later.")
    if done.pending:
        lines.append(f"Pending, because {done.pending.removesuffix('.')}.")
    from dataclasses import asdict

    result({"schema": 1, **asdict(done)}, "\n".join(lines))
    if not done.clean:
        fail()


@memory.command()
@_principal
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write; else it is printed.")
def export(principal: str, output: str | None) -> None:
    """Give all that is remembered as JSON, what is past and superseded too.

    \b
    Example:
      citewell memory export --principal ada -o ada.json
    """
    from pathlib import Path

    from pydantic_core import to_json

    found = {"schema": 1, "principal": principal, "memories": citewell().memories.listed(principal, every=True)}
    written = to_json(found, indent=2).decode()
    if output is None:
        result(found, written)
        return
    Path(output).write_text(f"{written}\n", "utf-8")
    result({"schema": 1, "principal": principal, "path": output}, f"Written: {output}")


def _person(by: str) -> Any:
    from getpass import getuser

    from agent.run.people.cases import Person

    return Person(plain(by), getuser())


def _written(made: dict[str, Any]) -> None:
    result({"schema": 1, "memory": made}, f"Remembered: {_line(made)}")


def _line(each: dict[str, Any]) -> str:
    days = " ".join(f"{word} {day}" for word, day in (("from", each["from"]), ("until", each["to"])) if day)
    said = ": ".join(in_a_line(each[name]) for name in ("subject", "attribute", "value"))
    source = each["source"]
    whose = f"run {source['run']}" if source.get("run") else f"told by {in_a_line(source['by'])}"
    status = "" if each["status"] == "current" else f", {each['status']}"
    return f"{each['id']}  {said}{f' ({days})' if days else ''}  [{whose}, {each['recorded'][:10]}{status}]"
