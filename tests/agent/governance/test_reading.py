"""A charter that cannot be enforced is refused, with every line that is wrong and what to write there."""

import os

import pytest

from agent.governance.charter import NO_CHARTER
from agent.governance.reading import BadCharter, Live, load_charter, parsed, unknown_names
from plugins.contract import tool_from
from tests.agent.charters import written
from tests.agent.governance.test_charter import tool
from tests.places import ROOT
from tests.test_docs import fences


def problems(text):
    charter, found = parsed(text)
    assert (charter is None) == bool(found)
    return [(each.line, each.problem) for each in found]


RULE = '[[escalate]]\nrule = "a"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[tool]\nroll_dice = "allow"', 1, "tool is not known here"),
        ('x = 1\n[owner]\nname = "me"\nnaem = "me"', 1, "x is not known"),
        ('[owner]\nname = "me"\n\n# who\nnaem = "me"', 5, "owner.naem is not known"),
        ("[owner]\ncontact = 'me'", 1, "owner.name is missing"),
        ('tools = "allow"', 1, "tools"),
        ('[tools]\nroll_dice = "yes"', 2, 'write one of "allow", "approve", "deny"'),
        ("[tools]\na = 'allow'\nroll_dice = true", 3, "roll_dice is True"),
        ('[tools]\nroll_dice = ["allow"]', 2, "write one of"),
        ('[tools.roll_dice]\nwithin = "yes"', 2, "tools.roll_dice.within is to be 'allow', 'approve' or 'deny'"),
        ("[tools.roll_dice]\nsides = { most = 3 }", 2, "tools.roll_dice.sides.most is not known"),
        ("[tools.roll_dice]\nsides = { max = 'three' }", 2, "tools.roll_dice.sides"),
        ("[tools.roll_dice]\n[tools.roll_dice.sides]\nmin = 3\nmax = 1", 4, "less than its min"),
        ("[tools.roll_dice]\nsides = {}", 2, "write min, max, in or matches"),
        ('[tools]\n"effect:wirte" = "deny"', 2, 'the effect of no tool: write one of "effect:read"'),
        ('[principals.ann.tools]\n"effect:Write" = "deny"', 2, "the effect of no tool"),
        ("[tools.roll_dice]\narguments = { sides = { max = 3 } }\nsides = { max = 9 }", 3, "limited twice"),
        ("[tools.roll_dice]\nsides = { in = [1], among = [1, 2] }", 2, "among of sides is not known here: write in"),
        ('[approvals]\nexpires = "0h"', 2, "is no time at all: write how long"),
        ("[tools.roll_dice]\nname = { matches = 'a(' }", 2, "no pattern"),
        ("[tools.roll_dice]\nname = { matches = '(a)\\1' }", 2, "no pattern"),
        ("[tools.roll_dice]\nwithin='deny'\notherwise='deny'\nsides = { max = 3 }", 1, 'write roll_dice = "deny"'),
        (
            '[[escalate]]\nrule = "a"\nwhen = "topic"\nwords = ["x"]\n[[escalate]]\nrule = "a"\nwhen = "conflict"',
            6,
            "two",
        ),
        ('[[escalate]]\nrule = "a"\nwhen = "conflict"\n\n[[escalate]]\nrule = "b"\nwhen = "fog"', 7, "when is to be"),
        ('[[escalate]]\nrule = "a"\nwhen = "topic"', 1, "write words or like"),
        ('[[escalate]]\nrule = "a"\nwhen = "argument"\nabove = 3', 1, "write tool and argument"),
        ('[[escalate]]\nrule = "a"\nwhen = "conflict"\nroute = "x"', 4, "write [routes.x]"),
        (
            RULE + 'when = "asked_for_person"\nwords = ["human"]',
            4,
            "says words, which does nothing where when = 'asked",
        ),
        (RULE + 'when = "conflict"\nbelow = 0.2', 4, "says below, which does nothing"),
        (RULE + 'when = "topic"\nwords = ["sue"]\ntool = "refund"', 5, "says tool, which does nothing"),
        (RULE + 'when = "topic"\nwords = ["sue"]\nnear = 0.8', 5, "write like, or take it out"),
        (RULE + 'when = "topic"\nwords = ["sue", "!"]', 4, "without a letter or a figure in words"),
        (RULE + 'when = "evidence"\nbelow = 20', 4, "below 20, of what lies between 0 and 1: write such as 0.2"),
        (RULE + 'when = "confidence"\nbelow = 0', 4, "below 0, of what lies between 0 and 1"),
        (RULE + 'when = "unfamiliar"\nbelow = 1.01', 4, "between 0 and 1"),
        (RULE + 'when = "argument"\ntool = "a"\nargument = "b"\nabove = nan', 1, "a bar that is no number"),
        ('[routes.x]\nhours = "always"', 2, "Mon-Fri 09:00-17:00"),
        ('[routes.x]\nhours = "Mon-Fri 09:00-17:00 Mars/North"', 2, "the time zone Mars/North"),
        ('[routes.x]\nhours = "Mon-Fri 17:00-09:00"', 2, "ends before it begins"),
        ('[routes.x]\nclaim_within = "4"\notherwise = "x"', 2, "4h, 30m or 1d12h"),
        ('[routes.x]\nclaim_within = "4h"', 2, "write otherwise"),
        ('[routes.x]\notherwise = "y"', 2, "write [routes.y]"),
        ('[approvals]\nexpires = "soon"', 2, "4h, 30m or 1d12h"),
        ('[answers]\nrequire = "forced"', 2, "'passed' or 'probe'"),
        ("[owner]\nname = yes\n", 2, "not TOML"),
    ],
)
def test_what_is_wrong_is_told_by_its_line_and_what_to_write(text, line, said):
    found = problems(text)
    assert any(each == line and said in told for each, told in found), found


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines():
    found = problems('[owner]\nnaem = "me"\n[tools]\na = "yes"\n[tools.b]\nx = { most = 1 }\n[budgets]\ncost = 1\n')
    assert [line for line, _ in found] == [1, 2, 4, 6, 7]


