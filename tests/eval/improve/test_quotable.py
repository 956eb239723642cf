"""Is what synthetic gold quotes whole: a sentence, an item or a row, and nothing that only looks like one?"""

import re

import pytest

from eval.improve.propose import answering, proposals
from eval.improve.quotable import quotable, under
from ingest.model import Chunk, Document
from ingest.read.registry import read
from ingest.split.split import split

GUID = "0fbd2c4e-92a1-4c7b-8a51-3de1c7b6a9f0"


def chunk(text, **told):
    return Chunk("d.md", 50, 50 + len(text), text, **told)


def shapes(text):
    return [(each.shape, each.text) for each in quotable(chunk(text))]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Kestrels breed in holes of old walls.", "sentence"),
        ("Die Miete ist bis zum dritten Werktag fällig.", "sentence"),
        ("`max_drop` is the most that a metric may fall.", "sentence"),
        ("``compile()`` shall raise an error for unknown bits.", "sentence"),
        (":pep:`292` is simpler than what was proposed here before.", "sentence"),
        ("(Both parents feed the young for four weeks.)", "sentence"),
        ("The price peaked in 1999 at about 119 dollars.[178]", "sentence"),
        ('She said that "nobody knows" how long it takes.', "sentence"),
        ("2019 was the year in which the bridge was closed.", "sentence"),
        ("这座城市的人口在十年里增加了一倍。", "sentence"),
        ("รายงานนี้แสดงรายได้และค่าใช้จ่ายของแต่ละภูมิภาค", "sentence"),
        ("- tuned models cost less than larger ones on easy problems", "item"),
        ("3. Schedule an audit of products with a high value", "item"),
        ("b) the tenant pays for small repairs up to 80 euros", "item"),
        ("| SKU-45 | D-22 | 156 |", "row"),
    ],
)
def test_what_is_whole_is_quotable(text, shape):
    assert shapes(text) == [(shape, text)]


@pytest.mark.parametrize(
    "text",
    [
        "and both parents feed the young for four weeks.",  # begins in the middle
        "Kestrels breed in holes of old walls, and",  # ends in the middle
        "We believe that users will have the same reaction to::",
        "Here is a table of all the prices that we ask for:",
        "What does a repair of a bicycle cost in summer?",
        "The phrase was used in a suit that was filed by the U.S.",
        "We invite you to the reading in our shop on Wednesday, Dec.",
        "A multinational corporation that develops, licenses, and …",
        "\u201cTo inspire everyone we had to build it into the tools of every day.",
        "(Other issues might include the use of modules that are exclusive.",
        "Description: ``Election for the council, as specified in its rules.",
        f"Both words and {GUID} can be used to program patterns.",
        "The commit 9f86d081884c7d659a2feaa0c55ad015 broke the tests of last week.",
        "Use the key sk9Xb7Qw3Lm5Rt8Zc1Vn6Hj4Kp2Sd0Fg for all of the calls.",
        "Report ID: SPARSE-12\nWarehouse: East\nReport date: 2024-11-15\nPrepared by: Sara M.",
        "Status: Rejected\nType: Track of standards\nNote: This was never taken up again.",
        "Set x = {a: first}; y = {b: second}; z = {c: third} before all of the others.",
        "PAYMENT METHOD\nVisa card ending in 4782\nAuth 847392",
        "Adam Turner\nAlex Gaynor\nBarry Warsaw\nBrett Cannon",
        "# Kestrels breed in holes of old walls.",
        "How kestrels breed in walls\n===========================",
        ".. [1] A report of all kestrels that breed here.",
        "[9] A report of all kestrels that breed here.",
        "_send: http://example.org/onlinepubs/functions/send.html",
        ":Author: A person who wrote all of this long ago.",
        "if globals().has_key('__main__'): sys.exit(__main__(sys.argv)).",
        "x = {key: value for key, value in pairs if key}; return x.",
        ">>> raise TypeError of a kind that nobody knows.",
        "- What does a repair of a bicycle cost",
        "- We offer repairs of the following kinds:",
        "- https://example.org/a/very/long/address",
        "| part | price |\n| --- | --- |",
        "|  |  | 180 |",
        "A short one.",
        "Many words follow one another here, " * 20 + "and it ends.",
    ],
)
def test_what_is_no_whole_is_not(text):
    found = [each for each in shapes(text) if each[0] != "item" or not text.startswith("- What")]
    assert found == [], found


