"""Without a model, an answer is a few sentences of the sources, exactly as they stand, or none."""

import asyncio
import math
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.citations import check
from agent.evidence.passages import passages
from agent.models.extractive import NO_SENTENCE, NOTHING, Extractive
from agent.models.model import Question
from agent.models.quoting.choose import QUOTES
from agent.state import Reply, Token
from ingest.model import Chunk, Document
from retrieval.lexical.analyze import terms
from retrieval.model import Hit

LOGS = (
    "# Logs\n\nLogs are kept for thirty days. After thirty days the logs are deleted.\n"
    "Logs that are older than thirty days are kept on tape. The days on which logs are kept are thirty.\n"
)
CAKE = "# Cake\n\nBeat the eggs with sugar until they are white, then fold in the flour.\n"
QUESTION = "For how many days are logs kept?"


class Stored:
    def text(self, name):
        return {"logs.md": LOGS, "cake.md": CAKE}.get(name)


@pytest.fixture(scope="module")
def model(encoder):
    return Extractive(encoder, lambda term: {"log": 2.0, "day": 1.5, "kept": 1.5, "keep": 1.5}.get(term, 3.0))


@pytest.fixture(scope="module")
def evidence():
    texts = (("logs.md", LOGS, "Logs"), ("cake.md", CAKE, "Cake"))
    return passages([Hit(Chunk(name, 0, len(t), t, title=title), 1.0) for name, t, title in texts], first=0)


def reply(model, question, evidence):
    async def collect():
        return [item async for item in model.reply([Question(question, tuple(evidence))], ())]

    *tokens, last = asyncio.run(collect())
    assert all(isinstance(token, Token) for token in tokens)
    assert isinstance(last, Reply)
    assert "".join(token.text for token in tokens) == last.text
    return last


def test_an_answer_is_sentences_of_the_sources_as_they_stand(model, evidence):
    last = reply(model, QUESTION, evidence)
    checked = check(last.segments, evidence, Stored())

    assert last.stop == "end"
    assert checked.citations
    assert not checked.dropped
    for citation in checked.citations:
        assert LOGS[citation.start : citation.end] == citation.quote, "the cake has nothing to do with it"
    assert "thirty days" in checked.marked


def test_no_more_than_three_sentences_are_quoted_in_the_order_in_which_they_stand(model, evidence):
    quotes = [quote for segment in reply(model, QUESTION, evidence).segments for quote in segment.quotes]

    assert 1 <= len(quotes) <= QUOTES
    assert quotes == sorted(quotes, key=lambda quote: quote.first)


def test_where_nothing_is_strong_enough_nothing_is_quoted(model, evidence):
    last = reply(model, "Who won the chess championship in Iceland?", evidence)

    assert last.text == f"{NOTHING} The passages that were found say nothing of Iceland."
    assert not any(segment.quotes for segment in last.segments)


@pytest.mark.parametrize("question", ["", "?", "How is it?", "日志保留多久？"])
def test_a_question_without_words_of_its_own_does_no_harm(model, evidence, question):
    assert reply(model, question, evidence).stop == "end"


@pytest.mark.parametrize(("probability", "said"), [(0.9, NO_SENTENCE), (0.1, NOTHING), (None, NOTHING)])
def test_that_the_documents_do_not_say_is_said_only_where_no_passage_is_likely_to_answer(model, probability, said):
    head = "| Metal | Price |\n| --- | --- |"
    evidence = passages([Hit(Chunk("a", 0, len(head), head), 1.0, probability=probability)], first=0)
    last = reply(model, "What does steel cost?", evidence)

    assert last.text == f"{said} The passages that were found say nothing of “steel”."
    assert not check(last.segments, evidence, Stored()).unverified, "it is no statement of the documents"


def test_without_passages_nothing_is_quoted(model):
    assert reply(model, QUESTION, []).text == NOTHING


def test_a_heading_is_no_answer(model, evidence):
    assert all(not item.candidate.text.startswith("#") for item in model.weigh("Logs?", evidence))


