"""Over HTTP a person sees what waits, decides with the token alone and once, and answers cases."""

import asyncio
import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mcp import Client, MCPError
from starlette.testclient import TestClient

from agent.governance.reading import load_charter
from agent.governance.signing import sign
from agent.run.people.cases import Person
from agent.run.rules.deciding import Word
from agent.service.app import create_app
from agent.service.mcp import create_server
from agent.wire import open_citewell
from tests.agent.commands.test_running import QUESTION, cited, sending, sends  # noqa: F401 - a fixture
from tests.agent.service.scripted import is_problem
from tests.messages_server import MessagesServer, say, text

TOKEN = "a-token-that-is-long-enough"
WITH = {"Authorization": f"Bearer {TOKEN}"}
CHARTER = """
[tools]
send_note = "approve"
[[escalate]]
rule = "wants-a-person"
when = "asked_for_person"
"""


@pytest.fixture
def opened(home, surroundings, tmp_path, monkeypatch, sending):  # noqa: F811
    """A home under a charter, with a model that sends a note wherever it is asked, and then quotes."""
    charter = tmp_path / "charter.toml"
    charter.write_text(CHARTER)
    with MessagesServer([sends, sends, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(charter))
        monkeypatch.setenv("CITEWELL_AGENT_MODEL", "scripted")
        with open_citewell(home) as opened:
            yield opened


@pytest.fixture
def client(opened):
    """Of the service alone: it goes on with no run by itself."""
    return TestClient(create_app(opened, token=TOKEN), base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def waits(opened):
    """Two runs that wait for a word: of nobody's name, and of Bob's."""
    return [opened.ask(QUESTION, principal=name).run for name in (None, "bob")]


def ids(response, of, name="run"):
    return [each[name] for each in response.json()[of]]


def test_what_waits_is_listed_and_shown_and_what_is_anothers_only_with_the_token(client, waits):
    nobodys, bobs = waits
    assert ids(client.get("/approvals"), "waiting") == [nobodys]
    assert ids(client.get("/approvals", headers=WITH), "waiting") == waits
    assert ids(client.get("/approvals", headers=WITH, params={"after": nobodys}), "waiting") == [bobs]
    assert ids(client.get("/runs"), "runs", "id") == [nobodys]
    assert ids(client.get("/runs", headers=WITH, params={"limit": 1}), "runs", "id") == [bobs]
    shown = client.get(f"/runs/{nobodys}").json()
    assert (shown["status"], shown["waiting"]["tool"], shown["waiting"]["arguments"]) == (
        "awaiting_approval",
        "send_note",
        {"words": "hello"},
    )
    assert shown["events"][0]["kind"] == "started"
    is_problem(client.get(f"/runs/{bobs}"), 404, "no_such_run")
    assert client.get(f"/runs/{bobs}", headers=WITH).status_code == 200
    is_problem(client.get(f"/runs/{nobodys[:-1]}"), 404, "no_such_run")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}])
@pytest.mark.parametrize("does", ["approve", "deny"])
def test_without_the_token_nobody_decides(opened, client, headers, does, sending):  # noqa: F811
    run = opened.ask(QUESTION).run
    refused = client.post(f"/runs/{run}/{does}", json={}, headers=headers)
    is_problem(refused, 401, "unauthorized")
    assert refused.headers["www-authenticate"] == "Bearer"
    nobodys = TestClient(create_app(opened), base_url="http://localhost")
    assert nobodys.post(f"/runs/{run}/{does}", json={}, headers={"Authorization": "Bearer "}).status_code == 401
    assert (opened.journal.status(run), sending()) == ("awaiting_approval", [])


def test_a_wrong_token_is_told_where_less_would_be_seen_without_one(client):
    is_problem(client.get("/runs", headers={"Authorization": "Bearer another"}), 401, "unauthorized")


