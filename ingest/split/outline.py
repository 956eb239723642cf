"""Where does each definition of a source file begin and end?

Python's own parser answers for Python. SQL is a run of statements. Everything else goes by what all languages share:
a line that reads like a signature, and the brackets or the indentation of what it defines. A wrong guess only moves the
places where a long file is cut; no line is lost by it.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.split.brackets import closing_lines, first_dedents, indent, without_words
from ingest.split.sql import statements

_DEEPEST = 12  # definitions within definitions
_LONG = 10  # lines; a shorter part of a configuration is read with its neighbours
_DATA = {"yaml"}
_SECTIONED = {"ini", "toml"}
_BRACED = {"css", "scss", "terraform", "protobuf", "graphql", "ini", "groovy", "gradle", "vue", "svelte"}

_MODIFIERS = (
    "public|private|protected|internal|static|final|abstract|async|export|default|declare|pub(?:\\([\\w ]+\\))?|unsafe|"
    "const|extern|inline|virtual|override|open|sealed|partial|case|suspend|local|global|create|or|replace|overridable|"
    "shared|friend|fileprivate|mutating|native|synchronized|readonly|constexpr|typedef|companion|data|value|actual|expect"
)
_NOUNS = (
    "class|interface|struct|enum|trait|impl|namespace|module|mod|def|defp|defmodule|defmacro|defimpl|defprotocol|defn-?|"
    "defun|fn|func|fun|function|sub|procedure|proc|protocol|extension|union|record|object|message|service|rpc|resource|"
    "provider|variable|output|locals|terraform|type|contract|actor|macro|property|table|view|trigger|instance|typeclass"
)
_NOUN = re.compile(rf"\s*\(?(?:(?:{_MODIFIERS})\s+){{0,8}}(?:{_NOUNS})\b(?!\s*[.,;)])", re.IGNORECASE)
_CONTROL = (
    "if|for|foreach|while|until|unless|switch|catch|else|elif|elsif|elseif|do|try|return|with|using|lock|case|when|match|"
    "select|throw|new|await|yield|assert|finally|except|rescue|ensure|begin|then|not|and|or|in|print|echo|import|from"
)
_CALLABLE = re.compile(rf"\s*(?!(?:{_CONTROL})\b|&&)[\w$~@*&][\w$~&*<>:,\[\]\s.@?#-]*\(", re.IGNORECASE)
_CALL = re.compile(r"\s*[\w$]+(?:\.[\w$]+)+\s*\(")
_CALLBACK = re.compile(r"=>|->|\b(?:function|func|fn|sub)\b")
_OF_SHELL = re.compile(r"\s*(?:function\s+[^\s(){}]+|[^\s(){}=\"]+\s*\(\s*\))")
_ASSIGNED = re.compile(
    r"\s*(?:(?:export|const|let|var|local|my|our)\s+){0,3}[\w$.:]+[^=<]{0,80}?(?:=|<-|:)\s*(?:async\s*)?"
    r"(?:function\b|class\b|fn\b|\([^()]*\)[^=]*=>|[\w$]+\s*=>|sub\b)"
)
_STARTS_CONTROL = re.compile(rf"\s*(?:{_CONTROL})\b", re.IGNORECASE)
_SECTION = re.compile(r"\[{1,2}[^\[\]]+\]{1,2}\s*(?:[#;].*)?")
_ABOVE = re.compile(
    r"\s*(?:#(?!\s*(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|pragma|import|region|endregion)\b)|//|/\*|\*|--|;|%"
    r"|@[\w.]+|\[[A-Z]\w*(?:\(.*\))?\]\s*$|template\s*<|'''|REM\b)"
)
_RETURN_TYPE = re.compile(r"\s*[a-z_][\w\s*&:<>,]*[\w*&>]\s*", re.IGNORECASE)
_GOES_ON = ("{", ":", "where", "throws")  # how the line begins on which a signature goes on
_CLOSER = re.compile(r"\s*(?:[)\]}]|end\b|done\b|fi\b|esac\b)", re.IGNORECASE)
_PARAMETERS = re.compile(r"[\w$>\]?!*~-]\s*\(")
_CALLED_FOR = re.compile(r"[\w$.]+\s*\(\s*(['\"`])(?:(?!\1).)*\1")
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Definition:
    """Lines `first` to `body` stand above and sign it, lines `body` to `last` are what it defines."""

    first: int
    body: int
    last: int
    title: str
    inner: tuple[Definition, ...] = ()


def outline(lines: list[str], language: str = "") -> tuple[Definition, ...]:
    """The definitions of a file, in order and nested; none where nothing is recognised."""
    found: list[Definition] = []
    if language == "python":
        found = _of_python(lines)
    if language in _SECTIONED:
        found = _sections(lines)
    if language == "sql":
        found = [Definition(first, first + 1, last, title) for first, last, title in statements(lines)]
    if not found:
        found = list(_of_any(lines, language))
    return _nested(_with_what_stands_above(lines, found, typed=language != "sql"))


def _of_python(lines: list[str]) -> list[Definition]:
    """By Python's parser; nothing where the file is broken, or written for another Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
        body = min([node.body[0].lineno, *(each.lineno for each in getattr(node.body[0], "decorator_list", ()))]) - 1
        while body > node.lineno and (not lines[body - 1].strip() or lines[body - 1].lstrip().startswith("#")):
            body -= 1
        kind = {ast.ClassDef: "class", ast.FunctionDef: "def"}.get(type(node), "async def")
        if body >= node.lineno:
            found.append(Definition(first, body, node.end_lineno or body, f"{kind} {node.name}"))
    return sorted(found, key=lambda definition: (definition.first, -definition.last))


