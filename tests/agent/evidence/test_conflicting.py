"""Where two sources disagree, the answer tells both, with their dates, and which is newer."""

import numpy as np
import pytest

from agent.evidence.citations import check
from agent.evidence.conflicting import conflicts, with_both
from agent.evidence.passages import blocks
from agent.state import Passage, Quote, Segment
from benchmarks.check_made import Stored, disagreements
from ingest.model import Document

OLD = ("fees-2021.md", "Fees", "The fee is 20 euros. It is paid in March.")
NEW = ("fees-2024.md", "Fees", "The fee is 26 euros. It is paid in March.")
QUESTION = "How high is the fee?"
FEES = "The documents disagree. The newest first: fees-2024.md, 2024: “26 euros” {}; fees-2021.md, 2021: “20 euros” {}."


def told(documents, *said, question=QUESTION, metadata=(), encode=None, trusts=lambda _: True):
    """The answer as it is shown, and the reasons for which it would go back; each statement cites a block of one."""
    passages = tuple(
        Passage(number, "document", name, title, text, 0, len(text), tuple(blocks(text)))
        for number, (name, title, text) in enumerate(documents)
    )
    texts = Stored({each.document: each.text for each in passages})
    segments = [
        Segment(f"{words} ", (Quote(number, block, block + 1, passages[number].block_text(block)),))
        for words, number, block in said
    ]
    found = check(segments, passages, texts, question)
    known = {
        name: Document(name, text, title, metadata=dict(metadata).get(name, {})) for name, title, text in documents
    }
    disagree = conflicts(found, passages, texts, question, known.get, encode, trusts)
    return with_both(found, disagree), [each.reason for each in disagree if not each.is_told]


@pytest.mark.parametrize(
    ("said", "place", "marks"), [("It is 20 euros.", 0, ("[2]", "[1]")), ("It is 26 euros.", 1, ("[1]", "[2]"))]
)
def test_an_answer_that_tells_one_side_goes_back_and_gets_the_other_with_the_dates(said, place, marks):
    found, (reason,) = told([OLD, NEW], (said, place, 0))

    assert found.marked == f"{said} [1]\n\n{FEES.format(*marks)}"
    assert [each.document for each in found.citations] == [(OLD, NEW)[place][0], (NEW, OLD)[place][0]]
    assert all(
        words in reason for words in ("fees-2021.md, 2021 says “20 euros”", "fees-2024.md, 2024 says “26 euros”")
    )


def test_one_that_tells_both_and_which_is_newer_stays_as_it_is():
    said = ("In 2021 it was 20 euros.", 0, 0), ("By the newer list of 2024 it is 26 euros.", 1, 0)
    found, reasons = told([OLD, NEW], *said)

    assert found.marked == "In 2021 it was 20 euros. [1] By the newer list of 2024 it is 26 euros. [2]"
    assert reasons == []


def test_one_that_tells_both_and_not_which_is_newer_gets_the_dates_alone():
    found, reasons = told([OLD, NEW], ("It is 20 euros.", 0, 0), ("Or it is 26 euros.", 1, 0))

    assert found.marked == f"It is 20 euros. [1] Or it is 26 euros. [2]\n\n{FEES.format('[2]', '[1]')}"
    assert reasons == []


def test_where_no_date_is_known_that_is_said():
    found, _ = told([("a.md", *OLD[1:]), ("b.md", *NEW[1:])], ("It is 20 euros.", 0, 0))

    assert found.marked.endswith("Nothing says which of them is newer: a.md: “20 euros” [1]; b.md: “26 euros” [2].")


