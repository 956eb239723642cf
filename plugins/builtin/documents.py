"""How does the model look into the documents again?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ingest.model import Chunk, within
from ingest.split.sections import Section
from plugins.builtin.scope import Filters, Labels, scope_of
from plugins.tool import RESULT_LIMIT, ToolContext, ToolError, ToolResult
from retrieval.model import Hit
from retrieval.search.settings import PASSAGES
from retrieval.versions.ranges import BadRange

AROUND = 1_500
"""How many characters before and after a passage are read."""

LONGEST = RESULT_LIMIT // 2
"""The most characters of a section or a table that are read at once."""

_QUERY = "In other words than before: synonyms, the documents' own terms, a part of the question."


def search_documents(
    query: Annotated[str, Field(min_length=1, max_length=1_000, description=_QUERY)],
    context: ToolContext,
    limit: Annotated[int, Field(ge=1, le=20)] = PASSAGES,
    labels: Labels = [],  # noqa: B006 - the default is only read
    filters: Filters = [],  # noqa: B006 - likewise
) -> ToolResult:
    """Search the documents and return the passages that fit best.

    Use when: the passages at hand do not answer the question, or answer only a part of it.
    Do not use when: the same words were searched for, or all documents are to be counted.
    """
    narrower = scope_of(labels, filters)
    scope = context.scope.narrowed(labels=narrower.labels, metadata=narrower.metadata)
    try:
        hits = tuple(context.search(query, k=limit, scope=scope))
    except BadRange as fault:
        raise ToolError(str(fault)) from None
    if not hits:
        within = "" if narrower.is_everything else " within these labels and filters"
        raise ToolError(f"No passage was found for {query!r}{within}: try other words.")  # nothing that could be cited
    return ToolResult("", hits)  # a passage says itself where it stands


def read_around(
    document: Annotated[str, Field(description="Its name, exactly as the passage gives it.")],
    start: Annotated[int, Field(ge=0, description="Where the passage begins, in characters.")],
    end: Annotated[int, Field(ge=1)],
    context: ToolContext,
    whole: Annotated[
        Literal["surroundings", "section", "table"],
        Field(description="How much to read."),
    ] = "surroundings",
) -> ToolResult:
    """Read what stands before and after a passage, or its whole section or table.

    Use when: a passage is cut off, refers to something near it, or is part of a list or table of which all is asked.
    Do not use when: the passage is complete; search for others instead.
    """
    text = context.version.text(document)
    if text is None:
        raise ToolError(f"There is no document {document!r}: use a name exactly as a passage gives it.")
    if not start < end <= len(text):
        raise ToolError(f"{document} has no passage {start}-{end}: start before end, and both within 0-{len(text)}.")
    headings: tuple[str, ...] = ()
    if whole != "surroundings":
        part = _part(context.version.sections(document), whole, document, start)
        first, last, headings = part.start, part.end, part.headings
    else:
        if end - start > 2 * AROUND:
            raise ToolError(f"{start}-{end} is too long: ask for at most {2 * AROUND} characters at once.")
        first, last = _surroundings(text, start, end)
    first, shown = _shown(text, first, last, start)
    onward = shown + text[shown : shown + 1].isspace()
    note = "" if shown == last else f"It goes on: call again with start {onward} and end {onward + 1}."
    chunk = Chunk(
        document,
        first,
        shown,
        text[first:shown],
        headings=headings,
        page=context.version.page(document, first),
        page_label=context.version.page_label(document, first),
        unseen=within(context.version.unseen(document), first, shown),
    )
    return ToolResult("", (Hit(chunk, score=0.0),), note)


search_documents.effect = "read"  # type: ignore[attr-defined] # the plain-function contract: attributes say what types cannot
read_around.effect = "read"  # type: ignore[attr-defined] # likewise


def _part(parts: list[Section], kind: str, document: str, start: int) -> Section:
    """The innermost section or table that holds a place."""
    around = [each for each in parts if each.kind == kind and each.start <= start < each.end]
    if not around:
        raise ToolError(f"{document} has no {kind} at {start}: ask for what stands around the passage.")
    return around[-1]


def _shown(text: str, first: int, last: int, start: int) -> tuple[int, int]:
    """As much of a span as is read at once, in whole lines: its beginning, or what begins where it was asked for."""
    end = _cut(text, first, last)
    if start < end:
        return first, end
    first = text.rfind("\n", first, start) + 1 or start
    return first, _cut(text, first, last)


def _cut(text: str, first: int, last: int) -> int:
    if last - first <= LONGEST:
        return last
    line_end = text.rfind("\n", first + 1, first + LONGEST)
    return line_end if line_end > first else first + LONGEST


def _surroundings(text: str, start: int, end: int) -> tuple[int, int]:
    """A wider span that begins and ends with whole lines, where there are any that near."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    if first > 0:
        first = text.find("\n", first, start) + 1 or first
    if last < len(text):
        line_end = text.rfind("\n", end, last)
        last = line_end if line_end > -1 else last
    return first, last
