"""A statement is borne out by what it cites, or it is not: as far as numbers, names and words can tell."""

import time
from collections import Counter
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.quantities import read
from agent.support import Cited, bears_out
from benchmarks.check import HERE, REACHED, pairs, wrong


@cache
def judged(name):
    return [(pair, pair.marked()) for pair in pairs(HERE / f"{name}.jsonl")]


@pytest.mark.parametrize("name", REACHED)
def test_no_more_false_statements_are_missed_and_no_more_sound_ones_harmed_than_was_reached(name):
    missed, harmed = wrong(judged(name))

    assert missed <= REACHED[name][0]
    assert harmed <= REACHED[name][1]


@pytest.mark.parametrize("name", REACHED)
def test_the_pairs_of_an_author_are_of_many_kinds(name):
    kinds = Counter((pair.sound, pair.kind) for pair, _ in judged(name))

    assert max(kinds.values()) <= 6
    assert min(len({kind for sound, kind in kinds if sound is side}) for side in (True, False)) >= 10


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000 files", "1000 files"),
        ("1.000,5", "1,000.5"),
        ("1 000 000", "a million"),
        ("$1.25 billion", "$1250 million"),
        ("5 GB", "5 gigabytes"),
        ("5 GB", "5000 MB"),
        ("78 °C", "78 degrees Celsius"),
        ("12.5 %", "12.5 percent"),
        ("12,5 Prozent", "12.5%"),
        ("three days", "3 days"),
        ("dreiundzwanzig Tage", "23 days"),
        ("vingt-deux jours", "22 days"),
        ("two years", "24 months"),
        ("one third", "1/3"),
        ("a half", "50 %"),
        ("12 March 2024", "2024-03-12"),
        ("12 March 2024", "03/12/2024"),
        ("12 March 2024", "12/03/2024"),
        ("12. März 2024", "12.03.2024"),
        ("March 12th, 2024", "12 mars 2024"),
        ("12 de marzo de 2024", "12.3.24"),
        ("8 pm", "20:00"),
        ("8:30 a.m.", "08:30"),
        ("20 Uhr", "8 p.m."),
        ("€40", "40 euros"),
        ("EUR 1,500.00", "1500 Euro"),
        ("about 22,000", "22,392"),
        ("Mondays", "every Monday"),
        ("Wednesday", "Monday to Friday"),
        ("50k", "50,000"),
        ("1,45 km²", "145 hectáreas"),
        ("1.6 metres", "1600毫米"),
        ("60 °F below zero", "-60 °F"),
        ("Sunday", "daily"),
    ],
)
def test_one_quantity_in_two_forms_is_the_same(one, other):
    languages = [
        "fr" if set(text.split()) & {"jours", "mars"} else "de" if "dreiund" in text else "en" for text in (one, other)
    ]
    mine, theirs = read(one, languages[0]), read(other, languages[1])

    assert mine
    assert all(any(each.is_borne_by(found) for found in theirs) for each in mine), (mine, theirs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("78 °C", "78 °F"),
        ("5 GB", "5 MB"),
        ("1,000.5", "1.0005"),
        ("30 minutes", "30 seconds"),
        ("12 March 2024", "13 March 2024"),
        ("12 March 2024", "12 March 2023"),
        ("April", "May 2024"),
        ("8 pm", "8 am"),
        ("-5 °C", "5 °C"),
        ("1987", "1978"),
        ("5 %", "5 euros"),
        ("Tuesday", "Thursday"),
        ("22,000", "22,392"),
        ("two thirds", "one third"),
        ("180,000 years", "180 years"),
    ],
)
def test_two_quantities_are_not_the_same(one, other):
    assert not any(mine.is_borne_by(found) for mine in read(one) for found in read(other))


@pytest.mark.parametrize(
    "text", ["M10", "SHA-512", "B-12", "one of them", "3D", "version 1.2.3", "", "may go, march on"]
)
def test_what_is_no_quantity_is_not_read_as_one(text):
    assert read(text) == ()


APPROVAL = Cited("Claims below 50 euros need no approval.", ("Expenses",))
REFUNDS = Cited("Ada Brook may approve refunds of up to 500 euros within 14 days.", ("Refunds",))


