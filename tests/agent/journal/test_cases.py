"""The list of cases is what the events of their runs say, and tells nothing of what was erased."""

import pytest

from agent.journal.journal import Journal, NoSuchCase

SAID = {"rule": "legal", "reason": "why", "route": "legal", "due": "2026-12-01T12:00:00+00:00", "key": "k"}


@pytest.fixture
def journal(tmp_path):
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def handed_over(journal, run, key="k"):
    journal.append(run, "started", {"question": "May I sue?", "release": {}})
    journal.append(run, "handover", {**SAID, "key": key})


def test_a_case_is_opened_claimed_moved_resolved_and_opened_again(journal):
    handed_over(journal, "r-1")
    seen = [(journal.case("r-1").status, journal.case("case-1").route, journal.case("1").claimed_by)]
    for kind, content in (
        ("claimed", {"by": "Ada"}),
        ("moved", {"route": "board", "due": None}),
        ("claimed", {"by": "Eve"}),
        ("resolved", {"answer": "No.", "by": "Eve"}),
        ("reopened", {"by": "Ada", "reason": "wrong"}),
    ):
        journal.append("r-1", kind, content)
        case = journal.case("r-1")
        seen.append((case.status, case.route, case.claimed_by))
    assert seen == [
        ("open", "legal", None),
        ("claimed", "legal", "Ada"),
        ("open", "board", None),
        ("claimed", "board", "Eve"),
        ("resolved", "board", "Eve"),
        ("open", "board", None),
    ]
    assert journal.verify().ok


def test_the_same_question_while_a_case_is_open_joins_it_and_later_does_not(journal):
    handed_over(journal, "r-1")
    handed_over(journal, "r-2")
    handed_over(journal, "r-3", key="other")
    journal.append("r-1", "resolved", {"answer": "No.", "by": "Eve"})
    handed_over(journal, "r-4")
    assert [(each.run, each.same_as) for each in journal.cases()] == [
        ("r-1", None),
        ("r-2", "case-1"),
        ("r-3", None),
        ("r-4", None),
    ]


def test_of_what_is_erased_no_digest_is_left_by_which_a_guess_could_be_confirmed(journal):
    handed_over(journal, "r-1", key="digest-of-the-question")
    journal.erase(lambda content: "sue" in str(content.get("question")), ["a.md"])
    assert (journal.case("r-1").key, journal.case("r-1").status) == ("", "open")


def test_an_id_that_fits_none_or_several_is_refused(journal):
    handed_over(journal, "r-10")
    handed_over(journal, "r-11")
    for id, said in (("case-2", "No case"), ("r-1", "2 cases"), ("case-%", "No case")):
        with pytest.raises(NoSuchCase, match=said):
            journal.case(id)
