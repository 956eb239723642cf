"""What do groups of a LaTeX source hold, and is every one, every environment and formula closed in its order?

A parser that looks for the end of what has none looks through the whole rest, and again for each thing within: what is
linear becomes exponential. So ends that are missing are put where their group ends, and those of nothing taken out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

_TOKEN = re.compile(
    r"%[^\n]*|\\begin\s*\{([^{}\n]*)\}|\\end\s*\{([^{}\n]*)\}|\\[\[\]()]|\\(?:[A-Za-z@]+\*?|.)|[{}\[\]]|\$|\n[ \t]*\n",
    re.DOTALL,
)
_BLANKS = re.compile(r"\s*")
_CLOSES = {"}": "{", "]": "[", "\\]": "\\[", "\\)": "\\("}
_NOTHING = "{}"  # in place of what is taken out, so that what stands beside it does not become one word
_FORMULAS = {"$": "\\$", "$$": _NOTHING, "\\[": _NOTHING, "\\(": _NOTHING}  # for the beginning of one without an end


@dataclass(frozen=True, slots=True)
class _Open:
    """What is opened, `{`, `[`, the beginning of a formula or `begin`, and where."""

    kind: str
    start: int
    end: int
    name: str = ""
    is_argument: bool = False


def argument(text: str, at: int) -> tuple[str, int]:
    """What the braces that open at `at` hold, and the offset behind them; without braces, one letter or command."""
    if text[at : at + 1] != "{":
        single = re.compile(r"\\(?:[A-Za-z]+|.)|.|\Z", re.DOTALL).match(text, at)
        return (single[0], single.end()) if single else ("", at)
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return text[at + 1 : found.start()], found.end()
    return text[at + 1 :], len(text)


def behind_blanks(text: str, at: int) -> int:
    """The first offset from `at` on that is no white space."""
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def balanced(text: str) -> str:
    """The source with all that is opened closed again. Brackets are closed too where they may begin an argument."""
    open_ones = _Balance(text)
    at, takes_argument = 0, False
    while (found := _TOKEN.search(text, at)) is not None:
        follows = takes_argument and not text[at : found.start()].strip()
        word, at = found[0], found.end()
        takes_argument = word[0] in "}]" or found[1] is not None or (word[0] == "\\" and word[1:2].isalpha())
        if word[0] == "%":
            takes_argument = follows
        elif word[0] == "$":
            at = open_ones.formula(found.start())
        elif word[0] == "\n":
            open_ones.paragraph(found.start())
        else:
            open_ones.take(found, is_argument=follows)
    open_ones.close(0, len(text))
    return open_ones.edited()


class _Balance:
    """What is open at a place of a text, and what has to be edited in it up to there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[_Open] = []
        self.count: Counter[str] = Counter()  # of what is open, so that nothing is looked for that is not there
        self.edits: list[tuple[int, int, str]] = []

    def take(self, found: re.Match[str], *, is_argument: bool) -> None:
        """Opens or closes what a token opens or closes."""
        word, (start, end) = found[0], found.span()
        if found[1] is not None:
            self.push(_Open("begin", start, end, found[1]))
        elif word in {"{", "[", "\\[", "\\("}:
            self.push(_Open(word, start, end, is_argument=is_argument and word == "["))
        elif found[2] is not None:
            self.end(self.find("begin", found[2]), start, end)
        elif word == "}":
            self.end(self.find("{"), start, end)
        elif word == "]":
            self.end(self.find("[", beyond={"{", "begin", *_FORMULAS}), start, start)
        elif word in _CLOSES:
            self.end(self.find(_CLOSES[word], beyond={"{", "begin"}), start, end)

    def formula(self, start: int) -> int:
        """Opens or closes a formula at a dollar sign, or two; the offset behind them."""
        doubled = self.text.startswith("$$", start) and self.find("$", beyond={"{", "begin"}) is None
        kind = "$$" if doubled else "$"
        place = self.find(kind, beyond={"{", "begin"})
        if place is None:
            self.push(_Open(kind, start, start + len(kind)))
        else:
            self.end(place, start, start)
        return start + len(kind)

    def paragraph(self, at: int) -> None:
        """Neither a formula in a line nor an argument in brackets goes on in the next paragraph."""
        if (place := self.find("$", beyond={"{", "begin"})) is not None:
            self.close(place, at)
        while self.stack and self.stack[-1].kind == "[":
            self.close(len(self.stack) - 1, at)

    def push(self, each: _Open) -> None:
        self.stack.append(each)
        self.count[each.kind + each.name] += 1

    def pop(self) -> _Open:
        each = self.stack.pop()
        self.count[each.kind + each.name] -= 1
        return each

    def find(self, kind: str, name: str = "", *, beyond: Collection[str] = ()) -> int | None:
        """The place of the innermost one of this kind and name, if nothing of the kinds `beyond` is open within it."""
        if self.count[kind + name]:
            for place in range(len(self.stack) - 1, -1, -1):
                if self.stack[place].kind == kind and (not name or self.stack[place].name == name):
                    return place
                if self.stack[place].kind in beyond:
                    break
        return None

    def end(self, place: int | None, start: int, end: int) -> None:
        """Closes what is open at a place, and within it; an end of nothing is taken out."""
        if place is None:
            self.edits.append((start, end, _NOTHING if end > start else ""))
            return
        self.close(place + 1, start)
        self.pop()

    def close(self, place: int, at: int) -> None:
        """Ends what is open from a place of the stack on, innermost first."""
        while len(self.stack) > place:
            each = self.pop()
            if each.kind == "{":
                self.edits.append((at, at, "}"))
            elif each.kind == "begin":
                self.edits.append((at, at, f"\\end{{{each.name}}}"))
            elif each.kind in _FORMULAS:
                self.edits.append((each.start, each.end, _FORMULAS[each.kind]))
            elif each.is_argument:
                self.edits.append((each.start, each.end, "{[}"))

    def edited(self) -> str:
        """The text with all edits made."""
        kept: list[str] = []
        reached = 0
        for start, end, words in sorted(self.edits, key=lambda edit: edit[:2]):  # stable: what ends first stands first
            kept += [self.text[reached:start], words]
            reached = end
        return "".join([*kept, self.text[reached:]])
