"""A service that does what the question says, and how its answers and problems are looked at."""

import asyncio
import json
import threading
from dataclasses import dataclass, field

from agent.answer import Answer, Source
from agent.journal.journal import Journal
from agent.results import SearchResult
from agent.state import Act, Answered, Check, Citation, Context, Reply, Retrieve, Think, Token, ToolCall, Usage
from ingest.errors import CitewellError
from ingest.model import Chunk
from retrieval.model import Hit

CITATION = Citation("document", "docs/a.md", "A", None, 0, 3, "abc")
SOURCE = Source("document", "docs/a.md", "A", None, 0, 3, "abc", context=Context("abc", 0, 3))


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

    async def run(self, question, *, scope, run_id, aloud, conversation=None):
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
            yield Answer(told, "answered", "So it is [1] \ud800", (SOURCE,), "probe", "v1", "m", Usage(1, 2))
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

    def cut_off(self):
        return []

    def tend(self):
        return []


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
