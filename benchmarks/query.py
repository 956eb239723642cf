"""What does a warm question take, beside the code of another commit? One run, by turns.

Each checkout is asked in a process of its own, over an index that it built itself, in blocks of twenty questions, so
that both share the noise of the machine:

    git worktree add /tmp/before COMMIT
    .venv/bin/python benchmarks/query.py --against /tmp/before [--collections scifact cranfield] [--rounds 1]

`here / there` of the seconds and of the processor's seconds; the indexes are made in `--homes` where they are not there
yet (which encodes the whole collection) and kept. Ends with 1 where the median is not at most 0.65 of the other's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.gold.load import load_gold

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
BLOCK, WANTED = 20, 0.65
Times = list[tuple[float, float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, required=True, metavar="CHECKOUT", help="of the other commit")
    parser.add_argument("--collections", nargs="+", default=["scifact", "cranfield"], metavar="NAME")
    parser.add_argument("--homes", type=Path, default=ROOT / ".bench" / "query", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=1, help="how often all questions are asked")
    told = parser.parse_args()
    if not DATA.is_dir():
        print(f"The public collections are not at {DATA}: nothing to measure")
        return 0
    checkouts = {"here": ROOT, "there": told.against.resolve()}
    reached = True
    print(f"{'collection':12} {'code':6} {'p50 ms':>8} {'p95 ms':>8} {'processor ms':>13}   medians, by turns")
    for collection in told.collections:
        questions = [query.question for query in load_gold(DATA / collection).queries if query.answerable]
        asked = {name: Asked(path, told.homes / f"{collection}-{name}", collection) for name, path in checkouts.items()}
        times: dict[str, Times] = {name: [] for name in asked}
        for each in asked.values():
            each.ask(questions[:BLOCK])
        for start in list(range(0, len(questions), BLOCK)) * told.rounds:
            for name, each in asked.items():
                block = questions[start : start + BLOCK]
                times[name] += each.ask([block[-1], *block])[1:]  # the first finds cold what the other pushed out
        figures = {}
        for name, found in times.items():
            seconds, processor = np.array(found).T * 1e3
            figures[name] = np.median(seconds), np.quantile(seconds, 0.95), np.median(processor)
            print(f"{collection:12} {name:6} {figures[name][0]:8.2f} {figures[name][1]:8.2f} {figures[name][2]:13.2f}")
        ratios = [here / there for here, there in zip(figures["here"], figures["there"], strict=True)]
        print(f"{collection:12} {'ratio':6} {ratios[0]:8.2f} {ratios[1]:8.2f} {ratios[2]:13.2f}")
        reached = reached and ratios[0] <= WANTED
    return 0 if reached else 1


class Asked:
    """A process that answers by the code of one checkout."""

    def __init__(self, checkout: Path, home: Path, collection: str) -> None:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("CITEWELL_")}
        told = [sys.executable, "-c", ANSWERING, str(home), str(DATA / collection / "corpus.jsonl")]
        self._process = subprocess.Popen(
            told,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=checkout,
            env={**surroundings, "PYTHONPATH": str(checkout)},
        )

    def ask(self, questions: Sequence[str]) -> Times:
        """The seconds of each, and the processor's."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(questions), file=self._process.stdin, flush=True)
        return [(seconds, processor) for seconds, processor in json.loads(self._process.stdout.readline())]


# Of what every commit has: so that the same words ask the code of both
ANSWERING = """
import json, sys, time
from pathlib import Path
from agent.settings import load_settings
from agent.wire import open_citewell

home, corpus = Path(sys.argv[1]), Path(sys.argv[2])
with open_citewell(settings=load_settings(home=home, environment={})) as citewell:
    if not (home / "live").exists():
        citewell.ingest([corpus])
    search = citewell.hybrid_search()
    for line in sys.stdin:
        times = []
        for question in json.loads(line):
            began, busy = time.perf_counter(), time.process_time()
            search(question)
            times.append((time.perf_counter() - began, time.process_time() - busy))
        print(json.dumps(times), flush=True)
"""


if __name__ == "__main__":
    sys.exit(main())
