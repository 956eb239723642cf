"""How are passages written for a server that takes text alone? Numbered, and each of their sentences too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.models.prompt import WEAK_MATCH
from agent.state import Passage
from ingest.model import within as overlapping

# What models' own templates put between the turns of a conversation, and around calls and what comes of them.
_MARKS: Final = re.compile(
    r"(?i)<\|(?=[^|<>\n]{1,40}\|>)|<(?=｜[^<>\n]{1,40}｜>)|<(?=/?(?:s|start_of_turn|end_of_turn|think|system)>)"
    r"|<(?=/?(?:antml:)?(?:tool_(?:calls?|response|results?)|function_(?:calls?|results?)|invoke|parameter|search_results?)\b)"
    r"|<(?=</?SYS>>)|\[(?=/?(?:INST|TOOL_CALLS|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\])"
)


def heading(passage: Passage) -> str:
    """What a passage is called: its title and headings, that it is probably about something else, which parts hide."""
    # headings are not part of a passage's text, and often name what it speaks of
    title = " › ".join(dict.fromkeys(filter(None, (passage.title, *passage.headings)))) or passage.document
    title = " ".join(title.split())  # it takes one line, which is ours
    parts = [
        str(place)
        for place, span in enumerate(passage.blocks, start=1)
        if passage.kind == "document" and overlapping(passage.unseen, *span)
    ]
    hidden = f" (hidden text, which nobody sees who opens the document: in part {', '.join(parts)})" if parts else ""
    return f"{WEAK_MATCH if passage.weak else ''}{title}{hidden}"


def numbered(passages: Sequence[Passage]) -> str:
    """The passages as text. `[3]` names the passage whose number is 2, `[3.1]` its first sentence."""
    return "\n\n".join(map(_numbered, passages))


def _numbered(passage: Passage) -> str:
    number = passage.number + 1
    name = " ".join(passage.document.split())
    where = f" ({name} {passage.start}-{passage.end})" if passage.kind == "document" else ""
    lines = [f"[{number}] {tame(heading(passage))}{tame(where)}"]
    lines += [
        f"[{number}.{place}] {within(passage.block_text(place - 1))}" for place in range(1, len(passage.blocks) + 1)
    ]
    return "\n".join(lines)


def within(text: str) -> str:
    """Others' words as part of ours: no line of them begins where ours do, and none of their marks is a model's own.

    So no text can end what it stands in, bring passages of its own or ask a question.
    """
    return "\n    ".join(tame(text).splitlines())


def tame(text: str) -> str:
    """A text without a model's own marks, by a space in each; what is quoted of it is found all the same."""
    return _MARKS.sub(lambda mark: f"{mark[0][0]} {mark[0][1:]}", text)
