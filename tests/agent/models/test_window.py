"""What is more than a model reads at once is left out by how likely it is to answer, then by sentences; it is told."""

import asyncio
import json
from contextlib import aclosing, closing
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from agent.journal.chain import canonical
from agent.journal.entry import Entry
from agent.journal.events import Retrieved, content, read
from agent.journal.fold import fold, replay
from agent.journal.journal import Journal
from agent.models.claude import Claude
from agent.models.messages import build_request
from agent.models.model import Question
from agent.models.window import estimated, tokens
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.rules.fitting import fitted
from agent.state import Answered, Failed, Observation, Passage, Reply, Retrieve, Think, ToolCall, Turn, evidence_of
from ingest.model import Chunk
from retrieval.model import Hit
from tests.agent.run.scripted import Watchers
from tests.messages_kinds import LLAMA_CPP, OLLAMA, Kind
from tests.messages_server import MessagesServer, say, text

SENTENCES = ("The desk opens at nine. ", "The pump costs ten euros. ", "Boats leave at noon. ", "Cats sleep all day. ")
WHOLE = "".join(SENTENCES)


def passage(number, probability, sentences=SENTENCES):
    whole, blocks, at = "".join(sentences), [], 0
    for each in sentences:
        blocks.append((at, at + len(each)))
        at += len(each)
    return Passage(number, "document", f"{number}.md", "", whole, 0, at, tuple(blocks), probability=probability)


def found(*probabilities):
    return Think("What does the pump cost?", tuple(passage(n, each) for n, each in enumerate(probabilities)))


def after(think, over):
    event = fitted(think, over, "It is too long: ask for less.")
    return fold(think, event)


def test_the_least_likely_goes_first_and_of_equals_the_last():
    one = tokens(WHOLE)
    assert [each.document for each in after(found(0.9, 0.1, 0.5), 1).passages] == ["0.md", "2.md"]
    assert [each.document for each in after(found(0.9, 0.1, 0.5), one + 1).passages] == ["0.md"]
    assert [each.document for each in after(found(0.2, 0.9, 0.2), 1).passages] == ["0.md", "1.md"]
    assert [each.document for each in after(found(None, 0.3), 1).passages] == ["1.md"]
    left = after(found(0.1, 0.9, 0.5), 99_999)
    assert ([each.document for each in left.passages], left.left_out, left.passages[0].number) == (["1.md"], 2, 0)


def test_of_the_last_one_sentences_go_around_the_one_that_was_asked_for():
    left = after(found(0.9), tokens(SENTENCES[3]))
    assert left.passages[0].text == "".join(SENTENCES[:3])
    left = after(found(0.9), 99_999)
    (only,) = left.passages
    assert (only.text, only.start, only.end, only.block_text(0)) == (SENTENCES[1], 24, 50, SENTENCES[1])
    assert (left.left_out, left.cut) == (1, (0,))
    assert fitted(left, 1, "") is None, "less than a sentence cannot be cited"


def test_a_passage_that_is_shortened_twice_is_counted_once():
    once = after(found(0.9), 5)
    assert after(once, 5).left_out == once.left_out == 1


def test_what_a_reply_may_have_named_keeps_its_number():
    call = ToolCall("c", "look", {})
    results = (
        Observation(call, "Found.", (passage(2, 0.1), passage(3, 0.8))),
        Observation(call, "More.", (passage(4, 0.2),)),
    )
    think = replace(found(0.01, 0.02), turns=(Turn(Reply((), (call, call), "calls"), results),))

    left = after(think, tokens(WHOLE) + 1)
    assert [(each.number, each.document) for each in evidence_of(left)] == [(0, "0.md"), (1, "1.md"), (2, "3.md")]
    assert left.turns[0].observations[1].text != "More.", "what tells of passages that are gone goes with them"
    assert left.turns[0].observations[0].text == "Found."
    assert [each.number for each in evidence_of(after(think, 99_999))] == [0, 1]
    assert fitted(after(think, 99_999), 1, "") is None


@given(
    st.lists(st.tuples(st.none() | st.floats(0, 1), st.integers(1, 4)), max_size=6),
    st.lists(st.integers(1, 400), min_size=1, max_size=20),
)
def test_however_much_has_to_go_what_is_left_can_be_sent_and_it_comes_to_an_end(passages, overs):
    think = Think("What does the pump cost?", tuple(passage(n, p, SENTENCES[:s]) for n, (p, s) in enumerate(passages)))
    for over in overs:
        event = fitted(think, over, "")
        if event is None:
            assert sum(len(each.blocks) for each in think.passages) <= 1
            return
        before, think = think, fold(think, event)
        assert think.left_out >= before.left_out
        assert sum(map(len, (each.blocks for each in think.passages))) < sum(
            len(each.blocks) for each in before.passages
        )
        assert all(each.text in WHOLE and each.text == WHOLE[each.start : each.end] for each in think.passages)
        build_request([Question(think.question, think.passages)], (), model="m", max_tokens=9)


