"""Which tools of an MCP server are offered, under which names, and with which effect?

What a server says of its tools is its own word: a person allows each tool once as it was told then, and what is told
otherwise since is not offered. A tool is `external` unless the settings say that it is less; of what the server hints
at, only what makes it stricter is believed.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from ingest.errors import CitewellError
from ingest.model import digest
from plugins.tool import Arguments, Effect, InvalidArguments, Tool

LONGEST_DESCRIPTION = 4_000
LARGEST_SCHEMA = 20_000
"""Characters of what is told of one tool: of its description the rest is cut, with a larger schema it is refused."""

_DEEPEST = 30  # so deep may a schema be nested


class NoMcp(CitewellError):
    """The library that speaks the protocol is not installed."""

    code: ClassVar[str] = "no_mcp"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


def check_library() -> None:
    """Raises `NoMcp` where the protocol cannot be spoken."""
    if find_spec("mcp") is None:
        raise NoMcp("The library that speaks MCP is not installed: type pip install 'citewell[mcp]'.")


@dataclass(frozen=True, slots=True)
class Server:
    """A server as the settings name it: by the `command` that starts it in a `folder`, or the `url` that it answers at.

    `env` are the variables that a command is given beside the few that every program needs. `key` is the one whose
    value, `token`, an address is sent; None where it is sent none, or the variable is not set.
    """

    name: str
    command: tuple[str, ...] | None = None
    url: str | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    timeout: float = 30.0
    key: str | None = None
    token: str | None = field(default=None, repr=False)

    @property
    def where(self) -> str:
        """What is run, or contacted, as it can be typed."""
        import shlex

        return shlex.join(self.command) if self.command else str(self.url)

    @property
    def identity(self) -> str:
        """The same for the same server: other arguments make another one."""
        named = [*sorted(self.env), *([f"key {self.key}"] if self.key else [])]
        return digest(self.name, str(self.folder or ""), *(self.command or ()), self.url or "", *named)

    def concealed(self, text: str) -> str:
        """A text of the server's, which may repeat the key that it was sent, without that key."""
        return text.replace(self.token, "(the key)") if self.token else text


@dataclass(frozen=True, slots=True)
class Told:
    """A tool as its server tells of it; the hints are its annotations, None where it gives none."""

    name: str
    title: str
    description: str
    schema: Mapping[str, Any]
    read_only: bool | None = None
    destructive: bool | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool as a model would be offered it. `told` changes with all that the model is told of it."""

    own: str
    name: str
    description: str
    schema: Mapping[str, Any]
    effect: Effect
    told: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    """The tools of servers that are offered, what is not offered and why, and what was `told` of each that is."""

    tools: tuple[Tool, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


NONE = Attached()
Caller = Callable[[Mapping[str, Any]], Awaitable[Any]]  # calls one tool of a server


def offers(server: Server, listed: Sequence[Told]) -> tuple[list[Offer], list[str]]:
    """The tools of a server as they could be offered, and a sentence for each that could not."""
    found, refused = [], []
    for told in listed:
        wrong = _unfit(told)
        if wrong:
            refused.append(f"its tool {visible(told.name)[:80]!r} is refused: {wrong}")
        else:
            found.append(_offer(server, told))
    names = Counter(offer.name for offer in found)
    twice = sorted(name for name, count in names.items() if count > 1)
    refused += [f"several of its tools would be {name}, and none of them is offered" for name in twice]
    unknown = sorted(set(server.effects) - {told.name for told in listed})
    refused += [f"[mcp.{server.name}.effects] names {name!r}, and it has no such tool: correct it" for name in unknown]
    return [offer for offer in found if offer.name not in twice], refused


def allowed_alone(found: Sequence[Offer], allowed: Mapping[str, str]) -> tuple[list[Offer], list[str]]:
    """Those that are told as they were when they were allowed, and a sentence for each other one."""
    kept, barred = [], []
    for offer in found:
        before = allowed.get(offer.own)
        if before == offer.told:
            kept.append(offer)
        else:
            how = "was never allowed" if before is None else "is not what was allowed: its server tells it otherwise"
            barred.append(f"{offer.name} is not offered, since it {how}; look at it and type citewell trust")
    return kept, barred


def tool_of(server: Server, offer: Offer, call: Caller) -> Tool:
    """The tool that an offer becomes; what the model gives it is checked against the server's schema."""

    async def function(arguments: Mapping[str, Any]) -> Any:
        return await call(arguments)

    return Tool(
        name=offer.name,
        description=offer.description,
        effect=offer.effect,
        timeout=server.timeout,
        retries=0,
        plugin=f"mcp:{server.name}",
        warnings=offer.warnings,
        arguments=_BySchema(offer.schema, BaseModel, {}, ()),
        function=function,
        leaves=True,
        server=server.identity,
    )


