"""What do all commands share: their options, the home that they open, and how they end?"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from agent.commands.terminal.output import results_alone, styled
from agent.plain import escaped, plain

if TYPE_CHECKING:
    from agent.settings import Settings
    from agent.wire import Citewell


class _Home(click.Path):
    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        if value == "":  # a variable of a script that is not set; it would be the current folder
            self.fail("It is empty: name a folder, or leave --home out.", parameter, context)
        return super().convert(value, parameter, context)


_OPENED = "citewell.opened"  # where the one home that a command opens is kept
_SETTINGS = "citewell.settings"  # and its settings


_SHARED: tuple[Callable[..., Any], ...] = (
    click.option(
        "--home", type=_Home(path_type=Path, readable=False), help="The folder that Citewell keeps everything in."
    ),
    click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error."),
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        help="How much is logged to stderr (warning).",
    ),
)


class Command(click.Command):
    """A command that also takes the shared options, so that they may stand before or after its name."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for option in _SHARED:
            option(self)

    def invoke(self, context: click.Context) -> Any:
        """Hands the shared options to the context, where `given` finds them."""
        with results_alone() as _shared(context)["out"]:
            return super().invoke(context)


def _shared(context: click.Context) -> dict[str, Any]:
    """What was given of the shared options so far, those of this command among it."""
    shared: dict[str, Any] = context.ensure_object(dict)
    for name in ("home", "as_json", "debug", "log_level"):
        value = context.params.pop(name, None)
        if value:
            shared[name] = value
    if shared.get("log_level"):
        logging.getLogger().setLevel(shared["log_level"].upper())
    return shared


class Group(click.Group):
    """A group of such commands; names are listed in the order in which they are used, not by alphabet."""

    command_class = Command

    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """As they were added."""
        return list(self.commands)


Group.group_class = Group


class CommandGroup(Group):
    """A group that is a command too, where none of its own is named: then `alone` runs what it does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"invoke_without_command": True, **options})
        for option in _SHARED:
            option(self)

    def invoke(self, context: click.Context) -> Any:
        """Hands the shared options to the context, as a command does."""
        _shared(context)
        return super().invoke(context)


def alone(does: Callable[[], None]) -> None:
    """Runs what a `CommandGroup` does itself; its results alone reach standard output."""
    with results_alone() as click.get_current_context().ensure_object(dict)["out"]:
        does()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="citewell", message="citewell %(version)s")
@click.pass_context
def cli(context: click.Context, /, **shared: Any) -> None:
    """Answers from your documents, with proof.

    \b
    Example:
      citewell ingest docs
      citewell ask "How do I add a plugin?"

    \b
    To complete commands with the Tab key (or with zsh_source, fish_source):
      eval "$(_CITEWELL_COMPLETE=bash_source citewell)"
    """
    context.obj = {name: value for name, value in shared.items() if value}
    if shared.get("log_level"):
        logging.getLogger().setLevel(shared["log_level"].upper())


for _option in _SHARED:
    _option(cli)


def given(name: str) -> Any:
    """A shared option's value, wherever it stood; None if it was not given."""
    return (click.get_current_context().obj or {}).get(name)


def settings() -> Settings:
    """The settings in force for this command, read once."""
    from agent.settings import load_settings

    context = click.get_current_context()
    if _SETTINGS not in context.meta:
        context.meta[_SETTINGS] = load_settings(home=given("home"))
    told: Settings = context.meta[_SETTINGS]
    return told


def citewell() -> Citewell:
    """The home that this command works on, opened once and closed with the command."""
    from agent.wire import open_citewell

    context = click.get_current_context()
    if _OPENED not in context.meta:
        context.meta[_OPENED] = context.with_resource(open_citewell(settings=settings()))
    opened: Citewell = context.meta[_OPENED]
    return opened


def result(data: Mapping[str, Any], text: str | Callable[[], str], *, in_a_line: bool = False) -> None:
    """Prints a command's result: one JSON object (`in_a_line`, where more follow), or what a person reads."""
    if given("as_json"):
        from pydantic_core import to_jsonable_python

        said = to_jsonable_python(data, inf_nan_mode="null")
        how: Any = {"separators": (",", ":")} if in_a_line else {"indent": 2}
        written = json.dumps(said, ensure_ascii=False, **how)
        # A lone surrogate has no UTF-8; written as a backslash escape it is still the same JSON string
        written = escaped(written)  # what steers a terminal, or is not seen, is still the same JSON
        click.echo(written.encode("utf-8", "backslashreplace").decode(), file=given("out"))
    else:
        click.echo(styled(plain(text if isinstance(text, str) else text())), file=given("out"))


def fail(code: int = 1) -> NoReturn:
    """Ends the command after its result was printed."""
    raise click.exceptions.Exit(code)


def pairs(given: tuple[str, ...], option: str) -> dict[str, tuple[str, ...]]:
    """`KEY=VALUE` words as a mapping to all values of a key."""
    found: dict[str, tuple[str, ...]] = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise click.UsageError(f"{option} takes KEY=VALUE, not {word!r}.")
        found[key] = (*found.get(key, ()), value)
    return found


def confirmed(question: str) -> bool:
    """Whether the person at the terminal says yes to what they are shown."""
    forget_typed()
    return click.confirm(question, err=True)


def forget_typed() -> None:
    """Lets go of what was typed before a question was asked, which answers nothing."""
    with suppress(ImportError, OSError, ValueError):
        import termios

        with suppress(termios.error):  # no terminal
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
