"""Is Citewell faster than its peers, and does it find at least as much? One run, side by side, with the same weights.

LlamaIndex, Haystack and txtai are wired as their own guides do (`peers_systems.py`), each in a process and an
environment of its own, which the first run makes. They take turns, so that all share the noise of the machine:

    ingest   documents and tokens a second over `--documents` of the collection, evenly taken: median of `--rounds`
    query    p50 and p95 of the collection's judged questions, in warm processes, in blocks of twenty
    quality  nDCG@10 and Recall@100 by document (its best passage) over the whole collection, as pytrec_eval has them
    cold     `citewell search` beside `import torch`, `citewell --help` beside an empty Python, each a new process

    .venv/bin/python benchmarks/peers.py [--collections scifact cranfield] [--parts ingest query quality cold]

Figures are written to `--json` after each part; `--resume` goes on with what is not there yet of the same commit. Ends
with 1 and a line for each figure that Citewell does not reach.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from peers_report import missed, table
from peers_setup import PINNED, ROOT, Process, interpreter

from eval.gold.gold import GoldQuery
from eval.gold.load import load_gold
from eval.measure.metrics import ndcg, recall
from eval.measure.stats import bootstrap
from retrieval.vectors.device import has_bf16, this_processor
from retrieval.vectors.encoder import SentenceEncoder

DATA = ROOT.parent / "shared" / "data"
PARTS = ("ingest", "query", "quality", "cold")
BLOCK, WARM = 20, 20
Row = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collections", nargs="+", default=["scifact", "cranfield"], metavar="NAME")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--systems", nargs="+", choices=list(PINNED), default=list(PINNED), help="beside Citewell")
    parser.add_argument("--rounds", type=int, default=3, help="of ingest, and three times as many of cold")
    parser.add_argument("--documents", type=int, default=1_000, help="of a collection, that ingest is timed with")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "citewell-bench")
    parser.add_argument("--json", type=Path, help="CACHE/peers.json by default")
    parser.add_argument("--resume", action="store_true", help="keep the figures that are in it already")
    told = parser.parse_args()
    if not DATA.is_dir():
        print(f"The public collections are not at {DATA}: nothing to measure")
        return 0
    told.cache.mkdir(parents=True, exist_ok=True)
    path = told.json or told.cache / "peers.json"
    systems = ["Citewell", *told.systems]
    figures = json.loads(path.read_text("utf-8")) if told.resume and path.exists() else {}
    if figures.get("commit") != commit():
        figures = {}  # of other code
    dtype, bf16 = SentenceEncoder().identity.dtype, has_bf16(this_processor())
    figures |= {"commit": commit(), "cores": os.cpu_count(), "dtype": dtype, "bf16": bf16}
    for system in systems:
        interpreter(system, told.cache)

    def done(collection: str, part: str, found: Mapping[str, Row]) -> None:
        figures.setdefault(collection, {})[part] = found
        path.write_text(json.dumps(figures, indent=1), "utf-8")
        print(f"{collection}: {part} measured, {time.strftime('%H:%M:%S')}", file=sys.stderr, flush=True)

    with ExitStack() as stack:
        running = {system: stack.enter_context(Process(system, told.cache)) for system in systems}
        figures["versions"] = {system: process.versions for system, process in running.items()}
        for collection in told.collections:
            wanted = [part for part in told.parts if part not in figures.get(collection, {})]
            if "ingest" in wanted:
                done(collection, "ingest", ingest(running, collection, told.documents, told.rounds))
            if {"query", "quality"} & set(wanted):
                queries = [query for query in load_gold(DATA / collection).queries if query.answerable]
                indexed(running, collection, told.cache)
                if "query" in wanted:
                    done(collection, "query", asked(running, [query.question for query in queries]))
                if "quality" in wanted:
                    done(collection, "quality", judged(running, queries))
    if "cold" in told.parts and "cold" not in figures.get("shell", {}):
        done("shell", "cold", cold(told.collections[0], told.cache, 3 * told.rounds))
    print(table(figures, told.collections, told.parts, systems))
    found = missed(figures, told.collections, told.parts, systems)
    for line in found:
        print(f"not reached: {line}", file=sys.stderr)
    return 1 if found else 0


def ingest(running: Mapping[str, Process], collection: str, documents: int, rounds: int) -> dict[str, Row]:
    """Seconds of each round, documents, passages and tokens; one small ingest before, which is not counted."""
    lines = (DATA / collection / "corpus.jsonl").read_text("utf-8").splitlines()
    step = max(1.0, len(lines) / documents)
    taken = [lines[int(number * step)] for number in range(min(documents, len(lines)))]
    found: dict[str, Row] = {system: {"seconds": []} for system in running}
    with tempfile.TemporaryDirectory() as place:
        small, corpus = Path(place) / "small.jsonl", Path(place) / f"{collection}.jsonl"
        small.write_text("\n".join(taken[:16]) + "\n", "utf-8")
        corpus.write_text("\n".join(taken) + "\n", "utf-8")
        for number in range(rounds + 1):
            for system, process in running.items():
                folder = Path(place) / f"{system}-{number}"
                told = {"corpus": str(corpus if number else small), "folder": str(folder), "keep": False}
                answer = process.ask("ingest", **told)
                if number:
                    found[system]["seconds"].append(answer.pop("seconds"))
                    found[system] |= {"documents": len(taken), "window": process.window, **answer}
    return found


def indexed(running: Mapping[str, Process], collection: str, cache: Path) -> None:
    """The whole collection in each: kept for another run by peers, made anew by Citewell, whose code changes."""
    for system, process in running.items():
        versions = "-".join(process.versions[package] for package in sorted(process.versions))
        folder = cache / "indexes" / collection / f"{system}-{versions}"
        if system != "Citewell" and (folder / "whole").exists():
            process.ask("load", folder=str(folder))
            continue
        process.ask("ingest", corpus=str(DATA / collection / "corpus.jsonl"), folder=str(folder), keep=True)
        (folder / "whole").touch()


def asked(running: Mapping[str, Process], questions: Sequence[str]) -> dict[str, Row]:
    """p50 and p95 in milliseconds; each block begins with a question that is not timed."""
    times: dict[str, list[float]] = {system: [] for system in running}
    for process in running.values():
        process.ask("query", queries=[f"What is said of number {number}?" for number in range(WARM)])
    for start in range(0, len(questions), BLOCK):
        for system, process in running.items():
            block = [f"What is said of part {start}?", *questions[start : start + BLOCK]]
            times[system] += process.ask("query", queries=block)["seconds"][1:]
    return {
        system: {
            "queries": len(found),
            "p50": 1e3 * float(np.median(found)),
            "p95": 1e3 * float(np.quantile(found, 0.95)),
        }
        for system, found in times.items()
    }


def judged(running: Mapping[str, Process], queries: Sequence[GoldQuery]) -> dict[str, Row]:
    """Both metrics with their intervals; raises where pytrec_eval has another value."""
    found = {}
    for system, process in running.items():
        rankings = process.ask("rank", queries=[query.question for query in queries])["rankings"]
        values: dict[str, list[float]] = {"nDCG@10": [], "Recall@100": []}
        for query, ranking in zip(queries, rankings, strict=True):
            grades = {relevant.document: relevant.grade for relevant in query.relevant}
            values["nDCG@10"].append(ndcg(ranking, grades, 10))
            values["Recall@100"].append(recall(ranking, grades, 100))
        check(queries, rankings, values)
        intervals = {name: bootstrap(each) for name, each in values.items()}
        found[system] = {name: [each.mean, each.low, each.high] for name, each in intervals.items()}
    return found


def check(
    queries: Sequence[GoldQuery], rankings: Sequence[Sequence[str]], values: Mapping[str, Sequence[float]]
) -> None:
    """Against trec_eval itself."""
    import pytrec_eval

    names = {"nDCG@10": "ndcg_cut_10", "Recall@100": "recall_100"}
    qrels = {query.id: {relevant.document: relevant.grade for relevant in query.relevant} for query in queries}
    run = {
        query.id: {name: float(len(ranking) - place) for place, name in enumerate(ranking)}
        for query, ranking in zip(queries, rankings, strict=True)
    }
    official = pytrec_eval.RelevanceEvaluator(qrels, set(names.values())).evaluate(run)
    for name, its in names.items():
        for query, value in zip(queries, values[name], strict=True):
            if not abs(official.get(query.id, {}).get(its, 0.0) - value) < 1e-6:
                sys.exit(f"{name} of query {query.id} is {value}, pytrec_eval says {official.get(query.id)}")


def cold(collection: str, cache: Path, rounds: int) -> dict[str, Row]:
    """Median seconds of new processes, in turns; the files that they read are in the system's cache."""
    home, citewell = cache / "cold", str(Path(sys.executable).with_name("citewell"))
    corpus = str(DATA / collection / "corpus.jsonl")
    question = load_gold(DATA / collection).queries[0].question
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITEWELL_")}
    commands = {
        "citewell search": [citewell, "--home", str(home), "search", question],
        "import torch": [sys.executable, "-c", "import torch"],
        "citewell --help": [citewell, "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    shutil.rmtree(home, ignore_errors=True)  # of other code
    subprocess.run([citewell, "--home", str(home), "ingest", corpus], env=environment, check=True, capture_output=True)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, env=environment, check=True, capture_output=True, cwd=cache)
            if number:
                times[name].append(time.perf_counter() - began)
    return {name: {"seconds": statistics.median(each)} for name, each in times.items()}


def commit() -> str:
    words = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
