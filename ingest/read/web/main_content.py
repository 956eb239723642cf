"""What of a web page is its content, and what is the site around it?

Landmarks of HTML and ARIA decide, with the share of words that are links; names of classes only where they say plainly
what an element is for. Where that leaves a doubt, the element stays: a menu too many costs less than a lost paragraph.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

_MENUS = {"navigation", "search", "menu", "menubar", "directory", "doc-toc", "doc-pagelist"}
_LANDMARKS = {"banner": "header", "contentinfo": "footer", "complementary": "aside"}
_NAMED = {"nav", "header", "footer", "aside"}  # which need no attributes to say what they are
_SECTIONS = {"article", "main", "section", "aside", "nav"}  # in which a header or footer is not the page's
_NOT_PRINTED = {"noprint", "no-print", "d-print-none"}
_NEVER_SEEN = {"mw-editsection", "mw-jump-link", "mw-cite-backlink", "mw-hidden-catlinks", "navbox"}
_NEVER_SEEN |= {"skip-link", "skiplink", "skip-nav", "skip-to-content", "skip-navigation", "headerlink", "hash-link"}
_NEVER_SEEN |= {"footnote-back", "footnote-backref", "doc-backlink", "vector-dropdown", "sidebar-navbar", "breadcrumbs"}
_MENU_NAMES = {"nav", "navbar", "navigation", "menu", "sidebar", "breadcrumb", "pagination", "pager", "toc", "social"}
_MENU_NAMES |= {"share", "sharing", "footer", "header", "topbar", "related", "languages", "sitemap"}
_COOKIES = {"cookie", "cookies", "gdpr", "onetrust", "cookiebot", "consent"}
_BANNERS = {
    "banner",
    "bar",
    "notice",
    "consent",
    "popup",
    "modal",
    "dialog",
    "law",
    "overlay",
    "message",
    "sdk",
    "wall",
}
_SEPARATORS = re.compile(r"[-_:\s]+|(?<=[a-z])(?=[A-Z])")
_ANCHORS = {"", "#", "¶", "§", "🔗", "\u200b", "\uf0c1"}
_CONTROLS = {"script", "style", "noscript", "select", "datalist"}
_HOLDS_TITLES = ["h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt", "legend"]

_A_PARAGRAPH = 50  # words
_MOSTLY = 0.5  # of the words: are links, are the page
_LITTLE = 0.05  # of the words that are no links: may stand outside of what is marked as the content, and goes with it


def keep_content(soup: BeautifulSoup) -> None:
    """Takes out of a parsed page what is not its content."""
    if soup.body is None:
        return
    _clear_controls(soup.body)
    counts = _Counts(soup.body)
    headings = soup.body.find_all("h1")
    around_title = {id(tag) for tag in headings[0].parents} if len(headings) == 1 else set()
    pending = [child for child in soup.body.children if isinstance(child, Tag)]
    while pending:
        tag = pending.pop()
        if _is_site(tag, counts, holds_title=id(tag) in around_title):
            tag.decompose()
        else:
            pending += [child for child in tag.children if isinstance(child, Tag)]
    _narrow(soup.body)


def _narrow(body: Tag) -> None:
    """Leaves only the element that says it is the content, if it clearly is."""
    marked = [tag for tag in body.find_all(True) if tag.name == "main" or tag.get("role") == "main"]
    marked = marked or body.find_all("article")
    if len(marked) == 1 and _is_all(marked[0], body, _Counts(body)):
        main = marked[0]
        heading = body.find("h1")
        lost = heading is not None and main.find("h1") is None
        main.extract()
        if lost and heading is not None:
            main.insert(0, heading.extract())
        body.clear()
        body.append(main)


def _is_all(main: Tag, body: Tag, counts: _Counts) -> bool:
    """Whether an element holds most of the words, and no more than a paragraph that is not a link stands outside."""
    outside = counts.prose(body) - counts.prose(main)
    return counts.words(main) > _MOSTLY * counts.words(body) and outside < max(
        _A_PARAGRAPH, _LITTLE * counts.prose(main)
    )


class _Counts:
    """How many words each element holds, and how many of them are links; counted once, from the leaves up."""

    def __init__(self, body: Tag) -> None:
        self._words: dict[int, int] = {}
        self._linked: dict[int, int] = {}
        for tag in reversed([body, *body.find_all(True)]):
            words = linked = 0
            for child in tag.children:
                if isinstance(child, Tag):
                    words += self._words[id(child)]
                    linked += self._linked[id(child)]
                elif type(child) is NavigableString:
                    words += len(child.split())
            self._words[id(tag)] = words
            self._linked[id(tag)] = words if tag.name == "a" else linked
        self.total = self._words[id(body)]

    def words(self, tag: Tag) -> int:
        return self._words[id(tag)]

    def prose(self, tag: Tag) -> int:
        """How many of an element's words are no links."""
        return self._words[id(tag)] - self._linked[id(tag)]

    def links(self, tag: Tag) -> float:
        """The share of an element's words that are links."""
        return self._linked[id(tag)] / self._words[id(tag)] if self._words[id(tag)] else 0.0


