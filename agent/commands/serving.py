"""What is attached, and how is it reached over HTTP? `citewell plugins` and `serve`."""

from __future__ import annotations

import re
import secrets
import threading
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

import click

from agent.commands.shared import CommandGroup, alone, citewell, cli, fail, given, result, settings
from ingest.errors import CitewellError


@cli.group(cls=CommandGroup)
@click.option(
    "--check",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[NAME]",
    help="Check whether a plugin, or each, does what is expected of one; tools that read are called.",
)
@click.pass_context
def plugins(context: click.Context, check: str | None) -> None:
    """List plugins, their tools, and what failed to load; check them, or begin a new one.

    \b
    Example:
      citewell plugins
      citewell plugins --check citewell-dice
      citewell plugins new weather
    """
    if context.invoked_subcommand is None:
        alone(_list if check is None else partial(_check, check or None))
    elif check is not None:
        raise click.UsageError("--check NAME and a command are two things: leave one out.")


@plugins.command()
@click.argument("name")
@click.option("--into", default=".", type=click.Path(path_type=Path, file_okay=False), help="The folder to write into.")
def new(name: str, into: Path) -> None:
    """Write a new plugin: a package with one tool and its test, which passes `--check`.

    \b
    Example:
      citewell plugins new weather
    """
    from plugins.scaffold import as_path, write_plugin

    files = write_plugin(name, into)
    folder = files[0].parent
    data = {"schema": 1, "path": str(folder), "files": [str(path) for path in files]}
    lines = [
        *(f"wrote {path}" for path in files),
        f"Next: .venv/bin/pip install {as_path(folder)}",
        f"      citewell plugins --check {name}",
    ]
    result(data, "\n".join(lines))


def _check(name: str | None) -> None:
    from plugins.checking import check_apart

    found = check_apart(name)
    failed = [each for each in found if not each.ok]
    data = {
        "schema": 1,
        "ok": not failed,
        "passed": len(found) - len(failed),
        "failed": len(failed),
        "checks": [asdict(each) for each in found],
    }
    lines = []
    for of, checks in groupby(found, key=lambda each: (each.plugin, each.tool)):
        those = list(checks)
        wrong = [each for each in those if not each.ok]
        lines.append(f"{' '.join(filter(None, of))}: {len(those) - len(wrong)} of {len(those)} checks passed")
        lines += [f"  {each.check}: {each.detail}" for each in wrong]
    result(data, "\n".join(lines))
    if failed:
        fail()


_AUTHORIZED: Final = {"allow": "allow", "approve": "ask", "deny": "deny"}  # as scripts know it


def _list() -> None:
    from agent.governance.reading import load_charter, unknown_names
    from plugins.manager import PARTS, PluginFailure
    from plugins.servers import NONE

    opened = citewell()
    loaded, attached = opened.plugins, NONE
    failures = list(loaded.failures)
    try:
        attached = opened.attached
        failures += [PluginFailure(server, fault) for server, fault in attached.failures]
    except CitewellError as error:
        failures.append(PluginFailure("mcp", str(error)))
    all_tools = [*loaded.tools, *attached.tools]
    charter = load_charter(settings().agent.charter)
    problems = unknown_names(charter, all_tools)
    tools = [
        {
            "name": tool.name,
            "plugin": tool.plugin,
            "effect": tool.effect,
            "authorization": _AUTHORIZED[charter.of(tool).within],
            "warnings": list(tool.warnings),
            "timeout": tool.timeout,
            "retries": tool.retries,
            "idempotent": tool.idempotent,
            "apart": tool.apart is not None,
        }
        for tool in all_tools
    ]
    data = {
        "schema": 1,
        "plugins": [asdict(plugin) for plugin in loaded.plugins],
        "tools": tools,
        "readers": sorted(loaded.readers),
        **{f"{kind}s": sorted(name for of, name in loaded.parts if of == kind) for kind in PARTS},
        "failures": [asdict(failure) for failure in failures],
        "problems": problems,
    }
    lines = [f"{plugin.name} {plugin.version}" for plugin in loaded.plugins]
    lines += [f"  {tool['name']:24} {tool['effect']:9} {tool['authorization']:6} {tool['plugin']}" for tool in tools]
    lines += [f"  {kind} {name} ({part.plugin})" for (kind, name), part in sorted(loaded.parts.items())]
    lines += [f"  warning: {warning}" for tool in all_tools for warning in tool.warnings]
    lines += [f"failed: {failure.plugin}: {failure.error}" for failure in failures]
    lines += [f"problem: {problem}" for problem in problems]
    result(data, "\n".join(lines))


def _names(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names alone: a port, an address of a page or a pattern would never be met."""
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", name):
            raise click.BadParameter(f"{name!r} is no host's name: write it like answers.example.org, without a port.")
    return names


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--host-name",
    "names",
    multiple=True,
    metavar="NAME",
    callback=_names,
    help="A name that clients may call it by, such as a reverse proxy's; repeatable.",
)
def serve(host: str, port: int, names: tuple[str, ...]) -> None:
    """Answer over HTTP: POST /ask, POST /search, GET /healthz, GET /readyz, GET /docs.

    Who approves calls or answers cases over HTTP sends the token that is printed as it begins.

    \b
    Example:
      citewell serve --port 8000
      citewell serve --host-name answers.example.org
    """
    from agent.journal.owner import serving
    from agent.service.app import create_app
    from agent.service.server import serve as serve_app

    opened, token = citewell(), secrets.token_urlsafe(24)
    opened.check_trust()
    click.echo(f"To approve calls and answer cases over HTTP send: Authorization: Bearer {token}", err=True)
    threading.Thread(target=opened.keep_up, daemon=True).start()  # so that the first question need not wait either
    with serving(opened.home.path) if opened.unrecorded is None else nullcontext():
        serve_app(create_app(opened, hosts=names, token=token), host, port, ending=opened.end_servers)


@cli.command()
@click.option("--http", "over_http", is_flag=True, help="Over streamable HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: a loopback address.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="With --http.")
@click.option(
    "--host-name",
    "names",
    multiple=True,
    metavar="NAME",
    callback=_names,
    help="With --http: a name that clients may call it by, such as a reverse proxy's; repeatable.",
)
def mcp(over_http: bool, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve search, fetch and ask to other agents over MCP; a host starts it and speaks over its standard input.

    \b
    Example:
      citewell mcp
      citewell mcp --http --port 8001
    """
    from plugins.servers import check_library

    check_library()
    import asyncio

    from agent.service.mcp import create_server, http_app
    from agent.service.server import serve as serve_app

    opened = citewell()
    opened.check_trust()
    threading.Thread(target=opened.keep_up, daemon=True).start()
    server = create_server(opened)
    if over_http:
        serve_app(http_app(server, hosts=names), host, port, ending=opened.end_servers)
    else:
        asyncio.run(server.speak(given("out").buffer))
