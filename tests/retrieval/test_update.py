"""Does a home stay in step with its files, whatever happens: failures mended, names changed, kills?"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from ingest.find.discover import LabelTaken, NothingToRead, NotPrunable
from ingest.ledger import Ledger, LedgerUnusable
from ingest.model import Document, Failure
from ingest.options import Options
from ingest.source import Source
from retrieval.lexical.reading import OLDER
from retrieval.versions.home import Home, NoIndex
from tests.homes import PUBLIC, copied, opened, write
from tests.places import ROOT
from tests.retrieval.words import WordEncoder, answers

TORN = "%PDF-1.4 torn"


def counts(report):
    return {what: count for what, count in report.documents.items() if count}


@pytest.mark.slow
def test_what_failed_is_tried_again_with_what_it_was_to_get(citewell, tmp_path):
    folder = write(tmp_path / "docs", {**PUBLIC, "b.pdf": TORN, "c.jsonl": '{"_id": 1, "text": "t"}\nbroken\n'})
    report = citewell.ingest([folder], options=Options(frozenset({"hr"}), {"team": "x"}))
    assert counts(report) == {"added": 5, "failed": 2}
    write(
        folder,
        {"ports.md": "changed, but not what failed", "c.jsonl": '{"_id": 1, "text": "t"}\n{"_id": 2, "text": "u"}\n'},
    )
    again = citewell.ingest([], retry_failed=True)
    assert counts(again) == {"added": 1, "unchanged": 1, "failed": 1}
    assert [failure.document for failure in again.failures] == ["docs/b.pdf"]
    document = citewell.version().content.document("docs/c.jsonl#2")
    assert (document.labels, document.metadata["team"]) == (frozenset({"hr"}), "x")
    (folder / "b.pdf").unlink()
    assert counts(citewell.ingest([folder], options=Options(frozenset({"hr"}), {"team": "x"}, prune=True))) == {
        "updated": 1,
        "unchanged": 5,
    }
    assert counts(citewell.ingest([], retry_failed=True)) == {}


def failed(citewell):
    """What `citewell status` lists, and what `--retry-failed` would try."""
    with closing(Ledger(citewell.home.path / "ledger.sqlite")) as ledger:
        live = citewell.home.live()
        return [one.document for one in ledger.failures(live)], [one.source.name for one in ledger.retries(live)]


@pytest.mark.slow
def test_what_failed_is_forgotten_only_where_a_version_is_live_that_holds_it(citewell, tmp_path):
    docs = write(tmp_path / "docs", {**PUBLIC, "b.jsonl": "broken"})
    citewell.ingest(docs)
    write(docs, {"b.jsonl": '{"_id": 1, "text": "mended"}'})
    citewell.ingest(docs, publish=False)
    assert failed(citewell) == (["docs/b.jsonl:1"], ["docs/b.jsonl"]), "the live version lacks it still"
    for name in PUBLIC:
        (docs / name).unlink()
    refused = citewell.ingest(docs, options=Options(prune=True))
    assert (refused.verdict, counts(refused)["added"]) == ("failed", 1)
    assert failed(citewell) == (["docs/b.jsonl:1"], ["docs/b.jsonl"])
    report = citewell.ingest([], retry_failed=True)
    assert (report.published, counts(report)) == (True, {"added": 1})
    assert failed(citewell) == ([], [])
    citewell.home.rollback()
    assert failed(citewell) == (["docs/b.jsonl:1"], ["docs/b.jsonl"])


@pytest.mark.slow
def test_what_fails_in_a_version_that_is_not_published_is_no_failure_of_the_live_one(citewell, tmp_path):
    docs = write(tmp_path / "docs", {**PUBLIC, "b.jsonl": '{"_id": 1, "text": "good"}'})
    citewell.ingest(docs)
    write(docs, {"b.jsonl": "broken", "new.md": "# New\n\nA new page."})
    candidate = citewell.ingest(docs, publish=False)
    assert failed(citewell) == ([], [])
    citewell.home.publish(candidate.index_version)
    assert failed(citewell) == (["docs/b.jsonl:1"], ["docs/b.jsonl"])
    citewell.home.compact()
    assert counts(citewell.ingest(docs)) == {"unchanged": 5, "failed": 1}


def test_an_ingest_that_does_not_come_to_its_end_changes_no_failure(citewell, tmp_path, monkeypatch):
    docs = write(tmp_path / "docs", {**PUBLIC, "b.jsonl": "broken", "c.jsonl": '{"_id": 1, "text": "good"}'})
    citewell.ingest(docs)
    write(docs, {"b.jsonl": '{"_id": 1, "text": "mended"}', "c.jsonl": "broken"})

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("retrieval.versions.candidate.Candidate.finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        citewell.ingest(docs)
    assert failed(citewell) == (["docs/b.jsonl:1"], ["docs/b.jsonl"])


@pytest.mark.slow
def test_what_was_erased_is_no_failure_of_any_version(citewell, tmp_path):
    docs = write(tmp_path / "docs", {**PUBLIC, "b.jsonl": '{"_id": 1, "text": "good"}\nbroken'})
    citewell.ingest(docs)
    write(docs, {"new.md": "# New\n\nA new page."})
    citewell.ingest(docs)
    assert failed(citewell)[0] == ["docs/b.jsonl:2"]
    citewell.delete("docs/b.jsonl#1")
    assert failed(citewell) == ([], [])
    citewell.home.rollback()
    assert failed(citewell) == ([], [])


@pytest.mark.slow
def test_the_failures_of_an_older_home_are_those_of_its_live_version(citewell, tmp_path):
    docs = write(tmp_path / "docs", {**PUBLIC, "b.jsonl": "broken", "c.jsonl": "broken"})
    citewell.ingest(docs)
    path = citewell.home.path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as older, older:
        older.executescript("""
        CREATE TABLE failures (document TEXT PRIMARY KEY, source TEXT, error TEXT, at TEXT);
        CREATE TABLE retries (source TEXT PRIMARY KEY, path TEXT, root TEXT, labels TEXT, metadata TEXT);
        INSERT INTO failures SELECT document, source, why, '' FROM unread WHERE version = '';
        INSERT INTO retries SELECT source, path, root, labels, metadata FROM again WHERE version = '';
        DROP TABLE unread; DROP TABLE again; DROP TABLE known;
        """)
    both = ["docs/b.jsonl:1", "docs/c.jsonl:1"]
    with closing(Ledger(path, read_only=True)) as ledger:
        assert [one.document for one in ledger.failures(citewell.home.live())] == both
        assert ledger.skipped(citewell.home.live()) == []
    assert failed(citewell) == (both, ["docs/b.jsonl", "docs/c.jsonl"])
    write(docs, {"b.jsonl": '{"_id": 1, "text": "mended"}'})
    citewell.ingest([], retry_failed=True, publish=False)
    assert failed(citewell) == (both, ["docs/b.jsonl", "docs/c.jsonl"])
    assert counts(citewell.ingest([], retry_failed=True)) == {"added": 1, "failed": 1}
    assert failed(citewell) == (["docs/c.jsonl:1"], ["docs/c.jsonl"])


@pytest.mark.slow
def test_what_failed_is_looked_at_anew_before_it_is_tried_again(citewell, tmp_path):
    folder = write(tmp_path / "docs", {**PUBLIC, "link.pdf": TORN, "pipe.pdf": TORN, "there.pdf": TORN})
    write(tmp_path, {"secret.txt": "the secret"})
    assert counts(citewell.ingest([folder])) == {"added": 4, "failed": 3}
    for name in ("link.pdf", "pipe.pdf"):
        (folder / name).unlink()
    (folder / "link.pdf").symlink_to("../secret.txt")
    os.mkfifo(folder / "pipe.pdf")
    report = citewell.ingest([], retry_failed=True)
    assert counts(report) == {"failed": 1, "skipped": 2}
    assert {skipped.document: skipped.reason.split(":")[0] for skipped in report.skipped} == {
        "docs/link.pdf": "it is a link that leads out of docs",
        "docs/pipe.pdf": "it is not a regular file",
    }
    assert citewell.version().names() == [f"docs/{name}" for name in sorted(PUBLIC)]


def test_a_folder_without_documents_is_an_error_only_where_there_is_no_index(citewell, tmp_path):
    folder = write(tmp_path / "docs", {"a.xyz": "text"})
    with pytest.raises(NothingToRead, match="xyz files are not supported"):
        citewell.ingest(folder)
    citewell.ingest(write(tmp_path / "more", PUBLIC))
    assert counts(citewell.ingest(folder)) == {"skipped": 1}


def test_the_last_document_is_pruned_and_the_gate_has_its_say(citewell, tmp_path):
    folder = write(tmp_path / "docs", {"a.md": "# Pumps\n\nThey pump."})
    live = citewell.ingest(folder).index_version
    (folder / "a.md").unlink()
    report = citewell.ingest(folder, options=Options(prune=True))
    assert (counts(report), report.published, report.verdict) == ({"removed": 1}, False, "failed")
    assert citewell.home.live() == live


def test_a_pattern_is_not_pruned(citewell, tmp_path):
    folder = write(tmp_path / "docs", PUBLIC)
    citewell.ingest(f"{folder}/*.md")
    assert len(citewell.version().names()) == len(PUBLIC), "one path is not taken letter by letter"
    with pytest.raises(NotPrunable, match=f"name the folder {folder}"):
        citewell.ingest(f"{folder}/*.md", options=Options(prune=True))


def test_a_renamed_file_keeps_its_vectors(citewell, tmp_path):
    folder = write(tmp_path / "docs", {"a.md": "# Pumps\n\nThey pump.", "b.md": "# Valves\n\nThey close."})
    citewell.ingest([folder])
    encoded = len(citewell.encoder.encoded)
    (folder / "a.md").rename(folder / "z.md")
    assert counts(citewell.ingest([folder])) == {"renamed": 1, "unchanged": 1}
    assert citewell.version().names() == ["docs/b.md", "docs/z.md"]
    assert len(citewell.encoder.encoded) == encoded
    assert citewell.search("pump").hits[0].chunk.document == "docs/z.md"


def test_a_renamed_file_without_a_title_is_encoded_with_its_new_name(citewell, tmp_path):
    folder = write(tmp_path / "docs", {"a.txt": "They pump.", "b.txt": "They close."})
    citewell.ingest([folder])
    encoded = len(citewell.encoder.encoded)
    (folder / "a.txt").rename(folder / "pumps.txt")
    assert counts(citewell.ingest([folder])) == {"renamed": 1, "unchanged": 1}
    assert citewell.version().names() == ["docs/b.txt", "docs/pumps.txt"]
    assert len(citewell.encoder.encoded) > encoded
    hit = citewell.search("pumps").hits[0].chunk
    assert (hit.document, hit.context) == ("docs/pumps.txt", "pumps")


@pytest.mark.slow
def test_a_damaged_cache_is_made_anew_and_a_damaged_ledger_is_said(citewell, tmp_path):
    folder = write(tmp_path / "docs", PUBLIC)
    citewell.ingest([folder])
    home = citewell.home.path
    (home / "cache/vectors.sqlite").write_bytes(b"no database at all" * 1000)
    write(folder, {"b.md": "two"})
    assert counts(citewell.ingest([folder])) == {"added": 1, "unchanged": 4}
    (home / "ledger.sqlite").write_bytes(b"no database at all" * 1000)
    write(folder, {"b.md": "three"})
    with pytest.raises(LedgerUnusable, match="move it away"):
        citewell.ingest([folder])


# Sources that are no files


class Shelf:
    """Stands for what another library loads: the same contract as `LlamaSource`, without that library."""

    def __init__(self, label, **texts):

        self.source, self.texts = Source(Path(f"shelf/{label}"), label, Path(label)), texts

    def documents(self):
        return [Document(f"{self.source.name}/{name}", text) for name, text in self.texts.items()]


def test_loaded_documents_are_kept_in_step_like_a_file(citewell, tmp_path):
    folder = write(tmp_path / "docs", PUBLIC)
    assert counts(citewell.ingest([folder, Shelf("wiki", pump="it pumps", valve="it closes")])) == {"added": 6}
    assert counts(citewell.ingest([Shelf("wiki", pump="it pumps hard", key="it opens")])) == {
        "added": 1,
        "updated": 1,
        "removed": 1,
    }
    assert citewell.version().names() == [*(f"docs/{name}" for name in sorted(PUBLIC)), "wiki/key", "wiki/pump"]
    wiki = write(tmp_path / "wiki", PUBLIC)
    for taken in (
        [folder, Shelf("docs", a="x")],
        [Shelf("wiki", a="x"), Shelf("wiki", b="x")],
        [Shelf("docs", a="x")],
        [wiki],
    ):
        with pytest.raises(LabelTaken):
            citewell.ingest(taken)


class Broken(Shelf):
    def documents(self):
        return [Failure(f"{self.source.name}/a", "no route: connect")]


def test_a_loaded_source_that_failed_is_not_tried_again_as_a_file(citewell, tmp_path):
    citewell.ingest(write(tmp_path / "docs", PUBLIC))
    assert counts(citewell.ingest(Broken("wiki"))) == {"failed": 1}
    assert counts(citewell.ingest([], retry_failed=True)) == {}
    with closing(Ledger(citewell.home.path / "ledger.sqlite")) as ledger:
        assert ledger.failures() == [Failure("wiki/a", "no route: connect")]


def test_what_is_no_source_is_refused_with_what_would_be(citewell):
    class Pages:
        def load_data(self):
            return []

    with pytest.raises(TypeError, match=r"LlamaSource\(reader, label\)"):
        citewell.ingest([Pages()])
    with pytest.raises(TypeError, match="int cannot be ingested"):
        citewell.ingest(7)


# Kills


INGEST = """
import sys
from tests.homes import opened
from tests.retrieval.words import WordEncoder
with opened(__import__("pathlib").Path(sys.argv[1]), WordEncoder()) as citewell:
    print("begun", flush=True)
    print(citewell.ingest(sys.argv[2:]).fingerprint, flush=True)
