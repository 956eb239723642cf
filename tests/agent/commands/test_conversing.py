"""A follow-up is understood by what was said before; a conversation is its principal's, and can be taken out."""

import asyncio
import json
import sqlite3
from contextlib import aclosing, closing

import pytest

from agent.journal.journal import Journal
from agent.journal.record import NoSuchConversation
from agent.wire import open_citewell
from tests.messages_rules import search_results
from tests.messages_server import cite, refuse, say, text


@pytest.fixture
def ask(citewell, home):
    def asked(question, *more):
        done = citewell("ask", "--json", "--home", home, question, *more)
        return done.json if done.code == 0 else done

    return asked


@pytest.fixture
def conversations(citewell, home):
    return lambda *words: citewell("conversations", words[0], "--json", "--home", home, *words[1:])


def kinds(citewell, home, run):
    return [each["kind"] for each in citewell("runs", "show", run, "--json", "--home", home).json["events"]]


def in_files(home, words):
    return [path.name for path in home.glob("journal*") if words.encode() in path.read_bytes()]


@pytest.mark.slow
def test_a_follow_up_is_understood_shown_and_recorded(citewell, home, ask):
    first = ask("How long are logs kept?", "--conversation", "logs")
    then = ask("And who deletes them?", "--conversation", "logs")
    told = citewell("ask", "--home", home, "And who deletes them?", "--conversation", "logs").out

    assert (first["conversation"], first["understood"]) == ("logs", None)
    assert then["understood"] == "Who deletes logs?"
    assert "understood as: Who deletes logs?" in told
    assert "understood" not in kinds(citewell, home, first["run"])
    assert kinds(citewell, home, then["run"])[:3] == ["started", "understood", "retrieved"]
    run = citewell("runs", "show", then["run"], "--json", "--home", home).json["events"]
    assert run[1]["content"]["by"] == "rule"
    assert (run[0]["content"]["question"], run[2]["content"]["query"]) == ("And who deletes them?", "Who deletes logs?")
    assert [each["conversation"] for each in citewell("runs", "list", "--json", "--home", home).json["runs"]] == [
        *["logs"] * 3
    ]


@pytest.mark.slow
def test_a_question_outside_of_a_conversation_is_no_follow_up(ask, citewell, home):
    ask("How long are logs kept?", "--conversation", "logs")
    other = ask("And who deletes them?")
    elsewhere = ask("And who deletes them?", "--conversation", "other")

    assert (other["conversation"], other["understood"], elsewhere["understood"]) == (None, None, None)
    assert "understood" not in kinds(citewell, home, elsewhere["run"])


@pytest.mark.slow
def test_new_begins_a_conversation_under_a_name_that_can_be_gone_on_with(ask):
    first, second = (ask("How long are logs kept?", "--conversation", "new") for _ in range(2))

    assert first["conversation"] != second["conversation"]
    assert ask("Who deletes them?", "--conversation", first["conversation"])["understood"] == "Who deletes logs?"


def test_another_principals_conversation_is_refused_as_one_that_is_not_there(ask, conversations):
    ask("How long are logs kept?", "--conversation", "logs", "--principal", "ada")
    refused = [
        ask("Who deletes them?", "--conversation", "logs", "--principal", "bob"),
        ask("Who deletes them?", "--conversation", "logs"),
        *(conversations(what, "logs", "--principal", "bob") for what in ("show", "export", "delete")),
        conversations("show", "nowhere"),
    ]

    assert {each.code for each in refused} == {2}
    assert {each.json["error"]["code"] for each in refused} == {"no_such_conversation"}
    assert {each.json["error"]["message"].replace("nowhere", "logs") for each in refused} == {
        "There is no conversation 'logs': citewell conversations list shows those there are."
    }
    assert conversations("list", "--principal", "bob").json["conversations"] == []
    [kept] = conversations("list").json["conversations"]
    assert (kept["id"], kept["principal"], kept["turns"]) == ("logs", "ada", 1)
    assert ask("Who deletes them?", "--conversation", "logs", "--principal", "ada")["understood"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, -1])
