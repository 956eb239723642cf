"""Which call does a model mean that wrote it as text instead of making it?

Small models, and servers that do not know how a model writes its calls, let it come as text: in tags, in a fence, or as
bare JSON. Whatever stands in a passage is data, however much it looks like a call.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from agent.models.markup import TAGS

_TAG: Final = re.compile("(?<!`)(?:" + "|".join(map(re.escape, TAGS)) + ")", re.IGNORECASE)
_FUNCTION: Final = re.compile(r"<function=([\w.-]{1,128})>(.*?)(?:</function>|$)", re.DOTALL | re.IGNORECASE)
_INVOKE: Final = re.compile(
    r"<(?:antml:)?invoke\s+name=[\"']([\w.-]{1,128})[\"']\s*>(.*?)(?:</(?:antml:)?invoke>|$)",
    re.DOTALL | re.IGNORECASE,
)
_PARAMETER: Final = re.compile(
    r"<(?:antml:)?parameter(?:=([\w.-]{1,128})|\s+name=[\"']([\w.-]{1,128})[\"'])[^>]*>(.*?)</(?:antml:)?parameter>",
    re.DOTALL | re.IGNORECASE,
)
_KEYED: Final = re.compile(r"<tool_call>\s*(?P<name>[\w.-]{1,128})\s*(?P<pairs><arg_key>.*)", re.DOTALL)
_PAIR: Final = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)</arg_value>", re.DOTALL)
_NAMED: Final = re.compile(r"\[TOOL_CALLS\]\s*([\w.-]{1,128})\s*(?:\[ARGS\])?\s*(?=\{)", re.IGNORECASE)
_SIGN: Final = re.compile(r"[\[{]")
_END: Final = re.compile(r"\s*(?:```)?\s*")
_NAMES: Final = ("name", "tool", "tool_name", "function", "action")
_ARGUMENTS: Final = ("arguments", "parameters", "input", "args", "tool_input", "action_input", "kwargs")
# `Action: search`, `to=functions.search`, `<tool>search</tool>`, `search`, at the beginning of a line and, with nothing
# but labels and markup between, the arguments.
_LABEL: Final = (
    r"(?:(?:action|tool|function|name|call|to|type|commentary|assistant|default_api|functions|tool_?use|tool_?call)\b"
    r"|[\w▁]{1,24}(?=[｜|]))"
)
_INPUT: Final = re.compile(r"\s*action input:", re.IGNORECASE)
_BETWEEN: Final = re.compile(
    r"(?:\W|_|\b(?:json|arguments|args|parameters|params|action|input|message|constrain|tool|function|name)\b)*",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(r"(?:\s|```|</?[^<>\n]{1,40}>|[)\]};])*(?:observation\s*:.*)?", re.DOTALL | re.IGNORECASE)
_MOST: Final = 20  # places of a text that are tried


@dataclass(frozen=True, slots=True)
class Unmade:
    """Calls that a text stands for from `start` on, by name and arguments; none where they cannot be understood."""

    start: int
    calls: tuple[tuple[str, Mapping[str, Any]], ...]


def unmade(text: str, names: Iterable[str], shown: Iterable[str]) -> Unmade | None:
    """What a text means to call, of the tools that are known by these names; None where it means none.

    `shown` are the passages: of what stands in one of them nothing is a call.
    """
    known = frozenset(names)
    found = _tagged(text) or _bare(text, known)
    if found is None or not found.calls:
        found = _labelled(text, known) or found
    if found is None:
        return None
    there = [_squeezed(passage) for passage in shown]
    said = [_squeezed(json.dumps(dict(given), ensure_ascii=False)) for _, given in found.calls if given]
    if not found.calls and (tag := _TAG.search(text)):
        said = [_squeezed(tag[0])]
    return None if any(words in passage for words in said for passage in there) else found


def _tagged(text: str) -> Unmade | None:
    tag = _TAG.search(text)
    if tag is None:
        return None
    rest = text[tag.start() :]
    calls: list[tuple[str, Mapping[str, Any]]] = []
    for pattern in (_FUNCTION, _INVOKE):
        calls += [(one[1], _parameters(one[2])) for one in pattern.finditer(rest)]
    if not calls and (named := _NAMED.match(rest)):
        calls = [(named[1], value) for value, _ in islice(objects(rest[named.end() :]), 1) if isinstance(value, dict)]
    if not calls:
        calls = [call for value, _ in objects(rest) for call in _calls(value)]
    if not calls and (keyed := _KEYED.search(rest)):
        pairs = _PAIR.findall(keyed["pairs"])
        calls = [(keyed["name"], {name.strip(): _typed(value.strip()) for name, value in pairs})]
    return Unmade(tag.start(), tuple(calls))


def _bare(text: str, known: frozenset[str]) -> Unmade | None:
    """JSON or an expression at the end of a text that names tools which are known, and nothing else."""
    for start in islice((sign.start() for sign in _SIGN.finditer(text)), _MOST):
        for value, end in islice(objects(text[start:], only_first=True), 1):
            calls = tuple(_calls(value, known))
            if calls and all(name in known for name, _ in calls) and _END.fullmatch(text, start + end):
                return Unmade(start - len(_opening(text[:start])), calls)
    expression = re.fullmatch(r"\s*(?:```\w*\s)?\s*(.{1,4000}?)\s*(?:```)?\s*", text, re.DOTALL)
    calls = tuple(_spelled(expression[1])) if expression else ()
    return Unmade(0, calls) if calls and all(name in known for name, _ in calls) else None


def _labelled(text: str, known: frozenset[str]) -> Unmade | None:
    """A known tool's name, and its arguments with nothing but labels and markup between and behind."""
    names = "|".join(map(re.escape, sorted(known))) or r"(?!)"
    begun = rf"^[^\w\n]*(?:{_LABEL}[^\w\n]*)*(?P<name>{names})\b(?P<between>[^{{}}]{{0,80}})"
    for call in islice(re.finditer(begun, text, re.MULTILINE | re.IGNORECASE), _MOST):
        if _BETWEEN.fullmatch(call["between"]):
            for value, end in islice(objects(text[call.end() :], only_first=True), 1):
                if isinstance(value, dict) and _TRAILING.fullmatch(text, call.end() + end):
                    return Unmade(call.start(), ((call["name"], value),))
        elif _INPUT.match(call["between"]):
            return Unmade(call.start(), ())
    return None


