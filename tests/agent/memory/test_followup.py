"""A follow-up is made a question of its own by a stated rule; what stands by itself is left alone."""

import pytest

from agent.memory.conversation import Exchange
from agent.memory.followup import understood
from agent.memory.subject import subject


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


# Written over the guide, a library in German and a town in Spanish
PAIRS = [
    # Of something else, or in another case
    ("How are tables quoted?", "Lists too?", "How are lists quoted?"),
    ("How are tables quoted?", "Code blocks?", "How are code blocks quoted?"),
    ("How are tables quoted?", "Same question for pictures.", "How are pictures quoted?"),
    ("How do I install the plugin?", "I mean the dice plugin.", "How do I install the dice plugin?"),
    ("How are PDF files read?", "What about scanned ones?", "How are scanned PDF files read?"),
    ("How much memory does an idle run need?", "And a busy one?", "How much memory does a busy run need?"),
    ("Can I bring my dog to the library?", "What about cats?", "Can I bring cats to the library?"),
    ("Are pets allowed in the cabins?", "Not even small dogs?", "Are small dogs allowed in the cabins?"),
    ("Who may approve a refund?", "And above 500 euros?", "Who may approve a refund above 500 euros?"),
    ("What is the daily rate for a mooring?", "For a week?", "What is the daily rate for a mooring for a week?"),
    ("What is the fine for late returns?", "And for lost books?", "What is the fine for lost books?"),
    ("What is the opening time on Mondays?", "On Tuesdays?", "What is the opening time on Tuesdays?"),
    ("Does Citewell work offline?", "Even on Windows?", "Does Citewell work offline on Windows?"),
    ("What is the voltage of the X200?", "And its weight?", "What is the X200's weight?"),
    ("Wie lange darf ich Bücher ausleihen?", "Und DVDs?", "Wie lange darf ich DVDs ausleihen?"),
    ("Wann öffnet die Bibliothek?", "Und samstags?", "Wann öffnet die Bibliothek samstags?"),
    ("Wie beantrage ich einen Parkausweis?", "Und für Besucher?", "Wie beantrage ich einen Parkausweis für Besucher?"),
    ("¿A qué hora abre la piscina?", "¿Y los domingos?", "¿A qué hora abre la piscina los domingos?"),
    ("¿Cuánto cuesta el carné?", "¿Y para estudiantes?", "¿Cuánto cuesta el carné para estudiantes?"),
    ("¿Dónde se tramita la licencia?", "¿Y el bono social?", "¿Dónde se tramita el bono social?"),
    ("¿Cuándo es la feria?", "¿Qué hay de la maratón?", "¿Cuándo es la maratón?"),
    # It only asks
    ("Does Citewell work offline?", "Since which version?", "Since which version does Citewell work offline?"),
    ("Can children swim alone?", "At what age, then?", "At what age can children swim alone?"),
    ("Is the API rate limited?", "If so, how?", "How is the API rate limited?"),
    ("Which formats can be exported?", "Any others?", "Which formats can be exported, and what else?"),
    ("Wer leitet die Kinderabteilung?", "Seit wann?", "Wer leitet die Kinderabteilung, und seit wann?"),
    ("¿Quién dirige el museo?", "¿Desde cuándo?", "¿Quién dirige el museo, y desde cuándo?"),
    ("¿Cuántos días duran los préstamos?", "¿Por qué?", "¿Por qué duran los préstamos?"),
    # It refers to what was asked about
    ("Does the marina have showers?", "Are they free?", "Are showers free?"),
    ("Which browsers are supported?", "Do they need a plugin?", "Do browsers need a plugin?"),
    ("What is the fine for late returns?", "Who sets it?", "Who sets the fine?"),
    ("Does the gym offer a student discount?", "How much is it?", "How much is a student discount?"),
    ("What is a gold query?", "Give me an example of one.", "Give me an example of a gold query."),
    ("How do I publish a version?", "Who is allowed to do so?", "Who is allowed to publish a version?"),
    ("How do I erase a document?", "Can this be undone?", "Can this be undone (this: a document)?"),
    ("What is the difference between native and numbered?", "Which is better?", "Which is better?"),
    (
        "What is the difference between native and numbered?",
        "Which of the two is better?",
        "Which of native and numbered is better?",
    ),
    ("Who maintains the parser?", "What else does she do?", "What else does she do (she: Who maintains the parser)?"),
    ("Wie lange darf ich Bücher ausleihen?", "Kann ich sie verlängern?", "Kann ich Bücher verlängern?"),
    ("Was kostet der Jahresausweis?", "Wo bekomme ich ihn?", "Wo bekomme ich den Jahresausweis?"),
    ("Gibt es einen Kopierer?", "Wo steht der?", "Wo steht ein Kopierer?"),
    ("Was ist die Fernleihe?", "Wie funktioniert das genau?", "Wie funktioniert die Fernleihe genau?"),
    ("Welche Vögel brüten im Park?", "Wann brüten sie?", "Wann brüten Vögel?"),
    ("Wer leitet die Kinderabteilung?", "Wo ist diese Abteilung?", "Wo ist die Kinderabteilung?"),
    ("¿Qué es el bono social?", "¿Quién puede solicitarlo?", "¿Quién puede solicitar el bono social?"),
    ("¿Qué es el bono social?", "¿Cuánto dura?", "¿Cuánto dura el bono social?"),
    ("¿Qué es la tasa turística?", "¿Quién la paga?", "¿Quién la paga (la: la tasa turística)?"),
    ("¿Hay autobuses nocturnos?", "¿Cuánto cuestan?", "¿Cuánto cuestan autobuses nocturnos?"),
    ("¿Quién es el director?", "¿Dónde está su despacho?", "¿Dónde está su despacho (su: el director)?"),
]


@pytest.mark.parametrize(("before", "question", "whole"), PAIRS)
def test_in_three_languages_a_follow_up_gets_what_it_leaves_out(before, question, whole):
    assert understood(question, after(before)).question == whole


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("How are tables quoted?", "Does Citewell support Spanish?"),
        ("How are tables quoted?", "What happens if a disk is full while it is written to?"),
        ("How are tables quoted?", "In short, what is a charter?"),
        ("How are tables quoted?", "On which day are backups made?"),
        ("How are tables quoted?", "Which of the plugins is signed?"),
        ("How are tables quoted?", "Thanks, that helps."),
        ("How are tables quoted?", "Really?"),
        ("Wann öffnet die Bibliothek?", "Was kostet der Jahresausweis?"),
        ("Wann öffnet die Bibliothek?", "Wie lange dauert es, bis mein Konto gelöscht ist?"),
        ("Wann öffnet die Bibliothek?", "Der Aufzug ist kaputt, was nun?"),
        ("¿Qué es el bono social?", "¿Dónde está la oficina de turismo?"),
        ("¿Qué es el bono social?", "¿Es posible pagar con tarjeta en la piscina?"),
        ("¿Qué es el bono social?", "¿Cuánto cuesta el abono de la piscina?"),
    ],
)
def test_in_three_languages_another_question_is_left_alone(before, question):
    assert understood(question, after(before)).question == question