@pytest.mark.slow
def test_a_call_is_decided_upon_once_and_the_service_goes_on_with_the_run(opened, waits, sending):  # noqa: F811
    run, bobs = waits
    app = create_app(opened, token=TOKEN)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False, headers=WITH) as client:
        digest = client.get(f"/runs/{run}").json()["waiting"]["digest"]
        is_problem(client.post(f"/runs/{run}/approve", json={"digest": "another"}), 409, "not_waiting")
        for unsaid in ({}, {"digest": None}, {"digest": ""}):  # of a call that nobody was shown no word counts
            is_problem(client.post(f"/runs/{run}/approve", json={"by": "Ada", **unsaid}), 422, "invalid_request")
        assert sending() == []
        edit = {"edit": {"words": 7}, "digest": digest}
        is_problem(client.post(f"/runs/{run}/approve", json=edit), 422, "bad_edit")
        his = {"by": "bob", "digest": client.get(f"/runs/{bobs}").json()["waiting"]["digest"]}
        is_problem(client.post(f"/runs/{bobs}/approve", json=his), 403, "not_theirs_to_approve")
        is_problem(client.post("/runs/r-none/approve", json={"digest": digest}), 404, "no_such_run")
        done = client.post(f"/runs/{run}/approve", json={"by": "Ada", "comment": "Do.", "digest": digest})
        assert (done.status_code, done.json()["status"], done.headers["x-run-id"]) == (202, "running", run)
        again = client.post(f"/runs/{run}/deny", json={})
        assert again.status_code == 409
        until = time.monotonic() + 30
        goes_on = ("killed", "running")  # before it is taken up, and then
        while (shown := client.get(f"/runs/{run}").json())["status"] in goes_on and time.monotonic() < until:
            time.sleep(0.05)
    assert (shown["status"], shown["waiting"], sending()) == ("answered", None, ["hello"])
    decided = next(each["content"] for each in shown["events"] if each["kind"] == "decided")
    assert (decided["by"], decided["comment"]) == ("Ada", "Do.")


@pytest.mark.parametrize(("price", "status"), [(1e-3, "answered"), (1e6, "failed")])
def test_a_run_that_waited_is_held_to_what_is_left_of_the_days_cost(opened, tmp_path, sending, price, status):  # noqa: F811
    def priced(at):
        opened.settings = replace(
            opened.settings, agent=replace(opened.settings.agent, price_input=at, price_output=at)
        )

    async def approved(run):
        async for item in opened.resume(run, word=Word("approve", "Ada", "ada")):
            last = item
        return last

    (tmp_path / "charter.toml").write_text(CHARTER + "[approvals]\nown = true\n[budget.day]\ncost = 1\n")
    priced(1e-3)
    waits = opened.ask(QUESTION)
    priced(price)  # of another run meanwhile, which may have all that is left of the day
    opened.ask(QUESTION)
    priced(1e-3)
    end = asyncio.run(approved(waits.run))
    assert (waits.status, end.status, sending()) == ("awaiting_approval", status, ["hello"])


def test_the_record_of_an_effect_and_what_waits_is_deleted_with_the_token_alone(opened, client, tmp_path):
    waits, acts, said = "waits", "acts", "said"
    opened.ask(QUESTION, conversation=waits)
    (tmp_path / "charter.toml").write_text(CHARTER.replace("approve", "allow"))
    opened.ask(QUESTION, conversation=acts)
    (tmp_path / "charter.toml").write_text(CHARTER.replace('"approve"', '"deny"'))
    opened.ask(QUESTION, conversation=said)
    kinds = [each.kind for entries in opened.journal.spoken(acts) for each in entries]
    assert "acting" in kinds
    assert client.delete(f"/conversations/{said}").status_code == 200
    for id in (waits, acts):
        is_problem(client.delete(f"/conversations/{id}"), 403, "still_owed")
        assert [each.kind for entries in opened.journal.spoken(acts) for each in entries] == kinds
        wrong = {"Authorization": "Bearer another"}
        is_problem(client.delete(f"/conversations/{id}", headers=wrong), 401, "unauthorized")
        assert client.delete(f"/conversations/{id}", headers=WITH).json()["deleted"] == id


def test_what_is_denied_is_whatever_waits_and_needs_no_digest(opened, client):
    run = opened.ask(QUESTION).run
    body = client.get("/openapi.json").json()["components"]["schemas"]
    assert "digest" in body["Approval"]["required"]
    assert "digest" not in body["Denial"].get("required", ())
    assert client.post(f"/runs/{run}/deny", json={"by": "Ada"}, headers=WITH).status_code == 202


