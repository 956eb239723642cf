"""What the OpenAPI description says is true: schemathesis makes requests from it, and others that go against it."""

import asyncio
from dataclasses import asdict

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.checks import not_a_server_error

from agent.answer import Answer, Source
from agent.journal.cases import Case
from agent.journal.entry import Entry
from agent.journal.summary import RunSummary
from agent.memory.admitting import NotRemembered
from agent.memory.conversation import Cited, Conversation, Exchange
from agent.readiness import Readiness
from agent.results import SearchResult
from agent.run.people.casefile import case_file
from agent.run.people.memories import Forgotten, NoMemory
from agent.service.app import create_app
from agent.state import Act, Answered, Check, Citation, Context, Reply, Retrieve, Think, Token, ToolCall, Usage
from ingest.errors import CitewellError
from ingest.model import Chunk
from retrieval.erasure.erasing import Emptied
from retrieval.model import Hit

pytestmark = pytest.mark.slow

CITATION = Citation("document", "docs/a.md", "A", None, 0, 3, "abc")
SOURCE = Source("document", "docs/a.md", "A", None, 0, 3, "abc", context=Context("abc", 0, 3))


class NoSuchConversation(CitewellError):
    code, http_status = "no_such_conversation", 404


class NoIndex(CitewellError):
    code = "no_index"


class Quick:
    """A service whose search and model are made up; now and then it fails, as the question says."""

    async def run(self, question, *, scope, run_id, aloud, conversation):
        if len(question) % 7 == 6:
            raise NoIndex("There is no index: run `citewell ingest PATH`.")
        yield Retrieve(question)
        think = Think(question, ())
        yield think
        reply = Reply((), (ToolCall("c1", "calculator", {}),), "calls")
        yield Act(think, reply)
        yield Token("So it is")
        yield Check(think, reply)
        yield Answered("So it is [1]", (CITATION,))
        yield Answer(run_id, "answered", "So it is [1]", (SOURCE,), "probe", "v1", "m", Usage(1, 2), cost=0.5)

    def conversation(self, id):
        if len(id) % 2:
            raise NoSuchConversation("There is none.")
        exchange = Exchange("r-1", "2026", "So?", "So?", "answered", "So. [1]", (Cited("docs/a.md", "So."),))
        return Conversation(id, None, (exchange,))

    def forget_conversation(self, id, *, owed):
        self.conversation(id)
        return Emptied(3)

    async def search_async(self, query, *, k, scope, mode):
        if len(query) % 7 == 6:
            raise NoIndex("There is no index: run `citewell ingest PATH`.")
        await asyncio.sleep(0)
        hit = Hit(Chunk("docs/a.md", 0, 3, "abc", title="A", headings=("One",), page=1), 0.5, 0.25, None, None, 0.5)
        return SearchResult("v1", (hit,) * min(k, 3), calibrated=False)

    @property
    def desk(self):
        return Made()

    @property
    def memories(self):
        return Remembered()

    def readiness(self):
        return Readiness(True, (), "v1", "probe", "m", ())


class Remembered:
    """What is remembered, made up; what is said of none of the few who consented is refused."""

    def listed(self, principal, *, every=False):
        days = {"from": None, "to": "2099-01-01", "recorded": "2026", "status": "current"}
        said = {"subject": "home", "attribute": "city", "value": "Paris", "kind": "fact", "source": {"how": "told"}}
        return [{"id": "m-1", "principal": principal, **said, **days}]

    def said(self, principal, by, account, **told):
        if len(principal) % 3:
            raise NotRemembered("consent", "memory is off.")
        return self.listed(principal)[0]

    def forget(self, principal, ids, *, past=False):
        if ids:
            raise NoMemory("Nothing goes by that id.")
        return Forgotten(("m-1",), 3, "", clean=True, sequences=2)


class NotWaiting(CitewellError):
    code, http_status = "not_waiting", 409


class Made:
    """A desk on which lies what is made up."""

    def runs(self, *, limit, after=None, named):
        return [RunSummary("r-1", "answered", "So?", "2026", 1.5, "So.", None, 0.5, "m", "v1")][:limit]

    def run(self, id, *, named):
        event = {
            "run": id,
            "number": 1,
            "kind": "started",
            "at": "2026",
            "actor": "user",
            "content": {"question": "So?"},
        }
        return {"run": id, "id": id, "status": "answered", "events": [event], "waiting": None}

    def approvals(self, *, limit, after=None, named):
        call = {"tool": "send", "arguments": {"words": 1}, "reasons": ["it is asked"], "since": "2026", "expires": None}
        about = {"run": "r-1", "status": "awaiting_approval", "question": "So?", "principal": None, "digest": "d"}
        return [{**about, **call}]

    async def say(self, id, verdict, *, by, account, comment="", edit=None, digest=None):
        if digest:
            raise NotWaiting("It waits for nobody: see what it is.")
        return "running"

    def cancel(self, id, *, by, account, comment=""):
        return "failed"

    def escalations(self, *, limit, after=None, status=None, named):
        return [{**asdict(CASE), "rules": ["r"], "question": "So?"}]

    def escalation(self, id, *, named):
        started = Entry("r-1", 1, "started", "2026", "user", {"question": "So?"})
        return case_file(CASE, [started], [], kinds={}).as_json

    async def claim(self, id, *, by, account):
        return CASE

    async def resolve(self, id, answer, *, by, account, comment=""):
        return CASE

    async def reopen(self, id, reason, *, by, account):
        return CASE


CASE = Case("case-1", "r-1", "open", "r", "2026", "key")
APP = create_app(Quick(), hosts=["testserver"], limit=1_000, token="token")
API = schemathesis.openapi.from_asgi("/openapi.json", APP)
API.config.update(headers={"Authorization": "Bearer token"})


@API.parametrize()
@settings(max_examples=60, derandomize=True, database=None, deadline=None)
def test_every_request_is_answered_as_described(case):
    response = case.call()
    assert response.status_code != 500
    case.validate_response(response, excluded_checks=[not_a_server_error])  # a 503 that is stated is described, too