def _sections(lines: list[str]) -> list[Definition]:
    at = [number for number, line in enumerate(lines) if _SECTION.fullmatch(line)]
    return [
        Definition(number, number + 1, following, re.sub(r"\s*[#;].*", "", lines[number]).strip())
        for number, following in zip(at, [*at[1:], len(lines)], strict=False)
    ]


def _of_any(lines: list[str], language: str) -> Iterator[Definition]:
    bare = without_words(lines)
    closing = closing_lines(bare)
    dedents = first_dedents(lines)
    for number, line in enumerate(bare):
        if not line.strip():
            continue
        if language in _DATA:
            last = _data_end(lines, dedents, number)
            if last - number > _LONG:
                yield Definition(number, number + 1, last, lines[number].strip().removeprefix("- ").rstrip(": "))
            continue
        if language == "shell":
            named = _OF_SHELL.match(line) is not None
        else:
            named = bool(_NOUN.match(line) or _ASSIGNED.match(line))
        braced = language in _BRACED and line.rstrip().endswith("{") and not _STARTS_CONTROL.match(line)
        if not (
            named or braced or (language != "shell" and _CALLABLE.match(line) and not _is_call(lines[number], line))
        ):
            continue
        span = _extent(lines, bare, closing, dedents, number, by_margin=named)
        if span is not None and (named or not braced or span[1] - number > _LONG):
            yield Definition(number, *span, _title(lines[number]))


def _is_call(line: str, bare: str) -> bool:
    """Whether a line calls something; but a function that is handed over under a name, as to `it`, is a definition."""
    before, brace, _ = bare.rpartition("{")
    within = bool(brace) and before.count("(") > before.count(")")
    if within and _CALLED_FOR.match(line.strip()) and _CALLBACK.search(before):
        return False
    return within or _CALL.match(bare) is not None


