"""How does a corpus that has no gold get some? Questions are proposed, and kept if they can be asked at all.

A proposal is kept if a leg of the search finds the passage that it was made from, and few others answer it as well
(known-item search, Azzopardi & de Rijke 2006). What is kept measures the search against the text's own words: a smoke
test, to be read and put right by a person, and never to be compared with gold that people wrote.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.gold import Corpus
from eval.load import load_gold
from eval.propose import Kind, Proposal, proposals
from ingest.model import Chunk, digest
from retrieval.analyze import terms
from retrieval.model import Hit, Mode, Search

TAG = "synthetic"
_DEPTH = 10
_RIVALS = 2  # passages of other documents that may answer a question as well as its own
_AS_WELL = 0.9  # of its own passage's score
_LEGS: tuple[Mode, ...] = ("lexical", "dense")

Ask = Callable[[Chunk], Sequence[str]]


@dataclass(slots=True)
class Synthesis:
    """How many questions were kept, by kind, and why others were dropped; those that the file held before count."""

    kept: Counter[Kind] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    before: int = 0


def synthesize(
    search: Search,
    corpus: Corpus,
    out: str | Path,
    *,
    n: int = 100,
    seed: int = 0,
    ask: Ask | None = None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Synthesis:
    """Appends gold to `out` until it holds `n` synthetic questions, one a chunk, or nothing is left to ask.

    Each line is written when it was checked, so that a run that was cut off is gone on with by the same call. `ask`
    is a model that writes questions which a passage answers; without one they are made from the text itself.
    """
    out = Path(out)
    known = load_gold(out).queries if out.exists() and out.stat().st_size else ()
    done = Synthesis(before=sum(TAG in query.tags for query in known))
    questions = {query.question.casefold() for query in known}
    seen = {relevant.document for query in known for relevant in query.relevant}
    chunks = corpus.sample(1_000_000, seed=seed)
    rarity = _rarity(chunks)
    out.parent.mkdir(parents=True, exist_ok=True)
    total = done.before
    with out.open("a", encoding="utf-8") as file:
        for chunk in _in_turns(chunks, seed, seen):
            if total >= n:
                break
            for proposal in _asked(chunk, rarity, ask):
                reason = _refused(proposal, search, questions)
                if reason is not None:
                    done.dropped[reason] += 1
                    continue
                file.write(_line(proposal, corpus) + "\n")
                file.flush()
                questions.add(proposal.question.casefold())
                done.kept[proposal.kind] += 1
                total += 1
                break
            on_progress(total, n)
    return done


def _in_turns(chunks: Sequence[Chunk], seed: int, seen: set[str]) -> Iterator[Chunk]:
    """One chunk of each document before a second of any; documents that have questions already come last."""
    of_document: dict[str, list[Chunk]] = {}
    for chunk in sorted(chunks, key=lambda chunk: (chunk.document, chunk.start)):
        of_document.setdefault(chunk.document, []).append(chunk)
    shuffled = random.Random(seed)
    names = sorted(of_document)
    shuffled.shuffle(names)
    names.sort(key=lambda name: name in seen)
    for each in of_document.values():
        shuffled.shuffle(each)
    for place in range(max(map(len, of_document.values()), default=0)):
        yield from (of_document[name][place] for name in names if place < len(of_document[name]))


def _asked(chunk: Chunk, rarity: Callable[[str], float], ask: Ask | None) -> Iterator[Proposal]:
    if ask is None:
        yield from proposals(chunk, rarity)
        return
    for question in ask(chunk):
        yield Proposal("model", question, chunk.document, chunk.start, chunk.end)


def _refused(proposal: Proposal, search: Search, questions: set[str]) -> str | None:
    """Why a proposal is not kept; None if it is."""
    if proposal.question.casefold() in questions:
        return "asked already"
    if not terms(proposal.question):
        return "no word to search for"
    own, rivals = False, _DEPTH
    for mode in _LEGS:
        hits = search(proposal.question, k=_DEPTH, mode=mode)
        score = max((hit.score for hit in hits if _answers(hit, proposal)), default=None)
        if score is not None:
            own = True
            rivals = min(
                rivals, sum(hit.chunk.document != proposal.document and hit.score >= _AS_WELL * score for hit in hits)
            )
    if not own:
        return "its passage is not found"
    return None if rivals <= _RIVALS else "others answer it as well"


def _answers(hit: Hit, proposal: Proposal) -> bool:
    chunk = hit.chunk
    return chunk.document == proposal.document and chunk.start < proposal.end and proposal.start < chunk.end


def _line(proposal: Proposal, corpus: Corpus) -> str:
    """A line of gold, with the words as a quote, so that it outlives another splitting and can be read."""
    quote = (corpus.text(proposal.document) or "")[proposal.start : proposal.end]
    return json.dumps(
        {
            "id": f"s-{digest(proposal.question, proposal.document)[:12]}",
            "question": proposal.question,
            "relevant": [{"document": proposal.document, "quote": quote}],
            "tags": [TAG, proposal.kind],
        },
        ensure_ascii=False,
    )


def _rarity(chunks: Sequence[Chunk]) -> Callable[[str], float]:
    """1 for a word that one chunk alone holds, near 0 for one that all do."""
    counts: Counter[str] = Counter()
    for chunk in chunks:
        counts.update({term for word in chunk.text.split() for term in terms(word)})
    known: Mapping[str, int] = counts

    def rarity(word: str) -> float:
        found = [known[term] for term in terms(word) if term in known]
        return 1 / min(found) if found else 0.0

    return rarity
