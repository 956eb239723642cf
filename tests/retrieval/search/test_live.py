"""Is the live version followed, also while nobody asks?"""

import time

import pytest

from retrieval.search.live import Live
from retrieval.search.searcher import Searcher
from retrieval.versions.home import Home, NoIndex
from tests.retrieval.words import ENCODER, TEXTS, build


class Enough(BaseException):
    """Ends what goes on for ever."""


@pytest.fixture
def live(tmp_path):
    live = Live(Searcher(Home(tmp_path), ENCODER))
    yield live
    live.close()


def kept_up(live, monkeypatch, first, *meanwhile):
    """Keeps up, where this comes to pass between one look and the next."""
    left = iter(meanwhile)

    def slept(_):
        step = next(left, None)
        if step is None:
            raise Enough
        step()

    monkeypatch.setattr(time, "sleep", slept)
    with pytest.raises(Enough):
        live.keep_up(first, 2.0)
    monkeypatch.undo()


def test_before_there_is_a_version_who_asks_is_told_and_who_keeps_up_waits_for_one(live, tmp_path, monkeypatch, caplog):
    with pytest.raises(NoIndex, match="citewell ingest"):
        live.version()

    kept_up(live, monkeypatch, live.version, lambda: build(tmp_path, TEXTS), lambda: None)
    assert live.version().id == Home(tmp_path).live()
    assert caplog.records == []


def test_a_newer_version_is_open_before_anybody_asks(live, tmp_path, monkeypatch):
    first = build(tmp_path, TEXTS)
    opened = []
    real = Searcher.open
    monkeypatch.setattr(Searcher, "open", lambda it, *a, **b: opened.append(real(it, *a, **b)) or opened[-1])
    kept_up(live, monkeypatch, live.version, lambda: build(tmp_path, {"docs/new.md": "pump1"}), lambda: None)

    assert [version.id for version in opened] == [first, Home(tmp_path).live()]
    assert live.version() is opened[-1], "who asks then waits for nothing"


def test_what_is_let_go_of_is_opened_anew(live, tmp_path):
    build(tmp_path, TEXTS)
    before = live.version()
    assert live.version() is before
    live.let_go()

    assert live.version() is not before
    before.close()
