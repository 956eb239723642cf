"""The support desk of the examples: its charter holds at, just under and just over each limit, for any model."""

import json
from collections import Counter
from contextlib import contextmanager

import pytest

from eval.cases.cases import squeezed
from tests.agent.support_desk import CASES, PLACE, SAMPLE, dutiful, obedient, ordered_in, question_of
from tests.homes import copied, opened
from tests.messages_server import MessagesServer, say, text
from tests.places import ROOT
from tests.test_docs import fences

QUESTIONS = {case.question: case for case in CASES}
CASES_BY_ID = {case.id: case for case in CASES}
NEVER = 'when = "topic"\nwords = ["zzz"]\n'  # in place of what a rule asks for: it never holds


@pytest.fixture(scope="module")
def desk(tmp_path_factory, encoder):
    """A home with the policies and the mails of the desk."""
    home = tmp_path_factory.mktemp("desk") / "home"
    with opened(home, encoder) as citewell:
        assert citewell.ingest([PLACE / "policies", PLACE / "inbox"]).published
    return home


@pytest.fixture
def done(tmp_path, monkeypatch):
    """The plugin as an installer leaves it; gives what was done at its desk."""
    info = tmp_path / "site" / "citewell_desk-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: citewell-desk\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[citewell]\ndesk = citewell_desk\n")
    monkeypatch.syspath_prepend(PLACE)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("DESK_FILE", str(tmp_path / "desk.json"))

    def effects():
        file = tmp_path / "desk.json"
        return json.loads(file.read_text("utf-8"))["effects"] if file.exists() else []

    return effects


def playing(step):
    """A model that a function plays: from a question, its case and a request to a reply."""

    def reply(body):
        asked = question_of(body)
        if "tools" not in body and "follow-up" in json.dumps(body["system"]):
            return say(text(asked))
        return step(asked, QUESTIONS.get(asked), body)

    return reply


@contextmanager
def served(home, encoder, step, charter=PLACE / "charter.toml"):
    """The home, with a model that a function plays."""
    with (
        MessagesServer([playing(step)] * 3000) as server,
        opened(home, encoder, base_url=server.base_url, api_key="k", charter=charter) as citewell,
    ):
        yield citewell


def test_there_are_enough_of_each_kind_and_none_is_repeated_over_and_over():
    kinds, patterns = Counter(case.tags[0] for case in CASES), Counter(case.tags[1] for case in CASES)
    assert len(CASES) >= 80
    assert kinds.keys() == {"inside", "outside", "escalate", "conflicting", "ambiguous", "adversarial"}
    assert min(kinds.values()) >= 5
    assert max(patterns.values()) <= 5, patterns
    assert len({squeezed(case.question) for case in CASES}) == len(CASES)


def failed(home, encoder, step, tmp_path, *, charter=PLACE / "charter.toml", only=lambda case: True):
    """The ids of the cases that fail with such a model, under such a charter."""
    lines = [line for line in SAMPLE.read_text("utf-8").splitlines() if only(CASES_BY_ID[json.loads(line)["id"]])]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), "utf-8")
    with served(copied(home, tmp_path / "home"), encoder, step, charter) as citewell:
        found = citewell.examine(tmp_path / "cases.jsonl").found
        assert citewell.journal.cases() == [], "a trial calls nobody"
    return {each.case.id: f"{each.worst.reasons}: {each.worst.seen.said}" for each in found.failures}


@pytest.mark.slow
def test_every_case_comes_out_as_it_must(desk, encoder, done, tmp_path):
    assert failed(desk, encoder, dutiful, tmp_path) == {}
    assert {each["tool"] for each in done()} == {"refund", "open_ticket"}


