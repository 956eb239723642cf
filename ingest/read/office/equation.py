"""How does an equation of an Office file (OMML) read on one line?

In the linear form that Word itself shows: (a+b)/c, x_1^2, √(2), ∑_(i=1)^n x_i. ECMA-376 part 1, section 22.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from lxml import etree

from ingest.read.office.package import local

_ALPHABETS = re.compile(
    "[\U0001d400-\U0001d7ff]"
)  # letters that are italic by themselves; people search for plain ones
_APPLIED_TO_BRACKETS = re.compile("[\u2061\u2062]+(?=\\()")
_APPLIED = re.compile("[\u2061\u2062]+")  # invisible: "of", between a function and its argument, and "times"
_ATOM = re.compile(r"[-−]?[\w.,′'∞°%]+[\u0300-\u036f]*|\(.*\)|\[.*\]|\{.*\}|.", re.DOTALL)
_DROPPED = {"del", "moveFrom", "rPr", "ctrlPr"}


def linear(element: etree._Element) -> str:
    """The equation as text, without the spaces that only lay it out."""
    text = _ALPHABETS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), _all(element))
    return " ".join(_APPLIED.sub(" ", _APPLIED_TO_BRACKETS.sub("", text)).split())


def _all(element: etree._Element | None) -> str:
    """What the children read one after another."""
    return "" if element is None else "".join(_one(child) for child in element)


def _one(element: etree._Element) -> str:
    name = local(element)
    if name in _DROPPED or name.endswith("Pr"):
        return ""
    if name == "t":
        return element.text or ""
    return _FORMS.get(name, _all)(element)


def _part(element: etree._Element, name: str) -> str:
    return _all(element.find(f"{{*}}{name}"))


def _property(element: etree._Element, name: str, default: str) -> str:
    """The value of a property such as chr; one that is there without a value is empty on purpose."""
    for properties in element.iterchildren(f"{{*}}{local(element)}Pr"):
        for found in properties.iterchildren(f"{{*}}{name}"):
            return next((value for key, value in found.attrib.items() if str(key).endswith("val")), "")
    return default


def _is_on(value: str) -> bool:
    return value.lower() not in {"0", "off", "false"}


def _grouped(text: str) -> str:
    """In brackets, unless it is one thing already."""
    text = text.strip()
    is_one = bool(_ATOM.fullmatch(text)) and not _closes_early(text)
    return text if is_one or not text else f"({text})"


def _closes_early(text: str) -> bool:
    """Whether the first bracket is closed before the end, as in (a)+(b)."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and letter in ")]}":
            return place < len(text) - 1
    return False


def _fraction(element: etree._Element) -> str:
    sign = "¦" if _property(element, "type", "bar") == "noBar" else "/"
    return f"{_grouped(_part(element, 'num'))}{sign}{_grouped(_part(element, 'den'))}"


def _scripts(element: etree._Element) -> str:
    sub, sup = _grouped(_part(element, "sub")), _grouped(_part(element, "sup"))
    marks = (f"_{sub}" if sub else "") + (f"^{sup}" if sup else "")
    base = _grouped(_part(element, "e"))
    return f"{marks}{base}" if local(element) == "sPre" else f"{base}{marks}"


def _root(element: etree._Element) -> str:
    degree = "" if _is_on(_property(element, "degHide", "0")) else _part(element, "deg").strip()
    sign = {"3": "∛", "4": "∜"}.get(degree, f"√[{degree}]" if degree else "√")
    return f"{sign}({_part(element, 'e').strip()})"


def _delimited(element: etree._Element) -> str:
    between = _property(element, "sepChr", "|")
    inside = between.join(_all(part) for part in element.iterchildren("{*}e"))
    return f"{_property(element, 'begChr', '(')}{inside}{_property(element, 'endChr', ')')}"


def _sum(element: etree._Element) -> str:
    sub, sup = _grouped(_part(element, "sub")), _grouped(_part(element, "sup"))
    marks = (f"_{sub}" if sub else "") + (f"^{sup}" if sup else "")
    return f"{_property(element, 'chr', '∫')}{marks} {_part(element, 'e').strip()}"


def _function(element: etree._Element) -> str:
    of = _part(element, "e").strip()
    return f"{_part(element, 'fName').strip()}{'' if of.startswith('(') else ' '}{of}"


def _limit(element: etree._Element) -> str:
    sign = "_" if local(element) == "limLow" else "^"
    return f"{_part(element, 'e').strip()}{sign}{_grouped(_part(element, 'lim'))}"


def _accent(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'e'))}{_property(element, 'chr', chr(0x302))}"


def _bar(element: etree._Element) -> str:
    return f"{_grouped(_part(element, 'e'))}{chr(0x305 if _property(element, 'pos', 'bot') == 'top' else 0x332)}"


def _matrix(element: etree._Element) -> str:
    rows = [", ".join(_all(cell).strip() for cell in row.iterchildren("{*}e")) for row in element.iterchildren("{*}mr")]
    return "; ".join(rows)


def _lines(element: etree._Element) -> str:
    """Equations below each other; what follows # in one is its number at the margin, & is where they are aligned."""
    lines = [_all(line).replace("&", "").replace("#", " ").strip() for line in element.iterchildren("{*}e")]
    return "; ".join(line for line in lines if line)


def _phantom(element: etree._Element) -> str:
    return _part(element, "e") if _is_on(_property(element, "show", "1")) else " "


_FORMS: dict[str, Callable[[etree._Element], str]] = {
    "f": _fraction,
    "sSub": _scripts,
    "sSup": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts,
    "rad": _root,
    "d": _delimited,
    "nary": _sum,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "acc": _accent,
    "bar": _bar,
    "m": _matrix,
    "eqArr": _lines,
    "phant": _phantom,
}
