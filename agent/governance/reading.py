"""Which charter stands in a file, and on which lines is it wrong?"""

from __future__ import annotations

import math
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, ClassVar, Final, get_args
from urllib.parse import urlsplit

from agent.governance.charter import (
    NO_CHARTER,
    STRICTER,
    Authorization,
    Charter,
    Escalation,
    Rule,
    When,
    folded,
    key,
)
from agent.governance.hours import hours, span
from agent.governance.limits import Limit, pattern
from agent.settings import set_in_environment
from ingest.errors import CitewellError
from ingest.mistakes import toml_mistake, value_mistake
from plugins.bounded import Overdue, Raised, bounded_now
from plugins.tool import Effect, Tool

PATIENCE: Final = 10.0  # seconds that reading the charter may take: it may lie on a disk that does not answer
_OWN: Final = frozenset(each.name for each in fields(Authorization))  # of a tool's table; the rest are its arguments
_RULES: Final = ", ".join(f'"{each}"' for each in get_args(Rule))
_EFFECTS: Final = ", ".join(f'"effect:{each}"' for each in get_args(Effect))
_BARS: Final[Mapping[When, tuple[str, ...]]] = {  # by its condition what a rule has to say; of several one is enough
    "argument": ("above", "below", "words"),
    "topic": ("words", "like"),
    "evidence": ("below",),
    "confidence": ("below",),
    "unfamiliar": ("below",),
}
_MORE: Final[Mapping[When, tuple[str, ...]]] = {  # and what it may say besides; anything else would do nothing
    "argument": ("tool", "argument"),
    "topic": ("near",),
    "tool_failed": ("tool",),
    "outcome_unknown": ("tool",),
    "sensitive": ("kinds",),
}
_SHARES: Final = frozenset({"evidence", "confidence", "unfamiliar"})  # they compare with what lies between 0 and 1
_OF_ALL: Final = frozenset({"rule", "when", "route"})
Place = tuple[str | int, ...]  # the keys and numbers by which one comes to a value
Wrong = Callable[[Place, str], None]


