"""An abstention speaks for what was read: it names what was not and may say it, to whoever may see that."""

import json
import zipfile
from contextlib import closing, contextmanager

import pytest

from agent.evidence.unread import MOST, likeliest
from agent.results import answer_json
from agent.settings import AgentSettings, Settings
from agent.wire import Citewell
from ingest.ledger import Ledger, NotRead
from ingest.options import Options
from retrieval.model import Scope
from tests.homes import write
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, say, text

READ = {"ferry.md": "# Ferry\n\nThe ferry leaves at nine.\n", "terms/lease.md": "# Lease\n\nThe lease is short.\n"}
DAMAGED = b"%PDF-1.4 and nothing of a PDF behind it"


@pytest.fixture(scope="module")
def server():
    """A model that finds the hour of the ferry, and says of all else that the documents do not say it."""

    def step(body):
        results = search_results(body["messages"])
        shown = [
            (number, block, content["text"])
            for number, result in enumerate(results)
            for block, content in enumerate(result["content"])
        ]
        if "ferry leave" in json.dumps(body["messages"]) and "When does" in json.dumps(body["messages"]):
            number, block, quote = next(one for one in shown if "at nine" in one[2])
            return say(text("At nine.", cite(number, block, quote=quote)))
        return say(text("The documents do not say."))

    with MessagesServer([step] * 40) as server:
        yield server


@contextmanager
def office(folder, encoder, server):
    """A home whose folder holds three files that cannot be read beside two that can, and a board's that cannot."""
    for name, words in READ.items():
        (folder / "office" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "office" / name).write_text(words, encoding="utf-8")
    (folder / "office" / "terms" / "RentalDeposit.pdf").write_bytes(DAMAGED)
    (folder / "office" / "plans").mkdir()
    (folder / "office" / "plans" / "boiler.jpg").write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with zipfile.ZipFile(folder / "office" / "plans" / "2023.zip", "w") as packed:
        packed.writestr("budget.txt", "The budget was spent.\n")
        packed.writestr("garden.pdf", DAMAGED)
    agent = AgentSettings(citations="native")
    settings = Settings(home=folder / "home", agent=agent, api_key="sk-test", base_url=server.base_url)
    with closing(Citewell(settings, encoder=encoder)) as citewell:
        citewell.ingest([folder / "office"], options=Options(frozenset({"office"}), {"team": "lettings"}))
        yield citewell


@pytest.fixture(scope="module")
def opened(tmp_path_factory, quick, server):
    with office(tmp_path_factory.mktemp("read"), quick, server) as citewell:
        secret = write(citewell.settings.home.parent / "board", {"minutes.md": "# Minutes\n\nNothing was said.\n"})
        (secret / "boiler-secret.pdf").write_bytes(DAMAGED)
        citewell.ingest([secret], options=Options(frozenset({"board"})))
        yield citewell


@pytest.fixture
def own(tmp_path, quick, server):
    with office(tmp_path, quick, server) as citewell:
        yield citewell


def abstained(citewell, question, **scope):
    """What is told of a question that the documents do not answer."""
    told = answer_json(citewell.ask(question, scope=Scope(**scope)))
    assert told["status"] == "abstained", told
    return told


def named(told):
    return [one["document"] for one in told["unread"]]


@pytest.mark.slow
def test_an_abstention_names_the_unread_files_whose_names_share_words_with_the_question(opened):
    for question, first in (
        ("Wie hoch ist die Rental-Deposit-Summe von Zanzibar?", "office/terms/RentalDeposit.pdf"),
        ("Which plan has the boiler of Zanzibar?", "office/plans/boiler.jpg"),
        ("Who waters gardens in Zanzibar?", "office/plans/2023.zip!/garden.pdf"),
    ):
        told = abstained(opened, question)
        assert named(told)[0] == first
        assert told["unread"][0]["reason"], "and says why it was not read"
        assert told["unread_total"] == 4


def test_an_answer_names_none(opened):
    told = answer_json(opened.ask("When does the ferry leave?"))

    assert told["status"] == "answered"
    assert (named(told), told["unread_total"]) == ([], 0)


