"""Of two models the fast one answers what is easy by stated rules, and the strong one the rest; why, is on record."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace

import pytest

from agent.journal.events import Resumed
from agent.journal.fold import replay
from agent.journal.journal import Journal
from agent.models.model import Late, ModelFailed, WindowExceeded
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.routing import FAILED_CHECK, LONG, UNHELD, routed
from agent.settings import AgentSettings, Settings
from agent.state import LIKELY, Answered, Failed, Passage, Quote, Reply, Route, Segment, Think, Token, Turn, Usage
from tests.agent.charters import ruled
from tests.agent.run.scripted import TOOLS, USAGE, Shelf, Watchers, calling, failing, saying

RUN, EASY = "r-route", "How long are logs kept?"
READING = tuple(tool for tool in TOOLS if tool.effect == "read")
STRONG = Route("big", "the strong model has spoken")


def passage(probability):
    return Passage(0, "document", "a.md", "A", "It is so.", 0, 9, ((0, 9),), probability=probability)


def think(question=EASY, *, likely=(0.9,), **more):
    return Think(question, tuple(map(passage, likely)), **more)


def turn(**more):
    return Turn(Reply((), (), "end"), **more)


# The rules


@pytest.mark.parametrize(
    ("state", "acts", "fast", "why"),
    [
        (think(), False, True, "one short question, and a passage is likely"),
        (think(likely=(0.1, LIKELY)), False, True, "one short question"),
        (think(turns=(turn(),)), False, True, "one short question"),
        (think(route=Route("small", "easy", fast=True)), False, True, "one short question"),
        (think(likely=()), False, False, "nothing was found"),
        (think(likely=(None, None)), False, False, "not known"),
        (think(likely=(0.49, None, 0.1)), False, False, "no passage is likely"),
        (think(), True, False, "does more than read"),
        (think("How long are logs kept, and who deletes them?"), False, False, "2 parts"),
        (think("Is the red pump cheaper than the blue pump?"), False, False, "2 parts"),
        (think("x" * LONG), False, True, "one short question"),
        (think("x" * (LONG + 1)), False, False, "longer than 300 characters"),
        (think(turns=(turn(), turn())), False, False, "has spoken 2 times"),
        (think(turns=(turn(returned=("Not so.",)),)), False, False, FAILED_CHECK),
        (think(route=STRONG), False, False, "the strong model has spoken"),
    ],
)
def test_who_speaks_follows_from_what_the_run_has_come_to(state, acts, fast, why):
    assert routed(state, acts=acts) == routed(state, acts=acts)
    chosen, reason = routed(state, acts=acts)
    assert (chosen, why in reason) == (fast, True), reason


# In a run


class Likely(Shelf):
    """A search whose passages are likely to answer."""

    def likely(self, chunk):
        return 0.9


@dataclass
class Speaks:
    """A model that does what its moves say, by its turn, and cites when they are over."""

    name: str
    moves: list = field(default_factory=list)
    spoken: int = 0
    closed: bool = False
    uses_tools = True

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.spoken += 1
        move = self.moves.pop(0) if self.moves else cited
        yield Token("So")
        yield replace(move(messages), model=self.name)

    def request(self, messages, tools, *, given=None, effortless=None):
        return {}

    async def aclose(self):
        self.closed = True


def cited(messages):
    text = messages[0].passages[0].block_text(0)
    return Reply((Segment(text, (Quote(0, 0, 1, text),)),), (), "end", USAGE)


def wrong(messages):
    return Reply(
        (Segment("Logs are kept for ninety days.", (Quote(0, 0, 1, "Logs are kept for thirty days."),)),),
        (),
        "end",
        USAGE,
    )


def silent(_):
    return Reply((Segment("The documents do not say."),), (), "end", USAGE)


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


def parts(journal, *fast, strong=(), tools=READING, shelf=Likely, question=EASY, **more):
    found = shelf(set())
    models = {"model": Speaks("big", list(strong)), "fast": Speaks("small", list(fast))} | more
    deps = Deps(found, found, observers=Watchers(), tools=tools, charters=(ruled({"send": "allow"}),), **models)
    return Run(RUN, question), deps, Oversight(journal)


def followed(this, deps, over, **more):
    async def to_the_end():
        async with aclosing(run(this, deps, over, **more)) as items:
            return [item async for item in items if not isinstance(item, Token)]

    return asyncio.run(to_the_end())[-1]


def routes(journal):
    """Who spoke, as whom the journal has it, and why."""
    thought = [entry for entry in journal.events(RUN) if entry.kind == "thought"]
    assert all(entry.actor == entry.content["route"]["model"] for entry in thought)
    return [(entry.actor, entry.content["route"]["reason"]) for entry in thought]


def test_an_easy_question_is_answered_by_the_fast_model_and_its_tokens_are_told_as_its_own(journal):
    end = followed(*parts(journal))

    assert isinstance(end, Answered)
    assert [who for who, _ in routes(journal)] == ["small"]
    assert (end.usage.fast_input_tokens, end.usage.fast_output_tokens) == (USAGE.read, USAGE.output_tokens)


def test_weak_evidence_goes_to_the_strong_model(journal):
    end = followed(*parts(journal, shelf=Shelf))

    assert routes(journal) == [("big", "no passage is likely to answer")]
    assert end.usage.fast_output_tokens == 0


def test_where_a_tool_with_effects_is_offered_the_strong_model_decides(journal):
    followed(*parts(journal, tools=TOOLS))
    assert routes(journal) == [("big", "a tool that does more than read is offered")]


@pytest.mark.parametrize(
    ("said", "reason"),
    [(wrong, "ninety"), (silent, UNHELD), (saying("refusal"), "The model small refused"), (saying("unmade"), "small")],
    ids=["wrong", "silent", "refusal", "unmade"],
)
def test_what_the_fast_model_said_and_does_not_hold_goes_to_the_strong_one(journal, said, reason):
    end = followed(*parts(journal, said))

    assert isinstance(end, Answered)
    assert [who for who, _ in routes(journal)] == ["small", "big"]
    assert routes(journal)[1][1] == FAILED_CHECK
    (returned,) = [entry.content for entry in journal.events(RUN) if entry.kind == "returned"]
    assert reason in " ".join(returned["reasons"])
    assert end.usage == USAGE + USAGE.of_the_fast
    assert end.model == "big"


def test_the_strong_model_is_not_asked_twice_for_what_it_could_not_say_either(journal):
    this, deps, over = parts(journal, silent, strong=[silent])
    end = followed(this, deps, over)

    assert not isinstance(end, Answered)
    assert (deps.fast.spoken, deps.model.spoken) == (1, 1)


@pytest.mark.parametrize(
    "fault", [ModelFailed("It knows no model small; check it."), WindowExceeded("It is too long: ask for less.")]
)
def test_where_the_fast_model_fails_the_strong_one_speaks(journal, fault):
    end = followed(*parts(journal, failing(fault)))

    assert isinstance(end, Answered)
    assert routes(journal) == [("big", f"the fast model failed: {fault}")]


@pytest.mark.parametrize("fault", [Late("Its time was over; ask again."), ModelFailed("It broke off; ask again.")])
def test_what_was_heard_or_took_all_the_time_is_not_asked_for_again(journal, fault):
    heard = "" if isinstance(fault, Late) else "Logs are"
    this, deps, over = parts(journal, failing(fault, heard))

    assert isinstance(followed(this, deps, over), Failed)
    assert deps.model.spoken == 0
    assert [who for who, _ in routes(journal)] == (["small"] if heard else []), "it is the fast one that broke off"


def test_what_the_fast_model_does_not_find_in_two_turns_the_strong_one_looks_for(journal):
    looks = calling("look", query="again")
    followed(*parts(journal, looks, looks, looks))
    assert [who for who, _ in routes(journal)] == ["small", "small", "big"]


def test_a_run_that_came_to_the_strong_model_stays_with_it_wherever_it_is_taken_up(journal, tmp_path):
    followed(*parts(journal, wrong, strong=[calling("look", query="again")]))
    whole = routes(journal)
    assert [who for who, _ in whole] == ["small", "big", "big"]
    events = journal.events(RUN)
    for count in range(1, len(events)):
        with closing(Journal(tmp_path / f"cut-{count}.sqlite")) as cut:
            for entry in events[:count]:
                cut.append(RUN, entry.kind, entry.content, actor=entry.actor)
            said = sum(entry.kind == "thought" for entry in events[:count])
            fast = [wrong] if said == 0 else []
            strong = [calling("look", query="again")] if said < 2 else []
            this, deps, over = parts(cut, *fast, strong=strong)
            state = replay(cut.events(RUN), deps.texts)
            with cut.during(RUN):
                end = followed(this, deps, over, begun=Begun(state, count), by=Resumed({}))
            assert isinstance(end, Answered)
            assert routes(cut) == whole, count


def test_one_model_has_no_routes(journal):
    followed(*parts(journal, fast=None))
    (thought,) = [entry for entry in journal.events(RUN) if entry.kind == "thought"]
    assert (thought.actor, thought.content["route"]) == ("big", None)


# What it costs


@pytest.mark.parametrize(
    ("prices", "known"),
    [
        ({"price_input": 3.0, "price_output": 15.0, "fast_price_input": 1.0, "fast_price_output": 5.0}, True),
        ({"price_input": 3.0, "price_output": 15.0}, False),
        ({"fast_price_input": 1.0, "fast_price_output": 5.0}, False),
    ],
)
def test_each_models_tokens_have_its_own_price(prices, known):
    settings = Settings(agent=AgentSettings(model="big", fast_model="small", **prices), base_url="http://h")
    usage = Usage(5, 1, 1, 0) + Usage(4, 1, 1, 2).of_the_fast  # 6 and 1 of the strong, 7 and 1 of the fast
    assert usage.read == 13
    assert settings.cost(usage) == (round((6 * 3 + 15 + 7 + 5) / 1e6, 6) if known else None)


def test_the_models_are_what_is_set_and_each_is_the_other_by_default():
    def named(**set_to):
        agent = AgentSettings(model="m", **set_to)
        return agent.fast, agent.strong

    assert named() == (None, "m")
    assert named(fast_model="s") == ("s", "m")
    assert named(strong_model="l") == ("m", "l")
    assert named(fast_model="s", strong_model="l") == ("s", "l")
    assert named(fast_model="m", strong_model="m") == (None, "m")
