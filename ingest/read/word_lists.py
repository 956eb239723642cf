"""How do Word's numbers, once they are marked, become headings, lists and paragraphs of a page?"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from ingest.read.word_numbers import BULLET, MARK

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ["p", *_HEADINGS, "td", "th", "li"]
_ITEM = re.compile(r"\d{1,9}[.)]")  # what begins an item in Markdown too; (a) and 2.1 stand in the text


def make_lists(soup: BeautifulSoup) -> None:
    """Sets every marked number before its words: items nest by their depth, all else begins with its number."""
    stack: list[tuple[int, Tag]] = []  # the items that are open, with their depths
    last: Tag | None = None  # what the list so far ends with
    for text in soup.find_all(string=MARK):
        found = MARK.search(text)
        block = text.find_parent(_BLOCKS)
        if found is None or block is None:
            continue
        text.replace_with(MARK.sub("", text))
        depth, label, gap = int(found[1]), found[2], found[3]
        if block.name != "p" or block.find_parent(["td", "th"]) is not None:
            if label != BULLET:
                block.insert(0, NavigableString(label + gap))
            elif block.name == "p" and block.get_text().strip():
                block.insert(0, NavigableString("- "))
            continue
        if not block.get_text().strip() and block.find("img", alt=True) is None:
            block.decompose()
            continue
        before = block.find_previous_sibling()
        if last is None or before is not last:
            stack, last = [], None
        while stack and stack[-1][0] >= depth:
            stack.pop()
        is_box = label in {"☐", "☒"}
        if is_box or label == BULLET or (gap and _ITEM.fullmatch(label)):
            item = soup.new_tag("li", attrs={"data-citewell-mark": f"- {label}" if is_box else label})
            listed = _list_of(soup, stack[-1][1] if stack else None, last, block)
            item.extend(list(block.contents))
            block.decompose()
            listed.append(item)
            stack.append((depth, item))
            last = last if stack[:-1] else listed
        else:
            block.insert(0, NavigableString(label + gap))
            if stack:
                stack[-1][1].append(block.extract())
            else:
                last = block


def _list_of(soup: BeautifulSoup, item: Tag | None, last: Tag | None, block: Tag) -> Tag:
    """The list that takes the next item: one within `item`, else one in the place of `block`, or the one before."""
    if item is not None:
        inner = item.contents[-1] if item.contents else None
        if isinstance(inner, Tag) and inner.name == "ul":
            return inner
        made = soup.new_tag("ul")
        item.append(made)
        return made
    if last is not None and last.name == "ul":
        return last
    made = soup.new_tag("ul")
    block.insert_before(made)
    return made
