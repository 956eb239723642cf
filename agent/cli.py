"""What does `citewell` do when it is typed? It runs a command, and ends with its exit code, or an error in words."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from agent.commands.shared import cli
from agent.commands.terminal.output import close_quietly, open_streams
from agent.plain import PlainLog, plain


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
    from ingest.errors import CitewellError

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
    return error.exit_code if isinstance(error, CitewellError) else 1


def _print_error(code: str, message: str) -> None:
    try:
        told = json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False, indent=2)
        click.echo(told.encode("utf-8", "backslashreplace").decode())
        sys.stdout.flush()
    except OSError:  # what reads our output has gone, or its disk is full, which may be the error to be told
        close_quietly()


def _load_commands() -> None:
    """Fills the groups; the modules import nothing heavy themselves."""
    from agent.commands import (  # noqa: F401 - they register
        asking,
        cases,
        conversing,
        erasing,
        evaluating,
        examining,
        improving,
        indexing,
        remembering,
        running,
        serving,
    )
    from agent.commands.governing import chartering, escalating, reporting, trusting  # noqa: F401 - so do they
