"""How does the index bear a collection that grows? From a thousand synthetic chunks to a million, built and searched.

Words are drawn from a vocabulary that grows with the collection (Heaps), by rank (Zipf), the commonest of them
English stop words; vectors are spread around centres. No model encodes them, so that the index alone is measured.
Every step runs in a process of its own.

    .venv/bin/python benchmarks/growth.py [--sizes 1000 10000 100000 1000000] [--folder FOLDER] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from ingest.model import Chunk, Document, digest
from retrieval.parts import EncoderIdentity, OnMade, Vectors
from retrieval.search.hybrid import HybridSearch
from retrieval.vectors.cache import VectorCache
from retrieval.versions.candidate import new_candidate
from retrieval.versions.home import Home

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000, 1_000_000)
CHUNKS_A_DOCUMENT, WORDS_A_CHUNK = 10, 90
QUERIES, MANY = 200, 2_000
STOP_WORDS = ("the", "of", "and", "to", "a", "in", "is", "that", "for", "as", "was", "with", "it", "be", "by", "on")
CENTRES, DIMENSIONS, SPREAD = 500, 384, 0.8

SLOWER, MEGABYTES, OPENING, CHILD, LEAK = 10.0, 400.0, 1.0, 10.0, 32.0


class TopicEncoder:
    """An `Encoder` without a model: a text's first word names its centre, all of it the way and the distance from it.

    Distance is such that two texts of one centre have a cosine of about 0.6.
    """

    identity = EncoderIdentity("topics", digest("topics"), DIMENSIONS, 256, "float32", "one by one")
    languages = None

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self._centres = random.standard_normal((CENTRES, DIMENSIONS), dtype=np.float32)
        self._centres /= np.linalg.norm(self._centres, axis=1, keepdims=True)

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        raise NotImplementedError("the chunks are cut already")

    def encode(self, texts: Sequence[str], made: OnMade = lambda *_: None) -> Vectors:
        vectors = np.array([self.encode_query(text) for text in texts], dtype=np.float32).reshape(-1, DIMENSIONS)
        made(range(len(texts)), vectors)
        return vectors

    def encode_query(self, text: str, export: str | None = None) -> Vectors:  # noqa: ARG002 - it has none
        centre = self._centres[zlib.crc32(text.split(maxsplit=1)[0].encode()) % CENTRES]
        away = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(DIMENSIONS, dtype=np.float32)
        vector: Vectors = centre + away * np.float32(SPREAD / np.sqrt(DIMENSIONS))
        return vector / np.linalg.norm(vector)


class Words:
    """Chunks as a collection of `chunks` chunks has them; the same ones for the same seed."""

    def __init__(self, chunks: int, *, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        # Heaps: about 14,000 words in 90,000, 500,000 in 90 millions
        self.size = round(37 * (chunks * WORDS_A_CHUNK) ** 0.52)
        self.totals = np.cumsum(1 / (np.arange(1, self.size + 1) + 2.7))
        self.known: dict[int, str] = dict(enumerate(STOP_WORDS))

    def draw(self, words: int) -> str:
        """That many words: a topic, then the commonest ones most often."""
        ranks = np.searchsorted(self.totals, self.random.random(words - 1) * self.totals[-1])
        return " ".join((f"topic{self.random.integers(10 * CENTRES)}", *map(self.word, ranks.tolist())))

    def word(self, rank: int) -> str:
        """The word of a rank, in syllables."""
        if rank not in self.known:
            syllables, rest = [], rank
            while rest or len(syllables) < 2:
                rest, syllable = divmod(rest, 75)
                syllables.append("bdfghjklmnprtvz"[syllable // 5] + "aeiou"[syllable % 5])
            self.known[rank] = "".join(syllables) + "m"  # an ending that the stemmer leaves alone
        return self.known[rank]

    def document(self, number: int) -> tuple[Document, list[Chunk]]:
        """A document of ten chunks, one paragraph each."""
        name, start, chunks = f"synthetic/{number:07}.md", 0, []
        paragraphs = [self.draw(WORDS_A_CHUNK) for _ in range(CHUNKS_A_DOCUMENT)]
        for text in paragraphs:
            chunks.append(Chunk(name, start, start + len(text), text))
            start += len(text) + 2
        return Document(name, "\n\n".join(paragraphs)), chunks


def build(path: Path, size: int) -> dict[str, Any]:
    """A version of so many chunks, made live; how long that took, the making of the words not counted."""
    home, words, making = Home(path), Words(size, seed=0), 0.0

    def made() -> Iterator[tuple[Document, list[Chunk]]]:
        nonlocal making
        for number in range(size // CHUNKS_A_DOCUMENT):
            began = time.perf_counter()
            document = words.document(number)
            making += time.perf_counter() - began
            yield document

    began = time.perf_counter()
    id = version(home, made())
    took = time.perf_counter() - began - making
    home.record_verdict(id, {"status": "probe"})
    home.publish(id)
    return {"build_s": took, "build_peak_mb": peak(), "disk_mb": on_disk(home.versions_folder / id)}


def child(path: Path, size: int) -> dict[str, Any]:
    """A child of the live version in which one chunk in a hundred is new; seconds with all that is not encoding.

    Whole documents are replaced, since nothing smaller is. The synthetic encoder's time is counted: it is next to none.
    """
    words = Words(size, seed=1)
    documents = size // CHUNKS_A_DOCUMENT
    changed = range(0, documents, 100)
    changes = [words.document(number) for number in changed]
    began = time.perf_counter()
    version(Home(path), iter(changes))
    return {"child_s": time.perf_counter() - began, "child_chunks": len(changes) * CHUNKS_A_DOCUMENT}


def version(home: Home, documents: Iterator[tuple[Document, list[Chunk]]]) -> str:
    """The id of a finished child of the live version with these documents."""
    encoder = TopicEncoder()
    with home.writing(), closing(VectorCache(home.path / "cache" / "vectors.sqlite", encoder.identity)) as cache:
        new = new_candidate(home, encoder, cache)
        for document, chunks in documents:
            new.put(document, chunks, document.name)
        return new.finish()


def read(path: Path, size: int, queries: int) -> dict[str, Any]:
    """What a fresh reader takes: to open the live version, for each query, and in memory before and after."""
    import qdrant_edge  # noqa: F401 - what is measured is the opening of a version, not the import of its engine

    encoder, words = TopicEncoder(), Words(size, seed=2)
    asked = [words.draw(9) for _ in range(queries + 20)]
    before = memory()
    began = time.perf_counter()
    opened = Home(path).open(encoder=encoder)
    opening = time.perf_counter() - began
    with closing(opened):
        search = HybridSearch(opened, encoder)
        for query in asked[:20]:
            search(query)
        times, states = [], []
        for number, query in enumerate(asked[20:], start=1):
            began = time.perf_counter()
            hits = search(query)
            times.append(time.perf_counter() - began)
            if len(hits) != 10:
                raise SystemExit(f"{query!r} found {len(hits)} chunks of {size}")
            if number in (queries // 4, queries):
                states.append((memory(), len(os.listdir("/proc/self/fd"))))  # noqa: PTH208 - names are enough
    began = time.perf_counter()
    for query in asked[:100]:
        encoder.encode_query(query)
    return {
        "open_s": opening,
        "p50_ms": 1e3 * statistics.median(times),
        "p95_ms": 1e3 * float(np.quantile(times, 0.95)),
        "encode_ms": 10 * (time.perf_counter() - began),
        "before": before,
        "states": states,
    }


def memory() -> dict[str, float]:
    """Megabytes of this process: resident, its share of what is shared, its own, and of that what no file backs."""
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()[1:]:
        name, kilobytes, _ = line.split()
        found[name.rstrip(":")] = int(kilobytes) / 1024
    own = found["Private_Clean"] + found["Private_Dirty"]
    return {"rss": found["Rss"], "pss": found["Pss"], "private": own, "anonymous": found["Anonymous"]}


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_disk(folder: Path) -> float:
    """Megabytes, holes of sparse files left out, hard links counted once."""
    files = {stat.st_ino: stat.st_blocks for path in folder.rglob("*") if path.is_file() for stat in [path.stat()]}
    return sum(files.values()) * 512 / 1e6


def alone(step: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """The same in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(step, *arguments).result()


