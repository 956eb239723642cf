"""What has to be put right in HTML before it becomes Markdown?

Tables get every cell into its column, definition lists lose their marks, formulas become text.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from ingest.read.web.looks import mark_unseen
from ingest.read.web.mathml import spell_formulas
from ingest.read.web.page_words import without_tree
from ingest.read.web.table_head import head_rows, is_short, named, unnamed

_WIDEST = 1000  # columns that one cell may span, as in browsers
_ROOMY, _FILLED = 50_000, 4  # cells that a table may always be filled up to; and how many for each that it holds
TABLE_PARTS = {"thead", "tbody", "tfoot", "tr", "td", "th"}
_STATES = {"checkbox": ("☐", "☒"), "radio": ("○", "◉")}  # as they are, and ticked
_OPENS = ("toggle", "menu", "nav", "dropdown", "hack", "drawer", "collapse", "accordion")
_START = 20_000  # letters in which the declarations of a page are looked for
_BLOCKS = [
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "pre",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "figure",
]
_STYLED = re.compile(r"style|<font", re.IGNORECASE)
_PROLOG = re.compile(r"<\?xml[^>]*>|<!DOCTYPE[^>\[]{0,500}\[.*?\]\s*>", re.DOTALL | re.IGNORECASE)


def parsed(text: str) -> BeautifulSoup:
    """HTML of any kind, without what only a parser of XML would understand at its start.

    Of a page that is nested too deeply, or has too many tags, it is the title and the words alone. What nobody sees by
    its styles is marked.
    """
    start, rest = text[:_START], text[_START:]
    text = without_tree(_PROLOG.sub("", start, count=2) + rest)
    soup = BeautifulSoup(text, "lxml", element_classes={Tag: Parent})
    if _STYLED.search(text):
        mark_unseen(soup)
    return soup


class Parent(Tag):
    """Finds each child from where it found the one before.

    Children are taken out one after another, and Beautiful Soup looks for each of them from the first one on.
    """

    _found = 0

    def index(self, element: PageElement) -> int:
        """The place of a child."""
        size = len(self.contents)
        below = above = min(self._found, size)
        while below or above < size:
            if above < size and self.contents[above] is element:
                self._found = above
                return above
            below -= below > 0
            if self.contents[below] is element:
                self._found = below
                return below
            above += above < size
        raise ValueError("that is no child of this element")


def straightened(soup: BeautifulSoup) -> BeautifulSoup:
    """The same soup, changed."""
    found: dict[str, list[Tag]] = defaultdict(list)
    for tag in soup.find_all(True):  # once, since each search goes through all of the page
        found[tag.name].append(tag)
        if tag.get("hidden") == "until-found":  # which a search in the page opens
            del tag["hidden"]
    worded: dict[int, bool] = {}
    for control in found["input"]:
        _tick(control, worded)
    if found["math"] or found["script"]:
        spell_formulas(soup)
    for template in found["template"]:
        if template.get("shadowrootmode"):
            template.name = "div"
    for table, parts in tables(soup):
        if not any(part.name == "table" for part in parts) and table.get("role") != "presentation":
            _fill(soup, table)
    for definitions in found["dl"]:
        _unmark(soup, definitions)
    return soup


def _tick(control: Tag, worded: dict[int, bool]) -> None:
    """Puts the state of a box in its place, if it stands with words that it says something about.

    `worded` remembers by id which tags hold any.
    """
    kind = str(control.get("type", "")).lower()
    if kind not in _STATES or not _is_answer(control, worded):
        return
    sign = _STATES[kind][control.has_attr("checked")]
    follows = control.next_sibling
    apart = "" if isinstance(follows, NavigableString) and follows[:1].isspace() else " "
    control.replace_with(NavigableString(sign + apart))


def _is_answer(control: Tag, worded: dict[int, bool]) -> bool:
    """Whether a box is one of a form or a list of tasks, rather than one that opens a menu."""
    if control.has_attr("hidden") or control.has_attr("aria-haspopup") or control.get("role") not in {None, "checkbox"}:
        return False
    named = " ".join([*map(str, control.get_attribute_list("class")), str(control.get("id", ""))]).lower()
    if any(word in named for word in _OPENS) or "none" in str(control.get("style", "")):
        return False
    if control.find_parent(["td", "th"]) is not None:
        return True
    place = control.find_parent(["label", "li", "dd", "p"])
    follows = control.find_next_sibling()
    if place is None and follows is not None and follows.name == "label":
        place = follows
    if place is None:
        return False
    if id(place) not in worded:
        worded[id(place)] = any(letter.isalnum() for letter in place.get_text())
    return worded[id(place)]


def tables(soup: BeautifulSoup) -> list[tuple[Tag, list[Tag]]]:
    """The tables, each with its parts and the tables that stand right in it.

    All are found in one walk through the page: to search each table anew takes too long where one lies in another.
    """
    found = soup.find_all("table")
    around: dict[int, Tag | None] = {}
    parts: dict[int, list[Tag]] = defaultdict(list)
    for tag in soup.find_all(True) if found else ():
        above = tag.parent
        table = above if above is not None and above.name == "table" else around.get(id(above))
        around[id(tag)] = table
        if table is not None and (tag.name in TABLE_PARTS or tag.name in {"caption", "table"}):
            parts[id(table)].append(tag)
    return [(table, parts[id(table)]) for table in found]


def _fill(soup: BeautifulSoup, table: Tag) -> None:
    """Rows stand directly in the table, head first and foot last, with a cell in each column in which any cell begins.

    A short cell that spans rows stands in each of them, so that a row can be understood alone. The head is one row,
    without words where the first row is one of data. Where a few cells would make a grid of very many, rows hold no
    more than their own.
    """
    rows = sorted(table.find_all("tr"), key=_part)
    if not rows:
        return
    room = max(_ROOMY, _FILLED * len(table.find_all(["td", "th"])))
    placed = _places(rows, room)
    columns = sorted({column for row in placed for column in row})
    is_filled = len(columns) * len(rows) <= room
    if is_filled and (head := head_rows(rows)) != 1:
        names = named(soup, placed[:head], columns) if head else unnamed(soup, columns)
        for row in rows[:head]:
            row.extract()
        rows, placed = [soup.new_tag("tr"), *rows[head:]], [names, *placed[head:]]
    for row, cells in zip(rows, placed, strict=True):
        row.extract()
        row.clear()
        for column in columns if is_filled else sorted(cells):
            cell = cells.get(column) or soup.new_tag("td")
            for span in ("rowspan", "colspan"):
                del cell[span]
            row.append(cell)
    for part in table.find_all(["thead", "tbody", "tfoot"]):
        part.decompose() if not part.get_text().strip() else part.unwrap()
    for row in rows:
        table.append(row)


def _part(row: Tag) -> int:
    return {"thead": 0, "tfoot": 2}.get(row.parent.name if row.parent else "", 1)


def _places(rows: list[Tag], room: int) -> list[dict[int, Tag]]:
    """For each row, its cells by the column in which they begin, those from above included while there is `room`."""
    placed: list[dict[int, Tag]] = []
    spanning: dict[int, tuple[Tag | None, int]] = {}  # column: what is repeated there, and in how many rows still
    for number, row in enumerate(rows):
        room -= len(spanning)
        if room < 0:
            spanning.clear()
        cells = {column: copy.copy(cell) for column, (cell, _) in spanning.items() if cell is not None}
        taken = set(spanning)
        spanning = {column: (cell, left - 1) for column, (cell, left) in spanning.items() if left > 1}
        column = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            while column in taken:
                column += 1
            width = min(max(_number(cell, "colspan"), 1), _WIDEST)
            height = _number(cell, "rowspan")
            height = min(height, len(rows) - number) if height else len(rows) - number
            cells[column] = cell
            if height > 1 and len(spanning) < room:
                repeated = cell if is_short(cell) else None
                spanning[column] = (repeated, height - 1)
                spanning.update({column + more: (None, height - 1) for more in range(1, width)})
            column += width
        placed.append(cells)
    return placed


def _number(cell: Tag, span: str) -> int:
    """What an attribute says, 1 where it says nothing; 0 means to the end."""
    value = str(cell.get(span, "1")).strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 1


def _unmark(soup: BeautifulSoup, definitions: Tag) -> None:
    """A term and what it means are two lines of one paragraph, or a paragraph and the blocks that follow it."""
    definitions.name = "div"
    for group in definitions.find_all("div", recursive=False):
        group.unwrap()
    term: Tag | None = None
    for child in definitions.find_all(["dt", "dd"], recursive=False):
        if child.name == "dt":
            child.name, term = "p", child
            continue
        if term is None or child.find(_BLOCKS):
            child.name, term = "div", None
            continue
        term.append(soup.new_tag("br"))
        term.extend(list(child.contents))
        child.decompose()
