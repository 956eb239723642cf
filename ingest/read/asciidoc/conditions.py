"""Which lines of an AsciiDoc file are there for a reader? Of `ifdef`, `ifndef` and `ifeval` one branch alone.

What is set is what the file has set up to there, beside what a page in HTML has; so both branches are never read as if
the document said the one and the other.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping

_DIRECTIVE = re.compile(r"(ifdef|ifndef|ifeval|endif)::([^\[\s]*)\[(.*)\]")
_SET = re.compile(r":(!?)([\w-]+)(!?):(?:[ \t]+(.*))?")
_COMPARISON = re.compile(r"(.+?)[ \t]*(==|!=|<=|>=|<|>)[ \t]*(.+)")
_REFERENCE = re.compile(r"\{([\w-]+)\}")
_OPERATORS: Mapping[str, Callable[..., bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_A_PAGE = {
    "asciidoctor": "",
    "backend": "html5",
    "backend-html5": "",
    "basebackend": "html",
    "basebackend-html": "",
    "doctype": "article",
    "doctype-article": "",
    "filetype": "html",
    "filetype-html": "",
}


def taken(lines: Iterator[str]) -> Iterator[str]:
    """The lines whose conditions hold, and none of the conditions; one that is never closed goes on to the end."""
    attributes = dict(_OF_A_PAGE)
    holding: list[bool] = []  # of the conditions that are open
    for line in lines:
        found = _DIRECTIVE.fullmatch(line)
        if found is None:
            if all(holding):
                _set(line, attributes)
                yield line.removeprefix("\\") if _DIRECTIVE.fullmatch(line.removeprefix("\\")) else line
        elif found[1] == "endif":
            if holding:
                holding.pop()
        elif found[1] != "ifeval" and found[3]:
            if all(holding) and _holds(found, attributes):
                yield found[3]
        else:
            holding.append(_holds(found, attributes))


def _set(line: str, attributes: dict[str, str]) -> None:
    if (found := _SET.fullmatch(line)) is None:
        return
    if found[1] or found[3]:
        attributes.pop(found[2], None)
    else:
        attributes[found[2]] = found[4] or ""


def _holds(found: re.Match[str], attributes: Mapping[str, str]) -> bool:
    kind, names, text = found.groups()
    if kind == "ifeval":
        compared = _COMPARISON.fullmatch(text.strip())
        return compared is not None and _compared(compared, attributes)
    parts = names.split("," if "," in names else "+")
    is_set = (any if "," in names else all)(part in attributes for part in parts)
    # Of several names `ifndef` asks that none of a list by commas, or not all of a list by plus signs, are set
    return is_set if kind == "ifdef" else not is_set


def _compared(found: re.Match[str], attributes: Mapping[str, str]) -> bool:
    left, right = (_value(part, attributes) for part in (found[1], found[3]))
    try:
        return _OPERATORS[found[2]](left, right)
    except TypeError:  # a number is neither more nor less than a text
        return False


def _value(written: str, attributes: Mapping[str, str]) -> str | float:
    """A side of a comparison: text in quotation marks, else a number where it is one."""
    value = _REFERENCE.sub(lambda name: attributes.get(name[1], ""), written.strip())
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    try:
        return float(value)
    except ValueError:
        return value