def test_dates_and_versions_come_from_the_metadata_too():
    known = {"a.md": {"date": "2024-05-02", "version": "7"}, "b.md": {"date": "2023-01-09"}}
    found, _ = told([("a.md", *OLD[1:]), ("b.md", *NEW[1:])], ("It is 20 euros.", 0, 0), metadata=known)

    sides = "a.md, version 7, 2024-05-02: “20 euros” [1]; b.md, 2023-01-09: “26 euros” [2]."
    assert found.marked.endswith(f"The newest first: {sides}")


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (QUESTION, ("Fees", "The fee is 20 euros."), ("Fees", "The fee is twenty euros.")),
        ("What does a child pay?", ("Prices", "A child pays 2 euros."), ("Prices", "A guest pays 5 euros.")),
        ("How tall is Ada?", ("Ada", "Her height is 170 cm."), ("Eve", "Her height is 160 cm.")),
        (QUESTION, ("Fees of Ulm", "The fee is 20 euros."), ("Fees of Bonn", "The fee is 26 euros.")),
        ("What did it cost in 2021?", ("T", "In 2021 it cost 5 euros."), ("T", "In 2022 it cost 6 euros.")),
        ("What is in order 12?", ("Order 12", "It holds 4 pumps."), ("Order 13", "It holds 9 pumps.")),
        ("How long is a password?", ("P", "It has at least 8 letters."), ("P", "It has at most 64 letters.")),
    ],
)
def test_what_only_seems_to_disagree_raises_no_alarm(question, one, other):
    said = one[1].removesuffix(".")
    found, reasons = told([("a.md", *one), ("b.md", *other)], (f"So it is: {said}.", 0, 0), question=question)

    assert found.answers
    assert "disagree" not in found.marked
    assert reasons == []


def test_another_question_of_the_same_documents_raises_no_alarm():
    found, reasons = told([OLD, NEW], ("It is paid in March.", 0, 1), question="When is it paid?")

    assert (found.marked, reasons) == ("It is paid in March. [1]", [])


def test_of_the_made_disagreements_most_are_found_and_none_that_is_none():
    every = list(disagreements())
    found = {each.id for each in every if each.found()}

    assert found <= {each.id for each in every if each.disagree}
    assert len(found) >= 0.85 * sum(each.disagree for each in every)


LAMP = "What does the charger of the lamp cost?"
LISTED = ("list.md", "Prices", "LM-12, charger for the lamp, black: 24.90 euros with tax.")
ORDERED = (
    "help.md",
    "Help",
    "Should it fail, order a new part LM-12 from our shop for 29.40 euros, postage and tax paid.",
)


@pytest.mark.parametrize(("cosine", "are_found"), [(0.41, True), (0.39, False)])
def test_what_is_told_in_other_words_is_held_against_it_where_their_vectors_are_near(cosine, are_found):
    def encode(texts):
        assert texts[0] == LAMP
        assert len(texts) == 3
        return np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [cosine, (1 - cosine**2) ** 0.5, 0.0]])

    found, _ = told([LISTED, ORDERED], ("It is 24.90 euros.", 0, 0), question=LAMP, encode=encode)
    assert ("“29.40 euros”" in found.marked) == are_found


def test_without_an_encoder_other_words_are_left_alone():
    found, reasons = told([LISTED, ORDERED], ("It is 24.90 euros.", 0, 0), question=LAMP)
    assert (found.marked, reasons) == ("It is 24.90 euros. [1]", [])


def test_the_less_trusted_of_two_sources_is_named_as_such():
    found, (reason,) = told([OLD, NEW], ("It is 20 euros.", 0, 0), trusts=lambda name: name == OLD[0])
    assert "fees-2024.md, 2024, of low trust: “26 euros” [2]; fees-2021.md, 2021: “20 euros” [1]" in found.marked
    assert "fees-2024.md, 2024, of low trust says" in reason


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_an_example_says_nothing(fence):
    example = ("run.md", "Fees", f"{fence}\nThe fee is 26 euros.\n{fence}")
    found, _ = told([OLD, example], ("It is 20 euros.", 0, 0))
    assert "disagree" not in found.marked


@pytest.mark.parametrize(
    ("mine", "theirs", "are_found"),
    [
        ("Calmadin leaflet", "Calmadin at a glance", True),
        ("Swimming pool Nord", "Swimming pool Süd", False),
        ("Warehouse A", "Warehouse B", False),
        ("Handbook of Norlund GmbH", "Handbook of Perrin SARL", False),
    ],
)
def test_titles_that_are_one_but_for_a_name_are_of_two_things(mine, theirs, are_found):
    found, _ = told([("a.md", mine, OLD[2]), ("b.md", theirs, NEW[2])], ("It is 20 euros.", 0, 0))
    assert ("disagree" in found.marked) == are_found
