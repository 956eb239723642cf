"""What does `citewell` do when it is typed? Options that all commands share, and errors that end with what to do."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from agent.commands.output import PlainLog, close_quietly, open_streams, plain, results_alone

if TYPE_CHECKING:
    from agent.settings import Settings
    from agent.wire import Citewell

# These codes mean that what was typed or configured cannot be; every other error is a failure of the work itself.
_USAGE_CODES = frozenset(
    {
        "bad_settings",
        "bad_charter",
        "bad_gold",
        "bad_run",
        "bad_floor",
        "bad_target",
        "nothing_to_read",
        "not_prunable",
        "label_taken",
        "no_document",
        "no_index",
        "no_such_run",
        "not_loopback",
        "not_recorded",
        "bad_home",
        "usage",
    }
)


class _Home(click.Path):
    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        if value == "":  # a variable of a script that is not set; it would be the current folder
            self.fail("It is empty: name a folder, or leave --home out.", parameter, context)
        return super().convert(value, parameter, context)


_OPENED = "agent.cli.citewell"  # where the one home that a command opens is kept
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
        shared = context.ensure_object(dict)
        for name in ("home", "as_json", "debug", "log_level"):
            value = context.params.pop(name, None)
            if value:
                shared[name] = value
        if shared.get("log_level"):
            logging.getLogger().setLevel(shared["log_level"].upper())
        with results_alone() as shared["out"]:
            return super().invoke(context)


class Group(click.Group):
    """A group of such commands; names are listed in the order in which they are used, not by alphabet."""

    command_class = Command

    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """As they were added."""
        return list(self.commands)


Group.group_class = Group


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
    """The settings in force for this command."""
    from agent.settings import load_settings

    return load_settings(home=given("home"))


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
        from pydantic_core import to_json

        click.echo(to_json(data, indent=None if in_a_line else 2, inf_nan_mode="null").decode(), file=given("out"))
    else:
        click.echo(plain(text if isinstance(text, str) else text()), file=given("out"))


def fail(code: int = 1) -> NoReturn:
    """Ends the command after its result was printed."""
    raise click.exceptions.Exit(code)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The entry point: runs a command and translates what it raises into an exit code."""
    open_streams()
    log = logging.StreamHandler()
    log.setFormatter(PlainLog(logging.Formatter("citewell: %(levelname)s: %(message)s")))
    logging.basicConfig(handlers=[log], level=logging.WARNING)
    _load_commands()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = cli.main(words, prog_name="citewell", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError) and "--json" not in words:
            click.echo(error.format_message())
            sys.exit(0)
        if "--json" in words:
            _print_error("usage", error.format_message())
        told = io.StringIO()
        error.show(told)  # it repeats what was typed, or what stands in a file
        click.echo(plain(told.getvalue()), err=True, nl=False)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        if "--json" in words:
            _print_error("interrupted", "Interrupted; run the command again.")
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the last place where an error can be told in words
        sys.exit(_explained(error, words))


def _explained(error: Exception, words: Sequence[str]) -> int:
    from ingest.model import CitewellError

    known = isinstance(error, CitewellError)
    code = error.code if isinstance(error, CitewellError) else "internal_error"
    message = str(error) if known else f"{type(error).__name__}: {error}"
    if isinstance(error, OSError) and not known:
        from ingest.access import explained

        code, message = "system", explained(error)
    elif not known:
        message = f"Citewell has a bug ({message}); run the command again with --debug and report what it prints."
    if "--json" in words:
        _print_error(code, message)
    if "--debug" in words:
        import traceback

        click.echo(plain("".join(traceback.format_exception(error))), err=True, nl=False)
    click.echo(plain(f"citewell: {message}"), err=True)
    return 2 if code in _USAGE_CODES else 1


def _print_error(code: str, message: str) -> None:
    try:
        told = json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False, indent=2)
        click.echo(told.encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()
    except OSError:  # what reads our output has gone, or its disk is full, which may be the error to be told
        close_quietly()


def _load_commands() -> None:
    """Fills the groups; the modules import nothing heavy themselves."""
    from agent.commands import asking, erasing, evaluating, examining, improving, indexing, serving  # noqa: F401 - they register
