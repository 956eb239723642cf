"""How much of what answers a question do the best chunks hold, and how little else, within a fixed budget of tokens?

The public chunking evaluation of Smith & Troynikov (2024): five corpora, 472 questions, each with the exact spans of
text that answer it. Citewell ingests each corpus through its own pipeline into a home of its own below .bench/; the
other splitters' chunks are put into the same kind of index with the same encoder, and searched by the same hybrid
search. Chunks are taken in rank order until the next one would exceed the budget, counted in the encoder's tokens.

recall: the share of a question's reference characters that lie in these chunks; precision: the share of these chunks'
characters that are reference characters, each counted once. Both are means over questions, with 95 % intervals.

Exits with 1 where Citewell's chunks give, over all corpora, less than 0.90 of recall or 0.055 of precision.

    .venv/bin/python benchmarks/chunking.py [CORPUS …]
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from agent.settings import load_settings
from agent.wire import open_citewell
from eval.measure.stats import bootstrap
from ingest.model import Chunk, Document
from ingest.read.registry import read
from ingest.split.sentences import Span, trimmed
from ingest.split.split import SPLITTER_VERSION
from retrieval.model import Hit
from retrieval.search.hybrid import HybridSearch
from retrieval.vectors.cache import VectorCache
from retrieval.vectors.encoder import SentenceEncoder
from retrieval.versions.candidate import Candidate
from retrieval.versions.home import Home

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "chroma-chunking"
BENCH = ROOT / ".bench" / "chunking"
CORPORA = ("chatlogs", "finance", "pubmed", "state_of_the_union", "wikitexts")
BUDGET = 1000
DEPTH = 100  # hits asked for: more than any budget holds
LEAST_RECALL, LEAST_PRECISION = 0.90, 0.055

Splitter = Callable[[Document, SentenceEncoder], Iterable[Span]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one corpus, and where in it the answer stands."""

    text: str
    references: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """One question's figures."""

    recall: float
    precision: float