def test_a_bad_charter_names_its_file_and_the_first_line(tmp_path):
    path = tmp_path / "charter.toml"
    path.write_text('[tools]\na = "yes"\nb = "no"\n', "utf-8")
    with pytest.raises(
        BadCharter, match=r"charter\.toml, line 2: a is 'yes'.*\(1 more; see them with: citewell charter"
    ):
        load_charter(path)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_charter_that_cannot_be_read_is_not_an_empty_one(tmp_path, name):
    with pytest.raises(BadCharter, match="cannot be read"):
        load_charter(tmp_path / name)


def test_a_charter_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "charter.toml"
    path.write_bytes(b'[tools]\nroll = "\xff"')
    with pytest.raises(BadCharter, match="not UTF-8"):
        load_charter(path)


@pytest.fixture
def allows(tmp_path):
    path = tmp_path / "charter.toml"
    path.write_text('[tools]\n"effect:write" = "allow"\n', "utf-8")
    path.chmod(0o664)
    return path


def anothers(path, monkeypatch):
    if os.geteuid() == 0:
        os.chown(path, 65534, -1)
    else:
        other = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: other)


def test_a_charter_that_another_user_may_have_written_holds_only_where_the_environment_names_it(allows, monkeypatch):
    live = Live(allows)
    assert live() == load_charter(allows), "a group may write it together"
    allows.chmod(0o666)
    for read in (live, lambda: load_charter(allows)):
        with pytest.raises(BadCharter, match=r"may be written by everybody.*chmod o-w it, or set CITEWELL_AGENT_CHART"):
            read()
    allows.chmod(0o644)
    assert live() == load_charter(allows)
    anothers(allows, monkeypatch)
    for read in (Live(allows), lambda: load_charter(allows)):
        with pytest.raises(BadCharter, match=r"belongs to another user.*take a copy of it, or set CITEWELL_AGENT_CHAR"):
            read()
    assert load_charter(allows, holds=False).tools, "to compare it with one's own it may be anybody's"
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(allows))
    allows.chmod(0o666)
    assert load_charter(allows).tools == Live(allows)().tools != {}


def test_a_charter_of_the_systems_owner_is_fine(allows, monkeypatch):
    known, of_root = os.fstat, 0

    def fstat(number):
        found = known(number)
        return os.stat_result((*found[:4], of_root, *found[5:10]))

    monkeypatch.setattr(os, "fstat", fstat)
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert load_charter(allows).tools
    of_root = 4321
    with pytest.raises(BadCharter, match="another user"):
        load_charter(allows)


def test_no_file_is_no_charter_and_an_empty_file_is_one():
    assert load_charter(None) == NO_CHARTER
    assert written("") != NO_CHARTER, "under a charter, who asked does not approve"


