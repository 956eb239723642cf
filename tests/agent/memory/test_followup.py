"""A follow-up is made a question of its own by a stated rule; what stands by itself is left alone."""

import pytest

from agent.memory.conversation import Exchange
from agent.memory.followup import subject, understood


def after(*questions):
    return [Exchange(f"r-{place}", "", question, question, "answered") for place, question in enumerate(questions)]


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("How long are audit logs kept in Europe?", "audit logs"),
        ("What is the price of the Pro plan?", "the Pro plan"),
        ("How do I rotate the API key?", "the API key"),
        ("Who approves expenses?", "expenses"),
        ("Which ports does the server use?", "the server"),
        ("Tell me about the gold gate", "the gold gate"),
        ("What does the gold gate do?", "the gold gate"),
        ("When does the gold gate pass?", "the gold gate"),
        ("How long does the battery of the X200 last?", "the battery of the X200"),
        ("What happens to a refused index version?", "a refused index version"),
        ("Does Citewell support PostgreSQL?", "Citewell"),
        ("Who is Ada Lovelace?", "Ada Lovelace"),
        ("Wie lange werden Logs aufbewahrt?", "Logs"),
        ("Is there a limit on uploads?", "a limit"),
        ("Why?", ""),
        ("Thanks!", ""),
    ],
)
def test_the_form_of_a_question_tells_what_it_is_about(question, about):
    assert subject(question) == about


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("How long are logs kept?", "Who deletes them?", "Who deletes logs?"),
        ("How long are logs kept?", "And where are they stored?", "Where are logs stored?"),
        ("What is the gold gate?", "What is its purpose?", "What is the gold gate's purpose?"),
        ("What is the gold gate?", "Is it possible to switch it off?", "Is it possible to switch the gold gate off?"),
        ("What is the price of the Pro plan?", "Does that include support?", "Does the Pro plan include support?"),
        ("What is the price of the Pro plan?", "Who may use this plan?", "Who may use the Pro plan?"),
        ("Who is Ada Lovelace?", "When was she born?", "When was Ada Lovelace born?"),
        ("Wie lange werden Logs aufbewahrt?", "Wer löscht sie?", "Wer löscht Logs?"),
        # Ellipses: of something else, in another case, or a word that only asks
        ("How long are audit logs kept?", "What about access logs?", "How long are access logs kept?"),
        ("How much does the Free plan cost?", "And the Pro plan?", "How much does the Pro plan cost?"),
        ("How much does the Free plan cost?", "how about Team", "How much does Team cost?"),
        ("How long are logs kept?", "And in Germany?", "How long are logs kept in Germany?"),
        ("How long are logs kept?", "Why?", "Why are logs kept?"),
        ("How long are logs kept?", "Since when?", "Since when are logs kept?"),
        ("Wie lange werden Logs aufbewahrt?", "Und Backups?", "Wie lange werden Backups aufbewahrt?"),
    ],
)
def test_what_refers_to_the_last_subject_gets_it(before, question, whole):
    assert understood(question, after(before)).question == whole


@pytest.mark.parametrize(
    "question",
    [
        "How long are backups kept?",
        "If a disk fails, how is it replaced?",
        "How long does it take to upgrade?",
        "Is it possible to run two servers?",
        "Which file contains the settings that the server reads?",
        "When the index is refused, who can publish it?",
        "What is the default port of the server and how is it changed?",
        "Thanks!",
    ],
)
def test_what_stands_by_itself_is_left_alone(question):
    read = understood(question, after("How long are logs kept?"))
    assert (read.question, read.why) == (question, "it stands by itself")


def test_the_subject_stays_over_several_follow_ups():
    asked = after("What is the gold gate?")
    for question, whole in (
        ("When does it pass?", "When does the gold gate pass?"),
        ("Who sets it?", "Who sets the gold gate?"),
        ("And why?", "Who sets the gold gate, and why?"),
    ):
        assert understood(question, asked).question == whole
        asked += after(whole)
    assert understood("Where is it described?", asked).question == "Where is the gold gate described?"


def test_signs_alone_are_no_subject():
    assert subject("What are ( ) ?") == ""
    assert understood("And JSON?", after("What are ' ' in YAML?")).question == "What are ' ' in JSON?"


def test_nothing_is_put_in_where_nothing_is_known_to_be_meant():
    assert understood("Who deletes them?", after("Thanks!")).question == "Who deletes them?"
    assert understood("Who deletes them?", []).question == "Who deletes them?"
