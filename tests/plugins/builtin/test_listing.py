"""Documents are listed, described and counted over all that a run may see, and read by section or table."""

import asyncio
from contextlib import closing
from dataclasses import replace

import pytest

from ingest.model import Document
from plugins.builtin import listing
from plugins.manager import load_plugins
from plugins.tool import ToolContext, ToolError, call
from retrieval.model import EVERYTHING, Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, build

ROWS = "\n".join(f"| part {number:03} | {number} EUR |" for number in range(60))
GUIDE = f"""# Guide

What it is about.

## Parts

Before the table.

| part | price |
|---|---|
{ROWS}

After the table.

## Care

Oil it.

### Monthly

Look at the
brake pads and the invoices.
"""
DOCUMENTS = [
    Document("hr/pay.md", "Each INVOICE is paid in May.", "Pay", metadata={"author": "Ana", "date": "2024-03-12"}),
    Document("hr/leave.md", "Leave is thirty days.", "Leave", metadata={"author": "Bea", "date": "2025-01-02"}),
    Document("shop/guide.md", GUIDE, "Guide", markup="markdown", metadata={"author": ("Ana", "Bea")}),
    Document("shop/东京.md", "我住在东京都。", metadata={"date": "2024-07-01"}),
    Document("shop/secret.md", "The invoice of the board.", labels=frozenset({"board"})),
    *(Document(f"log/{number:03}.txt", f"entry {number}") for number in range(120)),
]


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    folder = tmp_path_factory.mktemp("listing")
    build(folder, DOCUMENTS)
    with closing(Home(folder).open(encoder=ENCODER)) as version:
        yield version


@pytest.fixture(scope="module")
def tools():
    return {tool.name: tool for tool in load_plugins().tools}


@pytest.fixture
def use(version, tools):
    def use(name, scope=EVERYTHING, **arguments):
        within = HybridSearch(version, ENCODER).within(scope)
        return asyncio.run(call(tools[name], arguments, ToolContext(within, scope, "r-1", within))).result()

    return use


def test_documents_are_counted_over_the_whole_scope_and_not_the_best_few(use):
    counted = use("count_documents", folder="log", names=0)
    assert counted.data["documents"] == 120
    assert counted.text == "120 documents of the folder log, of 125 documents in all."
    assert use("count_documents", names=0).text == "125 documents in all."


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["invoice"], ["hr/pay.md", "shop/secret.md"]),
        (["invoic*"], ["hr/pay.md", "shop/guide.md", "shop/secret.md"]),
        (["brake pads", "oil"], ["shop/guide.md"]),
        (["look at the brake"], ["shop/guide.md"]),
        (["voice"], []),
        (["东京"], ["shop/东京.md"]),
        (["invoice", "may"], ["hr/pay.md"]),
    ],
)
def test_words_are_whole_in_capitals_or_not_across_lines_and_phrases_too(use, words, names):
    assert use("count_documents", containing=words).data["names"] == names


def test_documents_are_counted_for_each_value_and_a_list_counts_for_each_item(use):
    counted = use("count_documents", by="author", filters=["date>=2024-01-01"])
    assert counted.data["by"] == {"(none)": 1, "Ana": 1, "Bea": 1}
    assert "| Ana | 1 |" in counted.text
    assert use("count_documents", by="author", folder="shop").data["by"] == {"(none)": 2, "Ana": 1, "Bea": 1}
    assert use("count_documents", by="folder").data["by"] == {"log": 120, "shop": 3, "hr": 2}
    assert use("count_documents", by="label", folder="shop").data["by"] == {"(none)": 2, "board": 1}
    with pytest.raises(
        ToolError, match="No document has 'colour' in its metadata: count by folder, label, author, date"
    ):
        use("count_documents", by="colour")


def test_a_count_of_nothing_is_nought_and_no_failure(use):
    assert use("count_documents", containing=["zebra"]).text.startswith("0 documents holding “zebra”, of 125")


@pytest.mark.parametrize("name", ["count_documents", "list_documents", "describe_document", "search_documents"])
def test_nothing_tells_of_what_lies_outside_the_runs_scope(use, name):
    arguments = {
        "describe_document": {"document": "shop/guide.md"},
        "search_documents": {"query": "invoice", "limit": 20},
    }.get(name, {})
    told = use(name, Scope(metadata={"author": "Ana"}), **arguments)
    said = repr(told)
    assert "secret" not in said
    assert "log/" not in said
    if name.endswith("documents") and name != "search_documents":
        assert told.data["documents"] == 2
    with pytest.raises(ToolError):
        use("describe_document", Scope(metadata={"author": "Ana"}), document="shop/secret.md")


def test_a_model_cannot_widen_the_scope(use):
    narrow = Scope(metadata={"author": "Ana"})
    assert use("count_documents", narrow, filters=["author=Bea"]).data["names"] == ["shop/guide.md"]
    assert use("count_documents", narrow, labels=["board"]).data["documents"] == 0
    with pytest.raises(ToolError, match="No passage was found for 'invoice' within these labels and filters"):
        use("search_documents", narrow, query="invoice", labels=["board"])


def test_what_is_erased_meanwhile_is_neither_listed_nor_counted(use, version, tools):
    left = HybridSearch(replace(version, erased_now=lambda: frozenset({"hr/pay.md"})), ENCODER).within(EVERYTHING)
    context = ToolContext(left, EVERYTHING, "r-1", left)
    counted = asyncio.run(call(tools["count_documents"], {"folder": "hr"}, context))
    assert counted.result().data["names"] == ["hr/leave.md"]
    described = asyncio.run(call(tools["describe_document"], {"document": "hr/pay.md"}, context))
    with pytest.raises(ToolError, match="There is no document"):
        described.result()