def test_a_case_is_listed_shown_claimed_resolved_and_reopened(opened, client):
    run = opened.ask("I want to speak to a human, please.").run
    [case] = client.get("/escalations").json()["escalations"]
    assert (case["run"], case["rules"], case["status"]) == (run, ["wants-a-person"], "open")
    at = f"/escalations/{case['id']}"
    file = client.get(at).json()
    assert (file["id"], file["question"]) == (case["id"], "I want to speak to a human, please.")
    is_problem(client.post(f"{at}/claim", json={}), 401, "unauthorized")
    claimed = client.post(f"{at}/claim", json={"by": "Ada"}, headers=WITH).json()
    assert (claimed["status"], claimed["claimed_by"]) == ("claimed", "Ada")
    is_problem(client.post(f"{at}/claim", json={"by": "Eve"}, headers=WITH), 409, "not_in_hand")
    word = {"answer": "I am one."}
    is_problem(client.post(f"{at}/resolve", json=word | {"by": "Eve"}, headers=WITH), 409, "not_in_hand")
    assert client.post(f"{at}/resolve", json=word | {"by": "ada "}, headers=WITH).json()["status"] == "resolved"
    assert client.get(f"/runs/{run}").json()["events"][-1]["content"]["answer"] == "I am one."
    is_problem(client.post(f"{at}/resolve", json={"answer": "Twice."}, headers=WITH), 409, "not_in_hand")
    assert client.post(f"{at}/reopen", json={"reason": "Again."}, headers=WITH).json()["status"] == "open"
    is_problem(client.post(f"{at}/resolve", json={}, headers=WITH), 422, "invalid_request")
    is_problem(client.get("/escalations/case-none"), 404, "no_such_case")
    assert client.get("/escalations", params={"status": "resolved"}).json()["escalations"] == []


@pytest.mark.slow
def test_an_open_case_keeps_its_index_version_and_can_be_resolved_where_that_is_gone(opened, home):
    run = opened.ask("I want to speak to a human, please.").run
    [case] = opened.cases.list()
    read = opened.version().id
    for _ in range(3):
        opened.rebuild()
    assert read not in opened.compact().dropped
    who = Person("Ada", "ada")
    asyncio.run(opened.cases.resolve(case.id, "I am one.", who))
    asyncio.run(opened.cases.reopen(case.id, "Again.", who))
    assert read not in opened.compact().dropped, "it is open again"

    shutil.rmtree(home / "versions" / read)
    with open_citewell(home) as again:
        assert again.cases.file(case.id).run == run
        asyncio.run(again.cases.claim(case.id, who))
        asyncio.run(again.cases.resolve(case.id, "I still am.", who))
        assert again.answer_in(run).answer == "I still am."


def test_a_follow_up_follows_what_was_answered_when_it_was_asked_and_no_answer_that_was_taken_back(
    home, surroundings, tmp_path, monkeypatch, served
):
    (tmp_path / "charter.toml").write_text(CHARTER)
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(tmp_path / "charter.toml"))
    monkeypatch.setenv("CITEWELL_AGENT_MODEL", "scripted")
    who = Person("Ada", "ada")
    server = served(*[say(text(QUESTION)), cited] * 2)
    with open_citewell(home) as opened:
        first = opened.ask("I want to speak to a human, please.", conversation="c").run
        [case] = opened.cases.list()
        asyncio.run(opened.cases.resolve(case.id, "Ten seconds.", who))
        run = opened.ask(QUESTION, conversation="c").run
        assert "Ten seconds." in json.dumps([each.body for each in server.requests])
        answered = len(opened.journal.events(first))
        assert opened.journal.events(run)[0].content["earlier"] == [f"{first}#{answered}"]

        asyncio.run(opened.cases.reopen(case.id, "Wrong.", who))
        assert opened.conversation("c").exchanges[0].answer == ""
        then = opened.ask(QUESTION, conversation="c").run
        assert first not in json.dumps(opened.journal.events(then)[0].content["earlier"])
        asyncio.run(opened.cases.resolve(case.id, "Twenty seconds.", who))
        replayed = opened.replay(run)
        assert (replayed.same, replayed.requests) == (True, 2), replayed.differences
        assert opened.conversation("c").exchanges[0].answer == "Twenty seconds."


