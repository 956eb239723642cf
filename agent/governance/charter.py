"""Which tools may the agent run alone, which need a person, and which never run?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, cast, get_args

from ingest.errors import CitewellError
from ingest.mistakes import toml_mistake
from ingest.model import digest
from plugins.bounded import Overdue, Raised, bounded_now
from plugins.tool import Tool

PATIENCE = 10.0  # seconds that reading the charter may take: it may lie on a disk that does not answer
Rule = Literal["allow", "approve", "deny"]
Authorization = Literal["allow", "ask", "deny"]


class BadCharter(CitewellError):
    """A charter that cannot be enforced as it is written."""

    code: ClassVar[str] = "bad_charter"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Charter:
    """What `charter.toml` says; without one, nothing.

    `tools` is its table `[tools]`: a tool's name → `allow`, `approve` (a person is asked each time) or `deny`.
    """

    tools: Mapping[str, Rule] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Changes with what the charter says, not with how it is laid out; part of a release."""
        return digest(*(part for name in sorted(self.tools) for part in (name, self.tools[name])))

    def authorize(self, tool: Tool) -> Authorization:
        """As listed; a tool that is not listed runs if it only reads, and asks otherwise."""
        rule = self.tools.get(tool.name)
        if rule is None:
            return "allow" if tool.effect == "read" else "ask"
        return "ask" if rule == "approve" else rule


def load_charter(path: Path | None) -> Charter:
    """The charter in that file, the empty one for None. Raises `BadCharter`."""
    if path is None:
        return Charter()
    try:
        tables = tomllib.loads(bounded_now(lambda: path.read_text(encoding="utf-8"), seconds=PATIENCE))
    except Overdue:
        raise BadCharter(f"{path} could not be read within {PATIENCE:g} seconds: see that its disk answers.") from None
    except Raised as raised:
        raise _unreadable(path, raised.fault) from None
    except tomllib.TOMLDecodeError as fault:
        raise _unreadable(path, fault) from None
    for key in tables.keys() - {"tools"}:
        raise BadCharter(f"{path} has {key!r}, which is not known: remove it; the only table is [tools].")
    tools = tables.get("tools", {})
    if not isinstance(tools, dict):
        raise BadCharter(f"{path} gives 'tools' a value: make it a table, [tools].")
    for name, rule in tools.items():
        if rule not in get_args(Rule):
            known = ", ".join(f'"{each}"' for each in get_args(Rule))
            raise BadCharter(f"{path} says {rule!r} for {name!r} in [tools]: make it one of {known}.")
    return Charter(cast("Mapping[str, Rule]", tools))


def _unreadable(path: Path, fault: BaseException) -> BaseException:
    match fault:
        case OSError():
            return BadCharter(f"{path} cannot be read ({fault.strerror}): check its place and its permissions.")
        case UnicodeDecodeError():
            return BadCharter(f"{path} is not UTF-8 text: save it as UTF-8.")
        case tomllib.TOMLDecodeError():
            return BadCharter(f"{path} is not TOML ({toml_mistake(fault)}): correct it there.")
        case _:
            return fault


def refusal(tool: Tool) -> str:
    """Why a tool that is denied was not run, and the line that would let it."""
    line = f'[tools]\n{tool.name} = "allow"'
    return f"{tool.name} was not run: the charter denies it. To allow it, change charter.toml to say\n{line}"


def waits(tool: Tool, run: str) -> str:
    """Why a run waits, and what a person types who may let the tool run."""
    return (
        f"{tool.name} needs a person's approval (its effect is {tool.effect!r}), and there is nobody to ask here. "
        f"Type: citewell runs approve {run} or citewell runs deny {run}. To allow it without asking, write in "
        f'charter.toml\n[tools]\n{tool.name} = "allow"'
    )


def unknown_names(charter: Charter, tools: Sequence[Tool]) -> list[str]:
    """A sentence for each name in a charter that no tool goes by: what it says of a mistyped name binds nobody."""
    known = {tool.name for tool in tools}
    return [
        f"the charter says {rule!r} for {name!r}, and no tool has that name: correct it, or take it out"
        for name, rule in charter.tools.items()
        if name not in known
    ]
