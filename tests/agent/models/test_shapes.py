"""In which shape passages reach a model, and what comes of its answer: with servers that cite and with the others."""

import json

import pytest

from agent.journal.fold import fold
from agent.models.messages import build_request
from agent.models.model import Again, Question, Results
from agent.models.prompt import ANSWER, NUMBERED, REMINDER
from agent.run.guard import Gone, as_of_now
from agent.run.steps import messages
from agent.state import Observation, Passage, Reply, Segment, Think, ToolCall, Turn

CALL = ToolCall("c1", "stock", {"part": "Q7"})


def passage(number, *sentences, kind="document", **more):
    blocks, at = [], 0
    for sentence in sentences:
        blocks.append((at, at + len(sentence)))
        at += len(sentence)
    text = "".join(sentences)
    return Passage(number, kind, "guide/setup.md", "Setup", text, 0, at, tuple(blocks), **more)


FIRST = passage(0, "The server listens on port 8000. ", "Change it with --port.", headings=("Setup", "Network"))
FOUND = passage(1, "Q7 is a pump.", call="c1", probability=0.1)
SAID = passage(2, "Q7: 17 in stock.", kind="tool", call="c1")
SPOKEN = Reply(
    (), (CALL,), "calls", content=({"type": "tool_use", "id": "c1", "name": "stock", "input": {"part": "Q7"}},)
)
OBSERVED = Observation(CALL, "Q7: 17 in stock.", (FOUND, SAID), note="Cut: of 9 passages the first 1 are shown.")
MESSAGES = (Question("Which port, and how many Q7?", (FIRST,)), SPOKEN, Results((OBSERVED,)))


def request(shape, messages=MESSAGES):
    return build_request(messages, (), model="m", max_tokens=9, shape=shape)


def test_numbered_passages_are_text_that_every_server_keeps():
    sent = request("numbered")

    (first,) = sent["messages"][0]["content"]
    assert first["text"] == (
        "Passages:\n\n[1] Setup › Network (guide/setup.md 0-55)\n[1.1] The server listens on port 8000. \n"
        f"[1.2] Change it with --port.\n\nQuestion: Which port, and how many Q7?\n\n{REMINDER}"
    )
    assert sent["system"][0]["text"] == NUMBERED
    assert "search_result" not in json.dumps(sent)
    assert "cache_control" not in json.dumps(sent), "which some servers refuse"
    assert "cache_control" in request("native")["system"][0]


def test_what_a_tool_found_goes_on_with_the_numbers():
    (result, *_) = request("numbered")["messages"][2]["content"]

    assert result["content"].splitlines() == [
        "[2] Weak match: Setup (guide/setup.md 0-13)",
        *("[2.1] Q7 is a pump.", "", "[3] Setup", "[3.1] Q7: 17 in stock.", ""),
        "Cut: of 9 passages the first 1 are shown.",
    ]


def test_what_a_tool_says_beside_its_passages_and_what_was_cut_reach_a_model_that_cites():
    (result, *_) = request("native")["messages"][2]["content"]

    found, said, note = result["content"]
    assert [found["type"], said["type"]] == ["search_result"] * 2
    assert said["content"] == [{"type": "text", "text": "Q7: 17 in stock."}]
    assert note == {"type": "text", "text": "Cut: of 9 passages the first 1 are shown."}


@pytest.mark.parametrize("shape", ["native", "numbered"])
def test_a_note_alone_is_what_the_model_is_told(shape):
    noted = Observation(CALL, "All of it is noise.", note="All of it is noise.")
    (result, *_) = request(shape, [Question("?"), SPOKEN, Results((noted,))])["messages"][2]["content"]

    assert result["content"] == "All of it is noise."


def test_citations_of_an_earlier_turn_are_not_sent_to_a_server_that_knows_none():
    place = {"search_result_index": 0, "start_block_index": 0, "end_block_index": 1}
    cited = {"type": "text", "text": "8000.", "citations": [{"type": "search_result_location", **place}]}
    messages = [Question("?", (FIRST,)), Reply((Segment("8000."),), (), "pause", content=(cited,))]

    assert request("numbered", messages)["messages"][1]["content"] == [{"type": "text", "text": "8000."}]
    assert request("native", messages)["messages"][1]["content"] == [cited]


def test_citations_that_name_nothing_that_was_shown_are_not_sent_back():
    places = [(0, 0, 1), (1, 0, 1), (-1, 0, 1), (0, 0, 9), (0, 1, 1)]
    keys = ("search_result_index", "start_block_index", "end_block_index")
    cited = [{"type": "search_result_location", **dict(zip(keys, place, strict=True))} for place in places]
    said = {"type": "text", "text": "8000.", "citations": cited}
    forged = {"type": "text", "text": "8001.", "citations": cited[1:]}
    messages = [Question("?", (FIRST,)), Reply((), (), "end", content=(said, forged)), Again(("It is not so.",))]

    first, second = request("native", messages)["messages"][1]["content"]
    assert (first["citations"], second) == (cited[:1], {"type": "text", "text": "8001."})


@pytest.mark.parametrize("shape", ["native", "numbered"])
def test_why_an_answer_does_not_hold_is_said_by_the_one_who_asks(shape):
    said = Reply((Segment("9000."),), (), "end", content=({"type": "text", "text": "9000."},))
    messages = [Question("?", (FIRST,)), said, Again(("“9000.”: it is not there.", "“So.”: it is not either."))]

    *_, again = request(shape, messages)["messages"]
    (block,) = again["content"]
    assert (again["role"], block["type"]) == ("user", "text")
    assert "- “9000.”: it is not there.\n- “So.”: it is not either.\n" in block["text"]
    assert (REMINDER in block["text"]) is (shape == "numbered"), "in numbers a small model has it in mind"


@pytest.mark.parametrize("shape", ["native", "numbered"])
def test_without_passages_the_question_stands_alone(shape):
    assert request(shape, [Question("Why?")])["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Why?"}]}
    ]


def test_every_wording_is_part_of_the_prompts_name():
    assert ANSWER.native != ANSWER.numbered
    assert ANSWER.reminder == REMINDER


def test_a_note_that_names_what_was_erased_meanwhile_is_left_out_and_the_model_is_told():
    gone = Gone(frozenset({"secret/pay.md"}), frozenset({"secret/pay.md"}))
    noted = Observation(CALL, "Q7: 17 in stock.", (FOUND, SAID), note="Cut: secret/pay.md is not shown.")
    think = Think("?", (FIRST,), (Turn(SPOKEN, (noted,)),))
    left = fold(think, as_of_now(think, gone))

    result, *_ = request("numbered", messages(left))["messages"][2]["content"]
    assert "secret" not in result["content"]
    assert "17 in stock" in result["content"]
    assert result["content"].endswith("Something in this result was erased meanwhile, and is left out.")