def test_a_line_of_contents_and_a_fence_of_code_are_no_answer(model):
    no_sentences = [
        "- [How many days logs are kept](logs.md): for how many days are logs kept.",
        "* [How many days logs are kept](logs.md) for how many days.",
        "```for how many days are logs kept",
        "~~~ for how many days are logs kept",
    ]
    text = "\n\n".join([*no_sentences[:2], "Logs are kept for thirty days.", *no_sentences[2:]])
    evidence = passages([Hit(Chunk("a", 0, len(text), text), 1.0)], first=0)
    weighed = [item.candidate.text for item in model.weigh(QUESTION, evidence)]

    assert "Logs are kept for thirty days." in weighed
    assert not [said for said in weighed if said.startswith(("- [", "* [", "```", "~~~"))]
    assert weighed[0] == "Logs are kept for thirty days."


FENCE = """    import logs

    def how_many_days_are_logs_kept(days, logs):
        return logs.kept(days, how_many=days)

    # For how many days are logs kept, that is the question."""


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        (f"# Logs\n\n```python\n{FENCE}\n```\n\nLogs are kept for thirty days.", "markdown"),
        (
            f"# Logs\n\n~~~~ python\n{FENCE}\n~~~\nlogs kept days how many\n~~~~\n\nLogs are kept for thirty days.",
            "markdown",
        ),
        (f"- Logs:\n\n  ```\n{FENCE}\n  ```\n\n- Logs are kept for thirty days.", "markdown"),
        (f"Logs\n====\n\n.. code-block:: python\n\n{FENCE}\n\nLogs are kept for thirty days.", "rst"),
        (
            "def how_many(logs):\n    ...\n\n// Logs are kept for thirty days.\n\nlogs.kept(days(logs), how=1)",
            "code",
        ),
    ],
)
def test_code_is_no_answer_also_where_its_fence_begins_before_the_passage(text, markup):
    document = Document("a", text, markup=markup)
    start = text.index("def how")
    chunk = Chunk("a", start, len(text), text[start:])
    model = Extractive(Alike(), lambda _: 2.0, document={"a": document}.get)
    weighed = model.weigh(QUESTION, passages([Hit(chunk, 1.0)], first=0))

    assert [item.candidate.text.lstrip("-/ ") for item in weighed] == ["Logs are kept for thirty days."]


def test_what_looks_like_a_fence_within_prose_hides_nothing():
    text = "Write ``` to open a block of code.\n\nLogs are kept for thirty days."
    model = Extractive(Alike(), lambda _: 2.0, document={"a": Document("a", text, markup="markdown")}.get)
    weighed = model.weigh(QUESTION, passages([Hit(Chunk("a", 0, len(text), text), 1.0)], first=0))

    assert weighed[0].candidate.text == "Logs are kept for thirty days."


def test_of_two_sentences_of_a_passage_the_one_with_the_questions_words_comes_first():
    """The encoder says nothing here, and both sentences stand in the same passage."""
    text = "Nothing of that sort is said in here. Logs stay for thirty days before they go."
    evidence = passages([Hit(Chunk("a", 0, len(text), text), 1.0)], first=0)
    best, other = Extractive(Alike(), lambda _: 2.0).weigh("How many days do logs stay?", evidence)

    assert best.candidate.text.startswith("Logs stay")
    assert best.probability > other.probability


def test_probabilities_are_between_nought_and_one_and_order_what_was_weighed(model, evidence):
    found = [item.probability for item in model.weigh(QUESTION, evidence)]

    assert all(0 <= probability <= 1 for probability in found)
    assert found == sorted(found, reverse=True)


TABLE = "| Bolt | Torque (Nm) | Class |\n| --- | --- | --- |\n| M8 | 25 | 8.8 |\n| M10 | 49 | 8.8 |\n| M12 | 86 | 8.8 |"
DESK = "Phone: +1 555 0142\nRoom: B12\nChat: #help\n\nThe help desk answers questions about laptops."
HOURS = "- Monday to Friday: 7:00-18:00\n- Saturday: 9:00-13:00\n- Sunday: closed"
PUMP = "The old pump was made by Orlo. It has run day and night since 1987."
SEALS = "Of the seals only these are kept in the store:\n\n- red ones\n- blue ones\n\nAll others are ordered."


TENS = "| Bolt | Torque (Nm) |\n| --- | --- |\n| M6 | 10 |\n| M10 | 49 |\n| M12 | 86 |"
FORM = (
    "| Customer |  |  | Vehicle |\n| --- | --- | --- | --- |\n| Policy | P-1 | Model | Grand Voyager |\n"
    "| Order | R-2 | Surveyor | Ada Brook |"
)
SALE = "The Motor office sells Pay, Office, Motor 365, and others. The town had the office for 48 million dollars."
CODE = (
    "A valve is heavy.\n\nTo open a valve under pressure:\n\n```python\nvalve.open(slowly=True)\n\nvalve.watch()\n```"
)


