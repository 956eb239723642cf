"""Claude's adapter, through the real client library, against a server that speaks the Messages API."""

import asyncio
import gc
import json
import socket
import subprocess
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from agent.models.claude import Claude
from agent.models.messages import build_request, read_reply
from agent.models.model import Late, ModelFailed, Question, Results, ToolSpec, WindowExceeded
from agent.models.prompt import SYSTEM
from agent.state import Observation, Passage, Quote, Reply, Token, ToolCall, Usage
from ingest.errors import CitewellError
from tests.messages_server import (
    Fault,
    MessagesServer,
    Say,
    cite,
    error_event,
    event,
    html,
    refuse,
    say,
    text,
    thinking,
    tool_use,
)

SEARCH = ToolSpec("search", "Search the documents.", {"type": "object", "properties": {"query": {"type": "string"}}})
KEY = "sk-test-0123456789"


def passage(number, *sentences, document="guide/setup.md", title="Setup", headings=(), start=100, **more):
    blocks, at = [], start
    for sentence in sentences:
        blocks.append((at, at + len(sentence)))
        at += len(sentence)
    return Passage(
        number=number,
        kind="document",
        document=document,
        title=title,
        text="".join(sentences),
        start=start,
        end=at,
        blocks=tuple(blocks),
        headings=headings,
        **more,
    )


PORT = passage(0, "The server listens on port 8000. ", "Change it with --port.")
HOST = passage(1, "It binds to loopback.", document="guide/host.md", title="")
ASKED = [Question("Which port?", (PORT, HOST))]


async def collect(claude, messages=ASKED, tools=(SEARCH,)):
    try:
        return [item async for item in claude.reply(messages, tools)]
    finally:
        await claude.aclose()


def ask(server, messages=ASKED, tools=(SEARCH,), **options):
    """The reply to messages, and what was streamed before it."""
    claude = Claude("claude-sonnet-5-5", **{"api_key": KEY, "base_url": server.base_url, "backoff": 0.001} | options)
    *tokens, reply = asyncio.run(collect(claude, messages, tools))
    assert isinstance(reply, Reply)
    assert all(isinstance(token, Token) for token in tokens)
    return reply, [token.text for token in tokens]


def fails(step, *more, **options):
    """What a user reads when the server answers so."""
    with MessagesServer([step, *more]) as server, pytest.raises(ModelFailed) as caught:
        ask(server, **options)
    assert isinstance(caught.value, CitewellError)
    assert caught.value.code in {"model_failed", "window_exceeded", "deadline"}
    return str(caught.value)


# What is sent


def test_passages_are_sent_as_citable_search_results_before_the_question():
    request = build_request(ASKED, (), model="m", max_tokens=9)
    first, second, question = request["messages"][0]["content"]
    assert first == {
        "type": "search_result",
        "source": "guide/setup.md#100-155",
        "title": "Setup",
        "content": [
            {"type": "text", "text": "The server listens on port 8000. "},
            {"type": "text", "text": "Change it with --port."},
        ],
        "citations": {"enabled": True},
    }
    assert second["title"] == "guide/host.md", "an untitled passage is titled by its document"
    assert question == {"type": "text", "text": "Which port?"}
    assert request["system"] == [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}]
    assert set(request) == {"model", "max_tokens", "system", "messages"}


def test_headings_reach_the_model_in_the_title():
    asked = Question("?", (passage(0, "It is 8000.", title="Setup", headings=("Setup", "Network", "Port")),))
    assert build_request([asked], (), model="m", max_tokens=9)["messages"][0]["content"][0]["title"] == (
        "Setup › Network › Port"
    )