"""


def ingesting(home, *paths):
    return subprocess.Popen(
        [sys.executable, "-c", INGEST, *map(str, (home, *paths))],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.slow
def test_a_killed_ingest_leaves_nothing_but_what_the_next_one_uses(tmp_path):
    noise = random.Random(3)
    words = ["pump", "valve", "key", "pipe"]
    texts = {
        f"{number:02}.md": f"# Chapter {number}\n\n"
        + " ".join(noise.choice(words) + str(noise.randrange(9)) for _ in range(300))
        for number in range(40)
    }
    folder = write(tmp_path / "docs", texts)
    base = tmp_path / "base"
    with opened(base, WordEncoder()) as citewell:
        citewell.ingest([folder])
    for number in range(0, 40, 3):  # changed, renamed, new
        (folder / f"{number:02}.md").write_text(f"# Changed\n\nchapter {number} key0 pump1")
    (folder / "01.md").rename(folder / "moved.md")
    write(
        folder,
        {"more.jsonl": "".join(json.dumps({"_id": i, "text": f"valve{i % 7} record {i}"}) + "\n" for i in range(200))},
    )
    undisturbed = copied(base, tmp_path / "undisturbed")
    process = ingesting(undisturbed, folder)
    assert process.stdout.readline() == "begun\n"
    began = time.monotonic()
    fingerprint = process.stdout.readline()
    took = time.monotonic() - began
    process.communicate()
    said = answers(undisturbed)
    instants = random.Random(11)
    for number in range(6):
        home = copied(base, tmp_path / f"killed{number}")
        live = Home(home).live()
        process = ingesting(home, folder)
        process.stdout.readline()
        time.sleep(instants.uniform(0, took))  # the instant is the point of the test
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert Home(home).live() in {live, *[version.id for version in Home(home).versions()]}
        assert answers(home)  # whatever is live answers
        process = ingesting(home, folder)
        assert process.communicate()[0] == f"begun\n{fingerprint}", number
        assert answers(home) == said, number
        assert not list((home / "versions").glob(".*")), number


LOGS = {
    "a.md": "# Log\n\nOn 12 March 2024 the pump valve1 was mended, it is not told by who.\n",
    "b.md": "# Log\n\nOn 13 March 2024 the pump valve2 was mended by two people.\n",
    "c.md": "# Log\n\nOn 05.04.2024 the pump valve3 was mended by two people.\n",
}


def first(citewell, question):
    """The documents that words alone find for a question."""
    return [hit.chunk.document for hit in citewell.search(question, mode="lexical").hits]


@pytest.mark.slow
def test_a_version_is_rebuilt_from_its_texts_and_asked_as_it_records_until_then(tmp_path, monkeypatch):
    folder, encoder = write(tmp_path / "docs", {**LOGS, "bad.pdf": TORN}), WordEncoder()
    with opened(tmp_path / "home", encoder) as citewell:
        with monkeypatch.context() as older:
            older.setattr("retrieval.versions.candidate.CURRENT", OLDER)
            before = citewell.ingest(folder)
        assert set(first(citewell, "2024")) == {"docs/a.md", "docs/b.md", "docs/c.md"}
        assert first(citewell, "who knows") == ["docs/a.md"], "a word like others, as this version was read"
        assert citewell.status().rebuild_due
        shutil.rmtree(folder)
        encoded = len(encoder.encoded)
        done = citewell.rebuild()
        assert (done.published, done.verdict, counts(done)) == (True, "probe", {"unchanged": 3})
        assert (len(encoder.encoded), done.chunks) == (encoded, before.chunks), "vectors are taken over"
        assert first(citewell, "5 April") == ["docs/c.md"]
        assert first(citewell, "who knows") == []
        assert not citewell.status().rebuild_due
        assert [one.document for one in citewell.status().failures] == ["docs/bad.pdf"], "which stays to be told"
        assert citewell.rollback().live == before.index_version
        assert citewell.status().rebuild_due
        assert first(citewell, "who knows") == ["docs/a.md"]
        assert citewell.rebuild().fingerprint == done.fingerprint
        assert citewell.home.live() == before.index_version, "who rolled back says what is served"


@pytest.mark.slow
def test_a_rebuild_goes_through_the_gate_and_leaves_out_what_was_erased(citewell, tmp_path):
    folder = write(tmp_path / "docs", LOGS)
    with opened(tmp_path / "mistyped", WordEncoder()) as another, pytest.raises(NoIndex, match="citewell ingest"):
        another.rebuild()
    assert not (tmp_path / "mistyped").exists()
    live = citewell.ingest(folder).index_version
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "1", "question": "valve1", "relevant": [{"document": "docs/gone.md"}]}\n', "utf-8")
    refused = citewell.rebuild(gold=gold)
    assert (refused.published, refused.verdict, citewell.home.live()) == (False, "failed", live)
    held = citewell.rebuild(publish=False)
    assert (held.published, held.verdict, citewell.home.live()) == (False, "probe", live)
    citewell.delete("docs/b.md")
    assert citewell.rebuild().documents["unchanged"] == 2
    assert "docs/b.md" not in first(citewell, "valve2")
    citewell.ingest(write(tmp_path / "docs", {"d.md": "On 4 May 2024 nothing.\n"}))
    assert first(citewell, "2024-05-04")[0] == "docs/d.md", "and the next ingest builds on it"


INTERRUPTED = """
import signal, sys, time
from pathlib import Path
import retrieval.vectors.cache
from agent.commands.terminal.interrupted import ending_as_interrupted
from tests.homes import opened
from tests.retrieval.words import WordEncoder
retrieval.vectors.cache._EVERY = float(sys.argv[3])
class Slow(WordEncoder):
    def encode(self, texts, made):
        for row, text in enumerate(texts):
            made([row], self.encode_query(text)[None])
            if row == 100:
                print("in the middle", flush=True)
            if row >= 100:
                time.sleep(0.02)
with ending_as_interrupted(), opened(Path(sys.argv[1]), Slow()) as citewell:
    citewell.ingest(sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "every"),
    [(signal.SIGINT, 60), (signal.SIGTERM, 60), (signal.SIGKILL, 0)],
    ids=["Ctrl-C", "TERM", "KILL"],
)
def test_what_was_encoded_is_never_encoded_again_however_an_ingest_ends(tmp_path, number, every):
    folder, home = (
        write(tmp_path / "docs", {f"{n}.md": f"# Page {n}\n\nvalve{n} text\n" for n in range(300)}),
        tmp_path / "home",
    )
    words = [sys.executable, "-c", INTERRUPTED, str(home), str(folder), str(every)]
    with subprocess.Popen(
        words,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout.readline() == "in the middle\n"
        process.send_signal(number)
    again = WordEncoder()
    with opened(home, again) as citewell:
        assert citewell.ingest(folder).chunks == 300
    assert 0 < len(again.encoded) < 300 - 100
