"""How many contradictions of two documents are found, and how often is one found where there is none?

    .venv/bin/python benchmarks/conflicts.py [FILE …] [--list] [--words] [--real] [--curve]

Each pair has a question and two passages of two documents that contradict each other on what is asked, or only seem to:
the same value in another unit, another subject, time or version, an exception, a plan. `conflicts.jsonl` was written
before what finds them, which was mended by it; `conflicts_blind.jsonl` by another author, who had not seen what finds
them, and nothing was mended by it. Each passage in turn is quoted as the answer, and the other stands beside it, as in
a run. No model is asked. Ends with 1 where a file falls below what was reached.

`--words` leaves the encoder out. `--real` counts what is told where nobody wrote a contradiction: on questions of
public collections, the sentence with the answer cited beside the paragraphs that share most words with the question;
and on the guide, each heading asked as a question, each sentence below it cited beside the sections of other pages
that share most words with it. It lists each alarm, to be read.

`--curve` takes questions of a public collection that come with true passages and with the same passages that tell a
made-up answer: of five that are shown none is made up, then one, then more. It tells how often the conflict is found
beside a sentence that tells the true answer (or, where none is left, the made-up one), and what is answered without a
model.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from agent.evidence.citations import check
from agent.evidence.conflicting import conflicts, with_both
from agent.evidence.passages import blocks
from agent.state import Passage, Quote, Segment
from benchmarks.check_made import DATA, PUBLIC, Stored, passage, public_rows, quote
from eval.measure.stats import wilson
from ingest.model import Document
from ingest.split.sentences import sentences
from retrieval.lexical.analyze import terms
from retrieval.parts import Vectors

HERE = Path(__file__).resolve().parent
SHOWN = 5  # passages of the curve, and of others beside the one that answers
ASKED = 250  # questions of a collection
EACH = 5  # sentences of a section of the guide, of which one is asked as yes or no
COLLECTIONS = ("squad2-subset", "xquad/en", "xquad/de", "xquad/es")
Encode = Callable[[Sequence[str]], Vectors]
SETS = ("conflicts", "conflicts_blind", "conflicts_second")
# Of each author's pairs: which share is found at least, and of those that agree at most.
REACHED = {"conflicts": (0.93, 0.02)}


@dataclass(frozen=True)
class Pair:
    """A question and two passages, and whether they contradict each other on what it asks."""

    id: str
    kind: str
    question: str
    shown: tuple[Passage, Passage]
    documents: dict[str, Document]
    contradicts: bool

    def found(self, encode: Encode | None = None) -> bool:
        """Whether it is found beside an answer that quotes the one or the other."""
        stored = Stored({each.document: each.text for each in self.shown})
        for each in self.shown:
            answer = [
                Segment(f"{each.block_text(at)} ", (Quote(each.number, at, at + 1, each.block_text(at)),))
                for at in range(len(each.blocks))
            ]
            checked = check(answer, self.shown, stored, self.question)
            if conflicts(checked, self.shown, stored, self.question, self.documents.get, encode):
                return True
        return False


def pairs(path: Path) -> Iterator[Pair]:
    """Those of a file."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        sides = [row[each] for each in "ab"]
        one, other = (_passage(number, side) for number, side in enumerate(sides))
        known = {
            shown.document: Document(shown.document, shown.text, "", metadata=_dated(side))
            for shown, side in zip((one, other), sides, strict=True)
        }
        yield Pair(row["id"], row["kind"], row["question"], (one, other), known, row["contradicts"])


def _passage(number: int, side: dict[str, Any]) -> Passage:
    return passage(number, f"{'ab'[number]}/{side['document']}", side.get("title", ""), side["text"])


def _dated(side: dict[str, Any]) -> dict[str, str]:
    return {"date": side["date"]} if side.get("date") else {}


def judged(path: Path, encode: Encode | None, *, listed: bool) -> bool:
    """The lines of a file; whether it is as good as it was."""
    every = list(pairs(path))
    begun = time.perf_counter()
    found = [each.found(encode) for each in every]
    taken = (time.perf_counter() - begun) / len(every)
    shares = []
    for contradicts in (True, False):
        hits = [was for each, was in zip(every, found, strict=True) if each.contradicts is contradicts]
        share = wilson(sum(hits), len(hits))
        shares.append(share.mean)
        print(f"| {path.stem} | {'contradict' if contradicts else 'agree'} | {len(hits)} | {sum(hits)} | ", end="")
        print(f"{share.mean:.1%} ({share.low:.1%} to {share.high:.1%}) | {1000 * taken:.1f} ms |")
    for contradicts in (True, False):
        mine = Counter(each.kind for each in every if each.contradicts is contradicts)
        hits_of = Counter(
            each.kind for each, was in zip(every, found, strict=True) if was and each.contradicts is contradicts
        )
        told = ", ".join(f"{kind} {hits_of[kind]} of {of}" for kind, of in sorted(mine.items()))
        print(f"    {'found' if contradicts else 'false alarms'}: {told}")
    for each, was in zip(every, found, strict=True) if listed else ():
        if was != each.contradicts:
            texts = " | ".join(shown.text for shown in each.shown)
            print(f"    {'false' if was else 'missed'} {each.id}, {each.kind}: {each.question} {texts}")
    least, most = REACHED.get(path.stem, (0.0, 1.0))
    return shares[0] >= least and shares[1] <= most


