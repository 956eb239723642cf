"""Where does each statement of an SQL file begin and end, and what is it called?

A semicolon ends one outside of quotes and blocks. No dialect is asked for: what only some of them know (`$$`, `GO`,
`DELIMITER`, rows behind `COPY`, declarations before a block) reads alike in none of the others.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<quote>'(?:[^'\\]|\\.)*+(?:'|\\?\Z)|\"[^\"]*+(?:\"|\Z)|`[^`]*+(?:`|\Z)"
    r"|\$(?P<tag>(?:[a-z_]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z))"
    r"|(?P<rows>\bFROM\s+stdin\b[^;\n]{0,200};.*?(?:^\\\.|\Z))"
    r"|(?P<alone>^(?:GO|/|\\[^\n]*)[ \t]*$)|(?P<create>^CREATE\b)|(?P<end>;)"
    r"|\bEND\s+(?:IF|LOOP|WHILE|REPEAT|FOR)\b|(?P<closes>\bEND(?:\s+CASE)?\b)"
    r"|(?P<opens>\bCASE\b|\bBEGIN\b(?!\s*;|\s+(?:TRAN|WORK|ISOLATION|READ|DEFERRED|IMMEDIATE|EXCLUSIVE|CONCURRENT)))",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_DELIMITER = re.compile(r"^DELIMITER[ \t]+(\S+)[^\n]*", re.IGNORECASE | re.MULTILINE)
_PROGRAM = re.compile(
    r"CREATE\s+(?:OR\s+\w+\s+)?(?:\w+\s+)?(?:FUNCTION|PROCEDURE|TRIGGER|(PACKAGE|TYPE\s+BODY))\b", re.IGNORECASE
)
_DECLARES = re.compile(
    r"\bDECLARE\b|\b(?:IS|AS)\s+(?!(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|SET|EXEC|RETURN|LANGUAGE)\b)[a-z]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"['$]")
_INNERMOST = re.compile(r"\([^()]*\)")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_MADE = re.compile(r"(?:CREATE|ALTER|DROP)\b", re.IGNORECASE)
_SAID_BESIDES = re.compile(
    r"\b(?:OR\s+(?:REPLACE|ALTER)|IF\s+(?:NOT\s+)?EXISTS|CONCURRENTLY|TEMP|TEMPORARY|DEFINER\s*=\s*\S+)\s+",
    re.IGNORECASE,
)
_BEHIND_NAME = re.compile(
    r"[(;]|\b(?:AS|IS|ON|RETURNS?|BEFORE|AFTER|INSTEAD|FOR|USING|LANGUAGE|BEGIN)\b.*", re.IGNORECASE
)
_BEGINNING = 1000  # letters
_LONGEST_TITLE = 60


def statements(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """For each statement its first line, the line behind its last one, and its first words."""
    text = "\n".join(lines)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for start, end in _spans(text):
        title = _title(text[start : min(end, start + _BEGINNING)])
        yield bisect_right(starts, start) - 1, bisect_right(starts, end - 1), title


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """The statements of each part of the file, which has a delimiter of its own."""
    start, mark = 0, ";"
    for chosen in [*_DELIMITER.finditer(text), None]:
        end = chosen.start() if chosen else len(text)
        yield from _parted(text, start, end) if mark == ";" else _parted_by(mark, text, start, end)
        start, mark = (chosen.end(), chosen[1]) if chosen else (end, ";")


def _parted(text: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    start = -1  # of the statement that is open
    depth = 0
    has_block = False
    while token := _TOKEN.search(text, at, end):
        if start < 0:
            start = _first_letter(text, at, token.start() if token["comment"] or token["alone"] else token.end())
        at = token.end()
        if token["alone"] or (token["create"] and start < token.start()):
            if start >= 0:
                yield start, token.start()
            start, depth, has_block = token.start() if token["create"] else -1, 0, False
        elif token["opens"]:
            depth, has_block = depth + 1, True
        elif token["closes"]:
            depth = max(0, depth - 1)
        elif token["rows"] or (token["end"] and not depth):
            declares = "" if token["rows"] or has_block else _declaring(text[start : min(at, start + _BEGINNING)])
            if not declares:
                yield start, at
                start, has_block = -1, False
            elif declares == "package":  # whose own END closes it, with or without a BEGIN
                depth, has_block = 1, True
    start = start if start >= 0 else _first_letter(text, at, end)
    if start >= 0:
        yield start, end


def _first_letter(text: str, start: int, end: int) -> int:
    """Where the first letter stands that is no space, else -1."""
    gap = text[start:end]
    return end - len(gap.lstrip()) if gap.strip() else -1


def _parted_by(mark: str, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The statements between which a mark stands that the file itself has chosen."""
    while start < end:
        stop = text.find(mark, start, end)
        stop = end if stop < 0 else stop
        if (first := _first_letter(text, start, stop)) >= 0:
            yield first, min(stop + len(mark), end)
        start = stop + len(mark)


def _declaring(beginning: str) -> str:
    """Which kind of program a statement begins whose first semicolon only ends a declaration, if it does so."""
    program = _PROGRAM.match(beginning)
    if program is None:
        return ""
    head = _QUOTED.split(beginning, maxsplit=1)[0]
    while _INNERMOST.search(head):
        head = _INNERMOST.sub("", head)
    if not _DECLARES.search(head, program.end()):
        return ""
    return "package" if program[1] else "program"


def _title(beginning: str) -> str:
    """The first words; of what is made or changed its kind and name."""
    words = " ".join(_COMMENT.sub(" ", beginning).partition(";")[0].split())
    if _MADE.match(words):
        words = _BEHIND_NAME.split(_SAID_BESIDES.sub("", words), maxsplit=1)[0]
    if len(words) > _LONGEST_TITLE:
        words = words[: words.rfind(" ", 0, _LONGEST_TITLE) if " " in words[:_LONGEST_TITLE] else _LONGEST_TITLE]
    return words.rstrip(" ;,(")
