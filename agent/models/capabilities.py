"""In which shape does a server take passages? It is asked once, by its address and model, and what it said is kept.

Only some servers that speak the Messages API hand search results to their model and let it cite them. The others drop
such blocks without a word, or refuse them; to them passages are written as numbered text. Whatever goes wrong while
a server is asked, numbered text is what every server takes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import TypeAdapter, ValidationError

from agent.state import Shape
from retrieval.disk.durable import write_durably

FILE: Final = "models.json"
SECONDS: Final = 20.0
"""How long a server may be asked, all questions together."""

_LASTS: Final = timedelta(days=7)  # then the server may have been brought up to date
_GROWS: Final = 30  # tokens: a server that drops a block may still count its frame
_WORDS: Final = (
    "The lighthouse keeper writes down every ship that passes the northern rocks before the tide turns. " * 5
)

log = logging.getLogger(__name__)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """In which shape a server takes passages, how that was found, and when; `lasting` if it would be found again.

    `proved` says that its model is known to cite, not only to be given search results; `window`, how many tokens it
    reads at once, and `structured`, that it can be held to a schema, as far as the server says so.
    """

    shape: Shape
    how: str
    at: str
    lasting: bool = True
    proved: bool = False
    window: int | None = None
    structured: bool = False


class Unanswered(Exception):
    """A server gave no answer to a question about itself: `status` where it refused, None where it could not."""

    def __init__(self, status: int | None, why: str) -> None:
        super().__init__(why)
        self.status = status

    @property
    def is_final(self) -> bool:
        """Whether it would say so again: not a server that is starting, overloaded, or asks for another key."""
        return self.status in {400, 404, 405, 415, 422, 501}


class Server(Protocol):
    """What can be asked of a server about one model. Each raises `Unanswered`."""

    async def capabilities(self) -> Json:
        """What it says of the model."""
        ...

    async def count(self, content: Sequence[Json]) -> int:
        """How many tokens a message has."""
        ...

    async def say(self, content: Sequence[Json]) -> Json:
        """Its reply to a message, in one piece."""
        ...


class Findings:
    """What was found of servers, in a small file; in memory alone where that cannot be written."""

    def __init__(self, home: Path | None = None) -> None:
        self._path = home / FILE if home is not None else None
        self._known: dict[str, Finding] = {}
        self._effortless: dict[str, str] = {}  # since when

    def known(self, address: str, model: str) -> Finding | None:
        """What was found of a model, unless it is too long ago."""
        name = _name(address, model)
        found = self._known.get(name) or self._stored().models.get(name)
        return found if found is not None and _is_fresh(found.at) else None

    def keep(self, address: str, model: str, finding: Finding) -> None:
        """For the next run, and for other processes."""
        if not finding.lasting:
            return
        name = _name(address, model)
        self._known[name] = finding
        self._write({name: finding}, {})

    def refuses_effort(self, address: str, model: str) -> bool:
        """Whether its server was found to take no effort, unless that is too long ago."""
        name = _name(address, model)
        at = self._effortless.get(name) or self._stored().effortless.get(name)
        return at is not None and _is_fresh(at)

    def keep_effortless(self, address: str, model: str) -> None:
        """That it takes none, for the next run, and for other processes."""
        name = _name(address, model)
        self._effortless[name] = at = _now()
        self._write({}, {name: at})

    def _write(self, models: dict[str, Finding], effortless: dict[str, str]) -> None:
        """These beside what is there and not too old."""
        if self._path is None:
            return
        stored = self._stored()
        models = {name: found for name, found in stored.models.items() if _is_fresh(found.at)} | models
        effortless = {name: at for name, at in stored.effortless.items() if _is_fresh(at)} | effortless
        kept = _Stored(dict(sorted(models.items())), dict(sorted(effortless.items())))
        told = {"schema": 1, **asdict(kept)}
        try:
            write_durably(self._path, json.dumps(told, ensure_ascii=False, indent=1))
        except OSError as error:
            log.debug("what was found of the model's server is kept in memory alone: %s", error)

    def _stored(self) -> _Stored:
        """What the file holds; one that is damaged holds nothing, and is written anew with the next finding."""
        if self._path is None:
            return _Stored({})
        try:
            return _STORED.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return _Stored({})


@dataclass(frozen=True, slots=True)
class _Stored:
    models: dict[str, Finding]
    effortless: dict[str, str] = field(default_factory=dict)


_STORED: Final = TypeAdapter(_Stored)


def found(shape: Shape, how: str, *, lasting: bool = True, proved: bool = False) -> Finding:
    """A finding of now."""
    return Finding(shape, how, _now(), lasting, proved)


async def find_out(server: Server, *, is_anthropic: bool, seconds: float = SECONDS, thorough: bool = False) -> Finding:
    """Asks a server: for what it says of the model, else by counting a block, else by having one repeated.

    A block that is counted may still be cited by no answer: who is `thorough` has one repeated then too.
    Anthropic's own server is asked the first alone: its models cite, as its documentation promises, so silence there
    means a fault of the moment, and no other shape would be answered any better.
    """
    fallback: Shape = "native" if is_anthropic else "numbered"
    try:
        async with asyncio.timeout(seconds):
            return await (_of_anthropic(server) if is_anthropic else _of_any(server, thorough=thorough))
    except TimeoutError:
        # Asked again for every question, a slow server would take all of that time each time.
        lasting = not is_anthropic and seconds >= SECONDS
        return found(fallback, f"it did not say within {seconds:g} s what it can do", lasting=lasting)


async def _of_anthropic(server: Server) -> Finding:
    try:
        told = _says(await server.capabilities())
    except Unanswered as error:
        return found("native", f"it is Anthropic's own server, which did not say more ({error})", lasting=False)
    return told or found("native", "it is Anthropic's own server", lasting=False)


async def _of_any(server: Server, *, thorough: bool) -> Finding:
    try:
        if told := _says(await server.capabilities()):
            return told
    except Unanswered as error:
        log.debug("the model's server does not say what the model can do: %s", error)
    counted: Finding | None = None
    try:
        counted = await _by_counting(server)
    except Unanswered as error:
        if not error.is_final:
            return _at_fault(error)
    if counted is not None and (counted.shape == "numbered" or not thorough):
        return counted
    try:
        return await _by_repeating(server)
    except Unanswered as error:
        if counted is not None:
            return counted
        return found("numbered", f"it refuses search results ({error})") if error.is_final else _at_fault(error)


def _says(model: Json) -> Finding | None:
    cites = _supports(model, "citations")
    if cites is None:
        return None
    if cites:
        finding = found("native", "it says that the model cites", proved=True)
    else:
        finding = found("numbered", "it says that the model cannot cite")
    window = model.get("max_input_tokens")
    return replace(
        finding,
        window=window if isinstance(window, int) and window > 0 else None,
        structured=_supports(model, "structured_outputs") is True,
    )


def _supports(model: Json, capability: str) -> bool | None:
    told = model.get("capabilities")
    one = told.get(capability) if isinstance(told, Mapping) else None
    supported = one.get("supported") if isinstance(one, Mapping) else None
    return supported if isinstance(supported, bool) else None


async def _by_counting(server: Server) -> Finding:
    without = await server.count([_text("Which ships does the keeper write down?")])
    try:
        grown = await server.count([_block(_WORDS), _text("Which ships does the keeper write down?")]) - without
    except Unanswered as error:
        if not error.is_final:
            raise
        return found("numbered", f"it refuses search results ({error})")
    if grown < _GROWS:
        return found("numbered", "its token count does not grow with a search result, so its model would not see one")
    return found("native", f"its token count grows by {grown} with a search result")


async def _by_repeating(server: Server) -> Finding:
    word = f"{secrets.token_hex(4)}"
    question = "Which code word does the search result give? Cite it. If there is no search result, say so."
    reply = await server.say([_block(f"The code word is {word}."), _text(question)])
    blocks = reply.get("content")
    texts = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []
    if word not in "".join(str(block.get("text", "")) for block in texts):
        return found("numbered", "its model did not see a search result")
    if not any(block.get("citations") for block in texts):
        return found("numbered", "its model sees search results and cites none")
    return found("native", "its model cited a search result", proved=True)


def _at_fault(error: Unanswered) -> Finding:
    return found("numbered", f"it could not be asked what it can do ({error})", lasting=False)


def _text(words: str) -> Json:
    return {"type": "text", "text": words}


def _block(words: str) -> Json:
    return {
        "type": "search_result",
        "source": "note",
        "title": "Note",
        "content": [_text(words.strip())],
        "citations": {"enabled": True},
    }


def _name(address: str, model: str) -> str:
    return f"{address} {model}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _is_fresh(at: str) -> bool:
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(at)
    except (TypeError, ValueError):  # written by someone else
        return False
    return timedelta(minutes=-5) <= age < _LASTS  # a clock that was set back says nothing of what comes later
