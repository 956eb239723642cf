"""Which of the made answers does the check withhold, and which does it let through?

`check_cases.jsonl` holds made-up sources and answers to questions on them: sound ones, told in other words, numbers,
units and inflections, and bad ones, with a fabricated citation, a quote that belongs to something else, a wrong number,
a wrong name, an invented source, or the contrary of what is said. `check_conflicts.jsonl` holds sources of which two
disagree on what is asked, or only seem to. All of it was written before the check that it judges. The third set nobody
made for a check: questions of a public collection with its true answer and with one that somebody made up, held against
the passage that tells the true one. It is left out where that collection is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.evidence.citations import check
from agent.evidence.conflicting import conflicts
from agent.evidence.passages import blocks
from agent.models.numbered import statements
from agent.state import Passage, Quote, Segment, Shape
from ingest.model import Document

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data"
CASES, CONFLICTS, PUBLIC = HERE / "check_cases.jsonl", HERE / "check_conflicts.jsonl", DATA / "rgb" / "en_fact"


@dataclass(frozen=True)
class Case:
    """An answer, what was shown for it, and whether its last statement is sound."""

    id: str
    sound: bool
    kind: str
    question: str
    passages: tuple[Passage, ...]
    answer: tuple[tuple[str, tuple[Quote, ...]], ...]

    @property
    def statement(self) -> str:
        """What is judged."""
        return self.answer[-1][0]

    def segments(self, shape: Shape) -> tuple[Segment, ...]:
        """The answer as a model gives it: with citations, or with numbers and words in brackets."""
        if shape == "native":
            return tuple(Segment(f"{said} ", quotes) for said, quotes in self.answer)
        return statements.read(" ".join(_marked(said, quotes) for said, quotes in self.answer), self.passages)

    def withheld(self, shape: Shape) -> str:
        """Why its last statement is not shown; empty where it is."""
        found = check(
            self.segments(shape), self.passages, Stored({p.document: p.text for p in self.passages}), self.question
        )
        for said, why in zip(found.unverified, found.faults, strict=True):
            if " ".join(said.split()) in self.statement or self.statement.rstrip(".") in said:
                return why
        return "" if found.answers else "nothing is answered"


def _marked(said: str, quotes: Sequence[Quote]) -> str:
    marks = "; ".join(f'{quote.passage + 1}.{quote.first + 1} "{" ".join(quote.text.split())}"' for quote in quotes)
    return f"{said.removesuffix('.')} [{marks}]." if marks else said


@dataclass(frozen=True)
class Stored:
    """The texts that were shown, as an index stores them."""

    texts: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        return self.texts.get(name)

    def page(self, name: str, offset: int) -> int | None:  # noqa: ARG002 - none of them has pages
        return None

    page_label = page


def cases(path: Path = CASES) -> Iterator[Case]:
    """The made answers, each shown its source whole, and the one that it quotes instead."""
    sources: dict[str, dict[str, Any]] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if "text" in row:
            sources[row["source"]] = row
            continue
        named = dict.fromkeys((row["source"], *(c.get("source", "") for s in row["answer"] for c in s["cites"])))
        names = [name for name in named if name]
        shown = tuple(passage(n, name, sources[name]["title"], sources[name]["text"]) for n, name in enumerate(names))
        answer = tuple(
            (
                each["says"],
                tuple(_quote(one, shown[names.index(one.get("source", row["source"]))]) for one in each["cites"]),
            )
            for each in row["answer"]
        )
        yield Case(row["id"], row["sound"], row["kind"], sources[row["source"]]["question"], shown, answer)


def passage(number: int, name: str, title: str, text: str) -> Passage:
    """A document that is shown whole."""
    return Passage(number, "document", name, title, text, 0, len(text), tuple(blocks(text)))


def _quote(cited: dict[str, Any], of: Passage) -> Quote:
    if "no_such" in cited:
        return Quote(cited["no_such"], 0, 1, "as it says there, in so many words")
    if "made_up" in cited:
        return Quote(of.number, 0, 1, cited["made_up"])
    return quote(of, cited["words"])


def quote(of: Passage, words: str) -> Quote:
    """The block of a passage that begins to say these words."""
    place = of.text.index(words)
    block = next(n for n, (_, end) in enumerate(of.blocks) if place < end)
    return Quote(of.number, block, block + 1, of.block_text(block))


def public() -> Iterator[Case]:
    """Of each question its true answer and the made-up one, both with the passage that tells the true one."""
    for number, (question, true, texts, _, fake) in enumerate(public_rows(PUBLIC) if PUBLIC.is_dir() else ()):
        text = next((each for each in texts if true in each and fake not in each), None)
        if text is None:
            continue
        shown = (passage(0, f"d{number}", "", text),)
        for sound, said in ((True, true), (False, fake)):
            answer = ((f"{said[:1].upper()}{said[1:]}.", (quote(shown[0], true),)),)
            yield Case(f"{number}-{sound}", sound, "public", question, shown, answer)


def public_rows(folder: Path) -> Iterator[tuple[str, str, list[str], list[str], str]]:
    """Question, true answer, the passages that tell it, the same with a made-up answer, and that; of one part each."""
    rows = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]
        for name in ("corpus", "queries", "answers")
    }
    texts = {row["_id"]: row["text"] for row in rows["corpus"]}
    asked = {row["_id"]: row["text"] for row in rows["queries"]}
    relevant: dict[str, list[str]] = {}
    for line in next((folder / "qrels").iterdir()).read_text("utf-8").splitlines()[1:]:
        question, document, _ = line.split("\t")
        relevant.setdefault(question, []).append(texts[document])
    for row in rows["answers"]:
        true, made_up = row["answers"][0], row.get("fake_answer", "")
        if isinstance(true, str) and isinstance(made_up, str) and made_up:
            yield asked[row["_id"]], true, relevant.get(row["_id"], []), row["counterfactual_passages"], made_up


@dataclass(frozen=True)
class Disagreement:
    """An answer, and documents of which two disagree on what it tells, or only seem to."""

    id: str
    kind: str
    disagree: bool
    question: str
    passages: tuple[Passage, ...]
    answer: tuple[Segment, ...]

    def found(self) -> bool:
        """Whether it is found that the answer leaves another source out."""
        texts = Stored({each.document: each.text for each in self.passages})
        checked = check(self.answer, self.passages, texts, self.question)
        documents = {each.document: Document(each.document, each.text, each.title) for each in self.passages}
        return any(not each.is_told for each in conflicts(checked, self.passages, texts, self.question, documents.get))


def disagreements(path: Path = CONFLICTS) -> Iterator[Disagreement]:
    """Those that were made."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        shown = tuple(passage(n, each["name"], each["title"], each["text"]) for n, each in enumerate(row["documents"]))
        answer = tuple(
            Segment(each["says"], tuple(quote(shown[one["document"]], one["words"]) for one in each["cites"]))
            for each in row["answer"]
        )
        yield Disagreement(row["id"], row["kind"], row["disagree"], row["question"], shown, answer)


def public_disagreements() -> Iterator[Disagreement]:
    """Of each question a true passage that is cited: beside the others, and beside some with the made-up answer."""
    if not PUBLIC.is_dir():
        return
    for question, true, texts, made_up, _ in public_rows(PUBLIC):
        cited = next((each for each in texts if true in each), None)
        if cited is None:
            continue
        others = [each for each in texts if each != cited][:5]
        for disagree, beside in ((False, others), (True, [each for each in made_up if true not in each][:5])):
            shown = tuple(passage(n, f"d{n}", "", text) for n, text in enumerate((cited, *beside)))
            answer = (Segment(f"{true}.", (quote(shown[0], true),)),)
            yield Disagreement(question, "public", disagree, question, shown, answer)


def table(name: str, judged: Sequence[tuple[Case, str]]) -> str:
    """A line: how many of the bad ones are withheld, and of the sound ones harmed."""
    bad = [bool(why) for case, why in judged if not case.sound]
    harmed = [bool(why) for case, why in judged if case.sound]
    if not bad or not harmed:
        return f"| {name} | - | - | - | - |"
    return f"| {name} | {len(bad)} | {sum(bad) / len(bad):.1%} | {len(harmed)} | {sum(harmed) / len(harmed):.1%} |"
