"""Which plugins are there, and what did each bring?

Each plugin has a pluggy manager to itself, so that what one does wrong (a broken import, a hook that raises) cannot
reach another; nothing is shared between two calls of `load_plugins`.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import re
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import Distribution, EntryPoint, distributions
from inspect import iscoroutinefunction
from typing import Any, ClassVar, Generic, TypeVar

import pluggy

from ingest.errors import CitewellError
from ingest.read.registry import Reader
from plugins import hookspecs
from plugins.bounded import Overdue, Raised, bounded, bounded_now
from plugins.breaker import Breakers
from plugins.contract import tool_from
from plugins.tool import RESULT_LIMIT, Tool, ToolError, ToolFailed, ToolResult, Withheld, fitted

GROUP = "citewell"
HOST = "citewell"  # the distribution that brings the built-in tools, whose names no other may take
BUILTIN = EntryPoint("builtin", "plugins.builtin", GROUP)
UNKNOWN = "unknown"
HOOK_SECONDS = 5.0  # that one plugin's hook may take of a run each time
LOADING_SECONDS = 60.0  # that one plugin may take to be imported and to say what it brings

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin that was loaded; `name` is its distribution's. An unknown version is `unknown`."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class PluginFailure:
    """What of a plugin does not work, and why; everything else does."""

    plugin: str
    error: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a plugin brings for a setting to name; `plugin` is its name and version."""

    plugin: str
    thing: Callable[..., Any]


class NoPart(CitewellError):
    """A setting names what no plugin brings."""

    code: ClassVar[str] = "no_such_plugin_part"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


PARTS = {
    "encoder": "citewell_encoders",
    "reranker": "citewell_rerankers",
    "metric": "citewell_metrics",
    "detector": "citewell_detectors",
}


@dataclass(frozen=True, slots=True)
class Plugins:
    """What the plugins bring together. `readers` is by suffix, in lower case; `observers` are every plugin's hooks.

    `reader_versions` says by suffix which plugin reads it, and in which version; `breakers` know which tools fail.
    `parts` are encoders, rerankers, metrics and detectors, by kind and name.
    """

    plugins: tuple[PluginInfo, ...]
    tools: tuple[Tool, ...]
    readers: Mapping[str, Reader]
    failures: tuple[PluginFailure, ...]
    observers: tuple[tuple[str, pluggy.HookRelay], ...]
    reader_versions: Mapping[str, str] = field(default_factory=dict)
    breakers: Breakers = field(default_factory=Breakers)
    parts: Mapping[tuple[str, str], Part] = field(default_factory=dict)

    def part(self, kind: str, name: str, setting: str) -> Part:
        """What a setting names. Raises `NoPart`."""
        found = self.parts.get((kind, name))
        if found is None:
            there = ", ".join(sorted(known for of, known in self.parts if of == kind))
            raise NoPart(
                f"No plugin brings the {kind} {name!r} that {setting} names{f' (there are {there})' if there else ''}: "
                f"install the plugin that does, see whether it loads (citewell plugins), or change {setting}."
            )
        return found

    def detector(self, name: str) -> Callable[[str], Any]:
        """The detector of personal data that a setting names. Raises `NoPart`."""
        return self.part("detector", name, "[redact] detectors").thing

    async def before_tool_call(
        self, tool: str, arguments: Mapping[str, Any], run: str, *, seconds: float = HOOK_SECONDS
    ) -> str | None:
        """Asks every plugin that has the hook, all at once, and says why the call is refused; None where it is not.

        None can change the arguments, nor hold the call up for longer. What breaks has refused: it may have meant to.
        """
        name = "citewell_before_tool_call"

        async def asked(plugin: str, caller: Callable[..., Any]) -> str | None:
            call = partial(caller, arguments=copy.deepcopy(dict(arguments)), tool=tool, run=run)
            said = await _asked(plugin, name, partial(_reason, call), seconds)
            if isinstance(said, _Broken):
                return f"the plugin {plugin}, which may refuse it, {said.how}"
            return f"the plugin {plugin} refused it: {said}" if said else None

        found = await asyncio.gather(*(asked(*hook) for hook in self._hooks(name)))
        return "; ".join(filter(None, found)) or None

    async def after_tool_call(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        result: ToolResult | ToolError | ToolFailed,
        run: str,
        *,
        check: Callable[[object], ToolResult] = fitted,
        seconds: float = HOOK_SECONDS,
    ) -> ToolResult | ToolError | ToolFailed:
        """What is left of a result, or of what the call raised, after every plugin that has the hook, one by one.

        What one puts in its place has to pass `check`. Where one breaks, which may have meant to take something out,
        the result is withheld.
        """
        for plugin, caller in self._hooks("citewell_after_tool_call"):
            told = partial(caller, arguments=copy.deepcopy(dict(arguments)), tool=tool, result=result, run=run)
            said = await _asked(plugin, "citewell_after_tool_call", partial(_put_in_place, told, check), seconds)
            if isinstance(said, _Broken):
                return Withheld(
                    f"{tool} was run, but its result is withheld: the plugin {plugin}, which may take "
                    f"something out of it, {said.how}. Go on without it, and do not repeat it."
                )
            if said is not None:
                result = said if isinstance(result, ToolResult) else type(result)(said.text)
        return result

    def _hooks(self, name: str) -> list[tuple[str, Callable[..., Any]]]:
        """Every plugin that has a hook, with what calls it."""
        return [(plugin, caller) for plugin, hook in self.observers if (caller := getattr(hook, name)).get_hookimpls()]


