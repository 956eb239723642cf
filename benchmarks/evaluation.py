"""What does measuring cost beside the searches that it needs?

A thousand of SciFact's questions (test and train) over its 5,183 documents: the searches alone, as a user makes them
(ten hits); the evaluation (a hundred documents each, metrics, intervals, probes of both legs); the calibration (each
question twice); and the statistics of a comparison of two evaluations alone. Medians of three, in turns.

    .venv/bin/python benchmarks/evaluation.py [QUESTIONS]

Ends with 1 where the evaluation takes more than twice the time of the searches, or the statistics more than 5 s.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.settings import load_settings
from agent.wire import open_citewell
from eval.calibrate.cases import cases
from eval.calibrate.fit import calibrate
from eval.gate.judge import Floors, judge
from eval.gold.gold import Gold
from eval.gold.load import load_gold
from eval.measure.compare import compare
from eval.measure.evaluate import evaluate

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "scifact"
ROUNDS, MOST, SECONDS = 3, 2.0, 5.0


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(count: int) -> int:
    if not DATA.is_dir():
        print(f"{DATA} is not there: nothing to measure")
        return 0
    both = [*load_gold(DATA).queries, *load_gold(DATA / "qrels" / "train.tsv").queries]
    gold = Gold.of(list({query.id: query for query in both}.values())[:count], "qrels")
    with open_citewell(settings=load_settings(home=ROOT / ".bench" / "scifact", environment={})) as citewell:
        citewell.ingest([DATA / "corpus.jsonl"])
        search = replace(citewell.hybrid_search(), calibration=None)
        identity = citewell.encoder.identity
        search("warm")
        found = evaluate(search.every, gold, search.version)
        work = {
            "searches": lambda: [search(query.question, k=10) for query in gold.queries],
            "evaluation": lambda: evaluate(search.every, gold, search.version),
            "calibration": lambda: calibrate(cases(search, gold), identity, gold=gold.digest, shipped=None),
            "statistics": lambda: (compare(found, found), judge(found, floors=Floors(), live=found)),
        }
        seconds = {name: [timed(each) for _ in range(ROUNDS)] for name, each in work.items()}
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    print(f"{len(gold.queries):,} questions\n\n| | seconds | times the searches |\n|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.2f} | {median / medians['searches']:.2f} |")
    missed = []
    if not medians["evaluation"] <= MOST * medians["searches"]:
        missed.append(f"the evaluation takes more than {MOST:g} times as long as the searches")
    if not medians["statistics"] <= SECONDS:
        missed.append(f"the statistics take more than {SECONDS:g} s")
    for line in missed:
        print(f"Not reached: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
