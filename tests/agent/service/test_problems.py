"""Every error is told as a problem, in words that help, and without its insides."""

import json

import pytest

from tests.agent.service.scripted import is_problem


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/ask", {}, "question"),
        ("/ask", {"question": " \n "}, "question"),
        ("/ask", {"question": "x" * 4001}, "question"),
        ("/ask", {"question": 5}, "question"),
        ("/ask", {"question": "x", "filter": {}}, "filter"),
        ("/ask", {"question": "x", "filters": {"a": {"b": 1}}}, "filters.a"),
        ("/ask", {"question": "x", "filters": {"a": None}}, "filters.a"),
        ("/search", {"query": "x", "filters": {"a": []}}, "filters.a"),
        ("/search", {"query": "x", "filters": {"": "b"}}, "filters..[key]"),
        ("/search", {"query": ""}, "query"),
        ("/search", {"query": "x", "k": 0}, "k"),
        ("/search", {"query": "x", "k": 201}, "k"),
        ("/search", {"query": "x", "k": True}, "k"),
        ("/search", {"query": "x", "k": "9"}, "k"),
        ("/search", {"query": "x", "k": 9.5}, "k"),
        ("/search", {"query": "x" * 4001}, "query"),
        ("/ask", {"question": "x", "stream": 0}, "stream"),
        ("/ask", {"question": "x", "stream": "false"}, "stream"),
        ("/search", {"query": "x", "mode": "magic"}, "mode"),
    ],
)
def test_a_request_that_makes_no_sense_is_422_and_names_the_field(client, service, path, body, field):
    told = is_problem(client.post(path, json=body), 422, "invalid_request")
    assert told["errors"][0]["field"] == field
    assert service.asked == []


def test_what_is_wrong_with_a_request_is_said_in_plain_words(client):
    told = client.post("/search", json={"query": "", "kk": 3, "k": 0, "mode": "magic"}).json()
    assert told["detail"] == (
        "query is empty or too short (at least 1 letters); k is to be at least 1; mode is to be 'hybrid', 'dense' or "
        "'lexical'; kk is nothing that is taken there: correct that; GET /docs shows what is taken."
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"{", "line 1, column 2: a name in double quotes is missing"),
        (b'{"question": "x",\n}', "line 2, column 1: a name in double quotes is missing"),
        (b"question=x", "line 1, column 1: a value is missing, or text stands there without double quotes"),
        (b'"\xff"', "it is not UTF-8 (invalid start byte at byte 2)"),
        (b"[" * 200_000, "it is nested too deeply"),
        (b'{"question": ' + b"1" * 5000 + b"}", "a number in it has too many digits"),
    ],
    ids=["empty", "blank", "cut", "comma", "form", "latin-1", "deep", "digits"],
)
def test_a_body_that_is_no_json_is_told_why(client, service, body, reason):
    for path in ("/ask", "/search"):
        told = is_problem(
            client.post(path, content=body, headers={"Content-Type": "application/json; charset=utf-8"}),
            400,
            "bad_request",
        )
        assert told["detail"].startswith("The body is not JSON: ")
        assert told["detail"].endswith(f"{reason}. Send one JSON object.")
    assert service.asked == []


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"]
)
def test_a_body_that_is_not_said_to_be_json_is_415(client, service, kind):
    for path in ("/ask", "/search"):
        request = client.build_request("POST", path, content=b'{"question": "x"}')
        request.headers.pop("content-type", None)
        if kind is not None:
            request.headers["Content-Type"] = kind
        told = is_problem(client.send(request), 415, "unsupported_media_type")
        assert "Content-Type: application/json" in told["detail"]
        assert (kind or "none").partition(";")[0] in told["detail"]
    assert service.asked == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON;charset=UTF-8", "application/vnd.mine+json"])
def test_json_goes_by_several_names(client, kind):
    assert client.post("/ask", content=b'{"question": "x"}', headers={"Content-Type": kind}).status_code == 200


def test_unknown_addresses_and_methods_are_problems(client):
    is_problem(client.get("/nowhere"), 404, "not_found")
    for path, allowed in (("/ask", "POST, OPTIONS"), ("/healthz", "GET, HEAD, OPTIONS")):
        response = client.put(path)
        is_problem(response, 405, "method_not_allowed")
        assert response.headers["allow"] == allowed


@pytest.mark.parametrize("stream", [False, True])
def test_a_stated_error_before_the_answer_is_a_problem_in_its_own_words(client, stream):
    response = client.post("/ask", json={"question": "no index", "stream": stream})
    told = is_problem(response, 503, "no_index")
    assert "citewell ingest" in told["detail"]
    assert response.headers["retry-after"]
    assert "x-run-id" not in response.headers  # nothing had begun
    is_problem(client.post("/search", json={"query": "no index"}), 503, "no_index")


def test_a_run_that_broke_off_is_named(client):
    response = client.post("/ask", json={"question": "refused"})
    is_problem(response, 503, "no_index")
    assert response.headers["x-run-id"].startswith("r-")


@pytest.mark.parametrize(("question", "stream"), [("broken", False), ("broken at once", True)])
def test_a_bug_is_500_without_its_insides(client, question, stream):
    response = client.post("/ask", json={"question": question, "stream": stream}, headers={"X-Request-Id": "mine"})
    told = is_problem(response, 500, "internal")
    assert "secret" not in json.dumps(told)
    assert response.headers["x-request-id"] == "mine"
