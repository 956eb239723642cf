"""The state of a run is what its journal says: read back from the file and replay, at every moment of it."""

import asyncio
import json
import sqlite3
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.journal.events import (
    Acted,
    Acting,
    Checked,
    Noise,
    NotKept,
    Redacted,
    Retrieved,
    Shortened,
    Started,
    Thought,
    Withdrawn,
)
from agent.journal.fold import OVERTAKEN, TAKEN_OUT, UNNAMED, fold, replay
from agent.journal.journal import Journal
from agent.run import course
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import (
    Abstained,
    Act,
    Answered,
    Check,
    Failed,
    Observation,
    Passage,
    Reply,
    Retrieve,
    Segment,
    Think,
    Token,
    ToolCall,
    Turn,
    Usage,
    used,
)
from retrieval.erasure.quotations import Quotations
from tests.agent.charters import ruled
from tests.agent.run.scripted import LOGS, MOVES, TEXTS, TOOLS, USAGE, Scripted, Shelf, Watchers

ids = count()


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    with closing(Journal(tmp_path_factory.mktemp("fold") / "journal.sqlite")) as journal:
        yield journal


def followed(journal, moves, *, erase=None, shelf=None):
    """A run: after each event the state that it came to, what the file held then, and that replay; and its shelf.

    `erase` is `(when, time, document)`: at which yield, or when the model speaks for which time.
    """
    shelf, seen = shelf or Shelf(set()), {"yield": 0, "speaking": 0}

    def erasing(when):
        seen[when] += 1
        if erase is not None and (when, seen[when]) == erase[:2]:
            document = erase[2]
            shelf.erased.add(document)
            says = Quotations([document], [TEXTS[document]], lambda _: False, ())
            journal.erase(says, [document])

    this = Run(f"r-{next(ids)}-fold", "How long are logs kept?", max_turns=4)
    model = Scripted(list(moves), erasing)
    charter = ruled({"send": "allow"})
    deps = Deps(shelf, shelf, model, Watchers(), TOOLS, (charter,), withhold=0.2)
    over = Oversight(journal, lambda: frozenset(shelf.erased))

    states = []

    def folding(state, event):
        reached, entries = fold(state, event), journal.events(this.id)
        states.append((reached, entries, replay(entries, shelf)))
        return reached

    async def follow():
        async with aclosing(run(this, deps, over)) as items:
            async for item in items:
                if not isinstance(item, Token):
                    assert item == states[-1][0], "what is given out is what the events came to"
                    erasing("yield")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "fold", folding)
        asyncio.run(follow())
    return states, shelf


erasures = st.none() | st.tuples(
    st.sampled_from(["yield", "speaking"]), st.integers(1, 6), st.sampled_from(sorted(TEXTS))
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=4), erasures)
@example(["several", "pause", "look"], None)
@example(["too long", "window", "tide", "too long"], None)
@example(["look"], ("yield", 2, LOGS))
@example(["tide"], ("yield", 2, LOGS))
@example(["look"], ("yield", 4, "guide/backup.md"))
@example([], ("speaking", 1, LOGS))
@example(["window"], ("yield", 3, LOGS))
def test_what_the_journal_holds_folds_to_the_state_that_was_reached(journal, moves, erase):
    states, shelf = followed(journal, moves, erase=erase)
    gone, told = False, None
    for number, (reached, entries, told) in enumerate(states, start=1):
        assert len(entries) == number, "no event without a state"
        gone = gone or any(entry.content.get("erased") for entry in entries)
        left = isinstance(told, Abstained) and told.reason == OVERTAKEN
        assert told == reached or (gone and left), "what is erased is no state, or a stated end, and never another one"
    assert told == states[-1][0], "how it ended is known, whatever was erased on the way"
    now = replay(journal.events(states[-1][1][0].run), shelf)
    assert not [name for name in shelf.erased if name in repr(now)], "also what was erased after its end"


def test_after_an_erasure_what_is_left_is_written_down_and_folds_to_the_same_state(journal):
    states, _ = followed(journal, [], erase=("yield", 2, LOGS))
    kinds = [entry.kind for entry in states[-1][1]]

    checking = ["thought", "checked", "returned", "thought", "checked", "answered"]
    assert kinds == ["started", "retrieved", "withdrawn", *checking]
    assert states[-1][1][1].content == {"erased": True}
    full, left = [state for state, *_ in states if isinstance(state, Think) and not state.turns]
    assert LOGS in {passage.document for passage in full.passages}
    assert [(each.number, each.document) for each in left.passages] == [(0, "guide/ports.md"), (1, "guide/backup.md")]
    assert states[2][2] == left