def visible(text: str) -> str:
    """A server's words without characters that nobody sees: a person allows what the model is told, and no more."""
    return "".join(
        sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def _offer(server: Server, told: Told) -> Offer:
    name, schema = _name(server.name, told.name), _visible_schema(told.schema)
    description = visible(told.description).strip() or visible(told.title).strip() or f"The tool {told.name}."
    if len(description) > LONGEST_DESCRIPTION:
        description = f"{description[:LONGEST_DESCRIPTION]} … (cut)"
    effect, warnings = _effect(name, server.effects.get(told.name), told)
    written = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    return Offer(told.name, name, description, schema, effect, digest(told.name, description, written), warnings)


def _name(server: str, own: str) -> str:
    """`mcp__SERVER__TOOL`, as other hosts name them; where that cannot be, what tells it from others is added."""
    plain = re.sub(r"[^a-zA-Z0-9_-]", "_", own)
    name = f"mcp__{server}__{plain}"
    if plain == own and len(name) <= 64:
        return name
    return f"{name[:55]}_{digest(own)[:8]}"


def _effect(name: str, said: Effect | None, told: Told) -> tuple[Effect, tuple[str, ...]]:
    if said is None:
        return "external", ()
    if said == "read" and (told.read_only is False or told.destructive):
        return "external", (f"the settings say that {name} only reads, and its server that it does not: it does not.",)
    return said, ()


def _unfit(told: Told) -> str | None:
    if not told.name.strip():
        return "it has no name"
    if told.schema.get("type") != "object":
        return "its arguments are not described as an object"
    from jsonschema import Draft202012Validator, SchemaError

    try:
        size = len(json.dumps(told.schema, allow_nan=False))
        if size > LARGEST_SCHEMA:
            return f"its schema has {size:,} characters, more than {LARGEST_SCHEMA:,}"
        if _depth(told.schema) > _DEEPEST:
            return f"its schema is nested more than {_DEEPEST} deep"
        Draft202012Validator.check_schema(_without_patterns(told.schema))
    except (ValueError, RecursionError):
        return "its schema is not JSON"
    except SchemaError as fault:
        return f"its schema is none ({fault.message[:200]})"
    return "its schema points elsewhere" if _points_elsewhere(told.schema) else None


def _depth(value: Any, most: int = _DEEPEST + 2) -> int:
    if most == 0 or not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max((_depth(each, most - 1) for each in inner), default=0)


def _points_elsewhere(value: Any) -> bool:
    """Whether what it is made of would have to be fetched."""
    if isinstance(value, list):
        return any(map(_points_elsewhere, value))
    if not isinstance(value, dict):
        return False
    pointers = (value.get("$ref"), value.get("$dynamicRef"))
    if any(isinstance(pointer, str) and not pointer.startswith("#") for pointer in pointers):
        return True
    return any(map(_points_elsewhere, value.values()))


_OF_NAMES = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})  # keys below are names, not keywords


def _visible_schema(value: Any, *, names: bool = False) -> Any:
    """What it says in words, without what nobody sees."""
    if isinstance(value, list):
        return [_visible_schema(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: visible(each)
        if not names and key in {"description", "title", "$comment"} and isinstance(each, str)
        else _visible_schema(each, names=not names and key in _OF_NAMES)
        for key, each in value.items()
    }


def _without_patterns(value: Any, *, names: bool = False) -> Any:
    """The schema without its regular expressions: one of a server's could hold up the whole process."""
    if isinstance(value, list):
        return [_without_patterns(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    barred: frozenset[str] = frozenset()
    if not names:
        barred = frozenset({"pattern", "format"})
        if "patternProperties" in value:
            barred |= {"patternProperties", "additionalProperties", "unevaluatedProperties"}
    return {
        key: _without_patterns(each, names=not names and key in _OF_NAMES)
        for key, each in value.items()
        if key not in barred
    }


@dataclass(frozen=True, slots=True)
class _BySchema(Arguments):
    """Arguments that a JSON schema describes. Of its regular expressions none is run here: the server checks those."""

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as they are, if the schema lets them be. Raises `InvalidArguments`."""
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import best_match
        from referencing import Registry

        validator = Draft202012Validator(_without_patterns(self.schema), registry=Registry())
        fault = best_match(validator.iter_errors(dict(given)))
        if fault is not None:
            where = ".".join(map(str, fault.absolute_path)) or "arguments"
            raise InvalidArguments(f"Invalid arguments: {where}: {fault.message[:300]}. Correct them and call again.")
        return {"arguments": dict(given)}

    def filled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The same: which defaults the server has is its own affair, whatever its schema says of them."""
        self.read(given)
        return dict(given)
