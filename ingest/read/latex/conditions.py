"""Which text of a LaTeX source is there for a reader? Of `\\if… \\else … \\fi` one branch alone.

What can be told from the file is told (`\\iffalse`, a switch of its own, whether a command is defined, equal words and
numbers); of what cannot, the first branch is taken. So no text says both the one and the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.read.latex.groups import argument, behind_blanks

_TOKEN = re.compile(
    r"%[^\n]*|\\newif\s*\\if([A-Za-z@]+)|\\(?:newboolean|newtoggle|provideboolean)\s*\{([^{}]*)\}"
    r"|\\set(?:boolean|toggle)\s*\{([^{}]*)\}\s*\{(true|false)\}|\\toggle(true|false)\s*\{([^{}]*)\}"
    r"|\\(if[A-Za-z@]*|unless|else|or|fi)(?![A-Za-z@])|\\([A-Za-z@]+)(true|false)(?![A-Za-z@])|\\(?:[A-Za-z@]+|.)",
    re.DOTALL,
)
# Commands that begin so and are no conditions: a sign, and what takes its branches in braces
_ASKS = {  # how many arguments their question takes, before the two branches
    **dict.fromkeys(
        ("ifthenelse", "iftoggle", "ifbool", "@ifundefined", "ifdef", "ifundef", "ifcsdef", "ifcsundef"), 1
    ),
    **dict.fromkeys(("ifblank", "ifstrempty", "ifdefempty", "ifboolexpr", "ifnumodd"), 1),
    **dict.fromkeys(("ifstrequal", "ifnumequal", "ifnumgreater", "ifnumless"), 2),
    "ifnumcomp": 3,
}
_NONE = {"iff", *_ASKS}
_SIGNS = {"ifnumequal": "=", "ifnumgreater": ">", "ifnumless": "<"}
_KNOWN = {"true": True, "false": False, "pdf": True, "pdftex": True, "xetex": False, "luatex": False, "tutex": False}
_KNOWN |= {"PDFTeX": True, "XeTeX": False, "LuaTeX": False, "TUTeX": False, "mmode": False, "vmode": True}
_WORD = r"\s*(\\[A-Za-z@]+\s*|\\.|[^\s\\])"
_TWO = re.compile(_WORD * 2, re.DOTALL)
_ONE = re.compile(_WORD, re.DOTALL)
_NUMBERS = re.compile(r"\s*(-?[\w\\@.]+)\s*([<>=])\s*(-?[\w\\@.]+)(?:\s|\\relax\b)?")
_NUMBER = re.compile(r"\s*(-?\d+|\\[A-Za-z@]+)(?:\s|\\relax\b)?")
_NAMED = re.compile(r"\s*(.*?)\\endcsname", re.DOTALL)
_BRACED = re.compile(rf"\\({'|'.join(_ASKS)})(?![A-Za-z@])\s*(?=[{{\\])")
_SIZE = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(pt|mm|cm|in|ex|em|bp|pc|sp)?")
_DEFINES = r"\\(?:(?:re|provide)?newcommand\*?\s*\{?|[gex]?def|let)\s*\\"
_UNDEFINED = {"\\undefined", "\\@undefined", "\\relax"}


@dataclass(slots=True)
class _Open:
    """A condition whose `\\fi` is not reached: where it begins, which of its branches holds, which one is open."""

    start: int
    body: int
    holds: int | None
    branch: int = 0
    cuts: list[tuple[int, int]] = field(default_factory=list)  # stretches that nobody reads


def taken(text: str) -> str:
    """The text without conditions and the branches that do not hold; a condition that is never closed stays."""
    switches: dict[str, bool] = {}
    stack: list[_Open] = []
    cuts: list[tuple[int, int]] = []
    at, negated = 0, None
    while (found := _TOKEN.search(text, at)) is not None:
        at = found.end()
        told, kind = _switch(found), found[7]
        if told is not None:
            switches[told[0]] = told[1]
            cuts.append(found.span())
        elif found[8] in switches and _reads(stack):
            switches[found[8]] = found[9] == "true"
            cuts.append(found.span())
        elif kind == "unless":
            negated = found.start()
        elif kind == "fi" and stack:
            done = stack.pop()
            cuts += [(done.start, done.body), *done.cuts, found.span()]
            if done.branch != done.holds:
                cuts.append((done.body if not done.branch else done.cuts[-1][1], found.end()))
        elif kind in {"else", "or"} and stack:
            _turn(stack[-1], kind, found)
        elif kind and kind.startswith("if") and kind not in _NONE:
            holds, at = _told(kind[2:], text, at, switches)
            start = found.start() if negated is None else negated
            if holds is not None and negated is not None:
                holds = 1 - holds
            stack.append(_Open(start, at, holds))
            negated = None
    return _braced("".join(_kept(text, cuts)), switches)


def _switch(found: re.Match[str]) -> tuple[str, bool] | None:
    """The switch that is made or set here."""
    if found[1] or found[2]:
        return found[1] or found[2], False
    if found[3]:
        return found[3], found[4] == "true"
    return (found[6], found[5] == "true") if found[6] else None


def _reads(stack: list[_Open]) -> bool:
    """Whether what stands here is read."""
    return all(each.branch == each.holds for each in stack)


def _turn(condition: _Open, kind: str, found: re.Match[str]) -> None:
    """Goes on to the next branch of a condition; `\\else` is the one that is left where none of the others holds."""
    begin = condition.cuts[-1][1] if condition.branch else condition.body
    condition.cuts.append(found.span() if condition.branch == condition.holds else (begin, found.end()))
    condition.branch += 1
    if kind == "else" and (condition.holds is None or condition.holds < 0 or condition.holds >= condition.branch):
        condition.holds = condition.branch


def _told(kind: str, text: str, at: int, switches: dict[str, bool]) -> tuple[int | None, int]:
    """Which branch holds, counted from 0, and where it begins. What cannot be told is taken to hold."""
    if kind in switches:
        return (0 if switches[kind] else 1), at
    if kind in _KNOWN:
        return (0 if _KNOWN[kind] else 1), at
    if kind in {"x", "", "cat"} and (found := _TWO.match(text, at)):
        first, second = (word.strip() for word in found.groups())
        same = first == second or any(
            a in _UNDEFINED and b.startswith("\\") and not _defined(b, text)
            for a, b in ((first, second), (second, first))
        )
        return (0 if same else 1), found.end()
    if kind in {"num", "dim"} and (found := _NUMBERS.match(text, at)):
        return _compared(found), found.end()
    if kind == "odd" and (found := _NUMBER.match(text, at)):
        return (1 - int(found[1]) % 2 if found[1].lstrip("-").isdigit() else 0), found.end()
    if kind == "case" and (found := _NUMBER.match(text, at)):
        return (int(found[1]) if found[1].lstrip("-").isdigit() else 0), found.end()
    if kind == "defined" and (found := _ONE.match(text, at)):
        return (0 if _defined(found[1].strip(), text) else 1), found.end()
    if kind == "csname" and (found := _NAMED.match(text, at)):
        return (0 if _defined(f"\\{found[1]}", text) else 1), found.end()
    return (1 if "@" in kind else 0), at  # a switch of the document's class


def _compared(found: re.Match[str]) -> int:
    sizes = [_SIZE.fullmatch(side) for side in (found[1], found[3])]
    if None in sizes or len({size[2] for size in sizes if size is not None and float(size[1])}) > 1:
        return 0
    left, right = (float(size[1]) for size in sizes if size is not None)
    return 0 if {"<": left < right, ">": left > right, "=": left == right}[found[2]] else 1


def _defined(command: str, text: str) -> bool:
    return re.search(_DEFINES + re.escape(command[1:]) + r"(?![A-Za-z@])", text) is not None


def _braced(text: str, switches: dict[str, bool]) -> str:
    """The same for conditions whose branches stand in braces."""
    kept: list[str] = []
    reached = 0
    for found in _BRACED.finditer(text):
        if found.start() < reached:
            continue
        given, at = [], found.end()
        for _ in range(_ASKS[found[1]] + 2):
            words, at = argument(text, behind_blanks(text, at))
            given.append(words)
        kept += [text[reached : found.start()], given[-2 if _is_so(found[1], given[:-2], text, switches) else -1]]
        reached = at
    return "".join([*kept, text[reached:]])


def _is_so(command: str, asked: Sequence[str], text: str, switches: dict[str, bool]) -> bool:
    condition, *others = (each.strip() for each in asked)
    if command in {"ifdef", "ifundef"}:
        return _defined(condition, text) is (command == "ifdef")
    if command in {"@ifundefined", "ifcsdef", "ifcsundef"}:
        return _defined(f"\\{condition}", text) is (command == "ifcsdef")
    if command in {"ifblank", "ifstrempty"}:
        return not condition
    if command == "ifstrequal":
        return condition == others[0]
    if command in {"ifnumequal", "ifnumgreater", "ifnumless", "ifnumcomp"}:
        compared = _NUMBERS.fullmatch(" ".join([condition, _SIGNS.get(command, ""), *others]))
        return compared is None or _compared(compared) == 0
    if command == "ifnumodd":
        return int(condition) % 2 == 1 if condition.isdecimal() else True
    if command in {"iftoggle", "ifbool"}:
        return switches.get(condition, False)
    negated = re.match(r"\s*\\(?:not|NOT)\b\s*", condition)
    condition = condition[negated.end() :] if negated else condition
    if equal := re.fullmatch(r"\s*\\equal\s*\{([^{}]*)\}\s*\{([^{}]*)\}\s*", condition):
        holds = equal[1].strip() == equal[2].strip()
    elif boolean := re.fullmatch(r"\s*\\boolean\s*\{([^{}]*)\}\s*", condition):
        holds = switches.get(boolean[1].strip(), False)
    else:
        number = _NUMBERS.fullmatch(condition)
        return _compared(number) == 0 if number else True
    return holds is not bool(negated)


def _kept(text: str, cuts: list[tuple[int, int]]) -> Iterator[str]:
    reached = 0
    for start, end in sorted(cuts):
        if end > reached:
            yield text[reached : max(start, reached)]
            reached = end
    yield text[reached:]