@dataclass(frozen=True, slots=True)
class _Broken:
    """A hook that did not say what it had to say."""

    how: str


async def _asked(plugin: str, name: str, call: Callable[[], Any], seconds: float) -> Any:
    """What a hook says, or how it broke."""
    seconds = max(0.0, min(seconds, HOOK_SECONDS))
    try:
        return await bounded(call, seconds=seconds)
    except Overdue:
        log.warning("plugin %s: %s did not return within %g seconds and was left alone", plugin, name, seconds)
        return _Broken(f"did not answer within {seconds:g} seconds")
    except Raised as raised:
        with _contained(plugin, f"{name} failed", []):
            _raise(raised.fault)
        return _Broken("failed")


def _raise(fault: BaseException) -> None:
    raise fault


def _reason(told: Callable[[], list[Any]]) -> str | None:
    """What one plugin's hook refuses a call for; pluggy leaves out what says None."""
    said = told()
    for each in said:
        if not isinstance(each, str) or not each.strip():
            raise TypeError(f"it must return None, or the reason to refuse the call, not {each!r:.100}")
    return "; ".join(said)[:RESULT_LIMIT] or None


def _put_in_place(told: Callable[[], list[Any]], check: Callable[[object], ToolResult]) -> ToolResult | None:
    said = told()
    return check(said[-1]) if said else None


def load_plugins(*, extra: Sequence[tuple[str, object]] = ()) -> Plugins:
    """Every installed plugin, the built-in one first, then `extra`: named objects with hooks, as a script may have.

    Never raises: what does not load is a `PluginFailure` and a warning in the log, and stops nothing else.
    """
    failures: list[PluginFailure] = []
    infos: list[PluginInfo] = []
    observers: list[tuple[str, pluggy.HookRelay]] = []
    tools: list[_Offer[Tool]] = []
    readers: list[_Offer[Reader]] = []
    parts: dict[str, list[_Offer[Callable[..., Any]]]] = {kind: [] for kind in PARTS}
    given: list[_Source] = [(PluginInfo(name, UNKNOWN), None, partial(_same, plugin)) for name, plugin in extra]
    for info, entry, load in _installed(failures) + given:
        with _contained(info.name, "it cannot be loaded", failures):
            found = _in_time(partial(_brought, info.name, entry, load))
            infos.append(info)
            observers.append((info.name, found.hook))
            tools += found.tools
            readers += found.readers
            for kind, offers in found.parts.items():
                parts[kind] += offers
            failures += found.failures
    by_suffix = _unambiguous("reader of", readers, failures)
    by_name = {
        (kind, name): offer
        for kind, offers in parts.items()
        for name, offer in _unambiguous(kind, offers, failures).items()
    }
    known = _unambiguous("tool", tools, failures)
    named = {info.name: f"{info.name} {info.version}" for info in infos}
    return Plugins(
        plugins=tuple(infos),
        tools=tuple(offer.thing for offer in known.values()),
        readers={suffix: offer.thing for suffix, offer in by_suffix.items()},
        failures=tuple(failures),
        observers=tuple(observers),
        reader_versions={suffix: named[offer.plugin] for suffix, offer in by_suffix.items()},
        parts={place: Part(named[offer.plugin], offer.thing) for place, offer in by_name.items()},
    )


