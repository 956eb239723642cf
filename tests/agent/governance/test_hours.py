"""Somebody is there in their hours, by the clock of their place, and a length of time runs in them alone."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.governance.hours import hours, over, span

BERLIN = hours("Mon-Fri 09:00-17:00 Europe/Berlin")


def at(written):
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "there"),
    [
        ("2026-11-30T07:59:59", False),
        ("2026-11-30T08:00:00", True),
        ("2026-11-30T15:59:59", True),
        ("2026-11-30T16:00:00", False),
        ("2026-07-01T07:00:00", True),
        ("2026-11-28T10:00:00", False),
    ],
)
def test_somebody_is_there_by_the_clock_of_their_place(instant, there):
    assert BERLIN.are(at(instant)) == there


@pytest.mark.parametrize(("written", "days"), [("Mon", {0}), ("Sat,Sun", {5, 6}), ("Fri-Mon", {4, 5, 6, 0})])
def test_days_may_be_named_or_go_round_the_weekend(written, days):
    assert hours(f"{written} 08:00-12:00").days == days


@pytest.mark.parametrize(
    ("since", "length", "until"),
    [
        ("2026-11-30T08:00:00", "4h", "2026-11-30T12:00:00"),
        ("2026-11-30T14:00:00", "4h", "2026-12-01T10:00:00"),
        ("2026-11-27T15:30:00", "1h", "2026-11-30T08:30:00"),
        ("2026-11-28T03:00:00", "30m", "2026-11-30T08:30:00"),
        ("2026-11-30T08:00:00", "8h", "2026-11-30T16:00:00"),
        ("2026-11-30T08:00:00", "1d", "2026-12-02T16:00:00"),
    ],
)
def test_a_length_of_time_runs_only_while_somebody_is_there(since, length, until):
    assert over(at(since), span(length), BERLIN) == at(until)


def test_without_hours_it_runs_always():
    assert over(at("2026-11-28T03:00:00"), span("1d12h30m"), None) == at("2026-11-29T15:30:00")


@pytest.mark.parametrize("written", ["", " ", "4", "4x", "-4h", "h", "4 h"])
def test_what_is_no_length_of_time_is_refused(written):
    with pytest.raises(ValueError, match="4h, 30m or 1d12h"):
        span(written)


@pytest.mark.parametrize(
    "written", ["Mon-Fri", "09:00-17:00", "Mon-Fri 9-17", "Mon-Foo 09:00-17:00", "Mon 25:00-26:00"]
)
def test_what_are_no_hours_is_refused(written):
    with pytest.raises(ValueError, match="Mon-Fri 09:00-17:00"):
        hours(written)


def test_nothing_is_as_long_as_it_is_written():
    assert span("90m") == timedelta(hours=1, minutes=30)
