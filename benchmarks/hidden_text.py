"""How many documents are marked as holding text that nobody sees, of which kinds, and how many of their passages?

Which of them are false alarms is for a person to say: some of what is marked is printed. `--read N` prints more.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from ingest.model import Document, Unseen
from ingest.read.registry import read
from ingest.split.split import split

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
COLLECTIONS = [ROOT / "docs", DATA / "peps" / "tree", DATA / "loaders"]
SEED = 7


def spans(text: str) -> list[tuple[int, int]]:
    """Words in the place of an encoder's tokens: passages come out a little longer."""
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        found.append((at, at + len(word)))
        at += len(word)
    return found


def main() -> None:
    """Prints a row of the table for each folder, and some of what is marked in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=COLLECTIONS)
    parser.add_argument("--read", type=int, default=10, metavar="N")
    asked = parser.parse_args()
    print("| folder | documents | marked | passages | marked | reasons |\n|---|---|---|---|---|---|")
    for folder in asked.folders:
        documents = passages = marked = within = 0
        how: Counter[str] = Counter()
        examples: list[tuple[Document, Unseen]] = []
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            for found in read(path, path.name):
                if not isinstance(found, Document):
                    continue
                chunks = split(found, spans)
                documents, passages = documents + 1, passages + len(chunks)
                marked, within = marked + bool(found.unseen), within + sum(bool(each.unseen) for each in chunks)
                how.update(each.how for each in found.unseen)
                examples += [(found, each) for each in found.unseen]
        reasons = ", ".join(f"{name} {count}" for name, count in how.most_common())
        print(f"| {folder.name} | {documents} | {marked} | {passages} | {within} | {reasons} |")
        for document, each in random.Random(SEED).sample(examples, min(asked.read, len(examples))):
            print(f"    {document.name} ({each.how}): {' '.join(document.text[each.start : each.end].split())[:100]}")


if __name__ == "__main__":
    main()
