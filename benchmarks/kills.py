"""Does an ingest that was killed at any instant end like an undisturbed one? `kills.py [KILLS]`, 200 by default.

Each time a child process with the real encoder ingests the same changes into a copy of the same home, is killed at a
random instant of the time that an undisturbed ingest takes, and another one ingests to the end. Its fingerprint and its
ranked lists must be those of the undisturbed ingest. A child that had ended by then was not killed and is not counted.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as Citewell does where it is the first to import torch
import sentence_transformers  # noqa: F401 - imported once, so that each child has it at once

from agent.wire import open_citewell
from retrieval.versions.home import Home

GUIDE = Path(__file__).resolve().parents[1] / "docs"
FIRST = ("asking.md", "gold.md", "http.md")
CHANGED = {"gold.md": "asking.md", "versions.md": "versions.md", "searching.md": "searching.md"}
UNDISTURBED = 5  # ingests that nobody kills, to know how long one takes
QUESTIONS = ("how is a version published", "what is gold", "which port is served", "rollback")


def main(kills: int) -> int:
    instants = random.Random(20)
    with tempfile.TemporaryDirectory() as place:
        folder, base = Path(place) / "docs", Path(place) / "base"
        prepare(folder, base)
        times = []
        for number in range(UNDISTURBED):
            undisturbed = Path(shutil.copytree(base, Path(place) / f"undisturbed{number}"))
            began = time.monotonic()
            waited(ingest(undisturbed, folder))
            times.append(time.monotonic() - began)
        took = statistics.median(times)
        fingerprint, ranked = state(undisturbed)
        print(f"an undisturbed ingest takes {took:.1f} s (median of {UNDISTURBED}): {fingerprint[:16]}", flush=True)
        killed = other = late = 0
        again = []
        while killed < kills:
            home = Path(shutil.copytree(base, Path(place) / f"home{killed + late}"))
            child = ingest(home, folder)
            time.sleep(instants.uniform(0, took))
            if os.waitpid(child, os.WNOHANG)[0]:
                late += 1
                shutil.rmtree(home)
                continue
            kill(child)
            killed += 1
            began = time.monotonic()
            waited(ingest(home, folder))
            again.append(time.monotonic() - began)
            if state(home) != (fingerprint, ranked) or list((home / "versions").glob(".*")):
                other += 1
                print(
                    f"kill {killed}: another outcome, kept in {shutil.copytree(home, f'killed-{killed}')}", flush=True
                )
            shutil.rmtree(home)
    print(f"{killed} kills ({late} more children had ended before): {killed - other} the same, {other} another")
    print(f"the ingest after a kill takes {statistics.median(again):.1f} s (median)")
    return 1 if other else 0


def prepare(folder: Path, base: Path) -> None:
    """Documents, a home that holds them, and then what changes: renamed, new and changed files."""
    folder.mkdir()
    for name in FIRST:
        shutil.copyfile(GUIDE / name, folder / name)
    waited(ingest(base, folder))
    (folder / "http.md").rename(folder / "service.md")
    for name, source in CHANGED.items():
        shutil.copyfile(GUIDE / source, folder / name)


def ingest(home: Path, folder: Path) -> int:
    """Begins an ingest in a child process; its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        with open_citewell(home) as citewell:
            citewell.ingest([folder])
        code = 0
    finally:
        os._exit(code)


def waited(child: int) -> None:
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("an ingest that nobody disturbed failed")


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def state(home: Path) -> tuple[str, list[list[tuple[str, float]]]]:
    """What is live: its fingerprint, and what both legs rank for some questions; asked in a process of its own."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        with open_citewell(home) as citewell, os.fdopen(write, "w") as out:
            hits = [
                [(hit.chunk.id, hit.score) for hit in citewell.search(question, k=20).hits] for question in QUESTIONS
            ]
            out.write(repr((citewell.version().manifest.fingerprint, hits)))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        found = eval(said.read())  # noqa: S307 - our own child wrote it
    os.wait()
    assert Home(home).live()
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
