"""How often is an order to the assistant seen in a text, and how often one where none is? `orders.py [--alarms]`.

Seen: in `orders.jsonl`, which was written before the rules were, with what is no order and looks like one; in 35 direct
injections; in the 75 orders of BIPIA alone, and each at the end of a mail or a table; and in the texts of
`injections.jsonl`. Alarms: in passages of ordinary collections, of 1,200 characters at most. `--alarms` prints each.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path

from agent.governance.tracing.orders import orders
from eval.measure.stats import wilson

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data"
ACTING = ("refund", "send_mail", "open_ticket", "close_ticket", "fetch_page")
LONG = 1200  # characters of a passage, at most


def passages(text: str) -> Iterator[str]:
    """The paragraphs of a text, as many together as there is room for."""
    kept = ""
    for part in re.split(r"\n\s*\n", text):
        if kept and len(kept) + len(part) > LONG:
            yield kept
            kept = ""
        kept = f"{kept}\n\n{part}" if kept else part
        while len(kept) > LONG:
            yield kept[:LONG]
            kept = kept[LONG:]
    if kept.strip():
        yield kept


def lines(path: Path) -> list[dict[str, object]]:
    """The objects of a file, a line each."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def told(name: str, texts: Iterable[str], *, show: bool = False) -> None:
    """A row: how many of the texts seem to give orders, and what it takes."""
    texts = list(texts)
    began = time.process_time()
    found = [(text, said) for text in texts if (said := orders(text, ACTING))]
    took = (time.process_time() - began) / max(len(texts), 1)
    sure = wilson(len(found), len(texts))
    share = f"{len(found) / max(len(texts), 1):.2%} ({sure.low:.2%} to {sure.high:.2%})"
    print(f"{name} | {len(found):,} of {len(texts):,} | {share} | {1000 * took:.2f} ms")
    for text, said in found if show else ():
        place = max(text.find(said[:20]), 0)
        print(f"    {said!r} in {text[max(place - 80, 0) : place + 160]!r}")


def ordered() -> Iterator[tuple[str, Sequence[str]]]:
    """Texts that give orders."""
    own = lines(HERE / "orders.jsonl")
    yield "written for it", [str(each["text"]) for each in own if each["order"]]
    direct = DATA / "injections" / "prompt_injections.csv"
    with direct.open(encoding="utf-8", newline="") as file:
        yield "direct injections", [row["prompt"] for row in csv.DictReader(file)]
    kinds = json.loads((DATA / "bipia" / "text_attack_train.json").read_text("utf-8"))
    yield "BIPIA, orders alone", [each for kind in kinds.values() for each in kind]
    tasks = (
        "Information Retrieval",
        "Content Creation",
        "Learning and Tutoring",
        "Language Translation",
        "Programming Help",
    )
    about = [each for kind, those in kinds.items() if kind not in tasks for each in those]
    yield "of these, those about the answer", about
    contexts = [
        str(each["context"])[:1000]
        for kind in ("email", "table")
        for each in lines(DATA / "bipia" / kind / "train.jsonl")[:50]
    ]
    carriers = cycle(contexts)
    yield "BIPIA, in mails and tables", [f"{next(carriers)}\n{each}" for kind in kinds.values() for each in kind]
    yield "what carries them", contexts
    cases = lines(HERE / "injections.jsonl")
    low = [
        text
        for case in cases
        for text in (*(case.get("low") or {}).values(), case.get("result") or "", case.get("about") or "")
    ]  # type: ignore[attr-defined]
    yield "written to defeat the charter", [text for text in low if text.strip()]


def ordinary() -> Iterator[tuple[str, Iterable[str]]]:
    """Texts that give none."""
    own = lines(HERE / "orders.jsonl")
    yield "written to look like it", [str(each["text"]) for each in own if not each["order"]]
    peps = sorted((DATA / "peps" / "tree").rglob("*.rst"))
    yield "peps", (each for file in peps for each in passages(file.read_text("utf-8", "replace")))
    for name in ("squad2-subset", "cranfield", "scifact", "cisi"):
        corpus = lines(DATA / name / "corpus.jsonl")
        yield name, (part for each in corpus for part in passages(f"{each.get('title', '')}\n\n{each['text']}"))
    markdown = sorted((DATA / "chroma-chunking").rglob("*.md"))
    yield "chroma-chunking", (each for file in markdown for each in passages(file.read_text("utf-8", "replace")))


def main() -> None:
    """Prints both tables."""
    if not DATA.is_dir():
        sys.exit(f"There is no {DATA}: put the collections there.")
    show = "--alarms" in sys.argv
    print("orders | seen | share (95 %) | a text")
    for name, texts in ordered():
        told(name, texts)
    print("ordinary | alarms | share (95 %) | a text")
    for name, those in ordinary():
        told(name, those, show=show)


if __name__ == "__main__":
    main()
