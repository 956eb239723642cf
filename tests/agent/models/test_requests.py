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


# What may be reused, how much effort it shall make


def marks(request):
    """Where the request is marked, each place with its block's kind."""
    system = [("system", block["type"]) for block in request["system"] if "cache_control" in block]
    tools = [("tools", tool["name"]) for tool in request.get("tools", []) if "cache_control" in tool]
    said = [
        (number, block["type"])
        for number, message in enumerate(request["messages"])
        for block in message["content"]
        if "cache_control" in block
    ]
    return [*tools, *system, *said]


def turns(how_many):
    spoken = list(ASKED)
    for number in range(how_many):
        call = ToolCall(f"c{number}", "search", {})
        block = {"type": "tool_use", "id": call.id, "name": "search", "input": {}}
        spoken += [Reply((), (call,), "calls", content=(block,)), Results((Observation(call, "Nothing."),))]
    return spoken


def test_tools_the_system_text_and_what_was_said_are_marked_and_never_more_than_four():
    model = Claude("m", api_key="k", citations="native")
    assert marks(model.request(ASKED, (SEARCH,))) == [("tools", "search"), ("system", "text"), (0, "text")]
    for how_many in (1, 2, 9):
        request = model.request(turns(how_many), (SEARCH,))
        assert marks(request) == [
            *(("tools", "search"), ("system", "text"), (0, "text"), (2 * how_many, "tool_result")),
        ]
        again = model.request(turns(how_many), (SEARCH,))
        assert request == again, "a mark changes nothing that is kept"


def test_what_no_turn_follows_is_not_kept_for_one():
    model = Claude("m", api_key="k", citations="native")
    assert marks(model.request(ASKED, ())) == [("system", "text")]
    assert {place for place, _ in marks(model.request(turns(2), ()))} == {"tools", "system"}


def test_servers_that_know_no_marks_get_none():
    assert marks(Claude("m", base_url="http://127.0.0.1:9").request(turns(2), (SEARCH,))) == []


def test_a_run_of_several_turns_is_marked_as_the_api_takes_it():
    steps = [say(tool_use("search", {})), say(text("8000", cite(0, 0)))]
    with MessagesServer(steps) as server:
        model = model_at(server, citations="native")
        called = reply_of(model)
        reply_of(model, [*ASKED, called, Results((Observation(called.calls[0], "Nothing."),))])
        assert (server.rejected, server.remaining) == ([], 0)


def test_effort_is_sent_only_where_it_is_set():
    assert "output_config" not in Claude("m", api_key="k").request(ASKED, ())
    assert Claude("m", api_key="k", effort="low").request(ASKED, ())["output_config"] == {"effort": "low"}


# What is told of it to whoever watches


def test_no_variable_lets_the_client_library_record_what_was_said(monkeypatch):
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setenv("ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE", "content")
    with MessagesServer([say(text("It is eight thousand.", cite(0, 0)))]) as server:
        reply_of(model_at(server))
    spans = [json.loads(span.to_json()) for span in kept.get_finished_spans()]
    told = json.dumps(spans)

    assert any(span["attributes"].get("gen_ai.request.model") == "claude-sonnet-5-5" for span in spans)
    assert not any(words in told for words in ("Which port", "listens on port", "eight thousand", "sk-test"))
