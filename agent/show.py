"""How does a result look: as JSON for scripts, and as lines for people?"""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import Any

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
        lines.append(f"{mark}{where}\n{_folded('“' + quote + '”', indent='    ')}")
    return "\n".join(lines)


def hit_lines(rank: int, hit: Hit, *, explain: bool) -> str:
    """One hit for people: where it stands, how it scored, how it begins."""
    chunk = hit.chunk
    head = f"{rank}. {place(chunk.document, chunk.page, chunk.start, chunk.end)}"
    path = " › ".join(part for part in (chunk.title, *chunk.headings) if part)
    text = textwrap.shorten(" ".join(chunk.text.split()), 240, placeholder=" …")
    lines = [head, f"    {path}" if path else "", _folded(text, indent="    ")]
    if explain:
        dense = "-" if hit.dense is None else f"{hit.dense:.3f}"
        lexical = "-" if hit.lexical is None else f"{hit.lexical:.2f}"
        lines.insert(1, f"    score {hit.score:.3f} · cosine {dense} · BM25 {lexical}")
    return "\n".join(line for line in lines if line)


def _folded(text: str, *, indent: str) -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