def test_without_passages_only_the_question_is_sent():
    request = build_request([Question("Why?")], (), model="m", max_tokens=9)
    assert request["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}]


def test_a_passage_whose_number_is_not_its_place_is_never_sent():
    late = ToolCall("c", "search", {})
    spoken = (Reply((), (late,), "calls"), Results((Observation(late, "", (passage(3, "Late."),)),)))
    for messages in ([Question("?", (HOST,))], [Question("?", (PORT, HOST)), *spoken]):
        with pytest.raises(ValueError, match="stands at place"):
            build_request(messages, (), model="m", max_tokens=9)


def test_a_call_that_nobody_answered_is_never_sent():
    spoken = Reply((), (ToolCall("c", "search", {}),), "calls")
    with pytest.raises(ValueError, match="called"):
        build_request([Question("?"), spoken], (SEARCH,), model="m", max_tokens=9)


@pytest.mark.slow
def test_the_key_travels_with_the_request_and_tools_are_described():
    with MessagesServer([say(text("Yes."))]) as server:
        ask(server, max_tokens=77)
        (received,) = server.requests
    assert KEY in received.headers["authorization"]
    assert received.body["model"] == "claude-sonnet-5-5"
    assert received.body["max_tokens"] == 77
    (tool,) = received.body["tools"]
    told = {"name": "search", "description": "Search the documents.", "input_schema": dict(SEARCH.schema)}
    assert tool == told | {"cache_control": {"type": "ephemeral"}}


def test_a_local_server_needs_no_key(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-belongs-elsewhere")
    with MessagesServer([say(text("Yes."))]) as server:
        asyncio.run(collect(Claude("llama", base_url=server.base_url)))
        assert "sk-belongs-elsewhere" not in json.dumps(dict(server.requests[0].headers))


# What comes back


def test_an_answer_comes_as_tokens_and_then_as_segments_with_their_quotes():
    blocks = (text("Port 8000", cite(0, 0)), text(", on loopback.", cite(1, 0), cite(0, 0, 2)), text(" Überall: ✓"))
    with MessagesServer([say(*blocks)]) as server:
        reply, tokens = ask(server)
    assert "".join(tokens) == reply.text == "Port 8000, on loopback. Überall: ✓"
    assert len(tokens) > 3
    assert [segment.quotes for segment in reply.segments] == [
        (Quote(0, 0, 1, "The server listens on port 8000. "),),
        (
            Quote(1, 0, 1, "It binds to loopback."),
            Quote(0, 0, 2, "The server listens on port 8000. Change it with --port."),
        ),
        (),
    ]
    assert (reply.stop, reply.calls) == ("end", ())


def test_citations_that_come_before_their_text_are_kept():
    with MessagesServer([say(text("Port 8000.", cite(0, 0), citations_first=True))]) as server:
        reply, _ = ask(server)
    assert [quote.passage for quote in reply.segments[0].quotes] == [0]


def test_citations_of_other_kinds_are_ignored_and_not_sent_back():
    other = {"type": "char_location", "cited_text": "x", "document_index": 0, "document_title": None, "file_id": None}
    other |= {"start_char_index": 0, "end_char_index": 1}
    unknown = {"type": "oracle_location", "cited_text": "x"}
    with MessagesServer([say(text("Port 8000.", other, cite(0, 0), unknown))]) as server:
        reply, _ = ask(server)
    assert [quote.passage for quote in reply.segments[0].quotes] == [0]
    assert [citation["type"] for citation in reply.content[0]["citations"]] == ["search_result_location"]


def test_a_forged_quote_is_passed_on_as_it_was_made_for_others_to_verify():
    with MessagesServer([say(text("Port 9.", cite(7, 2, 3, quote="port 9")))]) as server:
        reply, _ = ask(server)
    assert reply.segments[0].quotes == (Quote(7, 2, 3, "port 9"),)


def test_a_conversation_with_tools_is_sent_back_as_it_was_spoken():
    found = passage(2, "Use --port 9.", document="guide/cli.md")
    with MessagesServer(
        [
            say(
                thinking("Hm.", "c2lnbmVk"),
                text("I search", cite(0, 0)),
                text(" \n"),
                tool_use("search", {"query": "flag"}, "toolu_1"),
                tool_use("search", {"query": "é"}, "toolu_2"),
                tool_use("search", {}, "toolu_3"),
            ),
            say(text("Use --port.", cite(2, 0))),
        ]
    ) as server:
        first, _ = ask(server)
        assert first.stop == "calls"
        flag, accent, empty = first.calls
        assert flag == ToolCall("toolu_1", "search", {"query": "flag"})
        assert accent.arguments == {"query": "é"}
        assert empty.arguments == {}
        observations = (
            Observation(flag, "1 passage", (found,)),
            Observation(accent, "The index is busy; try again.", error=True),
            Observation(empty, " "),
        )
        second, _ = ask(server, [*ASKED, first, Results(observations)])
        sent = server.requests[1].body["messages"]
    assert second.segments[0].quotes == (Quote(2, 0, 1, "Use --port 9."),)
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    spoken, results = sent[1]["content"], sent[2]["content"]
    assert spoken[0] == {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"}
    assert spoken[1]["text"] == "I search"
    assert spoken[1]["citations"][0]["cited_text"] == "The server listens on port 8000. "
    assert [block["type"] for block in spoken[2:]] == ["tool_use"] * 3, "a blank text is not sent back"
    assert [result["tool_use_id"] for result in results] == ["toolu_1", "toolu_2", "toolu_3"]
    assert [block["type"] for block in results[0]["content"]] == ["search_result"]
    assert (results[1]["content"], results[1]["is_error"]) == ("The index is busy; try again.", True)
    assert results[2]["content"] == "The tool returned nothing."


def test_after_its_calls_a_model_can_be_asked_to_answer_without_tools():
    with MessagesServer([say(tool_use("search", {"query": "x"})), say(text("No idea."))]) as server:
        first, _ = ask(server)
        found = Results((Observation(first.calls[0], "nothing found"),))
        ask(server, [*ASKED, first, found], tools=())
        assert server.requests[1].body["tool_choice"] == {"type": "none"}


def test_a_paused_reply_is_continued_in_the_same_message():
    with MessagesServer([say(text("One"), stop="pause_turn"), say(text("two."), stop="pause_turn"), say()]) as server:
        first, _ = ask(server)
        second, _ = ask(server, [*ASKED, first])
        ask(server, [*ASKED, first, second])
        sent = server.requests[2].body["messages"]
    assert first.stop == second.stop == "pause"
    assert [block["text"] for block in sent[1]["content"]] == ["One", "two."]


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "window"),
        ("refusal", "refusal"),
        ("pause_turn", "pause"),
    ],
)
def test_a_call_is_passed_on_only_where_the_model_stopped_to_make_it(reason, stop):
    with MessagesServer([say(text("Hm"), tool_use("search", {"query": "port"}, cut=14), stop=reason)]) as server:
        reply, _ = ask(server)
    assert (reply.stop, reply.calls) == (stop, ())
    assert [block["type"] for block in reply.content] == ["text"], "a call that nobody answers is not sent back"


