"""How do words that come piece by piece become the blocks of a Markdown text?"""

from __future__ import annotations

import re

BREAK = "\v"  # a line that ends inside of a paragraph


class Blocks:
    """Paragraphs as they grow, and the blocks that are complete."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._words: list[str] = []
        self._notes: list[str] = []

    def say(self, words: str) -> None:
        self._words.append(words)

    def note(self, number: int, words: str) -> None:
        self._words.append(f"[^{number}]")
        self._notes.append(f"[^{number}]: {words}")

    def end(self) -> None:
        lines = (" ".join(line.split()) for line in "".join(self._words).split(BREAK))
        paragraph = "\n".join(filter(None, lines))
        self._words.clear()
        if paragraph:
            self.done.append(re.sub(r"^(?=#{1,6} |```|~~~)", r"\\", paragraph))
        self.done += self._notes
        self._notes.clear()

    def block(self, text: str) -> None:
        self.end()
        if text.strip():
            self.done.append(text)

    def heading(self, level: int, words: str) -> None:
        self.block(f"{'#' * level} {words}" if words else "")

    def fresh(self) -> Blocks:
        self.end()
        return self
