"""How does a charter read for who signs it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from agent.governance.charter import Authorization, Budget, Ceiling, Charter, Rule, Way
from agent.settings import WEBHOOK_SECRET
from plugins.tool import Tool

SAID: Final[Mapping[Rule, str]] = {"allow": "runs alone", "approve": "a person is asked", "deny": "never runs"}

_ANSWERS: Final[Mapping[str | None, str]] = {
    None: "",
    "passed": "Only an index that has passed on gold queries (the verdict passed).",
    "probe": "Only an index that was tested: on gold queries (passed), or at least by probes of its own (probe).",
}


def page(charter: Charter, tools: Sequence[Tool]) -> list[tuple[str, list[str]]]:
    """What it says, in sections of sentences, each installed tool by itself."""
    owner = charter.owner
    review = f", to be looked at again by {owner.review}" if owner and owner.review else ""
    contact = f" ({owner.contact})" if owner and owner.contact else ""
    sections = [
        ("Owner", [f"{owner.name}{contact}{review}." if owner else "Nobody is named: write [owner]."]),
        ("Tools", [f"{tool.name} ({tool.effect}, {tool.plugin}): {authorized(charter.of(tool))}." for tool in tools]),
        ("Budgets", [*_budget(charter.budget)]),
        ("Approvals", [_approvals(charter)]),
        ("Who may less", [*_people(charter)]),
        ("Trust", [f"{name}: {trust}." for name, trust in charter.trust.items()]),
        ("A person goes on", [*_rules(charter)]),
        ("Routes", [f"{name}: {_way(way)}." for name, way in charter.routes.items()]),
        ("Answers", [_ANSWERS[charter.answers.require]]),
    ]
    return [(head, told) for head, lines in sections if (told := list(filter(None, lines)))]


def authorized(said: Authorization) -> str:
    """What holds for the calls of a tool."""
    limits = [f"{name} is {limit}" for name, limit in said.arguments.items()]
    limits += [f"{name} comes to at most {_ceiling(ceiling)}" for name, ceiling in said.sum.items()]
    limits += [f"its calls come to at most {_ceiling(said.calls)}"] if said.calls else []
    people = f", {said.approvers} people have to agree" if said.approvers > 1 else ""
    people += f", and the model is not given {', '.join(said.redact)} of its results" if said.redact else ""
    if not limits:
        return f"{SAID[said.within]}{people}"
    return f"{SAID[said.within]} where {' and '.join(limits)}; else {SAID[said.otherwise]}{people}"


def _budget(budget: Budget) -> Iterator[str]:
    run = [
        f"{getattr(budget, what):g} {what}"
        for what in ("steps", "tokens", "cost", "seconds")
        if getattr(budget, what) is not None
    ]
    if run:
        yield f"One run takes at most {', '.join(run)}."
    for whose, of in (("All runs of a day take", budget.day), ("The runs of one principal take in a day", budget.user)):
        most = [f"{getattr(of, what):g} {what}" for what in ("cost", "runs") if getattr(of, what) is not None]
        if most:
            yield f"{whose} at most {', '.join(most)}."


def _approvals(charter: Charter) -> str:
    said = charter.approvals
    who = "Who asked may approve" if said.own else "Another than who asked approves"
    return f"{who}, within {said.expires}; at most {said.run} in one run and {said.hour} of one principal in an hour."


def _people(charter: Charter) -> Iterator[str]:
    for name, person in charter.principals.items():
        said = [f"{tool} {authorized(own)}" for tool, own in person.tools.items()]
        said += [f"sees only {', '.join(person.labels) or 'what has no label'}"] if person.labels is not None else []
        said += [f"the model is not given {', '.join(person.redact)}"] if person.redact else []
        yield f"{name}: {'; '.join(said) or 'nothing beside the rest'}."


def _rules(charter: Charter) -> Iterator[str]:
    for each in charter.escalate:
        bars = [f"{name} {value:g}" for name in ("above", "below") if (value := getattr(each, name)) is not None]
        bars += [f"words: {', '.join(each.words)}"] if each.words else []
        bars += [f"kinds: {', '.join(each.kinds)}"] if each.kinds else []
        bars += [f"like, from a nearness of {each.near:g} on: {' / '.join(each.like)}"] if each.like else []
        of = f" of {each.tool}.{each.argument}" if each.argument else f" of {each.tool}" if each.tool else ""
        route = f", by {each.route}" if each.route else ""
        told = "; ".join(bars)
        yield f"{each.rule}: {each.when.replace('_', ' ')}{of}{f' ({told})' if told else ''}{route}."


def _way(way: Way) -> str:
    said = [f"queue {way.queue}"] if way.queue else []
    said += [f"webhook {way.webhook}, signed with the secret in {way.secret or WEBHOOK_SECRET}"] if way.webhook else []
    said += [f"which may lead to {', '.join(way.private)}"] if way.private else []
    said += [f"mail to {', '.join(way.mail)}"] if way.mail else []
    said += [f"with a link such as {way.link}"] if way.link else []
    said += ["all of the case leaves by them"] if way.contents else []
    said += [f"somebody is there {way.hours}"] if way.hours else []
    said += [f"goes on to {way.otherwise} when nobody claims it within {way.claim_within}"] if way.claim_within else []
    return "; ".join(said) or "the queue of that name"


def _ceiling(ceiling: Ceiling) -> str:
    spans = ((ceiling.run, "in a run"), (ceiling.day, "in a day"))
    return " and ".join(f"{most:g} {unit}" for most, unit in spans if most is not None)
