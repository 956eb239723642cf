"""How fast do documents come in? Reading and splitting against encoding, and a second ingest against the first.

`speed.py [DOCUMENTS]` takes the first so many PEPs (200), in one warm process, then changes one in a hundred of them.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from agent.wire import open_citewell
from ingest.discover import discover
from ingest.model import Document
from ingest.read.workers import Workers
from ingest.split import SplitSettings, split
from retrieval.model import Encoder

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
SAMPLE = 256  # chunks whose encoding is timed, three times


def main(documents: int) -> int:
    if not DATA.is_dir():
        print(f"{DATA} is not there: nothing to measure")
        return 0
    with tempfile.TemporaryDirectory() as place, open_citewell(Path(place) / "home") as citewell:
        folder = Path(place) / "peps"
        folder.mkdir()
        for path in sorted((DATA / "peps" / "tree").rglob("*.rst"))[:documents]:
            shutil.copyfile(path, folder / path.name)
        encoder = citewell.encoder
        encoder.export()  # by which an ingest encodes where that is faster
        encoder.encode(["warm"])
        rows = []
        for name, source in (("PEPs (.rst)", folder), ("office, web, mail, PDF", DATA / "loaders")):
            read, chunks, letters = reading(source, encoder)
            encoding = statistics.median(encoded(encoder, chunks[:: max(1, len(chunks) // SAMPLE)]) for _ in range(3))
            rows.append((name, len(chunks), letters, len(chunks) / read, encoding, len(chunks) / read / encoding))
        print(f"{'reading and splitting':24} {'chunks':>7} {'letters':>10} {'chunks/s':>9} {'encoder':>8} {'ratio':>6}")
        for name, chunks, letters, rate, encoding, ratio in rows:
            print(f"{name:24} {chunks:7,} {letters:10,} {rate:9.1f} {encoding:8.1f} {ratio:6.1f}")
        began = time.monotonic()
        first = citewell.ingest([folder])
        took = time.monotonic() - began
        for path in sorted(folder.iterdir())[::100][: max(1, documents // 100)]:
            path.write_text(path.read_text("utf-8") + "\n\nOne more paragraph, which was not there before.\n", "utf-8")
        again = []
        for number in range(3):
            if number:  # the same share once more
                for path in sorted(folder.iterdir())[number::100][: max(1, documents // 100)]:
                    path.write_text(path.read_text("utf-8") + f"\n\nParagraph {number}, new as well.\n", "utf-8")
            began = time.monotonic()
            second = citewell.ingest([folder])
            again.append(time.monotonic() - began)
        share = statistics.median(again) / took
        print(f"first ingest: {first.documents['added']} documents, {first.chunks:,} chunks, {took:.1f} s")
        print(
            f"1 % changed: {second.documents['updated']} documents, {statistics.median(again):.1f} s (median of 3), "
            f"{share:.1%} of the first"
        )
        return 0 if share <= 0.03 and all(row[-1] >= 3 for row in rows) else 1


def reading(source: Path, encoder: Encoder) -> tuple[float, list[str], int]:
    """Seconds, what is to be encoded, and letters, of reading and splitting everything there."""
    settings = SplitSettings(window=encoder.identity.window)
    texts, letters = [], 0
    with Workers() as workers:
        began = time.monotonic()
        for _, items in workers.read(discover([source]).sources):
            for item in items:
                if isinstance(item, Document):
                    letters += len(item.text)
                    texts += [chunk.indexed_text for chunk in split(item, encoder.offsets, settings)]
        return time.monotonic() - began, texts, letters


def encoded(encoder: Encoder, texts: list[str]) -> float:
    """Texts a second."""
    began = time.monotonic()
    encoder.encode(texts)
    return len(texts) / (time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
