"""What do headers and footers say besides the numbers of pages?"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.read.writing.rows import one_line

_WORDS_WITH_A_NUMBER = 3  # as in "Page 1 of 9"; with more there is something to say
COUNT = "\0"  # stands for a page's number, or the number of pages


def standing(line: str) -> str:
    """The line without those parts between its tabs that only count pages; `COUNT` stands for each number in it."""
    kept = [piece for piece in line.split("\t") if COUNT not in piece or not _only_counts(piece)]
    return one_line(" ".join(kept).replace(COUNT, ""))


def standing_lines(lines: Iterable[str]) -> str:
    """What is left of the lines, each once, as paragraphs."""
    return "\n\n".join(dict.fromkeys(filter(None, map(standing, lines))))


def _only_counts(piece: str) -> bool:
    return sum(word.isalpha() for word in piece.replace(COUNT, " ").split()) <= _WORDS_WITH_A_NUMBER
