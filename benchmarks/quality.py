"""How good is retrieval through the real pipeline, with default settings, on public collections?

Ingests each collection of ../shared/data into a home of its own below .bench/, measures it with `citewell eval run` in
all three modes, and prints one Markdown table. The collections are never tuned to. Ends with 1 and a line for each
figure that is not reached: the least of SciFact and Cranfield, and on XQuAD hybrid no worse than the words alone less
0.01.

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
    "xquad/es": "xquad/es/corpus.jsonl",
    "xquad/zh": "xquad/zh/corpus.jsonl",
    "peps": "peps/tree",
}
DEFAULT = ("adi", "cranfield", "scifact", "xquad/en", "xquad/de", "xquad/es", "xquad/zh")
MODES = ("hybrid", "dense", "lexical")
LEAST = {"cranfield": {"nDCG@10": 0.556, "Recall@100": 0.80}, "scifact": {"nDCG@10": 0.722, "Recall@100": 0.935}}
MARGIN = 0.01


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


def missed(name: str, means: dict[str, dict[str, float]]) -> list[str]:
    """The lines that a collection does not reach, from each mode's means."""
    least = dict(LEAST.get(name, {}))
    if name.startswith("xquad/"):
        least["nDCG@10"] = means["lexical"]["nDCG@10"] - MARGIN
    return [
        f"{name}: {metric} {means['hybrid'][metric]:.3f}, at least {value:.3f} is asked for"
        for metric, value in least.items()
        if not means["hybrid"][metric] >= value
    ]


def main(names: list[str]) -> int:
    """One row a collection and mode."""
    if not DATA.is_dir():
        sys.exit(f"The public collections are not at {DATA}; put them there to measure.")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    print(f"commit {commit.stdout.strip()}, {os.cpu_count()} cores\n")
    print("| collection | chunks | mode | nDCG@10 (95 %) | Recall@100 |")
    print("|---|---|---|---|---|")
    lines = []
    for name in names:
        home = ROOT / ".bench" / name.replace("/", "-")
        shutil.rmtree(home, ignore_errors=True)  # so that every run ingests it anew
        report = citewell(home, "ingest", str(DATA / COLLECTIONS[name]))
        means = {}
        for mode in MODES:
            found = citewell(home, "eval", "run", str(DATA / name), "--mode", mode)
            ndcg, recall = found["metrics"]["nDCG@10"], found["metrics"]["Recall@100"]
            means[mode] = {"nDCG@10": ndcg["mean"], "Recall@100": recall["mean"]}
            print(
                f"| {name} | {report['chunks']:,} | {mode} "
                f"| {ndcg['mean']:.3f} ({ndcg['low']:.3f} to {ndcg['high']:.3f}) | {recall['mean']:.3f} |",
                flush=True,
            )
        lines += missed(name, means)
    for line in lines:
        print(f"not reached: {line}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(DEFAULT)))
