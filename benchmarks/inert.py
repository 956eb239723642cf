"""What does an answer lose that does nothing? `inert.py`: paragraphs of documents, each said as it stands.

Each paragraph of the PEPs (reStructuredText) and of the Markdown of chroma-chunking is an answer that cites itself,
once where its document is trusted and once where it is not: how many hold an address, and of how many it is shown, put
in code marks or left out; how many are shown in other signs than they were written, and how many in none but those.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agent.run.rules.inert import LEFT_OUT, Addresses, addresses, inert

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def paragraphs(folder: Path, pattern: str) -> Iterator[str]:
    """Stretches between blank lines."""
    for file in sorted(folder.rglob(pattern)):
        yield from filter(str.strip, re.split(r"\n\s*\n", file.read_text("utf-8", "replace")))


def measured(texts: list[str]) -> str:
    """A row of figures for some paragraphs."""
    row = [f"{len(texts):,}"]
    for is_trusted in (True, False):
        found: Counter[str] = Counter()
        for text in texts:
            stand = addresses([text])
            shown = inert(text, Addresses(trusted=stand) if is_trusted else Addresses(low=stand))
            found["addresses"] += bool(stand)
            found["left out"] += LEFT_OUT in shown.text
            found["whole"] += bool(stand) and LEFT_OUT not in shown.text
            found["otherwise"] += shown.text != text and not stand
        told = (f"{found[name]:,}" for name in ("addresses", "whole", "left out", "otherwise"))
        row.append(" / ".join(told))
    return " | ".join(row)


def main() -> None:
    """Prints the table."""
    corpora = {"peps": (DATA / "peps" / "tree", "*.rst"), "chroma-chunking": (DATA / "chroma-chunking", "*.md")}
    print("corpus | paragraphs | trusted: with an address / shown / left out / changed otherwise | not trusted")
    for name, (folder, pattern) in corpora.items():
        if not folder.is_dir():
            sys.exit(f"There is no {folder}: put the collection there.")
        print(f"{name} | {measured(list(paragraphs(folder, pattern)))}")


if __name__ == "__main__":
    main()
