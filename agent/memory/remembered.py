"""What is remembered of a principal, and when does it hold? Events, folded; a contradiction is found by its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from agent.journal.entry import Entry
from agent.state import Recollection

Kind = Literal["fact", "preference", "resolution"]
Status = Literal["current", "future", "past", "superseded"]
Interval = tuple[str | None, str | None]  # from the first day on, before the second; None: open, or not known

_FIRST: Final = ""  # before every day, as text
_LAST: Final = "~"  # behind every day


@dataclass(frozen=True, slots=True)
class Cut:
    """What an event takes out of the time in which another memory, of the same key, holds."""

    id: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """That an `attribute` of a `subject` has a `value`, for a principal; it holds `since` a day and before `until`.

    Days that were not told are None, and never made up; when it was written down is `recorded`. `source` says whose
    word it is, and of which run or document. It came of documents with these `labels`. It `cuts` others of
    its key, and is cut by later ones: `intervals` are what is left, none where it is superseded.
    """

    id: str
    principal: str
    subject: str
    attribute: str
    value: str
    kind: Kind = "fact"
    since: str | None = None
    until: str | None = None
    recorded: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    intervals: tuple[Interval, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """By what a contradiction is found."""
        return self.principal, plainly(self.subject), plainly(self.attribute)

    def status(self, day: str) -> Status:
        """What it is on a day."""
        if not self.intervals:
            return "superseded"
        if any(_from(each) <= day < _to(each) for each in self.intervals):
            return "current"
        return "future" if any(_from(each) > day for each in self.intervals) else "past"

    @property
    def recollection(self) -> Recollection:
        """As a run is told of it."""
        return Recollection(
            self.id, self.subject, self.attribute, self.value, self.kind, self.since, self.until, self.recorded
        )


def plainly(text: str) -> str:
    """Without regard to case and space."""
    return " ".join(text.casefold().split())


def content(memory: Memory) -> dict[str, Any]:
    """What the journal keeps of one."""
    names = ("principal", "subject", "attribute", "value", "kind", "since", "until", "source", "labels", "cuts")
    return {name: getattr(memory, name) for name in names}


def cuts_in(content: Mapping[str, Any]) -> tuple[Cut, ...]:
    """What an event, or the record of its erasure, takes out of others."""
    return tuple(Cut(**each) for each in content.get("cuts") or ())


def folded(entries: Iterable[Entry], cuts: Iterable[Cut] = ()) -> list[Memory]:
    """All that is remembered, in the order in which it was written down.

    `cuts` are those of memories that were forgotten: what they superseded does not come back.
    """
    found = [_read(entry) for entry in entries if "value" in entry.content]
    taken = [*cuts, *(cut for memory in found for cut in memory.cuts)]
    return [replace(each, intervals=_left((each.since, each.until), each.id, taken)) for each in found]


def cuts_of(new: Memory, known: Iterable[Memory], day: str) -> tuple[Cut, ...]:
    """What a new memory takes out of others of its key that say otherwise: the time in which it holds.

    Since when one holds that names no day is not known, and that of the other ended: it takes out all but what was over
    by the `day` on which it is written down.
    """
    mine: Interval = (new.since, new.until)
    others = (each for each in known if each.key == new.key and plainly(each.value) != plainly(new.value))
    return tuple(
        Cut(each.id, max(mine[0], interval[0], key=_day), min(mine[1], interval[1], key=_end))
        for each in others
        for interval in each.intervals
        if meet(mine, interval) and not _is_over(interval, new, day)
    )


def same(new: Memory, known: Iterable[Memory]) -> Memory | None:
    """One that says the same for some of the same time; None where there is none."""
    mine: Interval = (new.since, new.until)
    alike = (each for each in known if each.key == new.key and plainly(each.value) == plainly(new.value))
    return next((each for each in alike if any(meet(mine, interval) for interval in each.intervals)), None)


def meet(one: Interval, other: Interval) -> bool:
    """Whether two have a day in common."""
    return _from(one) < _to(other) and _from(other) < _to(one)


def rows(memories: Iterable[Memory], day: str) -> list[dict[str, Any]]:
    """As they are listed: a row for each interval in which one holds, and one for what is superseded."""
    return [
        {
            "id": each.id,
            "principal": each.principal,
            "subject": each.subject,
            "attribute": each.attribute,
            "value": each.value,
            "kind": each.kind,
            "from": since,
            "to": until,
            "recorded": each.recorded,
            "source": dict(each.source),
            "status": replace(each, intervals=((since, until),)).status(day) if each.intervals else "superseded",
        }
        for each in memories
        for since, until in each.intervals or ((each.since, each.until),)
    ]


def told(found: Sequence[Recollection]) -> str:
    """What a model is shown of what is remembered."""
    return "\n".join(map(line, found))


def line(each: Recollection) -> str:
    """One of them on one line."""
    days = " ".join(f"{word} {day}" for word, day in (("from", each.since), ("until", each.until)) if day)
    return f"{each.subject}: {each.attribute}: {each.value}{f' ({days})' if days else ''}"


def _read(entry: Entry) -> Memory:
    said = entry.content
    names = ("principal", "subject", "attribute", "value", "kind", "since", "until", "source")
    return Memory(
        entry.run,
        **{name: said[name] for name in names},
        recorded=entry.at,
        labels=tuple(said["labels"]),
        cuts=cuts_in(said),
    )


def _left(whole: Interval, id: str, cuts: Iterable[Cut]) -> tuple[Interval, ...]:
    left = [whole]
    for cut in cuts:
        if cut.id == id:
            left = [part for each in left for part in _without(each, (cut.since, cut.until))]
    return tuple(sorted(left, key=_from))


def _without(interval: Interval, cut: Interval) -> list[Interval]:
    if not meet(interval, cut):
        return [interval]
    before: Interval = (interval[0], cut[0])
    after: Interval = (cut[1], interval[1])
    return [each for each, is_there in ((before, cut[0]), (after, cut[1])) if is_there and _from(each) < _to(each)]


def _is_over(interval: Interval, new: Memory, day: str) -> bool:
    return new.since is None and _to(interval) <= day


def _from(interval: Interval) -> str:
    return _day(interval[0])


def _to(interval: Interval) -> str:
    return _end(interval[1])


def _day(first: str | None) -> str:
    return first or _FIRST


def _end(last: str | None) -> str:
    return last or _LAST
