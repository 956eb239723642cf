"""A run is followed as it happens, and ends with the client that follows it."""

import contextlib
import http.client
import json
import time
from contextlib import closing

import pytest

from agent.journal.journal import Journal
from agent.service import streams as live
from agent.service.app import create_app
from tests.agent.service.scripted import Scripted, events
from tests.serving import asking, raw, serving


@pytest.mark.parametrize("by", ["field", "header"])
def test_a_question_is_answered_as_a_stream(client, by):
    body = {"question": "Is it so?", **({"stream": True} if by == "field" else {})}
    response = client.post("/ask", json=body, headers={"Accept": "text/event-stream"} if by == "header" else {})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    assert [name for name, _ in told] == ["state"] * 3 + ["token"] + ["state"] * 2 + ["citation", "done"]
    states = [data["state"] for name, data in told if name == "state"]
    assert states == ["Retrieve", "Think", "Act", "Check", "Answered"]
    assert dict(told)["token"] == {"text": "So\nit is"}
    assert dict(told)["citation"]["number"] == 1
    whole = client.post("/ask", json={"question": "Is it so?"}).json()
    assert {**dict(told)["done"], "run": ""} == {**whole, "run": ""}
    assert response.headers["x-run-id"] == dict(told)["done"]["run"]


@pytest.mark.parametrize(
    ("question", "code"), [("broken", "internal"), ("refused", "no_index"), ("timed out", "internal")]
)
def test_an_error_in_the_middle_of_a_stream_is_its_last_event(client, question, code):
    response = client.post("/ask", json={"question": question, "stream": True})
    told = events(response.text)
    assert [name for name, _ in told] == ["state", "error"]
    assert told[-1][1]["code"] == code
    assert "secret" not in response.text


def test_a_stream_is_sent_as_it_happens(service):
    with serving(create_app(service)) as port, raw(port, *asking("wait", stream=True)) as connection:
        lines = connection.makefile("rb")
        head = []
        while (line := lines.readline()) != b"\r\n":
            head.append(line.decode().lower())
        assert any(line.startswith("x-run-id: r-") for line in head)
        while b"Retrieve" not in lines.readline():
            pass
        assert not service.go_on.is_set()  # the first event is here, and the run is still waiting for us
        service.go_on.set()
        rest = b""
        while b"event: done" not in rest:
            rest += lines.readline()


def test_a_silent_stream_says_that_it_is_alive(service, monkeypatch):
    monkeypatch.setattr(live, "PING", 0.02)
    with serving(create_app(service)) as port, raw(port, *asking("wait", stream=True)) as connection:
        lines = connection.makefile("rb")
        while b": ping" not in lines.readline():
            pass
        service.go_on.set()
        while b"event: done" not in lines.readline():
            pass


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_ends_its_run_and_the_journal_knows(tmp_path, stream):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        service = Scripted(journal)
        with serving(create_app(service, limit=1)) as port:
            connection = raw(port, *asking("for ever", stream=stream))
            assert service.begun.wait(10)
            connection.close()
            assert service.ended.wait(10)
            [(_, _, run)] = service.asked
            assert [event.kind for event in journal.events(run)] == ["started", "failed"]

            def asked_again():
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as again:
                    again.request("POST", "/ask", json.dumps({"question": "x"}), {"Content-Type": "application/json"})
                    return again.getresponse().status

            until = time.monotonic() + 10  # its thread ends a moment after the run did
            while asked_again() != 200:  # then its place is free again
                assert time.monotonic() < until