@pytest.mark.parametrize("reason", ["end_turn", "stop_sequence"])
def test_a_call_that_comes_with_an_ordinary_end_is_a_call(reason):
    with MessagesServer([say(text("Hm"), tool_use("search", {"query": "port"}), stop=reason)]) as server:
        reply, _ = ask(server)
    assert (reply.stop, [call.arguments for call in reply.calls]) == ("calls", [{"query": "port"}])
    assert [block["type"] for block in reply.content] == ["text", "tool_use"]


@pytest.mark.parametrize("stop", ["tool_use", "end_turn"])
def test_arguments_cut_short_are_never_completed(stop):
    assert "ask again" in fails(say(tool_use("search", {"query": "port"}, cut=14), stop=stop))


def test_usage_counts_the_cache_and_the_final_output():
    usage = {
        "input_tokens": 7,
        "output_tokens": 40,
        "cache_read_input_tokens": 900,
        "cache_creation_input_tokens": 30,
    }
    with MessagesServer([say(text("Yes."), usage=usage)]) as server:
        reply, _ = ask(server)
    assert reply.usage == Usage(7, 40, 900, 30)


def test_characters_that_arrive_byte_by_byte_are_whole():
    with MessagesServer([say(text("Größe: 日本語 🙂", cite(0, 0)), bytewise=True)]) as server:
        reply, _ = ask(server)
    assert reply.text == "Größe: 日本語 🙂"


def test_a_message_without_its_fields_is_no_reply():
    with pytest.raises(LookupError):
        read_reply({"stop_reason": "end_turn"}, {})


# What goes wrong

