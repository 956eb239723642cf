"""What a program reads of a model is of its type, or an error; a server that can is told to see to that."""

import asyncio
from dataclasses import dataclass

import pytest

from agent.models.capabilities import Findings, found
from agent.models.claude import Claude
from agent.models.structured import Unstructured, structured
from tests.messages_kinds import LLAMA_CPP, Kind
from tests.messages_server import MessagesServer, say, text


@dataclass(frozen=True)
class Plan:
    parts: list[str]
    why: str = ""


class Structuring(Kind):
    """Like Anthropic's server, which says of a model what it can do."""

    def model(self, name):
        able = {"supported": True}
        return {"id": name, "max_input_tokens": 1000, "capabilities": {"citations": able, "structured_outputs": able}}


ABLE = Structuring("able", "kept", "kept", cites=True)


def plan(*said, like=LLAMA_CPP, made=Plan, **more):
    with MessagesServer([say(text(each)) for each in said], like=like) as server:
        model = Claude("m", base_url=server.base_url, **more)

        async def asked():
            try:
                return await structured(model, "Split: a and b?", made, told="You split.")
            finally:
                await model.aclose()

        return asyncio.run(asked()), server


@pytest.mark.parametrize(
    "said",
    [
        '{"parts": ["a", "b"]}',
        'Here it is:\n```json\n{"parts": ["a", "b"]}\n```\nDone.',
        '<think>{"parts": 3}</think> {"parts": ["a", "b"], "more": [1.1]}',
        'I see [1.1] and {so}: {"parts": ["a", "b"]}',
    ],
)
def test_a_value_is_found_in_whatever_a_model_wrote_around_it(said):
    made, server = plan(said)
    assert made.value == Plan(["a", "b"])
    assert made.usage.output_tokens == 5
    (sent,) = server.requests
    assert "output_config" not in sent.body, "llama.cpp ignores it"
    assert sent.body["system"] == [{"type": "text", "text": "You split."}]
    assert '"parts"' in sent.body["messages"][0]["content"][0]["text"], "the schema stands in the prompt"


def test_a_server_that_can_holds_its_model_to_the_schema():
    _, server = plan('{"parts": []}', like=ABLE)
    schema = server.requests[0].body["output_config"]["format"]["schema"]
    assert (schema["additionalProperties"], set(schema["properties"])) == (False, {"parts", "why"})


def test_what_is_of_no_use_goes_back_once_with_the_reason():
    made, server = plan('{"parts": "a"}', '{"parts": ["a"]}')
    assert made.value == Plan(["a"])
    assert (made.usage.output_tokens, len(made.replies)) == (10, 2)
    assert "parts, which is to be a list" in server.requests[1].body["messages"][0]["content"][0]["text"]


@pytest.mark.parametrize("said", ["I cannot.", '{"parts": ["a", "b"', '{"parts": [1]}', "[]" * 60_000])
def test_what_is_no_such_value_twice_is_a_stated_error(said):
    with pytest.raises(Unstructured, match="ask again, or choose another model"):
        plan(said, said)


def test_what_was_told_for_answers_is_told_again_after_a_plan():
    with MessagesServer([say(text('{"parts": []}')), say(text("Hm."))]) as server:
        model = Claude("m", base_url=server.base_url, effort="high")

        async def both():
            await structured(model, "Split?", Plan, told="You split.")
            from agent.models.model import Question

            try:
                return [item async for item in model.reply([Question("Which?")], ())]
            finally:
                await model.aclose()

        asyncio.run(both())
    plan_sent, answer_sent = (each.body for each in server.requests)
    assert plan_sent["system"] != answer_sent["system"]
    assert "output_config" not in plan_sent
    assert answer_sent["output_config"] == {"effort": "high"}


def test_what_a_server_says_of_itself_is_kept(tmp_path):
    with MessagesServer(like=ABLE) as server:
        model = Claude("m", base_url=server.base_url, findings=Findings(tmp_path))

        async def asked():
            try:
                return await model.finding()
            finally:
                await model.aclose()

        asyncio.run(asked())
        kept = Findings(tmp_path).known(model.where, "m")
    assert (kept.shape, kept.window, kept.structured) == ("native", 1000, True)


def test_what_was_found_before_windows_were_known_is_still_read(tmp_path):
    import json

    old = {
        name: value for name, value in vars_of(found("native", "so")).items() if name not in {"window", "structured"}
    }
    (tmp_path / "models.json").write_text(json.dumps({"schema": 1, "models": {"http://h m": old}}))
    assert Findings(tmp_path).known("http://h", "m").window is None


def vars_of(finding):
    from dataclasses import asdict

    return asdict(finding)
