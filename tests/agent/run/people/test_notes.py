"""An answer becomes a note in the index: through the gate, with its author, of low trust, and without personal data."""

from contextlib import closing
from pathlib import Path

import pytest

from agent.governance.sources import brought_by, trust_of
from agent.run.people.waiting import trust_in
from agent.settings import load_settings
from agent.state import Passage
from agent.wire import Citewell
from ingest.model import Document
from retrieval.model import Scope
from tests.agent.charters import written


@pytest.fixture
def resolved(citewell, home, tmp_path):
    """Answers a question about a law suit by a note."""
    charter = '[[escalate]]\nrule = "legal"\nwhen = "topic"\nwords = ["sue"]\n'
    (tmp_path / "here" / "charter.toml").write_text(charter)

    def of(question, answer, *more, by="Ada"):
        run = citewell("ask", "--home", home, "--json", question, *more).json["run"]
        words = "escalations", "resolve", run, "--home", home, "--by", by, "--note", "--json"
        return citewell(*words, "--answer", answer).json

    return of


@pytest.mark.slow
def test_a_note_is_found_with_its_author_and_is_of_low_trust_and_two_stand_beside_each_other(resolved, citewell, home):
    first = resolved("Shall we sue over zeppelins?", "Zeppelins are never sued; write to eve@example.org.")
    second = resolved("Shall we sue over dirigibles?", "Dirigibles neither.")
    assert (first["note"]["published"], first["note"]["document"]) == (True, f"notes/{first['id']}.md")
    hits = citewell("search", "zeppelins", "--mode", "lexical", "--home", home, "--json").json["hits"]
    assert hits[0]["document"] == first["note"]["document"]
    with closing(Citewell(load_settings(home=home))) as opened:
        notes = [opened.document(each["note"]["document"]) for each in (first, second)]
        assert len(opened.version().names()) > 2, "and what was there before is there still"
    assert [note.metadata["author"] for note in notes] == ["Ada", "Ada"]
    assert ("eve@example.org" in notes[0].text, "never sued" in notes[0].text) == (False, True)
    trusting = written('[trust]\n"notes/**" = "high"\n')
    assert {trust_of([trusting], note.name, brought=brought_by(note)) for note in notes} == {"low"}


@pytest.mark.slow
def test_a_note_does_not_name_its_author_by_what_is_personal(resolved, home):
    note = resolved("Shall we sue over zeppelins?", "Never.", by="ada@example.org")["note"]["document"]
    with closing(Citewell(load_settings(home=home))) as opened:
        found = opened.document(note)
    assert "ada@example.org" not in f"{found.text} {found.metadata}"


@pytest.mark.slow
def test_a_note_is_seen_where_the_documents_of_its_run_are(resolved, home):
    note = resolved("Shall we sue over zeppelins?", "Never.", "--label", "public")["note"]
    with closing(Citewell(load_settings(home=home))) as opened:
        assert opened.document(note["document"]).labels == {"public"}


def seen_by(home, *labels):
    """The notes that are found by whoever sees these labels."""
    with closing(Citewell(load_settings(home=home))) as opened:
        found = opened.hybrid_search().within(Scope(within=frozenset(labels)))
        return [each.name for each in found.documents() if each.name.startswith("notes/")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("principals", "may", "may_not"),
    [
        ('[principals.nurse]\nlabels = ["ward"]\n', ("ward",), ("public",)),  # what bounds who asked
        ('[principals.nurse]\nlabels = ["ward", "lab"]\n', ("ward", "lab"), ("ward",)),
        ("", ("ward", "open", "closed"), ("open", "closed")),  # who asked sees all: what was found counts
    ],
)
def test_a_note_is_seen_by_none_who_may_not_see_what_its_run_may(resolved, citewell, home, principals, may, may_not):
    Path("secret.md").write_text("# Cabinet\n\nWe sue over the code of the cabinet, which is 7731.\n")
    assert citewell("ingest", "secret.md", "--label", "ward", "--home", home).code == 0
    with Path("charter.toml").open("a") as charter:
        charter.write(principals)
    note = resolved("Shall we sue over the cabinet?", "It is 7731.", "--principal", "nurse")["note"]
    assert (seen_by(home, *may), seen_by(home, *may_not)) == ([note["document"]], [])


@pytest.mark.slow
def test_who_approves_is_told_that_a_note_is_of_low_trust(resolved, citewell, home):
    note = resolved("Shall we sue over zeppelins?", "Zeppelins are never sued.")["note"]["document"]
    with closing(Citewell(load_settings(home=home))) as opened:
        search = opened.hybrid_search()
        trust = trust_in((written('[trust]\n"notes/**" = "high"\n'),), search)
        told = {name: trust(Passage(0, "document", name, "", "x", 0, 1, ((0, 1),))) for name in search.version.names()}
        assert (told.pop(note), {*told.values()}) == ("low", {"high"})


def test_what_was_ingested_otherwise_is_as_it_was():
    assert brought_by(Document("a.md", "x", metadata={"trust": "high"})) is brought_by(None) is None
