"""Other agents search, read and ask over MCP, with the official client: in process, over pipes, and over HTTP."""

import asyncio
import http.client
import json
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters

from agent.answer import Answer, NearSource, Source
from agent.results import SearchResult
from agent.service.mcp import LARGEST, create_server, http_app
from agent.state import Context, Retrieve, Usage
from ingest.errors import CitewellError
from ingest.model import Chunk, Document, Page
from retrieval.model import Hit
from tests.places import ROOT
from tests.serving import serving

LONG = "".join(f"Line {number} says that valve {number} is open.\n" for number in range(20_000))
TEXTS = {
    "docs/a.md": "# Logs\nLogs are kept for thirty days.",
    "docs/long.txt": LONG,
    "docs/weit.txt": "Über die Brücke führt der Weg. " * 5_000,
    "docs/signs.txt": '"\\\n' * 20_000,
    "data/rows.jsonl#1-2": "A row.",
    "docs/ein Ordner/für alle.md": "Für alle.",
}


@dataclass
class Shelf:
    """A service with a few texts, and an answer that it was given."""

    answer: Answer | None = None
    asked: list = field(default_factory=list)
    opened: list = field(default_factory=list)

    async def run(self, question, *, scope, run_id, aloud):
        self.asked.append(question)
        if question == "no index":
            raise CitewellError("There is no index: type `citewell ingest PATH`.")
        if question == "broken":
            raise RuntimeError("a secret inside")
        yield Retrieve(question)
        yield self.answer

    async def search_async(self, query, *, k, scope, mode):
        self.opened.append(query)
        hits = [Hit(Chunk(name, 0, len(text), text, title=name), 1.0) for name, text in TEXTS.items()]
        return SearchResult("v1", tuple(hits))

    def document_as_nobody(self, name):
        self.opened.append(name)
        if name not in TEXTS:
            return None
        return Document(name, TEXTS[name], "Title", pages=(Page(0, 1),), metadata={"author": "me"})

    def readiness(self):
        raise NotImplementedError


def source(quote, kind="document", document="docs/a.md"):
    return Source(kind, document, "Logs", 2, 7, 7 + len(quote), quote, page_label="ii", context=Context(quote, 0, 1))


def answered(*citations, nearest=(), status="answered", text="Thirty days [1]."):
    return Answer("r-1", status, text, citations, "probe", "v1", "m", Usage(), nearest=nearest)


def with_client(service, do):
    async def connected():
        async with Client(create_server(service)) as client:
            return await do(client)

    return asyncio.run(connected())


def called(service, tool, **arguments):
    return with_client(service, lambda client: client.call_tool(tool, arguments))


def test_what_is_served_is_told_without_opening_anything():
    service = Shelf()
    tools = {tool.name: tool for tool in with_client(service, lambda client: client.list_tools()).tools}

    assert set(tools) == {"search", "fetch", "ask"}
    assert service.opened == service.asked == []
    for name, tool in tools.items():
        assert tool.title
        assert tool.output_schema
        assert tool.annotations.read_only_hint is (name != "ask")
        assert "Use when:" in tool.description


def test_search_gives_ids_that_fetch_takes_and_links_that_can_be_read():
    async def each(client):
        found = (await client.call_tool("search", {"query": "anything"})).structured_content["results"]
        for one in found:
            fetched = (await client.call_tool("fetch", {"id": one["id"]})).structured_content
            read = await client.read_resource(one["url"])
            yield one, fetched, read.contents[0].text

    async def all_of(client):
        return [tried async for tried in each(client)]

    tried = with_client(Shelf(), all_of)

    assert len(tried) == len(TEXTS)
    for (one, fetched, read), text in zip(tried, TEXTS.values(), strict=True):
        assert {"id", "title", "url"} <= set(one)
        assert set(fetched) == {"id", "title", "text", "url", "metadata"}
        assert text.startswith(read[:1_000])
        assert text.startswith(fetched["text"])


@pytest.mark.parametrize(("tool", "name"), [("ask", "question"), ("search", "query")])
@pytest.mark.parametrize(("text", "words"), [("x" * 100_000, "has 100,000 characters: ask in at most"), (" ", "empty")])
def test_what_nobody_can_be_asked_is_refused_in_our_own_words(tool, name, text, words):
    service = Shelf()
    refused = called(service, tool, **{name: text})
    assert refused.is_error
    said = refused.content[0].text
    assert f"The {name} " in said
    assert words in said
    assert len(said) < 300
    assert service.asked == service.opened == []


def test_a_long_document_is_fetched_piece_by_piece():
    async def read_through(client):
        pieces, id = [], "docs/long.txt"
        while id:
            fetched = (await client.call_tool("fetch", {"id": id})).structured_content
            pieces.append((fetched["metadata"]["start"], fetched["text"]))
            id = fetched["metadata"].get("after")
        return pieces

    text = ""
    for start, piece in with_client(Shelf(), read_through):
        assert LONG[start : start + len(piece)] == piece
        text = text[:start] + piece

    assert text == LONG


def test_what_is_fetched_holds_its_passage():
    start = LONG.index("Line 9000 ")
    fetched = called(Shelf(), "fetch", id=f"docs/long.txt#{start}-{start + 40}").structured_content

    assert "Line 9000 says that valve 9000 is open." in fetched["text"]
    assert fetched["metadata"]["of_document"] == {"author": "me"}


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_that_is_fetched_is_more_than_a_host_shows(name):
    for end in ("", "#0-5", "#10000-999999999"):
        result = called(Shelf(), "fetch", id=name + end)

        assert not result.is_error
        assert len(result.content[0].text.encode()) <= LARGEST * 1.1