def said(text, question, title="", headings=(), **given):
    chunk = Chunk("a", 0, len(text), text, title=title, headings=headings, context=" › ".join((title, *headings)))
    evidence = passages([Hit(chunk, 1.0, **given)], first=0)
    last = reply(Extractive(Alike(), lambda _: 2.0), question, evidence)
    stored = type("", (), {"text": lambda _, name: text})()
    return check(last.segments, evidence, stored, question), last.text


@pytest.mark.parametrize(
    ("text", "title", "question", "holds", "lacks"),
    [
        (TABLE, "Tightening torque of bolts", "What is the torque of M10 bolts?", "Torque (Nm): 49", "86"),
        (TENS, "Tightening torque of bolts", "What is the torque of M10 bolts?", "49", "| 10 |"),
        (DESK, "Help desk", "What is the phone number of the help desk?", "Phone: +1 555 0142", "B12"),
        (HOURS, "Opening hours", "When is it open on Saturday?", "9:00-13:00", "7:00"),
        (PUMP, "Pumps", "Since when has the pump run?", PUMP, "\n["),
        (SEALS, "Seals", "Which seals are kept in the store?", "blue ones", "ordered"),
        (FORM, "Repair", "Who is the surveyor for the Grand Voyager repair?", "Ada Brook", "P-1"),
        (SALE, "Motor", "How much did the town pay for the Motor office?", "48 million dollars", "365"),
    ],
)
def test_an_answer_is_the_row_the_label_the_item_or_what_stands_alone(text, title, question, holds, lacks):
    checked, answer = said(text, question, title)

    assert checked.answers
    assert not checked.unverified
    assert holds in answer
    assert lacks not in answer


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How long does the pump wait for the valve?", "# Seconds for which the pump waits for a valve.\nvalve: 25"),
        ("Who is told when the pump fails?", "# Who is told when it fails\ntell: keeper@pier.example"),
        ("What is the port of the pump?", "port: 8460  # of the pump's own page"),
        ("How many valves of the pump are open?", "# Number of valves of the pump that are open\nopen: 3"),
    ],
)
def test_of_a_file_of_settings_key_value_and_comment_are_quoted_in_their_lines(question, quoted):
    text = (
        "pump:\n  # Seconds for which the pump waits for a valve.\n  valve: 25\n"
        "  port: 8460  # of the pump's own page\n  # Who is told when it fails\n  tell: keeper@pier.example\n"
        "  # On this day the valves of the pump are open\n  open_on: sunday\n"
        "  # Number of valves of the pump that are open\n  open: 3\n"
    )
    evidence = passages([Hit(Chunk("pump.yaml", 0, len(text), text, title="pump.yaml"), 1.0)], first=0)

    assert reply(Extractive(Alike(), lambda _: 2.0), question, evidence).text.strip() == quoted


def test_code_is_quoted_whole_where_a_way_is_asked_for():
    document = Document("a", CODE, markup="markdown")
    model = Extractive(Alike(), lambda _: 2.0, document={"a": document}.get)
    evidence = passages([Hit(Chunk("a", 0, len(CODE), CODE, title="Valves"), 1.0)], first=0)

    assert CODE[CODE.index("```") :] in reply(model, "How do I open a valve under pressure?", evidence).text
    assert "```" not in reply(model, "Is a valve heavy?", evidence).text


def test_what_a_section_rejects_gives_way_to_what_holds_unless_it_is_asked_for():
    texts = [("The pump should run at night by default.", ("Rejected ideas",)), ("The pump does run by day.", ("Use",))]
    hits = [Hit(Chunk("a", 0, len(text), text, headings=headings), 1.0) for text, headings in texts]
    model = Extractive(Alike(), lambda _: 2.0)

    def first(question):
        return model.weigh(question, passages(hits, first=0))[0].candidate.text

    assert first("Does the pump run at all?") == "The pump does run by day."
    assert "night" in first("Which rejected ideas about the pump are there?")


