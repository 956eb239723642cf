"""What does a page say of which no tree can be made: nested deeper, or of more tags, than any that someone reads?

A tree takes more than a kilobyte and forty microseconds a tag, and each level of it several calls in one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from lxml import etree

_DEEPEST = 300  # tags in one another
_MOST = 250_000  # tags
UNSEEN = frozenset(
    ("script", "style", "template", "noscript", "nav", "title", "meta", "link", "base", "svg", "iframe", "colgroup")
)


def without_tree(text: str) -> str:
    """The page as it is; one that is too deep or too large with its title and its words alone, a line for each tag."""
    if text.count("<") <= _DEEPEST:
        return text
    words = _Words()
    parser = etree.HTMLParser(target=words, huge_tree=True)
    parser.feed(text)
    parser.close()
    if words.deepest <= _DEEPEST and words.tags <= _MOST:
        return text
    title, said = (escape("".join(parts)) for parts in (words.title, words.said))
    return f"<title>{title}</title><div>{said}</div>"


class _Words:
    """Listens to the parser."""

    def __init__(self) -> None:
        self.tags = self.deepest = 0
        self.title: list[str] = []
        self.said: list[str] = []
        self._depth = 0
        self._unseen = 0  # the depth at which what is not seen begins; 0 outside of it
        self._in_title = False

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self.tags += 1
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)
        self._in_title = tag == "title" and not self._unseen
        if tag in UNSEEN and not self._unseen:
            self._unseen = self._depth
        self._part()

    def end(self, _tag: str) -> None:
        if self._depth == self._unseen:
            self._unseen = 0
        self._depth -= 1
        self._in_title = False
        self._part()

    def data(self, text: str) -> None:
        if self._in_title:
            self.title.append(text)
        elif not self._unseen:
            self.said.append(text)

    def close(self) -> None:
        """Nothing: what was heard is kept."""

    def _part(self) -> None:
        if self.said and self.said[-1] != "\n":
            self.said.append("\n")