@dataclass(frozen=True)
class Shown:
    """A question with what is shown for it, of which so many passages tell the made-up answer."""

    question: str
    true: str
    made_up: str
    passages: tuple[Passage, ...]
    count: int

    @property
    def stored(self) -> Stored:
        """Their texts."""
        return Stored({each.document: each.text for each in self.passages})

    def document(self, name: str) -> Document | None:
        """One of them."""
        text = self.stored.text(name)
        return Document(name, text, "") if text is not None else None

    def is_found(self) -> bool:
        """Whether a conflict is found beside a sentence that tells the answer."""
        said = self.true if self.count < SHOWN else self.made_up
        of = next(each for each in self.passages if said in each.text)
        found = check([Segment(f"{said}.", (quote(of, said),))], self.passages, self.stored, self.question)
        return bool(conflicts(found, self.passages, self.stored, self.question, self.document))

    def answered(self, answer: Callable[[str, Sequence[Passage]], Sequence[Segment]]) -> str:
        """What comes of it without a model."""
        found = check(answer(self.question, self.passages), self.passages, self.stored, self.question)
        if not found.answers:
            return "abstains"
        found = with_both(found, conflicts(found, self.passages, self.stored, self.question, self.document))
        has_true, has_made_up = self.true in found.marked, self.made_up in found.marked
        if has_true and has_made_up:
            return "both"
        return "right" if has_true else "made up" if has_made_up else "neither"


def shown(count: int) -> Iterator[Shown]:
    """Every question that has so many passages that tell the made-up answer, and as many of the others as are left."""
    for question, true, texts, made_up, fake in public_rows(PUBLIC):
        right = [each for each in dict.fromkeys(texts) if true in each and fake not in each]
        wrong = [each for each in dict.fromkeys(made_up) if fake in each and true not in each]
        if len(right) < SHOWN or len(wrong) < SHOWN:
            continue
        taken = [*right[: SHOWN - count], *wrong[:count]]
        # the true and the made-up ones in turns, so that none stands first by being true
        order = sorted(range(SHOWN), key=lambda at: (at * 7 + len(question)) % SHOWN)
        mixed = [taken[at] for at in order]
        yield Shown(
            *(question, true, fake),
            tuple(
                Passage(number, "document", f"d{number}", "", text, 0, len(text), tuple(blocks(text)))
                for number, text in enumerate(mixed)
            ),
            count,
        )


def real(encode: Encode | None) -> None:
    """What is told of questions of public collections and of the guide, in which nobody wrote a contradiction."""
    for name in COLLECTIONS:
        if (DATA / name).is_dir():
            _alarms(name, _public(DATA / name, "en" if "/" not in name else name[-2:]), encode)
    _alarms("guide", _guide(), encode)


def _alarms(name: str, asked: Iterable[tuple[str, Segment, tuple[Passage, ...]]], encode: Encode | None) -> None:
    told, every = [], 0
    for question, answer, shown in asked:
        every += 1
        stored = Stored({each.document: each.text for each in shown})
        checked = check([answer], shown, stored, question)
        told += [(question, each.told) for each in conflicts(checked, shown, stored, question, lambda _: None, encode)]
    print(f"| {name} | {every} questions | {len(told)} alarms |")
    for question, said in told:
        print(f"    {question} {said}")


