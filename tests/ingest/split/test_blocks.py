"""Is a text parted into the blocks that its markup names, in time that grows with its length alone?"""

import gc
import string
import time

import pytest

from ingest.model import Document
from ingest.split.blocks import blocks
from ingest.split.sentences import sentences


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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["[", "> "])
def test_time_grows_with_the_text_and_not_faster(unit):
    assert_time_grows_with_the_text_and_not_faster(unit)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [*sorted({*string.punctuation} - {"["}), "a | b\n", "a.", "- ", "| ", "\n", "- a\n", "a\n\n", "},{", "\\n"],
)
def test_time_grows_with_the_text_and_not_faster_whatever_stands_there(unit):
    assert_time_grows_with_the_text_and_not_faster(unit)


def assert_time_grows_with_the_text_and_not_faster(unit):
    def seconds(size):
        text = (unit * size)[:size]
        gc.collect()
        gc.disable()  # what other tests left behind is not part of the time
        try:
            return timed(text)
        finally:
            gc.enable()

    def timed(text):
        began = time.process_time()
        for markup in ("plain", "markdown", "rst"):
            for _ in blocks(Document("d", text, markup=markup)):
                pass
        sentences(text)
        return time.process_time() - began

    # Three tries, since a pause of the machine falls on one of them; 16 times would be the square
    assert any(seconds(40_000) < 8 * max(0.05, seconds(10_000)) for _ in range(3))
