"""May what the settings name be run and contacted? `citewell trust` shows it, and takes a person's word."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from agent.commands.shared import cli, confirmed, fail, given, result, settings
from agent.plain import plain

if TYPE_CHECKING:
    from plugins.servers import Offer, Server


@cli.command()
@click.option("--dry-run", is_flag=True, help="Only show what would be run and contacted; nothing is.")
@click.option("--yes", is_flag=True, help="Ask nothing on a terminal.")
@click.option("--forget", is_flag=True, help="Allow it no longer.")
def trust(dry_run: bool, yes: bool, forget: bool) -> None:
    """Allow what citewell.toml names to be run and contacted, and the tools of its MCP servers as they are told now.

    It shows all of it, then starts the MCP servers to list their tools. Both hold until the file, or what a server
    tells of a tool, changes.

    \b
    Example:
      citewell trust --dry-run
      citewell trust
    """
    from agent.governance import trust as trusting

    told = settings()
    servers = trusting.servers(told)
    path = str(told.file.path) if told.file else None
    data: dict[str, Any] = {
        "schema": 1,
        "file": path,
        "trusted": False,
        "names": [],
        "servers": [_shown(each) for each in servers],
    }
    named = told.file.names if told.file else ()
    if not servers and not named:
        result(data, "Nothing is to be allowed: the settings name nothing to be run or contacted.")
        return
    data["names"] = list(named)
    trusting.check_owner(told)
    places = {"[qdrant] url": told.qdrant.url, "[mail] host": told.mail.host}
    others = [f"  {setting}: contact {places[setting]}" for setting in named if setting in places]
    lines = [f"{path} names:", *others, *(line for server in servers for line in _lines(server))]
    if dry_run or forget:
        if forget:
            trusting.forget(told)
            lines.append("None of it is allowed any longer.")
        result(data, "\n".join(lines))
        return
    asks = sys.stdin.isatty() and not yes
    if asks or not given("as_json"):
        click.echo(plain("\n".join(lines)), err=True)
    if asks and not confirmed("Run and contact these?"):
        result(data, "Nothing was allowed.")
        fail()
    trusting.trust_file(told)
    reached = trusting.connected(told)
    try:
        looked = reached.listed()
    finally:
        reached.close()
    found, well, told_of = [], True, []
    for server, offers, problems in looked:
        before = trusting.allowed(server)
        tools = [_tool(offer, before) for offer in offers]
        found.append({**_shown(server), "tools": tools, "problems": problems})
        told_of += [line for tool in tools for line in _tool_lines(tool)]
        told_of += [f"problem: {server.name}: {problem}" for problem in problems]
        well = well and not problems
    if asks:
        click.echo(plain("\n".join(told_of)), err=True)
    if asks and not confirmed("Allow these tools as they are told here?"):
        result({**data, "servers": found}, "None of the tools was allowed.")
        fail()
    for server, offers, _ in looked:
        if offers:
            trusting.trust_tools(server, offers)
    count = sum(len(offers) for _, offers, _ in looked)
    said = [] if asks else told_of
    allowed = f"Allowed: {path}, and {count} tools. Which of them may run the charter says: citewell plugins"
    result({**data, "trusted": True, "servers": found}, "\n".join([*said, allowed]))
    if not well:
        fail()


def _shown(server: Server) -> dict[str, Any]:
    where = {"command": list(server.command)} if server.command else {"url": server.url, "key": server.key}
    return {"name": server.name, **where, "env": sorted(server.env), "effects": dict(server.effects)}


def _lines(server: Server) -> list[str]:
    lines = [f"  {server.name}: {'run' if server.command else 'contact'} {server.where}"]
    if server.command:
        given_env = f", with {', '.join(sorted(server.env))}" if server.env else ""
        lines.append(f"    in {server.folder}{given_env}")
    elif server.key:
        lines.append(f"    with the key that {server.key} holds")
    return lines + [f"    its tool {tool} counts as: {effect}" for tool, effect in sorted(server.effects.items())]


def _tool(offer: Offer, before: Any) -> dict[str, Any]:
    known = before.get(offer.own)
    state = "new" if known is None else "allowed" if known == offer.told else "changed"
    return {
        "name": offer.name,
        "tool": offer.own,
        "effect": offer.effect,
        "state": state,
        "description": offer.description,
        "schema": offer.schema,
        "warnings": list(offer.warnings),
    }


def _tool_lines(tool: dict[str, Any]) -> list[str]:
    described = "\n".join(f"    {line}" for line in tool["description"].splitlines())
    return [f"  {tool['name']} ({tool['effect']}, {tool['state']})", described, *(f"    {w}" for w in tool["warnings"])]
