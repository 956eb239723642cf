"""Does a folder of hostile files, the huge ones among them, do no harm under the bounds that users have?

The test suite ingests the same files but for the huge ones (gigabytes of holes, bombs of ten, texts as long as they
may be), which take minutes. Each file must come to what its row in the table says, within its time and memory. The
files are made in a temporary folder and take some 600 MB there.

    .venv/bin/python benchmarks/hostile.py [BEGINNING OF A NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from ingest.bounds import Bounds
from tests.ingest.hostile import CASES, HUGE, write
from tests.ingest.hostile_case import Case
from tests.ingest.hostile_run import GROWTH, LABEL, MEMORY, Run, ingest_all


def faults(run: Run, cases: list[Case], bounds: Bounds, folder: Path) -> list[str]:
    """What is not as it should be, a line each."""
    found = [f"{case.name!r}: {fault}" for case in cases if (fault := case.fault(run.of(case)))]
    for name, seconds in run.seconds.items():
        path = folder / name.partition("/")[2]
        patience = bounds.patience(path.lstat().st_size if path.exists() else 0)
        if seconds > patience + 10:  # ten for splitting, and for what ends a process
            found.append(f"{name!r}: {seconds:.0f} s")
        if run.memory[name] > MEMORY:
            found.append(f"{name!r}: {run.memory[name] >> 20} MB where it is read")
        if run.growth[name] > GROWTH:
            found.append(f"{name!r}: {run.growth[name] >> 20} MB more where it is asked for")
    return found + [f"{name!r}: took the place of another" for name in run.shelf.overwritten]


def main(beginnings: list[str]) -> int:
    """One table, and the faults below it."""
    cases = [case for case in [*CASES, *HUGE] if not beginnings or case.name.startswith(tuple(beginnings))]
    bounds = Bounds()
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / LABEL, Path(place) / "home"
        home.mkdir()
        write(folder, cases)
        run = ingest_all(folder, home, bounds)
        wrong = faults(run, cases, bounds, folder)
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kinds[case.name.partition("/")[0]].append(case)
    print("| kind | files | read | refused | passed over | slowest (s) | most memory (MB) |")
    print("|---|---|---|---|---|---|---|")
    for kind, members in kinds.items():
        names = [name for name in run.seconds if name.startswith(f"{LABEL}/{kind}/")]
        slowest = max((run.seconds[name] for name in names), default=0.0)
        most = max((run.memory[name] for name in names), default=0)
        outcomes = [case.expected for case in members]
        read = sum(expected.words is not None for expected in outcomes)
        refused = sum(expected.words is None and bool(expected.failed) for expected in outcomes)
        row = (kind, len(members), read, refused, len(members) - read - refused, f"{slowest:.1f}", most >> 20)
        print(f"| {' | '.join(map(str, row))} |")
    print(f"\n{len(cases)} files, {len(wrong)} faults")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
