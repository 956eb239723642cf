"""How do the numbers of office texts, once they are marked, become headings, lists and paragraphs of a page?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from ingest.read.office.word_numbers import BULLET, MARK, spelled

_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_BLOCKS = ["p", *_HEADINGS, "td", "th", "li"]
_LONGEST_HEADING = 200  # letters
_CLAUSE = 7  # words, its number among them, of a sentence that says something
_ITEM = re.compile(r"\d{1,9}[.)]")  # what begins an item in Markdown too; (a) and 2.1 stand in the text
_BOXES = {"☐", "☒"}


def make_lists(soup: BeautifulSoup) -> None:
    """Sets every marked number before its words: items nest by their depth, all else begins with its number.

    Clauses that are styled as headings, for the sake of their numbers, are paragraphs: they say something.
    """
    lists = _Lists(soup)
    for text in soup.find_all(string=MARK):
        found = MARK.search(text)
        block = text.find_parent(_BLOCKS)
        if found is None:
            continue
        if block is None:
            text.replace_with(spelled(text))
            continue
        text.replace_with(MARK.sub("", text))
        depth, label, gap = int(found[1]), found[2], found[3]
        if block.name != "p" or block.find_parent(["td", "th"]) is not None:
            _label(block, label, gap)
        elif not block.get_text().strip() and block.find("img", alt=True) is None:
            block.decompose()
        else:
            lists.take(block, depth, label, gap)
    for heading in soup.find_all(_HEADINGS):
        if _is_clause(heading):
            heading.name = "p"


def _is_clause(heading: Tag) -> bool:
    """Whether what is styled as a heading is a whole clause of a contract: a sentence, or longer than any heading."""
    text = " ".join(heading.get_text().split())
    return len(text) > _LONGEST_HEADING or (len(text.split()) >= _CLAUSE and text.endswith((".", ";")))


def _label(block: Tag, label: str, gap: str) -> None:
    """Writes the number before a heading, or in a cell; a bullet only where it parts words."""
    if label == BULLET:
        gap = " " if block.name == "p" and block.get_text().strip() else ""
        label = label if gap else ""
    block.insert(0, NavigableString(label + gap))


@dataclass(slots=True)
class _Lists:
    """The list that is being made: its items that are open, with their depths, and what it ends with."""

    soup: BeautifulSoup
    open: list[tuple[int, Tag]] = field(default_factory=list)
    last: Tag | None = None

    def take(self, block: Tag, depth: int, label: str, gap: str) -> None:
        """Takes the next paragraph; one without a label is one more of the item before it."""
        if self.last is None or block.find_previous_sibling() is not self.last:
            self.open, self.last = [], None
        while self.open and self.open[-1][0] >= depth + (not label):
            self.open.pop()
        if label == BULLET or label in _BOXES or (gap and _ITEM.fullmatch(label)):
            self._add(block, depth, f"- {label}" if label in _BOXES else label)
            return
        block.insert(0, NavigableString(label + gap))
        if self.open:
            self.open[-1][1].append(block.extract())
        else:
            self.last = block

    def _add(self, block: Tag, depth: int, mark: str) -> None:
        """Makes the paragraph an item."""
        item = self.soup.new_tag("li", attrs={"data-citewell-mark": mark})
        if self.open:
            around = self.open[-1][1]
            end = around.contents[-1] if around.contents else None
            listed = end if isinstance(end, Tag) and end.name == "ul" else self.soup.new_tag("ul")
            around.append(listed)
        elif self.last is not None and self.last.name == "ul":
            listed = self.last
        else:
            listed = self.last = self.soup.new_tag("ul")
            block.insert_before(listed)
        item.extend(list(block.contents))
        block.decompose()
        listed.append(item)
        self.open.append((depth, item))