@pytest.mark.slow
def test_an_index_version_goes_once_no_case_is_open_that_read_it(opened):
    opened.ask("I want to speak to a human, please.", conversation="c")
    second = opened.ask("I want to speak to a human, please.")
    read = opened.version().id
    for _ in range(3):
        opened.rebuild()
    other = opened.journal.case(second.run)
    asyncio.run(opened.cases.resolve(other.id, "I am one.", Person("Ada", "ada")))
    assert read not in opened.compact().dropped
    opened.forget_conversation("c")
    assert read in opened.compact().dropped, "of what is erased nothing is read"


def test_the_case_of_a_named_principal_is_not_there_without_the_token(opened, client):
    opened.ask("I want to speak to a human, please.", principal="bob")
    assert client.get("/escalations").json()["escalations"] == []
    [case] = client.get("/escalations", headers=WITH).json()["escalations"]
    is_problem(client.get(f"/escalations/{case['id']}"), 404, "no_such_case")


def test_a_run_that_waits_is_ended_by_who_has_the_token_and_its_case_with_it(opened, client, sending):  # noqa: F811
    run = opened.ask(QUESTION).run
    case = opened.journal.case(opened.ask("I want to speak to a human, please.").run)
    assert opened.journal.versions_in_use()
    is_problem(client.post(f"/runs/{run}/cancel", json={}), 401, "unauthorized")
    for each in (run, case.run):
        done = client.post(f"/runs/{each}/cancel", json={"by": "Ada", "comment": "Done by hand."}, headers=WITH)
        assert (done.status_code, done.json()) == (200, {"schema": 1, "run": each, "status": "failed"})
        is_problem(client.post(f"/runs/{each}/cancel", json={}, headers=WITH), 409, "run_is_over")
    assert (opened.journal.case(case.id).status, opened.journal.versions_in_use()) == ("resolved", frozenset())
    assert opened.answer_in(run).reason == "Ada ended the run: Done by hand."
    is_problem(client.post(f"/runs/{run}/approve", json={"digest": "another"}, headers=WITH), 409, "not_waiting")
    is_problem(client.post("/runs/r-none/cancel", json={}, headers=WITH), 404, "no_such_run")
    assert (opened.replay(run).same, sending()) == (True, [])


def test_a_number_that_is_none_is_no_argument(opened, client):
    run = opened.ask(QUESTION).run
    body = json.dumps({"digest": "any", "edit": {"words": float("nan")}})
    headers = {**WITH, "Content-Type": "application/json"}
    is_problem(client.post(f"/runs/{run}/approve", content=body, headers=headers), 422, "invalid_request")


@pytest.fixture
def kept_apart(citewell, home, tmp_path, monkeypatch):
    """A home with a document of the ward, which the charter keeps from who names nobody."""
    Path("ward.md").write_text(f"# Ward\n\nThe code of the cabinet is {SECRET}, says the nurse.\n")
    assert citewell("ingest", "ward.md", "--label", "ward", "--home", home).code == 0
    Path("charter.toml").write_text(
        '[principals."*"]\nlabels = []\n[principals.nurse]\nlabels = ["ward"]\n'
        '[principals.matron]\nlabels = ["ward", "kitchen"]\n'
    )
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(Path("charter.toml").absolute()))
    with open_citewell(home) as opened:
        yield opened


