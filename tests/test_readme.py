"""Does every command that the README tells people to type exist?"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands():
    """The lines of the README's `sh` blocks, and those of its `console` blocks that follow a `$`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for fence in FENCE.finditer(text):
        body = fence[1].replace("\\\n", " ")
        lines = body.splitlines()
        if fence[0].startswith("```console"):
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        yield from (line.strip() for line in lines if line.strip() and not line.strip().startswith("#"))


def words_of(name):
    """The words after `name` in each command that calls it; redirections and pipes are the shell's."""
    for line in commands():
        for part in re.split(r"\s(?:&&|\|\|?|;)\s", line):
            words = shlex.split(part.partition(" > ")[0], comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):  # variables set for the command
                words.pop(0)
            if words and Path(words[0]).name == name:
                yield words[1:]


def test_the_readme_shows_how_to_set_up_and_what_to_type():
    assert ["demo"] in [*words_of("make")]
    assert [*words_of("citewell")]


@pytest.mark.parametrize("words", [*words_of("make")], ids=" ".join)
def test_a_make_command_in_the_readme_has_its_target(words):
    targets = [word for word in words if "=" not in word and not word.startswith("-")]
    known = subprocess.run(["make", "-pRrnq"], cwd=ROOT, capture_output=True, text=True, check=False).stdout

    for target in targets:
        assert re.search(rf"^{re.escape(target)}:", known, re.MULTILINE), f"`make {target}` is not in the Makefile"


def test_each_measurement_that_make_bench_runs_is_there():
    named = re.search(r"^benchmarks := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1].split()

    assert [name for name in named if not (ROOT / "benchmarks" / f"{name}.py").is_file()] == []


@pytest.mark.parametrize("words", [*words_of("citewell")], ids=" ".join)
def test_a_citewell_command_in_the_readme_parses(words, monkeypatch):
    from agent.cli import _load_commands
    from agent.commands.shared import cli

    _load_commands()
    command, context = cli, None
    remaining = list(words)
    while True:
        if {"--help", "-h", "--version"} & set(remaining[:1]):
            return
        # Paths of an example need not exist here, so a click.Path is checked for its form alone.
        for parameter in command.params:
            if isinstance(parameter.type, click.Path):
                monkeypatch.setattr(parameter.type, "exists", False)
        context = command.make_context(command.name or "citewell", remaining, parent=context)
        if not isinstance(command, click.Group):
            return
        remaining = [*context._protected_args, *context.args]
        if command.invoke_without_command and not remaining:
            return
        name, command, remaining = command.resolve_command(context, remaining)
        assert command is not None, f"there is no command {name!r}"
