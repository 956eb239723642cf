"""How does a corpus that has no gold get some? Questions are proposed, and kept if they can be asked at all.

A proposal is kept if a leg of the search finds the passage that it was made from, and few others answer it as well
(known-item search, Azzopardi & de Rijke 2006). What is kept measures the search against the text's own words: a smoke
test, to be read and put right by a person, and never to be compared with gold that people wrote. What is quoted as the
answer is one whole sentence, item or row.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.gold.gold import Corpus
from eval.gold.resolve import Span, meets, resolve
from eval.improve.propose import Origin, Proposal, answering, proposals
from eval.improve.proposed import Proposed
from eval.measure.versions import OnProgress
from ingest.model import Chunk, digest
from retrieval.lexical.analyze import terms
from retrieval.model import LEGS, Search
from retrieval.search.searcher import Searcher

TAG = "synthetic"
TRIES = 20  # proposals that are put to the search for each question that is wanted
_DEPTH = 10
_RIVALS = 2  # passages of other documents that may answer a question as well as its own
_AS_WELL = 0.9  # of its own passage's score

Ask = Callable[[Chunk], Sequence[str]]


@dataclass(slots=True)
class Synthesis:
    """How many questions were kept, by kind, and why others were dropped; those that the file held before count.

    `tried` were put to the search, or a model was asked for them, of `tries` that were allowed.
    """

    tries: int
    kept: Counter[Origin] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    before: int = 0
    tried: int = 0

    @property
    def queries(self) -> int:
        """How many synthetic questions the file holds."""
        return self.before + self.kept.total()


def synthesize(
    search: Search,
    corpus: Corpus,
    out: str | Path,
    *,
    n: int = 100,
    tries: int | None = None,
    seed: int = 0,
    ask: Ask | None = None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Synthesis:
    """Appends gold to `out` until it holds `n` synthetic questions, or nothing is left to ask, or `tries` were in vain.

    A passage for which `out` has a question gets no second one, and a question that ever stood there does not come
    back. Each line is written when it was checked, so that a run that was cut off is gone on with by the same call.
    `ask` is a model that writes questions which a passage answers; without one they are made from the text itself.
    """
    file = Proposed(out)
    known = file.gold.queries
    done = Synthesis(TRIES * n if tries is None else tries, before=sum(TAG in query.tags for query in known))
    questions = {query.question.casefold() for query in known}
    answers = [place for query in resolve(file.gold, corpus).queries for places in query.spans for place in places]
    chunks = corpus.sample(1_000_000, seed=seed)
    rarity = _rarity(chunks)
    for chunk in _in_turns(chunks, seed, {relevant.document for query in known for relevant in query.relevant}):
        if done.queries >= n or done.tried >= done.tries:
            break
        if any(_overlap(chunk, place) for place in answers):
            continue
        if ask is None:
            proposed: Iterable[Proposal] = proposals(chunk, rarity)
        elif (mark := _mark(chunk)) in file.seen:
            continue  # asked for before, in vain or not
        else:
            done.tried += 1  # a call of the model is what costs
            asked = {question: answering(question, chunk, rarity) for question in ask(chunk)}
            proposed = [
                Proposal("model", question, chunk.document, *quote.span) for question, quote in asked.items() if quote
            ]
            if less := len(asked) - len(proposed):
                done.dropped["no sentence of its passage answers it"] += less
            file.remember([mark])
        for proposal in proposed:
            if _id(proposal) in file.seen or proposal.question.casefold() in questions:
                done.dropped["asked already"] += 1
                continue
            if ask is None:
                if done.tried >= done.tries:
                    break
                done.tried += 1
            if reason := _refused(proposal, search):
                done.dropped[reason] += 1
                continue
            file.add(_line(proposal, corpus))
            questions.add(proposal.question.casefold())
            done.kept[proposal.kind] += 1
            break
        on_progress(done.queries, n)
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


def _refused(proposal: Proposal, search: Search) -> str | None:
    """Why a proposal is not kept; None if it is."""
    if not terms(proposal.question):
        return "no word to search for"
    own, rivals = False, _DEPTH
    for mode in LEGS:
        hits = search(proposal.question, k=_DEPTH, mode=mode)
        score = max((hit.score for hit in hits if _overlap(hit.chunk, proposal)), default=None)
        if score is not None:
            own = True
            rivals = min(
                rivals, sum(hit.chunk.document != proposal.document and hit.score >= _AS_WELL * score for hit in hits)
            )
    if not own:
        return "its passage is not found"
    return None if rivals <= _RIVALS else "others answer it as well"


def _overlap(chunk: Chunk, place: Proposal | Span) -> bool:
    return meets(chunk, place.document, place.start, place.end)


def _mark(chunk: Chunk) -> str:
    """Names a passage that a model was asked about."""
    return f"asked-{digest(chunk.document, str(chunk.start), str(chunk.end))[:12]}"


def _id(proposal: Proposal) -> str:
    return f"s-{digest(proposal.question, proposal.document)[:12]}"


def _line(proposal: Proposal, corpus: Corpus) -> Mapping[str, Any]:
    """A line of gold, with the words as a quote, so that it outlives another splitting and can be read."""
    return {
        "id": _id(proposal),
        "question": proposal.question,
        "relevant": [
            {
                "document": proposal.document,
                "quote": (corpus.text(proposal.document) or "")[proposal.start : proposal.end],
            }
        ],
        "tags": [TAG, proposal.kind],
    }


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


def synthesized(
    searcher: Searcher,
    out: Path,
    *,
    n: int,
    tries: int | None = None,
    ask: Ask | None = None,
    on_progress: OnProgress | None = None,
) -> Synthesis:
    """Synthetic gold of the live version, added to a file; `ask` writes questions, if a model is to."""
    with closing(searcher.open()) as version:
        search, told = searcher.search(version).every, on_progress or (lambda *_: None)
        return synthesize(search, version, out, n=n, tries=tries, ask=ask, on_progress=told)
