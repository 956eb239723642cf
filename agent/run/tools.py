"""What becomes of a tool call? It is refused, declined or run; in each case the model is told, and the journal."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import replace

from agent.evidence.passages import observed, sifted
from agent.governance.charter import refusal
from agent.journal.events import brief, noise
from agent.models.prompt import ALL_WITHHELD
from agent.run.deps import Deps, gone, record
from agent.state import Observation, ToolCall
from plugins.tool import Tool, ToolContext, ToolError, ToolFailed, ToolResult, call
from retrieval.model import Hit

log = logging.getLogger(__name__)


async def observe(wanted: ToolCall, deps: Deps, *, first: int, until: float = math.inf) -> Observation:
    """What the model is told of its call; passages that it may cite are numbered from `first`.

    By `until`, on the monotonic clock, the run is over: no plugin's code is waited for any longer.
    """
    tool = next((tool for tool in deps.tools if tool.name == wanted.name), None)
    if tool is None:
        known = ", ".join(tool.name for tool in deps.tools) or "none"
        unknown = Observation(wanted, f"There is no tool {wanted.name!r}; use one of: {known}.", error=True)
        return await _recorded(deps, unknown, None, "unknown")
    if wanted.written and tool.effect != "read":  # the words may be another's, which it only repeats
        said = f"{tool.name} was not run: its call was written as text, and so only tools that read are run."
        log.warning("%s", said)
        return await _recorded(deps, Observation(wanted, said, error=True), tool, "refused")
    authorization = deps.charter.authorize(tool)
    if authorization == "ask" and deps.ask is not None:
        if not await deps.ask(tool, wanted.arguments):
            declined = Observation(wanted, f"{tool.name} was not run: the user said no.", error=True)
            return await _recorded(deps, declined, tool, "declined")
        if gone(deps).took(deps.given):  # while the person thought about it; what comes of the call is withheld anyway
            stopped = Observation(wanted, f"{tool.name} was not run: what it is called for was erased.", error=True)
            return await _recorded(deps, stopped, tool, "declined")
    elif authorization != "allow":
        refused = refusal(tool, authorization)
        log.warning("%s", refused)  # the model is told, and so must the person be who could allow it
        return await _recorded(deps, Observation(wanted, refused, error=True), tool, "refused")
    observation, withheld = await _run(tool, wanted, deps, first, until)
    return await _recorded(deps, observation, tool, "ran", withheld)


async def _run(tool: Tool, wanted: ToolCall, deps: Deps, first: int, until: float) -> tuple[Observation, Sequence[Hit]]:
    """What came of the call, and the hits that are withheld from the model."""
    if tool.effect != "read":  # if all ends here, the journal must know that it may have taken effect
        await record(deps, "acting", {"call": wanted, "effect": tool.effect})
    await deps.observers.before_tool_call(tool.name, wanted.arguments, deps.run, seconds=_left(until))
    outcome: ToolResult | Exception
    withheld: Sequence[Hit] = ()
    try:
        context = ToolContext(deps.search, deps.scope, deps.run, deps.texts)
        outcome = await call(tool, wanted.arguments, context, seconds=_left(until))
        shown, withheld = sifted(outcome.hits, deps.withhold)
        found = observed(replace(outcome, hits=tuple(shown)), tool.name, first=first, call=wanted.id)
        notes = [outcome.note, ALL_WITHHELD if withheld and not shown else ""]
        note = "\n".join(filter(None, notes))
        observation = Observation(wanted, outcome.text or note, found, withheld=len(withheld), note=note)
    except (ToolError, ToolFailed) as error:
        outcome, observation = error, Observation(wanted, str(error), error=True)
    await deps.observers.after_tool_call(tool.name, wanted.arguments, outcome, deps.run, seconds=_left(until))
    return observation, withheld


def _left(until: float) -> float:
    return until - time.monotonic()


async def _recorded(
    deps: Deps, observation: Observation, tool: Tool | None, outcome: str, withheld: Sequence[Hit] = ()
) -> Observation:
    content = {
        "call": observation.call,
        "effect": tool.effect if tool else None,
        "authorization": outcome,
        "error": observation.error,
        "text": observation.text,
        "note": observation.note,
        "passages": [brief(passage) for passage in observation.passages],
        "withheld": noise(withheld),
    }
    await record(deps, "acted", content)
    return observation
