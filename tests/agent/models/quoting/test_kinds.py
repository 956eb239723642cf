"""A question asks for a kind of thing, in four languages, and a text has such a thing beyond the question or not."""

import pytest

from agent.models.quoting.kinds import asked, is_other_file, tells


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
        ("When does support for the pump end?", "end"),
        ("Until when does it run?", "end"),
        ("In which city is the pump?", "town"),
        ("How often is the pump oiled?", "often"),
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
        ("It is served until 4 May 2029.", "end", "when does it end", True),
        ("The first was served on 4 May 2029.", "end", "when does it end", False),
        ("It is oiled every month.", "often", "how often is it oiled", True),
        ("It is oiled with care.", "often", "how often is it oiled", False),
        ("It is oiled predictably every twelve months.", "often", "how often is it oiled", True),
        ("Oil costs more every time.", "often", "how often is it oiled", False),
        ("Es wird jeden Montag geölt.", "often", "wie oft wird es geölt", False),
        ("Es wird jede Woche geölt.", "often", "wie oft wird es geölt", True),
        ("It was built in Greymouth.", "town", "in which city was it built", True),
        ("It was built well.", "town", "in which city was it built", False),
        ("See v3.1.5rc2 and 1.2.3 of it.", "number", "how many are there", False),
        ("A pump costs 48 euros.", "money", "what does it cost", True),
        ("It was sold for $26.2 billion.", "money", "how much was paid", True),
        ("Entry is free.", "money", "what does it cost", True),
        ("It serves Motor 365.", "money", "what does it cost", False),
        ("Call 555 0142.", "phone", "what is the phone number", True),
        ("The first train leaves at 5:10.", "date", "when was the line built", False),
        ("It leaves at 5:10, and was built in 1931.", "date", "when was the line built", True),
        ("The first train leaves at 5:10.", "date", "when does it leave", True),
    ],
)
def test_a_text_tells_a_kind_of_thing_beyond_what_the_question_has(text, kind, question, told):
    assert tells(text, kind, frozenset(question.split())) is told


@pytest.mark.parametrize(
    ("question", "name", "is_other"),
    [
        ("What do the notes in the Word document say?", "a/notes.docx", False),
        ("What do the notes in the Word document say?", "a/notes.pdf", True),
        ("What is the sum in the spreadsheet?", "sums.csv", False),
        ("Who sent the test mail?", "a/notes.docx", False),
        ("What does it say in the e-mail?", "a/notes.docx", True),
        ("What is the mail address in the PDF?", "a/b.pdf", False),
        ("What do the notes in the Word document say?", "notes.unheard", False),
    ],
)
def test_a_question_may_name_a_sort_of_file(question, name, is_other):
    assert is_other_file(question, name) is is_other
