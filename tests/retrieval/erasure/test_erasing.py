"""Is an erased document gone from every file, and does everything else stay as it was?"""

import json
import re
import shutil
import sqlite3
import threading
import zlib
from contextlib import closing, suppress
from pathlib import Path

import pytest

from agent.journal.journal import Journal
from agent.settings import Settings
from agent.wire import Citewell
from ingest.model import Document
from ingest.split.split import split
from retrieval.disk.durable import hash_file
from retrieval.erasure import rewrite as erase
from retrieval.erasure.erasing import NoDocument, StillPending, delete, pending, restore, settle, verify
from retrieval.model import EVERYTHING
from retrieval.search.hybrid import HybridSearch
from retrieval.vectors.cache import VectorCache
from retrieval.versions import candidate as build_module
from retrieval.versions.erasure_list import Erased, ErasureListUnusable
from retrieval.versions.home import Home, candidate
from retrieval.versions.leftovers import release_stale
from retrieval.versions.manifest import DamagedIndex, Manifest
from tests.retrieval.words import ENCODER, MODES, TEXTS, answers, build, documents, fingerprint

SECRET = "docs/secret.md"
WORDS = ["zyxomma", "quillwort", "brontophobia"]
TEXT = "The quillwort ledger of Zyxomma Brontophobia.\n\n" + "".join(
    f"Pump{n} and valve{n + 1} are what the quillwort auditor of row {n} found under the brontophobia clause.\n\n"
    for n in range(30)
)
BOTH = TEXTS | {SECRET: TEXT}


def inflated(data):
    """As far as it goes, in small steps: the rest may lie in other pages."""
    stream, whole = zlib.decompressobj(), b""
    with suppress(zlib.error):
        for at in range(0, len(data), 32):
            whole += stream.decompress(data[at : at + 32])
    return whole


