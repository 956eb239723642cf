"""Does every chunk slice back, fit the encoder's window, and does nothing get lost between two?"""

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.model import Document, Page
from ingest.read.registry import read
from ingest.split.blocks import blocks
from ingest.split.split import SplitSettings, split
from tests.ingest.split.cutting import OFFSETS, SMALL, cut

WORDS = st.one_of(
    st.sampled_from(["alpha", "unaffable", "internationalization", "Dr.", "3.14", "naïve", "don't", "x!", "read_csv"]),
    st.text("abcdefghij", min_size=1, max_size=150),
    st.text("中文字。！かなカナ한글", min_size=1, max_size=80),
    st.text("😀👩\u200d💻🇩🇪", min_size=1, max_size=40),
    st.text("ae\u0300\u0301\u0302ñ", min_size=1, max_size=40),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=60),
)
LINES = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
STARTS = st.sampled_from(
    [
        *("", "", "", "# ", "## ", "- ", "  - ", "    - ", "1. ", "> ", ">> ", "| ", "    ", "\t", "```\n", "~~~\n"),
        *(".. note:: ", "::\n\n   ", "---\n", "===\n", "[a]: ", "<div>", "- | a | b |\n  |---|---|\n  "),
    ]
)
ENDS = st.sampled_from(["\n", "\n\n", "\n\n\n", " |\n|---|---|\n", "\n===\n", "\n------\n", " | b |\n"])
TEXTS = st.lists(st.tuples(STARTS, LINES, ENDS), max_size=12).map(lambda parts: "".join(map("".join, parts)))
MARKUPS = st.sampled_from(["plain", "markdown", "rst", "code"])
slow = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@slow
@given(TEXTS, MARKUPS, st.text("TitleABC é中", max_size=120), st.sampled_from([SMALL, SplitSettings(64, 16)]))
@example("alpha 。。글글\n===\n", "markdown", "", SMALL)
@example("[a]: http://example.com\n\n" + "word " * 60, "markdown", "", SMALL)
@example("글글글글글글글글글글글글글글글글글글글글" * 5, "plain", "", SMALL)
def test_every_chunk_slices_back_fits_and_nothing_is_lost(text, markup, title, sizes):
    cut(text, markup, sizes, title)


@pytest.mark.parametrize("markup", ["plain", "markdown", "rst", "code"])
@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "unaffable" * 10 + " " + "intelligibility" * 6 + "。" + "a-" * 5_000,
        "字" * 5_000,
        "👩‍💻" * 3_000,
        "e\u0301\u0302" * 3_000,
        "# Title\n\n" * 200,
        "Title\n=====\n\n" * 200,
        "| a | b |\n|---|---|\n" + "| some words here | and more of them |\n" * 500,
        "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(80)),
        ">" * 80 + " deep\n",
        "the same words\n\n" * 300,
        "\u2028\x0b\x0c\x1c\x85 a\u200b \ufeff b",
        "",
        "\n\n \n",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_hostile_text_is_cut_like_any_other(text, markup):
    chunks = cut(text, markup)
    assert bool(chunks) == bool(text.strip())


def test_a_word_cut_between_its_tokens_still_fits_the_window():
    word = "글" * 30  # of several tokens each, so that a cut between two tokens may fall inside a letter
    for window in range(40, 44):
        assert "".join(chunk.text for chunk in cut(word, sizes=SplitSettings(window, 8))) == word


def test_repeated_passages_each_have_a_chunk_of_their_own_place():
    passage = "The pump is started with the green key and stopped with the red one. " * 9
    chunks = cut("\n\n".join([passage] * 6))
    assert len(chunks) >= 3
    assert sum(chunk.text.count("green key") for chunk in chunks) == 54


def test_a_long_paragraph_is_cut_between_sentences():
    sentence = "Every one of these sentences has the same fourteen words, no more and no less."
    chunks = cut(" ".join([sentence] * 60), sizes=SMALL)
    assert {chunk.text for chunk in chunks} <= {sentence, f"{sentence} {sentence}"}


def test_short_sections_are_kept_together_and_long_ones_apart():
    together = cut("# A\n\nfew words\n\n# B\n\nfew words", "markdown")
    assert [chunk.headings for chunk in together] == [()]
    apart = cut("# A\n\n" + "many words " * 60 + "\n\n# B\n\n" + "other words " * 60, "markdown")
    assert [chunk.headings for chunk in apart] == [("A",), ("B",)]


def tokens(text):
    return len(OFFSETS(text))


@pytest.mark.parametrize("count", range(29, 60, 3))
def test_a_text_that_is_a_little_too_long_leaves_no_stump(count):
    chunks = cut(" ".join(f"The valve number {number} is closed by hand." for number in range(count)))
    sizes = [tokens(chunk.text) for chunk in chunks]
    assert len(sizes) > 1
    assert max(sizes) - min(sizes) < 30


def test_the_tail_of_a_long_paragraph_stands_with_what_follows():
    paragraph = " ".join(f"The valve number {number} is closed by hand." for number in range(14))
    *_, last = cut(f"{paragraph}\n\nThen the pump may be started.")
    assert "\n\nThen the pump" in last.text
    assert tokens(last.text) > 30


