"""The HTTP service answers whole or as a stream, tells every error as a problem, and lets nobody in by a trick."""

import asyncio
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from agent.journal.journal import Journal
from agent.results import SearchResult
from agent.service import streams as live
from agent.service.app import create_app
from agent.service.server import NotLoopback, PortTaken, serve
from agent.state import Act, Answer, Answered, Check, Citation, Reply, Retrieve, Think, Token, ToolCall, Usage
from agent.wire import open_citewell
from ingest.model import Chunk, CitewellError
from retrieval.model import Hit
from tests.places import ROOT
from tests.serving import asking, raw, serving

CITATION = Citation("document", "docs/a.md", "A", None, 0, 3, "abc")


class NoIndex(CitewellError):
    code = "no_index"


@dataclass(frozen=True)
class Ready:
    ok: bool = True
    reasons: tuple[str, ...] = ()
    live: str | None = "v1"


@dataclass
class Scripted:
    """A service that does what the question says, and notes in a journal how its runs ended."""

    journal: Journal | None = None
    ready: Ready = field(default_factory=Ready)
    asked: list = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    async def run(self, question, *, scope, run_id, aloud):
        self.asked.append((question, scope, run_id))
        if question == "no index":
            raise NoIndex("There is no index: run `citewell ingest PATH`.")
        if question == "broken at once":
            raise RuntimeError("a secret inside")
        if self.journal:
            self.journal.append(run_id, "started", {"question": question})
        kind = "failed"
        try:
            yield Retrieve(question)
            self.begun.set()
            if question == "wait":
                await asyncio.to_thread(self.go_on.wait, 5)
            if question == "for ever":
                await asyncio.Event().wait()
            if question == "broken":
                raise RuntimeError("a secret inside")
            if question == "timed out":
                raise TimeoutError
            if question == "refused":
                raise NoIndex("The index went away: run `citewell ingest PATH`.")
            think = Think(question, ())
            yield think
            reply = Reply((), (ToolCall("c1", "calculator", {}),), "calls")
            yield Act(think, reply)
            yield Token("So\nit is")
            yield Check(think, reply)
            yield Answered("So it is [1]", (CITATION,))
            kind = "answered"
            told = None if question == "unrecorded" else run_id
            yield Answer(told, "answered", "So it is [1] \ud800", (CITATION,), "probe", "v1", "m", Usage(1, 2))
        finally:
            if self.journal:
                self.journal.append(run_id, kind, {})
            self.ended.set()

    async def search_async(self, query, *, k, scope, mode):
        self.asked.append((query, k, scope, mode))
        if query == "no index":
            raise NoIndex("There is no index: run `citewell ingest PATH`.")
        return SearchResult(
            "v1", (Hit(Chunk("docs/a.md", 0, 3, "abc", title="A", headings=("One",)), 0.5, 0.25, None),)
        )

    def readiness(self):
        return self.ready


@pytest.fixture
def service():
    return Scripted()


@pytest.fixture
def client(service):
    with TestClient(create_app(service), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def events(text):
    found = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(event["event"], json.loads(event["data"])) for event in found if "event" in event]


def is_problem(response, status, code):
    told = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, told["status"], told["code"]) == (status, status, code), told
    assert {"type", "title", "detail"} <= set(told)
    assert response.headers["x-request-id"]
    return told


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


def test_a_search_gives_hits_and_the_version_they_come_from(client, service):
    body = {"query": "abc", "k": 3, "filters": {"lang": "en"}, "mode": "lexical"}
    told = client.post("/search", json=body).json()
    assert told["index_version"] == "v1"
    assert told["hits"] == [
        {"document": "docs/a.md", "title": "A", "headings": ["One"], "page": None, "page_label": None,
         "start": 0, "end": 3, "text": "abc", "score": 0.5, "dense": 0.25, "lexical": None, "reranked": None,
         "probability": None, "duplicates": []}
    ]  # fmt: skip
    [(query, k, scope, mode)] = service.asked
    assert (query, k, scope.metadata, mode) == ("abc", 3, {"lang": "en"}, "lexical")


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


def test_what_the_schema_takes_is_taken(client, service):
    assert client.post("/ask", json={"question": "x" * 4000, "stream": False}).status_code == 200
    assert client.post("/search", json={"query": "x", "k": 9.0}).status_code == 200
    assert client.post("/search", json={"query": "x", "k": 200}).status_code == 200
    assert [asked[1] for asked in service.asked[1:]] == [9, 200]


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


