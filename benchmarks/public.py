"""Where do the public collections lie, and which are relatives, so that none is judged by what another taught?"""

from __future__ import annotations

import csv
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
CHROMA = ("chatlogs", "finance", "pubmed", "state_of_the_union", "wikitexts")
# Of each collection the family: XQuAD's languages and squad2-subset share paragraphs and questions
FAMILIES = {
    **{name: name for name in ("scifact", "cranfield", "cisi", "rgb-en_fact", "adi")},
    **dict.fromkeys(("squad2-subset", "xquad-en", "xquad-de", "xquad-es", "xquad-zh"), "squad"),
    **{f"chroma-{name}": "chroma" for name in CHROMA},
}


def folder(name: str) -> Path:
    """Where a collection's tables lie, but for chroma's, which are one text each."""
    return DATA / name.replace("xquad-", "xquad/").replace("rgb-", "rgb/")


def corpus(name: str) -> Path:
    """What is ingested of a collection."""
    if name.startswith("chroma-"):
        return DATA / "chroma-chunking" / "corpora" / f"{name.removeprefix('chroma-')}.md"
    return folder(name) / "corpus.jsonl"


def excerpts(name: str) -> list[dict[str, str]]:
    """The questions about one of chroma's texts, and the places in it that answer them."""
    with (DATA / "chroma-chunking" / "questions_df.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if f"chroma-{row['corpus_id']}" == name]
