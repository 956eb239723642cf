"""How does one system answer `peers.py`? It reads one JSON object a line, does what it says, and writes one.

`python peers_worker.py SYSTEM WEIGHTS`, in that system's environment. What it is told: `{"do": "ingest", "corpus": …,
"folder": …, "keep": …}`, `load` with a folder, `query` (timed) and `rank` with queries.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers_systems import DOCUMENTS, LEGS, SYSTEMS, K, System


def tokens(texts: Sequence[str], weights: str, window: int) -> int:
    """Tokens that a network saw of these texts: special ones too, padding and what was cut off not."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(weights) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(window)
    return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts)))


def ranking(hits: Sequence[tuple[str, float]]) -> list[str]:
    """Documents by their best passage."""
    return list(dict.fromkeys(name for name, _ in sorted(hits, key=lambda hit: -hit[1])))[:DOCUMENTS]


def answer(system: System, weights: str, told: dict[str, Any]) -> dict[str, Any]:
    """What one line of the other side asks for."""
    match told["do"]:
        case "ingest":
            folder = Path(told["folder"])
            shutil.rmtree(folder, ignore_errors=True)
            began = time.perf_counter()
            system.ingest(Path(told["corpus"]), folder)
            took = time.perf_counter() - began
            if told["keep"]:
                system.keep(folder)
            texts = system.encoded()
            return {"seconds": took, "passages": len(texts), "tokens": tokens(texts, weights, system.window)}
        case "load":
            system.load(Path(told["folder"]))
            return {}
        case "query":
            times = []
            for query in told["queries"]:
                began = time.perf_counter()
                system.search(query, K)
                times.append(time.perf_counter() - began)
            return {"seconds": times}
        case _:
            return {"rankings": [ranking(system.search(query, LEGS)) for query in told["queries"]]}


def main(name: str, weights: str) -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not an answer
    system = SYSTEMS[name](weights)
    versions = {package: version(package) for package in (*system.packages, "transformers", "torch")}
    print(json.dumps({"versions": versions, "window": system.window}), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(system, weights, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