def test_wherever_there_is_get_there_is_head_without_a_body(client, service):
    service.ready = Ready(False, ("no index",), None)
    got = [path for path, methods in client.get("/openapi.json").json()["paths"].items() if "get" in methods]
    for path in [*got, "/docs", "/openapi.json", "/nowhere", "/ask"]:
        told, head = client.get(path), client.head(path)
        assert head.content == b""
        assert head.status_code == told.status_code
        for name in ("content-type", "content-length"):
            assert head.headers[name] == told.headers[name], path


def test_options_names_the_methods_of_an_address(client):
    for path, allowed in (("/ask", "POST, OPTIONS"), ("/readyz", "GET, HEAD, OPTIONS")):
        response = client.options(path)
        assert (response.status_code, response.content, response.headers["allow"]) == (204, b"", allowed)
    assert client.options("/nowhere").status_code == 404


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_a_megabyte_is_413(client, service, announced):
    body = json.dumps({"question": "x" * 1_000_000}).encode()
    content = body if announced else iter([body[:600_000], body[600_000:]])
    response = client.post("/ask", content=content, headers={"Content-Type": "application/json"})
    is_problem(response, 413, "too_large")
    assert service.asked == []


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


@pytest.mark.parametrize(
    ("question", "code"), [("broken", "internal"), ("refused", "no_index"), ("timed out", "internal")]
)
def test_an_error_in_the_middle_of_a_stream_is_its_last_event(client, question, code):
    response = client.post("/ask", json={"question": question, "stream": True})
    told = events(response.text)
    assert [name for name, _ in told] == ["state", "error"]
    assert told[-1][1]["code"] == code
    assert "secret" not in response.text


@pytest.mark.parametrize(("given", "echoed"), [("abc-1.2_3", True), ("a b", False), ("x" * 129, False), ("é", False)])
def test_a_plain_request_id_is_echoed_and_any_other_replaced(client, given, echoed):
    id_ = client.get("/healthz", headers={"X-Request-Id": given.encode()}).headers["x-request-id"]
    assert (id_ == given) is echoed
    assert id_


def test_health_and_readiness_say_how_things_are(client, service):
    assert client.get("/healthz").json()["ok"] is True
    assert client.get("/readyz").json() == {"schema": 1, "ok": True, "reasons": [], "live": "v1"}
    service.ready = Ready(False, ("no index: run `citewell ingest PATH`",), None)
    told = is_problem(client.get("/readyz"), 503, "not_ready")
    assert (told["ok"], told["reasons"], told["live"]) == (False, ["no index: run `citewell ingest PATH`"], None)


def test_the_openapi_page_lists_what_is_there_and_nothing_else(client):
    assert client.get("/docs").status_code == 200
    described = client.get("/openapi.json").json()
    assert set(described["paths"]) == {"/ask", "/search", "/healthz", "/readyz"}
    assert "application/problem+json" in described["paths"]["/ask"]["post"]["responses"]["422"]["content"]


@pytest.mark.parametrize(
    ("host", "origin", "code"),
    [
        ("localhost", None, None),
        ("LOCALHOST:8000", None, None),
        ("127.0.0.1:1", "http://127.0.0.1:1", None),
        ("[::1]:8000", "http://[::1]:8000", None),
        ("answers.example", "https://answers.example", None),
        ("evil.example", None, "unknown_host"),
        ("localhost.evil.example", None, "unknown_host"),
        ("localhost@evil.example", None, "unknown_host"),
        ("127.0.0.1.evil.example:80", None, "unknown_host"),
        ("", None, "unknown_host"),
        ("localhost:8000", "http://localhost:8001", "foreign_origin"),
        ("localhost:8000", "http://evil.example", "foreign_origin"),
        ("localhost:8000", "null", "foreign_origin"),
        ("localhost:8000", "", "foreign_origin"),
        ("localhost:8000", "http://127.0.0.1:8000", "foreign_origin"),
    ],
)
def test_only_known_hosts_and_own_origins_come_in(service, host, origin, code):
    client = TestClient(create_app(service, hosts=["Answers.example"]), base_url="http://localhost")
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    for method, path in (("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/ask")):
        response = client.request(method, path, headers=headers, json={"question": "x"} if method == "POST" else None)
        if code:
            is_problem(response, 403, code)
        else:
            assert response.status_code == 200
    assert len(service.asked) == (0 if code else 1)


