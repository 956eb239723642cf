"""Which of what was just read seems to give orders to the assistant? Of documents, tools, servers and what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agent.governance.tracing.orders import orders
from agent.governance.tracing.requests import quoted
from agent.journal.events import Acted, Retrieved
from agent.run.deps import Deps, Run
from agent.run.rules.tainting import is_ours
from agent.state import Passage

_NAMED: Final = 3  # of which it is told what they say
_AS_WORDS: Final = str.maketrans({"/": ". ", "_": " ", "-": " ", "+": " "})  # the name of a file may say something


def suspects(event: Retrieved | Acted, run: Run, deps: Deps) -> tuple[str, ...]:
    """Each text that does, by its name and in its own words; the first of them alone."""
    acting = [tool.name for tool in deps.tools if tool.effect != "read" or tool.leaves]
    found: dict[str, str] = {}
    for source, text in _read(event, run, deps):
        if source not in found and (said := orders(text, acting)):
            found[source] = f"{source}: {said!a}"
        if len(found) == _NAMED:
            break
    return tuple(found.values())


def _read(event: Retrieved | Acted, run: Run, deps: Deps) -> Iterator[tuple[str, str]]:
    if isinstance(event, Acted):
        yield from _of(event.observation.passages)
        if not is_ours(event.observation, deps):
            observation = event.observation
            yield observation.call.name, f"{observation.text}\n{observation.note}"
        return
    yield from _of(event.passages)
    for part in quoted(run.question):
        yield "what is quoted in the question", part
    for tool in deps.tools:
        if tool.is_remote:
            yield f"what is said of {tool.name}", tool.description
    for earlier in run.earlier:
        yield "what was answered before", earlier.answer


def _of(passages: tuple[Passage, ...]) -> Iterator[tuple[str, str]]:
    for each in passages:
        name = each.document.translate(_AS_WORDS)
        yield each.document, "\n".join((name, each.title, *each.headings, each.context, each.text))
