"""How does a formula in HTML read as text?

Its TeX source is given where the page carries it, as `$…$`; other MathML is written on one line: `(a+b)/2`, `x^2`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

_TEX_STYLE = re.compile(r"\{\\(?:display|text|script)style\s*(.*)\}", re.DOTALL)
_SIMPLE = re.compile(r"[\w.,′∞]*|[−-]?\d+|\(.*\)", re.DOTALL)
_APART = re.compile(r"[=<>≤≥≠≈≡→←⇒⇔∈∉⊂⊆∪∩±]")  # what is set with space around it


def spell_formulas(soup: BeautifulSoup) -> None:
    """Puts text in the place of every formula; what a page adds for those who cannot see MathML goes."""
    for script in soup.find_all("script", type=re.compile("^math/tex")):
        script.replace_with(NavigableString(_tex(script.get_text())))
    formulas = soup.find_all("math")
    for seen in soup.select(".katex-html, .MathJax_Preview, .mwe-math-fallback-image-inline") if formulas else ():
        if seen.parent is not None and seen.parent.find("math"):
            seen.decompose()
    for math in formulas:
        place = _hidden_around(math)
        text = formula(math)
        place.replace_with(NavigableString(f" {text} " if math.get("display") == "block" else text))


def formula(math: Tag) -> str:
    """One `math` element as text."""
    source = math.find("annotation", encoding=re.compile("tex", re.IGNORECASE))
    tex = source.get_text() if source else str(math.get("alttext") or "")
    if tex.strip():
        return _tex(tex)
    return " ".join(_line(math).split())


def _tex(source: str) -> str:
    source = " ".join(source.split())
    bare = _TEX_STYLE.fullmatch(source)
    return f"${(bare[1] if bare else source).strip()}$"


def _hidden_around(math: Tag) -> Tag:
    """The outermost element that hides nothing but this formula, else the formula itself."""
    place = math
    while (
        isinstance(place.parent, Tag)
        and place.parent.name == "span"
        and all(child is place or not str(child).strip() for child in place.parent.children)
    ):
        place = place.parent
    return place


def _line(tag: Tag) -> str:
    children = [child for child in tag.children if isinstance(child, Tag) and not child.name.startswith("annotation")]
    if not children:
        text = " ".join(tag.get_text().split())
        return f" {text} " if tag.name in {"mo", "mtext"} and (tag.name == "mtext" or _APART.search(text)) else text
    parts = [_line(child) for child in children]
    make = _TWO.get(tag.name)
    if make is not None and len(parts) >= 2:
        return make(*(_grouped(part) for part in parts))
    if tag.name == "msqrt":
        return f"√{_grouped(''.join(parts), always=True)}"
    if tag.name == "mtr":
        return ", ".join(parts)
    if tag.name == "mtable":
        return "; ".join(parts)
    if tag.name == "mfenced":
        return f"{tag.get('open', '(')}{', '.join(parts)}{tag.get('close', ')')}"
    return "".join(parts)


def _grouped(part: str, *, always: bool = False) -> str:
    part = part.strip()
    return part if _SIMPLE.fullmatch(part) and not always else f"({part})"


def _both(base: str, low: str, high: str = "") -> str:
    return f"{base}_{low}^{high}" if high else f"{base}_{low}"


_TWO: dict[str, Callable[..., str]] = {
    "mfrac": lambda over, under, *_: f"{over}/{under}",
    "msup": lambda base, power, *_: f"{base}^{power}",
    "mover": lambda base, above, *_: f"{base}^{above}",
    "msub": lambda base, index, *_: f"{base}_{index}",
    "munder": lambda base, below, *_: f"{base}_{below}",
    "msubsup": lambda base, low, high, *_: _both(base, low, high),
    "munderover": lambda base, low, high, *_: _both(base, low, high),
    "mroot": lambda base, index, *_: f"{index}√({base})",
}
