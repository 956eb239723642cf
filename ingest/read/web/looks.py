"""Which words of a page does nobody see, by its styles? Those are marked, whatever becomes of the page then.

What is known of styles: those of an element itself, and rules of the page's own sheets for one name, id or class. What
a program does to a page is not known, nor sheets that lie elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, NavigableString

from ingest.read.unseen import How, unseen

_TELLING: Final = re.compile(
    r"display|visibility|opacity|font|colou?r|background|position|indent|clip|transform|overflow", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE: Final = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
_NESTED: Final = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|@[^{};]*;")
_SIMPLE: Final = re.compile(r"([\w-]*)((?:[.#][\w-]+)*)")
_LARGEST_SHEET: Final = 500_000
_LENGTH: Final = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|vh|)")
_POINTS: Final = {"px": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "%": 0.16, "vw": 10.0, "vh": 10.0, "": 1.0}
_SMALLEST: Final = 1.5  # pixels of a letter; what is smaller nobody reads
_FAR: Final = -500  # pixels beside a page
_NEAR: Final = 24  # of 255, in each part of a colour
_UNKNOWN: Final = "?"
_LABEL: Final = 6  # words that a page says to who hears it read; more are a text
_NAMED: Final = {
    "white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255), "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240),
    "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "yellow": (255, 255, 0), "silver": (192, 192, 192), "navy": (0, 0, 128),
}  # fmt: skip
WHITE: Final = (255, 255, 255)
Colour = tuple[int, int, int]
Said = Mapping[str, str]
_Rules = Mapping[str, list[tuple[str, frozenset[str], Said]]]


class _Look(NamedTuple):
    """How the words of an element look; `gone` says why none of them is seen, whatever stands in it."""

    gone: How | None = None
    colour: Colour | None = None  # None: nobody said
    ground: Colour | None = WHITE  # None: not known
    size: float = 16.0
    hidden: bool = False


def mark_unseen(soup: BeautifulSoup) -> None:
    """Marks the words that nobody sees; those of elements that are hidden in themselves are left to who drops them."""
    rules = _rules(soup)
    ground = None if _UNKNOWN in rules else WHITE
    if not rules and not soup.find("font", color=True) and not soup.find(style=_TELLING):
        return
    pending: list[tuple[Tag, _Look]] = [(soup, _Look(ground=ground))]
    while pending:
        tag, look = pending.pop()
        if tag.name in {"script", "style", "template", "title", "head", "math"}:
            continue
        said = _said(tag, rules)
        look = _looking(look, said, tag) if said or tag.has_attr("bgcolor") else look
        how = _how(look)
        for child in list(tag.contents):
            if isinstance(child, Tag):
                pending.append((child, look))
            elif how and type(child) in {NavigableString, CData} and str(child).strip():
                child.replace_with(NavigableString(unseen(str(child), how)))
        if how and tag.name == "img" and tag.get("alt"):
            tag["alt"] = unseen(str(tag["alt"]), how)


def why_unseen(style: str) -> How | None:
    """Why the words of an element with this style are not seen on white ground; None where they are, or may be."""
    return _how(_looking(_Look(), declared(style), None))


def declared(style: str) -> Said:
    """The properties of a style with their values."""
    pairs = (each.partition(":") for each in style.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value.strip()}


def colour(value: str) -> tuple[Colour, float] | None:
    """A colour and how opaque it is; None where it is none that is known."""
    value = value.strip().lower()
    if value == "transparent":
        return WHITE, 0.0
    if value in _NAMED:
        return _NAMED[value], 1.0
    if found := re.fullmatch(r"#([0-9a-f]{3,8})", value):
        digits = found[1]
        if len(digits) in {3, 4}:
            digits = "".join(2 * each for each in digits)
        if len(digits) in {6, 8}:
            parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
            return (parts[0], parts[1], parts[2]), (parts[3] / 255 if len(parts) > 3 else 1.0)
    if found := re.fullmatch(r"(rgb|hsl)a?\(([^)]*)\)", value):
        given = re.findall(r"(-?\d*\.?\d+)\s*(%?)", found[2])
        if len(given) >= 3:
            opaque = float(given[3][0]) * (0.01 if given[3][1] else 1) if len(given) > 3 else 1.0
            numbers = [float(number) for number, _ in given[:3]]
            if found[1] == "hsl":
                return (
                    ((WHITE, opaque) if numbers[2] >= 98 else ((0, 0, 0), opaque)) if not 3 < numbers[2] < 98 else None
                )
            red, green, blue = (
                round(each * 2.55 if unit else each) for each, (_, unit) in zip(numbers, given, strict=False)
            )
            return (red, green, blue), opaque
    return None


def is_near(one: Colour, other: Colour) -> bool:
    """Whether nobody tells two colours apart."""
    return all(abs(a - b) <= _NEAR for a, b in zip(one, other, strict=True))


def _how(look: _Look) -> How | None:
    if look.gone:
        return look.gone
    if look.hidden:
        return "not shown"
    if look.size < _SMALLEST:
        return "size"
    is_alike = look.colour is not None and look.ground is not None and is_near(look.colour, look.ground)
    return "colour" if is_alike else None


def _looking(above: _Look, said: Said, tag: Tag | None) -> _Look:
    """How an element looks within one that looks like `above`."""
    look = above._replace(gone=above.gone or _gone(said, tag))
    if "visibility" in said:
        look = look._replace(hidden=said["visibility"] in {"hidden", "collapse"})
    size = said.get("font-size") or next(
        iter(re.findall(r"(?<![\w.])\d*\.?\d+(?:px|pt|em|rem|%)", said.get("font", ""))), ""
    )
    if size and (found := _LENGTH.fullmatch(size)):
        is_relative = found[2] in {"em", "%"}
        by = (look.size if found[2] == "em" else look.size / 100) if is_relative else _POINTS[found[2]]
        look = look._replace(size=float(found[1]) * by)
    elif size:
        look = look._replace(size=16.0)
    ground = said.get("background-color") or said.get("background") or (str(tag.get("bgcolor", "")) if tag else "")
    if ground and ground not in {"none", "inherit", "initial", "unset", "0", "0 0"}:
        shown = colour(ground)
        if shown is None:
            look = look._replace(ground=None)
        elif shown[1] > 0.05:
            look = look._replace(ground=shown[0] if shown[1] > 0.9 else None)
    if said.get("background-image", "none") != "none":
        look = look._replace(ground=None)
    if "color" in said and (shown := colour(said["color"])):
        look = look._replace(colour=shown[0]) if shown[1] > 0.05 else look._replace(gone=look.gone or "colour")
    elif "color" in said and said["color"] != "inherit":
        look = look._replace(colour=None)
    return look


def _gone(said: Said, tag: Tag | None) -> How | None:
    if said.get("display") == "none":
        return "not shown"
    opacity = re.fullmatch(r"(\d*\.?\d+)(%?)", said.get("opacity", ""))
    if opacity and float(opacity[1]) * (0.01 if opacity[2] else 1) <= 0.05:
        return "colour"
    if tag is not None and len(tag.get_text().split()) <= _LABEL:
        return None  # what a page says to who hears it read is set aside in the ways that follow
    is_apart = said.get("position") in {"absolute", "fixed"}
    if is_apart and any(_pixels(said.get(side, "")) <= _FAR for side in ("left", "right", "top", "bottom")):
        return "place"
    if _pixels(said.get("text-indent", "")) <= _FAR or _pixels(said.get("margin-left", "")) <= _FAR:
        return "place"
    if re.match(
        r"rect\(\s*(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?", said.get("clip", "")
    ):
        return "place"
    if re.match(r"inset\((?:50|100)%|circle\(0", said.get("clip-path", "")):
        return "place"
    if re.search(r"scale\(0(?:\.0+)?\)|translate[xy]?\(-\d{4,}px", said.get("transform", "")):
        return "place"
    is_cut = said.get("overflow") in {"hidden", "clip"}
    extents = [_pixels(said[each]) for each in ("width", "height", "max-width", "max-height") if each in said]
    return "place" if is_cut and any(0 <= each <= 1 for each in extents) else None


def _pixels(value: str) -> float:
    found = _LENGTH.fullmatch(value)
    return float(found[1]) * _POINTS[found[2]] if found else 16.0


def _rules(soup: BeautifulSoup) -> _Rules:
    """What the page's own sheets say of single names, ids and classes, by the last of them."""
    found: dict[str, list[tuple[str, frozenset[str], Said]]] = defaultdict(list)
    for sheet in soup.find_all("style"):
        text = sheet.get_text()
        if len(text) > _LARGEST_SHEET or str(sheet.get("media", "all")).lower() == "print":
            continue
        for selectors, body in _RULE.findall(_NESTED.sub("", _COMMENT.sub("", text))):
            said = declared(body) if _TELLING.search(body) else {}
            if not any(map(_TELLING.match, said)) and not {"width", "height"} & said.keys():
                continue
            simple = [*_simple(selectors)]
            for key, name, marks in simple:
                found[key].append((name, marks, said))
            if len(simple) < selectors.count(",") + 1 and any(each.startswith("background") for each in said):
                found[_UNKNOWN] = []  # what stands on this ground is not known
    return found


def _simple(selectors: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    for selector in selectors.split(","):
        simple = _SIMPLE.fullmatch(selector.strip().lower())
        if simple and (simple[1] or simple[2]):
            marks = re.findall(r"[.#][\w-]+", simple[2])
            yield (marks[-1] if marks else simple[1]), simple[1], frozenset(marks)


def _said(tag: Tag, rules: _Rules) -> Said:
    said: dict[str, str] = {}
    if rules:
        marks = {f".{each}".lower() for each in tag.get_attribute_list("class") if each}
        if tag.get("id"):
            marks.add(f"#{tag['id']}".lower())
        for key in (tag.name, *sorted(marks)):
            for name, wanted, properties in rules.get(key, ()):
                if wanted <= marks and name in {"", tag.name}:
                    said |= properties
    if tag.name == "font" and tag.get("color"):
        said["color"] = str(tag["color"]).lower()
    style = tag.get("style")
    return {**said, **declared(str(style))} if style else said
