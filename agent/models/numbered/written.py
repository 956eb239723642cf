"""How are passages written for a server that takes text alone? Numbered, and each of their sentences too."""

from __future__ import annotations

from collections.abc import Sequence

from agent.models.prompt import WEAK_MATCH
from agent.state import Passage


def heading(passage: Passage) -> str:
    """What a passage is called: its title and headings, and that it is probably about something else."""
    # headings are not part of a passage's text, and often name what it speaks of
    title = " › ".join(dict.fromkeys(filter(None, (passage.title, *passage.headings)))) or passage.document
    return f"{WEAK_MATCH}{title}" if passage.weak else title


def numbered(passages: Sequence[Passage]) -> str:
    """The passages as text. `[3]` names the passage whose number is 2, `[3.1]` its first sentence."""
    return "\n\n".join(map(_numbered, passages))


def _numbered(passage: Passage) -> str:
    number = passage.number + 1
    where = f" ({passage.document} {passage.start}-{passage.end})" if passage.kind == "document" else ""
    lines = [f"[{number}] {heading(passage)}{where}"]
    lines += [f"[{number}.{place}] {passage.block_text(place - 1)}" for place in range(1, len(passage.blocks) + 1)]
    return "\n".join(lines)
