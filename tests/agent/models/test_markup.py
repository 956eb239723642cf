"""What models write beside their words is taken out of them, however it comes."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.models.markup import Readable, readable

PLAIN = "Logs are kept for thirty days."


def in_pieces(text, *cuts):
    """What is let through of a text that comes in pieces."""
    words = Readable()
    at = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    shown = [words.feed(text[start:end]) for start, end in pairwise(at)]
    return "".join([*shown, words.rest()])


@pytest.mark.parametrize(
    "written",
    [
        '<cite index="1-2">Logs are kept</cite> for thirty days.',
        "<cite>Logs are kept for thirty days.</cite>",
        '<cite index="0-1,0-3">Logs are kept for thirty days.</cite>',
        '(cite index="1-2">Logs are kept for thirty days.</cite>',
        '(/cite>Logs are kept (antml:cite index="1">for thirty days.',
        "Logs are kept for thirty days.<CITE INDEX='4'/>",
        "Logs are kept &lt;cite index=1&gt;for thirty days.&lt;/cite&gt;",
        "[cite_start]Logs are kept for thirty days.[cite_end]",
        "[cite index=2]Logs are kept for thirty days.[/cite]",
        "Logs are kept for thirty days.\ue200cite\ue202turn0search1\ue201",
        'Logs are kept for thirty days.<cite index="1-',
    ],
)
def test_raw_markup_of_citations_is_taken_out_also_letter_by_letter(written):
    assert readable(written) == PLAIN
    assert in_pieces(written, *range(len(written))) == PLAIN
    half = len(written) // 2
    assert in_pieces(written, half) == PLAIN


@pytest.mark.parametrize(
    "written",
    [
        "Write `<cite>` around the title of a work, and `</cite>` behind it.",
        "Use 3 < 4 (cite the source), a[citation] and <city>.",
        "It excites <b>me</b> [cited in 3] (cited there).",
        "[1] says so; f(x) < g(y); &lt;b&gt; & more",
        "(",
        "{not a call}",
    ],
)
def test_what_only_looks_like_it_stays(written):
    assert readable(written) == written
    assert in_pieces(written, *range(len(written))) == written


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.sampled_from([*"<>()[]/`{ a.", "cite", "<cite x>", "</cite>", "antml:", "(cite i=1>"]), max_size=12),
    st.data(),
)
def test_however_a_text_is_split_the_same_is_left(parts, data):
    text = "".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    assert in_pieces(text, *cuts) == readable(text)


@pytest.mark.parametrize(
    "written",
    [
        'I look it up. <tool_call>\n{"name": "search", "arguments": {"query": "x"}}\n</tool_call>',
        'I look it up. <function=search>{"query": "x"}</function>',
        'I look it up. [TOOL_CALLS] [{"name": "search", "arguments": {"query": "x"}}]',
        'I look it up. <|python_tag|>{"name": "search", "parameters": {"query": "x"}}',
    ],
)
def test_a_call_in_the_making_is_held_back(written):
    words = Readable()
    assert "".join(map(words.feed, written)).strip() == "I look it up."


@pytest.mark.parametrize("written", ['{"name": "search"}', '```json\n{"name": "search"}\n```', ' [{"name": "search"}]'])
def test_what_begins_as_json_is_held_back_until_the_end(written):
    words = Readable()
    assert "".join(map(words.feed, written)) == ""
    assert words.rest() == written
