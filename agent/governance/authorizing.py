"""May a call run, by every charter that holds for it: alone, with a person's word, or not at all?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.governance.charter import STRICTER, Authorization, Charter, Rule, folded, named
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
    lifts a bound beyond which a person is asked, and none beyond which a call is denied.
    """

    rule: Rule
    reasons: tuple[str, ...] = ()
    approvers: int = 1
    claims: tuple[Claim, ...] = ()
    lifted: tuple[Claim, ...] = ()


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
    found = [
        _judged(each, whose, tool, arguments, taken)
        for charter in charters
        for each, whose in _for(charter, tool, principal)
    ]
    rule = strictest(each.rule for each in found)
    return Judgement(
        rule,
        tuple(dict.fromkeys(reason for each in found if each.rule == rule for reason in each.reasons)),
        max(each.approvers for each in found),
        tuple(dict.fromkeys(claim for each in found for claim in each.claims)),
        tuple(dict.fromkeys(claim for each in found for claim in each.lifted)),
    )


def needs_arguments(charters: Iterable[Charter], tool: Tool, principal: str | None) -> bool:
    """Whether it depends on a call's arguments what is said of it."""
    return any(
        any(_is_limited(each) for each, _ in _for(charter, tool, principal))
        or any(rule.when == "argument" and rule.tool == tool.name for rule in charter.escalate)
        for charter in charters
    )


def among(charters: Iterable[Charter], tool: Tool, principal: str | None) -> dict[str, tuple[Any, ...]]:
    """The values that arguments of a tool may have, where charters list them."""
    return {
        name: limit.among
        for charter in charters
        for each, _ in _for(charter, tool, principal)
        for name, limit in each.arguments.items()
        if limit.among is not None
    }


def is_barred(charters: Iterable[Charter], tool: Tool, principal: str | None) -> bool:
    """Whether no call of the tool could ever run, so that no model is told of it."""
    return any(
        each.within == each.otherwise == "deny" or (each.within == "deny" and not _is_limited(each))
        for charter in charters
        for each, _ in _for(charter, tool, principal)
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


def _for(charter: Charter, tool: Tool, principal: str | None) -> Iterator[tuple[Authorization, str]]:
    """What a charter says of a tool, and beside it what it says of it for one who asks; and by whom it is counted."""
    yield charter.of(tool), ""
    person = charter.person(principal)
    own = named(person.tools, tool) if person else None
    if own is not None:
        yield own, f" of {folded(principal or 'nobody named')}"


def _judged(
    said: Authorization, whose: str, tool: Tool, arguments: Mapping[str, Any], taken: Callable[[Claim], float]
) -> Judgement:
    claims: list[Claim] = []
    unsaid: list[str] = []
    for what, ceiling in said.sum.items():
        is_there, value = lookup(arguments, what)
        amounts = value if isinstance(value, list) else [value]
        if not is_there or not all(type(each) in (int, float) and 0 <= each <= _LARGEST for each in amounts):
            unsaid.append(f"{what} is to be summed, and is no amount")
            continue
        claims += _claims(f"tool {tool.name}.{what}{whose}", ceiling.run, ceiling.day, float(sum(amounts)))
    if said.calls is not None:
        claims += _claims(f"tool {tool.name}{whose}", said.calls.run, said.calls.day, 1.0)
    beyond = (_beyond(claim, taken(claim)) for claim in claims)
    outside = (*broken(said.arguments, arguments), *unsaid, *filter(None, beyond))
    rule = said.otherwise if outside else said.within
    lifted = claims if said.otherwise == "deny" else [replace(claim, most=None) for claim in claims]
    return Judgement(rule, outside or (_plainly(rule, tool),), said.approvers, tuple(claims), tuple(lifted))


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


def refusal(tool: Tool, principal: str | None, reasons: Sequence[str]) -> str:
    """Why a tool that is denied was not run, and the line that would let it."""
    who = f" to {principal}" if principal else ""
    why = f": {'; '.join(reasons)}" if reasons and "it is denied" not in reasons[0] else ""
    line = f'[tools]\n{tool.name} = "allow"'
    return f"{tool.name} was not run: the charter denies it{who}{why}. To allow it, change charter.toml to say\n{line}"


def waits(tool: Tool, run: str, reasons: Sequence[str]) -> str:
    """Why a run waits, and what a person types who may let the tool run."""
    return (
        f"{tool.name} needs a person's approval ({'; '.join(reasons)}), and there is nobody to ask here. "
        f"Type: citewell runs approve {run} or citewell runs deny {run}. To allow it without asking, write in "
        f'charter.toml\n[tools]\n{tool.name} = "allow"'
    )