_Source = tuple[PluginInfo, str | None, Callable[[], object]]  # with its entry point, where it has one


@dataclass(frozen=True, slots=True)
class _Offer(Generic[T]):
    plugin: str
    name: str
    thing: T


@dataclass(frozen=True, slots=True)
class _Brought:
    """What one plugin offers, and what of it does not work."""

    hook: pluggy.HookRelay
    tools: list[_Offer[Tool]]
    readers: list[_Offer[Reader]]
    parts: dict[str, list[_Offer[Callable[..., Any]]]]
    failures: list[PluginFailure]


def _brought(plugin: str, entry: str | None, load: Callable[[], object]) -> _Brought:
    """Imports a plugin and asks for what it brings: all of it is code of the plugin's."""
    failures: list[PluginFailure] = []
    hook = _registered(load(), plugin)
    parts = {kind: _parts(hook, plugin, kind, failures) for kind in PARTS}
    tools, readers = _tools(hook, plugin, entry, failures), _readers(hook, plugin, failures)
    return _Brought(hook, tools, readers, parts, failures)


def tools_of(plugin: object, entry: str) -> list[Tool]:
    """The tools of one plugin that is imported already, found by an entry point."""
    return [offer.thing for offer in _tools(_registered(plugin, entry), entry, entry, [])]


def _in_time(brought: Callable[[], _Brought]) -> _Brought:
    try:
        return bounded_now(brought, seconds=LOADING_SECONDS)
    except Raised as raised:
        raise raised.fault from None
    except Overdue:
        raise TimeoutError(f"it did not load within {LOADING_SECONDS:g} seconds") from None


def _installed(failures: list[PluginFailure]) -> list[_Source]:
    """What there is to load, in an order that does not depend on the file system."""
    builtin = PluginInfo(HOST, UNKNOWN)
    found: dict[tuple[str, str], _Source] = {}
    seen: set[str] = set()
    for distribution in distributions():
        # Not `importlib.metadata.entry_points`, which one torn file anywhere in the environment makes raise.
        with _contained(str(getattr(distribution, "_path", "?")), "its entry points cannot be read", failures):
            entries = [entry for entry in distribution.entry_points if entry.group == GROUP]
            if not entries:
                continue
            name, version = _identity(distribution) or (entries[0].name, UNKNOWN)
            if name in seen:
                continue  # an earlier folder on the path has it; an import would find that one, too
            seen.add(name)
            for entry in entries:
                if entry.value == BUILTIN.value:
                    builtin = PluginInfo(HOST, version) if name == HOST else builtin
                    continue
                shown = name if len(entries) == 1 else f"{name}:{entry.name}"
                found[shown, entry.name] = (PluginInfo(shown, version), entry.value, entry.load)
    return [(builtin, BUILTIN.value, BUILTIN.load), *(found[key] for key in sorted(found))]


def _identity(distribution: Distribution) -> tuple[str, str] | None:
    """Name, normalised as package indexes do, and version; None where the metadata does not say."""
    try:
        name, version = distribution.metadata["Name"], distribution.metadata["Version"]
    except Exception:  # noqa: BLE001 - each version of Python fails differently on metadata that is missing
        return None
    return (re.sub(r"[-_.]+", "-", name).lower(), version or UNKNOWN) if name else None


def _same(plugin: object) -> object:
    return plugin


