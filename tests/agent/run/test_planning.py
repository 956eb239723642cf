"""A question of several parts is searched for part by part; what is still open is asked for once more, and named."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace

import pytest

from agent.journal.events import Planned, Resumed, Retrieved, Started
from agent.journal.fold import fold, replay
from agent.journal.journal import Journal
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.rules.planning import pooled, reading, with_missing
from agent.state import Abstained, Answered, Failed, Part, Plan, Quote, Reply, Retrieve, Segment, Think, Token, Usage
from ingest.model import Chunk
from retrieval.model import Hit
from tests.agent.run.scripted import MOVES, TEXTS, TOOLS, Scripted, Shelf, Watchers, calling

TWO = "How long are logs kept, and which port does the server use?"


def hit(id, probability=None):
    return Hit(Chunk(id, 0, 3, "abc"), 0.5, None, None, None, probability)


@pytest.mark.parametrize(
    ("question", "parts", "why"),
    [
        (TWO, 2, "it has 2 parts"),
        ("What is the difference between the free plan and the team plan?", 2, "it compares"),
        ("Is the pump cheaper than the valve?", 2, "it compares"),
        ("List all settings of the agent", 0, "it asks for all of them"),
        ("Which file formats are there?", 0, "it asks for all of them"),
    ],
)
def test_parts_comparisons_and_lists_are_planned(question, parts, why):
    plan = reading(question)
    assert (len(plan.parts), plan.why) == (parts, why)


@pytest.mark.parametrize("question", ["How long are logs kept?", "Who is Ada and co?", "logs", "List the ports"])
def test_one_question_needs_one_search(question):
    assert reading(question) is None


def test_what_parts_find_comes_after_what_the_whole_found_each_once_with_what_it_serves():
    a, b, c, d = (hit(name) for name in "abcd")
    found = pooled([a, b], [[c, a], [d, c]], 2)
    assert [(each.chunk.document, serves) for each, serves in found] == [
        ("a", (-1, 0)),
        ("b", (-1,)),
        ("c", (0, 1)),
        ("d", (1,)),
    ]
    assert len(pooled([a, b], [[c], [d]], 1)) == 2, "no more than twice what the whole question is given"


def test_what_is_noise_for_the_whole_and_likely_for_a_part_is_shown_for_the_part():
    [(kept, serves)] = pooled([hit("a", 0.1)], [[hit("a", 0.9)], []], 4, withhold=0.2)
    assert (kept.probability, serves) == (0.9, (0,))


@dataclass
class Apart:
    """A search that finds for a query the document of which a word stands in it."""

    asked: list = field(default_factory=list)

    def __call__(self, query, *, k=10, scope=None, mode="hybrid"):
        self.asked.append((query, k))
        names = ["guide/logs.md"] if "logs" in query else []
        names += ["guide/ports.md"] if "port" in query and "logs" not in query else []
        return [
            Hit(Chunk(name, 0, len(TEXTS[name]), TEXTS[name], title=name), 1, 0.5, None, None, 0.9) for name in names
        ]


def citing(*numbers):
    def reply(messages):
        passages = [each for message in messages for each in getattr(message, "passages", ())]
        segments = [
            Segment(passages[number].block_text(0), (Quote(number, 0, 1, passages[number].block_text(0)),))
            for number in numbers
        ]
        return Reply(tuple(segments), (), "end", Usage(10, 5))

    return reply


@dataclass
class Speaking:
    """A model that says one thing after the other, the last one again and again."""

    says: list
    heard: list = field(default_factory=list)
    name: str = "scripted"
    uses_tools: bool = True

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.heard.append(messages)
        yield self.says[min(len(self.heard), len(self.says)) - 1](messages)

    async def aclose(self):
        """It holds nothing."""


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


def followed(journal, model, question=TWO, *, search=None, id="r-1", price=None, budget=(None, None), **more):
    texts = Shelf(set())
    deps = Deps(search or Apart(), texts, model, Watchers(), TOOLS, cost=lambda usage: price and price * usage.read)

    async def to_the_end():
        async with aclosing(
            run(Run(id, question, budget_tokens=budget[0], budget_cost=budget[1]), deps, Oversight(journal), **more)
        ) as items:
            return [item async for item in items if not isinstance(item, Token)]

    return asyncio.run(to_the_end())


def kinds(journal, id="r-1"):
    return [entry.kind for entry in journal.events(id)]


def test_each_part_is_searched_for_and_its_evidence_says_what_it_serves(journal):
    search = Apart()
    states = followed(journal, Speaking([citing(0, 1)]), search=search)

    assert kinds(journal)[:3] == ["started", "planned", "retrieved"]
    assert sorted(query for query, _ in search.asked) == sorted(
        [TWO, "How long are logs kept?", "which port does the server use?"]
    )
    think = next(state for state in states if isinstance(state, Think))
    assert [(each.document, each.serves) for each in think.passages] == [
        ("guide/logs.md", (-1, 0)),
        ("guide/ports.md", (1,)),
    ]
    assert isinstance(states[-1], Answered)
    assert states[-1].open == ()


def test_a_question_of_one_part_costs_one_search_and_no_event_more(journal):
    search = Apart()
    followed(journal, Speaking([citing(0)]), "How long are logs kept?", search=search)
    assert len(search.asked) == 1
    assert kinds(journal) == ["started", "retrieved", "thought", "checked", "answered"]


def test_a_list_of_all_is_searched_for_deeper(journal):
    search = Apart()
    followed(journal, Speaking([citing(0)]), "List all logs", search=search)
    [(_, deep)] = search.asked
    assert deep == 2 * Deps.__dataclass_fields__["passages"].default


def test_what_is_still_open_goes_back_once_and_is_named(journal):
    model = Speaking([citing(0)])
    *_, end = followed(journal, model)

    assert kinds(journal).count("thought") == 2
    assert "which port does the server use" in str(model.heard[1][-1])
    assert isinstance(end, Answered)
    assert end.open == ("which port does the server use",)
    said = "Logs are kept for thirty days. [1]\n\nNot found in the documents: which port does the server use."
    assert end.answer == said
    [cited] = end.citations
    assert TEXTS[cited.document][cited.start : cited.end] == cited.quote


def searching(lines):
    return calling("tide", lines=lines)


def test_after_a_round_what_is_open_is_searched_for_again_and_then_the_run_stops(journal):
    *_, end = followed(journal, Speaking([citing(0), searching(1), citing(0), citing(0, 1)]))
    assert [kind for kind in kinds(journal) if kind in {"thought", "acted", "returned"}] == [
        *("thought", "returned", "thought", "acted", "thought")
    ]
    assert (isinstance(end, Answered), end.open) == (True, ("which port does the server use",))


def test_what_the_search_for_an_open_part_finds_closes_it(journal):
    *_, end = followed(journal, Speaking([citing(0), searching(1), citing(0, 1)]))
    assert (isinstance(end, Answered), end.open, "Not found" in end.answer) == (True, (), False)


def test_a_model_that_goes_on_searching_for_what_is_open_is_stopped_and_what_held_is_given(journal):
    turns = [searching(lines) for lines in range(1, 40)]
    *_, end = followed(journal, Speaking([citing(0), *turns]))
    assert kinds(journal).count("thought") == Run.__dataclass_fields__["max_turns"].default
    assert (isinstance(end, Answered), end.open) == (True, ("which port does the server use",))
    assert end.answer.startswith("Logs are kept for thirty days. [1]")


PORT = Part("Which port does the server use?", "which port does the server use")
OWNER = Part("Who owns it?", "who owns it?")


@pytest.mark.parametrize(
    ("answer", "missing", "question", "closing"),
    [
        ("So it is. [1]", (), TWO, ""),
        (
            "So it is. [1]",
            (PORT, OWNER),
            TWO,
            "Not found in the documents: which port does the server use; who owns it.",
        ),
        ("So it is. [1] The documents do not say which port the server uses.", (PORT,), TWO, ""),
        ("So it is. [1]\nThe documents say nothing of the port that the server uses.", (PORT,), TWO, ""),
        (
            "So it is. [1] The documents do not say how long backups are kept.",
            (PORT,),
            TWO,
            "Not found in the documents: which port does the server use.",
        ),
        ("It does not use a port. [1]", (PORT,), TWO, "Not found in the documents: which port does the server use."),
        (
            "So ist es. [1]",
            (Part("Wer löscht sie?", "wer löscht sie"),),
            "Wie lange werden die Protokolle aufbewahrt und wer löscht sie?",
            "In den Dokumenten nicht gefunden: wer löscht sie.",
        ),
    ],
)
def test_an_answer_ends_with_what_was_not_found_unless_it_says_so_itself(answer, missing, question, closing):
    assert with_missing(answer, missing, question) == (f"{answer}\n\n{closing}" if closing else answer)


def test_an_answer_that_only_says_what_is_missing_is_none(journal):
    def denies(_):
        return Reply((Segment("The documents say neither how long logs are kept nor which port it is."),), (), "end")

    *_, end = followed(journal, Speaking([denies]))
    assert isinstance(end, Abstained)


def test_what_was_cut_off_is_not_said_to_be_missing(journal):
    cut = lambda messages: replace(citing(0)(messages), stop="length")  # noqa: E731
    *_, end = followed(journal, Speaking([cut]))
    assert (end.cut, end.answer, len(end.open)) == (True, "Logs are kept for thirty days. [1]", 1)


def test_what_was_open_and_is_answered_then_is_not_named(journal):
    *_, end = followed(journal, Speaking([citing(0), citing(0, 1)]))
    assert (len(end.citations), end.open) == (2, ())


def test_a_planned_run_goes_on_from_each_of_its_events(journal, tmp_path):
    *_, end = followed(journal, Speaking([citing(0, 1)]))
    entries = journal.events("r-1")
    for cut in range(1, len(entries)):
        with closing(Journal(tmp_path / f"cut-{cut}.sqlite")) as other:
            for entry in entries[:cut]:
                other.append("r-1", entry.kind, entry.content, actor=entry.actor)
            begun = Begun(replay(other.events("r-1"), Shelf(set())), cut)
            with other.during("r-1"):
                *_, again = followed(other, Speaking([citing(0, 1)]), begun=begun, by=Resumed({}))
            assert again == end


def test_the_plan_is_a_state_between_the_question_and_the_model():
    parts = (Part("Who?", "who"), Part("When?", "when"))
    plan = fold(fold(None, Started("Who, and when?", {}, {})), Planned(parts, "it has 2 parts"))
    assert plan == Plan("Who, and when?", parts)
    assert fold(plan, Retrieved("Who, and when?", ())) == Think("Who, and when?", (), parts=parts)
    assert fold(Retrieve("?"), Retrieved("?", ())) == Think("?", ())


# A loop of calls that come to the same


def test_the_third_call_that_comes_to_the_same_ends_the_run_and_the_second_is_told(journal):
    model = Speaking([MOVES["tide"]])
    *_, end = followed(journal, model, "How long are logs kept?")

    assert isinstance(end, Failed)
    assert end.code == "loop"
    assert kinds(journal).count("acted") == 3
    results = [entry.content["note"] for entry in journal.events("r-1") if entry.kind == "acted"]
    assert ["before" in note for note in results] == [False, True, True]


def test_a_call_that_fails_over_and_over_is_a_loop_too(journal):
    *_, end = followed(journal, Speaking([calling("moan")]), "How long are logs kept?")
    assert (end.code, kinds(journal).count("acted")) == ("loop", 3)


def test_calls_with_other_arguments_are_no_loop(journal):
    moves = [calling("tide", lines=lines) for lines in (1, 2, 1, 2)] + [citing(0)]
    *_, end = followed(journal, Speaking(moves), "How long are logs kept?")
    assert isinstance(end, Answered)


def test_the_same_call_several_times_in_one_reply_is_a_loop(journal):
    *_, end = followed(journal, Speaking([calling("tide", "tide", "tide")]), "How long are logs kept?")
    assert end.code == "loop"


def test_a_scripted_run_of_the_other_tests_is_no_loop(journal):
    *_, end = followed(journal, Scripted(["look", "tide"]), "How long are logs kept?")
    assert isinstance(end, Answered)


# What a run may use


@pytest.mark.parametrize(
    ("budget", "price", "code", "spoken"),
    [
        ((15, None), None, "budget_tokens", 1),
        ((16, None), None, "budget_tokens", 2),
        ((None, 0.2), 0.01, "budget_cost", 2),
        ((None, 0.2), None, "budget_cost", 0),
    ],
)
def test_a_run_that_has_used_what_it_may_ends_before_the_next_turn(journal, budget, price, code, spoken):
    def looking(lines):
        return lambda messages: replace(calling("tide", lines=lines)(messages), usage=Usage(10, 5))

    model = Speaking([looking(lines) for lines in (1, 2, 3, 4)])
    *_, end = followed(journal, model, "How long are logs kept?", budget=budget, price=price)
    assert (end.code, len(model.heard)) == (code, spoken)
    assert end.nearest


def test_an_answer_within_its_budget_is_given(journal):
    *_, end = followed(journal, Speaking([citing(0)]), "How long are logs kept?", budget=(15, 1.0), price=0.001)
    assert isinstance(end, Answered)
