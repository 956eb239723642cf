"""The charter says which tools run alone; what it does not know, it does not let pass."""

import re

import pytest

from agent.governance.charter import BadCharter, Charter, load_charter, refusal, waits
from plugins.contract import tool_from


def tool(name="roll_dice", effect=None):
    def function() -> str:
        """Roll. Use when asked."""
        return "6"

    function.__name__ = name
    if effect:
        function.effect = effect
    return tool_from(function, plugin="dice")


def written(tmp_path, text):
    path = tmp_path / "charter.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(("effect", "said"), [("read", "allow"), ("write", "ask"), ("external", "ask"), (None, "ask")])
def test_without_a_charter_only_reading_runs_alone(effect, said):
    assert load_charter(None).authorize(tool(effect=effect)) == said


@pytest.mark.parametrize(("rule", "said"), [("allow", "allow"), ("approve", "ask"), ("deny", "deny")])
@pytest.mark.parametrize("effect", ["read", "write", "external"])
def test_what_is_listed_is_as_listed_whatever_the_effect(tmp_path, rule, said, effect):
    charter = load_charter(written(tmp_path, f'[tools]\nroll_dice = "{rule}"\n'))
    assert charter.authorize(tool(effect=effect)) == said
    assert charter.authorize(tool("other", effect)) == Charter().authorize(tool("other", effect))


def test_an_empty_charter_says_nothing(tmp_path):
    assert load_charter(written(tmp_path, "# nothing yet\n")) == Charter()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[tool]\nroll_dice = "allow"', "'tool'.*only table is \\[tools\\]"),
        ('owner = "me"', "'owner'"),
        ('tools = "allow"', "make it a table"),
        ('[tools]\nroll_dice = "yes"', '\'yes\' for \'roll_dice\'.*"allow", "approve", "deny"'),
        ("[tools]\nroll_dice = true", "True for 'roll_dice'"),
        ('[tools]\nroll_dice = ["allow"]', "for 'roll_dice'"),
        ('[tools.roll_dice]\neffect = "allow"', "for 'roll_dice'"),
        ("[tools", "not TOML"),
        (b'[tools]\nroll = "\xff"', "not UTF-8"),
    ],
)
def test_a_charter_that_cannot_be_enforced_is_refused_naming_file_and_key(tmp_path, text, named):
    path = written(tmp_path, text)
    with pytest.raises(BadCharter, match=named) as told:
        load_charter(path)
    assert str(path) in str(told.value)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_charter_that_cannot_be_read_is_not_an_empty_one(tmp_path, name):
    with pytest.raises(BadCharter, match="cannot be read"):
        load_charter(tmp_path / name)


def test_the_digest_follows_what_is_said_and_not_how(tmp_path):
    one = load_charter(written(tmp_path, '[tools]\na = "allow"\nb = "deny"\n'))
    same = load_charter(written(tmp_path, '# a comment\n[tools]\n"b" = "deny"\na   = "allow"'))
    other = load_charter(written(tmp_path, '[tools]\na = "deny"\nb = "allow"\n'))
    assert one.digest == same.digest
    assert len({one.digest, other.digest, Charter().digest}) == 3


@pytest.mark.parametrize("say", [refusal, lambda refused: waits(refused, "r-1")])
def test_who_may_not_run_is_told_the_line_that_would_allow_it_and_the_line_works(tmp_path, say):
    refused = tool("roll-dice_2", "external")
    said = say(refused)
    assert said.startswith("roll-dice_2 ")
    line = re.search(r"\[tools\]\n.*$", said)[0]
    assert load_charter(written(tmp_path, line)).authorize(refused) == "allow"


def test_it_is_said_why_a_tool_does_not_run_and_what_a_person_types():
    assert "the charter denies it" in refusal(tool())
    said = waits(tool(effect="write"), "r-1")
    assert "its effect is 'write'" in said
    assert "citewell runs approve r-1 or citewell runs deny r-1" in said
