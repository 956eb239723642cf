"""How does the model look into the documents again?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ingest.model import Chunk
from plugins.tool import ToolContext, ToolError, ToolResult
from retrieval.model import Hit
from retrieval.search.settings import PASSAGES

AROUND = 1_500
"""How many characters before and after a passage are read."""

_QUERY = "What to look for, in other words than before: synonyms, the documents' own terms, a part of the question."


def search_documents(
    query: Annotated[str, Field(min_length=1, max_length=1_000, description=_QUERY)],
    context: ToolContext,
    limit: Annotated[int, Field(ge=1, le=20, description="How many passages to return.")] = PASSAGES,
) -> ToolResult:
    """Search the documents and return the passages that fit best.

    Use when: the passages at hand do not answer the question, or answer only a part of it.
    Do not use when: the same words were searched for already.
    """
    hits = tuple(context.search(query, k=limit, scope=context.scope))
    if not hits:
        raise ToolError(f"No passage was found for {query!r}: try other words.")  # nothing that could be cited
    return ToolResult("", hits)  # a passage says itself where it stands


def read_around(
    document: Annotated[str, Field(description="The document's name, exactly as the passage gives it.")],
    start: Annotated[int, Field(ge=0, description="Where the passage begins, in characters of the document.")],
    end: Annotated[int, Field(ge=1, description="Where the passage ends.")],
    context: ToolContext,
) -> ToolResult:
    """Read a passage together with what stands directly before and after it.

    Use when: a passage is cut off, or refers to something just before or after it.
    Do not use when: the passage is complete; search for other passages instead.
    """
    text = context.version.text(document)
    if text is None:
        raise ToolError(f"There is no document {document!r}: use a name exactly as a passage gives it.")
    if not start < end <= len(text):
        raise ToolError(f"{document} has no passage {start}-{end}: start before end, and both within 0-{len(text)}.")
    if end - start > 2 * AROUND:
        raise ToolError(f"{start}-{end} is too long: ask for at most {2 * AROUND} characters at once.")
    first, last = _surroundings(text, start, end)
    chunk = Chunk(document, first, last, text[first:last])
    return ToolResult("", (Hit(chunk, score=0.0),))


search_documents.effect = "read"  # type: ignore[attr-defined] # the plain-function contract: attributes say what types cannot
read_around.effect = "read"  # type: ignore[attr-defined] # likewise


def _surroundings(text: str, start: int, end: int) -> tuple[int, int]:
    """A wider span that begins and ends with whole lines, where there are any that near."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    if first > 0:
        first = text.find("\n", first, start) + 1 or first
    if last < len(text):
        line_end = text.rfind("\n", end, last)
        last = line_end if line_end > -1 else last
    return first, last
