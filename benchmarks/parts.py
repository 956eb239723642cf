"""How much of what a question of several parts asks for is found, with a search of the whole and with one a part?

    .venv/bin/python benchmarks/parts.py

For each part a few words of the guide that answer it stand in parts.jsonl; a part is found where a passage that is
shown holds them. The questions were written before the code. It ends with 1 where a search a part finds less.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from guide import ROOT

from agent.run.rules.planning import pooled, reading
from agent.wire import open_citewell
from retrieval.model import EVERYTHING


def main() -> int:
    """Prints both shares, and the time of a search of each kind."""
    cases = [json.loads(line) for line in Path(__file__).with_suffix(".jsonl").read_text("utf-8").splitlines()]
    with open_citewell(home=ROOT / ".bench" / "guide") as opened:
        opened.ingest(ROOT / "docs")
        search = opened.hybrid_search().within(EVERYTHING)
        k = opened.settings.agent.passages
        found, spent, shown = {"whole": 0, "parts": 0}, {"whole": 0.0, "parts": 0.0}, {"whole": 0, "parts": 0}
        wanted = planned = 0
        for case in cases:
            plan = reading(case["question"])
            planned += plan is not None
            began = time.perf_counter()
            whole = search(case["question"], k=k)
            middle = time.perf_counter()
            parts = [search(each.question, k=k) for each in plan.parts] if plan else []
            hits = [each for each, _ in pooled(whole, parts, k)]
            spent["whole"] += middle - began
            spent["parts"] += time.perf_counter() - began
            wanted += len(case["parts"])
            for name, some in (("whole", whole), ("parts", hits)):
                shown[name] += len(some)
                missing = [part for part in case["parts"] if not any(part in hit.chunk.text for hit in some)]
                found[name] += len(case["parts"]) - len(missing)
                if missing:
                    print(f"{name}: {case['question']} lacks {missing}", file=sys.stderr)
        deep = sum(
            sum(any(part in hit.chunk.text for hit in search(case["question"], k=2 * k)) for part in case["parts"])
            for case in cases
        )
    print(f"{len(cases)} questions, {planned} planned, {wanted} parts")
    for name in found:
        print(
            f"{name}: {found[name]} of {wanted} parts found in {shown[name] / len(cases):.1f} passages,"
            f" {1000 * spent[name] / len(cases):.0f} ms a question"
        )
    print(f"whole, twice as many passages: {deep} of {wanted}")
    return int(not found["parts"] >= found["whole"])


if __name__ == "__main__":
    sys.exit(main())
