"""What may an answer rest on: which hits, and what of a tool's result?"""

from __future__ import annotations

from collections.abc import Iterable

from agent.state import Passage
from ingest.split.sentences import sentences
from plugins.tool import ToolResult
from retrieval.model import Hit


def sifted(hits: Iterable[Hit], withhold: float) -> tuple[list[Hit], list[Hit]]:
    """What may be shown to whoever answers, and what is almost surely noise and withheld; both in their order.

    A hit of which nothing says how likely it is to be relevant is shown.
    """
    kept: list[Hit] = []
    withheld: list[Hit] = []
    for hit in hits:
        (withheld if hit.probability is not None and hit.probability < withhold else kept).append(hit)
    return kept, withheld


def passages(hits: Iterable[Hit], *, first: int = 0, call: str | None = None) -> tuple[Passage, ...]:
    """Hits as evidence, numbered from `first`, cut into sentences."""
    return tuple(
        Passage(
            number=first + index,
            kind="document",
            document=hit.chunk.document,
            title=hit.chunk.title,
            text=hit.chunk.text,
            start=hit.chunk.start,
            end=hit.chunk.end,
            blocks=tuple((hit.chunk.start + a, hit.chunk.start + b) for a, b in sentences(hit.chunk.text)),
            page=hit.chunk.page,
            page_label=hit.chunk.page_label,
            headings=hit.chunk.headings,
            context=hit.chunk.context,
            call=call,
            score=hit.score,
            dense=hit.dense,
            lexical=hit.lexical,
            probability=hit.probability,
        )
        for index, hit in enumerate(hits)
    )


def observed(result: ToolResult, tool: str, *, first: int = 0, call: str) -> tuple[Passage, ...]:
    """What a tool gave back as evidence: its passages, and what it said beside them."""
    found = passages(result.hits, first=first, call=call)
    if not result.text.strip():
        return found
    blocks = tuple(sentences(result.text))
    number = first + len(found)
    return (*found, Passage(number, "tool", tool, tool, result.text, 0, len(result.text), blocks, call=call))
