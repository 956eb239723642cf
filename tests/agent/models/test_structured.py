"""What a program reads of a model is of its type, or an error; a server that can is told to see to that."""

import asyncio
from dataclasses import dataclass

import pytest
from pydantic import TypeAdapter

from agent.models.capabilities import Findings, found
from agent.models.claude import Claude
from agent.models.model import Question
from agent.models.structured import read_json
from agent.state import Reply
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
FORM = TypeAdapter(Plan)


def written(said):
    return read_json(Reply((), (), "end", content=({"type": "text", "text": said},)), FORM)


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
    assert written(said) == Plan(["a", "b"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("I cannot.", "holds no JSON"),
        ('{"parts": ["a", "b"', "holds no JSON"),
        ('{"parts": "a"}', "has a mistake in parts, which is to be a list"),
        ("[]" * 60_000, "has a mistake in the value"),
    ],
)
def test_what_is_no_such_value_is_said_in_words(said, why):
    with pytest.raises(ValueError, match=why):
        written(said)


async def spoken(model, *asked):
    try:
        return [[item async for item in each.reply([Question("Split: a and b?")], ())][-1] for each in (*asked, model)]
    finally:
        await model.aclose()


@pytest.mark.parametrize(("like", "able"), [(ABLE, True), (LLAMA_CPP, False)], ids=["able", "llama.cpp"])
def test_whether_a_server_can_hold_its_model_to_a_form_is_found_out(like, able):
    with MessagesServer(like=like) as server:
        model = Claude("m", base_url=server.base_url)

        async def asked():
            try:
                return await model.is_held(10)
            finally:
                await model.aclose()

        assert asyncio.run(asked()) is able


def test_a_server_that_can_holds_its_model_to_the_form_and_what_was_told_for_answers_is_told_again():
    with MessagesServer([say(text('{"parts": []}')), say(text("Hm."))], like=ABLE) as server:
        model = Claude("m", base_url=server.base_url, effort="high")
        plan, _ = asyncio.run(spoken(model, model.writing("You split.", FORM.json_schema())))
    plan_sent, answer_sent = (each.body for each in server.requests)
    schema = plan_sent["output_config"]["format"]["schema"]
    assert (schema["additionalProperties"], set(schema["properties"])) == (False, {"parts", "why"})
    assert [each["text"] for each in plan_sent["system"]] == ["You split."]
    assert read_json(plan, FORM) == Plan([])
    assert answer_sent["system"] != plan_sent["system"]
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
