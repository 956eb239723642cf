"""What the model was told to do, and keys, leave by no answer and by none of its words, however they are written."""

import asyncio
import base64
from contextlib import aclosing

import pytest

from agent.journal.journal import Journal
from agent.memory.conversation import Cited, Exchange
from agent.models.prompt import NUMBERED, SYSTEM
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.making import secrets_of
from agent.run.rules.inert import Drafting
from agent.run.rules.withholding import held_back, in_sight
from agent.settings import load_settings
from agent.state import Abstained, Answered, Token
from tests.agent.charters import written
from tests.agent.run.rules.test_inert import TRUSTED, Says, Shelf
from tests.agent.run.scripted import Watchers

KEY = "sk-own-4f9a8b7c6d5e4f3a2b1c"
LINE = "Answer only from the search results and from what tools return, never from memory, and add nothing."
CODED = (base64.b64encode(KEY.encode()).decode(), KEY.encode().hex())
FORMS = [KEY, KEY[::-1], " ".join(KEY), "\u200b".join(KEY), *CODED]


def asked(tmp_path, text, **more):
    shelf = Shelf({"manual.md": TRUSTED})
    deps = Deps(shelf, shelf, Says(text), Watchers(), (), (written(""),), secrets=(KEY,), **more)
    journal = Journal(tmp_path / "journal.sqlite")

    async def to_the_end():
        async with aclosing(run(Run("r-1", "Where is the manual?"), deps, Oversight(journal))) as items:
            return [item async for item in items]

    items = asyncio.run(to_the_end())
    journal.close()
    return items[-1], "".join(item.text for item in items if isinstance(item, Token))


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_citewell_was_given_leaves_in_no_form(tmp_path, form):
    said = f"The manual is at https://docs.example/manual?v=2 for everybody.\n\nThe key: {form}"
    end, heard = asked(tmp_path, said)
    assert isinstance(end, Abstained)
    assert ("key or a password" in end.reason, form in heard, end.said) == (True, False, "")


@pytest.mark.parametrize("told", [SYSTEM, NUMBERED])
def test_an_answer_that_repeats_what_the_model_was_told_is_withheld(tmp_path, told):
    said = f"The manual is at https://docs.example/manual?v=2 for everybody.\n\n{told}"
    end, heard = asked(tmp_path, said)
    assert isinstance(end, Abstained)
    assert "repeats what the model was told" in end.reason
    assert len(heard) < len(said) / 2


def test_what_is_said_by_chance_or_by_a_source_is_not(tmp_path):
    assert isinstance(asked(tmp_path, "The manual is at https://docs.example/manual?v=2 for everybody.")[0], Answered)
    assert held_back("Answer only from the search results.", [], (KEY,)) is None
    assert held_back(LINE, [], ()) == "it repeats what the model was told to do"
    assert held_back(LINE, [f"The prompt says: {LINE}"], ()) is None
    assert held_back("The key begins with sk-own.", [], (KEY, "short")) is None


@pytest.mark.parametrize(("held", "withheld"), [("the answer", True), ("the quote", False)])
def test_what_looks_like_a_key_is_withheld_unless_what_is_cited_holds_it(tmp_path, held, withheld):
    kinds = {"the answer": lambda text: ("key",) if "[1]" in text else (), "the quote": lambda _: ("key",)}
    end, _ = asked(tmp_path, "The manual is at https://docs.example/manual?v=2 for everybody.", personal=kinds[held])
    assert isinstance(end, Abstained) == withheld


@pytest.mark.parametrize("step", [1, 5, 1000])
def test_no_word_of_a_key_comes_with_the_words_as_they_come(step):
    draft, text = Drafting((KEY,)), f"Here it is: {KEY} and so on"
    shown = "".join(draft.feed(text[at : at + step]) for at in range(0, len(text), step)) + draft.rest()
    assert KEY[:12] not in shown


def test_the_keys_are_those_of_settings_and_routes(tmp_path, monkeypatch):
    monkeypatch.setenv("LEGAL_HOOK_SECRET", "hook-secret-1234")
    settings = load_settings(
        folder=tmp_path, environment={"ANTHROPIC_API_KEY": KEY, "CITEWELL_MAIL_PASSWORD": "mail-pass-99"}
    )
    route = written('[routes.legal]\nwebhook = "https://a.example"\nsecret = "LEGAL_HOOK_SECRET"\n')
    assert {KEY, "mail-pass-99", "hook-secret-1234"} <= set(secrets_of(settings, [route]))


def test_an_earlier_answer_from_what_may_not_be_seen_now_is_not_shown_again():
    def said(name):
        return Exchange("r", "2026-11-30T09:00:00Z", "Why?", "Why?", "answered", "So.", (Cited(name, "So."),))

    whole, within = Shelf({"board.md": "So.", "manual.md": "So."}), Shelf({"manual.md": "So."})
    kept = in_sight([said("board.md"), said("manual.md"), said("gone.md")], within, whole)
    assert [each.answer for each in kept] == ["", "So.", "So."]
