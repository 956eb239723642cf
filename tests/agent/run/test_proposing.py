"""Where the rule reads several parts a model may say others; what is no plan of the question leaves the rule's."""

import asyncio
import json
from contextlib import closing
from dataclasses import replace

import pytest

from agent.journal.events import Planned, Redacted, Resumed
from agent.journal.fold import fold, replay
from agent.journal.journal import Journal
from agent.models.claude import Claude
from agent.models.model import ModelFailed
from agent.run.course import Begun
from agent.run.deps import Deps
from agent.run.rules.planning import reading
from agent.run.rules.proposing import proposed
from agent.state import Abstained, Answered, Part, Plan, Retrieve, Usage
from tests.agent.models.test_structured import ABLE
from tests.agent.run.scripted import Shelf
from tests.agent.run.test_planning import TWO, Apart, Speaking, citing, followed, kinds
from tests.messages_kinds import LLAMA_CPP
from tests.messages_server import Fault, MessagesServer, say, text

FIRST, SECOND = "How long are the logs kept?", "On which port does the server listen?"
GOOD = [FIRST, SECOND]


def lines(*questions):
    return "\n".join(f"{number}. {each} | It is asked." for number, each in enumerate(questions, 1))


def form(*questions):
    return json.dumps({"parts": [{"question": each, "reason": "It is asked."} for each in questions]})


def planned(said, *, like=LLAMA_CPP, question=TWO):
    """What comes of the plan that a model wrote, and what it was sent."""
    step = said if isinstance(said, Fault) else say(text(said))
    with MessagesServer([step], like=like) as server:
        model = Claude("m", base_url=server.base_url, deadline=5.0, backoff=0.0)
        ruled = reading(question)

        async def asked():
            try:
                return await proposed(question, Planned(ruled.parts, ruled.why), model, within=10)
            finally:
                await model.aclose()

        return asyncio.run(asked()), [each.body for each in server.requests]


@pytest.mark.parametrize(("like", "written"), [(LLAMA_CPP, lines), (ABLE, form)], ids=["lines", "form"])
def test_the_parts_that_a_model_says_are_taken_with_its_reasons(like, written):
    plan, (sent,) = planned(written(*GOOD), like=like)
    assert [each.question for each in plan.parts] == GOOD
    assert [each.about for each in plan.parts] == [each.strip("?") for each in GOOD]
    assert (plan.by, plan.why) == ("model", "it has 2 parts; the model: It is asked.; It is asked.")
    assert (plan.usage, plan.held) == (Usage(10, 5), like is ABLE)
    assert plan.request is not None
    assert ("output_config" in sent) == (like is ABLE)
    assert TWO in str(sent["messages"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (lines(FIRST), "has not two to 6 parts"),
        (lines(*[f"{FIRST[:-1]}{'!' * n}?" for n in range(7)]), "has not two to 6 parts"),
        (lines(FIRST, FIRST), "has not two to 6 parts"),
        (lines(*GOOD, "Who owns the moon?"), "is about something else (Who owns the moon?)"),
        (lines(FIRST, "On which port does the server of Acme listen?"), "names what nobody had named (Acme)"),
        (lines(FIRST, "Does the server use the port 8000?"), "names what nobody had named (8000)"),
        (lines(FIRST, f"Which port does the server use {'really ' * 60}?"), "more than a question"),
        (lines(FIRST, "How long are logs kept on disk?"), "leaves out which port does the server use"),
        ("The logs are kept for thirty days.", "is no numbered list of questions"),
        (f"Here you are:\n{lines(*GOOD)}", "is no numbered list of questions"),
        (f"1. {FIRST}\n3. {SECOND}", "is no numbered list of questions"),
        ("", "has not two to 6 parts"),
        (Fault(400, b'{"type":"error","error":{"type":"invalid_request_error","message":"no"}}'), "the model failed"),
    ],
)
def test_what_is_no_plan_for_the_question_leaves_that_of_the_rule_and_why_is_kept(said, why):
    plan, _ = planned(said)
    assert plan.parts == reading(TWO).parts
    assert (plan.by, why in plan.why) == ("rule", True), plan.why
    assert plan.why.startswith("it has 2 parts; ")
    assert (plan.usage == Usage(10, 5)) == (not isinstance(said, Fault)), "what it took is counted"


