"""How many true short answers does the check of an answer mark, and how many without a source does it let through?

Questions of SQuAD 2.0 and XQuAD, each with its true answer: once with the sentence that it stands in as the quote, once
with another sentence of the same text. Nobody made them for the check. The collections lie beside the project, as those
of the other benchmarks do; a sentence that is cut wrongly counts as the check's fault.

    .venv/bin/python benchmarks/check_spans.py [HOW MANY OF EACH COLLECTION]
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.evidence.compared import Cited
from agent.evidence.support import bears_out
from ingest.split.sentences import sentences

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def questions(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Question, answer, title and text; in an order that repeats."""
    rows = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
        for name in ("corpus", "queries")
    }
    texts = {row["_id"]: row for row in rows["corpus"]}
    asked = {row["_id"]: row["text"] for row in rows["queries"]}
    relevant = {
        line.split()[0]: line.split()[1]
        for path in (folder / "qrels").iterdir()
        for line in path.read_text().splitlines()
    }
    answers: list[dict[str, Any]] = [json.loads(line) for line in (folder / "answers.jsonl").open(encoding="utf-8")]
    random.Random(4).shuffle(answers)
    for row in answers:
        if row.get("answerable", True) and row["_id"] in relevant and row["answers"]:
            text = texts[relevant[row["_id"]]]
            yield asked[row["_id"]], row["answers"][0], text["title"], text["text"]


def main(arguments: list[str]) -> None:
    """A line a collection."""
    most = int(arguments[0]) if arguments else 250
    print("| collection | true answers | marked | with another sentence | caught |\n|---|---|---|---|---|")
    for name in ("squad2-subset", "xquad/en", "xquad/de", "xquad/es"):
        true = marked = false = caught = 0
        for question, answer, title, text in questions(DATA / name):
            cut = list(sentences(text))
            own = next((each for each in cut if each[0] <= text.find(answer) < each[1]), None)
            others = [
                each for each in cut if each != own and answer not in text[slice(*each)] and each[1] - each[0] > 40
            ]
            if own is None or not others or true == most:
                continue
            said = f"{answer[0].upper()}{answer[1:]}."
            for start, end in (own, random.Random(true).choice(others)):
                fault = bears_out(
                    said, [Cited(text[start:end], (title,), text[:start], text[end : end + 200])], question
                )
                if (start, end) == own:
                    true, marked = true + 1, marked + bool(fault)
                else:
                    false, caught = false + 1, caught + bool(fault)
        print(f"| {name} | {true} | {marked / true:.1%} | {false} | {caught / false:.1%} |")


if __name__ == "__main__":
    main(sys.argv[1:])