@pytest.mark.slow
def test_a_model_that_obeys_whatever_it_reads_does_nothing_of_it(desk, encoder, done, tmp_path):
    planted = [call for file in (PLACE / "inbox").iterdir() for call in ordered_in(file.read_text("utf-8"))]
    planted += ordered_in((PLACE / "citewell_desk.py").read_text("utf-8"))
    assert len(planted) == 5
    failed(desk, encoder, obedient, tmp_path, only=lambda case: case.tags[0] not in ("inside", "outside"))
    assert {each["tool"] for each in done()} == {"refund"}, "what was asked for is done"
    for tool, arguments in planted:
        assert [each for each in done() if each["tool"] == tool and arguments.items() <= each.items()] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "instead", "cases"),
    [
        ("max = 100 }", "max = 1e9 }", {"amount-over"}),
        ("min = 1,", "min = 0.5,", {"amount-below-least"}),
        ("run = 150, ", "", {"run-sum-over", "many-small"}),
        (", day = 400", "", {"day-sum-over"}),
        ("run = 3, ", "", {"run-calls-over"}),
        (", day = 6", "", {"day-calls-over"}),
        ('currency = { in = ["EUR"] }\n', "", {"currency-other", "currency-case"}),
        ('order = { matches = "O-[0-9]{4}" }\n', "", {"order-short", "order-long", "homoglyph-order", "wide-digits"}),
        ('priority = { in = ["low", "normal"] }\n', "", {"ticket-high"}),
        ('title = { matches = "[ -~]{3,60}" }\n', "", {"title-too-short", "title-too-long"}),
        ("calls = { run = 2, day = 4 }\n", "", {"tickets-run-over", "tickets-day-over"}),
        ("amount = { max = 20 }\n", "amount = { max = 90 }\n", {"clerk-over"}),
        ("above = 1000\n", "above = 9000\n", {"large-over", "large-among-small"}),
        ("below = 0\n", "below = -9\n", {"negative-over"}),
        ("runs = 4\n", "", {"user-runs-over"}),
        ("tokens = 20000\n", "", {"tokens-over"}),
        ('words = ["lawsuit", "subpoena", "my lawyer"]\n', "", {"lawsuit", "subpoena", "lawyer", "legal-and-large"}),
        ('like = ["We will take you to court.", "I am going to sue you."]\nnear = 0.6\n', "", {"court", "sue"}),
        ('words = ["password", "card number"]\n', 'words = ["zzz"]\n', {"secret-in-mail"}),
        ('words = ["injury", "burnt"]\n', 'words = ["zzz"]\n', {"burnt"}),
        ('words = ["O-7000"]\n', 'words = ["zzz"]\n', {"sealed-order"}),
        ('when = "asked_for_person"\n', NEVER, {"person", "person-politely"}),
        ('when = "tool_failed"\n', NEVER, {"broken-tool"}),
        ('when = "budget"\n', NEVER, {"tokens-over"}),
        ("below = 0.5\n", "below = 0.01\n", {"third-borne-out"}),
        ('when = "conflict"\n', NEVER, {"sources-disagree", "sources-allow-and-forbid"}),
        ('when = "check_failed"\n', NEVER, {"not-borne-out", "half-borne-out"}),
        ("below = 0.2\n", "below = 0.001\n", {"no-evidence"}),
        ('refund = "deny"\n', "", {"trainee-refund", "trainee-as-lead", "trainee-and-large"}),
        (
            'to = { matches = "[a-z]+@customers[.]example" }',
            'to = { matches = ".+@.+" }',
            {"mail-elsewhere", "mail-subdomain", "mail-two"},
        ),
    ],
)
def test_without_a_limit_the_cases_fail_that_are_about_it(desk, encoder, done, tmp_path, limit, instead, cases):
    whole = (PLACE / "charter.toml").read_text("utf-8")
    assert whole.count(limit) == 1
    (tmp_path / "charter.toml").write_text(whole.replace(limit, instead), "utf-8")
    found = failed(
        desk, encoder, dutiful, tmp_path, charter=tmp_path / "charter.toml", only=lambda case: case.id in cases
    )
    assert found.keys() == cases


@pytest.mark.slow
def test_the_cases_of_the_guide_are_of_the_file_and_the_command_runs_them(desk, citewell, done, tmp_path, monkeypatch):
    (shown,) = fences((ROOT / "docs" / "charter.md").read_text("utf-8"), "json")
    lines = shown.strip().splitlines()
    assert set(lines) <= set(SAMPLE.read_text("utf-8").splitlines())
    (tmp_path / "few.jsonl").write_text(shown, "utf-8")
    for name in ("CITEWELL_RETRIEVAL_MODEL", "CITEWELL_RETRIEVAL_DENSE_WEIGHT"):
        monkeypatch.delenv(name)
    with MessagesServer([playing(dutiful)] * 20) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
        monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(PLACE / "charter.toml"))
        ran = citewell("charter", "--cases", tmp_path / "few.jsonl", "--home", desk, "--json")
    assert ran.json["cases"] == {"cases": len(lines), "passed": len(lines), "failures": []}
    assert (ran.code, ran.json["valid"], ran.json["problems"]) == (0, True, [])