def _registered(plugin: object, name: str) -> pluggy.HookRelay:
    """The hooks of this plugin alone. Raises where it has one that is unknown, or none."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name)
    manager.check_pending()
    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        raise TypeError('it has no hooks: mark them with pluggy.HookimplMarker("citewell")')
    for caller in callers:
        if any(iscoroutinefunction(implementation.function) for implementation in caller.get_hookimpls()):
            raise TypeError(f"{caller.name} is an `async def`, but hooks are plain functions")
    return manager.hook


def _tools(hook: pluggy.HookRelay, plugin: str, entry: str | None, failures: list[PluginFailure]) -> list[_Offer[Tool]]:
    offers: list[_Offer[Tool]] = []
    with _contained(plugin, "citewell_tools failed", failures):
        for functions in hook.citewell_tools():
            if not isinstance(functions, list | tuple):
                raise TypeError(f"it must return a list of functions, not {type(functions).__name__}")
            for function in functions:
                with _contained(plugin, "a tool is refused", failures):
                    tool = tool_from(function, plugin=plugin, entry=entry)
                    offers.append(_Offer(plugin, tool.name, tool))
    return offers


def _readers(hook: pluggy.HookRelay, plugin: str, failures: list[PluginFailure]) -> list[_Offer[Reader]]:
    offers: list[_Offer[Reader]] = []
    with _contained(plugin, "citewell_readers failed", failures):
        for readers in hook.citewell_readers():
            for suffix, reader in dict(readers).items():
                with _contained(plugin, "a reader is refused", failures):
                    if not re.fullmatch(r"\.[^./\\\s]+", suffix):
                        raise ValueError(f"{suffix!r} is not a file suffix such as '.org'")
                    if not callable(reader):
                        raise TypeError(f"the reader of {suffix} cannot be called")
                    offers.append(_Offer(plugin, suffix.lower(), reader))
    return offers


def _parts(
    hook: pluggy.HookRelay, plugin: str, kind: str, failures: list[PluginFailure]
) -> list[_Offer[Callable[..., Any]]]:
    """What a plugin brings of a kind, for a setting to name."""
    offers: list[_Offer[Callable[..., Any]]] = []
    with _contained(plugin, f"{PARTS[kind]} failed", failures):
        for brought in getattr(hook, PARTS[kind])():
            for name, thing in dict(brought).items():
                with _contained(plugin, f"a {kind} is refused", failures):
                    if not re.fullmatch(r"[\w@.:/+-]{1,80}", name):
                        raise ValueError(f"{name!r} is no name of letters, digits, `_`, `-`, `.`, `:`, `@`, `/` or `+`")
                    if not callable(thing):
                        raise TypeError(f"the {kind} {name} cannot be called")
                    offers.append(_Offer(plugin, name, thing))
    return offers


def _unambiguous(kind: str, offers: Sequence[_Offer[T]], failures: list[PluginFailure]) -> dict[str, _Offer[T]]:
    """What one plugin alone brings under a name; what several bring is refused, except the host's own."""
    claims: dict[str, list[_Offer[T]]] = defaultdict(list)
    for offer in offers:
        claims[offer.name].append(offer)
    kept = {}
    for name, claimed in claims.items():
        own = [offer for offer in claimed if offer.plugin == HOST]
        winner = claimed[0] if len(claimed) == 1 else own[0] if len(own) == 1 else None
        if winner:
            kept[name] = winner
        for plugin in sorted({offer.plugin for offer in claimed if offer is not winner}):
            others = sorted({offer.plugin for offer in claimed} - {plugin}) or [f"{plugin} again"]
            error = (
                f"the {kind} {name} that {plugin} brings is refused, because {' and '.join(others)} brings one, too: "
                "rename it, or uninstall all but one of them"
            )
            log.warning("plugin %s: %s", plugin, error)
            failures.append(PluginFailure(plugin, error))
    return kept


@contextmanager
def _contained(plugin: str, what: str, failures: list[PluginFailure]) -> Iterator[None]:
    """Whatever goes wrong inside is a named failure, and the program goes on."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as fault:  # anything at all: `SystemExit` at import, a native library's panic
        log.debug("plugin %s", plugin, exc_info=True)
        said = " ".join("".join(traceback.format_exception_only(fault)).split())[:500]
        error = f"{what} ({said}): install a version that works here, or uninstall it"
        if isinstance(fault, CitewellError):
            error = str(fault)
        log.warning("plugin %s: %s", plugin, error)
        failures.append(PluginFailure(plugin, error))
