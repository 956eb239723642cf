"""May a call with an effect run unattended in a run that has read what anybody can have written?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from agent.governance.sources import trust_of
from agent.governance.taint import Material, Text, nobody_asked, origins
from agent.run.deps import Deps, Run
from agent.state import Act, Observation, Origin, evidence_of
from plugins.tool import Tool

_OURS: Final = "citewell"
_RECKONS: Final = "calculate"


@dataclass(frozen=True, slots=True)
class Taint:
    """Where each value of a call comes from, and why it may not run unattended; no `reasons`: it may."""

    origins: tuple[Origin, ...] = ()
    reasons: tuple[str, ...] = ()


def taint(tool: Tool, given: Mapping[str, Any], state: Act, run: Run, deps: Deps) -> Taint:
    """What is to be said of a call. Nothing stands against one as long as all that was read is trusted."""
    read = material(state, run, deps)
    defaults = {name: said["default"] for name, said in tool.schema.get("properties", {}).items() if "default" in said}
    found = tuple(origins(given, defaults, read))
    if tool.effect == "read" or not read.untrusted:
        return Taint(found)
    sources = ", ".join(dict.fromkeys(each.source for each in read.untrusted[:3]))
    reasons = [_reason(each) for each in found if not each.is_good]
    if nobody_asked(tool.name, tool.description, read.user):
        reasons.append(f"nobody asked for {tool.name}")
    return Taint(found, tuple(f"{each}, and text that is not trusted was read ({sources})" for each in reasons))


def material(state: Act, run: Run, deps: Deps) -> Material:
    """All that was read so far, by how far it is to be trusted."""
    user = (run.question, *(each.asked for each in run.earlier))
    trusted: list[Text] = []
    untrusted: list[Text] = []
    for passage in evidence_of(state):
        if passage.kind == "document":
            text = Text(passage.document, f"{passage.title}\n{passage.context}\n{passage.text}")
            (trusted if _is_trusted(passage.document, deps) else untrusted).append(text)
    for each in run.earlier:
        is_sound = each.by is None and all(_is_trusted(name, deps) for name in each.documents)
        (trusted if is_sound else untrusted).append(Text("what was answered before", each.answer))
    for turn in state.think.turns:
        for observation in turn.observations:
            said = Text(observation.call.name, f"{observation.text}\n{observation.note}")
            ours = _is_reckoned(observation, user, trusted, deps)
            (trusted if ours else untrusted).append(said)
    filled = [each for each in untrusted if each.text.strip()]
    return Material(user, tuple(each.written for each in deps.charters), tuple(trusted), tuple(filled))


def _is_trusted(document: str, deps: Deps) -> bool:
    return trust_of(deps.charters, document, brought=deps.brought(document)) == "high"


def _is_reckoned(observation: Observation, user: tuple[str, ...], trusted: list[Text], deps: Deps) -> bool:
    """Whether it is a number that was reckoned here from numbers that are trusted."""
    tool = next((each for each in deps.tools if each.name == observation.call.name), None)
    if tool is None or tool.plugin != _OURS or tool.name != _RECKONS:
        return False
    own = Material(user, (), tuple(trusted))
    return all(each.is_good for each in origins(observation.call.arguments, {}, own))


def _reason(origin: Origin) -> str:
    where = {
        "ambiguous": f"is one of several that were read (see {origin.source})",
        "untrusted": f"stands only in {origin.source}",
        "nowhere": "stands in nothing that was asked or read",
    }
    value = origin.value if len(origin.value) <= 60 else f"{origin.value[:57]}..."
    return f"{origin.argument} {value!a} {where.get(origin.place, '')}"
