"""What is told to who answers for the agent? `citewell report`."""

from __future__ import annotations

from pathlib import Path

import click

from agent.commands.shared import citewell, cli, result


@cli.group()
def report() -> None:
    """Tell who answers for the agent what it did.

    \b
    Example:
      citewell report ownership --month 2026-11
    """


@report.command()
@click.option("--month", metavar="YYYY-MM", help="The month, in UTC; the current one by default.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE.html", help="Write it as a page.")
def ownership(month: str | None, output: Path | None) -> None:
    """Show a month: runs and their outcomes, cases and how long they waited, approvals and by whom, costs.

    \b
    Example:
      citewell report ownership --month 2026-11 -o november.html
    """
    from datetime import UTC, datetime

    from agent.run.people.ownership import as_text, write_page

    found = citewell().ownership(month or f"{datetime.now(UTC):%Y-%m}")
    written = write_page(found, output) if output else None
    data = {**found, "path": str(written) if written else None}
    result(data, lambda: f"Open {written} in a browser." if written else as_text(found))
