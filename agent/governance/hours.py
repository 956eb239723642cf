"""When is somebody there, and when is a length of time over that only runs while somebody is?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS: Final = re.compile(r"(?P<days>[A-Za-z,-]+) (?P<from>\d\d:\d\d)-(?P<to>\d\d:\d\d)(?: (?P<zone>\S+))?")
_SPAN: Final = re.compile(r"(?:(?P<days>\d{1,3})d)?(?:(?P<hours>\d{1,3})h)?(?:(?P<minutes>\d{1,3})m)?")
HOURS_FORM: Final = "Mon-Fri 09:00-17:00 Europe/Berlin"
SPAN_FORM: Final = "4h, 30m or 1d12h"


@dataclass(frozen=True, slots=True)
class Hours:
    """On which days of the week (0 is Monday), and from when to when on them, somebody is there."""

    days: frozenset[int]
    start: time
    end: time
    zone: ZoneInfo

    def on(self, day: datetime) -> tuple[datetime, datetime] | None:
        """From when to when somebody is there on the day in which an instant lies; None on a day off."""
        here = day.astimezone(self.zone)
        if here.weekday() not in self.days:
            return None
        made = [datetime.combine(here.date(), each, self.zone).astimezone(UTC) for each in (self.start, self.end)]
        return made[0], made[1]

    def are(self, at: datetime) -> bool:
        """Whether somebody is there then."""
        there = self.on(at)
        return there is not None and there[0] <= at < there[1]


def hours(written: str) -> Hours:
    """What is written as `Mon-Fri 09:00-17:00 Europe/Berlin` (UTC without a zone). Raises `ValueError`."""
    found = _HOURS.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"is to be written as {HOURS_FORM}")
    try:
        days = frozenset(day for part in found["days"].split(",") for day in _week(part))
        start, end = (time.fromisoformat(found[name]) for name in ("from", "to"))
        zone = ZoneInfo(found["zone"] or "UTC")
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"is to be written as {HOURS_FORM}") from error
    except KeyError as error:
        raise ValueError(
            f"names the time zone {found['zone']}, which is not known; write one as Europe/Berlin"
        ) from error
    if start >= end:
        raise ValueError("ends before it begins; write the earlier time first")
    return Hours(days, start, end, zone)


def span(written: str) -> timedelta:
    """What is written as `4h`, `30m` or `1d12h`. Raises `ValueError`."""
    found = _SPAN.fullmatch(written.strip())
    if not written.strip() or found is None:
        raise ValueError(f"is to be written as {SPAN_FORM}")
    length = timedelta(**{name: int(found[name] or 0) for name in ("days", "hours", "minutes")})
    if not length:
        raise ValueError(f"is no time at all: write how long, as {SPAN_FORM}")
    return length


def over(since: datetime, length: timedelta, there: Hours | None) -> datetime:
    """When that length of time is over; with hours only those count in which somebody is there."""
    if there is None:
        return since + length
    left, day = length, since
    for _ in range(3660):
        today = there.on(day)
        if today is not None and (begins := max(today[0], since)) < today[1]:
            if begins + left <= today[1]:
                return begins + left
            left -= today[1] - begins
        day = (day.astimezone(there.zone) + timedelta(days=1)).replace(hour=12, minute=0)
    return since + length  # ten years on


def _week(part: str) -> range | list[int]:
    first, _, last = part.partition("-")
    start = _DAYS.index(first.capitalize())
    if not last:
        return [start]
    end = _DAYS.index(last.capitalize())
    return range(start, end + 1) if start <= end else [*range(start, 7), *range(end + 1)]
