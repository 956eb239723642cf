"""Which line closes what another one opens?"""

from __future__ import annotations

import re

_PATTERN = r"(?:(?<=[(,:=!&|?])|(?<=[(,:=!&|?] ))/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/"
_WORDS = re.compile(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\\n])*`|/\*.*?\*/|" + _PATTERN + "|"
    r"(?://|(?<![\w$&#{])#(?![\[{!])|--\s).*"
)
_BRACKET = re.compile(r"[(\[{]|[)\]}]")
_CLOSES = {"(": ")", "[": "]", "{": "}"}
_TAB = 4
_LONGEST = 1000  # letters; a longer line was written by a program, and no one reads signatures in it


def without_words(lines: list[str]) -> list[str]:
    """The lines with their strings and comments blanked out, as far as one line shows them.

    Lines of block comments are empty, and so are those too long to be written by hand.
    """
    bare: list[str] = []
    inside = False
    for line in lines:
        if len(line) > _LONGEST:
            bare.append("")
            continue
        if inside:
            _, closed, line = line.partition("*/")
            inside = not closed
            if inside:
                bare.append("")
                continue
        kept = _WORDS.sub(_blank, line)
        opened = kept.find("/*")
        if opened >= 0:
            inside, kept = True, kept[:opened]
        bare.append(kept)
    return bare


def _blank(found: re.Match[str]) -> str:
    return '""' if found[0][0] in "\"'`" else ""


def closing_lines(bare: list[str]) -> list[int]:
    """For each line, the line on which its outermost open bracket is closed; the line itself where there is none.

    A bracket closes its own kind alone, since `a|b)` in a shell's `case` closes nothing. A brace also ends what is left
    open since the last one.
    """
    closing = list(range(len(bare)))
    opened: list[tuple[str, int]] = []
    braces: list[int] = []  # where in `opened` they are
    for number, line in enumerate(bare):
        for bracket in _BRACKET.findall(line):
            if bracket in _CLOSES:
                if bracket == "{":
                    braces.append(len(opened))
                opened.append((bracket, number))
            elif bracket == "}" and braces:
                closing[opened[braces[-1]][1]] = number
                del opened[braces.pop() :]
            elif opened and _CLOSES[opened[-1][0]] == bracket != "}":
                closing[opened.pop()[1]] = number
    return closing


def first_dedents(lines: list[str]) -> list[int]:
    """For each line, the first line below that is neither blank nor indented more, else the end."""
    dedents = [len(lines)] * len(lines)
    waiting: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        margin = indent(line)
        while waiting and waiting[-1][0] >= margin:
            dedents[waiting.pop()[1]] = number
        waiting.append((margin, number))
    return dedents


def indent(line: str) -> int:
    """How far a line is indented, a tab counted as four."""
    expanded = line.expandtabs(_TAB)
    return len(expanded) - len(expanded.lstrip())
