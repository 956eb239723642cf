"""What is attached, and how is it reached over HTTP? `citewell plugins` and `serve`."""

from __future__ import annotations

import re
import threading
from dataclasses import asdict

import click

from agent.commands.shared import citewell, cli, result, settings


@cli.command()
def plugins() -> None:
    """List plugins, their tools, and what failed to load.

    \b
    Example:
      citewell plugins
    """
    from agent.governance.charter import load_charter, unknown_names
    from plugins.manager import load_plugins

    loaded = load_plugins()
    charter = load_charter(settings().agent.charter)
    problems = unknown_names(charter, loaded.tools)
    tools = [
        {
            "name": tool.name,
            "plugin": tool.plugin,
            "effect": tool.effect,
            "authorization": charter.authorize(tool),
            "warnings": list(tool.warnings),
        }
        for tool in loaded.tools
    ]
    data = {
        "schema": 1,
        "plugins": [asdict(plugin) for plugin in loaded.plugins],
        "tools": tools,
        "readers": sorted(loaded.readers),
        "failures": [asdict(failure) for failure in loaded.failures],
        "problems": problems,
    }
    lines = [f"{plugin.name} {plugin.version}" for plugin in loaded.plugins]
    lines += [f"  {tool['name']:24} {tool['effect']:9} {tool['authorization']:6} {tool['plugin']}" for tool in tools]
    lines += [f"  warning: {warning}" for tool in loaded.tools for warning in tool.warnings]
    lines += [f"failed: {failure.plugin}: {failure.error}" for failure in loaded.failures]
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

    \b
    Example:
      citewell serve --port 8000
      citewell serve --host-name answers.example.org
    """
    from agent.service.app import create_app
    from agent.service.server import serve as serve_app

    opened = citewell()
    threading.Thread(target=opened.keep_up, daemon=True).start()  # so that the first question need not wait either
    serve_app(create_app(opened, hosts=names), host, port)