PLACELESS = {"type": "search_result_location", "search_result_index": 0, "start_block_index": 0, "cited_text": "8000"}
PLACELESS |= {"source": "guide/setup.md", "title": "Setup", "end_block_index": None}


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (400, "invalid_request_error", "put right what it names"),
        (401, "authentication_error", "check ANTHROPIC_API_KEY."),
        (403, "permission_error", "use another key"),
        (404, "not_found_error", "check the model's name"),
        (413, "request_too_large", "lower [agent] passages"),
    ],
)
def test_a_refusal_is_told_at_once_with_what_to_do(status, kind, advice):
    message = fails(refuse(status, kind, "that will not do"))
    assert "that will not do" in message
    assert advice in message


def test_an_unknown_model_is_named():
    assert "claude-sonnet-5-5" in fails(refuse(404, "not_found_error", "model: unknown"))


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limit_error"), (529, "overloaded_error"), (500, "api_error")])
def test_a_server_under_load_is_tried_again_and_then_given_up(status, kind, caplog):
    fault = refuse(status, kind, "not now")
    with MessagesServer([fault, fault, say(text("Yes."))]) as server:
        assert ask(server)[0].text == "Yes."
    assert ["It is tried again" in line for line in caplog.messages] == [True], "said once in five seconds"
    message = fails(fault, fault, fault)
    assert "not now" in message
    assert "ask again" in message


@pytest.mark.parametrize(
    "fault",
    [
        say(text("Port 8000."), end_after=0),
        say(text("Port 8000."), end_after=2),
        say(thinking("Hm."), text("Port 8000."), cut_after=5),
        say(text("Port 8000."), insert=(2, error_event("overloaded_error", "Overloaded"))),
        say(text("Port 8000."), insert=(2, error_event("api_error", "Internal"))),
        say(text("Port 8000."), insert=(2, b"event: message_delta\ndata: {broken\n\n")),
        Say((), stop=None),
    ],
)
def test_a_stream_that_breaks_before_anything_was_said_is_begun_again(fault):
    with MessagesServer([fault, say(text("Yes."))]) as server:
        reply, tokens = ask(server)
        assert (reply.text, "".join(tokens), len(server.requests)) == ("Yes.", "Yes.", 2)


def test_a_stream_that_breaks_after_words_were_said_is_not_begun_again():
    with MessagesServer([say(text("Port 8000."), cut_after=5), say(text("Port 9."))]) as server:
        with pytest.raises(ModelFailed, match="broke off"):
            ask(server)
        assert server.remaining == 1


def test_words_that_nobody_heard_are_begun_again():
    async def silent(server):
        claude = Claude("m", base_url=server.base_url, backoff=0)
        try:
            return [item async for item in claude.reply(ASKED, (), aloud=False)]
        finally:
            await claude.aclose()

    with MessagesServer([say(text("Port 8000."), cut_after=5), say(text("Port 9."))]) as server:
        (reply,) = asyncio.run(silent(server))
    assert reply.text == "Port 9."


def test_an_error_of_ours_inside_a_stream_is_not_tried_again():
    fault = say(text("Port 8000."), insert=(2, error_event("authentication_error", "key revoked")))
    with MessagesServer([fault, say(text("Yes."))]) as server:
        with pytest.raises(ModelFailed, match="check ANTHROPIC_API_KEY"):
            ask(server)
        assert server.remaining == 1


def test_a_server_that_loads_its_model_is_waited_for():
    loading = refuse(503, "unavailable_error", "Loading model", x_should_retry="")
    with MessagesServer([loading] * 5 + [say(text("Yes."))]) as server:
        assert ask(server)[0].text == "Yes."
    assert "is still loading the model" in fails(*[loading] * 400, deadline=0.2)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, "exceed_context_size_error", "request (5103 tokens) exceeds the available context size (4096 tokens)"),
        (400, "invalid_request_error", "the request exceeds the available context size, try increasing it"),
        (400, "BadRequestError", "This model's maximum context length is 4096 tokens. However, you requested 5103"),
        (400, "BadRequestError", "The decoder prompt (length 5103) is longer than the maximum model length of 4096."),
        (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
        (400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"),
        (500, "api_error", "the input length exceeds the context length"),
        (400, "api_error", "prompt too long; exceeded max context length by 12 tokens"),
        (400, "", "Requested tokens (5103) exceed context window of 4096"),
        (413, "request_too_large", "Request exceeds the maximum size"),
    ],
)
def test_more_than_the_model_reads_at_once_is_told_as_that(status, kind, said):
    with MessagesServer([refuse(status, kind, said)]) as server, pytest.raises(WindowExceeded) as caught:
        ask(server)
    assert "lower [agent] " in str(caught.value)
    assert "larger context" in str(caught.value)


