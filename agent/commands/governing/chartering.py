"""What may the agent do, by its charter, and who signed that? `citewell charter`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from agent.commands.shared import CommandGroup, alone, citewell, cli, fail, result, settings
from agent.plain import in_a_line, plain


@cli.group(cls=CommandGroup)
@click.option("--diff", "old", type=click.Path(path_type=Path), metavar="OLD", help="Compare with an earlier charter.")
@click.option("--cases", type=click.Path(path_type=Path, exists=True), metavar="FILE", help="Run boundary cases on it.")
@click.pass_context
def charter(context: click.Context, old: Path | None, cases: Path | None) -> None:
    """Show what the charter says, as a page that can be signed; check it, or compare it with an earlier one.

    \b
    Example:
      citewell charter
      citewell charter --diff charter.before.toml
      citewell charter --cases cases.jsonl
    """
    if context.invoked_subcommand is None:
        alone(lambda: _diff(old) if old is not None else _show(cases))
    elif old is not None or cases is not None:
        raise click.UsageError(f"--diff and --cases go without {context.invoked_subcommand}.")


@charter.command()
@click.option("--by", metavar="NAME", required=True, help="Who stands for it.")
def sign(by: str) -> None:
    """Record that somebody stands for the charter as it is now: its hash, their name, the time.

    \b
    Example:
      citewell charter sign --by "Head of Support"
    """
    from getpass import getuser

    from agent.governance import signing
    from agent.governance.reading import load_charter

    opened = citewell()
    said = load_charter(_path())
    signed = signing.sign(opened.journal, said, by=plain(by), account=getuser())
    words = (
        f"Signed by {signed.by} (account {signed.account}) on {signed.at[:16].replace('T', ' ')}: {signed.charter[:16]}"
    )
    result({"schema": 1, **asdict(signed)}, words)


@charter.command()
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default="charter.toml", show_default=True, help="The file to write."
)
def init(out: Path) -> None:
    """Write a commented charter for the tools that are installed; nothing is overwritten.

    \b
    Example:
      citewell charter init
    """
    from agent.governance.beginning import commented

    opened = citewell()
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(commented([*opened.plugins.tools, *opened.attached.tools]))
    except FileExistsError:
        raise click.UsageError(f"{out} is there already: name another file with -o.") from None
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written ({error.strerror}): name another file with -o.") from None
    result({"schema": 1, "path": str(out)}, f"{out} is written: read it, name the owner, then citewell charter.")


def _path() -> Path:
    path = settings().agent.charter
    if path is None:
        raise click.UsageError("There is no charter here: write one with citewell charter init.")
    return path


def _show(cases: Path | None) -> None:
    from agent.governance import signing
    from agent.governance.describing import page
    from agent.governance.reading import BadCharter, load_charter, unknown_names

    opened = citewell()
    path = settings().agent.charter
    try:
        said = load_charter(path)
    except BadCharter as wrong:
        problems = [asdict(each) for each in wrong.problems] or [{"line": None, "problem": str(wrong)}]
        result({"schema": 1, "valid": False, "problems": problems, "owner": None}, "\n".join(map(_problem, problems)))
        fail()
    tools = [*opened.plugins.tools, *opened.attached.tools]
    problems = [{"line": None, "problem": each} for each in unknown_names(said, tools)]
    sections = page(said, tools)
    missing = signing.unsigned(signing.signatures(opened.journal), said) if path else None
    lines = [f"{path or 'There is no charter.toml; this is what holds without one.'}"]
    lines += [f"\n{head}\n" + "\n".join(f"  {in_a_line(line)}" for line in told) for head, told in sections]
    lines += ["", *map(_problem, problems)] if problems else []
    lines.append(f"\n{said.digest}\n{f'Not signed: {missing}.' if missing else 'Signed.' if path else ''}".rstrip())
    data: dict[str, Any] = {
        "schema": 1,
        "valid": True,
        "problems": problems,
        "owner": asdict(said.owner) if said.owner else None,
        "digest": said.digest,
        "signed": path is not None and missing is None,
        "sections": dict(sections),
        "cases": None,
    }
    if cases is None:
        result(data, "\n".join(lines))
        return
    from eval.cases.evaluate import as_json
    from eval.report.cases import sentence

    found = opened.examine(cases).found
    told = as_json(found)
    data["cases"] = {name: told[name] for name in ("cases", "passed", "failures")}
    lines += [f"\n{sentence(found)}"]
    lines += [f"  failed: {each.case.id}: {'; '.join(map(in_a_line, each.worst.reasons))}" for each in found.failures]
    result(data, "\n".join(lines))
    if found.failures:
        fail()


def _diff(old: Path) -> None:
    from agent.governance.differing import changed, more_allowed
    from agent.governance.reading import load_charter

    opened = citewell()
    before, now = load_charter(old, holds=False), load_charter(_path())
    tools = [*opened.plugins.tools, *opened.attached.tools]
    more, less = more_allowed(before, now, tools), more_allowed(now, before, tools)
    others = changed(before, now)
    lines = [*(f"+ {each}" for each in more), *(f"- {each}" for each in less), *(f"~ {each}" for each in others)]
    words = "\n".join(map(in_a_line, lines)) or "Both say the same."
    result({"schema": 1, "allows": more, "no_longer_allows": less, "changes": others}, words)


def _problem(problem: Mapping[str, Any]) -> str:
    where = f"line {problem['line']}: " if problem["line"] else ""
    return f"{where}{in_a_line(str(problem['problem']))}."