def test_only_what_the_asker_may_see_is_named_or_counted(opened):
    everything = abstained(opened, "Which boiler heats Zanzibar?")
    office = abstained(opened, "Which boiler heats Zanzibar?", labels=frozenset({"office"}))
    lettings = abstained(opened, "Which boiler heats Zanzibar?", metadata={"team": "lettings"})
    nobody = abstained(opened, "Which boiler heats Zanzibar?", labels=frozenset({"nobody"}))

    assert "board/boiler-secret.pdf" in named(everything)
    assert everything["unread_total"] == 4
    for told in (office, lettings):
        assert "board" not in json.dumps(told)
        assert (named(told)[0], told["unread_total"]) == ("office/plans/boiler.jpg", 3)
    assert (named(nobody), nobody["unread_total"]) == ([], 0)


@pytest.mark.slow
def test_what_was_erased_is_not_named_nor_what_it_came_from(own):
    folder = own.settings.home.parent / "office"
    assert "office/plans/2023.zip!/garden.pdf" in named(abstained(own, "Who waters gardens in Zanzibar?"))
    own.delete(["office/plans/2023.zip", "office/terms/lease.md"])
    (folder / "terms" / "lease.md").write_bytes(b"\x00\x01\x02 no text")
    own.ingest([folder])

    told = abstained(own, "Who pays for gardens and the lease in Zanzibar?")

    assert "garden.pdf" not in json.dumps(told)
    assert "lease" not in json.dumps(told)
    assert told["unread_total"] == 2


@pytest.mark.slow
def test_what_can_be_read_now_or_is_gone_is_named_no_more(own):
    folder = own.settings.home.parent / "office"
    (folder / "plans" / "boiler.jpg").unlink()
    (folder / "terms" / "RentalDeposit.pdf").unlink()
    (folder / "terms" / "RentalDeposit.md").write_text("# Deposits\n\nThere are some.\n", encoding="utf-8")
    own.ingest([folder], options=Options(prune=True))

    told = abstained(own, "Which boiler heats Zanzibar?")

    assert [name for name in named(told) if "boiler" in name or "Rental" in name] == []
    assert told["unread_total"] == 1


@pytest.mark.slow
def test_a_ledger_that_cannot_be_read_takes_nothing_from_the_answer(own, caplog):
    (own.settings.home / "ledger.sqlite").write_bytes(b"no database at all" * 100)

    told = abstained(own, "Which boiler heats Zanzibar?")

    assert (named(told), told["unread_total"]) == ([], 0)
    assert "cannot be told" in caplog.text


@pytest.mark.slow
def test_a_home_that_has_no_list_of_files_that_were_passed_over_has_the_others(own):
    path = own.settings.home / "ledger.sqlite"
    with closing(Ledger(path)) as ledger:
        ledger._execute("DROP TABLE passed")

    told = abstained(own, "Who waters gardens in Zanzibar?")

    assert named(told)[0] == "office/plans/2023.zip!/garden.pdf"


def unseen(*names):
    return [NotRead(name, "it is damaged", frozenset(), {}) for name in names]


def test_names_that_match_stand_before_neighbours_and_no_more_than_a_few_are_named():
    many = [f"a/x{number}/deposit.pdf" for number in range(9)]

    found = likeliest(
        unseen("b/near.pdf", "c/far.pdf", *many, "a/rental-deposit.pdf"), "the rental deposit", ["b/r.md"]
    )

    assert found[0].document == "a/rental-deposit.pdf"
    assert len(found) == MOST
    assert [each.document for each in likeliest(unseen("b/near.pdf", "c/far.pdf"), "deposit", ["b/r.md"])] == [
        "b/near.pdf"
    ]


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("a/jahresbericht_2023.pdf", "Was steht im Jahresbericht?"),
        ("a/report-2023.pdf", "What was the turnover in 2023?"),
        ("a/RefundPolicy.doc", "Which refunds are granted?"),
        ("a/Kündigung.pdf", "Wie lang ist die Kündigungsfrist?"),
        ("mail/box.eml!/offer (final).pdf", "What did the offer say?"),
    ],
)
def test_a_name_is_matched_as_people_write_names(name, question):
    assert [each.document for each in likeliest(unseen(name, "a/zebra.pdf"), question, [])] == [name]


def test_the_folder_that_was_ingested_matches_nothing_by_its_own_name():
    assert likeliest(unseen("handbook/zebra.pdf"), "What does the handbook say?", []) == ()