@pytest.mark.parametrize(
    ("question", "lost"),
    [
        ("How long does the Farrow pump run?", "Farrow"),
        ("Has the pump run since 1991?", "1991"),
        ("Who made pump 3.17?", "3.17"),
        ("Did Orlo make the old pump in Greymouth or in 1987?", "Greymouth"),
    ],
)
def test_a_name_or_number_that_stands_nowhere_is_said_to_be_missing(question, lost):
    assert said(PUMP, question, "Pumps 3.1")[1] == f"{NOTHING} The passages that were found say nothing of {lost}."


@pytest.mark.parametrize(
    "question", ["Who made the old Pupm of Orlo?", "WHO MADE THE OLD PUMP?", "Who made the Pump for Works 7?"]
)
def test_a_name_that_is_misspelt_shouted_or_stands_above_is_not_missing(question):
    assert "Orlo" in said(PUMP, question, "Pumps", headings=("Works 7",))[1]


SENTENCES = {
    "en": "The archive keeps every invoice of a customer for ten years after the last payment was made.",
    "de": "Der Hausmeister öffnet am Morgen das Tor und schaltet die Lichter im Treppenhaus ein.",
    "fr": "Le jardinier arrose les fleurs devant le bâtiment chaque matin et coupe les haies au printemps.",
}


def counted(languages):
    """How rare a term is among the sentences in these languages, each read in its own."""
    among = [set(terms(SENTENCES[language], language)) for language in languages]
    return lambda term: math.log(1 + (len(among) + 0.5) / (sum(term in words for words in among) + 0.5))


def weighed(question, answer, languages):
    evidence = passages([Hit(Chunk("a", 0, len(answer), answer), 1.0)], first=0)
    return Extractive(Alike(), counted(languages), languages).weigh(question, evidence)[0]


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "How many years are customers' invoices kept after payments?"),
        ("de", "Wann öffnet der Hausmeister die Tore und Treppenhäuser?"),
        ("fr", "Quand le jardinier arrose-t-il les fleurs des bâtiments?"),
    ],
)
def test_other_languages_in_the_index_do_not_make_an_answer_weaker(language, question):
    alone = weighed(question, SENTENCES[language], (language,))
    among = weighed(question, SENTENCES[language], tuple(SENTENCES))
    assert alone.probability <= among.probability + 0.05


@pytest.mark.parametrize(
    ("languages", "question", "asked"),
    [
        (("en",), "How many days does it take, and what's that about?", {"day", "take"}),
        (("en", "fr"), "Does it take some days?", {"day", "take", "tak"}),
        (("de",), "Wie lange werden welche Protokolle aufbewahrt?", {"lang", "protokoll", "aufbewahrt"}),
        (("fr",), "Combien de temps, et pourquoi?", {"temp"}),
        (("en",), "Do you have do_it, or how-to?", {"do", "doit", "how"}),  # names are not taken apart
    ],
)
def test_words_that_ask_are_left_out_as_they_are_written_whatever_the_language(languages, question, asked):
    weighed = set()
    text = "Nothing of that sort is said in here."
    evidence = passages([Hit(Chunk("a", 0, len(text), text), 1.0)], first=0)
    Extractive(Alike(), lambda term: weighed.add(term) or 1.0, languages).weigh(question, evidence)
    assert weighed == asked


@pytest.mark.slow
def test_a_probability_has_the_same_bits_in_every_process():
    """Sums over a set, whose order differs from one process to the next."""
    code = """
import math, sys
from agent.models.extractive import Extractive
from agent.state import Passage
from tests.agent.models.test_extractive import Alike
text = "the green pump valve pipe starts slowly under pressure at night with water and steam turbines"
evidence = [Passage(0, "document", "a", "a", text, 0, len(text), ((0, len(text)),))]
model = Extractive(Alike(), lambda term: math.log(3 + sum(map(ord, term)) * 0.7137))
words = "pressure water steam pump valve pipe turbines night slow cables gravel green starts under brick".split()
for count in range(3, len(words)):
    print(repr(model.weigh(" ".join(words[-count:]), evidence)[0].probability))
"""
    run = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "1234"
    ]
    assert len(set(run)) == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.floats(0, 1))
def test_any_text_can_be_weighed_without_a_word_about_it(model, text, idf):
    bare = Extractive(Letters(), lambda _: idf)
    evidence = passages([Hit(Chunk("a", 0, len(text), text), 1.0)], first=0)

    assert all(item.candidate.text in text for item in bare.weigh(text, evidence))