def measured(folder: Path, size: int) -> dict[str, Any]:
    """All figures of one size."""
    path = folder / f"home{size}"
    try:
        row = {"chunks": size, **alone(build, path, size)}
        readers = [alone(read, path, size, QUERIES) for _ in range(3)]
        row |= {
            key: statistics.median(reader[key] for reader in readers) for key in readers[0] if key[-2:] in ("_s", "ms")
        }
        row |= {f"{kind}_mb": readers[0]["states"][-1][0][kind] for kind in ("rss", "pss", "private", "anonymous")}
        row["imports_mb"] = readers[0]["before"]["rss"]
        first, last = alone(read, path, size, MANY)["states"]
        row["leak_mb"] = last[0]["anonymous"] - first[0]["anonymous"]
        row["leak_fds"] = last[1] - first[1]
        return row | alone(child, path, size)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def missed(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The lines that were not reached."""
    found = []
    for row in rows:
        size, share = row["chunks"], max(1.0, row["chunks"] / 100_000)
        limits = [
            ("a reader's memory, MB", row["rss_mb"], MEGABYTES * share),
            (f"memory from {MANY // 4:,} queries to {MANY:,}, MB more", row["leak_mb"], LEAK),
            ("files open after them, more", row["leak_fds"], 0),
        ]
        if size <= 100_000:
            limits += [("opening, s", row["open_s"], OPENING), ("a child of 1 %, s", row["child_s"], CHILD)]
        found += [
            f"{size:,} chunks: {name}: {value:.2f}, {limit:g} allowed"
            for name, value, limit in limits
            if not value <= limit
        ]
    small, large = min(rows, key=lambda row: row["chunks"]), max(rows, key=lambda row: row["chunks"])
    if not (times := large["p50_ms"] / small["p50_ms"]) <= SLOWER:
        found.append(
            f"query p50 from {small['chunks']:,} to {large['chunks']:,} chunks: {times:.1f} times, {SLOWER:g} allowed"
        )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="CHUNKS")
    parser.add_argument("--folder", type=Path, help="where the homes are built, some 10 GB for a million chunks")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    told = parser.parse_args()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    print(f"commit {commit.stdout.strip()}, {os.cpu_count()} cores\n")
    print(
        "| chunks | build s (peak MB) | disk MB | open s | query p50 ms | p95 ms | reader RSS MB (PSS, own, anonymous)"
        f" | imports alone MB | 1 % child s | {MANY:,} queries: more MB, more files |\n|{'---|' * 10}"
    )
    rows = []
    with tempfile.TemporaryDirectory(dir=told.folder) as folder:
        for size in told.sizes:
            row = measured(Path(folder), size)
            rows.append(row)
            print(
                f"| {size:,} | {row['build_s']:.1f} ({row['build_peak_mb']:.0f}) | {row['disk_mb']:.0f} "
                f"| {row['open_s']:.2f} | {row['p50_ms']:.2f} | {row['p95_ms']:.2f} "
                f"| {row['rss_mb']:.0f} ({row['pss_mb']:.0f}, {row['private_mb']:.0f}, {row['anonymous_mb']:.0f}) "
                f"| {row['imports_mb']:.0f} | {row['child_s']:.2f} | {row['leak_mb']:.1f}, {row['leak_fds']} |",
                flush=True,
            )
    print(f"\nThe synthetic encoder takes {rows[-1]['encode_ms']:.2f} ms of each query.")
    if told.json:
        told.json.write_text(json.dumps({"commit": commit.stdout.strip(), "rows": rows}, indent=1), "utf-8")
    found = missed(rows)
    for line in found:
        print(f"not reached: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
