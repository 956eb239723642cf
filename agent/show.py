"""How does a result look: as JSON for scripts, and as lines for people?"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.commands.output import width
from agent.journal import Event
from agent.state import Answer, Citation
from retrieval.model import Hit

SCHEMA = 1


def answer_json(answer: Answer) -> dict[str, Any]:
    """What `citewell ask --json` prints and `POST /ask` returns."""
    return {"schema": SCHEMA, **asdict(answer)}


def hit_json(hit: Hit) -> dict[str, Any]:
    """One hit of `citewell search --json` and `POST /search`."""
    chunk = hit.chunk
    return {
        "document": chunk.document,
        "title": chunk.title,
        "headings": list(chunk.headings),
        "page": chunk.page,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "score": hit.score,
        "dense": hit.dense,
        "lexical": hit.lexical,
        "probability": hit.probability,
    }


def search_json(index_version: str, hits: list[Hit]) -> dict[str, Any]:
    """What `citewell search --json` prints and `POST /search` returns."""
    return {"schema": SCHEMA, "index_version": index_version, "hits": [hit_json(hit) for hit in hits]}


def place(document: str, page: int | None, start: int, end: int) -> str:
    """Where a passage stands, for people."""
    return f"{document}, page {page}, characters {start}-{end}" if page else f"{document}, characters {start}-{end}"


def sources(citations: tuple[Citation, ...], *, numbered: bool = True) -> str:
    """The citations, one paragraph each: number, place, quote."""
    lines = []
    for number, citation in enumerate(citations, start=1):
        where = place(citation.document, citation.page, citation.start, citation.end)
        if citation.kind == "tool":
            where = f"result of the tool {citation.document}"
        mark = f"[{number}] " if numbered else "- "
        quote = " ".join(citation.quote.split())
        lines.append(f"{mark}{where}\n{folded('“' + quote + '”', indent='    ')}")
    return "\n".join(lines)


def hit_lines(rank: int, hit: Hit, *, explain: bool) -> str:
    """One hit for people: where it stands, how it scored, how it begins."""
    chunk = hit.chunk
    head = f"{rank}. {place(chunk.document, chunk.page, chunk.start, chunk.end)}"
    path = " › ".join(dict.fromkeys(part for part in (chunk.title, *chunk.headings) if part))
    text = textwrap.shorten(" ".join(chunk.text.split()), 240, placeholder=" …")
    lines = [head, f"    {path}" if path else "", folded(text, indent="    ")]
    if explain:
        dense = "-" if hit.dense is None else f"{hit.dense:.3f}"
        lexical = "-" if hit.lexical is None else f"{hit.lexical:.2f}"
        lines.insert(1, f"    score {hit.score:.3f} · cosine {dense} · BM25 {lexical}")
    return "\n".join(line for line in lines if line)


def event_lines(events: Sequence[Event]) -> str:
    """What happened in a run, an event a line: when, what, who, and what it was about as far as the line holds it."""
    lines = []
    for event in events:
        head = f"{event.number:3}  {event.at[11:23]}  {event.kind:9}  {event.actor}: "
        about = " · ".join(
            f"{key} {_brief(value)}" for key, value in event.content.items() if value not in ("", [], None)
        )
        room = width() - len(head)
        lines.append(head + (about if len(about) <= room else f"{about[: room - 1]}…"))
    return "\n".join(lines)


def folded(text: str, *, indent: str = "") -> str:
    """A paragraph no wider than the terminal."""
    return textwrap.fill(text, width(), initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _brief(value: Any) -> str:
    """A value of an event's content: a text as it is, a list by its length."""
    if isinstance(value, str):
        return " ".join(value.split())
    return str(len(value)) if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