def test_a_list_goes_on_after_its_last_name_and_ends(use):
    seen, after = [], ""
    for rest in (70, 20, 0):
        listed = use("list_documents", folder="log", limit=50, after=after)
        seen += listed.data["names"]
        after = seen[-1]
        assert listed.note == (f"There are {rest} more: call again with after {after!r}." if rest else "")
    assert seen == [f"log/{number:03}.txt" for number in range(120)]
    with pytest.raises(ToolError, match="no more documents after that one"):
        use("list_documents", folder="log", after=after)


def test_a_list_names_titles_labels_and_metadata(use):
    told = use("list_documents", folder="hr").text
    assert told.startswith("2 documents in all; here are 2 of them:")
    assert "- hr/pay.md, Pay (author: Ana; date: 2024-03-12)" in told
    assert "labels: board" in use("list_documents", labels=["board"]).text


def test_a_kind_that_is_not_there_is_told_with_those_that_are(use):
    with pytest.raises(
        ToolError, match="known are the keys of metadata: author, date; labels: board; folders: hr, log, shop"
    ):
        use("list_documents", folder="h")


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (["author"], "A filter takes KEY=VALUE"),
        (["date>=soon"], "neither a date nor a number"),
        (["date=>2024"], "A filter knows =, >=, >, <= and < alone"),
    ],
)
@pytest.mark.parametrize("name", ["count_documents", "list_documents", "search_documents"])
def test_a_filter_that_means_nothing_is_told_to_the_model(use, name, filters, told):
    with pytest.raises(ToolError, match=told):
        use(name, filters=filters, **({"query": "invoice"} if name == "search_documents" else {}))


def test_a_search_takes_filters(use):
    names = {hit.chunk.document for hit in use("search_documents", query="invoice days", filters=["author=Ana"]).hits}
    assert names == {"hr/pay.md", "shop/guide.md"}


def test_a_document_is_described_with_its_sections_which_can_be_read(use):
    told = use("describe_document", document="shop/guide.md")
    assert told.data["metadata"] == {"author": ["Ana", "Bea"]}
    assert [each["headings"] for each in told.data["sections"]] == [
        ["Guide"],
        ["Guide", "Parts"],
        ["Guide", "Care"],
        ["Guide", "Care", "Monthly"],
    ]
    assert "- Guide > Parts (" in told.text
    care = told.data["sections"][2]
    read = use("read_around", document="shop/guide.md", start=care["start"], end=care["end"], whole="section")
    (hit,) = read.hits
    assert "Oil it." in hit.chunk.text
    assert hit.chunk.text.endswith("invoices.")
    assert "After the table" not in hit.chunk.text


def test_a_whole_table_is_read_from_any_of_its_rows(use):
    start = GUIDE.index("| part 030")
    (hit,) = use("read_around", document="shop/guide.md", start=start, end=start + 4, whole="table").hits
    assert hit.chunk.text.startswith("| part | price |\n|---|")
    assert hit.chunk.text.endswith("| part 059 | 59 EUR |")
    before = GUIDE.index("Before the table")
    with pytest.raises(ToolError, match="has no table at"):
        use("read_around", document="shop/guide.md", start=before, end=before + 6, whole="table")


def test_a_whole_section_holds_its_table(use):
    start = GUIDE.index("| part 030")
    (hit,) = use("read_around", document="shop/guide.md", start=start, end=start + 4, whole="section").hits
    assert "Before the table." in hit.chunk.text
    assert "After the table." in hit.chunk.text
    assert "Oil it" not in hit.chunk.text
    assert hit.chunk.headings == ("Guide", "Parts")


def test_what_is_too_long_to_be_read_at_once_is_read_on(use, monkeypatch):
    from plugins.builtin import documents

    monkeypatch.setattr(documents, "LONGEST", 300)
    start, read = GUIDE.index("| part | price"), ""
    end = GUIDE.index("| part 059 | 59 EUR |") + len("| part 059 | 59 EUR |")
    for _ in range(20):
        result = use("read_around", document="shop/guide.md", start=start, end=start + 1, whole="table")
        (hit,) = result.hits
        read += hit.chunk.text
        if not result.note:
            break
        start = int(result.note.split("start ")[1].split()[0])
    assert "".join(read.split()) == "".join(GUIDE[GUIDE.index("| part | price") : end].split())


def test_texts_are_read_up_to_a_bound_and_then_the_count_is_said_to_be_a_least(use, monkeypatch):
    monkeypatch.setattr(listing, "READ", 500)
    cut = use("count_documents", containing=["entry"])
    whole = use("count_documents", containing=["may"], folder="hr", names=0)

    assert cut.text.startswith("At least ")
    assert 0 < cut.data["documents"] < 120
    assert cut.data["read"] < 125
    assert f"Only the first {cut.data['read']} of 125 documents were read, up to " in cut.note
    assert (whole.text, whole.note) == ("1 document of the folder hr, holding “may”, of 125 documents in all.", "")


def test_no_text_is_read_for_a_count_by_what_is_known_of_documents(use, monkeypatch):
    monkeypatch.setattr(listing, "_holding", None)

    assert use("count_documents", by="author").data["by"] == {"(none)": 122, "Ana": 2, "Bea": 2}
    assert use("count_documents", filters=["date>=2024-06-01"]).data["documents"] == 2


def test_a_question_is_handed_over_with_its_reason(use):
    assert use("hand_over", reason="She asks for a person.").data == {"hand_over": "She asks for a person."}
