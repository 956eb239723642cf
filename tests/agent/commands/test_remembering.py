"""What the guide shows of `citewell memory` is what it does."""

import re
import shlex

import pytest

from tests.places import ROOT

ID = re.compile(r"m-\d{8}T\d{6}-[0-9a-f]{8}")
DAY = re.compile(r"(\[told by ada, )\d{4}-\d\d-\d\d")


@pytest.fixture
def remembers(citewell, home, tmp_path):
    (tmp_path / "here" / "citewell.toml").write_text('[memory]\nprincipals = ["ada"]\n')
    return lambda *words: citewell(*words, "--home", home)


def examples():
    """Each command of the guide with what it prints."""
    text = (ROOT / "docs" / "memory.md").read_text("utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for command in "".join(blocks).split("$ citewell ")[1:]:
        typed, *printed = command.splitlines()
        yield shlex.split(typed), printed


@pytest.mark.slow
def test_the_guide_shows_what_the_commands_print(remembers):
    known = {}
    shown = [*examples()]
    assert len(shown) > 10
    for words, printed in shown:
        done = remembers(*(known.get(word, word) for word in words))
        out = " ".join((done.out or done.err).split())
        for line in map(" ".join, map(str.split, printed)):
            if line.startswith("Remembered"):
                known[ID.search(line)[0]] = ID.search(out)[0]
            wanted = ID.sub(lambda found: known.get(found[0], found[0]), line)
            if wanted != "…":
                assert DAY.sub(r"\1DAY", wanted) in DAY.sub(r"\1DAY", out), done


def test_what_is_wrong_is_said_in_a_sentence_with_what_to_do(remembers):
    whose = ("--principal", "ada")
    for words, code in [
        (("memory", "forget", *whose), 2),
        (("memory", "forget", "m-1", "--all", *whose), 2),
        (("memory", "forget", "m-20261130", *whose), 2),
        (("memory", "edit", "m-20261130", "--value", "x", *whose), 2),
        (("memory", "add", "a", "b", "c", "--from", "today", *whose), 2),
        (("memory", "add", "a", "b", "c", "--run", "r-none", *whose), 2),
        (("memory", "add", "a", "b", "c", "--principal", "eve"), 2),
        (("memory", "list"), 2),
    ]:
        done = remembers(*words)
        assert (done.code, "bug" in done.err) == (code, False), done
    assert remembers("memory", "add", "a", "b", "c\x1b[2J", *whose).code == 2


@pytest.mark.slow
def test_what_is_printed_for_programs_has_what_is_promised(remembers):
    made = remembers("memory", "add", "home", "city", "Paris", "--principal", "ada", "--until", "2099-01-01", "--json")
    listed = remembers("memory", "list", "--principal", "ada", "--json").json["memories"]
    assert listed == [made.json["memory"]]
    promised = ("id", "principal", "subject", "attribute", "value", "from", "to", "recorded", "source")
    assert set(promised) <= listed[0].keys()
    assert (listed[0]["from"], listed[0]["to"]) == (None, "2099-01-01")
    assert remembers("memory", "export", "--principal", "ada", "--json").json["memories"] == listed
