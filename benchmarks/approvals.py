"""How often does a call run that many allow at once? `approvals.py [WORDS] [postgresql://…]`, 1,000 words by default.

Each word reads that the run waits and says that its call may run, over one of 50 connections of their own to the same
journal, as 50 processes have. It ends with 1 unless the call ran once and the journal has one decision and verifies.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.journal.journal import Journal
from tests.agent.run.test_governed import PAID, ended, parts, paying
from tests.agent.run.test_racing import raced

PROCESSES = 50


def main(words: int, place: str | None) -> int:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        where = place or Path(folder) / "journal.sqlite"
        journals = [stack.enter_context(closing(Journal(where))) for _ in range(PROCESSES)]
        ended(*parts(journals[0], paying(400)))
        began = time.monotonic()
        came = Counter(type(each).__name__ for each in raced(journals, words))
        kinds = Counter(each.kind for each in journals[0].events("r-1"))
        print(f"{words:,} words in {time.monotonic() - began:.1f} s: {dict(came)}")
        print(f"the call ran {len(PAID)} times, after {kinds['decided']} decisions; {kinds['acting']} begun")
        is_whole = journals[0].verify().ok
    return 0 if (len(PAID), kinds["decided"], kinds["acting"], is_whole) == (1, 1, 1, True) else 1


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(int(given[0]) if given else 1_000, given[1] if len(given) > 1 else None))
