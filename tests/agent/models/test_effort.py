"""A server that takes no effort is asked without it in the same turn, and from then on."""

import json
from dataclasses import replace

import pytest

from agent.models.capabilities import FILE, Findings
from agent.models.claude import Claude
from agent.models.model import ModelFailed, digest_of
from tests.agent.models.test_capabilities import ASKED, SEARCH, one
from tests.messages_kinds import ANTHROPIC, LLAMA_CPP, REFUSES_ALL, VLLM
from tests.messages_server import MessagesServer, cite, refuse, say, text

WORDS = (
    "This model does not support the effort parameter.",
    "output_config: Extra inputs are not permitted",
    "unknown field",
)


def answer(_):
    return say(text('Port 8000 [1.1 "listens on port"].'))


def efforts(server):
    return [(each.body.get("output_config") or {}).get("effort") for each in server.requests]


@pytest.mark.parametrize(
    ("kind", "words"),
    [*((LLAMA_CPP, words) for words in WORDS), *((kind, WORDS[2]) for kind in (ANTHROPIC, VLLM, REFUSES_ALL))],
    ids=lambda each: getattr(each, "name", each),
)
def test_a_server_that_refuses_effort_is_asked_without_in_the_same_turn_and_remembered(kind, words, tmp_path):
    like = replace(kind, refuses_effort=words)
    with MessagesServer([say(text("Port 8000.", cite(0, 0)))] * 2 if kind.cites else [answer] * 2, like=like) as server:
        first = one(server, findings=Findings(tmp_path), effort="high")
        assert first.text.startswith("Port 8000.")
        assert efforts(server) == [None]
        refused = len(server.rejected)
        second = one(server, findings=Findings(tmp_path), effort="high")
        assert (efforts(server), len(server.rejected)) == ([None, None], refused), "another process knows it"
    assert first.effortless
    assert second.effortless
    made = Claude("m", base_url=server.base_url, effort="high")
    assert digest_of(made.request(ASKED, (), given=first.given, effortless=first.effortless)) == first.request


def test_where_it_is_taken_nothing_is_remembered_and_the_reply_was_asked_with_it(tmp_path):
    with MessagesServer([say(text("Port 8000.", cite(0, 0)))]) as server:
        reply = one(server, findings=Findings(tmp_path), effort="low")
    assert (efforts(server), reply.effortless) == (["low"], False)
    assert not (tmp_path / FILE).exists() or not json.loads((tmp_path / FILE).read_text())["effortless"]


def test_a_request_that_is_refused_for_something_else_is_not_taken_for_one_of_effort(tmp_path):
    deaf = "deaf:1b"
    with MessagesServer([answer] * 3, like=LLAMA_CPP) as server, pytest.raises(ModelFailed, match="cannot offer tools"):
        one(server, tools=[SEARCH], model=deaf, findings=Findings(tmp_path), effort="high")
    assert server.requests == []
    steps = [refuse(400, "invalid_request_error", "your balance is too low")] * 2
    with MessagesServer(steps) as server, pytest.raises(ModelFailed, match="balance"):
        one(server, findings=Findings(tmp_path), effort="high")
    assert efforts(server)[:2] == ["high", None]
    assert not Findings(tmp_path).refuses_effort(server.base_url, "m"), "asked without, it did not answer either"


def test_what_was_found_of_effort_and_of_shape_stand_beside_each_other(tmp_path):
    kept = Findings(tmp_path)
    kept.keep_effortless("http://a", "m")
    with MessagesServer([answer], like=LLAMA_CPP) as server:
        one(server, findings=Findings(tmp_path))
    again = Findings(tmp_path)
    assert again.refuses_effort("http://a", "m")
    assert again.known(server.base_url, "m").shape == "numbered"
    assert not again.refuses_effort(server.base_url, "m")
