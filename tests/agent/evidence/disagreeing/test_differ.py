"""Two documents contradict each other where both cannot be true of one thing at one time, however they say it."""

import pytest

from agent.evidence.disagreeing.asking import asking
from agent.evidence.disagreeing.differ import differ
from agent.evidence.wording import language_of
from benchmarks.conflicts import HERE, pairs


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How many rooms has the inn?", "The inn has 12 rooms.", "With its 19 rooms the inn is the largest."),
        ("How long is the trail?", "The trail is 12 km long.", "Around the lake runs a trail of 9 km."),
        ("When was the dam built?", "The dam was built in 1931.", "Built in 1936, the dam holds back the Orla."),
        ("How much may a bag weigh?", "A bag may weigh up to 8 kg.", "A bag must not exceed 10 kg."),
        ("When does the pool close?", "The pool closes at 8 pm.", "The pool is open until 21:30."),
        ("How long are logs kept?", "Logs are kept for 90 days.", "Logs are deleted after 30 days."),
        ("Are dogs allowed?", "Dogs are allowed in the park.", "Dogs are not allowed in the park."),
        ("May it be frozen?", "The sauce can be frozen.", "It is forbidden to freeze the sauce."),
        ("Is the door locked?", "The door is locked at night.", "The door is unlocked at night."),
        ("Was it approved?", "The board approved the plan.", "The board rejected the plan."),
        ("Is entry free?", "Entry to the fair is free.", "Visitors pay for entry to the fair."),
        ("Wie viele Plätze gibt es?", "Der Saal hat 180 Plätze.", "Im Saal gibt es 210 Plätze."),
        ("Peut-on fumer ici ?", "Il est permis de fumer sur la terrasse.", "Il est interdit de fumer sur la terrasse."),
        ("¿Está abierto el museo?", "El museo está abierto los lunes.", "El museo no está abierto los lunes."),
    ],
)
def test_what_cannot_both_be_true_is_found(question, one, other):
    assert differ(one, other, question)
    assert differ(other, one, question)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How long is the film?", "The film is 90 minutes long.", "The film runs for 1.5 hours."),
        ("How many came?", "About 5,000 guests came.", "Exactly 4,963 guests came."),
        ("What does a ticket cost?", "A ticket for adults costs 9 euros.", "A ticket for children costs 4 euros."),
        ("What was the profit?", "In 2021 the profit was 4 million.", "In 2022 the profit was 5 million."),
        ("What is the port?", "In version 1 the port is 80.", "In version 2 the port is 90."),
        ("What is the fee?", "The fee is 20 euros.", "If the motion passed, the fee would be 26 euros."),
        ("What is the notice?", "The notice is three months.", "During probation the notice is two weeks."),
        ("Are dogs allowed?", "Dogs are not allowed.", "Guide dogs are allowed."),
        ("Is it harmful?", "The paint is harmless.", "The paint is not harmful."),
        ("Was it approved?", "The plan was approved.", "The plan was not rejected."),
        ("When was it built?", "The school was built in 1911.", "The school was extended in 1974."),
        ("How long is a password?", "A password has at least 12 signs.", "A password has at most 64 signs."),
        ("How many may ride?", "At most eight people may ride the lift.", "Yesterday five people rode the lift."),
        ("When does it sail?", "The ship sails at 10:00 and 13:00.", "The ship sails at 13:00."),
        ("Does it print in colour?", "The M20 prints in colour.", "The C20 does not print in colour."),
        ("What does it cost?", "It costs 10 euros a month.", "It costs 100 euros a year."),
    ],
)
def test_what_may_both_be_true_is_no_contradiction(question, one, other):
    assert differ(one, other, question) is None
    assert differ(other, one, question) is None


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "How long is the warranty on the kettle?",
            "We repair or replace the kettle free of charge for 24 months from the day that you buy it.",
            "Buy once, boil for ages: with us a five-year warranty is the standard for everything.",
        ),
        (
            "What does the charger of the lamp cost?",
            "LM-12, charger for the lamp, black: 24.90 euros with tax.",
            "Should it fail, order a new part LM-12 from our shop for 29.40 euros, postage and tax paid.",
        ),
    ],
)
def test_values_in_other_words_differ_and_are_not_sure(question, one, other):
    for found in (differ(one, other, question), differ(other, one, question)):
        assert found is not None
        assert not found.sure


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How long are logs kept?", "period"),
        ("When does the application period end?", "moment"),
        ("By what day must tenders be in?", "moment"),
        ("Was kostet die Tageskarte?", "money"),
        ("Was the plan approved?", "yes or no"),
        ("Peut-on fumer ici ?", "yes or no"),
        ("¿Está abierto el museo?", "yes or no"),
        ("How many rooms has the inn?", "number"),
        ("What is the port?", "any"),
    ],
)
def test_what_a_question_asks_for_is_told_from_its_words(question, kind):
    assert asking(question, language_of(question)).kind == kind


def test_a_sentence_that_points_back_is_about_what_stands_before_it():
    about = ("", "A copy of the certificate is issued at once."), ("", "")
    asked = "What does a copy of the certificate cost?"
    assert differ("It costs 12 euros.", "A copy of the certificate costs 15 euros.", asked, about)
    assert differ("It costs 12 euros.", "A copy of the certificate costs 15 euros.", asked) is None


def test_of_the_written_pairs_nine_in_ten_are_found_and_no_more_than_one_in_twenty_that_agree():
    every = [each for place, each in enumerate(pairs(HERE / "conflicts.jsonl")) if place % 4 == 0]
    found = [each for each in every if each.found()]
    assert sum(each.contradicts for each in found) >= 0.9 * sum(each.contradicts for each in every)
    assert sum(not each.contradicts for each in found) <= 0.05 * sum(not each.contradicts for each in every)