class BadCharter(CitewellError):
    """A charter that cannot be enforced as it is written; `problems` are all that was found."""

    code: ClassVar[str] = "bad_charter"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500

    def __init__(self, said: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(said)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on a line of a charter, and what to write; `line` counts from 1, and is None of the whole file."""

    line: int | None
    problem: str


def load_charter(path: Path | None, *, holds: bool = True) -> Charter:
    """The charter in that file; `NO_CHARTER` for None. Raises `BadCharter`, also where it `holds` by another's word."""
    if path is None:
        return NO_CHARTER
    written = _text(path, holds)
    charter, problems = parsed(written)
    if charter is None:
        first, *more = problems
        where = f"{path}, line {first.line}" if first.line else str(path)
        others = f" ({len(more)} more; see them with: citewell charter)" if more else ""
        raise BadCharter(f"{where}: {first.problem}{others}.", problems)
    return charter


class Live:
    """The charter in a file as it is now: read again where the file is another than when it was read."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read: tuple[tuple[int, ...] | None, Charter] | None = None

    def __call__(self) -> Charter:
        """The charter. Raises `BadCharter` where it cannot be enforced, or is gone."""
        stamp = self._stamp()  # before it is read: what is written meanwhile is another
        if self._read is None or self._read[0] != stamp:
            self._read = stamp, load_charter(self._path)
        return self._read[1]

    def _stamp(self) -> tuple[int, ...] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return ()
        if not stat.S_ISREG(found.st_mode):  # a pipe says it once
            return (found.st_ino,)
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def parsed(written: str) -> tuple[Charter | None, tuple[Problem, ...]]:
    """The charter that a text says, or all that is wrong with it."""
    try:
        tables = tomllib.loads(written)
    except RecursionError:
        return None, (Problem(None, "it is nested too deep: write it as the guide's charter.md shows"),)
    except tomllib.TOMLDecodeError as fault:
        said = toml_mistake(fault)
        line, _, what = said.partition(": ")
        number = int(line.split()[1].rstrip(",")) if line.startswith("line ") else None
        return None, (Problem(number, f"it is not TOML ({what or said}); correct it there"),)
    from pydantic import ValidationError

    lines = _lines(written)
    problems: list[Problem] = []

    def wrong(place: Place, said: str) -> None:
        problems.append(Problem(_line(lines, place), said))

    _shape(tables, wrong)
    try:
        charter: Charter = _adapter().validate_python(tables)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            place = tuple(part for part in each["loc"] if part != "[key]")
            wrong(place, _said(place, each))
        return None, tuple(sorted(set(problems), key=lambda each: (each.line or 0, each.problem)))
    _consistent(charter, wrong)
    ordered = tuple(sorted(set(problems), key=lambda each: (each.line or 0, each.problem)))
    return (None, ordered) if ordered else (charter, ())


def read_back(written: str) -> Charter:
    """The charter that wrote itself so (`Charter.written`)."""
    charter: Charter = _adapter().validate_json(written)
    return charter


def unknown_names(charter: Charter, tools: Sequence[Tool]) -> list[str]:
    """A sentence for each name in a charter that no tool goes by, or no argument of the tool: what it says there binds
    nobody, or each call.
    """
    known = {name for tool in tools for name in (tool.name, f"plugin:{tool.plugin}")}
    known |= {f"effect:{effect}" for effect in ("read", "write", "external")}
    said = [(f"[tools] has {name!r}", name) for name in charter.tools]
    said += [
        (f"[principals.{person}.tools] has {name!r}", name)
        for person, own in charter.principals.items()
        for name in own.tools
    ]
    said += [
        (f"the rule {rule.rule!r} is of the tool {rule.tool!r}", rule.tool) for rule in charter.escalate if rule.tool
    ]
    of_tools = [
        f"In the charter {where}, and no tool has that name: correct it, or take it out"
        for where, name in said
        if name not in known or (where.startswith("the rule") and ":" in name)
    ]
    return [*of_tools, *_unknown_arguments(charter, tools)]


def _unknown_arguments(charter: Charter, tools: Sequence[Tool]) -> Iterator[str]:
    said = [
        (f"[{'.'.join(map(key, map(str, at)))}] limits {name!r}", _arguments(tools, str(at[-1])), name)
        for at, each in _authorizations(charter)
        for name in (*each.arguments, *each.sum)
    ]
    said += [
        (f"the rule {rule.rule!r} is of the argument {rule.argument!r}", _arguments(tools, rule.tool), rule.argument)
        for rule in charter.escalate
        if rule.tool and rule.argument
    ]
    for where, arguments, name in said:
        if arguments is not None and not {name, name.partition(".")[0]} & {*arguments}:
            known = ", ".join(arguments) or "none"
            yield f"In the charter {where}, and there is no such argument (there are: {known}): correct it"


def _arguments(tools: Sequence[Tool], named: str) -> list[str] | None:
    """What the tools take that go by a name; None, where there is none, or that is not told."""
    own = [tool for tool in tools if named in (tool.name, f"plugin:{tool.plugin}", f"effect:{tool.effect}")]
    if not own or any("properties" not in tool.schema for tool in own):
        return None
    return list(dict.fromkeys(name for tool in own for name in tool.schema.get("properties", {})))


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Charter)


def _text(path: Path, holds: bool) -> str:
    def read() -> str:
        with path.open(encoding="utf-8") as stream:
            if holds:
                _check_whose(path, os.fstat(stream.fileno()))
            return stream.read()

    try:
        return bounded_now(read, seconds=PATIENCE)
    except Overdue:
        raise BadCharter(f"{path} could not be read within {PATIENCE:g} seconds: see that its disk answers.") from None
    except Raised as raised:
        match raised.fault:
            case OSError() as fault:
                raise BadCharter(
                    f"{path} cannot be read ({fault.strerror}): check its place and its permissions."
                ) from None
            case UnicodeDecodeError():
                raise BadCharter(f"{path} is not UTF-8 text: save it as UTF-8.") from None
            case fault:
                raise fault from None


def _check_whose(path: Path, found: os.stat_result) -> None:
    """Raises `BadCharter` where another user may have written it: a charter comes with a folder, which may be
    another's. What the environment names is the user's own word.
    """
    if not hasattr(os, "geteuid") or set_in_environment("agent", ("charter",)):
        return
    name_it = "or set CITEWELL_AGENT_CHARTER to it if it shall hold all the same"
    if found.st_uid not in (os.geteuid(), 0):
        raise BadCharter(f"{path} belongs to another user, who may let tools run by it: take a copy of it, {name_it}.")
    if found.st_mode & stat.S_IWOTH:
        raise BadCharter(f"{path} may be written by everybody, who may let tools run by it: chmod o-w it, {name_it}.")


def _shape(tables: dict[str, Any], wrong: Wrong) -> None:
    """What is written short is written out: a tool's rule as both of its rules, and its arguments by themselves."""
    _tools(tables.get("tools"), ("tools",), wrong)
    people = tables.get("principals")
    for name, person in people.items() if isinstance(people, dict) else ():
        if isinstance(person, dict):
            _tools(person.get("tools"), ("principals", name, "tools"), wrong)


def _tools(tools: object, at: Place, wrong: Wrong) -> None:
    if not isinstance(tools, dict):
        return
    for name, said in tools.items():
        if name.startswith("effect:") and name.removeprefix("effect:") not in get_args(Effect):
            wrong((*at, name), f"{name} is the effect of no tool: write one of {_EFFECTS}")
        if isinstance(said, str) and said in get_args(Rule):
            tools[name] = {"within": said, "otherwise": said}
        elif not isinstance(said, dict) or not said:
            wrong(
                (*at, name),
                f"{name} {f'is {said!r}' if said else 'says nothing'}: write one of {_RULES}, or a table of its limits",
            )
            tools[name] = {"within": "deny", "otherwise": "deny"}
        else:
            listed = said.setdefault("arguments", {})
            if not isinstance(listed, dict):
                wrong((*at, name, "arguments"), f"arguments of {name} is no table: write one limit for each")
                listed = said["arguments"] = {}
            for key in [key for key in said if key not in _OWN]:
                if key in listed:
                    wrong((*at, name, key), f"{key} of {name} is limited twice: write its limits in one place")
                listed[key] = said.pop(key)
            for key, limit in listed.items():
                if isinstance(limit, dict) and "among" in limit:
                    wrong((*at, name, key, "among"), f"among of {key} is not known here: write in")
                elif isinstance(limit, dict) and "in" in limit:
                    limit["among"] = limit.pop("in")


def _said(place: Place, error: Mapping[str, Any]) -> str:
    name = ".".join(map(str, (part for part in place if part != "arguments"))).replace("among", "in")
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{name} is not known here: remove it, or see the guide's charter.md for what can stand here"
    return f"{name} {value_mistake(error)}: correct it"


def _consistent(charter: Charter, wrong: Wrong) -> None:
    """What no type says: that names which are used are there, and that what is written can be read."""
    for at, said in _authorizations(charter):
        for name, limit in said.arguments.items():
            _of_limit((*at, name), name, limit, wrong)
        for problem in _without_effect(said, str(at[-1])):
            wrong(at, problem)
    seen: set[str] = set()
    for number, rule in enumerate(charter.escalate):
        at = ("escalate", number)
        if rule.rule in seen:
            wrong((*at, "rule"), f"two rules are called {rule.rule!r}: call one otherwise")
        seen.add(rule.rule)
        _of_rule(at, rule, charter, wrong)
    _one_each(charter, wrong)
    _readable(("approvals", "expires"), charter.approvals.expires, span, wrong)
    for name, way in charter.routes.items():
        at = ("routes", name)
        _readable((*at, "webhook"), way.webhook, _check_address, wrong)
        _readable((*at, "secret"), way.secret, _check_variable, wrong)
        for each in way.private:
            _readable((*at, "private"), each, _check_network, wrong)
        for each in way.mail:
            _readable((*at, "mail"), each, _check_mailbox, wrong)
        _readable(("routes", name, "hours"), way.hours, hours, wrong)
        _readable(("routes", name, "claim_within"), way.claim_within, span, wrong)
        if way.otherwise is not None and way.otherwise not in charter.routes:
            wrong(("routes", name, "otherwise"), f"there is no route {way.otherwise!r}: write [routes.{way.otherwise}]")
        if way.claim_within and not way.otherwise:
            wrong(
                ("routes", name, "claim_within"),
                f"[routes.{name}] says when it goes on, and not where: write otherwise",
            )


def _one_each(charter: Charter, wrong: Wrong) -> None:
    people: dict[str, str] = {}
    for name in charter.principals:
        if (other := people.setdefault(folded(name), name)) != name:
            wrong(("principals", name), f"{name!r} and {other!r} are one person's name: write what holds for them once")


def _authorizations(charter: Charter) -> Iterator[tuple[Place, Authorization]]:
    yield from ((("tools", name), said) for name, said in charter.tools.items())
    for person, own in charter.principals.items():
        yield from ((("principals", person, "tools", name), said) for name, said in own.tools.items())


def _without_effect(said: Authorization, name: str) -> Iterator[str]:
    """What is written and would do nothing, or the contrary of what it seems to."""
    is_limited = bool(said.arguments or said.sum or said.calls)
    within, otherwise = STRICTER.index(said.within), STRICTER.index(said.otherwise)
    if is_limited and within == otherwise:
        yield f'{name} is {said.within} within its limits and beyond them: write {name} = "{said.within}"'
    elif is_limited and otherwise < within:
        yield f"{name} is let do more beyond its limits than within them: turn within and otherwise round"
    if not is_limited and said.otherwise not in (said.within, Authorization().otherwise):
        yield f'{name} has no limits, so that otherwise never holds: write {name} = "{said.within}", or its limits'
    if said.approvers > 1 and "approve" not in (said.within, said.otherwise):
        yield f'{name} names approvers, and nobody is ever asked: write within or otherwise = "approve"'
    for what, ceiling in (*said.sum.items(), *((("calls", said.calls),) if said.calls else ())):
        if ceiling.run is None and ceiling.day is None:
            yield f"{what} of {name} is bounded by nothing: write run or day"


def _of_limit(at: Place, name: str, limit: Limit, wrong: Wrong) -> None:
    if limit == Limit():
        wrong(at, f"{name} has no limit: write min, max, in or matches")
    if any(isinstance(each, float) and not math.isfinite(each) for each in (limit.min, limit.max)):
        wrong(at, f"{name} is limited by what is no number: write one")
    if limit.min is not None and limit.max is not None and limit.min > limit.max:
        wrong((*at, "max"), f"the max of {name} is less than its min: correct one of them")
    _readable((*at, "matches"), limit.matches, pattern, wrong)


def _of_rule(at: Place, rule: Escalation, charter: Charter, wrong: Wrong) -> None:
    name, bars = f"the rule {rule.rule!r}", _BARS.get(rule.when, ())
    said = [each.name for each in fields(rule) if each.name not in _OF_ALL and getattr(rule, each.name) != each.default]
    if bars and not set(bars) & set(said):
        wrong(at, f"{name} says when = {rule.when!r} without a bar: write {' or '.join(bars)}")
    if rule.when == "argument" and not (rule.tool and rule.argument):
        wrong(at, f"{name} is about an argument and does not say which: write tool and argument")
    for idle in (each for each in said if each not in (*bars, *_MORE.get(rule.when, ()))):
        wrong((*at, idle), f"{name} says {idle}, which does nothing where when = {rule.when!r}: take it out")
    if "near" in said and not rule.like:
        wrong(
            (*at, "near"), f"{name} says how near a question is to examples, and has none: write like, or take it out"
        )
    if rule.below is not None and rule.when in _SHARES and not 0 < rule.below <= 1:
        wrong((*at, "below"), f"{name} is below {rule.below:g}, of what lies between 0 and 1: write such as 0.2")
    if any(each is not None and not math.isfinite(each) for each in (rule.above, rule.below)):
        wrong(at, f"{name} has a bar that is no number: write one")
    for each in ("words", "like"):
        if any(not any(sign.isalnum() for sign in word) for word in getattr(rule, each)):
            wrong((*at, each), f"{name} has a text without a letter or a figure in {each}: take it out")
    if rule.route is not None and rule.route not in charter.routes:
        wrong((*at, "route"), f"there is no route {rule.route!r}: write [routes.{rule.route}]")


def _readable(at: Place, written: str | None, read: Callable[[str], object], wrong: Wrong) -> None:
    if written is None:
        return
    try:
        read(written)
    except ValueError as fault:
        wrong(at, f"{at[-1]} {fault}" if read is not pattern else f"matches is no pattern ({fault}): correct it")


def _check_address(url: str) -> None:
    """Raises `ValueError` where a webhook's address cannot be one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0 or not url.isascii():
        raise ValueError("is to be an address such as https://example.org/hook")
    if "@" in parts.netloc or any(each.isspace() or not each.isprintable() for each in url):
        raise ValueError("is to hold no name, no password and no space")


def _check_variable(name: str) -> None:
    """Raises `ValueError`, without what may be the secret itself."""
    if re.fullmatch(r"[A-Z_][A-Z0-9_]*", name) is None:
        raise ValueError("is to be the name of a variable that holds the secret, such as HOOK_SECRET")


def _check_network(written: str) -> None:
    try:
        ip_network(written, strict=False)
    except ValueError:
        raise ValueError('is to list addresses and networks, as in ["10.1.2.3", "192.168.7.0/24"]') from None


def _check_mailbox(address: str) -> None:
    name, _, domain = address.rpartition("@")
    if not name or not domain or not address.isprintable() or set(address) & set(' ,;:<>"()[]\\'):
        raise ValueError("is to list addresses such as finance@example.org")


def _line(lines: Mapping[Place, int], place: Place) -> int | None:
    """The line of a value; else that of the table in which it would stand."""
    while place:
        for form in (place, tuple("in" if each == "among" else each for each in place if each != "arguments")):
            if form in lines:
                return lines[form]
        place = place[:-1]
    return None


def _lines(written: str) -> dict[Place, int]:
    """On which line each key of a TOML text begins."""
    found: dict[Place, int] = {}
    counted: dict[Place, int] = {}
    table: Place = ()
    held, since = "", 0
    for number, line in enumerate(written.splitlines(), start=1):
        held, since = (f"{held}\n{line}", since) if held else (line, number)
        try:
            said = tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue  # it goes on in the next line
        is_heading, is_one_of_many = held.lstrip().startswith("["), held.lstrip().startswith("[[")
        held = ""
        for place in _places(said, is_heading):
            if is_one_of_many:
                counted[place] = counted.get(place, -1) + 1
            if is_heading:
                table = tuple(step for end in range(1, len(place) + 1) for step in _steps(place[:end], counted))
                found.setdefault(table, since)
            else:
                found.setdefault((*table, *place), since)
    return found


def _steps(place: Place, counted: Mapping[Place, int]) -> Place:
    return (place[-1], counted[place]) if place in counted else (place[-1],)


def _places(said: object, is_heading: bool) -> Iterator[Place]:
    """The keys on the way to each value, and those of tables within."""
    if isinstance(said, list) and is_heading:
        said = said[0] if said else {}
    if not isinstance(said, Mapping) or not said:
        if is_heading:
            yield ()
        return
    for name, inner in said.items():
        if not is_heading:
            yield (name,)
        yield from ((name, *rest) for rest in _places(inner, is_heading))