@pytest.mark.parametrize("said", ["I cannot.", '{"parts": [1]}', lines(*GOOD)])
def test_what_is_not_of_the_form_is_not_guessed_at(said):
    plan, _ = planned(said, like=ABLE)
    assert (plan.by, plan.parts) == ("rule", reading(TWO).parts)


# In a run


class Plans:
    """A model that plans what it is told to, and can be held to nothing."""

    name, uses_tools, where = "small", True, None

    def __init__(self, said):
        self.said, self.asked, self.closed = said, 0, 0

    async def is_held(self, within):
        return False

    def writing(self, told, schema=None):
        return self

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.asked += 1
        if isinstance(self.said, BaseException):
            raise self.said
        yield replace(citing()(messages), content=({"type": "text", "text": self.said},), usage=Usage(30, 9))

    async def aclose(self):
        self.closed += 1


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


@pytest.fixture
def planner(monkeypatch):
    """A model that plans, in every run that is begun with it."""
    model = Plans(lines(*GOOD))
    monkeypatch.setattr(
        "tests.agent.run.test_planning.Deps", lambda *a, **more: Deps(*a, planner=lambda: model, **more)
    )
    return model


def test_what_the_model_planned_is_searched_for_counted_and_recorded(journal, planner):
    search = Apart()
    *_, end = followed(journal, Speaking([citing(0, 1)]), search=search)
    assert sorted(query for query, _ in search.asked) == sorted([TWO, *GOOD])
    assert isinstance(end, Answered)
    assert end.usage.input_tokens == 30 + 10
    assert (planner.asked, planner.closed) == (1, 1)
    assert kinds(journal)[:3] == ["started", "planned", "retrieved"]
    kept = journal.events("r-1")[1].content
    assert (kept["by"], kept["parts"][0]["question"], kept["usage"]["output_tokens"]) == ("model", FIRST, 9)


@pytest.mark.parametrize(
    ("question", "budget"), [("How long are logs kept?", (None, None)), ("List all logs", (None, None))]
)
def test_where_the_rule_reads_no_parts_no_model_is_asked(journal, planner, question, budget):
    followed(journal, Speaking([citing(0)]), question, budget=budget)
    assert planner.asked == 0


def test_a_model_that_fails_costs_the_question_nothing(journal, planner):
    planner.said = ModelFailed("It is down; ask again.")
    search = Apart()
    *_, end = followed(journal, Speaking([citing(0, 1)]), search=search)
    assert isinstance(end, Answered)
    assert len(search.asked) == 3
    assert journal.events("r-1")[1].content["why"] == "it has 2 parts; the model failed (model_failed)"


def test_a_run_goes_on_from_each_of_its_events_and_is_not_planned_anew(journal, planner, tmp_path):
    *_, end = followed(journal, Speaking([citing(0, 1)]))
    entries = journal.events("r-1")
    for cut in range(1, len(entries)):
        planner.asked = 0
        with closing(Journal(tmp_path / f"cut-{cut}.sqlite")) as other:
            for entry in entries[:cut]:
                other.append("r-1", entry.kind, entry.content, actor=entry.actor)
            begun = Begun(replay(other.events("r-1"), Shelf(set())), cut)
            with other.during("r-1"):
                *_, again = followed(other, Speaking([citing(0, 1)]), begun=begun, by=Resumed({}))
        assert again == end
        assert planner.asked == (cut == 1)


def test_the_state_holds_what_the_plan_took_and_an_erasure_takes_the_plan():
    parts = (Part("Who?", "who"), Part("When?", "when"))
    state = fold(Retrieve("Who, and when?", Usage(1, 1)), Planned(parts, "so", "model", Usage(30, 9)))
    assert state == Plan("Who, and when?", parts, Usage(31, 10))
    assert isinstance(fold(Retrieve("Who, and when?"), Redacted("planned", Usage(3))), Abstained)
