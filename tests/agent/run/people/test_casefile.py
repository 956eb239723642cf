"""A case holds all that happened in its run, and each form in which it is shown tells all of it."""

import json
import re
from dataclasses import replace

import pytest

from agent.journal.cases import Notice
from agent.journal.events import read
from agent.journal.journal import Journal
from agent.run.people.casefile import CaseFile, case_file
from agent.run.people.showing import as_page, as_text
from agent.state import Recollection, Reply, Segment, ToolCall
from retrieval.versions.home import Home
from tests.agent.run.scripted import TEXTS, TOOLS, USAGE, Shelf
from tests.agent.run.test_governed import ended, parts
from tests.homes import copied, opened

NOISE = {"document": "SAID-noise", "probability": 0.01}
SOUGHT = [("look", {"query": "how long"})]
LARGE = '[[escalate]]\nrule = "large"\nwhen = "argument"\ntool = "send"\nargument = "words"\nwords = ["money"]\n'
CHARTER = '[tools]\nsend = "allow"\n'
UNCHECKED = '[[escalate]]\nrule = "unheld"\nwhen = "check_failed"\n'
MADE_UP = "Wilhelmina Quist grants 4711 crowns under the Zorblax clause."


class Saying:
    """A model that searches once, and then makes these calls or says this."""

    name, uses_tools = "scripted", True

    def __init__(self, *calls, says=""):
        self.calls, self.says = calls, says

    async def reply(self, messages, tools, *, within=None, aloud=True):
        turn = sum(isinstance(message, Reply) and bool(message.calls) for message in messages)
        if turn < len(self.calls):
            calls = tuple(ToolCall(f"c{turn}{at}", *each) for at, each in enumerate(self.calls[turn]))
            yield Reply((Segment("Let me."),), calls, "calls", USAGE, (), "scripted")
        else:
            yield Reply((Segment(self.says),), (), "end", USAGE, (), "scripted")

    def request(self, messages, tools, *, given=None, effortless=None):
        return {"messages": messages, "tools": tools}

    async def aclose(self):
        """It holds nothing."""


class Half(Shelf):
    """A first search that finds less than the one that the model makes."""

    def __call__(self, query, **how):
        found = super().__call__(query, **how)
        return found if query == "how long" else found[:1]


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def case(journal):
    """The case of a run with such a model, under these rules."""

    def of(model, rules, *, kinds=None, told=(), **more):
        this, deps, over = parts(journal, charter=CHARTER + rules, shelf=Half(set()), asked="How long are logs kept?")
        ended(this, replace(deps, model=model, tools=TOOLS, **more), over)
        entries = journal.events("r-1")
        events = [read(each, deps.texts) for each in entries]
        return case_file(journal.case("r-1"), entries, events, kinds=kinds or {}, told=told)

    return of


def passage(text, start):
    """What was found in a document."""
    where = {"kind": "document", "document": "SAID-document", "page": "SAID-page", "start": start, "end": start + 9}
    return where | {"title": "", "probability": None, "score": 0.5, "text": text, "unseen": []}


def cited(quote):
    return {"document": "b.md", "page": None, "start": 0, "end": 1, "quote": quote}


def origin(argument, place):
    return {"argument": argument, "value": "SAID-value", "place": place, "source": "SAID-source"}


def shown(file):
    """Both forms in which it is read, without breaks of lines."""
    return [" ".join(as_text(file, 100).replace("│", " ").split()), " ".join(as_page(file).split())]


def test_what_the_models_own_searches_found_is_shown_with_its_scores_and_once(case):
    file = case(Saying(SOUGHT, [("send", {"words": "money"})]), LARGE)
    [call] = file.calls
    assert [each["document"] for each in call["passages"]] == [*TEXTS]
    for told in shown(file):
        assert "The server listens on port 8000." in told
        assert "guide/ports.md (likely by 0.40)" in told
        assert "guide/backup.md (score 0.333)" in told
        assert told.count("Logs are kept for thirty days.") == 1
        assert "found before, see above" in told


def test_where_the_values_of_a_call_that_was_not_made_come_from_is_shown(case):
    file = case(Saying(SOUGHT, [("send", {"words": "money"})]), LARGE)
    assert file.waiting["origins"][0]["place"] == "nowhere"
    for told in shown(file):
        assert "stands in nothing that was asked or read" in told


def test_what_the_model_said_is_a_draft_though_it_did_not_hold_and_each_doubt_stands_once(case):
    file = case(Saying(SOUGHT, says=MADE_UP), UNCHECKED, kinds={"unheld": "check_failed"})
    assert (file.draft["answer"], file.draft["held"]) == (MADE_UP, False)
    assert "Take nothing of the draft" in file.recommendation
    for told in shown(file):
        assert "Draft that did not hold" in told
        assert told.count(MADE_UP) == 2, "as the draft, and once among what is not borne out"