def test_a_damaged_event_takes_no_list_and_no_conversation_with_it(ask, conversations, citewell, home, number):
    first = ask("How long are logs kept?", "--conversation", "logs", "--principal", "ada")
    then = ask("Who deletes logs?", "--conversation", "logs", "--principal", "ada")
    whole = ask("How long are logs kept?")
    with closing(sqlite3.connect(home / "journal.sqlite")) as journal, journal:
        at = "(select max(number) from events where run = ?1)" if number < 0 else f"{number}"
        cut = f"update events set content = substr(content, 1, 40) where run = ?1 and number = {at}"
        assert journal.execute(cut, [first["run"]]).rowcount == 1

    listed = citewell("runs", "list", "--json", "--home", home)
    assert [each["id"] for each in listed.json["runs"]] == [whole["run"], then["run"], first["run"]]
    assert listed.json["runs"][-1]["question"] == ("(damaged)" if number == 1 else "How long are logs kept?")
    shown = citewell("runs", "show", first["run"], "--home", home)
    assert (shown.code, shown.out.count("this event is damaged")) == (1, 1)
    assert ("answered, citing" if number == 1 else "asked by ada") in shown.out

    foreign = citewell("ask", "x", "--conversation", "logs", "--principal", "bob", "--json", "--home", home)
    assert foreign.json["error"]["code"] == "no_such_conversation"
    assert first["run"] not in foreign.out + foreign.err, "whose it is, is looked for before it is read"
    gone_on = ask("And who deletes them?", "--conversation", "logs", "--principal", "ada")
    if number == 1:  # nothing is left of what was asked there
        assert gone_on["status"] == "answered"
    else:
        assert gone_on.json["error"]["code"] == "run_damaged"
        assert gone_on.json["error"]["message"].endswith("or begin another conversation.")
    turns = conversations("show", "logs").json["exchanges"]
    assert then["run"] in [each["run"] for each in turns]

    assert conversations("delete", "logs").code == 0
    assert in_files(home, "And who deletes them") == []
    assert citewell("runs", "verify", "--home", home).code == 0, "what was damaged was taken out, and that is recorded"


def test_a_conversation_is_shown_and_exported_with_what_it_cites(ask, conversations, citewell, home, tmp_path):
    answer = ask("How long are logs kept?", "--conversation", "logs")
    ask("And who deletes them?", "--conversation", "logs")
    file = tmp_path / "logs.json"

    shown = conversations("show", "logs").json
    assert conversations("export", "logs", "-o", file).json["path"] == str(file)
    assert json.loads(file.read_text("utf-8")) == shown
    [first, second] = shown["exchanges"]
    assert (first["run"], first["asked"], first["answer"]) == (
        answer["run"],
        "How long are logs kept?",
        answer["answer"],
    )
    assert first["cited"][0]["document"] == answer["citations"][0]["document"]
    assert second["understood"] == "Who deletes logs?"
    told = citewell("conversations", "show", "logs", "--home", home).out
    assert "How long are logs kept?" in told
    assert "understood as: Who deletes logs?" in told


@pytest.mark.slow
def test_a_deleted_conversation_leaves_no_word_and_the_chain_whole(ask, conversations, citewell, home):
    ask("How long are the zebras' logs kept?", "--conversation", "zoo", "--principal", "ada-the-keeper")
    ask("And who deletes them?", "--conversation", "zoo", "--principal", "ada-the-keeper")
    kept = ask("How long are logs kept?", "--conversation", "other")
    assert in_files(home, "zebras")

    done = conversations("delete", "zoo").json

    assert (done["deleted"], done["pending"], done["events"] > 8) == ("zoo", "", True)
    assert not in_files(home, "zebras")
    assert not in_files(home, "ada-the-keeper")
    assert citewell("runs", "verify", "--json", "--home", home).json["ok"]
    assert conversations("show", "zoo").json["error"]["code"] == "no_such_conversation"
    assert [each["id"] for each in conversations("list").json["conversations"]] == ["other"]
    with closing(Journal(home / "journal.sqlite")) as journal:
        assert journal.events(kept["run"])[0].content["question"] == "How long are logs kept?"
    begun = ask("And who deletes them?", "--conversation", "zoo", "--principal", "bob")
    assert begun["understood"] is None, "nothing of the old one is left under its name"