def everything(folder):
    """Every byte below a folder, and whatever can be inflated from any place in any file or database."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes().rstrip(b"\0")
        yield path, data
        for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
            yield path, inflated(data[start.start() :])
        if data.startswith(b"SQLite format 3"):
            with closing(sqlite3.connect(path)) as database:
                for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    for row in database.execute(f'SELECT * FROM "{table}"'):
                        for value in row:
                            if isinstance(value, bytes):
                                try:
                                    yield path, zlib.decompress(value)
                                except zlib.error:
                                    yield path, value


def standing(folder, words):
    """The files in which one of the words stands, in UTF-8 or UTF-16, whatever the case."""
    wanted = [word.encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le")]
    return sorted({path.name for path, data in everything(folder) if any(word in data.lower() for word in wanted)})


def vectors_of(home, name):
    """The bytes of each vector of a document in each version."""
    found = set()
    for version in home.versions():
        with closing(home.open(version.id, encoder=ENCODER)) as opened:
            ids = [chunk.id for chunk in opened.content.chunks_of(name)]
            found |= {vector.tobytes() for vector in opened.store.vectors(ids).values()}
            found |= {ENCODER.encode_query(chunk.indexed_text).tobytes() for chunk in opened.content.chunks_of(name)}
    return found


def asked(journal):
    """A run that quoted the secret and one that did not."""
    journal.append("r-1", "begun", {"question": "Who is the auditor?"})
    passage = {"document": SECRET, "text": TEXT.split("\n\n")[1], "start": 0}
    journal.append("r-1", "retrieved", {"passages": [passage]})
    journal.append("r-1", "answered", {"answer": "the quillwort auditor found under the clause", "citations": []})
    journal.append("r-2", "begun", {"question": "What of pump1?"})


@pytest.fixture
def home(tmp_path):
    """Three versions: one with the secret, one that lost it, one that has it again; a cache and a journal."""
    home = Home(tmp_path / "home")
    build(home, BOTH)
    build(home, {"docs/new.md": "something new"}, removed=[SECRET])
    build(home, {SECRET: TEXT})
    return home


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


def test_what_survives_is_what_a_version_without_the_document_would_be(home, tmp_path):
    delete(home, [SECRET])
    build(tmp_path / "fresh", TEXTS | {"docs/new.md": "something new"})
    assert fingerprint(home) == fingerprint(tmp_path / "fresh")
    assert answers(home) == answers(tmp_path / "fresh")
    for version in home.versions():
        manifest = Manifest.read(home.folder(version.id))
        assert len(manifest.erasures) == 1
        assert home.verdict(version.id) == {"status": "probe"}, "it inherits its verdict"
    ids = [version.id for version in home.versions()]
    assert home.live() == ids[0]
    assert home.rollback(encoder=ENCODER)[0] == ids[1]


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


def test_it_is_pending_as_long_as_a_reader_holds_an_old_file_and_not_a_moment_longer(home):
    reader = home.open(encoder=ENCODER)
    done = delete(home, [SECRET], patience=0.1)
    assert done.pending == pending(home) == (SECRET,)
    assert standing(home.path, WORDS) == [], "its names are gone at once all the same"
    assert HybridSearch(reader, ENCODER)("pump1 valve2"), "and the reader reads on"
    assert not home.is_current(reader)
    reader.close()
    assert delete(home, [SECRET], patience=0.1).pending == pending(home) == ()


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


def test_the_texts_of_a_twin_stay(home):
    build(home, {"docs/twin.md": TEXT})
    delete(home, [SECRET])
    with closing(home.open(encoder=ENCODER)) as version:
        assert version.text("docs/twin.md") == TEXT
        assert HybridSearch(version, ENCODER)("quillwort auditor")[0].chunk.document == "docs/twin.md"
    proof = verify(home, SECRET)
    assert (proof.clean, proof.sequences) == (True, 0), "none of its words are its own"


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


@pytest.mark.parametrize("break_at", ["merged", "copyfile", "hash_files", "keep_in_cache"])
def test_an_erasure_that_breaks_is_finished_by_the_next(home, monkeypatch, break_at):
    class Broken(Exception):
        pass

    def broken(*_, **__):
        raise Broken

    target = {"copyfile": shutil, "hash_files": build_module}.get(break_at, erase)
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


def test_a_trace_that_is_left_is_found(home):
    """The proof itself is proved: what is put back, in whatever form, is found."""
    delete(home, [SECRET])
    line = TEXT.split("\n\n")[1]
    plain = home.path / "cache" / "left.bin"
    for data in (b"\0\xff" * 999 + line.encode(), line.encode("utf-16-le"), b"head" + zlib.compress(line.encode())):
        plain.write_bytes(data)
        found = verify(home, SECRET)
        assert not found.clean
        assert [trace.file for trace in found.found] == ["cache/left.bin"]
        plain.unlink()
    with closing(sqlite3.connect(home.path / "more.sqlite")) as database:
        database.execute("CREATE TABLE t (body BLOB)")
        database.execute("INSERT INTO t VALUES (?)", [zlib.compress((line * 3000).encode())])
        database.commit()
    assert [trace.file for trace in verify(home, SECRET).found] == ["more.sqlite"]
    (home.path / "more.sqlite").unlink()
    assert verify(home, SECRET).clean


def test_looking_for_traces_says_how_far_it_is(home):
    delete(home, [SECRET])
    told = []
    assert verify(home, SECRET, on_looked=lambda done, all: told.append((done, all))).clean
    assert len(told) > 5
    assert told == sorted(told)
    done, whole = told[-1]
    assert done == whole > 0


def test_a_file_of_several_names_is_read_once_and_told_by_each(home):
    delete(home, [SECRET])
    told = []
    verify(home, SECRET, on_looked=lambda done, all: told.append(all))
    whole = told[-1]
    file = home.path / "cache" / "left.bin"
    file.write_bytes(TEXT.split("\n\n")[1].encode() * 20_000)
    for name in ("again.bin", "third.bin"):
        (home.path / name).hardlink_to(file)
    told.clear()
    found = verify(home, SECRET, on_looked=lambda done, all: told.append(all)).found
    assert whole < told[-1] < whole + 2 * file.stat().st_size
    assert [trace.file for trace in found] == ["again.bin", "cache/left.bin", "third.bin"]


def test_the_proof_of_an_erasure_outlives_its_restoring(home):
    delete(home, [SECRET])
    before = verify(home, SECRET)
    assert restore(home, [SECRET]) == [SECRET]
    with pytest.raises(NoDocument, match="was not erased"):
        restore(home, [SECRET])
    proof = verify(Home(home.path), SECRET)
    assert (proof.clean, proof.sequences, proof.pending) == (True, before.sequences, False)
    assert proof.restored
    assert before.restored is None
    left = home.path / "cache" / "left.bin"
    left.write_text(TEXT)
    assert [trace.file for trace in verify(home, SECRET).found] == ["cache/left.bin"]
    left.unlink()
    build(home, {SECRET: TEXT})
    again = verify(home, SECRET)
    assert (again.clean, again.sequences, again.elsewhere) == (True, 0, before.sequences)
    delete(home, [SECRET])
    assert home.erased.names() == {SECRET}
    assert standing(home.path, WORDS) == []
    assert (verify(home, SECRET).clean, verify(home, SECRET).restored) == (True, None)


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


def test_metadata_and_titles_go_too(tmp_path):
    home = Home(tmp_path)
    build(home, [Document(SECRET, "pump1 valve2 key3", title="Zyxomma", metadata={"client": "quillwort"})])
    build(home, TEXTS)
    delete(home, [SECRET])
    assert standing(home.path, WORDS) == []


def test_a_service_that_nobody_asks_lets_go_of_the_old_files_by_itself(home):
    service = Citewell(Settings(home=home.path), encoder=ENCODER)
    service.version()
    threading.Thread(target=service.keep_up, kwargs={"every": 0.05}, daemon=True).start()
    assert delete(home, [SECRET], patience=30).pending == ()
    assert service.search("pump1 valve2").hits
    service.close()


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


def test_a_clean_up_in_the_middle_of_an_erasure_takes_nothing_away(home, monkeypatch):
    real = build_module.hash_files

    def with_another_process(data):
        assert release_stale(home.versions_folder, home.drop_vectors)
        return real(data)

    monkeypatch.setattr(build_module, "hash_files", with_another_process)
    delete(home, [SECRET])
    for version in home.versions():
        home.open(version.id, encoder=ENCODER).close()


def test_what_is_no_longer_pending_is_no_longer_open_in_any_process(home):
    service = Citewell(Settings(home=home.path), encoder=ENCODER)
    assert service.search("pump1 valve2").hits
    delete(Home(home.path), [SECRET], patience=0)
    assert pending(home) == (SECRET,)
    assert service.search("pump1 valve2").hits, "with its next question it takes up the new files"
    release_stale(home.versions_folder, home.drop_vectors)
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


def test_damage_is_not_given_new_hashes(home):
    (path,) = (home.folder(home.live()) / "0" / "lexical").glob("*/chunks.u4")
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    done = delete(home, [SECRET])
    assert done.pending == (SECRET,)
    assert "damaged" in done.waits_for
    with pytest.raises(DamagedIndex):
        home.open(encoder=ENCODER)
    assert home.erased.names() == {SECRET}


@pytest.mark.parametrize(
    "break_it", [Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"x" * 999)]
)
def test_that_the_texts_are_damaged_is_said_where_no_document_of_that_name_is_found(home, break_it):
    folder = home.folder(home.live())
    break_it(Manifest.read(folder).folder(folder) / "content.sqlite")
    with pytest.raises(DamagedIndex, match="citewell index rollback"):
        delete(home, ["docs/only-there.md"])
    assert home.erased.names() == frozenset()


def test_a_restore_waits_until_the_erasure_is_done(home):
    reader = home.open(encoder=ENCODER)
    delete(home, [SECRET], patience=0)
    with pytest.raises(StillPending, match="citewell delete again"):
        restore(home, [SECRET])
    reader.close()
    delete(home, [SECRET])
    assert restore(home, [SECRET]) == [SECRET]


def test_two_who_erase_at_once_block_both(tmp_path):
    lists = [Home(tmp_path).erased for _ in range(2)]
    threads = [
        threading.Thread(target=lambda one=one, n=n: [one.put([Erased(f"{n}-{i}", "now")]) for i in range(20)])
        for n, one in enumerate(lists)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Home(tmp_path).erased.names()) == 40


def test_a_list_that_is_lost_is_an_error_and_no_permission(home):
    delete(home, [SECRET])
    (home.path / "erased.json").unlink()
    with pytest.raises(ErasureListUnusable, match="put back a copy"):
        Home(home.path).open(encoder=ENCODER)


def test_every_way_of_quoting_is_found_in_the_journal_and_no_run_on_other_documents_is_lost(tmp_path):
    home = Home(tmp_path)
    lines = "one two three four\nfive six seven eight\nnine ten eleven twelve\n"
    chinese = "合同规定违约金为每日千分之五由乙方在十日内支付给甲方"
    build(home, {SECRET: TEXT, "docs/lines.md": lines, "docs/zh.md": chinese, "docs/twin.md": TEXT[:400]})
    build(home, {"docs/a.md": "pump"}, removed=["docs/twin.md"])
    told = {
        "quote": {"question": "quillwort auditor of row 29 found under the brontophobia clause?"},
        "json": {"passages": [{"text": lines}]},
        "chinese": {"answer": "违约金为每日千分之五由乙方"},
        "name": {"answer": f"According to {SECRET}, nothing is owed."},
        "twin": {"passages": [{"document": "docs/twin.md", "text": TEXT[60:300]}]},
        "longer name": {"question": "What does more-docs/secret.md.old say?"},
        "other": {"question": "What of the pump?"},
    }
    journal = Journal(home.path / "journal.sqlite")
    for run, content in told.items():
        journal.append(run, "begun", content)
    delete(home, [SECRET, "docs/lines.md", "docs/zh.md"], records=lambda: [Journal(home.path / "journal.sqlite")])
    left = {run for run in told if not journal.events(run)[0].content.get("erased")}
    assert left == {"twin", "longer name", "other"}
    assert journal.verify().ok
    journal.close()


def test_a_second_erasure_adds_to_what_the_first_had_proven(home, monkeypatch):
    build(home, {SECRET: "Another text of it, of which the heliotrope wagon was the subject all along.\n"})
    monkeypatch.setattr(erase, "rewrite", lambda *_: ["interrupted"])
    assert delete(home, [SECRET], patience=0).pending == (SECRET,)
    (first,) = home.erased.entries()
    monkeypatch.undo()
    delete(home, [SECRET])
    (second,) = home.erased.entries()
    assert set(first.proofs) <= set(second.proofs)
    assert first.key == second.key


def test_a_copy_that_comes_later_is_not_taken_for_a_trace(home):
    delete(home, [SECRET])
    assert verify(home, SECRET).elsewhere == 0
    build(home, {"docs/copy.md": TEXT})
    proof = verify(home, SECRET)
    assert (proof.clean, proof.sequences) == (True, 0)
    assert proof.elsewhere > 10


def test_all_records_of_a_file_go_by_its_name(tmp_path):
    home = Home(tmp_path)
    with home.writing(), closing(VectorCache(home.path / "cache" / "vectors.sqlite", ENCODER.identity)) as cache:
        made = candidate(home, ENCODER, cache)
        for document in documents({f"d/a.jsonl#{n}": f"record {n} of pump{n}" for n in range(3)} | TEXTS):
            made.put(document, split(document, made.offsets, made.split_settings), document.name.partition("#")[0])
        id = made.finish()
    home.record_verdict(id, {"status": "probe"})
    home.publish(id)
    assert delete(home, ["d/a.jsonl"]).deleted == ("d/a.jsonl#0", "d/a.jsonl#1", "d/a.jsonl#2")
    assert answers(home)


def test_a_version_of_an_older_schema_is_rebuilt_without_what_was_erased(home):
    folder = home.folder(home.live())
    as_schema_1(folder)
    done = delete(home, [SECRET])
    assert done.pending == (SECRET,)
    assert "citewell ingest" in done.waits_for
    build(home, {"docs/after.md": "pump3"})
    with closing(home.open(encoder=ENCODER)) as version:
        assert version.content.text(SECRET) is None
        assert version.content.text("docs/00.md") == TEXTS["docs/00.md"]
    assert delete(home, [SECRET]).pending == ()
    assert standing(home.path, WORDS) == []


def as_schema_1(folder):
    """The version as the first Citewell laid it out: no folder of its own for the data, no languages."""
    for path in (folder / "0").iterdir():
        path.rename(folder / path.name)
    (folder / "0").rmdir()
    with closing(sqlite3.connect(folder / "content.sqlite")) as database:
        database.execute("ALTER TABLE documents DROP COLUMN language")
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in ("data", "languages", "engine", "query_model", "erasures", "digest"):
        del said[name]
    for name in ("query_prefix", "document_prefix"):
        del said["encoder"][name]
    said["schema"] = 1
    said["files"] = {name: hash_file(folder / name) for name in said["files"]}
    (folder / "manifest.json").write_text(json.dumps(said), "utf-8")