def test_what_is_remembered_who_was_told_and_what_made_the_run_are_shown(case):
    known = Recollection("m-1", "laptop", "model", "Zephyr 9", since="2026-01-31")
    notice = Notice("n", "c", "r-1", "opened", "webhook", "law", "large", "2026", "given up", "2026", 9, "No.")
    file = case(Saying(SOUGHT, [("send", {"words": "money"})]), LARGE, told=[notice], recall=lambda _: (known,))
    file = replace(file, release={"model": "m-large", "index_version": "v7"}, cost=0.0125)
    assert file.remembered[0]["value"] == "Zephyr 9"
    for told in shown(file):
        assert "Zephyr 9 (since 2026-01-31)" in told
        assert "opened: given up after 9 attempts: No." in told
        assert all(each in told for each in ("m-large", "v7", "0.0125"))


WHOLE = CaseFile(
    id="SAID-id",
    run="SAID-run",
    status="SAID-status",
    route="SAID-route",
    question="SAID-question",
    opened="2026-11-30T09:00:00",
    due="2026-11-30T13:00:00",
    claimed_by="SAID-claimed",
    same_as="SAID-joined",
    understood="SAID-understood",
    principal="SAID-principal",
    cost=4.75,
    rules=[{"rule": "SAID-rule", "why": "SAID-why"}],
    conversation=[{"asked": "SAID-before", "answer": "SAID-answered"}],
    release={"model": "SAID-model", "index_version": "SAID-index", "charter": "SAID-charter"},
    history=[
        {"at": "2026-11-30T10:00:00", "kind": "reopened", "by": "SAID-by", "account": "SAID-account"},
        {"at": "2026-11-30T11:00:00", "kind": "decided", "verdict": "SAID-deny", "comment": "SAID-comment"},
        {"at": "2026-11-30T12:00:00", "kind": "moved", "route": "SAID-board", "reason": "SAID-late"},
    ],
    recommendation="SAID-do",
    remembered=[{"subject": "SAID-laptop", "attribute": "SAID-kind", "value": "SAID-zephyr", "since": None}],
    plan={"parts": ["SAID-part"], "why": "SAID-plan"},
    searches=[{"query": "SAID-query", "passages": [passage("SAID-passage", 0)], "withheld": [NOISE]}],
    calls=[
        {"name": "look", "arguments": {"query": "SAID-argument"}, "origins": [origin("query", "untrusted")]}
        | {"effect": "read", "outcome": "SAID-outcome", "ok": False, "text": "SAID-result", "seconds": 1.0}
        | {"passages": [passage("SAID-found", 9)], "withheld": []}
    ],
    waiting={"name": "SAID-tool", "arguments": {"to": "SAID-sum"}, "origins": [origin("to", "ambiguous")]}
    | {"for_a_word": True},
    checks=[{"unverified": [{"text": "SAID-doubt", "why": "SAID-doubtful"}], "not_found": ["SAID-nowhere"]}],
    conflicts=[{"told": "SAID-conflict", "citations": [cited("SAID-quote")]}],
    returned=["SAID-reason"],
    draft={"answer": "SAID-draft", "citations": [cited("SAID-cited")], "held": True},
    told=[
        {"what": "opened", "route": "SAID-board", "channel": "mail", "status": "waiting", "attempts": 2}
        | {"due": "2026-11-30T14:00:00", "said": "SAID-refused"}
    ],
    doubts=["SAID-unsigned"],
)


def test_each_thing_that_a_case_holds_stands_in_both_of_its_forms():
    whole = WHOLE.as_json
    assert [name for name, said in whole.items() if not said] == [], "what is empty is not looked for"
    wanted = {*re.findall(r"SAID-\w+", json.dumps(whole)), "4.75", "13:00 UTC"}
    for told in shown(WHOLE):
        assert {each for each in wanted if each not in told} == set()


def test_who_asked_is_told_nothing_of_what_people_find():
    file = CaseFile(
        **dict.fromkeys(("route", "due", "claimed_by", "same_as", "understood", "principal", "cost")),
        id="case-1",
        run="r-1",
        status="resolved",
        opened="2026",
        question="q",
        rules=[],
        conversation=[],
        release={},
        history=[{"at": "2026", "kind": "resolved", "answer": "No.", "by": "Ada", "comment": "SECRET"}],
        recommendation="SECRET",
        draft={"answer": "SECRET", "citations": [], "held": True},
        returned=["SECRET"],
        doubts=["SECRET"],
    )
    told = file.for_who_asked.as_json
    assert "SECRET" not in json.dumps(told)
    assert told.keys() == file.as_json.keys()
    assert told["history"] == [{"at": "2026", "kind": "resolved", "answer": "No.", "by": "Ada"}]


@pytest.mark.slow
def test_a_case_of_an_older_version_is_put_together_without_its_vectors(library, quick, tmp_path, monkeypatch):
    home, charter = copied(library, tmp_path / "home"), tmp_path / "charter.toml"
    charter.write_text('[[escalate]]\nrule = "person"\nwhen = "asked_for_person"\n')
    with opened(home, quick, charter=charter) as citewell:
        run = citewell.ask("I want to talk to a human!").run
        [case] = citewell.cases.list()
        citewell.rebuild()

    def never(*_, **__):
        raise AssertionError("all of a version was opened")

    monkeypatch.setattr(Home, "open", never)
    with opened(home, quick, charter=charter) as citewell:
        file = citewell.cases.file(case.id)
        assert (file.run, bool(file.searches[0]["passages"][0]["text"])) == (run, True)
        assert citewell.cases.labels(case.id) == {"open", "closed"}