def test_a_limit_on_what_may_be_written_is_not_one_on_what_is_read():
    said = "max_tokens: 99999 > 8192, which is the maximum allowed number of output tokens"
    assert "put right what it names" in fails(refuse(400, "invalid_request_error", said))


def test_a_body_that_is_not_the_apis_is_judged_by_its_status():
    assert "ANTHROPIC_API_KEY" in fails(Fault(401, b'{"error": "no"}'))
    assert "status page" in fails(Fault(501, b'{"error": {"type": {"odd": 1}}}', {"x-should-retry": "false"}))


def test_the_key_is_never_repeated():
    message = fails(refuse(401, "authentication_error", f"bad key {KEY}\nin header"))
    assert KEY not in message
    assert "bad key … in header" in message
    assert "bad key … in" in fails(refuse(401, "authentication_error", "bad key sk-a.b-c= in"), api_key="sk-a.b-c=")


@pytest.mark.parametrize("key", ["a", "no", "model"])
def test_a_short_key_garbles_no_other_word(key):
    message = fails(refuse(404, "not_found_error", "nothing is known of modelling, alas: 'a' bad, x_no_y"), api_key=key)
    assert "nothing is known of modelling, alas: '" in message
    assert "' bad, x_no_y" in message


def test_a_missing_key_is_told_before_anything_is_sent(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)  # settings alone read the environment
    for key in (None, "", " \n"):
        with pytest.raises(ModelFailed, match="set ANTHROPIC_API_KEY"):
            Claude("claude-sonnet-5-5", api_key=key)


def test_a_key_that_cannot_be_sent_is_told_without_showing_it():
    with pytest.raises(ModelFailed, match="copy it again") as caught:
        Claude("m", api_key="sk-se\ncret")
    assert "cret" not in str(caught.value)


def test_a_base_url_that_is_no_address_is_told_with_an_example():
    for address in ("localhost:11434", "ftp://models", "http://"):
        with pytest.raises(ModelFailed, match="http://localhost:11434"):
            Claude("m", base_url=address)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/messages", "/v1/chat/completions", "/", "//", "/messages"])
def test_a_path_that_other_clients_want_is_taken_off_the_base_url(path):
    with MessagesServer([say(text("Yes."))]) as server:
        assert ask(server, base_url=server.base_url + path)[0].text == "Yes."


def test_a_path_that_belongs_to_the_server_stays():
    with MessagesServer() as server:
        message = fails(say(text("Never.")), base_url=f"{server.base_url}/models/v1", backoff=0)
    assert "/models is the right address" in message


def test_a_refused_connection_names_the_address_but_not_its_password():
    with socket.socket() as taken:  # bound and not listening: a port that refuses
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        claude = Claude("m", base_url=f"http://me:secret@127.0.0.1:{port}/proxy", backoff=0)
        with pytest.raises(ModelFailed, match="check that it runs") as caught:
            asyncio.run(collect(claude))
    assert f"http://127.0.0.1:{port}/proxy" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_page_instead_of_an_answer_points_to_the_base_url():
    message = fails(html())
    assert "text/html" in message
    assert "check the base URL" in message


