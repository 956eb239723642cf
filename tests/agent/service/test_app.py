"""The HTTP service answers whole, in the shapes that are promised."""

import pytest
from starlette.testclient import TestClient

from agent.service.app import create_app
from agent.wire import open_citewell
from retrieval.model import Range
from tests.agent.service.scripted import Ready, events, is_problem


def test_a_question_is_answered_with_one_object(client, service):
    response = client.post("/ask", json={"question": "  Is it so? ", "filters": {"lang": "en"}})
    answer = response.json()
    assert response.status_code == 200
    assert (answer["status"], answer["tested"], answer["index_version"], answer["model"]) == (
        "answered",
        "probe",
        "v1",
        "m",
    )
    assert answer["citations"][0]["quote"] == "abc"
    assert answer["answer"].endswith("\ud800")
    assert response.headers["x-run-id"] == answer["run"]
    [(question, scope, run)] = service.asked
    assert (question, scope.metadata, run) == ("Is it so?", {"lang": "en"}, answer["run"])


def test_a_run_that_left_no_record_has_no_id(client):
    response = client.post("/ask", json={"question": "unrecorded"})
    assert (response.json()["run"], response.headers.get("x-run-id")) == (None, None)


def test_a_search_gives_hits_and_the_version_they_come_from(client, service):
    body = {"query": "abc", "k": 3, "filters": {"lang": "en"}, "mode": "lexical"}
    told = client.post("/search", json=body).json()
    assert told["index_version"] == "v1"
    assert told["hits"] == [
        {"document": "docs/a.md", "title": "A", "headings": ["One"], "page": None, "page_label": None,
         "start": 0, "end": 3, "text": "abc", "score": 0.5, "dense": 0.25, "lexical": None, "reranked": None,
         "probability": None, "duplicates": [], "unseen": []}
    ]  # fmt: skip
    [(query, k, scope, mode)] = service.asked
    assert (query, k, scope.metadata, mode) == ("abc", 3, {"lang": "en"}, "lexical")


def test_a_filter_takes_bounds(client, service):
    body = {"query": "abc", "filters": {"date": {">=": "2024-01-01", "<": "2025"}, "pages": {">": 9}}}
    assert client.post("/search", json=body).status_code == 200
    [(_, _, scope, _)] = service.asked
    assert scope.metadata == {"date": Range(at_least="2024-01-01", below="2025"), "pages": Range(above=9)}


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        (2024, "2024"),
        (2024.0, "2024"),
        (1.5, "1.5"),
        (True, "true"),
        (True, "Yes"),
        (False, "FALSE"),
        (["pump", 7], ("valve", "7")),
        ("pump", ("pump", "oil")),
    ],
)
def test_a_filter_finds_what_documents_write_for_a_value_of_its_type(client, service, asked, written):
    client.post("/search", json={"query": "abc", "filters": {"key": asked}})
    [(_, _, scope, _)] = service.asked
    assert scope.admits(frozenset(), {"key": written})
    assert not scope.admits(frozenset(), {"key": "other"})
    assert not scope.admits(frozenset(), {})


def test_what_the_schema_takes_is_taken(client, service):
    assert client.post("/ask", json={"question": "x" * 4000, "stream": False}).status_code == 200
    assert client.post("/search", json={"query": "x", "k": 9.0}).status_code == 200
    assert client.post("/search", json={"query": "x", "k": 200}).status_code == 200
    assert [asked[1] for asked in service.asked[1:]] == [9, 200]


def test_health_and_readiness_say_how_things_are(client, service):
    assert client.get("/healthz").json()["ok"] is True
    assert client.get("/readyz").json() == {"schema": 1, "ok": True, "reasons": [], "live": "v1"}
    service.ready = Ready(False, ("no index: run `citewell ingest PATH`",), None)
    told = is_problem(client.get("/readyz"), 503, "not_ready")
    assert (told["ok"], told["reasons"], told["live"]) == (False, ["no index: run `citewell ingest PATH`"], None)