def test_a_run_of_a_deleted_conversation_does_not_go_on(ask, conversations, citewell, home):
    ask("How long are logs kept?", "--conversation", "logs")
    with closing(Journal(home / "journal.sqlite")) as journal:
        begun = {"question": "And who?", "release": {}, "scope": {}, "conversation": "logs", "earlier": []}
        with journal.during("r-killed"):
            journal.append("r-killed", "started", begun)
            assert conversations("delete", "logs").json["error"]["code"] == "run_goes_on"
        assert journal.status("r-killed") == "killed"

        assert conversations("delete", "logs").code == 0

        assert (journal.status("r-killed"), journal.unfinished()) == ("failed", [])
        assert journal.verify().ok


@pytest.mark.slow
def test_an_erased_document_is_no_longer_quoted_in_a_conversation(ask, conversations, citewell, home):
    answer = ask("How long are logs kept?", "--conversation", "logs")
    [document] = {each["document"] for each in answer["citations"]}

    assert citewell("delete", "--home", home, document).code == 0

    [exchange] = conversations("show", "logs").json["exchanges"]
    assert (exchange["asked"], exchange["answer"], exchange["cited"]) == ("How long are logs kept?", "", [])
    assert document not in json.dumps(exchange)
    assert ask("And who deletes them?", "--conversation", "logs")["understood"] == "Who deletes logs?"


def test_an_id_that_no_file_could_bear_is_refused(ask):
    for id in ("", "a b", "../x", "x" * 101):
        assert ask("How long?", "--conversation", id).json["error"]["code"] == "usage"


# With a model


@pytest.fixture
def served(served, surroundings, monkeypatch):
    """One that is known to cite."""
    monkeypatch.setenv("CITEWELL_AGENT_CITATIONS", "native")
    return served


def quoting(words):
    """Says the first sentence that has these words, and cites it."""

    def answer(body):
        for number, result in enumerate(search_results(body["messages"])):
            for block, content in enumerate(result["content"]):
                if words in content["text"]:
                    return say(text(content["text"].strip(), cite(number, block)))
        raise AssertionError("the passage was not found")

    return answer


answering = quoting("thirty days")


def spoken(body):
    return "\n".join(
        block["text"] for message in body["messages"] for block in message["content"] if block["type"] == "text"
    )


def test_a_model_says_what_a_follow_up_asks_and_reads_what_was_said(served, ask, citewell, home):
    server = served(answering, say(text("Who deletes the old logs?")), answering)
    first = ask("How long are logs kept?", "--conversation", "logs")
    then = ask("And who deletes them?", "--conversation", "logs")

    assert then["understood"] == "Who deletes the old logs?"
    rewriting, answered = (spoken(each.body) for each in server.requests[1:])
    document = first["citations"][0]["document"]
    for request in (rewriting, answered):
        assert "Asked: How long are logs kept?" in request
        assert f"(cited: {document})" in request
    assert rewriting.endswith("Follow-up: And who deletes them?")
    assert answered.endswith("Question: Who deletes the old logs?")
    assert not server.requests[1].body.get("tools")
    assert then["usage"]["input_tokens"] == 20, "what it took to understand is counted"
    event = citewell("runs", "show", then["run"], "--json", "--home", home).json["events"][1]["content"]
    assert (event["by"], event["documents"]) == ("model", [document])
    replayed = citewell("runs", "replay", then["run"], "--json", "--home", home).json
    assert (replayed["same"], replayed["requests"]) == (True, 2), "what it is to ask was asked again too"


@pytest.mark.parametrize(
    "said",
    [
        refuse(400, "invalid_request_error", "no"),
        say(text("The night job deletes them. It is started at two.")),
        say(text("Who deletes the logs of Umbrella Inc?")),
        say(text("")),
        say(text("Who?\nWho deletes them?")),
        say(text("Who deletes"), stop="max_tokens"),
    ],
)
def test_what_is_no_question_of_its_own_leaves_it_to_the_rule(served, ask, said, citewell, home):
    served(answering, said, answering)
    ask("How long are logs kept?", "--conversation", "logs")
    then = ask("And who deletes them?", "--conversation", "logs")

    assert (then["status"], then["understood"]) == ("answered", "Who deletes logs?")
    event = citewell("runs", "show", then["run"], "--json", "--home", home).json["events"][1]["content"]
    assert event["by"] == "rule"
    assert event["why"].startswith("the model")


