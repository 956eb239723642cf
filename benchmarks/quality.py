"""How good is retrieval through the real pipeline, with default settings, on public collections?

Ingests each collection of ../shared/data into a home of its own below .bench/, measures it with `citewell eval run` in
all three modes, and prints one Markdown table. The collections are never tuned to.

    .venv/bin/python benchmarks/quality.py [COLLECTION …]
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
CITEWELL = Path(sys.executable).with_name("citewell")
COLLECTIONS = {
    "adi": "adi/corpus.jsonl",
    "cranfield": "cranfield/corpus.jsonl",
    "scifact": "scifact/corpus.jsonl",
    "squad2-subset": "squad2-subset/corpus.jsonl",
    "xquad/en": "xquad/en/corpus.jsonl",
    "xquad/de": "xquad/de/corpus.jsonl",
    "xquad/zh": "xquad/zh/corpus.jsonl",
    "peps": "peps/tree",
}
DEFAULT = ("adi", "cranfield", "scifact")
MODES = ("hybrid", "dense", "lexical")


def citewell(home: Path, *words: str) -> dict:
    """One command's JSON."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CITEWELL_", "ANTHROPIC_"))
    }
    command = [str(CITEWELL), "--json", "--home", str(home), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def main(names: list[str]) -> None:
    """One row a collection and mode."""
    if not DATA.is_dir():
        sys.exit(f"The public collections are not at {DATA}; put them there to measure.")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    print(f"commit {commit.stdout.strip()}, {os.cpu_count()} cores\n")
    print("| collection | chunks | chunks a second | mode | nDCG@10 (95 %) | Recall@100 |")
    print("|---|---|---|---|---|---|")
    for name in names:
        home = ROOT / ".bench" / name.replace("/", "-")
        shutil.rmtree(home, ignore_errors=True)  # so that every run encodes, and its rate means something
        report = citewell(home, "ingest", str(DATA / COLLECTIONS[name]))
        for mode in MODES:
            found = citewell(home, "eval", "run", str(DATA / name), "--mode", mode)
            ndcg, recall = found["metrics"]["nDCG@10"], found["metrics"]["Recall@100"]
            print(
                f"| {name} | {report['chunks']:,} | {report['chunks'] / report['seconds']:.0f} | {mode} "
                f"| {ndcg['mean']:.3f} ({ndcg['low']:.3f} to {ndcg['high']:.3f}) | {recall['mean']:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:] or list(DEFAULT))