def _is_site(tag: Tag, counts: _Counts, *, holds_title: bool) -> bool:
    if not tag.attrs and tag.name not in _NAMED:
        return False
    role = str(tag.get("role") or "").lower()
    names = [str(name) for name in [*tag.get_attribute_list("class"), tag.get("id")] if name]
    small = counts.words(tag) <= _MOSTLY * counts.total
    classes = {name.lower() for name in names}
    if small and (classes & _NEVER_SEEN or (classes & _NOT_PRINTED and counts.links(tag) > _MOSTLY)):
        return True
    if tag.name == "nav" or role in _MENUS:
        tag.name = "div"  # one that holds the page is none, and stays
        return small or counts.links(tag) > _MOSTLY
    if holds_title:
        return False
    kind = _LANDMARKS.get(role, tag.name)
    if kind in {"header", "footer", "aside"}:
        outside = not any(parent.name in _SECTIONS or parent.get("role") == "main" for parent in tag.parents)
        if kind == "aside":  # facts beside the text stay
            return small and counts.links(tag) > _MOSTLY and counts.prose(tag) < _A_PARAGRAPH
        return small and outside
    words = {part.lower() for name in names for part in _SEPARATORS.split(name) if part}
    if words & _COOKIES and (words & _BANNERS or role in {"dialog", "alertdialog", "region"}):
        return small
    named = {part.lower() for name in names if len(parts := _SEPARATORS.split(name)) < 3 for part in parts}
    if tag.name == "a" and "skip" in words and str(tag.get("href", "#")).startswith("#"):
        return True
    if not named & _MENU_NAMES or role == "note" or not small or counts.links(tag) <= _MOSTLY:
        return False
    return tag.name != "a" and tag.find_parent(_HOLDS_TITLES) is None  # a heading is often a link called `header`


def _clear_controls(body: Tag) -> None:
    """Takes out what is pressed or chosen rather than read; what opens a part of the page is its heading, and stays."""
    pending = [body]
    while pending:
        tag = pending.pop()
        if _is_control(tag):
            tag.decompose()
        elif tag.name == "a" and _is_anchor(tag):
            tag.clear() if tag.get("id") else tag.decompose()
        else:
            pending += [child for child in tag.children if isinstance(child, Tag)]


def _is_control(tag: Tag) -> bool:
    if tag.name != "button":
        return tag.name in _CONTROLS or tag.has_attr("hidden")
    opens = tag.get("aria-expanded") is not None or tag.get("role") == "tab"
    return not opens and tag.find_parent(_HOLDS_TITLES) is None


def _is_anchor(link: Tag) -> bool:
    """Whether a link is but a mark beside a heading, to be copied from."""
    address = link.get("href")
    is_local = isinstance(address, str) and address[:1] in {"", "#"}
    return is_local and link.get_text().strip() in _ANCHORS and link.find("img", alt=True) is None
