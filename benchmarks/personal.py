"""How much of what is personal is found, and how much of what is found is? By kind, on a set made for it.

`personal.jsonl` holds sentences with one value each, and near misses, which look like one and are none. It was written
before anything was tuned to it: telephone numbers, addresses and names by hand, cards and IBANs by their check digits,
other numbers at random until python-stdnum took them, which is the library that finds them too. What is found beside
the value, or instead of a near miss, is wrong, of whatever kind it is.

    .venv/bin/python benchmarks/personal.py [--misses] [--regions DE,US,GB]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from math import sqrt
from pathlib import Path

from agent.governance.personal.detecting import BUILT_IN, detectors
from agent.settings import RedactSettings

SET = Path(__file__).with_suffix(".jsonl")
NAMES = (
    "Anna Schmidt", "John O'Neill", "O'Neill", "María José Carreño", "Li Wei", "Søren Kierkegaard", "Jean-Luc Picard",
    "Nguyễn Văn An", "Bjørk", "Владимир Петров", "Abdul Rahman", "van den Berg", "Ludwig", "Müller-Lüdenscheidt", "Zoë",
    "Élodie", "Xu",
)  # fmt: skip


def interval(right: int, of: int) -> str:
    """A share with Wilson's interval of 95 %."""
    if not of:
        return "none"
    share, z = right / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.3f} ({max(0.0, middle - half):.3f} to {min(1.0, middle + half):.3f})"


def main() -> int:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--misses", action="store_true", help="name what was missed, and what was found and is none")
    told.add_argument("--regions", default="", help="countries whose telephone numbers are found without a prefix")
    options = told.parse_args()
    cases = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names.txt"
        names.write_text("\n".join(NAMES), encoding="utf-8")
        regions = tuple(filter(None, options.regions.split(",")))
        found_by = detectors(RedactSettings(names=names, regions=regions), lambda _: lambda _: ())
    hits, positives, near, wrong = Counter(), Counter(), Counter(), Counter()
    began = time.perf_counter()
    for case in cases:
        kind, value = case["kind"], case["value"]
        found = [(each.kind, each.value) for each in found_by.find(case["text"])]
        if value is None:
            near[kind] += 1
        else:
            positives[kind] += 1
            hits[kind] += (kind, value) in found
            if (kind, value) not in found and options.misses:
                print(f"missed {kind}: {case['text']!r}, found {found}")
        for each in found:
            if each != (kind, value):
                wrong[each[0]] += 1
                if options.misses:
                    print(f"wrong {each[0]}: {each[1]!r} in {case['text']!r}")
    seconds = time.perf_counter() - began
    print(
        "| kind | values | recall (95 %) | near misses | found and none | precision (95 %) |\n|---|---|---|---|---|---|"
    )
    for kind in (*BUILT_IN, None):
        of = [kind] if kind else list(BUILT_IN)
        right, all_of, bad = (sum(counts[each] for each in of) for counts in (hits, positives, wrong))
        told_of = sum(near[each] for each in of)
        found_of, true_of = interval(right, all_of), interval(right, right + bad)
        print(f"| {kind or 'all'} | {all_of} | {found_of} | {told_of} | {bad} | {true_of} |")
    letters = sum(len(case["text"]) for case in cases)
    print(f"\n{len(cases)} texts, {letters / seconds / 1e6:.2f} MB of characters a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