def questions(corpus: str) -> list[Question]:
    """The questions about one corpus."""
    with (DATA / "questions_df.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["corpus_id"] == corpus]
    return [
        Question(
            row["question"],
            tuple((reference["start_index"], reference["end_index"]) for reference in json.loads(row["references"])),
        )
        for row in rows
    ]


def document(corpus: str) -> Document:
    """The corpus as Citewell reads it; the references' offsets hold for its text."""
    path = DATA / "corpora" / f"{corpus}.md"
    (found,) = read(path, f"corpora/{corpus}.md")
    if not isinstance(found, Document) or found.text.rstrip() != path.read_text("utf-8").rstrip():
        sys.exit(f"{path} is not read as it stands, so the references' offsets do not hold.")
    return found


def scored(question: Question, hits: Sequence[Hit], encoder: SentenceEncoder) -> Score:
    """The figures of the chunks that the budget allows."""
    spans: list[Span] = []
    left = BUDGET
    for hit in hits:
        left -= len(encoder.offsets(hit.chunk.text))
        if left < 0:
            break
        spans.append((hit.chunk.start, hit.chunk.end))
    references, retrieved = united(question.references), united(spans)
    shared = sum(max(0, min(end, stop) - max(start, begin)) for start, end in references for begin, stop in retrieved)
    size = sum(end - start for start, end in retrieved)
    return Score(shared / sum(end - start for start, end in references), shared / size if size else 0.0)


def united(spans: Iterable[Span]) -> list[Span]:
    """The same characters as disjoint spans in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def paragraphs(document: Document, encoder: SentenceEncoder) -> Iterable[Span]:
    """Plain packing: whole paragraphs up to 256 tokens, a longer one cut between words."""
    text, window = document.text, encoder.identity.window - 2
    tokens = encoder.offsets(text)
    spans: list[Span] = []
    number = 0
    while number < len(tokens):
        begin = tokens[number][0]
        last = min(number + window, len(tokens))
        limit = tokens[last - 1][1]
        if last < len(tokens):
            cuts = (text.rfind(mark, begin + 1, limit) for mark in ("\n\n", "\n", " "))
            limit = next((cut for cut in cuts if cut > begin), limit)
        spans.append(trimmed(text, begin, limit))
        while number < len(tokens) and tokens[number][0] < limit:
            number += 1
    return spans


def sentence_splitter(size: int, overlap: int, own_tokens: bool = False) -> Splitter:
    """LlamaIndex's SentenceSplitter, counting in its default tokens or in the encoder's."""

    def spans(document: Document, encoder: SentenceEncoder) -> Iterable[Span]:
        from llama_index.core import Document as LlamaDocument
        from llama_index.core.node_parser import SentenceSplitter

        options = {"tokenizer": encoder.offsets} if own_tokens else {}
        nodes = SentenceSplitter(chunk_size=size, chunk_overlap=overlap, **options).get_nodes_from_documents(
            [LlamaDocument(text=document.text)]
        )
        return [(node.start_char_idx, node.end_char_idx) for node in nodes]

    return spans


OTHERS: dict[str, Splitter] = {
    "paragraphs packed to 256": paragraphs,
    "SentenceSplitter 256, no overlap": sentence_splitter(254, 0, own_tokens=True),
    "SentenceSplitter 1024/200 (its default)": sentence_splitter(1024, 200),
}


@contextmanager
def own_search(corpus: str) -> Iterator[tuple[HybridSearch, int]]:
    """Citewell's own pipeline over one corpus, with default settings: its search, and how many chunks there are."""
    home = BENCH / corpus
    for part in home.glob("*"):
        if part.name != "cache":  # a text that was encoded once has the same vector again
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    with open_citewell(settings=load_settings(home=home, environment={})) as opened:
        report = opened.ingest([DATA / "corpora" / f"{corpus}.md"])
        if not report.published:
            sys.exit(f"{corpus} is not published: {report.held_back or report.reasons}")
        yield opened.hybrid_search(), report.chunks


@contextmanager
def search_of(corpus: str, spans: Iterable[Span], encoder: SentenceEncoder) -> Iterator[tuple[HybridSearch, int]]:
    """The same search over chunks that another splitter made: they have no context."""
    made = document(corpus)
    chunks = {
        chunk.id: chunk
        for start, end in spans
        if (chunk := Chunk(made.name, start, end, made.text[start:end], title=made.title))
    }
    with TemporaryDirectory() as folder, closing(VectorCache(cache_of(corpus), encoder.identity)) as cache:
        home = Home(Path(folder))
        candidate = Candidate(home.versions_folder, encoder, cache, None, engine=home.engine("edge"))
        candidate.put(made, list(chunks.values()), made.name)
        with closing(home.open(candidate.finish(), encoder=encoder)) as version:
            yield HybridSearch(version, encoder), len(chunks)


def cache_of(corpus: str) -> Path:
    """Where the pipeline keeps the vectors of one corpus, too."""
    return BENCH / corpus / "cache" / "vectors.sqlite"


def row(name: str, corpus: str, chunks: int, scores: Sequence[Score]) -> str:
    """One line of the table."""
    recall = bootstrap([score.recall for score in scores])
    precision = bootstrap([score.precision for score in scores])
    cells = (
        name,
        corpus,
        f"{chunks:,}",
        f"{len(scores)}",
        f"{recall.mean:.3f} ({recall.low:.3f} to {recall.high:.3f})",
        f"{precision.mean:.4f} ({precision.low:.4f} to {precision.high:.4f})",
    )
    return f"| {' | '.join(cells)} |"


def main(corpora: Sequence[str]) -> int:
    """One row a splitter and corpus, and one for each splitter over all; 1 where Citewell's is not good enough."""
    if not DATA.is_dir():
        sys.exit(f"The public chunking evaluation is not at {DATA}; put it there to measure.")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    print(f"commit {commit.stdout.strip()}, splitter version {SPLITTER_VERSION}, {BUDGET:,} tokens\n")
    print("| splitter | corpus | chunks | questions | recall (95 %) | precision (95 %) |")
    print("|---|---|---|---|---|---|")
    encoder = SentenceEncoder()
    reached = False
    for name, splitter in {"Citewell": None, **OTHERS}.items():
        scores: list[Score] = []
        total = 0
        rows = []
        for corpus in corpora:
            opening = (
                own_search(corpus)
                if splitter is None
                else search_of(corpus, splitter(document(corpus), encoder), encoder)
            )
            with opening as (search, chunks):
                found = [scored(asked, search(asked.text, k=DEPTH), encoder) for asked in questions(corpus)]
            rows.append(row(name, corpus, chunks, found))
            scores += found
            total += chunks
        print("\n".join([*rows, row(name, "all", total, scores)]), flush=True)
        if splitter is None:
            recall, precision = (mean(getattr(score, name) for score in scores) for name in ("recall", "precision"))
            reached = recall >= LEAST_RECALL and precision >= LEAST_PRECISION
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or CORPORA))
