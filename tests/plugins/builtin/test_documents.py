"""The built-in tools search and read on within what the run may see."""

import asyncio

import pytest

from ingest.model import Chunk, Unseen
from plugins.manager import load_plugins
from plugins.tool import InvalidArguments, ToolContext, ToolError, call
from retrieval.model import EVERYTHING, Hit, Scope

WIDTH = len("Line 0000 of the guide.\n")
LINES = "".join(f"Line {number:04} of the guide.\n" for number in range(400))
TEXTS = {"docs/guide.md": LINES, "docs/one.md": "a" * 9_000, "docs/short.md": "Only this."}


class Stored:
    def text(self, name):
        return TEXTS.get(name)

    def page(self, name, offset):
        return None

    page_label = page

    def unseen(self, name):
        return (Unseen(0, 4, "size"),)


class Recording:
    """A search over the guide's lines: those that hold the query."""

    def __init__(self):
        self.asked = []

    def __call__(self, query, *, k=10, scope=EVERYTHING, mode="hybrid"):
        self.asked.append((query, k, scope))
        starts = [start for start in range(0, len(LINES), WIDTH) if query in LINES[start : start + WIDTH]]
        chunks = [
            Chunk(
                "docs/guide.md", start, start + WIDTH, LINES[start : start + WIDTH], title="Guide", headings=("Lines",)
            )
            for start in starts[:k]
        ]
        return [Hit(chunk, score=1.0) for chunk in chunks]


def use(name, arguments, search=None):
    context = ToolContext(search or Recording(), Scope(frozenset({"public"})), "r-1", Stored())
    tool = next(tool for tool in load_plugins().tools if tool.name == name)
    return asyncio.run(call(tool, arguments, context)).result()


def test_what_is_read_around_a_passage_says_what_of_it_nobody_sees():
    [first] = use("read_around", {"document": "docs/short.md", "start": 0, "end": 4}).hits
    assert first.chunk.unseen == (Unseen(0, 4, "size"),)
    [last] = use("read_around", {"document": "docs/one.md", "start": 8900, "end": 9000}).hits
    assert last.chunk.unseen == ()


def test_a_search_stays_within_the_runs_scope_and_limit():
    search = Recording()
    result = use("search_documents", {"query": "Line", "limit": 3}, search)
    assert search.asked == [("Line", 3, Scope(frozenset({"public"})))]
    assert len(result.hits) == 3
    assert result.text == "", "a passage says itself where it stands"


def test_a_search_that_finds_nothing_says_so_and_leaves_nothing_to_cite():
    with pytest.raises(ToolError, match="No passage was found for 'zebra'"):
        use("search_documents", {"query": "zebra"})


@pytest.mark.parametrize("wrong", [{"query": ""}, {"query": "x", "limit": 0}, {"query": "x", "limit": 21}, {}])
def test_a_search_for_nothing_or_too_much_is_refused(wrong):
    with pytest.raises(InvalidArguments):
        use("search_documents", wrong)


def test_the_surroundings_are_whole_lines_and_hold_the_passage():
    result = use("read_around", {"document": "docs/guide.md", "start": 4_610, "end": 4_620})
    (hit,) = result.hits
    chunk = hit.chunk
    assert chunk.start <= 4_610 - 1_400
    assert chunk.end >= 4_620 + 1_400
    assert chunk.text == LINES[chunk.start : chunk.end]
    assert chunk.text.startswith("Line ")
    assert chunk.text.endswith("guide.")


@pytest.mark.parametrize(
    ("document", "start", "end", "span"),
    [
        ("docs/short.md", 0, 4, (0, 10)),
        ("docs/short.md", 0, 10, (0, 10)),
        ("docs/one.md", 4_000, 4_100, (2_500, 5_600)),
        ("docs/one.md", 8_900, 9_000, (7_400, 9_000)),
    ],
)
def test_the_surroundings_end_where_the_document_does(document, start, end, span):
    (hit,) = use("read_around", {"document": document, "start": start, "end": end}).hits
    assert (hit.chunk.start, hit.chunk.end) == span


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"document": "docs/secret.md", "start": 0, "end": 5}, "no document 'docs/secret.md'"),
        ({"document": "docs/short.md", "start": 5, "end": 5}, "start before end"),
        ({"document": "docs/short.md", "start": 5, "end": 11}, "both within 0-10"),
        ({"document": "docs/one.md", "start": 0, "end": 3_001}, "at most 3000"),
    ],
)
def test_a_passage_that_is_not_there_is_told_to_the_model(arguments, told):
    with pytest.raises(ToolError, match=told):
        use("read_around", arguments)
