"""Of one key at one time one value holds; what says otherwise is found by the key, and its time is taken out."""

from dataclasses import replace

import pytest

from agent.journal.entry import Entry
from agent.journal.events import Recalled, Retrieved, Started
from agent.journal.fold import fold
from agent.memory.admitting import NotRemembered, admitted, standing
from agent.memory.conversation import exchange
from agent.memory.remembered import Cut, Memory, content, folded, rows
from agent.state import Recollection

DAY = "2026-11-30"


def said(value, since=None, until=None, *, attribute="city", subject="home"):
    return Memory("", "ada", subject, attribute, value, since=since, until=until)


def after(*told):
    """What is remembered after all of these were told, one after the other."""
    entries = []
    for place, each in enumerate(told):
        made = admitted(each, folded(entries), day=DAY)
        entries.append(Entry(f"m-{place}", 1, "remembered", f"2026-01-0{place + 1}T00:00:00", "person", plain(made)))
    return entries


def plain(memory):
    kept = content(memory)
    return kept | {"cuts": [{"id": cut.id, "since": cut.since, "until": cut.until} for cut in memory.cuts]}


def held(entries, *cuts):
    return [(each["value"], each["from"], each["to"], each["status"]) for each in rows(folded(entries, cuts), DAY)]


def test_a_later_day_ends_what_held_before_and_nothing_is_dated_that_was_not():
    assert held(after(said("Berlin"), said("Paris", "2021-05-01"))) == [
        ("Berlin", None, "2021-05-01", "past"),
        ("Paris", "2021-05-01", None, "current"),
    ]
    assert held(after(said("Berlin"), said("Paris"))) == [
        ("Berlin", None, None, "superseded"),
        ("Paris", None, None, "current"),
    ]


def test_what_held_for_a_while_leaves_what_holds_before_and_after_it():
    assert held(after(said("Berlin", "2019-01-01"), said("Paris", "2021-01-01", "2022-01-01"))) == [
        ("Berlin", "2019-01-01", "2021-01-01", "past"),
        ("Berlin", "2022-01-01", None, "current"),
        ("Paris", "2021-01-01", "2022-01-01", "past"),
    ]


def test_what_names_no_day_says_nothing_of_what_was_over():
    entries = after(said("Berlin", "2019-01-01", "2021-01-01"), said("Rome", "2023-01-01"), said("Paris"))
    assert held(entries) == [
        ("Berlin", "2019-01-01", "2021-01-01", "past"),
        ("Rome", "2023-01-01", None, "superseded"),
        ("Paris", None, None, "current"),
    ]


def test_only_the_same_key_contradicts_however_near_others_are():
    entries = after(said("Paris"), said("Paris, Texas", attribute="city of birth"), said("Lyon", subject="second home"))
    assert {each[3] for each in held(entries)} == {"current"}
    assert held(after(said("Paris"), said("Lyon", subject="HOME ", attribute=" City")))[0][3] == "superseded"


@pytest.mark.parametrize(
    ("first", "again", "is_one"),
    [
        (said("Paris"), said("paris "), True),
        (said("Paris", "2020-01-01"), said("Paris", "2021-01-01", "2022-01-01"), True),
        (said("Paris", "2020-01-01", "2021-01-01"), said("Paris", "2021-01-01"), False),
        (said("Paris"), said("Paris", attribute="country"), False),
    ],
)
def test_what_is_remembered_already_for_that_time_is_refused(first, again, is_one):
    if not is_one:
        assert len(after(first, again)) == 2
        return
    with pytest.raises(NotRemembered) as refused:
        after(first, again)
    assert refused.value.rule == "duplicate"


def test_what_superseded_and_is_forgotten_brings_nothing_back():
    entries = after(said("Berlin"), said("Paris"))
    cuts = folded(entries)[1].cuts
    left = [entries[0], replace(entries[1], content={"erased": True})]
    assert held(left)[0][3] == "current", "which is what must not be"
    assert held(left, *cuts) == [("Berlin", None, None, "superseded")]


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [
        (None, "2026-12-01", "current"),
        (None, DAY, "past"),
        (DAY, None, "current"),
        ("2026-12-01", None, "future"),
    ],
)
def test_it_holds_from_its_first_day_on_and_not_on_the_day_of_its_end(since, until, status):
    [memory] = folded(after(said("Paris", since, until)))
    assert memory.status(DAY) == status
    assert bool(standing([memory], None, DAY)) == (status == "current")


def test_what_came_of_labelled_documents_is_told_to_those_who_see_them_alone():
    memory = replace(said("Paris"), id="m-1", labels=("staff",), intervals=((None, None),))
    assert [
        bool(standing([memory], within, DAY))
        for within in (None, frozenset({"staff", "x"}), frozenset(), frozenset("x"))
    ] == [True, True, False, False]


def test_what_was_recalled_is_in_every_state_after_it_and_marks_what_was_answered():
    told = Recollection("m-1", "home", "city", "Paris")
    state = fold(None, Started("Where?", {}, {}))
    assert state.recalled is None
    state = fold(fold(state, Recalled((told,))), Retrieved("Where?", ()))
    assert state.recalled == (told,)
    entries = [
        Entry("r-1", 1, "started", "", "user", {"question": "Where?"}),
        Entry("r-1", 2, "recalled", "", "agent", {"memories": [{"id": "m-1"}]}),
    ]
    assert [exchange(entries).told, exchange(entries[:1]).told] == [True, False]


def test_a_correction_takes_out_all_of_what_it_corrects():
    [first] = folded(after(said("Pariss", "2021-01-01")))
    made = admitted(said("Paris", "2021-01-01"), [first], day=DAY, corrects=first.id)
    assert made.cuts == (Cut(first.id),)
