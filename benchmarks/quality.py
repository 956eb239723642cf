"""How good is retrieval through the real pipeline, with default settings, on public collections?

Ingests each collection of ../shared/data into a home of its own below .bench/, measures it with `citewell eval run` in
all three modes, and prints one Markdown table. The collections are never tuned to. Ends with 1 and a line for each
figure that is not reached: the least of SciFact and Cranfield, on XQuAD hybrid no worse than the words alone less 0.01,
and on SciFact with the settings that `citewell eval tune` prefers on its train queries.

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
    "cisi": "cisi/corpus.jsonl",
    "rgb/en_fact": "rgb/en_fact/corpus.jsonl",
    "squad2-subset": "squad2-subset/corpus.jsonl",
    "xquad/en": "xquad/en/corpus.jsonl",
    "xquad/de": "xquad/de/corpus.jsonl",
    "xquad/es": "xquad/es/corpus.jsonl",
    "xquad/zh": "xquad/zh/corpus.jsonl",
    "peps": "peps/tree",
}
DEFAULT = (
    *("scifact", "cranfield", "cisi", "xquad/en", "squad2-subset", "rgb/en_fact"),
    *("xquad/de", "xquad/es", "xquad/zh"),
)
MODES = ("hybrid", "dense", "lexical")
LEAST = {"cranfield": {"nDCG@10": 0.556, "Recall@100": 0.80}, "scifact": {"nDCG@10": 0.722, "Recall@100": 0.935}}
MARGIN, LEAST_TUNED = 0.01, 0.732
# nDCG@10 of BM25 (k1 1.2, b 0.75, Snowball) as the collections' README has it
BM25 = {"scifact": 0.686, "cranfield": 0.517, "cisi": 0.384, "squad2-subset": 0.881, "rgb/en_fact": 0.506}


def citewell(home: Path, *words: str, **told: object) -> dict:
    """One command's JSON, under settings of the search that are `told`."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("CITEWELL_", "ANTHROPIC_"))
    }
    environment |= {f"CITEWELL_RETRIEVAL_{name.upper()}": str(value) for name, value in told.items()}
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


def tuned(home: Path) -> list[str]:
    """SciFact's test queries with the settings that its train queries prefer."""
    found = citewell(home, "eval", "tune", str(DATA / "scifact" / "qrels" / "train.tsv"))
    settings = {name: value for name, value in found["settings"].items() if value is not None}
    metrics = citewell(home, "eval", "run", str(DATA / "scifact"), **settings)["metrics"]
    print(f"\nscifact, tuned on its train queries: {found['said']}")
    ndcg = metrics["nDCG@10"]
    said = f"nDCG@10 {ndcg['mean']:.3f} ({ndcg['low']:.3f} to {ndcg['high']:.3f})"
    print(f"With {settings} its test queries have {said}, Recall@100 {metrics['Recall@100']['mean']:.3f}")
    return [] if ndcg["mean"] >= LEAST_TUNED else [f"scifact, tuned: {said}, at least {LEAST_TUNED} is asked for"]


def main(names: list[str]) -> int:
    """One row a collection and mode."""
    if not DATA.is_dir():
        sys.exit(f"The public collections are not at {DATA}; put them there to measure.")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    print(f"commit {commit.stdout.strip()}, {os.cpu_count()} cores\n")
    print("| collection | chunks | mode | nDCG@10 (95 %) | Recall@100 (95 %) | BM25's nDCG@10, published |")
    print("|---|---|---|---|---|---|")
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
                f"| {ndcg['mean']:.3f} ({ndcg['low']:.3f} to {ndcg['high']:.3f}) "
                f"| {recall['mean']:.3f} ({recall['low']:.3f} to {recall['high']:.3f}) "
                f"| {BM25.get(name, '') if mode == 'lexical' else ''} |",
                flush=True,
            )
        lines += missed(name, means)
    if "scifact" in names:
        lines += tuned(ROOT / ".bench" / "scifact")
    for line in lines:
        print(f"not reached: {line}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(DEFAULT)))
