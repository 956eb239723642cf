"""What is sent can be told beforehand and known again afterwards, and nobody is asked for that."""

import asyncio
import json

import pytest

from agent.models.capabilities import Findings, found
from agent.models.claude import Claude
from agent.models.extractive import Extractive
from agent.models.model import Question, Results, ToolSpec, digest_of
from agent.state import Observation, Passage, Reply, ToolCall
from tests.messages_kinds import ANTHROPIC, LLAMA_CPP
from tests.messages_server import MessagesServer, cite, say, text, tool_use

TEXT = "The server listens on port 8000. Change it with --port."
PORT = Passage(0, "document", "guide/setup.md", "Setup", TEXT, 0, len(TEXT), ((0, 33), (33, len(TEXT))))
ASKED = [Question("Which port?", (PORT,))]
SEARCH = ToolSpec("search", "Search.", {"type": "object", "properties": {"query": {"type": "string"}}})


def model_at(server, **more):
    return Claude("claude-sonnet-5-5", **{"api_key": "sk-test", "base_url": server.base_url, "backoff": 0.001} | more)


def reply_of(model, messages=ASKED, tools=(SEARCH,)):
    async def last():
        try:
            return [item async for item in model.reply(messages, tools)][-1]
        finally:
            await model.aclose()

    return asyncio.run(last())


@pytest.mark.parametrize("given", ["native", "numbered"])
def test_what_would_be_sent_is_what_is_sent_and_its_digest_comes_with_the_reply(given):
    with MessagesServer([say(tool_use("search", {"query": "port"})), say(text("8000 [1.1]", cite(0, 0)))]) as server:
        model = model_at(server, citations=given)
        called = reply_of(model)
        more = [*ASKED, called, Results((Observation(called.calls[0], "Nothing."),))]
        reply = reply_of(model, more, ())

    for messages, tools, answer, sent in ((ASKED, (SEARCH,), called, 0), (more, (), reply, 1)):
        would = model.request(messages, tools)
        assert json.loads(json.dumps(would)) == server.requests[sent].body
        assert (answer.request, answer.given) == (digest_of(would), given)
    assert called.request != reply.request


def test_a_reply_tells_in_which_shape_it_was_asked_also_where_another_was_tried_first():
    said = [say(text("I do not know.")), say(text("8000 [1.1]"))]
    with MessagesServer(said, like=LLAMA_CPP) as server:
        findings = Findings()
        findings.keep(server.base_url, "claude-sonnet-5-5", found("native", "it seemed so"))
        model = model_at(server, findings=findings)
        reply = reply_of(model)

    assert reply.given == "numbered"
    assert reply.request == digest_of(server.requests[1].body) != digest_of(server.requests[0].body)


def test_an_answer_that_names_numbers_though_it_was_to_cite_tells_what_it_was_given():
    with MessagesServer([say(text("It is port 8000 [1.1]."))], like=ANTHROPIC) as server:
        reply = reply_of(model_at(server, citations="native"))

    assert (reply.shape, reply.given) == ("numbered", "native")
    assert reply.request == digest_of(server.requests[0].body)


def test_nobody_is_asked_for_what_would_be_sent():
    model = Claude("m", base_url="http://127.0.0.1:9")
    assert "Passages:" in json.dumps(model.request(ASKED, ())), "numbered text is what every server takes"
    assert model.request(ASKED, (), given="native")["messages"][0]["content"][0]["type"] == "search_result"


def test_two_requests_have_one_digest_only_if_they_are_alike():
    model = Claude("m", base_url="http://127.0.0.1:9")
    one = digest_of(model.request(ASKED, (SEARCH,)))
    assert one == digest_of(model.request(list(ASKED), [SEARCH]))
    others = [
        model.request([Question("Which port? ", (PORT,))], (SEARCH,)),
        model.request(ASKED, ()),
        model.request(ASKED, (SEARCH,), given="native"),
        Claude("m", base_url="http://127.0.0.1:9", max_tokens=9).request(ASKED, (SEARCH,)),
        Claude("n", base_url="http://127.0.0.1:9").request(ASKED, (SEARCH,)),
    ]
    assert len({one, *map(digest_of, others)}) == 6


def test_what_only_quotes_tells_by_what_it_chose(encoder):
    model = Extractive(encoder, lambda _: 1.0)
    reply = reply_of(model)
    assert isinstance(reply, Reply)
    assert reply.request == digest_of(model.request(ASKED, ()))
    assert reply.request != digest_of(model.request([Question("Which port?")], ()))


def test_a_question_with_half_a_character_has_a_digest():
    model = Claude("m", base_url="http://127.0.0.1:9")
    call = ToolCall("c", "search", {"query": "\ud800"})
    reply = Reply((), (call,), "calls", content=({"type": "tool_use", "id": "c", "name": "search", "input": {}},))
    digest_of(model.request([Question("\ud800"), reply, Results((Observation(call, "\ud800"),))], ()))
