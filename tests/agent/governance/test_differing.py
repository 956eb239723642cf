"""What a change allows is said in sentences, each of them once; what allows no more is not said."""

import pytest

from agent.governance.charter import NO_CHARTER
from agent.governance.describing import page
from agent.governance.differing import more_allowed
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


def test_what_the_model_is_given_of_personal_data_from_now_on_is_told():
    old = written('[tools.find]\nwithin = "allow"\nredact = ["email", "card"]\n[principals.eve]\nredact = ["iban"]\n')
    new = written('[tools.find]\nwithin = "allow"\nredact = ["card"]\n')

    assert more_allowed(old, new, ()) == [
        "The model is given of what find gives back personal data: email.",
        "For eve the model is given personal data: iban.",
    ]
    assert more_allowed(new, old, ()) == []