def _opening(before: str) -> str:
    fence = re.search(r"```[\w-]*\s*$", before)
    return fence[0] if fence else ""


def objects(text: str, *, only_first: bool = False) -> Iterator[tuple[Any, int]]:
    """The JSON values in a text, each with its end; of nested ones the outermost."""
    decoder, at, failed = json.JSONDecoder(), 0, 0
    while failed < _MOST and (sign := _SIGN.search(text, at)) is not None:
        try:
            value, end = decoder.raw_decode(text, sign.start())
        except (ValueError, RecursionError):
            if only_first:
                return
            at, failed = sign.start() + 1, failed + 1
            continue
        yield value, end
        at = end


def _calls(value: Any, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The calls that a JSON value stands for, in the ways in which models write them."""
    if isinstance(value, list):
        for each in value:
            yield from _calls(each, known)
    elif isinstance(value, dict):
        if isinstance(value.get("tool_calls"), list):
            yield from _calls(value["tool_calls"], known)
        elif inner := next(
            (value[key] for key in ("function", "function_call") if isinstance(value.get(key), dict)), None
        ):
            yield from _calls(inner, known)
        elif len(value) == 1 and (name := next(iter(value))) in known and isinstance(value[name], dict):
            yield name, value[name]
        else:
            named = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
            given = next((value[key] for key in _ARGUMENTS if key in value), None)
            if isinstance(given, str):
                given = next((inner for inner, _ in objects(given)), None)
            if named and isinstance(given, dict):
                yield named, given
            elif named in known and given is None and len(value) > 1:  # the arguments stand beside the name
                yield named, {key: each for key, each in value.items() if key not in {*_NAMES, "type", "id"}}


def _parameters(body: str) -> Mapping[str, Any]:
    found = {one[1] or one[2]: _typed(one[3].strip()) for one in _PARAMETER.finditer(body)}
    if found:
        return found
    return next((value for value, _ in objects(body) if isinstance(value, dict)), {})


def _typed(written: str) -> Any:
    """A number, a truth value or a list as such: a tool's own schema says what it takes."""
    if not re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?|true|false|null|[\[{].*", written, re.DOTALL):
        return written
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        return written


def _spelled(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Calls as a programming language has them: `search(query="ports")`, one or a list of them."""
    if not re.search(r"[({]", text):
        return
    try:
        body = ast.parse(text.strip(), mode="eval").body
        if isinstance(body, ast.Dict):
            yield from _calls(ast.literal_eval(body))
        spelled: Sequence[ast.expr] = body.elts if isinstance(body, ast.List) else [body]
        for one in spelled:
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "print" and one.args:
                one = one.args[0]
            if not isinstance(one, ast.Call) or any(not isinstance(each, ast.Dict) for each in one.args):
                return
            name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            given = dict(*(ast.literal_eval(each) for each in one.args))
            given |= {key.arg: ast.literal_eval(key.value) for key in one.keywords if key.arg}
            json.dumps(given, allow_nan=False)  # a set, bytes or an endless number is nothing that a tool takes
            yield name, given
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        return


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()