def test_what_stands_between_fences_of_code_is_not_quotable():
    code = "```python\n# The whole of it is a sentence.\nprint(1)\n\nThis is one too, you see.\n```"
    text = f"{code}\n\nThis one is prose, you see."
    assert [each.text for each in quotable(chunk(text))] == ["This one is prose, you see."]


def test_a_table_gives_its_rows_one_by_one_and_not_its_head():
    table = "| part | price |\n| --- | --- |\n| saddle | 30 euros |\n| chain | 19 euros |"
    assert shapes(table) == [("row", "| saddle | 30 euros |"), ("row", "| chain | 19 euros |")]


TEXT = """## Opening hours

| day | hours |
| --- | --- |
| Monday | 8 to 17 |

The workshop is closed on every public holiday. However, keys can be left.

## Prices

Repairs of bicycles cost twelve euros an hour in summer."""


def test_a_heading_is_answered_by_a_sentence_under_it_and_no_further():
    told = chunk(TEXT, headings=("Opening hours",), title="Workshop")
    assert [each.text for each in under(told, "Opening hours")] == [
        "| Monday | 8 to 17 |",
        "The workshop is closed on every public holiday.",
        "However, keys can be left.",
    ]
    made = {each.kind: TEXT[each.start - 50 : each.end - 50] for each in proposals(told, len)}
    assert made["heading"] == "The workshop is closed on every public holiday."
    table_alone = chunk(TEXT.split("\n\nThe workshop")[0], headings=("Opening hours",), title="Workshop")
    assert list(proposals(table_alone, len)) == [], "a whole table is no answer"


def test_a_question_in_the_text_is_not_answered_by_another_question():
    text = "Is the choice of a model irrelevant? What about its parameters? They matter more than the model does."
    first = next(iter(proposals(chunk(text), len)))
    assert first.question == "What about its parameters?"
    assert text[first.start - 50 : first.end - 50] == "They matter more than the model does."


def test_marks_of_references_are_no_words_of_a_question():
    text = "Talks about the sale of a shoe factory were reported in July after orders to divest it.[135][136]"
    (made,) = proposals(chunk(text), len)
    assert "135" not in made.question


def test_the_sentence_that_shares_the_rarest_words_answers():
    told = chunk(TEXT)
    found = answering("What do repairs of bicycles cost?", told, lambda word: 1.0)
    assert found is not None
    assert found.text == "Repairs of bicycles cost twelve euros an hour in summer."
    assert answering("zzz?", told, lambda word: 1.0) is None


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["loaders/markitdown/test.docx", "loaders/markitdown/test.pptx", "peps/tree/pep-0205.rst"]
)
def test_of_odd_real_files_only_whole_sentences_and_items_are_quoted(shared, name):
    document = next(each for each in read(shared / name, name) if isinstance(each, Document))
    quotes = 0
    for piece in split(document, lambda text: [word.span() for word in re.finditer(r"\S+", text)]):
        for made in proposals(piece, len):
            quote = document.text[made.start : made.end]
            assert re.search(r"[.!。][\"'”’)\]*_`\d\[]*$", quote) or re.match(
                r"\s*(?:[-*•]|\(?\w{1,3}[.)])\s", quote
            ), quote
            assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|^\||\n\s*\n|^[=\-~]{3}", quote, re.MULTILINE), quote
            assert len(quote) <= 500
            quotes += 1
    assert quotes
