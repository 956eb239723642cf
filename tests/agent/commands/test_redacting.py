"""What is personal does not leave for the model's server, and stands in the answer all the same."""

import json
import logging

import pytest

from tests.homes import write
from tests.messages_server import cite, say, text, tool_use

MAIL, CARD = "ana.lopez@example.org", "4111 1111 1111 1111"
TEXT = f"# Desk\n\nThe desk of Ana Lopez is reached at {MAIL} on weekdays. Her card is {CARD} since May.\n"
QUESTION = f"Who reads {MAIL}, and is bo@example.org on the desk?"
SECRETS = (MAIL, CARD, "bo@example.org", "Ana Lopez")


@pytest.fixture
def desk(citewell, tmp_path, monkeypatch):
    """A home with a document about people, and settings that keep them from the model."""
    monkeypatch.setattr("agent.plain._HIDDEN", {})
    (tmp_path / "here" / "names.txt").write_text("Ana Lopez\n")
    (tmp_path / "here" / "citewell.toml").write_text(
        '[redact]\nkinds = ["email", "card", "name"]\nnames = "names.txt"\n[agent]\ncitations = "native"\n'
    )
    docs = write(tmp_path / "docs", {"desk.md": TEXT})
    assert citewell("ingest", docs, "--home", "home").code == 0
    return "home"


def sent(server):
    return "".join(json.dumps(each.body, ensure_ascii=False) for each in server.requests)


def answers(body):
    return say(text("The desk is reached at ⟨email 1⟩ on weekdays.", cite(0, 1)))


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["native", "numbered"])
def test_placeholders_leave_and_the_answer_and_its_quotes_hold_what_they_stand_for(
    citewell, desk, served, monkeypatch, shape
):
    monkeypatch.setenv("CITEWELL_AGENT_CITATIONS", shape)
    marked = 'The desk of ⟨name 1⟩ is reached at ⟨email 1⟩ on weekdays [0.2 "reached at ⟨email 1⟩ on weekdays"].'

    def numbered(body):
        shown = body["messages"][0]["content"][0]["text"]
        place = next(line for line in shown.splitlines() if "reached at" in line).split("]")[0].strip("[ ")
        return say(text(marked.replace("0.2", place)))

    server = served(answers if shape == "native" else numbered)

    answer = citewell("ask", QUESTION, "--home", desk, "--json").json

    assert not [each for each in SECRETS if each in sent(server)]
    assert "⟨email 1⟩" in sent(server)
    assert "⟨email 2⟩" in sent(server)
    assert "⟨card 1⟩" in sent(server)
    assert answer["status"] == "answered"
    assert f"reached at {MAIL} on weekdays" in answer["answer"]
    (citation,) = answer["citations"]
    assert citation["quote"] in TEXT
    assert MAIL in citation["quote"]
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")  # nobody is there to be asked
    replay = citewell("runs", "replay", answer["run"], "--home", desk)
    assert (replay.code, "1 requests were made again: each as it was" in replay.out) == (0, True), replay.out


@pytest.mark.slow
def test_words_that_come_in_pieces_are_put_back_whole(citewell, desk, served):
    served(answers)

    shown = citewell("ask", QUESTION, "--home", desk)

    assert f"reached at {MAIL} on weekdays" in " ".join(shown.out.split())
    assert "⟨" not in shown.out + shown.err


@pytest.mark.slow
def test_a_dry_run_shows_what_leaves(citewell, desk, served):
    server = served()

    shown = citewell("ask", QUESTION, "--home", desk, "--dry-run", "--json").json

    said = json.dumps(shown["request"], ensure_ascii=False)
    assert not [each for each in SECRETS if each in said]
    assert "⟨name 1⟩" in said
    assert server.requests == []


@pytest.mark.slow
def test_a_tool_is_called_with_the_value_and_its_result_leaves_without(citewell, desk, served):
    def looks(body):
        return say(tool_use("search", {"query": "desk ⟨email 1⟩"}))

    def then(body):
        result = json.dumps(body["messages"][-1], ensure_ascii=False)
        assert MAIL not in result
        return answers(body)

    server = served(looks, then)

    answer = citewell("ask", QUESTION, "--home", desk, "--json").json

    assert answer["status"] == "answered"
    assert len(server.requests) == 2
    assert not [each for each in SECRETS if each in sent(server)]
    echoed = server.requests[1].body["messages"][1]["content"][0]["input"]
    assert echoed == {"query": "desk ⟨email 1⟩"}
    story = citewell("runs", "show", answer["run"], "--home", desk).out
    assert f"desk {MAIL}" in story


@pytest.mark.slow
def test_without_the_setting_everything_leaves_as_it_is(citewell, desk, served, tmp_path):
    (tmp_path / "here" / "citewell.toml").write_text('[agent]\ncitations = "native"\n')
    server = served(lambda _: say(text(f"At {MAIL}.", cite(0, 1))))

    citewell("ask", QUESTION, "--home", desk, "--json")

    assert MAIL in sent(server)
    assert "⟨" not in sent(server)


@pytest.mark.slow
def test_a_charter_keeps_more_from_the_model_for_a_principal(citewell, desk, served, tmp_path):
    (tmp_path / "here" / "citewell.toml").write_text('[agent]\ncitations = "native"\n')
    (tmp_path / "here" / "charter.toml").write_text('[principals.guest]\nredact = ["email"]\n')
    server = served(answers, answers)

    citewell("ask", QUESTION, "--home", desk, "--json", "--principal", "guest")
    assert (MAIL in sent(server), CARD in sent(server)) == (False, True)
    citewell("ask", QUESTION, "--home", desk, "--json")
    assert MAIL in sent(server)


@pytest.mark.slow
def test_logs_hold_the_kind_alone(citewell, desk):
    from agent.plain import PlainLog

    citewell("search", "desk", "--home", desk)
    entry = logging.makeLogRecord({"msg": f"sent to {MAIL}, {CARD}", "levelno": logging.WARNING})

    assert PlainLog(None).format(entry) == "sent to ⟨email⟩, ⟨card⟩"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kinds", "question", "found"),
    [
        ("", "My card is 5555 5555 5555 4444, is the desk open?", "card"),
        ('kinds = ["email"]\n', "How is the desk reached?", "email"),  # what would be answered holds it
        ('kinds = ["iban"]\n', "How is the desk reached?", None),
    ],
)
def test_a_person_goes_on_where_the_question_or_the_answer_holds_personal_data(
    citewell, desk, served, tmp_path, kinds, question, found
):
    rule = f'[[escalate]]\nrule = "private"\nwhen = "sensitive"\n{kinds}route = "privacy"\n'
    (tmp_path / "here" / "charter.toml").write_text(f'{rule}[routes.privacy]\nqueue = "privacy"\n')
    server = served(answers)

    done = citewell("ask", question, "--home", desk, "--json")

    assert done.json["status"] == ("escalated" if found else "answered")
    assert len(server.requests) == (0 if found == "card" else 1)
    assert (f"personal data ({found})" in done.out) == bool(found)
    if found:
        (case,) = citewell("escalations", "list", "--home", desk, "--json").json["escalations"]
        assert (case["rule"], case["route"]) == ("private", "privacy")
