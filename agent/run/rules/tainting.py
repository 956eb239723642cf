"""May a call with an effect run unattended in a run that has read what anybody can have written?"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from agent.governance.authorizing import among
from agent.governance.sources import trust_of_words
from agent.governance.tracing.letters import seen
from agent.governance.tracing.requests import Wish, quoted, wishes
from agent.governance.tracing.taint import Material, Text, origins
from agent.memory.conversation import Exchange
from agent.memory.remembered import line
from agent.run.deps import Deps, Run
from agent.state import Act, Observation, Origin, Recollection, State, ToolCall, evidence_of, think_of
from plugins.tool import Texts, Tool

ANSWERED_BEFORE: Final = "what was answered before"
QUOTED: Final = "what is quoted in the question"
OURS: Final = "citewell"
_RECKONS: Final = "calculate"
_ROW: Final = 5  # words in a row that do not stand somewhere by chance


@dataclass(frozen=True, slots=True)
class Taint:
    """Where each value of a call comes from, and why it may not run unattended; no `reasons`: it may."""

    origins: tuple[Origin, ...] = ()
    reasons: tuple[str, ...] = ()


def taint(tool: Tool, given: Mapping[str, Any], state: Act, run: Run, deps: Deps) -> Taint:
    """What is to be said of a call. Nothing stands against one as long as all that was read is trusted."""
    properties = tool.schema.get("properties", {})
    defaults = {name: said["default"] for name, said in properties.items() if "default" in said}
    own = {} if tool.is_remote else properties  # what a server lets one choose from is its own word
    listed = {name: tuple(said["enum"]) for name, said in own.items() if "enum" in said}
    read = replace(material(state, run, deps), choices=listed | among(deps.charters, tool, run.principal))
    asked = wishes(run.question, tool.name) if tool.effect != "read" else []
    told = tool.effect == "read" and leaves(tool, state, run, deps)
    narrow = tuple(_narrower(given, state, run, deps)) if told else ()
    if not read.untrusted or not (tool.effect != "read" or told):
        return Taint(tuple(origins(given, defaults, read)), narrow)
    for before in _begun(state):
        if before.name == tool.name and asked:
            asked.remove(min(asked, key=lambda wish: _unsaid(before.arguments, defaults, read, wish)))
    tries = [origins(given, defaults, read, wish) for wish in asked] or [origins(given, defaults, read)]
    found = min(tries, key=lambda each: sum(not one.is_good for one in each))
    # What servers say of their tools was allowed by a person: a tool that reads may be told what none of it says
    is_said = tool.effect == "read" and all(each.is_told for each in read.untrusted)
    reasons = [_reason(each) for each in found if not (each.is_good or (is_said and each.place == "nowhere"))]
    if tool.effect != "read" and not asked:
        reasons.append(f"nobody asked for {tool.name}, or for it once more")
    sources = ", ".join(dict.fromkeys(each.source for each in read.untrusted[:3]))
    tainted = tuple(f"{each}, and text that is not trusted was read ({sources})" for each in reasons)
    return Taint(tuple(found), (*tainted, *narrow))


def leaves(tool: Tool, state: Act, run: Run, deps: Deps) -> bool:
    """Whether what a tool is given may be told elsewhere. One whose plugin does not say may, once something was read
    that not everybody sees.
    """
    if tool.leaves is not None or tool.plugin == OURS:
        return tool.leaves is True
    return next(_bounded(state, run, deps), None) is not None


def bars(tool: Tool, state: Act, run: Run, deps: Deps) -> bool:
    """Whether it has to be looked at what a tool is given, as that is told elsewhere, and what was read bears on it."""
    is_told = leaves(tool, state, run, deps)
    return is_told and (
        bool(material(state, run, deps).untrusted) or next(_bounded(state, run, deps), None) is not None
    )


def _bounded(state: Act, run: Run, deps: Deps) -> Iterator[Text]:
    """What was read that only some may see: of documents with a label, and what was answered from them."""
    for passage in evidence_of(state):
        if passage.kind == "document" and _is_labelled(passage.document, deps):
            yield Text(passage.document, passage.text)
    for earlier in run.earlier:
        if any(_is_labelled(name, deps) for name in earlier.documents):
            yield Text(ANSWERED_BEFORE, earlier.answer)


def _is_labelled(document: str, deps: Deps) -> bool:
    known = deps.document(document)
    return known is not None and bool(known.labels)


def _narrower(given: Mapping[str, Any], state: Act, run: Run, deps: Deps) -> Iterator[str]:
    """Why a call would tell elsewhere what only some may see: it holds words in a row of that, or a number of it."""
    said = "\n".join((run.question, *(each.asked for each in run.earlier)))
    theirs = _stretches(said)
    for text in _bounded(state, run, deps):
        kept = _stretches(text.text)
        for argument, value in given.items():
            written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            if (_stretches(written) - theirs) & kept:
                yield f"{argument} holds words of {text.source}, which not everybody sees"


def _stretches(text: str) -> set[str]:
    """Five words in a row, wherever they stand, and each that has a figure or is an address."""
    words = [each.strip(".,;:!?()[]\"'").casefold() for each in seen(text).split()]
    formed = {each for each in words if len(each) > 3 and any(sign.isdigit() or sign == "@" for sign in each)}
    return formed | {" ".join(words[at : at + _ROW]) for at in range(len(words) - _ROW + 1)}


def _begun(state: Act) -> list[ToolCall]:
    """The calls that were run before this one, whatever came of them: what was asked for may be done by them."""
    done = [each for turn in state.think.turns for each in turn.observations]
    return [each.call for each in (*done, *state.observations) if each.began]


def _unsaid(arguments: Mapping[str, Any], defaults: Mapping[str, Any], read: Material, wish: Wish) -> int:
    """How many values of a call a wish does not say."""
    return sum(not each.is_good for each in origins(arguments, defaults, read, wish))


def material(state: State, run: Run, deps: Deps) -> Material:
    """All that was read so far, by how far it is to be trusted."""
    think = think_of(state)
    trusted: list[Text] = []
    untrusted: list[Text] = []
    ours = frozenset(each.name for each in deps.tools if each.plugin == OURS)
    asked = (run.question, *(each.asked for each in run.earlier))
    untrusted += (Text(QUOTED, each) for text in asked for each in quoted(text))
    untrusted += (Text(said_of(each.name), each.description, is_told=True) for each in deps.tools if each.is_remote)
    for passage in evidence_of(state):
        if passage.kind == "document":
            text = Text(passage.document, f"{passage.title}\n{passage.context}\n{passage.text}")
            is_high = is_trusted(passage.document, deps, passage.start, passage.end)
            (trusted if is_high else untrusted).append(text)
    for earlier in run.earlier:
        (trusted if is_sound(earlier, ours, deps.texts, partial(is_trusted, deps=deps)) else untrusted).append(
            Text(ANSWERED_BEFORE, earlier.answer)
        )
    # Whoever could write to the home could write it: a value that stands there alone is for a person to see
    untrusted += (Text(remembered_as(each), line(each)) for each in (think.recalled if think else None) or ())
    made = [each for turn in (think.turns if think else ()) for each in turn.observations]
    for observation in (*made, *(state.observations if isinstance(state, Act) else ())):
        if not is_ours(observation, deps):
            untrusted.append(Text(observation.call.name, f"{observation.text}\n{observation.note}"))
    filled = [each for each in untrusted if each.text.strip()]
    before = tuple(each.asked for each in run.earlier)
    return Material(run.question, before, {}, tuple(trusted), tuple(filled))


def is_trusted(document: str, deps: Deps, start: int = 0, end: int = -1) -> bool:
    """Whether what a stretch of a document says, or all of it, counts as what the user says."""
    return trust_of_words(deps.charters, document, deps.document(document), start, end) == "high"


def is_sound(earlier: Exchange, ours: Collection[str], texts: Texts, trusted: Callable[[str], bool]) -> bool:
    """Whether an answer rests on documents that are `trusted`, and nothing else was read that may have led it: of
    tools none but `ours` spoke.
    """
    if earlier.by is not None or earlier.told or earlier.read is None or not earlier.documents <= set(earlier.read):
        return False
    is_known = bool(earlier.documents) and all(texts.text(name) is not None for name in earlier.documents)
    return is_known and set(earlier.spoke) <= set(ours) and all(map(trusted, earlier.read))


def said_of(tool: str) -> str:
    """The name of what a server says of its tool."""
    return f"what is said of {tool}"


def remembered_as(each: Recollection) -> str:
    """The name of one thing that is remembered."""
    return f"what is remembered ({each.id})"


def is_ours(observation: Observation, deps: Deps) -> bool:
    """Whether nothing was told but passages of documents, which count by themselves, or a number reckoned here.

    An error may repeat what others wrote, such as names of folders; not where no tool was run. What a plugin's hook put
    in the place of a result is the hook's word, and may be anybody's.
    """
    if observation.replaced:
        return False
    tool = next((each for each in deps.tools if each.name == observation.call.name), None)
    if tool is None or tool.plugin != OURS:
        return tool is None and observation.error and not observation.began
    kinds = {each.kind for each in observation.passages}
    return tool.name == _RECKONS or (observation.error and not observation.began) or kinds == {"document"}


def _reason(origin: Origin) -> str:
    where = {
        "ambiguous": f"is one of several that were read (see {origin.source})",
        "untrusted": f"stands only in {origin.source}",
        "nowhere": "stands in nothing that was asked or read",
    }
    value = origin.value if len(origin.value) <= 60 else f"{origin.value[:57]}..."
    return f"{origin.argument} {value!a} {where.get(origin.place, '')}"