def _public(folder: Path, language: str) -> Iterator[tuple[str, Segment, tuple[Passage, ...]]]:
    """A question, the sentence with its answer, and what is shown: its paragraph and the nearest others."""
    rows = {
        each: [json.loads(line) for line in (folder / f"{each}.jsonl").open(encoding="utf-8")]
        for each in ("corpus", "queries", "answers")
    }
    asked = {row["_id"]: row["text"] for row in rows["queries"]}
    of = {row["_id"]: set(terms(row["text"], language)) for row in rows["corpus"]}
    by_id = {row["_id"]: row for row in rows["corpus"]}
    random.Random(4).shuffle(rows["answers"])
    answerable = (row for row in rows["answers"] if row.get("answerable", True) and row["answers"])
    for row in islice(answerable, ASKED):
        answer, question = row["answers"][0], asked[row["_id"]]
        own = next(
            each
            for each in rows["corpus"]
            if answer in each["text"] and row.get("source_doc", each["_id"]) == each["_id"]
        )
        words = set(terms(question, language))
        others = sorted(of, key=lambda each: (-len(words & of[each]), each))
        ids = [own["_id"], *(each for each in others if each != own["_id"])][: SHOWN + 1]
        shown = tuple(
            passage(number, each, by_id[each]["title"], by_id[each]["text"]) for number, each in enumerate(ids)
        )
        cut = [own["text"][a:b] for a, b in sentences(own["text"])]
        said = next((each for each in cut if answer in each), "")
        if said:
            yield question, Segment(f"{said} ", (quote(shown[0], answer),)), shown


def _guide() -> Iterator[tuple[str, Segment, tuple[Passage, ...]]]:
    """Each heading of the guide with a sentence of its section, beside the sections that share most words with it."""
    sections = [
        (path.name, title, text)
        for path in sorted((HERE.parent / "docs").glob("*.md"))
        for title, text in re.findall(r"^#+ (.+)\n+([^#]+)", path.read_text("utf-8"), re.MULTILINE)
    ]
    of = [set(terms(f"{title} {text}", "en")) for _, title, text in sections]
    for at, (name, title, _) in enumerate(sections):
        others = [each for each in range(len(sections)) if sections[each][0] != name]
        nearest = sorted(others, key=lambda each: (-len(of[at] & of[each]) / math.sqrt(len(of[each])), each))[:SHOWN]
        shown = tuple(
            passage(number, f"{sections[each][0]}#{sections[each][1]}", sections[each][1], sections[each][2])
            for number, each in enumerate([at, *nearest])
        )
        for block in range(len(shown[0].blocks)):
            said = shown[0].block_text(block)
            answer = Segment(f"{said} ", (Quote(0, block, block + 1, said),))
            yield f"{title.strip('`')}?", answer, shown
            if block % EACH == 0:
                yield f"Is it true that {said[:1].lower()}{said[1:].rstrip('.')}?", answer, shown


def curve() -> None:
    """The table, a line for each share of passages that tell what is made up."""
    from agent.models.extractive import Extractive
    from agent.settings import load_settings
    from agent.wire import open_citewell
    from retrieval.lexical.analyze import terms

    texts = [text for _, _, right, wrong, _ in public_rows(PUBLIC) for text in (*right, *wrong)]
    seen = Counter(term for text in texts for term in set(terms(text, "en")))
    kinds = ("right", "both", "made up", "neither", "abstains")
    print(f"\n| made up of {SHOWN} shown | questions | conflict found | {' | '.join(kinds)} |\n|{'---|' * 8}")
    with (
        tempfile.TemporaryDirectory() as home,
        open_citewell(settings=load_settings(home=Path(home), environment={})) as citewell,
    ):
        model = Extractive(
            citewell.encoder, lambda term: math.log(1 + (len(texts) - seen[term] + 0.5) / (seen[term] + 0.5)), ("en",)
        )
        for count in range(SHOWN + 1):
            every = list(shown(count))
            found = wilson(sum(each.is_found() for each in every), len(every))
            answers = Counter(each.answered(model.answer) for each in every)
            told = " | ".join(f"{answers[kind] / len(every):.0%}" for kind in kinds)
            print(f"| {count} | {len(every)} | {found.mean:.0%} ({found.low:.0%} to {found.high:.0%}) | {told} |")


@contextmanager
def encoder(*, needed: bool) -> Iterator[Encode | None]:
    """The one that is shipped, as a run reaches it."""
    from agent.assembly import encoder as made
    from agent.settings import load_settings

    with tempfile.TemporaryDirectory() as home:
        settings = load_settings(home=Path(home), environment={})
        opened = made(settings, lambda: None) if needed else None
        yield partial(opened.encode_queries, as_documents=True) if opened else None


def main(arguments: Sequence[str]) -> int:
    """Two lines a file, and the curve where it is asked for."""
    given = [Path(name) for name in arguments if not name.startswith("-")]
    files = given or [path for name in SETS if (path := HERE / f"{name}.jsonl").exists()]
    print("| pairs | that | of them | found | share (95 %) | time of a pair |\n|---|---|---|---|---|---|")
    with encoder(needed="--words" not in arguments) as encode:
        holds = [judged(path, encode, listed="--list" in arguments) for path in files]
        if "--real" in arguments:
            real(encode)
    if "--curve" in arguments:
        if PUBLIC.is_dir():
            curve()
        else:
            print(f"The public collection is not at {PUBLIC}: no curve")
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
