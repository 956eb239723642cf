"""What does Citewell answer to other agents, over MCP? `search`, `fetch` and `ask`, with links to the passage.

The only module that knows the server's side of the vendor's library. What it serves is listed at once: nothing of the
index is opened, nor an encoder loaded, before something is asked.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Collection
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any, BinaryIO, Protocol, TypeVar
from urllib.parse import quote

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field
from starlette.applications import Starlette

from agent.answer import Answer, NearSource, Source
from agent.journal.record import new_run_id
from agent.limits import LONGEST, BadRequest, check_text
from agent.plain import written_out
from agent.results import SearchResult
from agent.service.admission import Runs
from agent.service.app import Service as Searched
from agent.service.guards import Guarded, Named
from ingest.errors import CitewellError
from ingest.model import Document
from plugins.bounded import aside
from plugins.tool import sendable
from retrieval.model import EVERYTHING

LARGEST = 40_000
"""Bytes that one result has at most, as JSON: hosts cut what has more than 25,000 tokens."""

PATH = "/mcp"  # where it is served over HTTP

_FOUND = 10
_SHOWN = 400  # characters of a passage in a list
_WINDOW = 24_000  # bytes of a document's text that are fetched at once
_SPAN = re.compile(r"(?s)(.+)#(\d{1,15})-(\d{1,15})")
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)

# A client is told the bounds, and what is beyond them is refused in our own words
Text = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": LONGEST})]
B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")


class Service(Searched, Protocol):
    """What is served: `agent.wire.Citewell`."""

    def document_as_nobody(self, name: str) -> Document | None:
        """A document of the live version, as it was read; None where there is none that anybody may see."""
        ...


class Found(BaseModel):
    """A passage that fits a query; `fetch` takes its `id`."""

    id: str
    title: str
    url: str
    text: str


class SearchResults(BaseModel):
    """The passages that fit a query best, the best first."""

    results: list[Found]


class Fetched(BaseModel):
    """What stands around a passage; `metadata` says which part of the document it is, and how to get the rest."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, Any]


class Cited(BaseModel):
    """A place where something stands: in a document, or in what a tool gave back (which has no `url`)."""

    kind: str
    id: str | None
    url: str | None
    document: str
    title: str
    page_label: str | None
    start: int
    end: int
    quote: str


class Asked(BaseModel):
    """The end of a run. Each [N] in `answer` is the Nth of `citations`; `left_out` counts those there was no room for.

    `status` is answered, abstained, escalated, awaiting_approval or failed; `reason` says why it is not the first.
    """

    run: str | None
    status: str
    answer: str
    citations: list[Cited]
    unverified: list[str]
    nearest: list[Cited]
    reason: str | None
    escalation: str | None
    tested: str | None
    index_version: str
    model: str
    left_out: int = 0


class Speaking(MCPServer[Any]):
    """The server, which can speak over streams of ours; `runs` are the questions that are being answered."""

    runs: Runs

    async def speak(self, out: BinaryIO) -> None:
        """Answers what comes by standard input until that ends; nothing but the protocol is written to `out`."""
        written = anyio.wrap_file(TextIOWrapper(out, encoding="utf-8", write_through=True))
        async with stdio_server(stdout=written) as (read, write):
            options = self._lowlevel_server.create_initialization_options()
            await self._lowlevel_server.run(read, write, options)


def create_server(service: Service, *, limit: int = 8) -> Speaking:
    """The server; so many questions may be answered at once."""
    server = Speaking(
        "citewell",
        title="Citewell",
        version=version("citewell"),
        instructions="Answers from a body of documents, with proof. `ask` gives a checked answer with citations; "
        "`search` finds passages, and `fetch` reads around one.",
        log_level="WARNING",
    )
    runs, searching = Runs(limit), asyncio.Semaphore(limit)

    @server.tool(title="Search the documents", annotations=_READS)
    async def search(query: Text) -> SearchResults:
        """Find the passages of the documents that fit a query best. `fetch` reads around one, by its id.

        Use when: you need the sources themselves.
        """
        async with searching:  # each has a thread
            found = await _told(_searched(service, query))
        results = []
        for hit in found.hits:
            chunk = hit.chunk
            link, url = _place(chunk.document, chunk.start, chunk.end)
            title = " › ".join(filter(None, (chunk.title or chunk.document, *chunk.headings)))
            results.append(Found(id=link, title=_shown(title)[:300], url=url, text=_shown(chunk.text[:_SHOWN])))
        return _fitted(SearchResults(results=results), "results")

    @server.tool(title="Read a document", annotations=_READS)
    async def fetch(id: Text) -> Fetched:
        """Read the document, or as much of it as fits around a passage, by an id that `search` or `ask` gave.

        Use when: a passage alone does not say enough.
        """
        async with searching:
            return await _told(aside(_fetched, service, id))

    @server.tool(
        title="Ask the documents",
        annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True),
    )
    async def ask(question: Text) -> Asked:
        """Answer a question from the documents, each statement with the place where it stands; or say that they don't.

        Use when: you need an answer that can be checked. It may run tools that are allowed to it.
        """
        return await _told(_asked(service, runs, question))

    @server.resource(
        "citewell://documents/{+name}{?start,end}", title="A passage of a document", mime_type="text/plain"
    )
    async def passage(name: str, start: str = "", end: str = "") -> str:
        """What a link of a result leads to."""
        link = f"{name}#{start}-{end}" if start and end else name
        try:
            document, first, last = await aside(_looked_up, service, link)
        except CitewellError as error:
            raise ResourceNotFoundError(error.outside) from None
        return document.text[first:last][:_WINDOW] if start else document.text[:_WINDOW]

    server.runs = runs
    return server


