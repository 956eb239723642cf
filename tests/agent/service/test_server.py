"""Whatever a request waits for, the service goes on answering others, and whoever waits when it stops is told."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from agent.journal.journal import Journal
from agent.service.app import create_app
from agent.service.server import NotLoopback, PortTaken, serve
from agent.settings import AgentSettings, Settings
from agent.wire import Citewell
from retrieval.search.settings import SearchSettings
from tests.agent.program import PROGRAM
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, say, text
from tests.places import ROOT
from tests.serving import asking, raw, serving

ON_DISK = {"open", "os.listdir", "os.scandir", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect", "import"}


class Watch:
    """Notes what one thread asks of the disk. A hook of the interpreter's stays for good, so there is one."""

    def __init__(self):
        self.thread, self.seen = None, []
        sys.addaudithook(self.note)

    def note(self, event, what):
        on_disk = self.thread is not None and event in ON_DISK and threading.get_ident() == self.thread
        if on_disk and not str(what[0]).endswith(".py"):  # FastAPI looks once where an endpoint stands
            self.seen.append((event, str(what[0])))


@pytest.fixture(scope="session")
def watch():
    return Watch()


@contextmanager
def opened(home, encoder, *, base_url=None, **agent):
    settings = Settings(
        home=home, agent=AgentSettings(**agent), retrieval=SearchSettings(dense_weight=0.1), base_url=base_url
    )
    with closing(Citewell(settings, encoder=encoder)) as citewell:
        yield citewell


def sent(port, method, path, body=None, timeout=30):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read().decode()


def thirty(body):
    for number, result in enumerate(search_results(body["messages"])):
        for block, content in enumerate(result["content"]):
            if "thirty days" in content["text"]:
                return say(text("They are kept for thirty days.", cite(number, block)))
    raise AssertionError("the passage was not found")


@pytest.mark.slow
def test_the_loop_that_serves_never_asks_anything_of_the_disk(home, quick, tmp_path, watch, monkeypatch):
    charter = tmp_path / "charter.toml"
    charter.write_text('[tools]\nread_around = "allow"\n', encoding="utf-8")
    stat = os.stat

    def noted(*arguments, **more):
        watch.note("open", arguments)
        return stat(*arguments, **more)

    question = {"question": "How long are logs kept?"}
    with (
        MessagesServer([thirty, thirty]) as server,
        opened(home, quick, base_url=server.base_url, charter=charter) as citewell,
    ):
        app, loop = create_app(citewell), []

        async def told(scope, receive, send):
            if scope["type"] == "http":
                loop.append(threading.get_ident())
            await app(scope, receive, send)

        with serving(told) as port:
            assert sent(port, "GET", "/healthz")[0] == 200
            watch.seen.clear()
            monkeypatch.setattr(os, "stat", noted)
            watch.thread = loop[0]
            try:
                answers = [
                    sent(port, "POST", "/ask", question),
                    sent(port, "POST", "/ask", question | {"stream": True}),
                    sent(port, "POST", "/search", {"query": "logs"}),
                    sent(port, "GET", "/readyz"),
                    sent(port, "POST", "/ask", {"question": ""}),
                    sent(port, "GET", "/openapi.json"),
                    sent(port, "GET", "/docs"),
                ]
            finally:
                watch.thread = None
                monkeypatch.undo()
    assert [status for status, *_ in answers] == [200, 200, 200, 200, 422, 200, 200]
    assert json.loads(answers[0][2])["status"] == "answered"
    assert "event: done" in answers[1][2]
    assert watch.seen == []


def test_nothing_waits_in_a_pool_whose_threads_the_process_waits_for_when_it_ends():
    code = [path for room in ("agent", "plugins") for path in (ROOT / room).rglob("*.py")]
    assert [path.name for path in code if "asyncio.to_thread(" in path.read_text("utf-8")] == [], "aside() does it"


