"""What does `citewell eval run` say of answers without a model, on questions whose answers are known?

Gold is made of a collection's questions and its `answers.jsonl`: those without a relevant paragraph have no answer.

    .venv/bin/python benchmarks/answers.py [COLLECTION …] [--ask N]

A row of a table for each collection: the outcomes with their 95 % intervals, and where those were lost that have an
answer and did not get it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from public import DATA, corpus, folder

from agent.settings import load_settings
from agent.wire import open_citewell
from eval.measure.answers import LOSSES, OUTCOMES, Answers

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ("xquad-en", "squad2-subset")


def gold(tables: Path, path: Path) -> Path:
    """A collection's questions and answers as gold."""
    known = {each["_id"]: each for each in _lines(tables / "answers.jsonl")}
    relevant: dict[str, list[str]] = {}
    for row in (tables / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = row.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, []).append(f"{tables.name}/corpus.jsonl#{document}")
    with path.open("w", encoding="utf-8") as file:
        for query in _lines(tables / "queries.jsonl"):
            line = {"id": query["_id"], "question": query["text"]}
            if documents := relevant.get(query["_id"]):
                line["relevant"] = [{"document": name} for name in documents]
                line["answers"] = known[query["_id"]]["answers"]
            else:
                line["answerable"] = False
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return path


def measured(name: str, ask: int | None) -> Answers:
    """What came of a collection's questions."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_citewell(settings=load_settings(home=ROOT / ".bench" / name, environment={})) as citewell,
    ):
        citewell.ingest([corpus(name)])
        _, found = citewell.evaluate(gold(folder(name), Path(scratch, "gold.jsonl")), ask=ask)
    if found.answers is None:
        raise SystemExit(f"Nothing of {name} was asked: ask one question or more.")
    return found.answers


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def main() -> None:
    """Prints the table, and below it the same by what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="*", default=list(COLLECTIONS), metavar="COLLECTION")
    parser.add_argument("--ask", type=int, help="so many questions at most")
    told = parser.parse_args()
    if unknown := set(told.collections) - set(COLLECTIONS):
        parser.error(f"no such collection: {', '.join(sorted(unknown))}; there are {', '.join(COLLECTIONS)}")
    if not DATA.is_dir():
        print(f"The public collections are not at {DATA}: nothing to measure")
        return
    kinds = []
    print(f"| collection | {' | '.join(each.replace('_', ' ') for each in (*OUTCOMES, *LOSSES))} |")
    print(f"|{'---|' * (1 + len(OUTCOMES) + len(LOSSES))}")
    for name in told.collections:
        answers = measured(name, told.ask)
        cells = [name]
        for outcome in OUTCOMES:
            share = answers.shares.get(outcome)
            cells.append(f"{100 * share.mean:.1f}% ({100 * share.low:.1f}–{100 * share.high:.1f})" if share else "")
        print(f"| {' | '.join((*cells, *map(str, answers.lost.values())))} |", flush=True)
        for kind, each in answers.by_kind().items():
            counts = [str(each.counts[outcome] or "") for outcome in OUTCOMES]
            kinds.append(f"| {name} | {kind} | {' | '.join(counts)} |")
    print(f"\n| collection | asks | {' | '.join(each.replace('_', ' ') for each in OUTCOMES)} |")
    print(f"|{'---|' * (2 + len(OUTCOMES))}")
    print("\n".join(kinds))


if __name__ == "__main__":
    sys.exit(main())