def test_the_openapi_page_lists_what_is_there_and_nothing_else(client):
    assert client.get("/docs").status_code == 200
    described = client.get("/openapi.json").json()
    peoples = [
        "/runs",
        "/runs/{id}",
        "/runs/{id}/approve",
        "/runs/{id}/deny",
        "/runs/{id}/cancel",
        "/approvals",
        "/escalations",
    ]
    peoples += ["/escalations/{id}", *(f"/escalations/{{id}}/{what}" for what in ("claim", "resolve", "reopen"))]
    assert set(described["paths"]) == {
        *("/ask", "/search", "/conversations/{id}", "/memory", "/healthz", "/readyz"),
        *peoples,
    }
    assert "application/problem+json" in described["paths"]["/ask"]["post"]["responses"]["422"]["content"]
    shapes = described["components"]["schemas"]
    near = shapes["AnswerBody"]["properties"]["nearest"]["items"]["$ref"].rpartition("/")[2]
    assert {"text", "probability", "context"} <= shapes[near]["properties"].keys()


@pytest.mark.slow
def test_the_real_thing_answers_from_a_small_corpus(tmp_path, monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CITEWELL_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    quote = "The lighthouse at Skerryvore was lit for the first time in February 1844."
    (tmp_path / "docs" / "lights.md").write_text(f"# Lights\n\n{quote}\n")
    (tmp_path / "docs" / "bread.md").write_text("# Bread\n\nRye dough is left to rise for twelve hours.\n")
    with open_citewell(tmp_path / "home") as citewell:
        with TestClient(create_app(citewell), base_url="http://localhost") as client:
            told = is_problem(client.get("/readyz"), 503, "not_ready")
            assert told["live"] is None
            assert told["reasons"]
            assert client.post("/ask", json={"question": "x"}).status_code == 503
            citewell.ingest([tmp_path / "docs"])
            assert client.get("/readyz").json()["verdict"] == "probe"
            [first, *_] = client.post("/search", json={"query": "When was Skerryvore lit?"}).json()["hits"]
            assert first["document"] == "docs/lights.md"
            response = client.post("/ask", json={"question": "When was the lighthouse at Skerryvore lit?"})
            answer = response.json()
            assert (answer["status"], answer["citations"][0]["document"]) == ("answered", "docs/lights.md")
            assert quote in answer["citations"][0]["quote"]
            context = answer["citations"][0]["context"]
            assert context["text"][context["start"] : context["end"]] == answer["citations"][0]["quote"]
            assert context["headings"] == ["Lights"]
            told = events(client.post("/ask", json={"question": "Who is lit?", "stream": True}).text)
            assert told[0] == ("state", {"state": "Retrieve", "question": "Who is lit?"})
            assert told[-1][0] == "done"
        kinds = [event.kind for event in citewell.journal.events(response.headers["x-run-id"])]
        assert (kinds[0], kinds[-1]) == ("started", "answered")
        assert citewell.journal.verify().ok


def test_a_conversation_goes_on_over_http_and_is_shown_and_deleted(home, surroundings):
    with (
        open_citewell(home=home) as opened,
        TestClient(create_app(opened), base_url="http://localhost", raise_server_exceptions=False) as client,
    ):
        for question in ("How long are logs kept?", "And who deletes them?"):
            answer = client.post("/ask", json={"question": question, "conversation": "logs"}).json()
        assert (answer["conversation"], answer["understood"]) == ("logs", "Who deletes logs?")

        opened.ask("How long are logs kept?", conversation="adas", principal="ada")
        assert is_problem(client.get("/conversations/adas"), 404, "no_such_conversation")
        assert is_problem(client.delete("/conversations/adas"), 404, "no_such_conversation")
        told = client.get("/conversations/logs").json()
        assert [each["asked"] for each in told["exchanges"]] == ["How long are logs kept?", "And who deletes them?"]
        assert client.delete("/conversations/logs").json()["deleted"] == "logs"
        for gone in (client.get("/conversations/logs"), client.delete("/conversations/logs")):
            assert is_problem(gone, 404, "no_such_conversation")
        refused = client.post("/ask", json={"question": "So?", "conversation": "a b"})
        assert is_problem(refused, 422, "usage")