def test_what_is_kept_of_it_is_read_back():
    for think in (found(0.9, 0.1), found(0.9)):
        event = fitted(think, 9, "Why.")
        kept = json.loads(canonical(content(event)))
        assert read(Entry("r", 1, "shortened", "", "agent", kept), Shelf()) == event


# In a run


@dataclass(frozen=True)
class Shelf:
    """Five documents, of which the third is the likeliest."""

    def __call__(self, query, *, k=10, scope=None, mode="hybrid"):
        chunks = [Chunk(f"{n}.md", 0, len(WHOLE), WHOLE, title="") for n in range(5)]
        return [
            Hit(chunk, 1 / (n + 1), 0.5, None, None, (0.5, 0.6, 0.9, 0.2, 0.4)[n]) for n, chunk in enumerate(chunks)
        ]

    def text(self, name):
        return WHOLE

    def page(self, name, offset):
        return None

    page_label = page


class Able(Kind):
    """A server that says how much its model reads."""

    def model(self, name):
        return {"id": name, "max_input_tokens": 330, "capabilities": {"citations": {"supported": False}}}


def answering(_):
    return say(text('It costs ten euros [1.2 "costs ten euros"].'))


def ask(tmp_path, *, like=LLAMA_CPP, window=None, name="journal", **more):
    kept = Journal(tmp_path / f"{name}.sqlite")
    with MessagesServer([answering] * 3, like=like) as server, closing(kept) as journal:
        model = Claude("m", base_url=server.base_url, window=window, max_tokens=40, **more)
        shelf = Shelf()
        deps = Deps(shelf, shelf, model, Watchers(), ())

        async def to_the_end():
            try:
                async with aclosing(run(Run("r", "What does the pump cost?"), deps, Oversight(journal))) as items:
                    return [item async for item in items][-1]
            finally:
                await model.aclose()

        end = asyncio.run(to_the_end())
        events = journal.events("r")
        assert replay(events, shelf) == end
        return end, [event.content for event in events if event.kind == "shortened"], server


def test_a_request_is_counted_by_its_server_and_fitted_before_it_is_sent(tmp_path):
    end, shortened, server = ask(tmp_path, window=180)

    assert isinstance(end, Answered)
    assert end.left_out == sum(len(each["dropped"]) for each in shortened) > 0
    assert "and of the 180 that the model m reads at once 140 are for it" in shortened[0]["reason"]
    (sent,) = server.requests
    assert LLAMA_CPP.told("/v1/messages/count_tokens", sent.body)["input_tokens"] <= 140
    assert 3 in shortened[0]["dropped"], "the least likely"
    assert not any(2 in each["dropped"] for each in shortened), "the likeliest is kept"
    assert server.rejected == []


def test_where_a_server_does_not_count_it_is_estimated(tmp_path):
    end, shortened, server = ask(tmp_path, like=OLLAMA, window=800)

    assert isinstance(end, Answered)
    assert (end.left_out > 0, "about " in shortened[0]["reason"]) == (True, True)
    assert estimated(server.requests[0].body) <= 800 - 40


def test_a_window_that_the_server_tells_of_counts_as_one_that_is_set(tmp_path):
    end, shortened, server = ask(tmp_path, like=Able("able"))
    assert (isinstance(end, Answered), end.left_out, len(shortened)) == (True, 0, 0), "by its count it fits"
    assert server.asked.count("/v1/messages/count_tokens") == 1
    end, _, server = ask(tmp_path, like=Able("able", counts=False), name="second")
    assert (isinstance(end, Failed), server.requests) == (True, []), "by an estimate not even one sentence fits"


def test_what_surely_fits_is_not_counted(tmp_path):
    end, shortened, server = ask(tmp_path, window=100_000, citations="numbered")
    assert (end.left_out, shortened, server.asked) == (0, [], [])


def test_where_nothing_is_left_to_leave_out_the_run_says_what_to_do(tmp_path):
    end, _, server = ask(tmp_path, like=OLLAMA, window=300)

    assert isinstance(end, Failed)
    assert "lower [agent] passages, or give the model's server a larger context" in end.reason
    assert (server.requests, end.code) == ([], "window_exceeded")


def test_the_first_search_gives_what_is_fitted():
    state = fold(Retrieve("What does the pump cost?"), Retrieved("", found(0.9, 0.2).passages))
    assert len(after(state, 1).passages) == 1