def test_the_encoder_reads_only_what_a_cosine_could_still_bring_before_the_likeliest():
    read = []

    class Counting(Alike):
        def encode_queries(self, texts, *, as_documents, export=None):
            read.extend(texts)
            return super().encode_queries(texts, as_documents=as_documents, export=export)

    beside = [f"In the {number}th ward the windows are painted blue." for number in range(20, 40)]
    text = "\n\n".join(["The logs of the pump are kept for thirty days.", *beside])
    model = Extractive(Counting(), lambda _: 2.0)
    found = model.weigh("For how many days are the logs of the pump kept?", passages([Hit(Chunk("a", 0, 99, text), 1)]))

    assert found[0].candidate.text == "The logs of the pump are kept for thirty days."
    assert len(read) == 4, "of twenty-one"


BERTHS = (
    "Come to the harbour desk in the morning to get a berth. Bring to the harbour desk:\n\n- a passport\n"
    "- the bill of sale\n- proof that the boat is insured\n\nThe desk is closed on Sunday."
)


@pytest.mark.parametrize("things", ["papers", "documents", "three papers"])
def test_a_list_answers_which_things_though_no_item_is_called_so(things):
    assert said(BERTHS, f"Which {things} must I bring to the harbour desk?", "Berths")[1].splitlines()[:4] == [
        "Bring to the harbour desk:",
        "- a passport",
        "- the bill of sale",
        "- proof that the boat is insured",
    ]


def test_an_item_that_repeats_the_question_gives_way_to_its_whole_list_and_one_that_is_asked_for_does_not():
    text = "The box holds:\n\n- the mower\n- a battery\n- a key\n- a bag of seeds"

    whole = said(text, "What does the box of the mower contain?", "Mowers", probability=0.9)[1]
    assert [line.split(" [")[0] for line in whole.strip().splitlines()] == [line for line in text.splitlines() if line]
    assert said(text, "Which key is in the box?", "Mowers", probability=0.9)[1].strip() == "- a key"


@pytest.mark.parametrize("verb", ["declare", "specify", "define", "indicate"])
def test_how_to_say_a_thing_is_answered_though_documents_call_it_otherwise(verb):
    text = "A form has two fields.\n\n- `berth`: the berth of the boat\n- `name`: the name of the boat"

    assert "`berth`" in said(text, f"How do I {verb} the berth of a boat?", "Forms")[1]
    assert said(text, "How do I cancel the berth of a boat?", "Forms")[1].startswith(NOTHING)


def test_a_list_of_something_else_is_no_answer():
    assert said(BERTHS, "Which papers must I bring to the lighthouse?", "Berths")[1].startswith(NOTHING)


def test_an_abbreviation_is_read_as_the_words_that_it_stands_for():
    text = "The harbour is run by the Northern Union of Ferries since 1987. The pump stands in the yard."

    assert "1987" in said(text, "Since when does the NUF run the harbour?", "Harbour")[1]
    assert said(text, "Since when does the NFX run the harbour?", "Harbour")[1].endswith("nothing of NFX.")


class Alike:
    """An encoder to which all texts mean the same."""

    def encode_queries(self, texts, *, as_documents, export=None):
        import numpy as np

        return np.stack([self.encode_query(text) for text in texts])

    def encode_query(self, text, export=None):
        import numpy as np

        return np.eye(1, 8, dtype=np.float32)[0]


class Letters:
    """A quick encoder for texts that nobody wrote: unit vectors by first letter."""

    def encode_queries(self, texts, *, as_documents, export=None):
        import numpy as np

        return np.stack([self.encode_query(text.partition("\n")[2]) for text in texts])

    def encode_query(self, text, export=None):
        import numpy as np

        return np.eye(8, dtype=np.float32)[ord(text[0]) % 8 if text else 0]


@pytest.mark.parametrize(("serves", "is_read"), [((1,), True), ((0,), False)])
def test_what_a_part_leaves_open_is_looked_for_in_what_its_own_search_found(model, evidence, serves, is_read):
    logs, _ = evidence
    port = "The port of the server is 8000.\n"
    [other] = passages([Hit(Chunk("port.md", 0, len(port), port, title="Port"), 1.0)], first=1)
    asked = "For how many days are logs kept, and what is the port of the server?"

    said = reply(model, asked, [replace(logs, serves=(-1, 0)), replace(other, serves=serves)]).text

    assert "thirty" in said
    assert ("8000" in said) == is_read
