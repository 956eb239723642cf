"""May a call run, by every charter that holds for it: alone, with a person's word, or not at all?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from agent.governance.charter import STRICTER, Authorization, Charter, Rule, folded, key, naming
from agent.governance.limits import broken, lookup
from agent.journal.tallies import Claim, Span
from plugins.tool import Tool
from retrieval.model import Scope

_LARGEST: Final = 1e15  # of an amount: beyond it a sum would lose what is small
_SPANS: Final[tuple[Span, ...]] = ("run", "day")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the charters say of a call, and why it may not run alone, where it may not.

    `claims` are what it takes of what is bounded when it runs, and `lifted` what it takes with a person's word: that
    lifts a bound beyond which a person is asked, and none beyond which a call is denied. `remedy` says what would let
    it run alone; empty, where nothing in the charter would.
    """

    rule: Rule
    reasons: tuple[str, ...] = ()
    approvers: int = 1
    claims: tuple[Claim, ...] = ()
    lifted: tuple[Claim, ...] = ()
    remedy: str = ""


def judge(
    charters: Iterable[Charter],
    tool: Tool,
    arguments: Mapping[str, Any],
    principal: str | None,
    taken: Callable[[Claim], float] = lambda _: 0.0,
) -> Judgement:
    """The strictest that any of the charters says of a call with its final arguments.

    `taken` says how much of what a claim is about was had before, in its run or on its day.
    """
    by_charter = [
        [_judged(each, tool, arguments, taken) for each in _for(charter, tool, principal)] for charter in charters
    ]
    found = list(chain.from_iterable(by_charter))
    rule = strictest(each.rule for each in found)
    return Judgement(
        rule,
        tuple(dict.fromkeys(reason for each in found if each.rule == rule for reason in each.reasons)),
        max(each.approvers for each in found),
        tuple(dict.fromkeys(claim for each in found for claim in each.claims)),
        tuple(dict.fromkeys(claim for each in found for claim in each.lifted)),
        _remedied(by_charter, rule),
    )


def _remedied(by_charter: Sequence[Sequence[Judgement]], rule: Rule) -> str:
    """What would have to change in the charter of now, which is the first: that by which a run began stays as it is."""
    now = [each.remedy for each in by_charter[0] if each.rule == rule] if by_charter else []
    if now or rule == "allow":
        return ", and ".join(dict.fromkeys(now))
    return (
        "ask again, since it is denied or asked about by the charter with which this run began, and not by that of now"
    )


def needs_arguments(charters: Iterable[Charter], tool: Tool, principal: str | None) -> bool:
    """Whether it depends on a call's arguments what is said of it."""
    return any(
        any(_is_limited(each.said) for each in _for(charter, tool, principal))
        or any(rule.when == "argument" and rule.tool == tool.name for rule in charter.escalate)
        for charter in charters
    )


def among(charters: Iterable[Charter], tool: Tool, principal: str | None) -> dict[str, tuple[Any, ...]]:
    """The values that arguments of a tool may have, where charters list them."""
    return {
        name: limit.among
        for charter in charters
        for each in _for(charter, tool, principal)
        for name, limit in each.said.arguments.items()
        if limit.among is not None
    }


def is_barred(charters: Iterable[Charter], tool: Tool, principal: str | None) -> bool:
    """Whether no call of the tool could ever run, so that no model is told of it."""
    return any(
        each.said.within == "deny" and (each.said.otherwise == "deny" or not _is_limited(each.said))
        for charter in charters
        for each in _for(charter, tool, principal)
    )


def strictest(rules: Iterable[Rule]) -> Rule:
    """Of several what allows least."""
    return max(rules, key=STRICTER.index)


def seen(charters: Iterable[Charter], principal: str | None, scope: Scope) -> Scope:
    """The part of a scope that one who asks may see, by every charter that holds."""
    for charter in charters:
        person = charter.person(principal)
        if person is not None and person.labels is not None:
            scope = scope.narrowed(within=frozenset(person.labels))
    return scope


@dataclass(frozen=True, slots=True)
class _Said:
    """What a charter says of a tool, in which `table` and by what `name` there, if it does; `whose` calls it counts."""

    said: Authorization
    table: str
    name: str | None
    whose: str = ""