@dataclass(frozen=True)
class Late(Shelf):
    """It finds what is to be erased the second time it is asked, beside what it found before."""

    asked: list

    def __call__(self, query, *, k=10, **_):
        self.asked.append(query)
        hits = super().__call__(query, k=k)
        return [hit for hit in hits if (hit.chunk.document == LOGS) <= (len(self.asked) > 1)]


def test_of_results_of_which_something_is_erased_the_rest_folds_to_the_same_state(journal):
    states, _ = followed(journal, ["look"], erase=("yield", 4, LOGS), shelf=Late(set(), []))
    kinds = [entry.kind for entry in states[-1][1]]

    checking = ["thought", "checked", "returned", "thought", "checked", "answered"]
    assert kinds == ["started", "retrieved", "thought", "acted", "withdrawn", *checking]
    thinking = [state for state, *_ in states if isinstance(state, Think)]
    full, left = [state.turns[0].observations[0] for state in thinking if len(state.turns) == 1]
    assert [each.document for each in full.passages] == [LOGS, "guide/ports.md", "guide/backup.md"]
    assert [(each.number, each.document) for each in left.passages] == [(2, "guide/ports.md"), (3, "guide/backup.md")]
    assert left.text == TAKEN_OUT
    assert [told == reached for reached, _, told in states] == [True] * len(states)


# Nothing is left out of what a fold needs


@pytest.mark.parametrize(
    ("kind", "key", "spoiled"),
    [
        ("started", "question", "Another?"),
        ("retrieved", "passages", []),
        ("retrieved", "withheld", []),
        *(
            ("thought", key, value)
            for key, value in {"content": [], "segments": [], "calls": [], "model": None}.items()
        ),
        ("thought", "shape", "numbered"),
        ("thought", "usage", {}),
        ("thought", "barred", True),
        ("acted", "text", ""),
        ("acted", "passages", []),
        ("acted", "withheld", []),
        ("shortened", "told", ""),
        ("shortened", "left_out", 1),
        ("returned", "reasons", ["So it is not."]),
        ("withdrawn", "passages", []),
        ("withdrawn", "withheld", 7),
        ("answered", "citations", []),
    ],
)
def test_a_journal_that_lacks_what_an_event_told_folds_to_another_state_or_says_so(journal, kind, key, spoiled):
    """Sabotage of the test above: what is lost on the way to the disk is seen."""
    if kind == "withdrawn":
        states, shelf = followed(journal, ["tide"], erase=("yield", 2, LOGS))
    else:
        states, shelf = followed(journal, ["look", "too long", "too long", "tide"])
    entries = states[-1][1]
    place = next(
        place
        for place, entry in enumerate(entries)
        if entry.kind == kind and entry.content.get(key, "") not in ("", [], None)
    )
    if key == "told":  # it is read where no passage of a result is left
        place = max(place for place, entry in enumerate(entries) if entry.kind == kind)
    lossy = replace(entries[place], content={**entries[place].content, key: spoiled})
    whole = replay(entries[: place + 1], shelf)
    assert replay([*entries[:place], lossy], shelf) != whole
    missing = replace(lossy, content={name: value for name, value in lossy.content.items() if name != key})
    with suppress(NotKept):
        assert replay([*entries[:place], missing], shelf) != whole


def test_a_passage_comes_back_with_the_text_of_the_index_or_not_at_all(journal):
    states, shelf = followed(journal, [])
    (retrieved,) = [entry for entry in states[-1][1] if entry.kind == "retrieved"]

    assert "thirty days" not in json.dumps(retrieved.content)
    assert replay(states[-1][1][:2], shelf).passages[0].text == TEXTS[LOGS]
    with pytest.raises(NotKept, match=r"guide/logs\.md is no longer in the index version"):
        replay(states[-1][1][:2], Shelf({LOGS}))


def passage(number, document=LOGS):
    text = TEXTS[document]
    return Passage(number, "document", document, "", text, 0, len(text), ((0, len(text)),))


