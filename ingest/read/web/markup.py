"""How does HTML read as Markdown that is searched and quoted rather than rendered?

Marks that carry no words (emphasis, addresses of links, pictures) are left out, since they would stand in every quote.
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, NavigableString
from markdownify import ATX, MarkdownConverter

from ingest.model import Failure
from ingest.read.sandbox.late import LATE, is_late, unread
from ingest.read.web.hypertext import TABLE_PARTS, tables
from ingest.read.web.page_words import UNSEEN

_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_WHOLE = _HEADINGS | {"p", "li", "td", "th", "pre"}
_BEGIN = _WHOLE | {"div", "section", "article", "blockquote", "ul", "ol", "table", "tr"}
_BREAKS = re.compile(r"\n{4,}")
_GAP = re.compile(r"[ \t]{200,}")
_BELOW = re.compile(r"\n(?=[^\n])")
_INVISIBLE = {0xA0: " ", 0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None}


def to_markdown(soup: BeautifulSoup) -> str:
    """The text of parsed HTML: ATX headings, fenced code, tables; links as their text, images as their description.

    `soup` is changed. What a reader of the page would not see is left out.
    """
    return _converted(soup, _Converter())


def in_time(soup: BeautifulSoup, name: str) -> tuple[str, list[Failure]]:
    """The same as far as it is made in time; what is missing from it is said of the document of that name."""
    if not is_late():
        converter = _InTime()
        text = _converted(soup, converter)
        if not converter.is_over:
            return text, []
        if text:
            return text, [unread(name, 1 - len(text) / max(1, len(text), len(soup.get_text())))]
    _clear(soup)
    words = "\n".join(soup.stripped_strings)
    return words, [Failure(name, f"its words were read, but its headings, lists and tables have {LATE}")]


def _converted(soup: BeautifulSoup, converter: _Converter) -> str:
    _clear(soup)
    _straighten_tables(soup)
    try:
        text: str = converter.convert_soup(soup)
    except RecursionError:  # nested deeper than any page that someone reads: the words are still worth having
        text = soup.get_text("\n")
    text = "\n".join(line.rstrip(" \t") for line in text.translate(_INVISIBLE).split("\n"))
    return _BREAKS.sub("\n\n\n", text).strip("\n")


def _clear(soup: BeautifulSoup) -> None:
    for tag in [tag for tag in soup.find_all(True) if _is_unseen(tag)]:
        tag.decompose()
    gaps = [text for text in soup.descendants if isinstance(text, NavigableString) and _GAP.search(text)]
    for text in gaps:  # of a long gap, the converter tries each letter as a beginning
        text.replace_with(type(text)(_GAP.sub(" ", text)))
    headings = [tag for tag in soup.find_all(True) if tag.name in _HEADINGS]
    saying = _saying(soup) if headings else set()
    for heading in headings:
        if id(heading) not in saying:
            heading.decompose()


def _saying(soup: BeautifulSoup) -> set[int]:
    """The tags that hold words, or a picture that is described; by id, found once from the leaves up."""
    saying: set[int] = set()
    for leaf in soup.descendants:
        if isinstance(leaf, Tag):
            says = leaf.name == "img" and leaf.has_attr("alt")
        else:
            says = type(leaf) in {NavigableString, CData} and not str(leaf).isspace()
        above = leaf.parent if says else None
        while above is not None and id(above) not in saying:
            saying.add(id(above))
            above = above.parent
    return saying


def _is_unseen(tag: Tag) -> bool:
    return tag.name in UNSEEN or tag.has_attr("hidden") or bool(_HIDDEN.search(str(tag.get("style", ""))))


def _straighten_tables(soup: BeautifulSoup) -> None:
    """Captions stand before their tables, whose first child is then a row; tables that only lay out a page dissolve."""
    for table, parts in tables(soup):
        cells = [part for part in parts if part.name in {"td", "th"}]
        captions = [part for part in parts if part.name == "caption"]
        if any(part.name == "table" for part in parts) or table.get("role") == "presentation" or len(cells) < 2:
            for part in parts:
                if part.name in TABLE_PARTS:
                    part.name = "div"
            table.name = "div"
        elif captions:
            captions[0].name = "p"
            table.insert_before(captions[0].extract())


class _Converter(MarkdownConverter):
    """Markdownify with less ink. A converter takes the element, its converted children and the tags it stands in."""

    def __init__(self) -> None:
        super().__init__(
            heading_style=ATX,
            bullets="-",
            escape_asterisks=False,
            escape_underscores=False,
            strong_em_symbol="",
            table_infer_header=True,
        )
        self._numbers: dict[int, int] = {}  # of the last item, by the id of its list

    def convert_a(self, _el: Tag, text: str, **_: object) -> str:
        return text

    def convert_img(self, el: Tag, _text: str, **_: object) -> str:
        return " ".join(str(el.get("alt") or "").split())

    def convert_video(self, _el: Tag, text: str, **_: object) -> str:
        return text

    def convert_sup(self, _el: Tag, text: str, **_: object) -> str:
        """Powers keep their sign: 10⁶ must not become 106."""
        return f"^{text.strip()}" if re.fullmatch(r"\s*[-−+]?\w{1,3}\s*", text) else text

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        # the library's stub leaves its converters out
        made: str = super().convert_td(el, text.replace("|", "\\|"), parent_tags)  # type: ignore[misc] # see above
        return made

    convert_th = convert_td

    def convert_li(self, el: Tag, text: str, **_: object) -> str:
        """An item with its mark. The library counts the items above each one anew."""
        mark, listed = "- ", el.parent
        if listed is not None and listed.name == "ol":
            number = _number(el, "value", self._numbers.get(id(listed), _number(listed, "start", 1) - 1) + 1)
            self._numbers[id(listed)] = number
            mark = f"{number}. "
        if given := el.get("data-citewell-mark"):
            mark = f"{given} "
        text = _BELOW.sub("\n" + " " * len(mark), text.strip())
        return f"{mark}{text}\n" if text else "\n"

    def convert_pre(self, el: Tag, text: str, **_: object) -> str:
        """A fence that is longer than any run of backticks inside."""
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text)), 0)
        code = text.strip("\n")
        return f"\n\n{fence}{_language(el)}\n{code}\n{fence}\n\n" if code.strip() else ""


class _InTime(_Converter):
    """The same; once the time is over no paragraph, item or row begins, and one that has begun is finished."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = False

    def process_element(self, node: Any, parent_tags: set[str]) -> str:
        if parent_tags.isdisjoint(_WHOLE):
            if not self.is_over and isinstance(node, Tag) and node.name in _BEGIN:
                self.is_over = is_late()
            if self.is_over:
                return ""
        made: str = super().process_element(node, parent_tags)  # type: ignore[misc] # the stub leaves it out
        return made


def _number(tag: Tag, attribute: str, otherwise: int) -> int:
    said = str(tag.get(attribute, ""))
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else otherwise


def _language(pre: Tag) -> str:
    """The language that a highlighter's class names, on the block or on the code in it."""
    tags: list[Any] = [pre, *pre.find_all("code", limit=1)]
    classes = [name for tag in tags for name in tag.get_attribute_list("class") if name]
    return next((name.removeprefix("language-") for name in classes if name.startswith("language-")), "")
