"""Who asks sees the documents whose labels the charter gives them, and those without any."""

import asyncio
from pathlib import Path

import pytest

from agent.governance.authorizing import seen
from agent.run import making
from agent.state import Reply, Segment, ToolCall
from agent.wire import open_citewell
from retrieval.model import Scope
from tests.agent.charters import written
from tests.agent.run.scripted import USAGE, citing

CHARTER = '[principals.bob]\nlabels = ["hr"]\n[principals."*"]\nlabels = []\n'


@pytest.mark.parametrize(("who", "within"), [("bob", {"hr"}), ("eve", set()), (None, set())])
def test_a_scope_is_that_of_who_asks_or_of_everybody_else(who, within):
    assert seen([written(CHARTER)], who, Scope()).within == within


def test_of_two_charters_both_hold_and_one_that_says_nothing_leaves_it():
    two = [written('[principals.bob]\nlabels = ["hr", "it"]\n'), written('[principals.bob]\nlabels = ["it", "law"]\n')]
    assert seen(two, "bob", Scope()).within == {"it"}
    assert seen([written("")], "bob", Scope()).within is None


@pytest.mark.slow
def test_a_run_finds_only_what_its_principal_may_see(citewell, monkeypatch, tmp_path):
    Path("secret.md").write_text("# Pay\n\nThe salary of the director is 90,000 euros a year.\n")
    Path("open.md").write_text("# Canteen\n\nThe canteen opens at noon on every working day.\n")
    home = tmp_path / "home"
    assert citewell("ingest", "secret.md", "--label", "hr", "--home", home, "--json").code == 0
    assert citewell("ingest", "open.md", "--home", home, "--json").code == 0
    Path("charter.toml").write_text(CHARTER)
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(Path("charter.toml").absolute()))

    def read(who):
        words = ["--principal", who] if who else []
        asked = citewell("ask", "What is the salary of the director?", *words, "--home", home, "--json").json
        events = citewell("runs", "show", asked["run"], "--home", home, "--json").json["events"]
        return {each["document"] for event in events for each in event["content"].get("passages", ())}

    assert {name.rpartition("/")[2] for name in read("bob")} == {"secret.md", "open.md"}
    for who in ("eve", None):
        assert {name.rpartition("/")[2] for name in read(who)} == {"open.md"}

    with open_citewell(home) as opened:
        found = asyncio.run(opened.search_async("salary of the director", k=5, scope=Scope(), mode="hybrid"))
    assert [Path(hit.chunk.document).name for hit in found.hits] == ["open.md"]


class Meanwhile:
    """A model that searches after the charter was changed, and then quotes; `found` is what its search was given."""

    name, uses_tools, where = "scripted", True, None

    def __init__(self, by_then):
        self.by_then, self.found = by_then, []

    async def reply(self, messages, tools, *, within=None, aloud=True):
        if not any(isinstance(each, Reply) for each in messages):
            Path("charter.toml").write_text(self.by_then)
            call = ToolCall("c0", "search_documents", {"query": "salary of the director"})
            yield Reply((Segment("Let me look."),), (call,), "calls", USAGE, (), "served")
            return
        results = [one for each in messages for one in getattr(each, "observations", ())]
        self.found += [Path(passage.document).name for one in results for passage in one.passages]
        yield citing(messages)

    def request(self, *_, **__):
        return {}

    async def aclose(self):
        """It holds nothing."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by_then", "found", "goes_on"),
    [
        (f"{CHARTER}# the same\n", {"secret.md", "open.md"}, True),
        (CHARTER.replace('["hr"]', '["it"]'), {"open.md"}, True),
        (CHARTER.replace('["hr"]', '["hr"]\nredact = ["email"]'), set(), False),
        (f'{CHARTER}[tools.search_documents]\nwithin = "allow"\nredact = ["email"]\n', set(), False),
    ],
)
def test_what_a_charter_keeps_by_now_is_kept_from_the_next_call_on(
    citewell, monkeypatch, tmp_path, by_then, found, goes_on
):
    Path("secret.md").write_text("# Pay\n\nThe salary of the director is 90,000 euros a year.\n")
    Path("open.md").write_text("# Canteen\n\nThe canteen opens at noon on every working day.\n")
    home, model = tmp_path / "home", Meanwhile(by_then)
    assert citewell("ingest", "secret.md", "--label", "hr", "--home", home, "--json").code == 0
    assert citewell("ingest", "open.md", "--home", home, "--json").code == 0
    Path("charter.toml").write_text(CHARTER)
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(Path("charter.toml").absolute()))
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(making, "choose", lambda *_, **__: model)
    with open_citewell(home) as opened:
        answer = opened.ask("When does the canteen open?", principal="bob")
    assert (answer.status != "failed", set(model.found)) == (goes_on, found), answer.reason
    assert goes_on or "The charter keeps more" in answer.reason
