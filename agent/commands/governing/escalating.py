"""Which runs wait for a person, and what do people answer? `citewell escalations`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.commands.shared import citewell, cli, fail, result
from agent.commands.terminal.output import width
from agent.plain import in_a_line, plain

if TYPE_CHECKING:
    from agent.run.people.cases import Person

_by = click.option("--by", metavar="NAME", help="Who does so; else the account of this user.")


@cli.group()
def escalations() -> None:
    """See the runs that a person is to go on with, and answer them.

    \b
    Example:
      citewell escalations list
    """


@escalations.command("list")
@click.option("--status", type=click.Choice(["open", "claimed", "resolved"]), help="Only those.")
@click.option("--joined", is_flag=True, help="Those too for which another case of the same question stands.")
def list_(status: str | None, joined: bool) -> None:
    """List the cases, the oldest first.

    \b
    Example:
      citewell escalations list --status open
    """
    opened = citewell()
    found = opened.cases.list(status=status, joined=joined)
    asked = {run.id: run.question for run in opened.journal.summaries([each.run for each in found])}
    cases = [{**asdict(each), "rules": [each.rule], "question": asked.get(each.run, "")} for each in found]
    lines = [
        f"{each.id:30}  {each.status:8}  {each.rule:20}  {each.route or '':12}  {in_a_line(asked.get(each.run, ''))}"[
            : width()
        ].rstrip()
        for each in found
    ]
    result({"schema": 1, "escalations": cases}, "\n".join(lines) or "No case. Runs are handed over by charter.toml.")


@escalations.command()
@click.argument("id")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write it as a page that opens offline.")
def show(id: str, html: Path | None) -> None:
    """Show all of a case: what was asked, found, tried and checked, and why a person is to go on.

    \b
    Example:
      citewell escalations show case-20260131T0915 --html case.html
    """
    from agent.run.people.showing import as_page, as_text

    file = citewell().cases.file(id)
    if html is not None:
        try:
            html.write_text(as_page(file), "utf-8")
        except OSError as error:
            raise click.UsageError(f"{html} cannot be written ({error.strerror}): name another file.") from None
    result(file.as_json, lambda: f"Open {html} in a browser." if html else as_text(file, width()))


@escalations.command()
@click.argument("id")
@_by
def claim(id: str, by: str | None) -> None:
    """Take a case upon yourself.

    \b
    Example:
      citewell escalations claim case-20260131T0915 --by "Ada"
    """
    import asyncio

    done = asyncio.run(citewell().cases.claim(id, _person(by)))
    result({"schema": 1, **asdict(done)}, f"{done.id} is claimed by {in_a_line(done.claimed_by or '')}.")


@escalations.command()
@click.argument("id")
@click.option("--answer", required=True, metavar="TEXT", help="What is answered to who asked.")
@click.option("--comment", metavar="TEXT", default="", help="Why; it is recorded, and not told to who asked.")
@click.option("--gold", type=click.Path(path_type=Path), metavar="FILE", help="Add the question to this gold file.")
@click.option("--cites", multiple=True, metavar="DOCUMENT", help="With --gold: a document that answers it; repeatable.")
@click.option("--note", is_flag=True, help="Ingest the answer as a note, of low trust and without personal data.")
@_by
def resolve(
    id: str, answer: str, comment: str, gold: Path | None, cites: tuple[str, ...], note: bool, by: str | None
) -> None:
    """Answer a case: the answer is the run's, and reaches who asked.

    \b
    Example:
      citewell escalations resolve case-20260131T0915 --answer "Yes, until March." --gold gold.jsonl
    """
    import asyncio

    from agent.run.people.cases import add_gold, as_gold

    opened = citewell()
    file = opened.cases.file(id)
    done = asyncio.run(opened.cases.resolve(id, plain(answer), _person(by), comment=plain(comment)))
    if gold is not None:
        add_gold(gold, as_gold(file, plain(answer), cites, opened.without_personal))
    said = [f"{done.id} is resolved.", *([f"The question is in {gold} now."] if gold else [])]
    data = {"schema": 1, **asdict(done), "gold": str(gold) if gold else None, "note": None}
    if note:
        name, report = opened.add_note(done.id, plain(answer), _person(by).by)
        data["note"] = {"document": name, "index_version": report.index_version, "published": report.published}
        why = report.held_back or "; ".join(report.reasons) or "see citewell status"
        said.append(f"{name} is in the index now." if report.published else f"{name} is not served yet: {why}.")
    result(data, " ".join(said))


@escalations.command()
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@_by
def reopen(id: str, reason: str, by: str | None) -> None:
    """Open a case again that was resolved.

    \b
    Example:
      citewell escalations reopen case-20260131T0915 --reason "The customer wrote again"
    """
    import asyncio

    done = asyncio.run(citewell().cases.reopen(id, plain(reason), _person(by)))
    result({"schema": 1, **asdict(done)}, f"{done.id} is open again.")


@escalations.command()
@click.option("--again", is_flag=True, help="Now, also what waits for its next attempt, and what was given up.")
def deliver(again: bool) -> None:
    """Do what is due: tell people of their cases, pass on those that nobody claimed, deny what nobody allowed.

    A service does so by itself.

    \b
    Example:
      citewell escalations deliver
    """
    import asyncio
    from datetime import UTC, datetime

    opened = citewell()
    found = asyncio.run(opened.cases.tend(datetime.now(UTC), anyway=again))
    lines = [f"{run}  denied: nobody allowed it in time; to go on: citewell runs resume {run}" for run in found.expired]
    lines += [f"{case}  went on to {opened.journal.case(case).route}" for case in found.moved]
    for each in found.told:
        lines.append(f"{each.case}  {each.what} · {each.route} by {each.channel}: {each.status}")
        lines += [f"  {in_a_line(each.said)}"] if each.said else []
    lines += [in_a_line(problem) for problem in found.problems]
    result({"schema": 1, **asdict(found)}, "\n".join(lines) or "Nothing is due.")
    if found.problems or any(each.status != "sent" for each in found.told):
        fail()


def _person(by: str | None) -> Person:
    from getpass import getuser

    from agent.run.people.cases import Person

    account = getuser()
    return Person(plain(by or account), account)
