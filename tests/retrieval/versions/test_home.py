"""Is a version the same for the same inputs, and served only with a verdict?"""

import subprocess
import sys
from dataclasses import replace

import pytest

from retrieval.lexical.reading import OLDER
from retrieval.versions.home import Home, NoIndex, Refused
from retrieval.versions.manifest import DamagedIndex, ForeignIndex
from tests.places import ROOT
from tests.retrieval.words import (
    ENCODER,
    MODES,
    QUESTIONS,
    TEXTS,
    WordEncoder,
    answers,
    build,
    documents,
    fingerprint,
)

# The same inputs


def test_the_same_inputs_give_the_same_fingerprint_and_answers_in_any_order_and_home(tmp_path):
    build(tmp_path / "a", TEXTS)
    build(tmp_path / "b", dict(reversed(TEXTS.items())))
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert answers(tmp_path / "a") == answers(tmp_path / "b")


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A home of three documents, and these; it is only read."""
    home, made = tmp_path_factory.mktemp("three"), documents({name: TEXTS[name] for name in sorted(TEXTS)[:3]})
    build(home, made)
    return home, made


class Turned(WordEncoder):
    """The same identity, other vectors."""

    def encode_query(self, text, export=None):
        return super().encode_query(text)[::-1].copy()


@pytest.mark.parametrize(
    "change", ["letter", "label", "metadata", "title", "name", "weights", "window", "vectors", "analyzer"]
)
def test_whatever_changes_an_answer_changes_the_fingerprint(three, tmp_path, change, monkeypatch):
    home, (first, *others) = three
    encoder = ENCODER
    if change == "weights":
        encoder = WordEncoder("others")
    elif change == "window":
        encoder = WordEncoder(window=63)
    elif change == "vectors":
        encoder = Turned()  # as another kind of processor may give
    elif change == "analyzer":
        monkeypatch.setattr("retrieval.versions.candidate.CURRENT", OLDER)
    else:
        first = {
            "letter": replace(first, text=first.text.replace("Chapter", "chapter")),
            "label": replace(first, labels=frozenset({"staff"})),
            "metadata": replace(first, metadata={"year": "2026"}),
            "title": replace(first, title="Another"),
            "name": replace(first, name="docs/other.md"),
        }[change]
    build(tmp_path, [first, *others], encoder=encoder)
    assert fingerprint(tmp_path) != fingerprint(home)


def test_a_version_that_was_read_in_an_unknown_way_says_what_builds_it_anew(three, monkeypatch):
    home, _ = three
    monkeypatch.setattr("retrieval.lexical.reading._KNOWN", {})
    with pytest.raises(ForeignIndex, match="run citewell index rebuild"):
        Home(home).open(encoder=ENCODER)


# Verdicts


def test_publishing_needs_a_verdict_that_is_good_enough(tmp_path):
    home = Home(tmp_path)
    id = build(home, TEXTS, publish=None)
    with pytest.raises(Refused, match="no verdict; run citewell eval gate"):
        home.publish(id)
    for status in ("failed", "anything"):
        home.record_verdict(id, {"status": status})
        with pytest.raises(Refused, match=status):
            home.publish(id)
    assert home.live() is None
    home.record_verdict(id, {"status": "passed"})
    home.publish(id)
    assert home.live() == id
    assert [(version.id, version.verdict, version.live) for version in home.versions()] == [(id, "passed", True)]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"passed": true}', b"\xff"])
def test_a_torn_verdict_is_damage_and_publishes_nothing(tmp_path, content):
    home = Home(tmp_path)
    id = build(home, {"d": "text"}, publish=None)
    (home.versions_folder / id / "verdict.json").write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(DamagedIndex, match="verdict"):
        home.publish(id)


def test_a_verdict_that_another_process_writes_is_seen(tmp_path):
    home = Home(tmp_path)
    id = build(home, {"docs/x.md": "pump1"}, publish=None)
    home.record_verdict(id, {"status": "failed"})
    assert (home.verdict(id) or {})["status"] == "failed"
    script = (
        "import sys; from pathlib import Path; from retrieval.versions.home import Home; "
        "Home(Path(sys.argv[1])).record_verdict(sys.argv[2], {'status': 'passed'})"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path), id], cwd=ROOT, check=True)
    assert (home.verdict(id) or {})["status"] == "passed"
    assert [version.verdict for version in home.versions()] == ["passed"]
    home.publish(id)
    assert home.live() == id


def test_a_home_without_an_index_says_how_to_make_one(tmp_path):
    with pytest.raises(NoIndex, match="citewell ingest"):
        Home(tmp_path).open()
    build(tmp_path, TEXTS)
    for id in ("nothing", "../versions"):
        with pytest.raises(NoIndex, match="index versions"):
            Home(tmp_path).open(id)


@pytest.mark.slow
def test_an_index_without_a_document_is_one(tmp_path):
    build(tmp_path, {})
    assert answers(tmp_path) == [[]] * len(QUESTIONS) * len(MODES)
    build(tmp_path, TEXTS)
    build(tmp_path, {}, removed=TEXTS)
    assert answers(tmp_path) == [[]] * len(QUESTIONS) * len(MODES)