def test_a_name_is_allowed_by_the_command_line(tmp_path, monkeypatch, capsys):
    from agent.cli import main

    served = []
    monkeypatch.setattr("agent.service.server.serve", lambda app, *_: served.append(app))
    monkeypatch.setattr("agent.wire.Citewell.keep_up", lambda _: None)
    words = ["serve", "--home", str(tmp_path / "home"), "--host-name", "answers.example"]
    with pytest.raises(SystemExit):
        main(words)
    for host, status in (("answers.example", 200), ("evil.example", 403)):
        told = TestClient(served[0], base_url="http://localhost").get("/healthz", headers={"Host": host})
        assert told.status_code == status
    assert "citewell serve --host-name NAME" in told.json()["detail"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--host-name", "https://answers.example:80"])
    assert ended.value.code == 2
    assert "without a port" in capsys.readouterr().err


def test_a_missing_or_doubled_host_is_refused_on_the_wire(service):
    with serving(create_app(service)) as port:
        for head in ("GET /healthz HTTP/1.0\n", "GET /healthz HTTP/1.1\nHost: evil.example:80\nConnection: close\n"):
            with raw(port, head) as connection:
                assert b" 403 " in connection.makefile("rb").readline()
        with raw(port, "GET /healthz HTTP/1.1\nHost: localhost\nHost: evil.example\nConnection: close\n") as connection:
            assert b" 40" in connection.makefile("rb").readline()
        with raw(port, f"GET /healthz HTTP/1.1\nHost: localhost:{port}\nConnection: close\n") as connection:
            assert b" 200 " in connection.makefile("rb").readline()


def test_a_body_announced_too_large_is_refused_before_it_is_sent(service):
    head = "POST /ask HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 1000001\n"
    with serving(create_app(service)) as port, raw(port, head) as connection:
        assert b" 413 " in connection.makefile("rb").readline()


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
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as again:
                again.request("POST", "/ask", json.dumps({"question": "x"}), {"Content-Type": "application/json"})
                assert again.getresponse().status == 200  # its place is free again


def test_more_runs_than_allowed_are_sent_away_and_health_never_waits(service):
    with serving(create_app(service, limit=1)) as port, raw(port, *asking("wait", stream=True)) as busy:
        assert service.begun.wait(10)

        def call(method, path, body=None):
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
                response = connection.getresponse()
                return response.status, dict(response.headers), json.loads(response.read())

        status, headers, told = call("POST", "/ask", {"question": "x"})
        assert (status, told["code"]) == (503, "saturated")
        assert int(headers["retry-after"]) > 0
        assert call("GET", "/healthz")[0] == 200
        assert call("POST", "/search", {"query": "x"})[0] == 200
        status, _, told = call("GET", "/readyz")
        assert (status, told["reasons"][0].split(":")[0]) == (503, "saturated")
        service.go_on.set()
        lines = busy.makefile("rb")
        while b"event: done" not in lines.readline():
            pass
        assert call("GET", "/readyz")[0] == 200
        assert call("POST", "/ask", {"question": "x"})[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_other_machines_are_not_served(service, host):
    with pytest.raises(NotLoopback, match="reverse proxy"):
        serve(create_app(service), host, 0)


def test_a_taken_port_is_said(service):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortTaken) as told:
        serve(create_app(service), port=taken.getsockname()[1])
    assert "in use by another program: end that one, or name another with --port." in str(told.value)
    assert "Errno" not in str(told.value)


SERVE = """
import asyncio, sys
from agent.service.app import create_app
from agent.service.server import serve
from agent.state import Retrieve

class Service:
    async def run(self, question, *, scope, run_id, aloud):
        if question == "broken":
            raise RuntimeError("in \\x1b[31ma\\u202edocument")
        try:
            yield Retrieve(question)
            await asyncio.Event().wait()
        finally:
            print("the run was ended", flush=True)

serve(create_app(Service()), port=int(sys.argv[1]), patience=1)
"""


def test_an_open_stream_does_not_hold_up_the_end():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-c", SERVE, str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            while b"Answering on" not in (line := process.stderr.readline()):
                assert line
            with raw(port, *asking("broken")) as connection:
                assert b" 500 " in connection.makefile("rb").readline()
            with raw(port, *asking("for ever", stream=True)) as connection:
                lines = connection.makefile("rb")
                while b"Retrieve" not in (line := lines.readline()):
                    assert line
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert b"the run was ended" in out
    assert "in \N{REPLACEMENT CHARACTER}[31ma\N{REPLACEMENT CHARACTER}document" in err.decode(), "nothing steers"


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
            told = events(client.post("/ask", json={"question": "Who is lit?", "stream": True}).text)
            assert told[0] == ("state", {"state": "Retrieve"})
            assert told[-1][0] == "done"
        kinds = [event.kind for event in citewell.journal.events(response.headers["x-run-id"])]
        assert (kinds[0], kinds[-1]) == ("started", "answered")
        assert citewell.journal.verify().ok