def test_a_charter_that_does_not_come_holds_up_what_it_decides_on_and_nothing_else(home, quick, tmp_path):
    charter = tmp_path / "charter.toml"
    os.mkfifo(charter)
    with (
        opened(home, quick, charter=charter) as citewell,
        serving(create_app(citewell)) as port,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(sent, port, "POST", "/ask", {"question": "How long are logs kept?"})
        with charter.open("w", encoding="utf-8") as pipe:  # opens when the other end does: the run is reading it
            assert sent(port, "GET", "/healthz", timeout=10)[0] == 200
            status, _, told = sent(port, "GET", "/readyz", timeout=10)
            assert (status, "the charter does not come" in str(told)) == (503, True)
            assert not asked.done()
            pipe.write("[tools]\n")
        assert asked.result()[0] == 200


def test_a_charter_that_never_comes_is_said_and_the_place_of_its_run_is_free_again(home, quick, tmp_path, monkeypatch):
    monkeypatch.setattr("agent.governance.reading.PATIENCE", 0.05)
    charter = tmp_path / "charter.toml"
    os.mkfifo(charter)
    with opened(home, quick, charter=charter) as citewell, serving(create_app(citewell, limit=1)) as port:
        for _ in range(2):
            status, _, told = sent(port, "POST", "/ask", {"question": "How long are logs kept?"})
            assert (status, json.loads(told)["code"]) == (500, "bad_charter")
            assert "within 0.05 seconds: see that its disk answers" in json.loads(told)["detail"]


def test_a_run_cannot_take_longer_to_begin_than_it_may_take_altogether(home, quick):
    release = threading.Event()
    with opened(home, quick, deadline=0.05) as citewell, serving(create_app(citewell)) as port:
        citewell.version = lambda **_: release.wait()  # a disk that does not answer
        try:
            status, _, told = sent(port, "POST", "/ask", {"question": "How long are logs kept?"})
        finally:
            release.set()
    assert (status, json.loads(told)["code"]) == (503, "stalled")


def test_readiness_that_cannot_be_found_out_is_said_and_looked_for_once(home, quick, monkeypatch):
    monkeypatch.setattr("agent.service.app.LOOKING", 0.05)
    release, looked = threading.Event(), []
    with opened(home, quick) as citewell, serving(create_app(citewell)) as port:

        def stalled():
            looked.append(1)
            release.wait()
            return Citewell.readiness(citewell)

        citewell.readiness = stalled
        for _ in range(3):
            status, _, told = sent(port, "GET", "/readyz")
            assert (status, json.loads(told)["code"], json.loads(told)["ok"]) == (503, "not_ready", False)
        assert len(looked) == 1
        release.set()
        monkeypatch.setattr("agent.service.app.LOOKING", 30)
        assert sent(port, "GET", "/readyz")[0] == 200


STOPPED = """
import asyncio, sys, time
from agent.service import streams as live
from agent.journal.journal import Journal
from agent.service.app import create_app
from agent.service.server import serve
from agent.state import Retrieve
live.PARTING = 0.5
class Service:
    async def run(self, question, *, scope, run_id, aloud, conversation):
        try:
            yield Retrieve(question)
            print("\\nbegun\\n", end="", flush=True)
            if question == "hang":
                time.sleep(60)
            await asyncio.Event().wait()
        finally:
            print("the run was ended", flush=True)
serve(create_app(Service()), port=int(sys.argv[1]), patience=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("question", ["wait", "hang"])
def test_whoever_waits_for_a_run_when_the_service_is_stopped_is_told_which_one(question, stream):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-c", STOPPED, str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            while "Answering on" not in (line := process.stderr.readline()):
                assert line
            with raw(port, *asking(question, stream=stream)) as connection:
                assert "begun\n" in iter(process.stdout.readline, ""), "beside what the server logs"
                process.send_signal(signal.SIGTERM)
                head, _, body = connection.makefile("rb").read().decode().partition("\r\n\r\n")
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    [run] = [line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("x-run-id: r-")]
    assert head.startswith("HTTP/1.1 200" if stream else "HTTP/1.1 503")
    assert '"code": "stopping"' in body
    assert f'"run": "{run}"' in body
    assert ("event: error" in body) is stream
    assert ("the run was ended" in out) is (question == "wait")


@pytest.mark.slow
def test_a_run_that_the_end_of_the_service_cut_off_goes_on_when_it_is_back(home, surroundings):
    def answer(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("Thirty days.", cite(number, 1)))

    with MessagesServer([say(text("slowly, slowly " * 500), *[text("more")] * 300, pause=0.1), answer]) as model:
        environment = {**os.environ, "ANTHROPIC_BASE_URL": model.base_url, "CITEWELL_AGENT_CITATIONS": "native"}
        statuses = []
        for _ in range(2):
            command = [*PROGRAM, "serve", "--home", str(home), "--port", "0"]
            with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
                try:
                    while "Answering on" not in (line := process.stderr.readline()):
                        assert line
                    if not statuses:
                        port = int(re.search(r":(\d+) until", line)[1])
                        with raw(port, *asking("How long are logs kept?")) as connection:
                            while not model.requests:
                                time.sleep(0.05)
                            process.send_signal(signal.SIGTERM)
                            assert b'"code":"stopping"' in connection.makefile("rb").read().replace(b" ", b"")
                    else:
                        until = time.monotonic() + 30
                        while fate(home) == "running" or (fate(home) == "killed" and time.monotonic() < until):
                            time.sleep(0.1)
                finally:
                    process.terminate()
                    process.wait(30)
            statuses.append(fate(home))
    assert statuses == ["killed", "answered"]


def fate(home):
    """What has become of the one run of a home."""
    with closing(Journal(home / "journal.sqlite", read_only=True)) as journal:
        [run] = journal.runs()
        return run.status


# Where it listens, and how it ends


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
from agent.journal.journal import Journal
from agent.service.app import create_app
from agent.service.server import serve
from agent.state import Retrieve

class Service:
    async def run(self, question, *, scope, run_id, aloud, conversation):
        if question == "broken":
            raise RuntimeError("in \\x1b[31ma\\u202edocument")
        try:
            yield Retrieve(question)
            await asyncio.Event().wait()
        finally:
            print("the run was ended", flush=True)

serve(create_app(Service()), port=int(sys.argv[1]), patience=1)
"""


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_servers_of_tools_end_with_a_service_that_a_signal_ends(tmp_path):
    code = """
import sys
from agent.service.app import create_app
from agent.service.server import serve
from tests.agent.service.scripted import Scripted
serve(create_app(Scripted()), port=0, ending=lambda: print("ended", flush=True))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        while "startup complete" not in (line := process.stderr.readline()):
            assert line, "it ended"
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[0]

    assert said == "ended\n"
