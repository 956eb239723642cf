"""What came of publishing, compacting, judging, reporting or tuning?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from eval.calibrate.calibration import Calibration
    from eval.cases.evaluate import Evaluated
    from eval.cases.history import Compared, Recorded
    from eval.gate.judge import Verdict
    from eval.improve.tune import Tuned


@dataclass(frozen=True, slots=True)
class Published:
    """What `citewell index publish` and `rollback` print: the version that is live now, and the one before it."""

    live: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class Compacted:
    """What `citewell index compact --json` prints."""

    dropped: tuple[str, ...]
    bytes_freed: int
    live: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on gold, with what it was given for.

    `calibration` is what was learnt on that gold, None where it is too small. `demands_gold` is whether versions that
    no gold tested are not published by themselves, and `is_first` whether that is so from this verdict on.
    """

    index_version: str
    verdict: Verdict
    asked: str
    calibration: Calibration | None
    demands_gold: bool
    is_first: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """Where a report on a version was written: the page first, then what lies beside it."""

    index_version: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found, the settings file that it was `applied` to, and the variables that go over that file."""

    found: Tuned
    applied: Path | None
    overridden_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of asking the agent its cases, and which `release` answered.

    `history` has every evaluation of these cases, this one last; `compared` is it beside an earlier release. `notes`
    say what is to be known of the figures.
    """

    found: Evaluated
    release: str
    history: tuple[Recorded, ...]
    compared: Compared | None
    notes: tuple[str, ...]