def test_names_that_bind_nobody_are_told():
    charter = written(
        '[tools]\nroll_dice = "deny"\nrol_dice = "deny"\n"plugin:dice" = "deny"\n"plugin:dise" = "deny"\n'
        '"effect:read" = "allow"\n[principals.ada.tools]\nroll = "deny"\n'
        '[[escalate]]\nrule = "r"\nwhen = "argument"\ntool = "send"\nargument = "to"\nwords = ["x"]\n'
    )
    told = " ".join(unknown_names(charter, [tool()]))
    assert all(f"'{name}'" in told for name in ("rol_dice", "plugin:dise", "roll", "send"))
    assert not any(f"'{name}'" in told for name in ("roll_dice", "plugin:dice", "effect:read"))


@pytest.mark.parametrize(
    "rule",
    [
        'when = "evidence"\nbelow = 1',
        'when = "confidence"\nbelow = 0.5',
        'when = "topic"\nlike = ["We will sue."]\nnear = 0.8',
        'when = "argument"\ntool = "a"\nargument = "b"\nabove = 20\nwords = ["all"]',
        'when = "tool_failed"\ntool = "a"',
        'when = "outcome_unknown"\ntool = "a"',
        'when = "sensitive"\nkinds = ["email"]',
    ],
)
def test_what_does_something_may_stand_in_a_rule(rule):
    assert problems(RULE + rule) == []


def test_arguments_that_no_tool_takes_are_told():
    rule = '[[escalate]]\nrule = "{0}"\nwhen = "argument"\ntool = "roll_dice"\nargument = "{0}"\nabove = 3\n'
    charter = written(
        "[tools.roll_dice]\nsides = { max = 6 }\nside = { max = 6 }\n"
        "sum = { sydes = { day = 3 }, sides = { day = 9 } }\n"
        '[tools."effect:read"]\nsydez = { max = 6 }\n[principals.ada.tools.roll_dice]\n"sides.x" = { max = 1 }\n'
        "seiten = { max = 1 }\n" + "".join(map(rule.format, ("sides", "sidez")))
    )

    def roll_dice(sides: int) -> str:
        """Roll. Use when asked."""
        return str(sides)

    roll_dice.effect = "read"
    told = unknown_names(charter, [tool_from(roll_dice, plugin="dice")])
    assert len(told) == 5
    for part, each in zip(("'side'", "'sydes'", "'sydez'", "'seiten'", "'sidez'"), told, strict=True):
        assert part in each
        assert "(there are: sides)" in each


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('webhook = "ftp://example.org"', "webhook is to be an address such as https://example.org/hook"),
        ('webhook = "https://me:word@example.org"', "webhook is to hold no name"),
        ('secret = "whsec_c2VjcmV0"', "secret is to be the name of a variable"),
        ('private = ["intranet"]', "private is to list addresses and networks"),
        ('mail = ["Ada <ada@example.org>"]', "mail is to list addresses such as"),
        ('mail = ["ada@example.org\\nBcc: eve@example.org"]', "mail is to list addresses such as"),
    ],
)
def test_a_route_that_leads_nowhere_is_said_with_its_line(line, said):
    charter, [problem] = parsed(f'[routes.law]\nqueue = "law"\n{line}\n')
    assert (charter, problem.line, problem.problem.startswith(said)) == (None, 3, True), problem
    assert "c2VjcmV0" not in problem.problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tools.refund]\napprovers = 2\nwithin = 'allow'\notherwise = 'deny'", "nobody is ever asked"),
        ("[tools.refund]\notherwise = 'deny'", "has no limits"),
        ("[tools.refund]", "says nothing"),
        ("[tools.refund]\nwithin = 'deny'\namount = { max = 3 }", "more beyond its limits than within"),
        ("[tools.refund]\notherwise = 'allow'\namount = { max = 3 }", "within its limits and beyond them"),
        ("[tools.refund]\namount = { max = nan }", "is no number"),
        ("[tools.refund]\nsum = { amount = {} }", "bounded by nothing"),
        ("[tools.refund]\ncalls = {}", "bounded by nothing"),
        ("[tools.refund]\narguments = 'x'\namount = { max = 3 }", "is no table"),
        ("x = " + "[" * 5000, "nested too deep"),
    ],
)
def test_what_would_do_nothing_or_the_contrary_is_refused(text, said):
    assert any(said in told for _, told in problems(text)), problems(text)


def test_one_person_is_written_once():
    [(line, said)] = problems('[principals.ada]\nlabels = ["a"]\n[principals."Ada "]\nlabels = []\n')
    assert (line, "are one person's name" in said) == (3, True)


@pytest.mark.parametrize("guide", ["charter.md", "cases.md"])
def test_what_the_guides_write_is_a_charter_as_it_stands(guide):
    shown = fences((ROOT / "docs" / guide).read_text("utf-8"), "toml")
    assert shown
    for each in shown:
        charter, problems = parsed(each)
        assert charter is not None, problems
