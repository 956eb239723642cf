"""The service goes on with what was cut off, or decided upon, beside what it is asked."""

import asyncio

import pytest

from agent.journal.entry import JournalUnusable
from agent.journal.events import NotKept
from agent.journal.journal import Driven
from agent.service import taking_up as module
from agent.service.admission import Runs
from agent.service.taking_up import taking_up
from agent.state import LEFT, Abstained, Retrieve


class Cut:
    """Runs that were cut off; each is found until it has ended, and does what its name says."""

    def __init__(self, *names, broken=None):
        self.broken = broken
        self.found = list(names)
        self.tried, self.cancelled, self.looks = [], [], 0

    def cut_off(self):
        self.looks += 1
        if self.looks == 1 and self.broken is not None:
            raise self.broken
        return list(self.found)

    def tend(self):
        return []

    async def resume(self, run, *, aloud):
        self.tried.append(run)
        yield Retrieve(run)
        if run.startswith("slow"):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                self.cancelled.append(error.args)
                raise
        if run == "kept too little":
            raise NotKept("It cannot go on: ask again.")
        if run == "driven elsewhere" and self.tried.count(run) == 1:
            raise Driven("It goes on.")
        if run == "broken":
            raise RuntimeError("a bug")
        yield Abstained("so")
        self.found.remove(run)


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(module, "EVERY", 0.01)
    monkeypatch.setattr(module, "PATIENCE", 0.05)


def until(cut, done, *, runs=None, at_once=4):
    async def go():
        async with asyncio.timeout(10), taking_up(runs or Runs(8), cut, at_once=at_once):
            while not done():
                await asyncio.sleep(0.005)

    asyncio.run(go())


def test_one_that_cannot_go_on_is_told_of_once_and_one_that_is_driven_elsewhere_is_tried_again(caplog):
    cut = Cut("kept too little", "driven elsewhere", "broken", "good")
    until(cut, lambda: cut.found == ["kept too little", "broken"] and cut.looks > 5)

    assert cut.tried.count("driven elsewhere") == 2
    assert cut.tried.count("kept too little") == cut.tried.count("broken") == 1
    assert caplog.text.count("does not go on") == 1


def test_a_slow_one_holds_up_no_other_and_is_left_to_be_resumed_when_the_service_stops():
    cut = Cut("slow", "good")
    until(cut, lambda: cut.found == ["slow"])

    assert cut.tried.count("slow") == 1
    assert cut.cancelled == [(LEFT,)]


def test_they_leave_room_for_who_asks_meanwhile():
    cut, runs = Cut("slow 1", "slow 2", "slow 3"), Runs(4)
    until(cut, lambda: cut.looks > 5 and len(cut.tried) == 2, runs=runs, at_once=2)

    assert sorted(cut.tried) == ["slow 1", "slow 2"]  # each has a thread


@pytest.mark.parametrize("broken", [JournalUnusable("It cannot be used."), OSError(5, "Input/output error")])
def test_after_a_look_that_failed_whatever_the_reason_another_is_taken(broken, caplog):
    cut = Cut("good", broken=broken)
    until(cut, lambda: not cut.found)
    assert (cut.looks > 1, cut.tried) == (True, ["good"])
    assert str(broken) in caplog.text


def test_what_kept_a_run_from_going_on_may_be_put_right_while_the_service_goes_on(monkeypatch, caplog):
    monkeypatch.setattr(module, "AGAIN", 0.02)
    cut = Cut("kept too little", "broken")
    until(cut, lambda: min(map(cut.tried.count, cut.found)) > 2)

    assert caplog.text.count("does not go on") == caplog.text.count("taken up broke") == 1


def test_one_that_could_not_go_on_and_was_taken_care_of_elsewhere_is_tried_again_when_it_is_found_anew():
    cut = Cut("kept too little")

    def done():
        looked = cut.looks
        if cut.tried and looked > 3:
            cut.found = [] if looked < 6 else ["kept too little"]
        return cut.tried.count("kept too little") == 2

    until(cut, done)