@pytest.mark.parametrize(
    "step",
    [
        say(text("Port 8000."), cut_after=5),
        say(text("Port 8000."), insert=(4, b"event: message_delta\ndata: {broken\n\n")),
        say(text("Port 8000."), insert=(4, b"event: message_delta\ndata: []\n\n")),
        say(text("Port 8000."), insert=(4, b"event: message_delta\ndata: null\n\n")),
        say(text("Port 8000."), insert=(4, b"event: content_block_delta\ndata: \xff\xfe\n\n")),
        say(text("Port 8000."), insert=(4, event({"type": "content_block_delta", "index": 9, "delta": {}}))),
        say(text("Port 8000."), insert=(4, event({"type": "content_block_delta", "index": 0}))),
        say(text("Port 8000."), end_after=0),
        say(text("Port 8000."), end_after=5),
        Say((text("Port 8000."),), stop=None),
        say(text("Port 8000.", {"type": "search_result_location", "cited_text": "8000"})),
        say(text("Port 8000.", PLACELESS)),
    ],
)
def test_an_answer_that_breaks_off_or_is_garbled_is_no_answer(step):
    assert fails(*[step] * 3).endswith("ask again.")


def test_a_question_that_is_no_text_is_told():
    with MessagesServer([say(text("Yes."))]) as server, pytest.raises(ModelFailed, match="write it again"):
        ask(server, [Question("Which \udcff port?")])


def test_an_unknown_stop_reason_is_named():
    assert "out_of_ink" in fails(say(text("Port 8000."), stop="out_of_ink"))


def test_a_stop_for_calls_without_any_is_no_answer():
    assert "named none" in fails(say(text("Let me search."), stop="tool_use"))


def test_an_error_inside_a_stream_is_told_by_its_type():
    message = fails(say(text("Port 8000."), insert=(4, error_event("overloaded_error", "Overloaded"))))
    assert "is overloaded" in message


# Time


def test_a_slow_drip_ends_at_the_deadline_and_the_connection_is_closed():
    with MessagesServer([say(text("Port 8000."), *[text("…")] * 500, pause=0.02)]) as server:
        with pytest.raises(ModelFailed, match=r"finish its answer within .*; raise \[agent\] deadline"):
            ask(server, deadline=0.2)
        assert server.disconnected.wait(5)


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ({"retry_after": "3600"}, "wait 1 h,"),
        ({"retry_after_ms": "5400000"}, "wait 1 h 30 min,"),
        ({"retry_after": "Fri, 31 Dec 2100 23:59:59 GMT"}, " h"),
        ({"retry_after": "200"}, "wait 4 min,"),
    ],
)
def test_a_server_that_asks_for_more_time_than_there_is_ends_it_at_once_with_its_cause(header, asked):
    step = refuse(429, "rate_limit_error", "too many requests", **{"retry_after_ms": "", **header})
    before = time.monotonic()
    message = fails(step, deadline=60)
    assert time.monotonic() - before < 5
    assert "limiting requests (too many requests) and asks to wait" in message
    assert asked in message
    assert message.endswith("longer than the 60 s that the run had left; ask again then.")
    assert "deadline" not in message, "no other setting would help"


def test_a_server_that_says_when_to_come_back_is_obeyed():
    soon = refuse(529, "overloaded_error", "busy", retry_after_ms="300")
    before = time.monotonic()
    with MessagesServer([soon, say(text("Yes."))]) as server:
        assert ask(server)[0].text == "Yes."
    assert time.monotonic() - before >= 0.3
    assert "ask again in 1 s." in fails(*[refuse(529, "overloaded_error", "busy", retry_after_ms="2")] * 3)


def test_a_reply_keeps_to_the_time_that_the_run_has_left():
    async def late(server):
        claude = Claude("m", base_url=server.base_url, deadline=60)
        try:
            return [item async for item in claude.reply(ASKED, (), within=0.2)]
        finally:
            await claude.aclose()

    with MessagesServer([say(text("Port 8000."), pause=30)]) as server, pytest.raises(Late, match="deadline"):
        asyncio.run(late(server))


def test_a_cancelled_reply_closes_its_stream():
    async def leave(server):
        claude = Claude("m", base_url=server.base_url)
        begun = asyncio.Event()

        async def read():
            async for _ in claude.reply(ASKED, ()):
                begun.set()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.disconnected.wait, 5)
        await claude.aclose()

    with MessagesServer([say(*[text("word ")] * 1000, pause=0.02)]) as server:
        asyncio.run(leave(server))


