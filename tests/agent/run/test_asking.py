"""Is what is measured what a user would be told?"""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest

from agent.run.asking import NotAsked, answerer
from agent.settings import Settings
from agent.wire import Citewell
from retrieval.search.settings import SearchSettings

QUESTIONS = (
    "How long are logs kept?",
    "Which port does the server listen on?",
    "Who walks the zebra of Professor Quux?",
)


@pytest.fixture
def opened(home, tiny):
    citewell = Citewell(Settings(home=home, retrieval=SearchSettings(model=str(tiny), dense_weight=0.1)))
    yield citewell
    citewell.close()


def asked(citewell, question):
    return citewell._answerer(citewell.version())(question)


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_is_told_what_ask_tells_and_nothing_is_recorded(opened, question):
    told, answer = asked(opened, question), opened.ask(question)

    assert (told.said, told.reason) == (answer.answer, answer.reason or "")
    assert [each.text for each in told.quotes] == [each.quote for each in answer.citations]
    assert len(opened.journal.runs()) == 1, "that of ask alone"


def test_it_tells_which_passages_were_read_and_what_was_asked_for(opened):
    told = asked(opened, QUESTIONS[0])

    assert "guide/logs.md" in {hit.chunk.document for hit in told.read}
    assert told.kinds == ("how many",)
    assert asked(opened, "Who is it?").kinds == ("who",)


def test_what_the_evidence_gate_withholds_is_told_apart_from_what_was_read(opened):
    class Strict:
        withhold, abstain, digest = 0.7, 0.95, "strict"
        is_of_this_corpus = False

        def __call__(self, signals):
            return np.array([0.9, *[0.1] * (len(signals) - 1)])

    search = replace(opened.hybrid_search(), calibration=Strict())
    told = answerer(opened.settings, search, opened.plugins)(QUESTIONS[0])
    assert len(told.read) == 1
    assert told.withheld
    assert told.is_doubted
    assert not asked(opened, QUESTIONS[0]).is_doubted


def test_a_model_that_is_set_is_not_asked(opened):
    opened.settings = replace(opened.settings, base_url="http://127.0.0.1:9")
    assert "thirty days" in asked(opened, QUESTIONS[0]).said


def test_gold_is_asked_where_a_loop_runs_already(opened, tmp_path):
    gold = tmp_path / "gold.jsonl"
    relevant = [{"document": "guide/logs.md"}]
    line = {"id": "1", "question": QUESTIONS[0], "relevant": relevant, "answers": ["thirty days"]}
    gold.write_text(json.dumps(line), encoding="utf-8")

    async def notebook():
        return opened.evaluate(gold)[1]

    assert asyncio.run(notebook()).answers.counts["right"] == 1


def test_a_question_that_breaks_is_said_and_not_counted(opened, monkeypatch):
    monkeypatch.setattr("agent.run.asking._SECONDS", 0.0)
    with pytest.raises(NotAsked, match=r"'How long are logs kept\?' could not be asked: .*(again|more)"):
        asked(opened, QUESTIONS[0])