@pytest.mark.parametrize(
    ("statement", "cited", "question"),
    [
        ("Claims under 50 euros do not need approval.", APPROVAL, ""),
        ("Refunds of at most €500 may be approved by Brook.", REFUNDS, "Who approves refunds?"),
        ("Ada Brook.", REFUNDS, "Who approves refunds?"),
        ("Within two weeks.", REFUNDS, "When?"),
        ("Bis zu 500 Euro.", REFUNDS, "Wie hoch darf eine Erstattung sein?"),
        ("Ada Brook darf Erstattungen bis 500 Euro genehmigen.", REFUNDS, "Wer genehmigt Erstattungen?"),
        ("She may.", REFUNDS, "May Ada Brook approve refunds?"),
        (
            "Into the blue bin.",
            Cited("Glass goes into the blue bin, never into the grey ones."),
            "Where does glass go?",
        ),
        ("It is kept for a year.", Cited("A record that is no longer needed is kept for a year."), "And then?"),
        ("The lift is not used after dusk.", Cited("The lift is used only before dusk."), ""),
        ("The lawn covers 1.5 hectares.", Cited("The lawn covers 15,000 m²."), ""),
        ("The walk is 8 km long.", Cited("The walk is 5 miles long."), ""),
        ("A 30-euro order costs €5.", Cited("Orders below €50 cost €5."), "I ordered for 30 euros. What does it cost?"),
        ("It froze at 20 °C below zero.", Cited("It froze at −20 °C."), ""),
        ("Loans last four weeks.", Cited("It is open except on Mondays. Loans last four weeks."), "How long?"),
        ("Ada Brook joined in 2013.", Cited("She joined from Acme in 2013."), "When did Ada Brook join?"),
        ("Some claims are paid.", Cited("Most claims are paid within a week."), ""),
        ("A few members swim.", Cited("All members swim."), ""),
    ],
)
def test_what_says_the_same_in_other_words_is_borne_out(statement, cited, question):
    assert bears_out(statement, [cited], question) == ""


@pytest.mark.parametrize(
    ("statement", "cited", "question", "fault"),
    [
        ("Claims below 50 euros need approval.", APPROVAL, "", "denial"),
        ("Claims above 50 euros need no approval.", APPROVAL, "", "opposite bound"),
        ("All claims are paid.", Cited("Most claims are paid within a week."), "", "stronger"),
        ("Members must wear a helmet.", Cited("Members should wear a helmet."), "", "stronger"),
        ("The new sauna is already open.", Cited("A new sauna is planned."), "Is there a sauna?", "stronger"),
        (
            "Extra hours are paid.",
            Cited("Extra hours worked are paid only if it was approved."),
            "",
            "condition left out",
        ),
        ("Rents fell last year.", Cited("Rents rose last year, while wages fell."), "", "opposite"),
        ("Yes.", Cited("Dogs are not allowed in the pool."), "Are dogs allowed in the pool?", "denial"),
        ("No.", Cited("Dogs are allowed in the pool."), "Are dogs allowed in the pool?", "denial"),
        ("Rule 7 was withdrawn.", Cited("Rule 9 was withdrawn."), "What became of rule 7?", "number"),
        ("Five crews share eight boats.", Cited("Eight crews share five boats."), "", "of another"),
        ("Le musée est ouvert tous les jours.", Cited("Le musée est ouvert du lundi au jeudi."), "", "number"),
        ("Claims below 50 euros need no approval, since the board trusts its staff.", APPROVAL, "", "invented"),
        ("Bob Sterling may approve refunds.", REFUNDS, "Who approves refunds?", "name"),
        (
            "Acme's refunds are approved by Bob.",
            Cited("Acme refunds what is broken.", ("Acme",)),
            "Who at Acme?",
            "name",
        ),
        ("Refunds of up to 900 euros.", REFUNDS, "How much?", "number"),
        ("Refunds may be approved within 14 weeks.", REFUNDS, "", "number"),
        ("At least 500 euros.", REFUNDS, "How much?", "bound"),
        ("The harbour is deep.", REFUNDS, "", "nothing shared"),
        ("Bis zu 900 Euro.", REFUNDS, "Wie hoch darf eine Erstattung sein?", "number"),
        ("Der Chef heißt Bob Sterling.", REFUNDS, "Wie heißt der Chef?", "name"),
        ("The Zurich office is open.", Cited("The Basel office is open."), "Is the Zurich office open?", "name"),
    ],
)
def test_what_is_not_said_there_is_told_with_what_is_wrong(statement, cited, question, fault):
    assert (bears_out(statement, [cited], question) or "borne out").split(":")[0] in fault


PIECES = st.sampled_from(
    [
        *"0123456789.,:;-/%€$£°| \n#*`[]()?!",
        *("CF", "1/2", "12. March", "31.12.", "a half", "million", "Mio.", "k", "²", "٣", "東京", "3日", "not", "no"),
        *("at least", "8 p.m.", "Monday to", "Bob", "x@y.z", "second", "a", "zero", "\x00", "é"),
    ]
)
ANYTHING = st.lists(PIECES, max_size=40).map("".join)


@settings(deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING)
@example("$\n5", "$\n5 and €-3", "")
@example("1" * 400, f"about {'9' * 400} million", "how many?")
def test_whatever_is_said_and_cited_it_is_judged(statement, text, question):
    assert isinstance(bears_out(statement, [Cited(text, (question,), statement, text)], question), str)


def test_a_statement_of_very_many_lines_is_judged_in_no_time():
    source = "The pump costs 40 euros, and the valve 50 euros, not 60 euros. " * 40
    began = time.process_time()

    bears_out("a:\n" * 3000, [Cited(source)])

    assert time.process_time() - began < 10, "it took a minute when each line was read with all before it"