@pytest.fixture
def of_the_ward(kept_apart, monkeypatch, sending):  # noqa: F811
    """A run of the nurse that has read a document of the ward, and waits for a word."""
    with MessagesServer([sends, say(text("The code is another."))]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("CITEWELL_AGENT_MODEL", "scripted")
        with open_citewell(kept_apart.home.path) as opened:
            yield opened, opened.ask(CODE, principal="nurse").run


def test_who_may_not_see_all_that_a_run_has_read_is_shown_nothing_and_decides_nothing(
    of_the_ward,
    citewell,
    sending,  # noqa: F811
):
    opened, run = of_the_ward
    client = TestClient(create_app(opened, token=TOKEN), base_url="http://localhost", raise_server_exceptions=False)
    for does in ("approve", "deny"):
        told = citewell("runs", does, run, "--by", "clark", "--home", opened.home.path)
        assert (told.code, "clark may not see all" in told.err, SECRET in told.out + told.err) == (1, True, False)
        assert '[principals.clark]\nlabels = ["ward"]' in told.err
        body = {"by": "clark", "digest": opened.waiting(run)["digest"]}
        is_problem(client.post(f"/runs/{run}/{does}", json=body, headers=WITH), 403, "not_theirs_to_approve")
    assert (opened.journal.status(run), sending()) == ("awaiting_approval", [])

    told = citewell("runs", "approve", run, "--by", "matron", "--home", opened.home.path)
    assert SECRET in told.err
    assert (told.code, sending()) == (0, ["hello"])


def test_what_the_charter_keeps_by_now_from_who_names_nobody_is_told_to_nobody_else(kept_apart):
    kept = Path("charter.toml").read_text()
    Path("charter.toml").write_text("")
    run = kept_apart.ask(CODE).run
    client = TestClient(create_app(kept_apart, token=TOKEN), base_url="http://localhost")
    assert SECRET in client.get(f"/runs/{run}").text
    Path("charter.toml").write_text(kept)
    is_problem(client.get(f"/runs/{run}"), 404, "no_such_run")
    assert SECRET in client.get(f"/runs/{run}", headers=WITH).text


def test_a_call_of_such_a_run_that_nobody_allowed_in_time_is_denied_all_the_same(of_the_ward, sending):  # noqa: F811
    opened, run = of_the_ward
    tended = asyncio.run(opened.cases.tend(datetime.now(UTC) + timedelta(days=2)))
    assert (tended.expired, tended.problems, sending()) == ((run,), (), [])


def test_a_charter_that_nobody_stands_for_is_told_by_its_code_and_stops_nothing(opened, client):
    def ready():
        told = client.get("/readyz")
        return told.status_code, told.json()["ok"], told.json()["warnings"]

    charter = opened.settings.agent.charter
    assert ready() == (200, True, ["charter_unsigned", "charter_unowned"])
    sign(opened.journal, load_charter(charter), by="Ada", account="ada")
    charter.write_text(f'{CHARTER}[owner]\nname = "Ada"\nreview = 2026-01-31\n')
    assert ready() == (200, True, ["charter_changed", "charter_review_past"])
    sign(opened.journal, load_charter(charter), by="Ada", account="ada")
    charter.write_text(charter.read_text().replace("2026-01-31", "2999-01-31"))
    sign(opened.journal, load_charter(charter), by="Ada", account="ada")
    assert ready() == (200, True, [])

    charter.write_text("[tolls]\n")
    told = client.get("/readyz")
    is_problem(told, 503, "not_ready")
    assert told.json()["reasons"] == ["the charter cannot be enforced as it stands: see citewell charter"]


# Each way by which the text of a document leaves the service, and how it is gone; a new one has to be added here
WAYS = {
    "POST /ask": lambda of: of.ask(CODE),
    "POST /search": lambda of: of.client.post("/search", json={"query": CODE}).text,
    "GET /runs": lambda of: of.client.get("/runs").text,
    "GET /runs/{id}": lambda of: "".join(of.client.get(f"/runs/{run}").text for run in of.runs),
    "GET /conversations/{id}": lambda of: of.client.get("/conversations/nurses").text,
    "DELETE /conversations/{id}": lambda of: of.client.delete("/conversations/nurses").text,
    "GET /approvals": lambda of: of.client.get("/approvals").text,
    "GET /escalations": lambda of: of.client.get("/escalations").text,
    "GET /escalations/{id}": lambda of: of.client.get("/escalations/case-1").text,
    "search": lambda of: of.called(lambda server: server.call_tool("search", {"query": CODE})),
    "fetch": lambda of: of.called(lambda server: server.call_tool("fetch", {"id": of.secret})),
    "ask": lambda of: of.called(lambda server: server.call_tool("ask", {"question": CODE})),
    "citewell://documents/{+name}{?start,end}": lambda of: of.called(lambda server: server.read_resource(of.link)),
}
SECRET, CODE = "xk7731", "What is the code of the cabinet?"
SAYS_NOTHING = {"GET /healthz", "GET /readyz", "GET /docs", "GET /docs/oauth2-redirect", "GET /openapi.json"}


class Reaching:
    """Who names nobody, and tries."""

    def __init__(self, opened):
        [self.secret] = [name for name in opened.version().names() if name.endswith("ward.md")]
        self.link = f"citewell://documents/{self.secret}"
        asked = opened.ask(CODE, principal="nurse", conversation="nurses")
        assert SECRET in str(asked), "who may see it finds it"
        self.runs = [asked.run]
        self.app = create_app(opened, token=TOKEN)
        self.client = TestClient(self.app, base_url="http://localhost", raise_server_exceptions=False)
        self.server = create_server(opened)

    def ask(self, question):
        streamed = self.client.post("/ask", json={"question": question, "stream": True}).text
        told = self.client.post("/ask", json={"question": question})
        self.runs.append(told.json()["run"])
        return streamed + told.text

    def called(self, does):
        async def connected():
            async with Client(self.server) as client:
                try:
                    return str(await does(client))
                except MCPError as refused:
                    return str(refused)

        return asyncio.run(connected())


@pytest.mark.slow
def test_what_the_charter_keeps_from_who_names_nobody_leaves_by_no_way(kept_apart):
    reaching = Reaching(kept_apart)
    assert {way: SECRET in goes(reaching) for way, goes in WAYS.items()} == dict.fromkeys(WAYS, False)
    assert kept_apart.document(reaching.secret), "which is the word of whoever may read the home"


@pytest.mark.slow
def test_no_way_is_left_out_above(kept_apart):
    app, server = create_app(kept_apart, token=TOKEN), create_server(kept_apart)
    routes = {f"{method} {route.path}" for route in app.routes for method in route.methods - {"HEAD"}}
    told = {route for route in routes if not any(route.endswith(f"/{does}") for does in DECIDES)}
    tools = {each.name for each in asyncio.run(server.list_tools())}
    resources = {each.uri_template for each in asyncio.run(server.list_resource_templates())}
    assert told - SAYS_NOTHING | tools | resources == set(WAYS)
    assert asyncio.run(server.list_resources()) == []


DECIDES = ("approve", "deny", "cancel", "claim", "resolve", "reopen", "memory")  # with the token alone


@pytest.fixture
def sensitive(citewell, home, monkeypatch):
    """A home whose charter hands over what holds an address."""
    Path("people.md").write_text(f"# Billing\n\nThe head of billing is reached at {ADDRESS} on any day.\n")
    assert citewell("ingest", "people.md", "--home", home).code == 0
    Path("charter.toml").write_text('[[escalate]]\nrule = "private"\nwhen = "sensitive"\n')
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(Path("charter.toml").absolute()))
    with open_citewell(home) as opened:
        yield opened


