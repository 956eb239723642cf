"""Is an erased document gone from every file, at once for those who ask, and does everything else stay as it was?"""

import re
import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from agent.journal.journal import Journal
from agent.settings import Settings
from agent.wire import Citewell
from ingest.model import Document
from ingest.split.split import split
from retrieval.erasure import erasing, rewrite
from retrieval.erasure.erasing import NoDocument, StillPending, delete, pending, restore, settle, verify
from retrieval.model import EVERYTHING
from retrieval.search.hybrid import HybridSearch
from retrieval.vectors.cache import VectorCache
from retrieval.versions import candidate
from retrieval.versions.candidate import new_candidate
from retrieval.versions.erasure_list import Erased, ErasureListUnusable
from retrieval.versions.home import Home
from retrieval.versions.leftovers import remove_stale
from retrieval.versions.manifest import Manifest
from tests.retrieval.erasure.secret import BOTH, SECRET, TEXT, WORDS, asked, everything, standing, vectors_of
from tests.retrieval.words import ENCODER, MODES, TEXTS, answers, build, documents


@pytest.mark.slow
def test_nothing_of_an_erased_document_is_left_in_any_file(home):
    journal = Journal(home.path / "journal.sqlite")
    asked(journal)
    vectors = vectors_of(home, SECRET)
    assert {"content.sqlite", "words.npy", "journal.sqlite-wal"} <= set(standing(home.path, WORDS)), "it is looked for"
    assert any(vector in data for _, data in everything(home.path) for vector in vectors)
    done = delete(home, [SECRET], records=lambda: [Journal(home.path / "journal.sqlite")])
    assert (done.deleted, done.pending, done.events) == ((SECRET,), (), 2)
    assert set(done.versions) >= {version.id for version in home.versions()[::2]}
    assert standing(home.path, WORDS) == []
    assert not any(vector in data for _, data in everything(home.path) for vector in vectors)
    assert verify(home, SECRET).clean
    assert verify(home, SECRET).sequences > 20
    journal.close()
    again = Home(home.path)
    live = again.live()
    again.rollback(encoder=ENCODER)
    build(again, {"docs/later.md": "pump9"}, publish=None)
    again.unpin()
    assert again.live() != live
    assert standing(home.path, WORDS) == [], "not after a restart, a rollback and another ingest either"


@pytest.mark.slow
def test_an_open_reader_is_given_nothing_of_it_from_that_moment_on(home):
    reader = home.open(encoder=ENCODER)
    search = HybridSearch(reader, ENCODER)
    question = "quillwort auditor brontophobia clause"
    assert search(question)[0].chunk.document == SECRET
    Home(home.path).erased.put([Erased(SECRET, "now")])
    for mode in MODES:
        hits = search(question, k=50, mode=mode)
        assert hits or mode == "lexical"
        assert SECRET not in {hit.chunk.document for hit in hits}
    assert reader.text(SECRET) is reader.document(SECRET) is None
    assert SECRET not in reader.names()
    assert search.within(EVERYTHING).text(SECRET) is None
    reader.close()


@pytest.mark.slow
def test_it_is_pending_as_long_as_a_reader_holds_an_old_file_and_not_a_moment_longer(home):
    reader = home.open(encoder=ENCODER)
    done = delete(home, [SECRET], patience=0.1)
    assert done.pending == pending(home) == (SECRET,)
    assert standing(home.path, WORDS) == [], "its names are gone at once all the same"
    assert HybridSearch(reader, ENCODER)("pump1 valve2"), "and the reader reads on"
    assert not home.is_current(reader)
    reader.close()
    assert delete(home, [SECRET], patience=0.1).pending == pending(home) == ()


@pytest.mark.slow
def test_an_erased_document_comes_back_only_when_it_is_restored(home):
    delete(home, [SECRET])
    assert home.erased.names() == {SECRET}
    assert restore(home, [SECRET]) == [SECRET]
    assert home.erased.names() == frozenset()
    build(home, {SECRET: TEXT})
    with closing(home.open(encoder=ENCODER)) as version:
        assert version.text(SECRET) == TEXT
    with pytest.raises(NoDocument, match="was not erased"):
        restore(home, [SECRET])
    assert verify(home, SECRET).restored, "what was erased can still be proven"