def _extent(
    lines: list[str], bare: list[str], closing: list[int], dedents: list[int], number: int, *, by_margin: bool
) -> tuple[int, int] | None:
    """Where the body of the definition that is signed at line `number` begins, and the line after its last one."""
    at = number
    for _ in range(6):  # a signature runs over parentheses, and its brace may stand on the next line
        opened = closing[at] > at
        if opened and "{" in bare[at] and bare[at].rfind("{") > bare[at].rfind("}"):
            return at + 1, closing[at] + 1
        if opened:
            at = closing[at]
        elif (
            at + 1 < len(bare)
            and bare[at + 1].lstrip().startswith(("{", ":", "where", "throws"))
            and ";" not in bare[at]
        ):
            at += 1
        else:
            break
    if not by_margin:
        return None
    if bare[number].lstrip().startswith("(") or (at > number and bare[at].rstrip().endswith(";")):
        return (number + 1, closing[number] + 1) if closing[number] > number else None
    last = dedents[number]
    while last <= at:  # the end of a signature over several lines may stand at its margin
        last = dedents[last]
    if last < len(lines) and _CLOSER.match(lines[last]) and indent(lines[last]) == indent(lines[number]):
        last += 1
    while not lines[last - 1].strip():
        last -= 1
    return (at + 1, last) if last > at + 1 else None


def _data_end(lines: list[str], dedents: list[int], number: int) -> int:
    """Where what is indented below a key ends; the items of its list may stand right below it."""
    last = dedents[number]
    if lines[number].rstrip().endswith(":") and not lines[number].lstrip().startswith("-"):
        while last < len(lines) and lines[last].startswith(" " * indent(lines[number]) + "- "):
            last = dedents[last]
    return last


def _title(line: str) -> str:
    """The signature without its parameters."""
    title = re.sub(r"(?:[{:(=]|=>|\bdo|\bthen|\|[^|]*\||\s)+$", "", line.strip())
    called = _CALLED_FOR.match(title)
    if called:
        return called[0][:_LONGEST_TITLE]
    for found in _PARAMETERS.finditer(title):
        named = title[: found.end() - 1].rstrip()
        if re.search(r"(?:^|\s)(?:func|function|fn|fun|def|sub)$", named) is None:
            return " ".join(named.split())[:_LONGEST_TITLE]
    return " ".join(title.split())[:_LONGEST_TITLE]


def _with_what_stands_above(lines: list[str], found: list[Definition], *, typed: bool) -> Iterator[Definition]:
    """Comments, decorators and a type on a line of its own, without a blank line between, belong to what is below."""
    opened = [-1]  # for each line, the last one above it on which a block comment opens
    for number, line in enumerate(lines):
        opened.append(number if "/*" in line else opened[-1])
    for definition in found:
        first = definition.first
        while first and lines[first - 1].strip():
            above = lines[first - 1]
            if above.rstrip().endswith("*/") and "/*" not in above and opened[first] >= 0:
                first = opened[first]
            elif _ABOVE.match(above) or (typed and first == definition.first and _RETURN_TYPE.fullmatch(above)):
                first -= 1
            else:
                break
        yield Definition(first, definition.body, definition.last, definition.title)


def _nested(found: Iterator[Definition]) -> tuple[Definition, ...]:
    """The definitions inside of each other, each within what it stands in and after what stands before it."""
    ends = [1 << 60]
    levels: list[list[Definition]] = [[]]
    reached = 0
    for each in found:
        while each.body - 1 >= ends[-1]:
            reached = max(reached, ends[-1])
            _close(levels, ends)
        first, last = max(each.first, reached), min(each.last, ends[-1])
        if first >= each.body or last <= each.body or len(levels) > _DEEPEST:
            continue
        reached = each.body
        levels[-1].append(Definition(first, each.body, last, each.title))
        levels.append([])
        ends.append(last)
    while len(levels) > 1:
        _close(levels, ends)
    return tuple(levels[0])


def _close(levels: list[list[Definition]], ends: list[int]) -> None:
    inner = tuple(levels.pop())
    ends.pop()
    outer = levels[-1].pop()
    levels[-1].append(Definition(outer.first, outer.body, outer.last, outer.title, inner))
