"""A question asks for a kind of thing, in four languages, and a text has such a thing beyond the question or not."""

import pytest

from agent.models.quoting.kinds import asked, tells


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the pump built?", "date"),
        ("In which year did it open?", "date"),
        ("Wann wurde die Pumpe gebaut?", "date"),
        ("¿Cuándo se construyó la bomba?", "date"),
        ("Quand la pompe a-t-elle été construite ?", "date"),
        ("How many pumps are there?", "number"),
        ("Wie viele Pumpen gibt es?", "number"),
        ("¿Cuántas bombas hay?", "number"),
        ("Combien de pompes y a-t-il ?", "number"),
        ("Who built the pump?", "person"),
        ("Wer hat die Pumpe gebaut?", "person"),
        ("¿Quién construyó la bomba?", "person"),
        ("Where does the pump stand?", "place"),
        ("Wo steht die Pumpe?", "place"),
        ("Why was it rejected?", "reason"),
        ("Pourquoi a-t-il été rejeté ?", "reason"),
        ("How do I start the pump?", "way"),
        ("What is the phone number of the desk?", "phone"),
        ("What is the e-mail address of the desk?", "mail"),
        ("List the pumps", "several"),
        ("Is the pump running?", "whether"),
        ("Läuft die Pumpe?", None),
        ("How much does the pump cost?", "money"),
        ("How much did the owner pay for it?", "money"),
        ("What does a pump for two cost?", "money"),
        ("Was kostet die Pumpe?", "money"),
        ("¿Cuánto cuesta la bomba?", "money"),
        ("Combien coûte la pompe ?", "money"),
        ("Which time zone is set?", None),
        ("How fast is the pump?", None),
    ],
)
def test_a_question_asks_for_a_kind_of_thing(question, kind):
    assert asked(question) >= ({kind} if kind else set())
    assert kind or not asked(question)


@pytest.mark.parametrize(
    ("text", "kind", "question", "told"),
    [
        ("It was built in 1987.", "date", "when was it built", True),
        ("It was built in 1987.", "date", "when in 1987 was it built", False),
        ("It was built on 4 May.", "date", "when was it built", True),
        ("It was built by Ada Brook.", "date", "when was it built", False),
        ("It was built by Ada Brook.", "person", "who built it", True),
        ("The Pump was built long ago.", "person", "who built it", False),
        ("There are four of them.", "number", "how many are there", True),
        ("There are plenty.", "number", "how many are there", False),
        ("Write to ada@example.org.", "mail", "what is the mail address", True),
        ("There are 4 of them.", "number", "how many are there", True),
        ("In Europe 50 percent have one.", "number", "how many have one", True),
        ("1. A large pump.", "number", "how many are there", False),
        ("See PEP 404 for the pump.", "number", "how many are there", False),
        ("It serves Office, Motor 365, and others.", "number", "how many are there", False),
        ("Since Python 2.4, it runs.", "number", "how many are there", False),
        ("It was built on 2021-03-04.", "number", "how many are there", False),
        ("A pump costs 48 euros.", "money", "what does it cost", True),
        ("It was sold for $26.2 billion.", "money", "how much was paid", True),
        ("Entry is free.", "money", "what does it cost", True),
        ("It serves Motor 365.", "money", "what does it cost", False),
        ("Call 555 0142.", "phone", "what is the phone number", True),
    ],
)
def test_a_text_tells_a_kind_of_thing_beyond_what_the_question_has(text, kind, question, told):
    assert tells(text, kind, frozenset(question.split())) is told
