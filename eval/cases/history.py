"""How did each release do on the cases, and is one better than another?"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from eval.cases.cases import Case
from eval.cases.evaluate import CaseResult, Evaluated
from eval.cases.routing import Routing
from eval.measure.stats import Difference, Interval, difference, wilson
from ingest.database import reading
from ingest.errors import CitewellError

_FILE: Final = "agent_cases.sqlite"
_PATIENCE: Final = 30.0  # seconds that one evaluation waits for another to be written
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS evaluations (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, release TEXT NOT NULL, model TEXT NOT NULL, index_version TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS results (
    evaluation INTEGER NOT NULL REFERENCES evaluations, case_id TEXT NOT NULL, case_digest TEXT NOT NULL,
    passes INTEGER NOT NULL, tries INTEGER NOT NULL, PRIMARY KEY (evaluation, case_id)
);
CREATE TABLE IF NOT EXISTS routings (evaluation INTEGER PRIMARY KEY REFERENCES evaluations, told TEXT NOT NULL);
"""
SIGNIFICANT: Final = 0.05


class NoHistory(CitewellError):
    """A release of which no evaluation is recorded, or records that cannot be read."""

    code: ClassVar[str] = "no_history"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404


@dataclass(frozen=True, slots=True)
class Recorded:
    """An evaluation as it is kept: of each case its digest, and its passes and tries; no words of a document.

    `at` is UTC in ISO form. `routing` is that of all its cases, where there were two models.
    """

    at: str
    release: str
    model: str
    index_version: str
    results: Mapping[str, tuple[str, int, int]]
    routing: Routing | None = None

    @property
    def rate(self) -> Interval:
        """The share of tries that passed, over its cases."""
        return wilson(sum(passes / tries for _, passes, tries in self.results.values()), len(self.results))

    def of(self, cases: Sequence[Case]) -> Recorded | None:
        """What it says of those of these cases that are still the same; None where it asked none of them."""
        digests = {case.id: case.digest for case in cases}
        same = {id: kept for id, kept in self.results.items() if digests.get(id) == kept[0]}
        return replace(self, results=same) if same else None


@dataclass(frozen=True, slots=True)
class Compared:
    """An evaluation beside that of an earlier release, over the cases that both asked and that are the same.

    `lost` are the cases that pass less often than then, `won` those that do more often; `left_out` counts those that
    only one of the two asked, or that were changed between.
    """

    release: str
    cases: int
    change: Difference
    lost: tuple[str, ...]
    won: tuple[str, ...]
    left_out: int

    @property
    def said(self) -> str:
        """The outcome in a sentence."""
        each = self.change
        figures = f"{each.a:.1%} then, {each.b:.1%} now, on {self.cases} cases"
        if each.p < SIGNIFICANT:
            return f"{'Better' if each.mean > 0 else 'Worse'} than release {self.release}: {figures}, p = {each.p:.4f}."
        if not each.differing:
            return f"No difference from release {self.release}: {figures}."
        return f"No difference from release {self.release} can be told: {figures}, p = {each.p:.4f}; {each.could_show}."

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        told = {"release": self.release, "cases": self.cases, "left_out": self.left_out, "said": self.said}
        return told | self.change.as_json() | {"lost": self.lost, "won": self.won}


def record(home: Path, evaluated: Evaluated, *, at: str, release: str, model: str, index_version: str) -> None:
    """Keeps an evaluation in the home; on disk when this returns."""
    with _writing(home) as connection:
        evaluation = connection.execute(
            "INSERT INTO evaluations (at, release, model, index_version) VALUES (?, ?, ?, ?)",
            (at, release, model, index_version),
        ).lastrowid
        rows = (
            (evaluation, each.case.id, each.case.digest, each.passes, len(each.tries)) for each in evaluated.results
        )
        connection.executemany("INSERT INTO results VALUES (?, ?, ?, ?, ?)", rows)
        if (routing := evaluated.routing) is not None:
            told = json.dumps(routing.as_json())
            connection.execute("INSERT INTO routings VALUES (?, ?)", (evaluation, told))


def recorded(home: Path) -> list[Recorded]:
    """Every evaluation that was kept, the oldest first. Raises `NoHistory` where the file is damaged."""
    path = home / _FILE
    if not path.is_file():
        return []
    found: dict[int, Recorded] = {}
    results: dict[int, dict[str, tuple[str, int, int]]] = {}
    try:
        with closing(reading(path)) as connection:
            had = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'routings'").fetchone()
            routings = dict(connection.execute("SELECT * FROM routings")) if had else {}
            for id, at, release, model, version in connection.execute("SELECT * FROM evaluations ORDER BY id"):
                routing = Routing(**json.loads(routings[id])) if id in routings else None
                found[id] = Recorded(at, release, model, version, results.setdefault(id, {}), routing)
            for id, case, digest, passes, tries in connection.execute("SELECT * FROM results"):
                if id in results:
                    results[id][case] = (digest, passes, tries)
    except sqlite3.Error as error:
        raise NoHistory(f"{path} cannot be read ({error}): move it away, and a new one is begun.") from error
    return [each for each in found.values() if each.results]


def of_release(kept: Sequence[Recorded], release: str) -> Recorded:
    """The latest evaluation of a release; the beginning of its name is enough. Raises `NoHistory`."""
    named = [each for each in kept if release and each.release.startswith(release)]
    if not named:
        known = ", ".join(dict.fromkeys(each.release for each in reversed(kept)))
        there = f"there are {known}" if known else "none is: run citewell eval agent once without --compare"
        raise NoHistory(f"No evaluation of a release {release!r} on cases is recorded; {there}.")
    if len({each.release for each in named}) > 1:
        raise NoHistory(f"Several releases begin with {release!r}: give more of the name.")
    return named[-1]


def compare(before: Recorded, now: Evaluated) -> Compared:
    """A paired test of the two, case by case. Raises `NoHistory` where they share no case."""
    shared = [each for each in now.results if before.results.get(each.case.id, ("",))[0] == each.case.digest]
    if not shared:
        raise NoHistory(
            f"The evaluation of release {before.release} asked none of these cases as they are now: there is nothing "
            "to compare; name a release that was asked them."
        )
    pairs = [(_share(before, each), each.share) for each in shared]
    change = difference([old for old, _ in pairs], [new for _, new in pairs])
    moved = [(each.case.id, new - old) for each, (old, new) in zip(shared, pairs, strict=True)]
    everyone = before.results.keys() | {each.case.id for each in now.results}
    return Compared(
        before.release,
        len(shared),
        change,
        lost=tuple(id for id, gain in moved if gain < 0),
        won=tuple(id for id, gain in moved if gain > 0),
        left_out=len(everyone) - len(shared),
    )


def _share(before: Recorded, result: CaseResult) -> float:
    _, passes, tries = before.results[result.case.id]
    return passes / tries


@contextmanager
def _writing(home: Path) -> Iterator[sqlite3.Connection]:
    path = home / _FILE
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
            with connection:
                yield connection
    except sqlite3.Error as error:
        raise NoHistory(f"{path} cannot be written ({error}): see that the disk has room, or move it away.") from error