ONE, TWO = ToolCall("c1", "look", {}), ToolCall("c2", "send", {})
CALLS, ENDS_HERE = Reply((), (ONE, TWO), "calls", USAGE), Reply((Segment("So."),), (), "end", USAGE)
FULL, PAUSED, CUT = (replace(ENDS_HERE, stop=stop) for stop in ("window", "pause", "broken"))
THINK = Think("?", (passage(0), passage(1)), withheld=1)
FOUND, SENT = Observation(ONE, "", (passage(2), passage(3))), Observation(TWO, "Sent.", note="Cut.")
AFTER = replace(THINK, turns=(Turn(CALLS, (FOUND, SENT)),))
LOST = Observation(ONE, TAKEN_OUT, note=TAKEN_OUT)
NOISE = Noise("guide/noise.md", 0, 3, 0.1)


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (None, Started("?", {}, {}), Retrieve("?")),
        (Retrieve("?"), Retrieved("?", THINK.passages, (NOISE,)), THINK),
        (THINK, Thought(CALLS), Act(THINK, CALLS)),
        (THINK, Thought(CALLS, barred=True), Check(THINK, CALLS)),
        (THINK, Thought(ENDS_HERE), Check(THINK, ENDS_HERE)),
        (THINK, Thought(PAUSED), replace(THINK, turns=(Turn(PAUSED),))),
        (THINK, Thought(CUT), THINK),
        (Act(THINK, CALLS), Acted(FOUND, "read", "ran"), Act(THINK, CALLS, (FOUND,))),
        (Act(THINK, CALLS, (FOUND,)), Acting(TWO, "external"), Act(THINK, CALLS, (FOUND,), "send")),
        (Act(THINK, CALLS, (FOUND,), "send"), Acted(SENT, "external", "ran"), AFTER),
        (Check(THINK, ENDS_HERE), Checked((), (), ()), Check(THINK, ENDS_HERE)),
        (THINK, Shortened("long", 1, "…"), replace(THINK, passages=(passage(0),), left_out=1)),
        (
            Check(THINK, FULL),
            Shortened("full", 1, "…"),
            replace(THINK, passages=(passage(0),), left_out=1, spent=USAGE),
        ),
        (
            AFTER,
            Shortened("long", 2, "…"),
            replace(AFTER, turns=(Turn(CALLS, (replace(FOUND, passages=(), text="…"), SENT)),), left_out=2),
        ),
        (
            AFTER,
            Withdrawn("?", THINK.passages, ((SENT, FOUND),), 1, 0, Usage()),
            replace(AFTER, turns=(Turn(CALLS, (SENT, FOUND)),)),
        ),
        (
            Abstained(OVERTAKEN),
            Withdrawn("?", (passage(0),), (), 1, 2, USAGE),
            Think("?", (passage(0),), (), 1, 2, USAGE),
        ),
        (Abstained(OVERTAKEN), Withdrawn("?", (), ((SENT,),), 1, 2, USAGE), Abstained(OVERTAKEN)),
        (
            Act(THINK, CALLS, (LOST,)),
            Acted(replace(FOUND, call=TWO, passages=(passage(7),)), "read", "ran"),
            replace(THINK, turns=(Turn(CALLS, (LOST, replace(FOUND, call=TWO, passages=(passage(2),)))),)),
        ),
        (Act(THINK, CALLS), Redacted("acted"), Act(THINK, CALLS, (replace(LOST, began=True),))),
        (Act(THINK, CALLS), Redacted("acting"), Act(THINK, CALLS, (), UNNAMED)),
        (THINK, Redacted("thought", USAGE), Abstained(OVERTAKEN, usage=USAGE)),
        (Check(THINK, ENDS_HERE), Redacted("checked"), Abstained(OVERTAKEN, usage=USAGE)),
        (Check(THINK, ENDS_HERE), Redacted("answered", USAGE), Abstained(OVERTAKEN, usage=USAGE)),
        (THINK, Redacted("failed", USAGE, "deadline"), Failed("deadline", OVERTAKEN, USAGE)),
        (None, Redacted("started"), Abstained(OVERTAKEN)),
        (Abstained(OVERTAKEN), Thought(ENDS_HERE), Abstained(OVERTAKEN)),
        (THINK, Answered("So. [1]", ()), Answered("So. [1]", ())),
    ],
)
def test_an_event_moves_a_state_on(before, event, after):
    assert fold(before, event) == after


def test_what_may_not_follow_a_state_is_no_run(journal):
    for state, event in (
        (None, Retrieved("?", ())),
        (Retrieve("?"), Checked((), (), ())),
        (Think("?", ()), Retrieved("?", ())),
    ):
        with pytest.raises(ValueError, match="nothing"):
            fold(state, event)
    assert fold(Retrieve("?"), Failed("torn", "It is torn: mend it.")) == Failed("torn", "It is torn: mend it.")
    assert isinstance(fold(None, Started("?", {}, {})), Retrieve)