def _for(charter: Charter, tool: Tool, principal: str | None) -> Iterator[_Said]:
    """What a charter says of a tool, and beside it what it says of it for one who asks."""
    yield _Said(charter.of(tool), "tools", naming(charter.tools, tool))
    section, person = charter.section(principal)
    name = naming(person.tools, tool) if person else None
    if person is not None and name is not None:
        whose = f" of {folded(principal or 'nobody named')}"
        yield _Said(person.tools[name], f"principals.{key(section)}.tools", name, whose)


def _judged(each: _Said, tool: Tool, arguments: Mapping[str, Any], taken: Callable[[Claim], float]) -> Judgement:
    said = each.said
    claims: list[Claim] = []
    unsaid: list[str] = []
    for what, ceiling in said.sum.items():
        is_there, value = lookup(arguments, what)
        amounts = value if isinstance(value, list) else [value]
        if not is_there or not all(type(one) in (int, float) and 0 <= one <= _LARGEST for one in amounts):
            unsaid.append(f"{what} is to be summed, and is no amount")
            continue
        claims += _claims(f"tool {tool.name}.{what}{each.whose}", ceiling.run, ceiling.day, float(sum(amounts)))
    if said.calls is not None:
        claims += _claims(f"tool {tool.name}{each.whose}", said.calls.run, said.calls.day, 1.0)
    beyond = (_beyond(claim, taken(claim)) for claim in claims)
    outside = (*broken(said.arguments, arguments), *unsaid, *filter(None, beyond))
    rule = said.otherwise if outside else said.within
    lifted = claims if said.otherwise == "deny" else [replace(claim, most=None) for claim in claims]
    reasons = outside or (_plainly(rule, tool),)
    remedy = _remedy(each, tool, is_outside=bool(outside)) if rule != "allow" else ""
    return Judgement(rule, reasons, said.approvers, tuple(claims), tuple(lifted), remedy)


def _remedy(each: _Said, tool: Tool, *, is_outside: bool) -> str:
    """What to write so that a call runs alone, which drops no limit of the tool."""
    own = f"[{each.table}.{key(each.name)}]" if each.name is not None else ""
    if is_outside:
        return f"change that limit in {own} of charter.toml"
    if _is_limited(each.said):
        return f'write within = "allow" in {own} of charter.toml'
    instead = f", in the place of what it says of {tool.name}" if each.name == tool.name else ""
    return f'write in charter.toml, in its table [{each.table}]{instead}\n{key(tool.name)} = "allow"'


def _claims(what: str, run: float | None, day: float | None, amount: float) -> list[Claim]:
    spans = zip(_SPANS, (run, day), strict=True)
    return [Claim(what, span, amount, most) for span, most in spans if most is not None]


def _beyond(claim: Claim, before: float) -> str | None:
    """Why a claim is not to be had."""
    if claim.most is None or before + claim.amount <= claim.most + 1e-9 * claim.most:
        return None
    already = f" with the {before:g} of this {claim.span}" if before else ""
    return (
        f"{claim.what} would come to {before + claim.amount:g}{already}, more than the {claim.most:g} of a {claim.span}"
    )


def _plainly(rule: Rule, tool: Tool) -> str:
    said = {"allow": "it may run alone", "approve": "a person is asked each time", "deny": "it is denied"}
    return f"{said[rule]} (its effect is {tool.effect})"


def _is_limited(said: Authorization) -> bool:
    return bool(said.arguments or said.sum or said.calls)


def refusal(tool: Tool, principal: str | None, judged: Judgement) -> str:
    """Why a tool that is denied was not run, and what would let it."""
    who = f" to {principal}" if principal else ""
    why = f": {'; '.join(judged.reasons)}" if "it is denied" not in judged.reasons[0] else ""
    return f"{tool.name} was not run: the charter denies it{who}{why}. To allow it, {judged.remedy}"


def waits(tool: Tool, run: str, judged: Judgement) -> str:
    """Why a run waits, what a person types who may let the tool run, and what would let it run alone."""
    alone = (
        f"To allow it without asking, {judged.remedy}"
        if judged.remedy
        else "No line of the charter allows that without asking: what was read may have led to it."
    )
    return (
        f"{tool.name} needs a person's approval ({'; '.join(judged.reasons)}), and there is nobody to ask here. "
        f"Type: citewell runs approve {run} or citewell runs deny {run}. {alone}"
    )
