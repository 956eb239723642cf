"""What does a change to a charter allow that was not allowed before, and what else is another?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import gt, lt
from typing import Final

from agent.governance.charter import STRICTER, Authorization, Ceiling, Charter, Escalation, Way, always
from agent.governance.describing import SAID
from agent.governance.hours import span
from agent.governance.limits import Limit
from plugins.tool import Tool

_WAYS: Final[Mapping[str, str]] = {"secret": "webhook's secret", "otherwise": "next route"}


def more_allowed(old: Charter, new: Charter, tools: Sequence[Tool]) -> list[str]:
    """What the new one allows that the old one did not, a sentence each; swap them for what it no longer does."""
    return list(dict.fromkeys(filter(None, _more(old, new, tools))))


def _more(old: Charter, new: Charter, tools: Sequence[Tool]) -> Iterator[str]:
    yield from _tools(old, new, tools)
    yield from _budgets(old, new)
    yield from _approvals(old, new)
    for name in sorted(old.principals.keys() | new.principals.keys()):
        yield from _freer(name, old, new)
    yield from _trust(old, new)
    yield from _rules(old, new)
    for name in sorted(new.routes):
        yield from _leading(name, old.routes.get(name, Way()), new.routes[name])
    strict = (None, "probe", "passed")
    if strict.index(new.answers.require) < strict.index(old.answers.require):
        yield f"An index may answer with a lesser verdict than {old.answers.require}."


def _tools(old: Charter, new: Charter, tools: Sequence[Tool]) -> Iterator[str]:
    for tool in tools:
        yield from _looser(tool.name, old.of(tool), new.of(tool))
    nothing = always("deny")  # a tool that is not installed
    for name in sorted((old.tools.keys() | new.tools.keys()) - {tool.name for tool in tools}):
        _, is_group, of = name.partition(":")
        if is_group and any(of in (tool.plugin, tool.effect) for tool in tools):
            continue  # it was said of each of them
        unsaid = nothing if not is_group else always("allow" if name == "effect:read" else "approve")
        yield from _looser(name, old.tools.get(name, unsaid), new.tools.get(name, unsaid))


def _budgets(old: Charter, new: Charter) -> Iterator[str]:
    for what in ("steps", "tokens", "cost", "seconds"):
        yield _raised(f"A run may take {what}", getattr(old.budget, what), getattr(new.budget, what))
    for whose, name in (("All runs of a day", "day"), ("The runs of one principal in a day", "user")):
        for what in ("cost", "runs"):
            before, now = (getattr(getattr(each.budget, name), what) for each in (old, new))
            yield _raised(f"{whose} may take {what}", before, now)


def _approvals(old: Charter, new: Charter) -> Iterator[str]:
    if new.approvals.own and not old.approvals.own:
        yield "Who asked may approve it."
    if span(new.approvals.expires) > span(old.approvals.expires):
        yield f"A call may be approved for {new.approvals.expires} ({old.approvals.expires} before)."
    for what, said in (("run", "one run"), ("hour", "one principal in an hour")):
        before, now = (getattr(each.approvals, what) for each in (old, new))
        yield _raised(f"Approvals that {said} may ask for", before, now)


def _trust(old: Charter, new: Charter) -> Iterator[str]:
    for name, trust in new.trust.items():
        if trust == "high" and old.trust.get(name) != "high":
            yield f"What stands in {name} is trusted, unless it came from outside."
    for name, trust in old.trust.items():
        if trust == "low" and name not in new.trust:
            yield f"What stands in {name} is no longer of low trust."


def _rules(old: Charter, new: Charter) -> Iterator[str]:
    now = {each.rule: each for each in new.escalate}
    for rule in old.escalate:
        if rule.rule not in now:
            yield f"The rule {rule.rule} no longer hands over to a person."
        elif rule.when == now[rule.rule].when:
            yield from _rarer(rule, now[rule.rule])
    were = [each.rule for each in old.escalate if each.rule in now]
    if were != [each for each in now if each in were]:
        yield "The rules are in another order: of several that hold the first one routes."


def _rarer(old: Escalation, new: Escalation) -> Iterator[str]:
    """In which cases a rule holds no longer."""
    name = f"The rule {old.rule}"
    for bar, is_rarer in (("above", gt), ("below", lt), ("near", gt)):
        before, now = getattr(old, bar), getattr(new, bar)
        if before is not None and (now is None or is_rarer(now, before)):
            yield f"{name} holds {_bar(bar, now)} ({_bar(bar, before)} before)."
    for list_, said in (("words", "looks for the words"), ("like", "looks for questions like")):
        if gone := [each for each in getattr(old, list_) if each not in getattr(new, list_)]:
            yield f"{name} no longer {said}: {', '.join(gone)}."
    if new.kinds and (not old.kinds or set(old.kinds) - set(new.kinds)):
        yield f"{name} holds for {', '.join(new.kinds)} alone ({', '.join(old.kinds) or 'any kind'} before)."
    if new.tool is not None and new.tool != old.tool:
        yield f"{name} is of {new.tool} alone ({old.tool or 'any tool'} before)."


def _bar(bar: str, value: float | None) -> str:
    if bar == "near":
        return f"from a nearness of {value:g} on"
    return f"whatever lies {bar}" if value is None else f"{bar} {value:g}"


def changed(old: Charter, new: Charter) -> list[str]:
    """What is another by the new one, and allows neither more nor less, a sentence each."""
    return list(dict.fromkeys(_changed(old, new)))


def _changed(old: Charter, new: Charter) -> Iterator[str]:
    for what in ("name", "contact", "review"):
        before, now = (getattr(each.owner, what) if each.owner else None for each in (old, new))
        yield from _another(f"The owner's {what}", before, now)
    rules = {each.rule: each for each in old.escalate}
    for rule in new.escalate:
        for what in ("when", "argument", "route") if rule.rule in rules else ():
            yield from _another(
                f"The {what} of the rule {rule.rule}", getattr(rules[rule.rule], what), getattr(rule, what)
            )
    for name in sorted(old.routes.keys() | new.routes.keys()):
        if name not in old.routes or name not in new.routes:
            yield f"There is {'no' if name in old.routes else 'a'} route {name} by now."
        before, now = old.routes.get(name, Way()), new.routes.get(name, Way())
        for what in ("queue", "secret", "link", "hours", "otherwise"):
            yield from _another(
                f"The {_WAYS.get(what, what)} of the route {name}", getattr(before, what), getattr(now, what)
            )


def _another(what: str, old: object, new: object) -> Iterator[str]:
    if old != new:
        yield f"{what} is {'none' if new is None else new} ({'none' if old is None else old} before)."


def _leading(name: str, old: Way, new: Way) -> Iterator[str]:
    if new.webhook and new.webhook != old.webhook:
        yield f"Cases of the route {name} are told to {new.webhook} ({old.webhook or 'no webhook'} before)."
    if more := [each for each in new.mail if each not in old.mail]:
        yield f"Cases of the route {name} are mailed to {', '.join(more)}."
    if more := [each for each in new.private if each not in old.private]:
        yield f"The webhook of the route {name} may lead to {', '.join(more)}."
    if new.contents and not old.contents:
        yield f"All of a case leaves by the route {name}."
    if old.claim_within and (not new.claim_within or span(new.claim_within) > span(old.claim_within)):
        long = new.claim_within or "ever"
        yield f"A case of the route {name} may lie unclaimed for {long} ({old.claim_within} before)."


def _looser(name: str, old: Authorization, new: Authorization) -> Iterator[str]:
    if old == new or new.within == new.otherwise == "deny":
        return
    for where, before, now in (
        ("within its limits", old.within, new.within),
        ("beyond them", old.otherwise, new.otherwise),
    ):
        if STRICTER.index(now) < STRICTER.index(before):
            plain = not (old.arguments or new.arguments or old.sum or new.sum or old.calls or new.calls)
            yield f"{name} {SAID[now]}{'' if plain else f' {where}'} ({SAID[before]} before)."
    yield from _given(f"The model is given of what {name} gives back", old.redact, new.redact)
    if new.approvers < old.approvers:
        yield f"{name} needs the word of {new.approvers} instead of {old.approvers} people."
    if new.within == "deny" or STRICTER.index(new.within) >= STRICTER.index(new.otherwise):
        return  # within its limits is no more than beyond them
    for argument, limit in old.arguments.items():
        if argument not in new.arguments:
            yield f"{name}: {argument} may be anything (it had to be {limit})."
        elif wider := _wider(limit, new.arguments[argument]):
            yield f"{name}: {argument} {wider}."
    for argument, ceiling in old.sum.items():
        yield from _higher(f"{name}: {argument} may come together to", ceiling, new.sum.get(argument))
    if old.calls:
        yield from _higher(f"{name}: calls may come to", old.calls, new.calls)


def _wider(old: Limit, new: Limit) -> str:
    said = []
    if old.min is not None and (new.min is None or new.min < old.min):
        said.append(f"may be as low as {new.min:g}" if new.min is not None else "may be as low as one likes")
    if old.max is not None and (new.max is None or new.max > old.max):
        said.append(f"may be as high as {new.max:g}" if new.max is not None else "may be as high as one likes")
    if old.among is not None and new.among is None:
        said.append("may be anything")
    known = [(type(each) is bool, each) for each in old.among or ()]  # true is not 1, though Python takes it for that
    if old.among is not None and (more := [x for x in new.among or () if (type(x) is bool, x) not in known]):
        said.append(f"may be {', '.join(map(str, more))}")
    if old.matches is not None and new.matches != old.matches:
        said.append(f"may be of the form {new.matches}" if new.matches else "may be of any form")
    return " and ".join(said)


def _higher(said: str, old: Ceiling, new: Ceiling | None) -> Iterator[str]:
    for unit in ("run", "day"):
        raised = _raised(said, getattr(old, unit), getattr(new, unit) if new else None)
        yield raised and f"{raised[:-1]} in one {unit}."


def _raised(said: str, old: float | None, new: float | None) -> str:
    if old is None or (new is not None and new <= old):
        return ""
    return f"{said}: {f'{new:g}' if new is not None else 'any number'} ({old:g} before)."


def _freer(name: str, old: Charter, new: Charter) -> Iterator[str]:
    before, now = old.person(name), new.person(name)  # of whom nothing is said, that of everybody else holds
    if before is None:
        return
    for which, said in before.tools.items():
        own = now.tools.get(which) if now else None
        yield from (f"For {name}, {each}" for each in _looser(which, said, own or always("allow")))
    yield from _given(f"For {name} the model is given", before.redact, now.redact if now else ())
    if before.labels is not None:
        labels = now.labels if now else None
        if labels is None or set(labels) - set(before.labels):
            seen = "all labels" if labels is None else ", ".join(labels)
            yield f"{name} may see {seen} ({', '.join(before.labels)} before)."


def _given(said: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if more := [kind for kind in old if kind not in new]:
        yield f"{said} personal data: {', '.join(more)}."
