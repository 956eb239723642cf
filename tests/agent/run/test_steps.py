"""A step gives events, and can do nothing else with them: it is handed no journal, and nothing of erasures."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

from agent.journal.journal import Journal
from agent.journal.record import Unrecorded
from agent.run.deps import Deps, Oversight, Recorder, Run
from agent.run.guard import Gone
from agent.run.steps import step


def reached(hint: Any, seen: set[Any]) -> Iterator[Any]:
    """Every type that can be reached from one: through what it is made of, and through what it holds."""
    if hint in seen:
        return
    seen.add(hint)
    yield hint
    inner = list(get_args(hint))
    if is_dataclass(hint):
        inner += get_type_hints(hint).values()
    for each in inner:
        for one in each if isinstance(each, list) else [each]:
            yield from reached(one, seen)


def test_what_a_step_is_handed_leads_to_no_journal_and_to_nothing_that_tells_of_an_erasure():
    hints = get_type_hints(step)
    del hints["return"]
    within = set(reached(tuple[*hints.values()], set()))

    assert {Run, Deps} <= within
    assert within.isdisjoint({Recorder, Journal, Unrecorded, Oversight, Gone})
    assert Recorder in set(reached(Oversight, set())), "as it would be found"