def test_a_tool_whose_outcome_was_erased_is_known_to_have_run(journal):
    states, shelf = followed(journal, ["send"])
    entries = states[-1][1]
    act = next(place for place, entry in enumerate(entries) if entry.kind == "acting")
    begun = replay(entries[: act + 1], shelf)
    assert (type(begun), begun.begun) == (Act, "send")

    ran = replay([*entries[: act + 1], replace(entries[act + 1], content={"erased": True})], shelf)
    assert isinstance(ran, Think)
    assert ran.turns[-1].observations[0].text == TAKEN_OUT


def test_what_a_reply_that_was_erased_had_cost_is_known(journal):
    states, shelf = followed(journal, [], erase=("speaking", 1, LOGS))
    end = states[-1][0]

    assert (type(end), end.reason, end.usage) == (Abstained, OVERTAKEN, USAGE)
    assert used(replay(states[-1][1][:-1], shelf)) == USAGE


# Journals of before


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((Path(__file__).parent / "before_typed_events.sql").read_text(encoding="utf-8"))
        connection.execute("PRAGMA user_version = 1")
        connection.execute("PRAGMA journal_mode = WAL")
    with closing(Journal(path)) as journal:
        yield journal


ENDS = {
    "answered": Answered,
    "abstained": Abstained,
    "failed": Failed,
    "acted": Answered,
    "shortened": Answered,
    "erased": Abstained,
}


def test_a_journal_of_before_is_listed_shown_and_verified(old):
    listed = {one.id.partition("-")[2].partition("-")[2]: one for one in old.runs()}

    assert {name: one.status for name, one in listed.items()} == {
        "answered": "answered",
        "abstained": "abstained",
        "failed": "failed",
        "acted": "answered",
        "shortened": "answered",
        "erased": "answered",
        "killed": "killed",
    }
    assert (listed["answered"].answer, listed["answered"].question) == ("On Sundays. [1]", "When are backups made?")
    assert listed["erased"].answer == ""
    assert old.verify().ok
    assert [entry.kind for entry in old.events(listed["acted"].id)] == [
        *("started", "retrieved", "thought", "acting", "acted", "thought", "checked", "answered")
    ]


def test_a_run_of_before_folds_as_far_as_its_events_hold_what_is_needed(old):
    shelf = Shelf(set())
    for one in old.runs():
        name, entries = one.id.partition("-")[2].partition("-")[2], old.events(one.id)
        assert replay(entries[:1], shelf) == Retrieve(one.question)
        if name != "erased":
            with pytest.raises(NotKept, match=rf"Event 2 \(retrieved\) of run {one.id} holds less .* ask again;"):
                replay(entries, shelf)
        if name in ENDS:
            end = replay([entries[0], entries[-1]], shelf)
            assert isinstance(end, ENDS[name]), "how it ended is known"
            assert getattr(end, "answer", "") == one.answer


def test_from_a_journal_of_before_a_document_is_erased_as_from_one_of_today(old, tmp_path):
    before = {one.id: one for one in old.runs()}
    told = [id for id in before if LOGS in json.dumps([entry.content for entry in old.events(id)])]
    assert 0 < len(told) < len(before)

    assert old.erase(Quotations([LOGS], [TEXTS[LOGS]], lambda _: False, ()), [LOGS]).events > 0

    assert old.verify().ok
    left = {id: [entry.content for entry in old.events(id)] for id in before}
    assert [id for id in before if LOGS in json.dumps(left[id])] == []
    assert [path.name for path in tmp_path.iterdir() if LOGS.encode() in _without_records(path)] == []
    assert all(left[id][-1] == {"erased": True} for id in told), "and what came of it"
    assert {one.id: one.status for one in old.runs()} == {id: one.status for id, one in before.items()}
    for id in told:
        assert isinstance(replay(old.events(id)[1:], Shelf(set())), Abstained | Failed), "how it ended, and no more"


def _without_records(path):
    """The bytes of a file but for the records of erasures, which name what was erased."""
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.DatabaseError):
        rows = connection.execute("SELECT content FROM events WHERE kind = 'erased'").fetchall()
        data = path.read_bytes()
        for (record,) in rows:
            data = data.replace(record.encode(), b"")
        return data
    return path.read_bytes()


def test_what_is_no_event_of_a_run_is_named(old):
    entries = old.events(old.runs()[0].id)
    with pytest.raises(NotKept, match="is of no kind that a run has here"):
        replay([replace(entries[0], kind="dreamt")], Shelf(set()))


def test_a_shortened_state_lacks_its_last_passages():
    passages = tuple(SimpleNamespace(number=number) for number in range(5))
    less = fold(Think("?", passages), Shortened("too long", 3, "…"))

    assert ([each.number for each in less.passages], less.left_out) == ([0, 1], 3)