ADDRESS, HEAD = "ana.stone@customers.example", "How is the head of billing reached?"


@pytest.mark.slow
def test_what_a_rule_keeps_back_reaches_who_asked_by_no_way_and_people_whole(sensitive):
    client = TestClient(create_app(sensitive, token=TOKEN), base_url="http://localhost")
    asked = client.post("/ask", json={"question": HEAD})
    assert asked.json()["escalation"] == "private"
    run, case = asked.json()["run"], client.get("/escalations").json()["escalations"][0]["id"]
    ways = {
        "answer": asked.text,
        "words": client.post("/ask", json={"question": HEAD, "stream": True}).text,
        "run": client.get(f"/runs/{run}").text,
        "runs": client.get("/runs").text,
        "case": client.get(f"/escalations/{case}").text,
    }
    assert {way: ADDRESS in text for way, text in ways.items()} == dict.fromkeys(ways, False)
    assert ADDRESS in client.get(f"/escalations/{case}", headers=WITH).json()["draft"]["answer"]
    assert ADDRESS in client.get(f"/runs/{run}", headers=WITH).text
    answer = {"answer": "By telephone.", "comment": "Ana wants no mail.", "by": "Ada"}
    client.post(f"/escalations/{case}/resolve", json=answer, headers=WITH)
    told = client.get(f"/escalations/{case}").text + client.get(f"/runs/{run}").text
    assert ("By telephone." in told, "no mail" in told, ADDRESS in told) == (True, False, False)
    assert "no mail" in client.get(f"/escalations/{case}", headers=WITH).text