@pytest.mark.slow
def test_erasing_what_an_answer_rests_on_empties_what_was_made_of_it_in_later_runs(served, ask, citewell, home):
    served(answering, say(text("Who deletes the logs?")), quoting("Sunday"))
    first = ask("How long are logs kept?", "--conversation", "logs")
    then = ask("And who deletes them?", "--conversation", "logs")
    [document] = {each["document"] for each in first["citations"]}

    citewell("delete", "--home", home, document)

    events = citewell("runs", "show", then["run"], "--json", "--home", home).json["events"]
    assert events[0]["content"]["question"] == "And who deletes them?"
    assert all(each["content"] == {"erased": True} for each in events[1:])


def test_python_asks_in_a_conversation_too(home, surroundings):
    with open_citewell(home=home) as opened:
        opened.ask("How long are logs kept?", conversation="logs", principal="ada")
        assert opened.ask("And who deletes them?", conversation="logs", principal="ada").understood
        assert [each.turns for each in opened.conversations("ada")] == [2]
        assert len(opened.conversation("logs", principal="ada").exchanges) == 2
        with pytest.raises(NoSuchConversation):
            opened.forget_conversation("logs")
        opened.forget_conversation("logs", principal="ada")
        assert opened.conversations() == []


def test_who_begins_a_conversation_at_the_same_time_as_another_is_never_shown_what_that_one_said(home, surroundings):
    async def told(opened, question, who):
        async with aclosing(opened.run(question, conversation="logs", principal=who, aloud=False)) as items:
            return [item async for item in items][-1]

    async def both(opened):
        ada = told(opened, "How long are logs kept?", "ada")
        bob = told(opened, "Which port does the server listen on?", "bob")
        return await asyncio.gather(ada, bob, return_exceptions=True)

    with open_citewell(home=home) as opened:
        found = dict(zip(("ada", "bob"), asyncio.run(both(opened)), strict=True))
        [refused] = [who for who, each in found.items() if isinstance(each, NoSuchConversation)]
        [talk] = opened.conversations()
        assert (talk.principal, talk.turns) == ({"ada": "bob", "bob": "ada"}[refused], 1)


@pytest.mark.slow
def test_a_dry_run_of_a_follow_up_shows_the_first_request_of_its_run(served, ask, citewell, home):
    server = served(answering, say(text("Who deletes the old logs?")), answering)
    ask("How long are logs kept?", "--conversation", "logs")
    dry = citewell("ask", "And who deletes them?", "--conversation", "logs", "--dry-run", "--json", "--home", home)
    assert len(server.requests) == 1, "nobody was asked"
    told = citewell("ask", "And who deletes them?", "--conversation", "logs", "--dry-run", "--home", home)
    ask("And who deletes them?", "--conversation", "logs")

    assert dry.json["request"] == server.requests[1].body == json.loads(told.out)
    assert "first made a question of its own" in dry.json["why"]
    assert "first made a question of its own" in told.err
    refused = ask("And who deletes them?", "--conversation", "logs", "--principal", "bob", "--dry-run")
    assert (refused.code, refused.json["error"]["code"]) == (2, "no_such_conversation")


def test_a_dry_run_without_a_model_says_what_a_follow_up_is_taken_to_ask(ask, citewell, home):
    ask("How long are logs kept?", "--conversation", "logs")
    told = citewell("ask", "And who deletes them?", "--conversation", "logs", "--dry-run", "--home", home)
    assert told.out.startswith("understood as: Who deletes logs?\nNothing would leave")
    data = ask("And who deletes them?", "--conversation", "logs", "--dry-run")
    assert (data["understood"], data["request"]) == ("Who deletes logs?", None)


@pytest.mark.slow
def test_a_request_that_was_made_from_what_is_erased_by_now_is_no_difference(served, ask, citewell, home):
    served(answering, say(text("Who deletes the old logs?")), quoting("Sunday"))
    first = ask("How long are logs kept?", "--conversation", "logs")
    then = ask("And who deletes them?", "--conversation", "logs")
    with closing(Journal(home / "journal.sqlite")) as journal:
        journal.erase(lambda content: content.get("question") == "How long are logs kept?", ["x"])

    done = citewell("runs", "replay", then["run"], "--json", "--home", home).json
    assert first["run"] != then["run"]
    assert (done["same"], done["differences"], done["requests"]) == (True, [], 0)
    assert len(done["erased"]) == 2