@pytest.mark.slow
def test_all_of_a_home_can_be_erased(tmp_path):
    home = Home(tmp_path)
    build(home, {SECRET: TEXT})
    delete(home, [SECRET])
    assert standing(home.path, WORDS) == []
    with closing(home.open(encoder=ENCODER)) as version:
        assert HybridSearch(version, ENCODER)("quillwort") == []
    build(home, TEXTS)
    build(tmp_path / "other", TEXTS)
    assert answers(home) == answers(tmp_path / "other")


@pytest.mark.slow
def test_a_version_without_a_document_is_no_trouble(tmp_path):
    home = Home(tmp_path)
    build(home, {})
    build(home, BOTH)
    assert delete(home, [SECRET]).pending == ()
    assert standing(home.path, WORDS) == []
    build(tmp_path / "other", TEXTS)
    assert answers(home) == answers(tmp_path / "other")


def test_an_unknown_document_is_named_and_nothing_is_done(home):
    before = [Manifest.read(home.folder(version.id)) for version in home.versions()]
    with pytest.raises(NoDocument, match=re.escape("'docs/secrets.md' (did you mean 'docs/secret.md'?)")):
        delete(home, [SECRET, "docs/secrets.md"])
    assert before == [Manifest.read(home.folder(version.id)) for version in home.versions()]
    assert home.erased.names() == frozenset()


@pytest.mark.slow
@pytest.mark.parametrize("break_at", ["merged", "copyfile", "hash_files", "keep_in_cache"])
def test_an_erasure_that_breaks_is_finished_by_the_next(home, monkeypatch, break_at):
    class Broken(Exception):
        pass

    def broken(*_, **__):
        raise Broken

    target = {"copyfile": shutil, "hash_files": candidate, "merged": rewrite}.get(break_at, erasing)
    with monkeypatch.context() as patch:
        patch.setattr(target, break_at, broken)
        with pytest.raises(Broken):
            delete(home, [SECRET])
    assert home.erased.names() == {SECRET}, "nobody is given anything of it"
    assert pending(home) == (SECRET,)
    assert answers(home)
    with home.writing():
        pass
    assert delete(home, [SECRET]).pending == ()
    assert standing(home.path, WORDS) == []


@pytest.mark.slow
def test_a_chain_from_which_contents_were_erased_still_verifies_and_others_that_are_missing_do_not(home):
    journal = Journal(home.path / "journal.sqlite")
    asked(journal)
    head = journal.head()
    delete(home, [SECRET], records=lambda: [Journal(home.path / "journal.sqlite")])
    assert journal.verify(head=head).ok
    assert [event.content for event in journal.events("r-1")][1:] == [{"erased": True}] * 2
    assert [run.id for run in journal.runs()] == ["r-2", "r-1"]
    with closing(sqlite3.connect(home.path / "journal.sqlite")) as database:
        database.execute("UPDATE events SET content = NULL, salt = NULL WHERE run = 'r-2'")
        database.commit()
    assert "its content is missing" in journal.verify().problems[0]
    journal.close()


@pytest.mark.slow
def test_metadata_and_titles_go_too(tmp_path):
    home = Home(tmp_path)
    build(home, [Document(SECRET, "pump1 valve2 key3", title="Zyxomma", metadata={"client": "quillwort"})])
    build(home, TEXTS)
    delete(home, [SECRET])
    assert standing(home.path, WORDS) == []


@pytest.mark.slow
def test_a_service_that_nobody_asks_lets_go_of_the_old_files_by_itself(home):
    service = Citewell(Settings(home=home.path), encoder=ENCODER)
    service.version()
    threading.Thread(target=service.keep_up, kwargs={"every": 0.05}, daemon=True).start()
    assert delete(home, [SECRET], patience=30).pending == ()
    assert service.search("pump1 valve2").hits
    service.close()