def test_a_heading_is_never_left_without_what_it_stands_above():
    sections = (f"## Part {number}\n\n{'some words of it ' * (5 + 7 * number % 60)}" for number in range(40))
    for chunk in cut("\n\n".join(sections), "markdown"):
        assert not chunk.text.splitlines()[-1].startswith("#")


def test_the_fields_of_a_form_are_no_talk():
    form = "\n\n".join(f"Name: Customer {number}\nTown: Leipzig\nPhone: 0341 {number}" for number in range(60))
    for chunk in cut(form):
        assert chunk.text.startswith("Name")
        assert re.search(r"Phone: 0341 \d+$", chunk.text)


def test_an_address_is_cut_only_where_nothing_else_can_be():
    links = "\n".join(f"[one{number}]: https://example.org/a/rather/long/path/{number * 7919}" for number in range(90))
    for chunk in cut(links, "markdown"):
        assert chunk.text.startswith("[one")


def test_a_line_that_reads_like_a_title_stands_with_the_text_below():
    stages = "\n\n".join(f"Stage number {number}\n{'It goes on for a while, slowly. ' * 16}" for number in range(12))
    for chunk in cut(stages, "markdown"):
        assert not re.search(r"Stage number \d+$", chunk.text)


def test_a_lead_in_stands_with_its_list():
    text = "The filter is old. " * 20 + "\n\nTools for the job:\n\n" + "- a spanner of size ten\n" * 12
    (chunk,) = (chunk for chunk in cut(text, "markdown") if "Tools for the job:" in chunk.text)
    assert "Tools for the job:\n\n- a spanner" in chunk.text


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{name}: {'yes, that is how it goes ' * 6}\n" for name in ("ALICE", "Bob Smith", "[00:12] Carol") * 9),
        "[" + ", ".join(f"{{'role': 'user', 'content': '{'yes it does. ' * 15}'}}" for _ in range(20)) + "]",
        "".join(f"Line {number}. {'It is not wrapped at all, so it is long. ' * 9}\n" for number in range(20)),
    ],
    ids=["speakers", "records", "unwrapped"],
)
def test_a_message_is_not_cut_where_there_is_a_break_between_two(text):
    assert all(re.match(r"(ALICE|Bob|\[00|\[?\{'role|Line \d+\.)", chunk.text) for chunk in cut(text)), (
        "a chunk begins within one"
    )


def test_context_holds_title_and_heading_path_and_the_text_does_not_repeat_them():
    text = "# Guide\n\n## Pumps\n\n" + "start it slowly " * 90
    last = cut(text, "markdown", title="Handbook")[-1]
    assert last.context == "Handbook › Guide › Pumps"
    assert last.headings == ("Guide", "Pumps")
    assert "Pumps" not in last.text


def test_a_fence_is_not_cut_into_headings():
    text = "# Real\n\n```\n# not a heading\n\n## nor this\n```\n\nafter"
    found = list(blocks(Document("d", text, markup="markdown")))
    assert [block.title for block in found if block.kind == "heading"] == ["Real"]
    assert [text[block.start : block.end] for block in found if block.kind == "code"] == [
        text[8 : text.index("\n\nafter")]
    ]


def test_a_long_fence_is_cut_between_lines():
    code = "```\n" + "".join(f"call_{number}(first, second)\n" for number in range(40)) + "```"
    chunks = cut(code, "markdown", SMALL)
    assert len(chunks) > 5
    assert all(chunk.text.endswith((")", "```")) for chunk in chunks)


def test_code_is_cut_between_functions():
    code = "\n\n".join(
        f"def call_{number}(first):\n    x = first + {number}\n\n    return x * 2\n" for number in range(40)
    )
    chunks = cut(f"```python\n{code}```", "markdown")
    assert len(chunks) > 3
    assert all(re.match("def |```python", chunk.text) for chunk in chunks)


def test_front_matter_is_no_text(tmp_path):
    (tmp_path / "a.md").write_text("---\ntitle: Pumps\nsecret: zebra\n---\n# Start\n\nPress the key.\n")
    (document,) = read(tmp_path / "a.md", "docs/a.md")
    assert document.title == "Pumps"
    assert not any("zebra" in chunk.indexed_text for chunk in split(document, OFFSETS))


def test_a_chunk_knows_the_page_on_which_it_begins():
    text = "first page " * 200 + "\n\n" + "second page " * 200
    document = Document("d", text, pages=(Page(0, 1), Page(text.index("second"), 2)))
    pages = {chunk.page for chunk in split(document, OFFSETS) if chunk.text.startswith("second")}
    assert pages == {2}
    assert split(document, OFFSETS)[0].page == 1


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("pattern", ["peps/tree/**/*.rst", "chroma-chunking/**/*.md"])
def test_real_files_lose_nothing(shared, pattern):
    files = sorted(shared.glob(pattern))
    files = files[:: max(1, len(files) // 25)]
    assert files
    for file in files:
        for document in read(file, file.name):
            assert isinstance(document, Document)
            cut(document.text, document.markup, title=document.title)
