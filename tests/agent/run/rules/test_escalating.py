"""At the edge of its charter a run does nothing first: a rule and a budget come before the effect, not after it."""

from dataclasses import dataclass, replace

import pytest

from agent.journal.events import read
from agent.models.model import shown
from agent.run.people.casefile import case_file
from agent.run.people.showing import as_page, as_text
from agent.state import Answered, Escalated, Failed, Quote, Reply, Segment
from ingest.model import Chunk, Document
from retrieval.model import Hit
from tests.agent.run.scripted import USAGE, Shelf
from tests.agent.run.test_governed import CHARTER, PAID, ended, journal, parts, paying

__all__ = ["journal"]
RULE = '[[escalate]]\nrule = "bar"\nwhen = "argument"\ntool = "{}"\nargument = "{}"\n{}\n'


@pytest.mark.parametrize(("amount", "goes_on"), [(49.99, False), (50, False), (50.01, True)])
def test_a_rule_holds_for_a_call_that_could_run_alone_too_and_before_it_does(journal, amount, goes_on):
    end = ended(*parts(journal, paying(amount), charter=CHARTER + RULE.format("refund", "amount", "above = 50")))
    assert (isinstance(end, Escalated), bool(PAID)) == (goes_on, not goes_on)
    assert not goes_on or [each.kind for each in journal.events("r-1")][-1] == "handover"


def test_what_a_call_gives_by_default_is_what_a_rule_asks_about_too(journal):
    rule = RULE.format("refund", "account", 'words = ["AC-123456"]')
    assert isinstance(ended(*parts(journal, [("refund", {"amount": 5})], charter=CHARTER + rule)), Escalated)
    assert PAID == []


@pytest.mark.parametrize(("name", "goes_on"), [("Zoe Quist", True), ("Zoe", False)])
def test_a_rule_holds_for_a_tool_that_only_reads(journal, name, goes_on):
    rule = RULE.format("lookup", "name", 'words = ["quist"]')
    end = ended(*parts(journal, [("lookup", {"name": name})], charter=CHARTER + rule))
    assert isinstance(end, Escalated if goes_on else Answered)
    assert not goes_on or "acted" not in [each.kind for each in journal.events("r-1")]


@pytest.mark.parametrize(("tokens", "is_over"), [(18, True), (19, False)])
def test_a_run_that_used_what_it_may_has_no_effect_any_more(journal, tokens, is_over):
    this, deps, over = parts(journal, paying(5))
    end = ended(replace(this, budget_tokens=tokens), deps, over)
    assert (isinstance(end, Failed), bool(PAID)) == (is_over, not is_over)


def test_arguments_that_do_not_fit_are_no_failure_of_the_tool(journal):
    rule = '[[escalate]]\nrule = "broken"\nwhen = "tool_failed"\n'
    assert isinstance(ended(*parts(journal, [("refund", {"amount": "much"})], charter=CHARTER + rule)), Answered)


def test_what_stands_on_a_tools_result_alone_needs_no_evidence_of_documents(journal):
    rule = '[[escalate]]\nrule = "bar"\nwhen = "evidence"\nbelow = 0.99\n'
    assert isinstance(ended(*parts(journal, paying(5), charter=CHARTER + rule)), Answered)
    assert isinstance(ended(*parts(journal, charter=CHARTER + rule, id="r-2")), Escalated)


@dataclass(frozen=True)
class Fees(Shelf):
    """Two documents, each of which says what the fee is."""

    said: tuple[str, ...] = ()

    def __call__(self, query, *, k=10, scope=None, mode="hybrid"):
        found = [Chunk(name, 0, len(text), text, title="Fees") for name, text in self._texts().items()]
        return [Hit(chunk, 1.0, 0.5, None, None, 0.9) for chunk in found]

    def text(self, name):
        return self._texts().get(name)

    def _texts(self):
        return {f"fees-{2021 + place}.md": text for place, text in enumerate(self.said)}


class Quoting:
    """A model that says what the first passage says, and cites it."""

    name, where = "quoting", None

    def __init__(self, *, uses_tools):
        self.uses_tools = uses_tools

    async def reply(self, messages, tools, *, within=None, aloud=True):
        first = shown(messages)[0]
        said = first.block_text(0)
        yield Reply((Segment(said, (Quote(first.number, 0, 1, said),)),), (), "end", USAGE, (), "served", "native")

    def request(self, messages, tools, *, given=None, effortless=None):
        return {"messages": messages}

    async def aclose(self):
        """It holds nothing."""


@pytest.mark.parametrize("uses_tools", [True, False])
@pytest.mark.parametrize(
    ("other", "disagree"),
    [
        ("The fee is 20.01 euros.", True),
        ("The fee is 26 euros.", True),
        ("The fee is twenty euros.", False),
        ("The fee is 20.00 euros.", False),
        ("The fee for children is 5 euros.", False),
    ],
)
def test_where_sources_disagree_a_person_gets_both_citations(journal, other, disagree, uses_tools):
    rule = '[[escalate]]\nrule = "two-words"\nwhen = "conflict"\n'
    shelf = Fees(set(), ("The fee is 20 euros.", other))
    this, deps, over = parts(journal, charter=CHARTER + rule, asked="How high is the fee?", shelf=shelf)
    deps = replace(
        deps,
        model=Quoting(uses_tools=uses_tools),
        document=lambda name: Document(name, shelf.text(name), "Fees"),
    )
    end = ended(replace(this, release={"index_version": "v1", "model": "quoting", "charter": "c"}), deps, over)
    if not disagree:
        assert isinstance(end, Answered)
        return
    assert (type(end), end.rule) == (Escalated, "two-words")
    entries = journal.events("r-1")
    events = [read(each, deps.texts) for each in entries]
    file = case_file(journal.case("r-1"), entries, events, kinds={"two-words": "conflict"})
    [one] = file.conflicts
    quoted = [(each["document"], each["quote"]) for each in one["citations"]]
    assert quoted == [("fees-2021.md", "The fee is 20 euros."), ("fees-2022.md", other)]
    assert "fees-2021.md, 2021 says “20 euros”, and fees-2022.md, 2022 says “2" in file.rules[0]["why"]
    for told in (as_text(file, 100), as_page(file)):
        assert told.count("The documents disagree") >= 1
        assert all(quote in told for _, quote in quoted)
    assert "which source holds" in file.recommendation


@pytest.mark.parametrize(("trust", "goes_on"), [("high", True), ("low", False)])
def test_a_source_of_low_trust_that_disagrees_is_told_and_hands_nothing_to_a_person(journal, trust, goes_on):
    rule = f'[[escalate]]\nrule = "two-words"\nwhen = "conflict"\n[trust]\n"fees-2022.md" = "{trust}"\n'
    shelf = Fees(set(), ("The fee is 20 euros.", "The fee is 26 euros."))
    this, deps, over = parts(journal, charter=CHARTER + rule, asked="How high is the fee?", shelf=shelf)
    deps = replace(
        deps, model=Quoting(uses_tools=False), document=lambda name: Document(name, shelf.text(name), "Fees")
    )
    end = ended(this, deps, over)
    assert isinstance(end, Escalated if goes_on else Answered)
    assert (
        goes_on
        or "fees-2022.md, 2022, of low trust: “The fee is 26 euros.”" in end.answer
        or "of low trust" in end.answer
    )