@pytest.mark.slow
def test_a_disk_that_once_does_not_answer_does_not_keep_a_service_from_what_comes_later(home, caplog):
    service = Citewell(Settings(home=home.path), encoder=ENCODER)
    service.version()
    is_current, failed = service.home.is_current, threading.Event()

    def failing_twice(version):
        if not failed.is_set():
            if caplog.text:
                failed.set()
            raise OSError(5, "Input/output error")
        return is_current(version)

    service.home.is_current = failing_twice
    threading.Thread(target=service.keep_up, kwargs={"every": 0.01}, daemon=True).start()
    assert failed.wait(10)
    assert delete(home, [SECRET], patience=30).pending == ()
    assert caplog.text.count("Input/output error") == 1, "the same is said once"
    service.close()


@pytest.mark.slow
def test_what_is_erased_while_an_ingest_goes_on_is_not_given_out_and_goes_with_the_next_writer(home):
    with home.writing():
        done = delete(Home(home.path), [SECRET])
    assert done.pending == (SECRET,)
    assert "another process is writing" in done.waits_for
    with closing(home.open(encoder=ENCODER)) as version:
        assert version.text(SECRET) is None
        hits = HybridSearch(version, ENCODER)("quillwort auditor", k=50)
        assert not any(hit.chunk.document == SECRET for hit in hits)
    with home.writing():
        settle(home)
    assert pending(home) == ()
    assert standing(home.path, WORDS) == []


@pytest.mark.slow
def test_a_clean_up_in_the_middle_of_an_erasure_takes_nothing_away(home, monkeypatch):
    real = candidate.hash_files

    def with_another_process(data):
        assert remove_stale(home.versions_folder, home.drop_vectors)
        return real(data)

    monkeypatch.setattr(candidate, "hash_files", with_another_process)
    delete(home, [SECRET])
    for version in home.versions():
        home.open(version.id, encoder=ENCODER).close()


@pytest.mark.slow
def test_what_is_no_longer_pending_is_no_longer_open_in_any_process(home):
    service = Citewell(Settings(home=home.path), encoder=ENCODER)
    assert service.search("pump1 valve2").hits
    delete(Home(home.path), [SECRET], patience=0)
    assert pending(home) == (SECRET,)
    assert service.search("pump1 valve2").hits, "with its next question it takes up the new files"
    remove_stale(home.versions_folder, home.drop_vectors)
    assert pending(home) == ()
    assert deleted_but_open(home.path) == []
    service.close()


def deleted_but_open(folder):
    """What this process still reads of files that have no name any more."""
    found = Path("/proc/self/maps").read_text("utf-8").splitlines()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(path.readlink()))
    return [line for line in found if str(folder) in line and "(deleted)" in line]


@pytest.mark.slow
def test_a_restore_waits_until_the_erasure_is_done(home):
    reader = home.open(encoder=ENCODER)
    delete(home, [SECRET], patience=0)
    with pytest.raises(StillPending, match="citewell delete again"):
        restore(home, [SECRET])
    reader.close()
    delete(home, [SECRET])
    assert restore(home, [SECRET]) == [SECRET]


@pytest.mark.slow
def test_a_list_that_is_lost_is_an_error_and_no_permission(home):
    delete(home, [SECRET])
    (home.path / "erased.json").unlink()
    with pytest.raises(ErasureListUnusable, match="put back a copy"):
        Home(home.path).open(encoder=ENCODER)


def test_all_records_of_a_file_go_by_its_name(tmp_path):
    home = Home(tmp_path)
    with home.writing(), closing(VectorCache(home.path / "cache" / "vectors.sqlite", ENCODER.identity)) as cache:
        made = new_candidate(home, ENCODER, cache)
        for document in documents({f"d/a.jsonl#{n}": f"record {n} of pump{n}" for n in range(3)} | TEXTS):
            made.put(document, split(document, made.offsets, made.split_settings), document.name.partition("#")[0])
        id = made.finish()
    home.record_verdict(id, {"status": "probe"})
    home.publish(id)
    assert delete(home, ["d/a.jsonl"]).deleted == ("d/a.jsonl#0", "d/a.jsonl#1", "d/a.jsonl#2")
    assert answers(home)