def http_app(server: Speaking, *, hosts: Collection[str] = ()) -> Starlette:
    """The same over streamable HTTP, at `/mcp`, with the checks that every request of the service passes."""
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # Guarded is stricter
    )
    app.add_middleware(Guarded, hosts=hosts)
    app.add_middleware(Named)
    app.state.runs = server.runs
    return app


async def _told(answering: Awaitable[T]) -> T:
    """What comes of it; an error that a user can put right is told in its own words."""
    try:
        return await answering
    except CitewellError as error:
        raise ToolError(error.outside) from None


async def _searched(service: Service, query: str) -> SearchResult:
    return await service.search_async(check_text(query, "query"), k=_FOUND, scope=EVERYTHING, mode="hybrid")


async def _asked(service: Service, runs: Runs, question: str) -> Asked:
    question = check_text(question, "question")
    live = runs.begin(service.run(question, scope=EVERYTHING, run_id=new_run_id(), aloud=False))
    try:
        async for item in live:
            if isinstance(item, Answer):
                return _of(item)
    finally:
        await live.close()
    raise RuntimeError("the run had no end")


def _of(answer: Answer) -> Asked:
    told = Asked(
        run=answer.run,
        status=answer.status,
        answer=_shown(answer.answer),
        citations=[_cited(each, each.quote) for each in answer.citations],
        unverified=[_shown(each) for each in answer.unverified],
        nearest=[_cited(each, each.text) for each in answer.nearest],
        reason=answer.reason,
        escalation=answer.escalation,
        tested=answer.tested,
        index_version=answer.index_version,
        model=answer.model,
    )
    for name in ("nearest", "unverified", "citations"):
        told = _fitted(told, name)
    return told


def _cited(source: Source | NearSource, text: str) -> Cited:
    of_document = source.kind == "document"
    id, url = _place(source.document, source.start, source.end) if of_document else (None, None)
    return Cited(
        kind=source.kind,
        id=id,
        url=url,
        document=source.document,
        title=_shown(source.title),
        page_label=source.page_label or (None if source.page is None else str(source.page)),
        start=source.start,
        end=source.end,
        quote=_shown(text),
    )


def _shown(text: str) -> str:
    """Whoever reads it may be a model, which sees what people do not: that is written out."""
    return written_out(sendable(text))


def _place(document: str, start: int, end: int) -> tuple[str, str]:
    """The id of a passage, and the link to it."""
    return f"{document}#{start}-{end}", f"citewell://documents/{quote(document)}?start={start}&end={end}"


def _fetched(service: Service, id: str) -> Fetched:
    document, start, end = _looked_up(service, id)
    first, last = _window(document.text, start, end)
    around: dict[str, Any] = {"start": first, "end": last, "length": len(document.text)}
    if first > 0:
        around["before"] = _place(document.name, max(0, first - (last - first)), first)[0]
    if last < len(document.text):
        around["after"] = _place(document.name, last, min(len(document.text), 2 * last - first))[0]
    about = {key: value for key, value in document.metadata.items() if len(str(value)) <= 1_000}
    page = document.page_at(start)
    told = {"document": document.name, **around, **({} if page is None else {"page": page}), "of_document": about}
    while len(json.dumps(told, ensure_ascii=False, default=str).encode()) > LARGEST // 8 and about:
        about.popitem()
    return Fetched(
        id=id,
        title=_shown(document.title or document.name)[:300],
        text=_shown(document.text[first:last]),
        url=_place(document.name, start, end)[1],
        metadata=json.loads(json.dumps(told, default=str)),
    )


def _looked_up(service: Service, id: str) -> tuple[Document, int, int]:
    """The document that an id means, and the passage in it. Raises `BadRequest`."""
    document = service.document_as_nobody(id)
    if document is not None:
        return document, 0, len(document.text)
    span = _SPAN.fullmatch(id)
    document = service.document_as_nobody(span[1]) if span else None
    if span is None or document is None:
        raise BadRequest(f"There is no document {id[:200]!r} in the index: take an id that search or ask gave.")
    start, end = min(int(span[2]), len(document.text)), min(int(span[3]), len(document.text))
    return document, start, max(start, end)


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """As much of a text as is fetched at once: all of it, else the passage, with as much before it as after it."""
    if len(text.encode("utf-8", "replace")) <= _WINDOW:
        return 0, len(text)
    most = _WINDOW // 4 if not text.isascii() else _WINDOW  # no character has more than four bytes
    end = min(end, start + most)
    first = max(0, min(start - (most - (end - start)) // 2, len(text) - most))
    last = min(len(text), first + most)
    while len(json.dumps(_shown(text[first:last]), ensure_ascii=False).encode("utf-8", "replace")) > LARGEST * 3 // 4:
        last = first + (last - first) // 2  # what JSON has to write in more characters
    return first, last


def _fitted(told: B, name: str) -> B:
    """The same with no more of a list than there is room for."""
    left: list[Any] = list(getattr(told, name))
    whole = len(left)
    while left and len(told.model_dump_json().encode()) > LARGEST:
        left.pop()
        told = told.model_copy(update={name: list(left)})
    if len(left) < whole and isinstance(told, Asked):
        return told.model_copy(update={"left_out": told.left_out + whole - len(left)})
    return told
