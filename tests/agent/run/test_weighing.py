"""A model says of each passage how it bears on the question: that orders and trims what is shown, and nothing else."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest

from agent.journal.events import Ranked, Redacted, Resumed, Weighed, Withdrawn
from agent.journal.fold import fold, replay
from agent.journal.journal import Journal
from agent.models.model import ModelFailed
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.rules.weighing import CUT, FEW, ranked, read
from agent.run.steps import weigh
from agent.state import (
    WHOLE,
    Abstained,
    Answered,
    Passage,
    Quote,
    Reply,
    Segment,
    Think,
    Token,
    Usage,
)
from retrieval.erasure.quotations import Quotations
from tests.agent.run.scripted import TEXTS, TOOLS, Shelf, Watchers

RUN, ASKED = "r-weigh", "How long are logs kept?"
LOGS, PORTS, BACKUP, NOISE = TEXTS
LINE = "It says for how long."


def passage(number, *serves):
    return Passage(number, "document", f"{number}.md", "A", "It is so.", 0, 9, ((0, 9),), serves=serves)


def think(scores, *, serves=None, count=5):
    found = tuple(passage(number, *(serves or {}).get(number, ())) for number in range(count))
    return Think(ASKED, found, scores=tuple(scores.items()))


# What a model says of a passage


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("7 | It says so.", (7, "It says so.")),
        ("10|It says so.", (10, "It says so.")),
        ("**0** | nothing", None),
        ("  3 / 10 - a little\nand more", (3, "a little")),
        ("Score: 8", (8, "")),
        ("\n\n`9: yes`", (9, "yes")),
        ("11 | It says so.", None),
        ("100", None),
        ("7.5 | so", None),
        ("-3 | so", None),
        ("30 days", None),
        ("It bears 7 of 10.", None),
        ("", None),
    ],
)
def test_a_number_from_0_to_10_and_a_line_are_read_strictly(said, found):
    assert read(said) == found


def test_a_line_is_kept_within_bounds():
    assert len(read(f"7 | {'x' * 10_000}")[1]) == 300


# The order, and what is left out


@pytest.mark.parametrize(
    ("scores", "order", "dropped"),
    [
        ({}, (0, 1, 2, 3, 4), ()),
        ({0: 3, 1: 9, 2: 5, 3: 10, 4: 5}, (3, 1, 2, 4, 0), ()),
        ({0: 1, 1: 9, 2: 5, 3: 10, 4: 0}, (3, 1, 2), (0, 4)),
        ({0: 0, 1: 0, 2: 0, 3: 0, 4: 0}, (0, 1, 2), (3, 4)),
        ({0: 0, 1: 0, 2: 0, 3: 1, 4: 8}, (4, 3, 0), (1, 2)),
        ({1: 2, 2: 9, 4: 4}, (0, 2, 4, 3), (1,)),  # of 0 and 3 nothing is known: they stay at their places
        ({0: CUT, 1: CUT - 1, 2: CUT, 3: CUT, 4: CUT}, (0, 2, 3, 4), (1,)),
    ],
)
def test_the_best_come_first_what_bears_little_is_left_out_and_a_few_stay(scores, order, dropped):
    found = ranked(think(scores))
    assert (found.order, found.dropped) == (order, dropped)
    assert len(found.order) >= FEW


def test_of_each_part_of_a_question_the_best_passage_stays():
    serves = {0: (WHOLE, 0), 1: (WHOLE, 0), 2: (0,), 3: (1,), 4: (1,)}
    assert ranked(think({0: 9, 1: 8, 2: 7, 3: 1, 4: 2}, serves=serves)).order == (0, 1, 2, 4)


# In a run


class Weighs:
    """A model that says of a passage what is set down for what stands in it; with `held` it waits before that."""

    name, uses_tools, where = "small", True, None

    def __init__(self, says):
        self.says, self.asked, self.closed, self.running, self.most = says, [], 0, 0, 0

    async def reply(self, messages, tools, *, within=None, aloud=True):
        (question,) = messages
        assert not question.passages, "nothing of it can be cited"
        (name,) = (name for name, text in TEXTS.items() if text in question.text)
        self.asked.append(name)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        said = self.says.get(name, f"5 | {LINE}")
        if isinstance(said, BaseException):
            raise said
        yield Reply((Segment(said),), (), "end", Usage(20, 4), model="small-1")

    async def aclose(self):
        self.closed += 1


@dataclass
class Cites:
    """The model that answers, by what stands in the first passage that it is shown."""

    shown: list = field(default_factory=list)
    name, uses_tools = "big", True

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.shown.append([each.document for each in messages[0].passages])
        first = messages[0].passages[0]
        text = first.block_text(0)
        yield Reply((Segment(text, (Quote(0, 0, 1, text),)),), (), "end", Usage(10, 5))

    async def aclose(self):
        """It holds nothing."""


BEARS = {LOGS: f"2 | {LINE}", PORTS: "0 | Nothing.", BACKUP: "9 | It tells of backups.", NOISE: "8 | A printer."}


@pytest.fixture
def new_journal(tmp_path):
    opened = []

    def make(name="journal"):
        opened.append(Journal(tmp_path / f"{name}.sqlite"))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def parts(journal, says=BEARS, *, shelf=None, **more):
    shelf = shelf or Shelf(set())
    weighs, cites = Weighs(says), Cites()
    deps = Deps(shelf, shelf, cites, Watchers(), TOOLS, weigher=lambda: weighs, **more.pop("deps", {}))
    return Run(RUN, ASKED, **more), deps, Oversight(journal, lambda: frozenset(shelf.erased)), weighs


def followed(this, deps, over, **more):
    async def to_the_end():
        async with aclosing(run(this, deps, over, **more)) as items:
            return [item async for item in items if not isinstance(item, Token)]

    return asyncio.run(to_the_end())


def events(journal, kind):
    return [entry.content for entry in journal.events(RUN) if entry.kind == kind]


def test_passages_are_shown_in_the_order_of_what_they_are_worth_and_citations_stay_bound_to_them(new_journal):
    journal = new_journal()
    this, deps, over, weighs = parts(journal)
    *_, end = followed(this, deps, over)

    assert (sorted(weighs.asked), weighs.closed) == (sorted(TEXTS), 1)
    assert deps.model.shown == [[BACKUP, NOISE, LOGS]]
    assert isinstance(end, Answered)
    [cited] = end.citations
    assert (cited.document, cited.quote) == (BACKUP, TEXTS[BACKUP][cited.start : cited.end])
    assert end.withheld == 1
    told = {each["document"]: (each["score"], each["line"], each["model"]) for each in events(journal, "weighed")}
    assert told[LOGS] == (2, LINE, "small-1")
    [ranking] = events(journal, "ranked")
    assert (ranking["order"], ranking["dropped"], ranking["why"]) == ([2, 3, 0], [1], "")


def test_the_line_reaches_no_other_model(new_journal):
    this, deps, over, _ = parts(new_journal())
    heard = []

    class Listens(Cites):
        async def reply(self, messages, tools, **more):
            heard.append(repr(messages))
            async for item in super().reply(messages, tools, **more):
                yield item

    followed(this, replace(deps, model=Listens()), over)
    assert heard
    assert LINE not in heard[0]
    assert "tells of backups" not in heard[0]


def test_what_it_took_is_counted_as_the_fast_models(new_journal):
    this, deps, over, weighs = parts(new_journal())
    *_, end = followed(this, deps, over)
    assert (end.usage.input_tokens, end.usage.fast_input_tokens) == (4 * 20 + 10, 0), "there is but one model"
    this, deps, over, _ = parts(new_journal("two"), deps={"fast": weighs})
    *_, end = followed(this, deps, over)
    assert (end.usage.input_tokens, end.usage.fast_input_tokens, end.usage.fast_output_tokens) == (90, 80, 16)


def test_they_are_weighed_several_at_a_time_within_a_bound(new_journal, monkeypatch):
    monkeypatch.setattr("agent.run.steps.TOGETHER", 2)
    this, deps, over, weighs = parts(new_journal())
    followed(this, deps, over)
    assert weighs.most == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (ModelFailed("It is down; ask again."), "the model failed (model_failed)"),
        ("I think it is fine.", "the model gave no number from 0 to 10"),
        (TimeoutError(), "the model took too long"),
    ],
)
def test_a_passage_of_which_nothing_is_said_stays_at_its_place_and_why_is_recorded(new_journal, said, why):
    journal = new_journal()
    this, deps, over, _ = parts(journal, {**BEARS, LOGS: said})
    *_, end = followed(this, deps, over)
    assert deps.model.shown == [[LOGS, BACKUP, NOISE]]
    assert isinstance(end, Answered)
    line = said if isinstance(said, str) else ""
    [kept] = [each for each in events(journal, "weighed") if each["document"] == LOGS]
    assert (kept["score"], kept["why"], kept["line"]) == (None, why, line)


def test_a_model_that_says_nothing_of_any_of_them_changes_nothing(new_journal):
    this, deps, over, _ = parts(new_journal(), dict.fromkeys(TEXTS, ModelFailed("It is down; ask again.")))
    *_, end = followed(this, deps, over)
    assert deps.model.shown == [list(TEXTS)]
    assert (end.withheld, isinstance(end, Answered)) == (0, True)


def test_few_passages_are_not_weighed(new_journal):
    journal = new_journal()
    this, deps, _, weighs = parts(journal, shelf=Shelf({NOISE}))
    followed(this, deps, Oversight(journal))
    assert (weighs.asked, deps.model.shown) == ([], [[LOGS, PORTS, BACKUP]])


@pytest.mark.slow
def test_a_run_goes_on_from_each_of_its_events_and_what_was_weighed_is_not_asked_again(new_journal):
    whole = new_journal("whole")
    this, deps, over, _ = parts(whole)
    *_, end = followed(this, deps, over)
    entries = whole.events(RUN)
    assert [entry.kind for entry in entries[1:7]] == ["retrieved", *["weighed"] * 4, "ranked"]

    for cut in range(1, len(entries)):
        other = new_journal(f"cut-{cut}")
        for entry in entries[:cut]:
            other.append(RUN, entry.kind, entry.content, actor=entry.actor)
        this, deps, over, weighs = parts(other)
        known = {each["document"] for each in events(other, "weighed")}
        begun = Begun(replay(other.events(RUN), deps.texts), cut)
        with other.during(RUN):
            *_, again = followed(this, deps, over, begun=begun, by=Resumed({}))
        assert again == end
        assert sorted(weighs.asked) == sorted(set(TEXTS) - known if cut < 7 else ())


@pytest.mark.parametrize(
    ("budget", "asked"),
    [({"budget_tokens": 10_000}, 4), ({"budget_tokens": 60}, 2), ({"budget_cost": 0.6}, 2)],
)
def test_weighing_uses_at_most_half_of_what_a_run_may_use_so_that_it_can_answer(
    new_journal, monkeypatch, budget, asked
):
    monkeypatch.setattr("agent.run.steps.TOGETHER", 1)
    journal = new_journal()
    this, deps, over, weighs = parts(journal, deps={"cost": lambda usage: usage.total / 100}, **budget)
    *_, end = followed(this, deps, over)
    assert (len(weighs.asked), isinstance(end, Answered)) == (asked, True)
    [ranking] = events(journal, "ranked")
    assert ranking["why"].startswith(f"{4 - asked} were not weighed") == (asked < 4)


def test_weighing_takes_at_most_half_of_the_time_that_is_left(new_journal):
    class Slow(Weighs):
        async def reply(self, messages, tools, *, within=None, aloud=True):
            self.asked.append(within)
            await asyncio.sleep(60)
            yield

    this, deps, *_ = parts(new_journal(), deadline=0.2)
    slow = Slow({})

    async def weighed():
        return [event async for event in weigh(think({}), this, replace(deps, weigher=lambda: slow))]

    *told, ranking = asyncio.run(weighed())
    assert 0 < max(slow.asked) <= 0.1
    assert {each.why for each in told} == {"the model took too long"}
    assert (ranking.order, ranking.dropped) == ((0, 1, 2, 3, 4), ())


# What is erased


def test_what_was_said_of_an_erased_document_is_erased_with_it(new_journal):
    journal = new_journal()
    followed(*parts(journal)[:3])
    assert "tells of backups" in str(events(journal, "weighed"))
    journal.erase(Quotations({BACKUP}, (), lambda _: False, ()), [BACKUP])
    left = events(journal, "weighed")
    assert len(left) == 4
    assert "tells of backups" not in str(left)
    assert BACKUP not in str(left)
    assert isinstance(replay(journal.events(RUN), Shelf({BACKUP})), Abstained)


def test_after_an_erasure_in_the_middle_the_others_are_numbered_anew_and_what_was_said_of_them_is_asked_again():
    state = think({0: 9, 1: 2})
    left = tuple(passage(number) for number in (1, 2, 3, 4))
    assert fold(state, Withdrawn(ASKED, left, (), 0, 0, Usage())).scores == ()


def test_a_document_that_is_erased_while_passages_are_weighed_ends_the_run(new_journal):
    shelf = Shelf(set())
    this, deps, over, _ = parts(new_journal(), shelf=shelf)

    class Erases(Weighs):
        async def reply(self, messages, tools, **more):
            shelf.erased.add(PORTS)
            async for item in super().reply(messages, tools, **more):
                yield item

    *_, end = followed(this, replace(deps, weigher=lambda: Erases(BEARS)), over)
    assert isinstance(end, Abstained)
    assert PORTS not in {each.document for each in end.nearest}


def test_the_state_follows_from_the_events():
    state = fold(think({}), Weighed(2, "2.md", 7, LINE, usage=Usage(3, 1)))
    assert (state.scores, state.spent) == (((2, 7),), Usage(3, 1))
    assert fold(state, Weighed(1, "1.md", None, why="no")).scores == ((2, 7),)
    assert fold(state, Redacted("weighed", Usage(7))).spent == Usage(10, 1)
    after = fold(state, Ranked((2, 0, 1), (3, 4)))
    assert [(each.number, each.document) for each in after.passages] == [(0, "2.md"), (1, "0.md"), (2, "1.md")]
    assert (after.scores, after.withheld, after.weighed) == (((0, 7),), 2, True)
