"""Without a model, when does Citewell answer that should not, and abstain that should not?

Three kinds of questions are put to one index: answerable ones, unanswerable ones about the same passages (SQuAD 2.0's
adversarial ones), and questions of another collection on other subjects. For each the strength of the strongest
sentence is computed once; the table shows what every threshold would do. An answer counts as right when one of its
quotes comes from the paragraph that holds the answer.

    .venv/bin/python benchmarks/abstention.py [QUESTIONS OF EACH KIND]
"""

from __future__ import annotations

import json
import random
import sys
from contextlib import closing
from pathlib import Path

from agent.evidence.passages import passages
from agent.models.extractive import Extractive
from agent.settings import load_settings
from agent.wire import open_citewell

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"


def questions(folder: Path) -> dict[str, tuple[str, set[str]]]:
    """Each query with its relevant documents; none for those that are not answerable."""
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    records = map(json.loads, (folder / "queries.jsonl").read_text("utf-8").splitlines())
    return {record["_id"]: (record["text"], relevant.get(record["_id"], set())) for record in records}


def main(count: int) -> None:
    """One table."""
    chance = random.Random(0)
    squad = questions(DATA / "squad2-subset")
    kinds = {
        "answerable": [each for each in squad.values() if each[1]],
        "unanswerable": [each for each in squad.values() if not each[1]],
        "off topic": list(questions(DATA / "scifact").values()),
    }
    settings = load_settings(home=ROOT / ".bench" / "squad2-subset", environment={})
    with open_citewell(settings=settings) as citewell:
        citewell.ingest([DATA / "squad2-subset" / "corpus.jsonl"])
        with closing(citewell.home.open(encoder=citewell.encoder)) as version:
            manifest = version.manifest
            model = Extractive(citewell.encoder, version.postings.idf, manifest.languages, manifest.query_model)
            search = citewell.hybrid_search()
            rows: dict[str, list[tuple[float, bool]]] = {}
            for kind, asked in kinds.items():
                for question, relevant in chance.sample(asked, min(count, len(asked))):
                    found = model.weigh(question, passages(search(question, k=8), first=0))
                    strength = found[0].strength if found else 0.0
                    quoted = {item.passage.document.rpartition("#")[2] for item in model.choose(found, least=0.0)}
                    rows.setdefault(kind, []).append((strength, bool(quoted & relevant)))
    print(f"{count} questions of each kind\n")
    print("| least | answerable: answered | of these right | unanswerable: answered | off topic: answered |")
    print("|---|---|---|---|---|")
    for least in (0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70):
        share = {kind: sum(row[0] >= least for row in found) / len(found) for kind, found in rows.items()}
        answered = [row for row in rows["answerable"] if row[0] >= least]
        right = sum(row[1] for row in answered) / max(1, len(answered))
        cells = (share["answerable"], right, share["unanswerable"], share["off topic"])
        print(f"| {least:.2f} | {' | '.join(f'{cell:.0%}' for cell in cells)} |")
    for kind, found in rows.items():
        middle = sorted(found)[len(found) // 2]
        print(f"\n{kind}: median strength {middle[0]:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