def test_a_reply_that_is_left_early_closes_its_stream():
    async def leave(server):
        claude = Claude("m", base_url=server.base_url)
        reply = claude.reply(ASKED, ())
        await anext(reply)
        await reply.aclose()
        assert await asyncio.to_thread(server.disconnected.wait, 5)
        await claude.aclose()

    with MessagesServer([say(*[text("word ")] * 1000, pause=0.02)]) as server:
        asyncio.run(leave(server))


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_model_serves_one_event_loop_after_another():
    async def once(claude):
        return [item async for item in claude.reply(ASKED, ())][-1].text

    with MessagesServer([say(text("One.")), say(text("Two."))]) as server:
        claude = Claude("m", base_url=server.base_url)
        assert [asyncio.run(once(claude)), asyncio.run(once(claude))] == ["One.", "Two."]
        del claude
        gc.collect()  # the first loop's connection was left open on purpose


def test_two_replies_at_a_time_do_not_mix():
    async def both(claude):
        one, two = await asyncio.gather(*(collect_only(claude, question) for question in ("one", "two")))
        await claude.aclose()
        return one, two

    async def collect_only(claude, question):
        return [item async for item in claude.reply([Question(question)], ())][-1].text

    def echo(body):
        return say(text(body["messages"][0]["content"][0]["text"]))

    with MessagesServer([echo, echo]) as server:
        assert asyncio.run(both(Claude("m", base_url=server.base_url))) == ("one", "two")


# The server itself, since every other test believes it


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda body: body.update(temperature=0), "temperature"),
        (lambda body: body["messages"].append({"role": "user", "content": "again"}), "alternate"),
        (lambda body: body["messages"][0]["content"][0].pop("source"), "source"),
        (lambda body: body["messages"][0]["content"][0].pop("citations"), "citations"),
        (lambda body: body["messages"][0]["content"][-1].update(text=" "), "non-whitespace"),
        (
            lambda body: body["messages"][0]["content"].append({"type": "tool_result", "tool_use_id": "x"}),
            "tool_result",
        ),
        (lambda body: body["tools"][0].update(name="a b"), "name"),
        (lambda body: body["tools"][0].pop("input_schema"), "input_schema"),
    ],
)
def test_the_server_refuses_what_the_api_would_refuse(change, problem):
    body = build_request(ASKED, (SEARCH,), model="m", max_tokens=9) | {"stream": True}
    change(body)
    with MessagesServer([say(text("Never."))]) as server:
        request = Request(server.base_url + "/v1/messages", json.dumps(body).encode(), {"x-api-key": "k"})
        with pytest.raises(HTTPError) as caught:
            urlopen(request)
        with caught.value as answer:
            assert answer.code == 400
            assert problem in json.load(answer)["error"]["message"]
        assert server.remaining == 1


def test_an_exhausted_script_says_so():
    with MessagesServer() as server, pytest.raises(ModelFailed, match="the script is exhausted"):
        ask(server)


def test_the_server_runs_from_a_script_in_a_file(tmp_path):
    script = tmp_path / "script.json"
    steps = [{"say": [{"tool": "search", "input": {"query": "x"}}]}, {"say": [{"text": "8000.", "cite": [[0, 0, 1]]}]}]
    script.write_text(json.dumps(steps))
    with subprocess.Popen(
        [sys.executable, "tests/messages_server.py", str(script)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            url = server.stdout.readline().strip()
            first = asyncio.run(collect(Claude("m", base_url=url)))[-1]
            second = asyncio.run(collect(Claude("m", base_url=url)))[-1]
        finally:
            server.terminate()
    assert first.calls == (ToolCall("toolu_1", "search", {"query": "x"}),)
    assert second.segments[0].quotes == (Quote(0, 0, 1, "The server listens on port 8000. "),)


@pytest.mark.parametrize(
    "endless",
    [text("word " * 1_000), thinking("so " * 2_000), tool_use("search", {"query": "word " * 1_000})],
    ids=["words", "thoughts", "arguments"],
)
def test_a_model_that_goes_on_and_on_is_left_at_a_bound_of_its_own(endless):
    assert "it wrote more than 4,000 characters, and may write 100 tokens" in fails(say(endless), max_tokens=100)
    with MessagesServer([say(endless, text("Done."))]) as server:
        ask(server, max_tokens=200)
