"""Which tools is a model offered, where there are more than it can choose among? Those that fit the question.

Up to `FEW` tools are all offered. Of more, the search of the documents is, and `find_tools`, by which it finds the
rest; then those whose names and descriptions share words with the question, the best first (BM25, as the documents are
searched by their words), as many as make `FEW`; and whatever it found or called in this run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Annotated, Final, Protocol, TypeVar

from pydantic import Field

from agent.state import Think
from plugins.contract import tool_from
from plugins.tool import Tool, ToolResult

FEW: Final = 10
SEARCH: Final = "search_documents"
FINDER: Final = "find_tools"

_FOUND_AT_ONCE = 5
_LISTED = 200


def with_finder(tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """The same tools, and one to find them by where they are many."""
    if len(tools) <= FEW:
        return tuple(tools)
    return (*tools, replace(_finder(), function=partial(_found, tuple(tools))))


def find_tools(
    task: Annotated[
        str,
        Field(min_length=1, max_length=500, description="What is to be done, such as `send a mail`, `convert`."),
    ],
) -> ToolResult:
    """Find tools that are not offered to you yet. Those that fit a task are offered to you from then on.

    Use when: none of the tools that you have can do what is needed.
    """
    return _found((), task)


@cache
def _finder() -> Tool:
    """What a model is told of it, which takes time and room to make, and is the same for every run."""
    find_tools.effect = "read"  # type: ignore[attr-defined] # the plain-function contract: attributes say what types cannot
    return tool_from(find_tools, plugin="citewell")


def _found(others: tuple[Tool, ...], task: str) -> ToolResult:
    fitting = fit(others, task)[:_FOUND_AT_ONCE]
    if not fitting:
        names = ", ".join(tool.name for tool in others[:_LISTED])
        return ToolResult("", note=f"No tool fits these words. There are: {names}. Name what one of them does.")
    told = "\n\n".join(f"{tool.name}: {tool.description}" for tool in fitting)
    return ToolResult("", note=f"You can call these now:\n\n{told}", data={"tools": [tool.name for tool in fitting]})


class Told(Protocol):
    """What a model is told of a tool."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...


T = TypeVar("T", bound=Told)


def offered(tools: Sequence[T], think: Think) -> tuple[T, ...]:
    """What a model that is to speak is offered, in the order of `tools`: a function of what it was asked and did."""
    if len(tools) <= FEW or not any(tool.name == FINDER for tool in tools):
        return tuple(tools)
    names = {SEARCH, FINDER}
    rest = [tool for tool in tools if tool.name not in names]
    names |= {tool.name for tool in fit(rest, think.question)[: FEW - len(names)]}
    for turn in think.turns:
        names |= {call.name for call in turn.reply.calls}
        for observation in turn.observations:
            if observation.call.name == FINDER and observation.data:
                names |= set(observation.data["tools"])
    return tuple(tool for tool in tools if tool.name in names)


def fit(tools: Sequence[T], task: str) -> list[T]:
    """Those that share a word with a task, the best first; of equals in their order."""
    from retrieval.lexical.analyze import query_terms, terms
    from retrieval.lexical.postings import Statistics

    texts = [terms(f"{tool.name.replace('_', ' ')}\n{tool.description}", "en") for tool in tools]
    if not any(texts):
        return []
    scores = Statistics(texts).get_scores(query_terms(task, ["en"])).tolist()
    ranked = sorted(zip(scores, range(len(tools)), strict=True), key=lambda one: (-one[0], one[1]))
    return [tools[place] for score, place in ranked if score > 0]
