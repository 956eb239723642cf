"""How long does a case take to be put together and shown? `case_files.py [CASES]`, 100 of them by default.

Each is the case of a run over the guides of docs/, that asked for a person; it is put together and made a page of: over
the version that is live, over an older one, and each time with the home opened anew. It ends with 1 if half of any take
100 ms or more.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.run.people.showing import as_page
from agent.wire import Citewell
from retrieval.vectors.encoder import SentenceEncoder
from tests.homes import opened
from tests.places import ROOT

MOST = 0.1  # seconds
CHARTER = '[[escalate]]\nrule = "person"\nwhen = "asked_for_person"\n'


def main(cases: int) -> int:
    encoder = SentenceEncoder()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        charter = Path(folder) / "charter.toml"
        charter.write_text(CHARTER)

        def home() -> Citewell:
            return stack.enter_context(opened(Path(folder) / "home", encoder, charter=charter))

        first = home()
        first.ingest([ROOT / "docs"])
        for number in range(cases):
            first.ask(f"I want to talk to a human! What does part {number} of the guide say of index versions?")
        ids = [each.id for each in first.cases.list()]
        took = {"live": timed(first, ids)}
        first.rebuild()
        took["older"] = timed(first, ids)
        took["older, home opened anew"] = []
        for id in ids:
            with closing(home()) as anew:
                took["older, home opened anew"] += timed(anew, [id])
    for name, seconds in took.items():
        last = quantiles(seconds, n=20, method="inclusive")[-1]
        told = {"p50": median(seconds), "p95": last, "most": max(seconds)}
        figures = [f"{what} {1000 * each:.1f} ms" for what, each in told.items()]
        print(f"{name:24} {len(seconds)} cases: {', '.join(figures)}")
    return 0 if len(ids) == cases and all(median(seconds) < MOST for seconds in took.values()) else 1


def timed(home: Citewell, ids: list[str]) -> list[float]:
    """The seconds that each case and its page take."""
    found = []
    for id in ids:
        began = time.perf_counter()
        page = as_page(home.cases.file(id))
        found.append(time.perf_counter() - began)
        assert "Found for" in page
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
