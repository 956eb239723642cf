"""How does HTML read as Markdown that is searched and quoted rather than rendered?

Marks that carry no words (emphasis, addresses of links, pictures) are left out, since they would stand in every quote.
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

_UNSEEN = (
    "script",
    "style",
    "template",
    "noscript",
    "nav",
    "title",
    "meta",
    "link",
    "base",
    "svg",
    "iframe",
    "colgroup",
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_BREAKS = re.compile(r"\n{4,}")
_LINE_ENDS = re.compile(r"[ \t]+$", re.MULTILINE)
_INVISIBLE = {0xA0: " ", 0xAD: None, 0x200B: None, 0x2060: None, 0xFEFF: None}


def to_markdown(soup: BeautifulSoup) -> str:
    """The text of parsed HTML: ATX headings, fenced code, tables; links as their text, images as their description.

    `soup` is changed. What a reader of the page would not see is left out.
    """
    _clear(soup)
    _straighten_tables(soup)
    try:
        text: str = _Converter().convert_soup(soup)
    except RecursionError:  # nested deeper than any page that someone reads: the words are still worth having
        text = soup.get_text("\n")
    text = _LINE_ENDS.sub("", text.translate(_INVISIBLE))
    return _BREAKS.sub("\n\n\n", text).strip("\n")


def _clear(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(_is_unseen):
        tag.decompose()
    for heading in soup.find_all(re.compile("^h[1-6]$")):
        if not heading.get_text().strip() and not heading.find("img", alt=True):
            heading.decompose()


def _is_unseen(tag: Tag) -> bool:
    return tag.name in _UNSEEN or tag.has_attr("hidden") or bool(_HIDDEN.search(str(tag.get("style", ""))))


def _straighten_tables(soup: BeautifulSoup) -> None:
    """Captions stand before their tables, whose first child is then a row; tables that only lay out a page dissolve."""
    for table in soup.find_all("table"):
        cells = table.find_all(["td", "th"], limit=2)
        if table.find("table") or table.get("role") == "presentation" or len(cells) < 2:
            for part in table.find_all(["thead", "tbody", "tfoot", "tr", "td", "th"]):
                if part.find_parent("table") is table:
                    part.name = "div"
            table.name = "div"
        elif caption := table.find("caption"):
            caption.name = "p"
            table.insert_before(caption.extract())


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

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        address = str(el.get("href") or "")
        if text.strip() or "_noformat" in parent_tags or not address.startswith(("http://", "https://", "mailto:")):
            return text
        return f"<{address}>"

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

    def convert_pre(self, el: Tag, text: str, **_: object) -> str:
        """A fence that is longer than any run of backticks inside."""
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text)), 0)
        code = text.strip("\n")
        return f"\n\n{fence}{_language(el)}\n{code}\n{fence}\n\n" if code.strip() else ""


def _language(pre: Tag) -> str:
    """The language that a highlighter's class names, on the block or on the code in it."""
    tags: list[Any] = [pre, *pre.find_all("code", limit=1)]
    classes = [name for tag in tags for name in tag.get_attribute_list("class") if name]
    return next((name.removeprefix("language-") for name in classes if name.startswith("language-")), "")
