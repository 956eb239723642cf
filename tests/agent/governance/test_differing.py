"""What a change allows is said in sentences, each of them once; what allows no more is not said."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date

import pytest

from agent.governance.charter import (
    NO_CHARTER,
    Answers,
    Approvals,
    Authorization,
    Budget,
    Ceiling,
    Charter,
    DayBudget,
    Escalation,
    Owner,
    Person,
    Way,
    always,
)
from agent.governance.describing import page
from agent.governance.differing import changed, more_allowed
from agent.governance.limits import Limit
from plugins.contract import tool_from
from tests.agent.charters import written


def refund(amount: float) -> str:
    """Give money back. Use when asked."""
    return str(amount)


refund.effect = "write"
TOOLS = [tool_from(refund, plugin="desk")]
LIMITED = "[tools.refund]\namount = { min = 0, max = 100 }\nsum = { amount = { day = 500 } }\ncalls = { day = 5 }\n"
MORE = LIMITED.replace("= 500", "= 501")
PASSED = '[answers]\nrequire = "passed"'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('[tools]\nrefund = "deny"', '[tools]\nrefund = "approve"', ["refund a person is asked (never runs before)."]),
        ('[tools]\nrefund = "approve"', '[tools]\nrefund = "allow"', ["refund runs alone (a person is asked before)."]),
        (LIMITED, LIMITED.replace("max = 100", "max = 101"), ["refund: amount may be as high as 101."]),
        (LIMITED, LIMITED.replace("min = 0, ", ""), ["refund: amount may be as low as one likes."]),
        (LIMITED, MORE, ["refund: amount may come together to: 501 (500 before) in one day."]),
        (LIMITED, LIMITED.replace("calls = {", "#"), ["refund: calls may come to: any number (5 before) in one day."]),
        ("[budget]\ncost = 1.0", "[budget]\ncost = 2.0", ["A run may take cost: 2 (1 before)."]),
        ("", "[approvals]\nown = true", ["Who asked may approve it."]),
        ("", '[approvals]\nexpires = "2d"', ["A call may be approved for 2d (24h before)."]),
        ('[trust]\n"a/**" = "low"', "", ["What stands in a/** is no longer of low trust."]),
        ('[[escalate]]\nrule = "r"\nwhen = "conflict"', "", ["The rule r no longer hands over to a person."]),
        (PASSED, PASSED.replace("passed", "probe"), ["An index may answer with a lesser verdict than passed."]),
        ('[principals.ada]\nlabels = ["a"]', "", ["ada may see all labels (a before)."]),
    ],
)  # fmt: skip
def test_what_a_change_allows_is_said_and_the_way_back_allows_nothing(old, new, said):
    assert more_allowed(written(old), written(new), TOOLS) == said
    assert more_allowed(written(new), written(old), TOOLS) == []
    assert more_allowed(written(old), written(old), TOOLS) == []


HOOK = '[routes.r]\nwebhook = "https://a.example/"\nclaim_within = "1h"\notherwise = "s"\n[routes.s]\nqueue = "q"\n'
STAR = '[principals."*"]\nlabels = ["public"]\nredact = ["email"]\n'
RULES = [f'[[escalate]]\nrule = "{each}"\nwhen = "asked_for_person"\n' for each in "ab"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (HOOK, HOOK.replace("a.example", "b.example"), ["told to https://b.example/"]),
        ("", '[routes.r]\nmail = ["a@b.example"]\n', ["mailed to a@b.example"]),
        (HOOK, HOOK.replace("claim", "contents = true\nclaim"), ["All of a case leaves by the route r"]),
        (HOOK, HOOK.replace("claim", 'private = ["10.0.0.0/8"]\nclaim'), ["may lead to 10.0.0.0/8"]),
        (HOOK, HOOK.replace("1h", "2h"), ["unclaimed for 2h (1h before)"]),
        (HOOK, HOOK.replace('claim_within = "1h"\notherwise = "s"\n', ""), ["unclaimed for ever (1h before)"]),
        ("".join(RULES), "".join(RULES[::-1]), ["in another order"]),
        (STAR, STAR + "[principals.bob]\n", ["For bob the model is given personal data: email", "bob may see all"]),
        (
            '[principals.bob]\nlabels = ["a"]\n[principals."*"]\nlabels = ["b"]\n',
            '[principals."*"]\nlabels = ["b"]\n',
            ["bob may see b (a before)"],
        ),
        (
            "[tools.refund]\namount = { in = [0] }\n",
            "[tools.refund]\namount = { in = [0, false] }\n",
            ["amount may be False"],
        ),
    ],
)
def test_where_cases_go_and_what_holds_for_everybody_else_is_compared_too(old, new, said):
    found = more_allowed(written(old), written(new), TOOLS)
    assert len(found) == len(said)
    assert all(part in each for part, each in zip(said, found, strict=True)), found
    assert more_allowed(written(new), written(new), TOOLS) == []


def test_the_page_tells_of_each_tool_that_is_installed():
    told = dict(page(written(LIMITED), TOOLS))
    [said] = told["Tools"]
    assert said.startswith(
        "refund (write, desk): runs alone where amount is at least 0 and at most 100 and amount comes"
    )
    assert dict(page(NO_CHARTER, TOOLS))["Tools"] == ["refund (write, desk): a person is asked."]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"above": 5}, {"above": 6}, "holds above 6 (above 5 before)"),
        ({"above": 5}, {"below": 1, "above": None}, "holds whatever lies above (above 5 before)"),
        ({"below": 0.3}, {"below": 0.2}, "holds below 0.2 (below 0.3 before)"),
        ({"near": 0.7}, {"near": 0.8}, "holds from a nearness of 0.8 on (from a nearness of 0.7 on before)"),
        ({"words": ("sue", "court")}, {"words": ("sue",)}, "no longer looks for the words: court"),
        ({"like": ("We sue.",)}, {"like": ()}, "no longer looks for questions like: We sue."),
        ({"kinds": ()}, {"kinds": ("email",)}, "holds for email alone (any kind before)"),
        ({"tool": None}, {"tool": "refund"}, "is of refund alone (any tool before)"),
    ],
)
def test_in_which_cases_a_rule_holds_no_longer_is_said(old, new, said):
    rule = Escalation(rule="r", when="topic")
    old, new = (Charter(escalate=(replace(rule, **each),)) for each in (old, new))
    assert f"The rule r {said}." in more_allowed(old, new, TOOLS)
    assert f"The rule r {said}." not in more_allowed(new, old, TOOLS)


def test_the_page_says_what_is_signed_in_words_that_are_right():
    said = page(
        written(
            'answers.require = "probe"\n[tools.refund]\ncalls = { run = 3, day = 6 }\n'
            '[[escalate]]\nrule = "legal"\nwhen = "topic"\nwords = ["my lawyer"]\nlike = ["We will sue."]\nnear = 0.7\n'
            '[routes.r]\nwebhook = "https://a.example/"\nsecret = "R_SECRET"\n[routes.s]\nwebhook = "https://b.example/"\n'
        ),
        TOOLS,
    )
    lines = [line for _, lines in said for line in lines]
    for part in (
        "tested: on gold queries (passed), or at least by probes of its own (probe)",
        "its calls come to at most 3 in a run and 6 in a day",
        "legal: topic (words: my lawyer; like, from a nearness of 0.7 on: We will sue.)",
        "webhook https://a.example/, signed with the secret in R_SECRET",
        "webhook https://b.example/, signed with the secret in CITEWELL_WEBHOOK_SECRET",
    ):
        assert any(part in line for line in lines), part


def test_what_the_model_is_given_of_personal_data_from_now_on_is_told():
    old = written('[tools.find]\nwithin = "allow"\nredact = ["email", "card"]\n[principals.eve]\nredact = ["iban"]\n')
    new = written('[tools.find]\nwithin = "allow"\nredact = ["card"]\n')

    assert more_allowed(old, new, ()) == [
        "The model is given of what find gives back personal data: email.",
        "For eve the model is given personal data: iban.",
    ]
    assert more_allowed(new, old, ()) == []


BOBS = Authorization(within="approve", otherwise="approve", approvers=2, redact=("email",))
BASE = Charter(
    owner=Owner(name="Ada", contact="ada@example.org", review=date(2027, 6, 30)),
    tools={
        "refund": Authorization(
            arguments={"amount": Limit(min=0, max=100), "currency": Limit(among=("EUR",)), "to": Limit(matches="A.*")},
            sum={"amount": Ceiling(run=100, day=500)},
            calls=Ceiling(run=3, day=20),
            approvers=2,
            redact=("email",),
        ),
        "effect:external": always("allow"),
    },
    budget=Budget(steps=9, tokens=9, cost=9, seconds=9, day=DayBudget(cost=9, runs=9), user=DayBudget(cost=9, runs=9)),
    trust={"a/**": "high", "b/**": "low"},
    escalate=(
        Escalation(rule="r", when="argument", tool="refund", argument="amount", above=5, below=1, route="law"),
        Escalation(rule="s", when="topic", words=("sue",), like=("We will sue.",), near=0.7),
        Escalation(rule="t", when="sensitive", kinds=("email", "iban")),
    ),
    routes={
        "law": Way(
            queue="law",
            webhook="https://a.example/hook",
            secret="HOOK",
            private=("10.0.0.1",),
            link="https://a.example/{id}",
            mail=("law@example.org",),
            hours="Mon-Fri 09:00-17:00",
            claim_within="4h",
            otherwise="board",
        ),
        "board": Way(),
    },
    approvals=Approvals(),
    principals={"bob": Person(tools={"refund": BOBS}, labels=("ward",), redact=("email",))},
    answers=Answers(require="passed"),
)
OTHERS = {
    "expires": "48h",
    "claim_within": "8h",
    "near": 0.8,
    "when": "conflict",
    "require": "probe",
    "among": ("USD",),
}
TURNED = {"allow": "approve", "approve": "allow", "deny": "approve", "high": "low", "low": "high"}


def another(said, name):
    """What a field could say instead."""
    if name in OTHERS or said in TURNED:
        return OTHERS.get(name) or TURNED[said]
    if isinstance(said, bool):
        return not said
    if isinstance(said, int | float):
        return said + 1
    return date(2028, 1, 1) if isinstance(said, date) else (*said, "phone") if isinstance(said, tuple) else f"{said}s"


def variations(said, name=""):
    """The same with each of its fields changed in turn, by the way to each."""
    if is_dataclass(said):
        for each in fields(said):
            for path, other in variations(getattr(said, each.name), each.name):
                yield (each.name, *path), replace(said, **{each.name: other})
    elif isinstance(said, Mapping):
        for key, value in said.items():
            yield (f"no {key}",), {each: said[each] for each in said if each != key}
            yield from (((key, *path), {**said, key: other}) for path, other in variations(value))
    elif isinstance(said, tuple) and said and is_dataclass(said[0]):
        yield ("one less",), said[1:]
        for at, value in enumerate(said):
            yield from (((str(at), *path), (*said[:at], other, *said[at + 1 :])) for path, other in variations(value))
    elif said is not None:
        yield (), another(said, name)


EACH = {".".join(path): other for path, other in variations(BASE)}


@pytest.mark.parametrize("path", EACH)
def test_a_change_to_any_field_is_said(path):
    new = EACH[path]
    assert new != BASE
    more, less, other = more_allowed(BASE, new, TOOLS), more_allowed(new, BASE, TOOLS), changed(BASE, new)
    assert [*more, *less, *other], path
    assert not set(more) & set(less), "one change is told once"


def test_every_field_of_a_charter_is_changed_there():
    every = (
        Charter,
        Owner,
        Authorization,
        Ceiling,
        Budget,
        DayBudget,
        Escalation,
        Way,
        Person,
        Approvals,
        Answers,
        Limit,
    )
    known = {name for path in EACH for name in path.split(".")}
    assert {each.name for kind in every for each in fields(kind)} <= known
