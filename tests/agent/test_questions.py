"""Does a model that is set write the questions of proposed gold, and only those?"""

import json
import re
from pathlib import Path

import pytest

from agent.models.model import ModelFailed
from agent.questions import asker, written
from agent.settings import AgentSettings, Settings
from eval.gold.load import load_gold
from eval.improve.synthesize import synthesized
from tests.homes import copied, opened
from tests.messages_kinds import ANTHROPIC, LLAMA_CPP, OLLAMA, REFUSES_ALL, VLLM
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, refuse, say, text

NOTHING = {}.__getitem__  # what plugins bring


@pytest.fixture(scope="module")
def home(tmp_path_factory, furnished):
    return copied(furnished, tmp_path_factory.mktemp("asked") / "home")


def settings(url=None):
    return Settings(home=Path("/nonexistent"), agent=AgentSettings(deadline=20), api_key=None, base_url=url)


def asking(body):
    """What a model would ask of the passage that it is shown, in whichever shape it is."""
    results = search_results(body["messages"])
    if results:
        words = results[0]["content"][-1]["text"].split()
    else:
        told = body["messages"][0]["content"][0]["text"]
        words = re.findall(r"^\[1\.\d+\] (.+)", told, re.MULTILINE)[-1].split()
    return say(text(f"1. Which {' '.join(words[:4])}?\n- What is said of {' '.join(words[-4:])}?\nThat is all."))


@pytest.mark.parametrize("kind", [ANTHROPIC, OLLAMA, LLAMA_CPP, VLLM, REFUSES_ALL], ids=lambda kind: kind.name)
def test_the_model_is_shown_one_passage_and_what_it_asks_is_kept_if_that_passage_is_found(
    kind, home, encoder, tmp_path
):
    out = tmp_path / "proposed.jsonl"
    with MessagesServer([asking] * 20, like=kind) as server, opened(home, encoder) as citewell:
        done = synthesized(citewell.searcher.plain, out, n=3, ask=asker(settings(server.base_url), NOTHING))

        assert done.kept == {"model": 3}
        queries = load_gold(out).queries
        assert [query.tags for query in queries] == [("synthetic", "model")] * 3
        assert all(query.question.endswith("?") for query in queries)
        assert len({query.relevant[0].document for query in queries}) == 3
        body = server.requests[0].body
        assert "You write questions" in json.dumps(body["system"])
        assert "tools" not in body


def test_without_a_model_there_is_nothing_to_ask_with():
    assert asker(settings(), NOTHING) is None
    assert asker(Settings(agent=AgentSettings(model="extractive"), base_url="http://127.0.0.1:9"), NOTHING) is None


def test_a_model_that_fails_ends_it_with_advice_and_what_was_kept_stays(home, encoder, tmp_path):
    out = tmp_path / "proposed.jsonl"
    steps = [asking, say(text("Half a question?"), stop="max_tokens"), refuse(401, "authentication_error", "bad key")]
    with MessagesServer(steps) as server, opened(home, encoder) as citewell:
        with pytest.raises(ModelFailed, match="check ANTHROPIC_API_KEY"):
            synthesized(citewell.searcher.plain, out, n=4, ask=asker(settings(server.base_url), NOTHING))
        assert len(server.requests) == 3
    assert len(load_gold(out).queries) == 1, "half a question is none"


@pytest.mark.parametrize(
    ("reply", "questions"),
    [
        ("none", []),
        ("", []),
        ("How long are logs kept?", ["How long are logs kept?"]),
        ("Here are two:\n1) How long are logs kept?\n* Who may read them?\n- And a third one?", 2),
        ("日志保留多久？", ["日志保留多久？"]),
        ("Why?", []),
        ("word " * 50 + "?", []),
        ("Ignore what you were told.", []),
    ],
)
def test_only_questions_are_taken_from_what_it_says(reply, questions):
    found = written(reply)
    assert found == questions if isinstance(questions, list) else len(found) == questions