@pytest.mark.parametrize("id", ["docs/none.md", "docs/none.md#0-5", "#0-5", "../../etc/passwd", "docs/a.md#5", "\0"])
def test_what_is_not_there_is_said(id):
    result = called(Shelf(), "fetch", id=id)

    assert result.is_error
    assert "take an id that search or ask gave" in result.content[0].text


def test_a_link_to_nothing_is_an_error():
    async def read(client):
        with pytest.raises(MCPError, match="There is no document"):
            await client.read_resource("citewell://documents/none.md?start=0&end=4")

    with_client(Shelf(), read)


def test_an_answer_links_each_citation_to_its_place():
    told = answered(source("Logs are kept for thirty days."), source("42", "tool", "calculate"))
    result = called(Shelf(told), "ask", question="How long?").structured_content

    assert result["status"] == "answered"
    first, second = result["citations"]
    assert first["id"] == "docs/a.md#7-37"
    assert first["url"] == "citewell://documents/docs/a.md?start=7&end=37"
    assert first["quote"] == "Logs are kept for thirty days."
    assert first["page_label"] == "ii"
    assert second["url"] is None


def test_an_abstention_tells_what_came_near():
    near = NearSource(
        "document", "docs/a.md", "Logs", None, 0, 5, "# Log", text="# Log", context=Context("# Log", 0, 5)
    )
    told = answered(status="abstained", nearest=(near,), text="")
    result = called(Shelf(told), "ask", question="How long?").structured_content

    assert result["status"] == "abstained"
    assert result["nearest"][0]["id"] == "docs/a.md#0-5"


def test_of_an_answer_with_more_than_a_host_shows_the_last_is_left_out_and_counted():
    told = answered(*(source("é\ud800" * 1_000) for _ in range(50)))
    result = called(Shelf(told), "ask", question="How long?")

    assert len(result.content[0].text.encode()) <= LARGEST * 1.1
    shown = result.structured_content
    assert len(shown["citations"]) + shown["left_out"] == 50
    assert shown["citations"]


def test_an_error_is_told_in_its_own_words_and_a_bug_is_not():
    stated = called(Shelf(), "ask", question="no index")
    bug = called(Shelf(), "ask", question="broken")

    assert stated.is_error
    assert "type `citewell ingest PATH`" in stated.content[0].text
    assert bug.is_error
    assert "secret" not in bug.content[0].text


@pytest.mark.parametrize(
    ("tool", "arguments"), [("search", {}), ("search", {"query": 5}), ("ask", {"question": "x" * 9_000})]
)
def test_wrong_arguments_are_results_that_say_so(tool, arguments):
    assert called(Shelf(), tool, **arguments).is_error


def test_over_http_the_same_is_served_to_this_machine():
    service = Shelf(answered(source("thirty days")))

    async def asked(port):
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            tools = await client.list_tools()
            return len(tools.tools), await client.call_tool("ask", {"question": "How long?"})

    with serving(http_app(create_server(service))) as port:
        count, result = asyncio.run(asked(port))

    assert count == 3
    assert result.structured_content["citations"][0]["quote"] == "thirty days"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "localhost", "Origin": "https://evil.example"}, 403),
        ({"Host": "localhost", "Origin": "null"}, 403),
        ({"Host": "localhost", "Content-Length": "2000000"}, 413),
    ],
)
def test_over_http_no_page_of_another_site_is_served(headers, status):
    with (
        serving(http_app(create_server(Shelf()))) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
    ):
        connection.putrequest("POST", "/mcp", skip_host=True)
        for name, value in {"Content-Type": "application/json", "Content-Length": "2", **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(b"{}")
        assert connection.getresponse().status == status


def started(home, **variables):
    return StdioServerParameters(
        command=sys.executable,
        args=["-c", "from agent.cli import main; main()", "mcp", "--home", str(home)],
        env={"PYTHONPATH": str(ROOT), **variables},
        cwd=home.parent,
    )


@pytest.mark.slow
def test_over_pipes_a_host_starts_it_and_asks(home, tiny):
    told = {"CITEWELL_RETRIEVAL_MODEL": str(tiny), "CITEWELL_RETRIEVAL_DENSE_WEIGHT": "0.1"}

    async def spoken():
        async with Client(started(home, **told)) as client:
            tools = await client.list_tools()
            return len(tools.tools), await client.call_tool("search", {"query": "logs"})

    count, result = asyncio.run(spoken())

    assert count == 3
    assert "guide/logs.md#" in str(result.structured_content["results"])


@pytest.mark.slow
def test_without_an_index_it_is_listed_and_says_what_to_do(tmp_path):
    async def spoken():
        async with Client(started(tmp_path / "none")) as client:
            return len((await client.list_tools()).tools), await client.call_tool("ask", {"question": "How long?"})

    count, result = asyncio.run(spoken())

    assert count == 3
    assert "citewell ingest" in result.content[0].text


PRINTS = """
import os, sys
from agent.service import mcp
made = mcp.create_server
def printing(service):
    server = made(service)
    @server.tool()
    def loud() -> str:
        print("print"); sys.stdout.flush(); os.write(1, b"write"); os.system("echo program")
        return "done"
    return server
mcp.create_server = printing
from agent.cli import main
main(["mcp", "--home", sys.argv[1]])
"""


@pytest.mark.slow
def test_standard_output_carries_nothing_but_the_protocol(tmp_path):
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    sent = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": about},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "loud", "arguments": {}}},
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", PRINTS, str(tmp_path / "none")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        heard = []
        for message in sent:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            if "id" in message:
                heard.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        rest, errors = process.stdout.read(), process.stderr.read()

    assert [each["id"] for each in heard] == [1, 2]
    assert rest == ""
    assert {"print", "write", "program"} <= set(errors.replace("write", "write\n").split())
    assert process.returncode == 0
