"""Does an ingest bring the index in step with the files, and say truly what it did?"""

import json
import zipfile
from dataclasses import replace

import pytest

from ingest.find.discover import discover
from ingest.ledger import Ledger, Retry
from ingest.model import Document, Failure, Skipped
from ingest.options import Options
from ingest.pipeline import ingest
from ingest.read.registry import read
from ingest.read.sandbox.pool import Workers
from ingest.source import Source
from ingest.split.split import SplitSettings
from tests.retrieval.words import ENCODER

TORN = b"%PDF-1.4 torn"


class Shelf:
    """An index writer that keeps documents in memory."""

    split_settings = SplitSettings(window=64, context=16)

    def __init__(self):
        self.documents, self.chunks, self.owner, self.marks = {}, {}, {}, {}

    def offsets(self, text):
        return ENCODER.offsets(text)

    def sources(self):
        return dict(self.marks)

    def owners(self):
        return sorted(set(self.owner.values()))

    def held(self, source):
        return {name: self.documents[name].content_hash for name, owner in self.owner.items() if owner == source}

    def mark(self, source, hash):
        self.marks.pop(source, None)
        if hash is not None:
            self.marks[source] = hash

    def put(self, document, chunks, source):
        self.documents[document.name], self.chunks[document.name] = document, list(chunks)
        self.owner[document.name] = source

    def remove(self, name):
        for shelf in (self.documents, self.chunks, self.owner):
            shelf.pop(name, None)


def read_here(sources):
    """Reads files in this process, one after the other, without bounds."""
    for source in sources:
        yield source, read(source.path, source.name)


class Library:
    """A folder, a shelf and a ledger; `run` ingests and gives the counts that are not 0."""

    def __init__(self, folder):
        self.root = folder / "docs"
        self.root.mkdir()
        self.shelf = Shelf()
        self.ledger = Ledger(folder / "home" / "ledger.sqlite")
        self.seen = []

    def write(self, **files):
        for name, text in files.items():
            path = self.root / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def records(self, *ids, text="text of it"):
        self.write(r_jsonl="".join(json.dumps({"_id": id, "title": "", "text": f"{text} {id}"}) + "\n" for id in ids))

    def run(self, *paths, **options):
        self.seen = []
        return self.take(discover([self.root / path for path in paths] or [self.root]), **options)

    def take(self, found, read_all=read_here, versions=None, **options):
        self.done = ingest(
            *(found, self.shelf, self.ledger, Options(**options)),
            read_all=read_all,
            reader_versions=versions or {},
            on_progress=self.seen.append,
        )
        return {what: count for what, count in self.done.counts.items() if count}


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path)
    yield made
    made.ledger.close()


def test_what_is_new_changed_or_the_same_is_counted_so(library):
    library.write(a_md="# A\n\none", b_md="two", sub__c_txt="three")
    assert library.run() == {"added": 3}
    assert library.run() == {"unchanged": 3}
    library.write(a_md="# A\n\nanother")
    assert library.run() == {"updated": 1, "unchanged": 2}
    assert library.shelf.documents["docs/a.md"].text.endswith("another")
    assert "".join(chunk.text for chunk in library.shelf.chunks["docs/a.md"]).endswith("another")


def test_every_count_is_there_even_where_nothing_happened(library):
    library.write(a_md="one")
    library.run()
    assert dict(library.done.counts) == {
        "added": 1, "updated": 0, "unchanged": 0, "renamed": 0, "removed": 0, "failed": 0, "skipped": 0, "gone": 0
    }  # fmt: skip


def test_what_was_passed_over_is_counted_and_named(library):
    library.write(a_md="one", b_exe="two")
    assert library.run() == {"added": 1, "skipped": 1}
    assert [skipped.document for skipped in library.done.skipped] == ["docs/b.exe"]


def test_a_torn_file_is_named_and_stops_nothing(library):
    library.write(a_md="one", b_pdf=TORN, c_md="three")
    assert library.run() == {"added": 2, "failed": 1}
    assert [failure.document for failure in library.done.failures] == ["docs/b.pdf"]
    assert library.ledger.failures() == list(library.done.failures)
    assert library.run() == {"unchanged": 2, "failed": 1}, "it is tried again"


def test_a_failure_is_forgotten_when_its_file_is_mended(library):
    library.write(a_md="one", b_jsonl="{torn")
    library.run()
    assert [failure.document for failure in library.ledger.failures()] != []
    library.write(b_jsonl=json.dumps({"_id": "1", "text": "mended"}))
    assert library.run() == {"added": 1, "unchanged": 1}
    assert library.ledger.failures() == []


def test_a_file_that_becomes_unreadable_keeps_its_documents(library):
    library.write(a_txt="it can be read", b_md="two")
    library.run()
    library.write(a_txt=b"\0\1\2\3" * 100)
    assert library.run() == {"failed": 1, "unchanged": 1}
    assert library.shelf.documents["docs/a.txt"].text == "it can be read"
    library.write(a_txt="it can be read")
    assert library.run() == {"unchanged": 2}


def test_a_record_gone_from_a_readable_file_is_removed(library):
    library.records("1", "2", "3")
    assert library.run() == {"added": 3}
    library.records("1", "3")
    assert library.run() == {"removed": 1, "unchanged": 2}
    assert sorted(library.shelf.documents) == ["docs/r.jsonl#1", "docs/r.jsonl#3"]


def test_no_record_counts_as_gone_while_a_line_of_its_file_is_broken(library):
    library.records("1", "2", "3")
    library.run()
    whole = (library.root / "r.jsonl").read_text()
    library.write(r_jsonl=whole.splitlines()[0] + "\n{torn\n")
    assert library.run() == {"unchanged": 1, "failed": 1}
    assert len(library.shelf.documents) == 3
    library.write(r_jsonl=whole.splitlines()[0] + "\n")
    assert library.run() == {"unchanged": 1, "removed": 2}


def test_the_second_of_two_documents_of_one_name_is_a_failure(library):
    line = json.dumps({"_id": "7", "text": "first"}) + "\n" + json.dumps({"_id": "7", "text": "second"})
    library.write(r_jsonl=line)
    assert library.run() == {"added": 1, "failed": 1}
    assert library.shelf.documents["docs/r.jsonl#7"].text == "first"


@pytest.mark.parametrize("file_first", [False, True])
def test_a_file_named_as_if_it_lay_in_another_one_keeps_its_name(library, file_first):
    record = json.dumps({"_id": "1.md", "text": "a record"}) + "\n" + json.dumps({"_id": "2", "text": "another"})
    files = [("r.jsonl", record), ("r.jsonl#1.md", "a file")]
    for name, text in reversed(files) if file_first else files:
        (library.root / name).write_text(text)
        library.run()
    assert library.shelf.documents["docs/r.jsonl#1.md"].text == "a file"
    assert library.shelf.documents["docs/r.jsonl#2"].text == "another"
    assert library.run() == {"unchanged": 2, "failed": 1}
    (failure,) = library.done.failures
    assert failure.document == "docs/r.jsonl#1.md"
    assert "same name" in failure.error
    (library.root / "r.jsonl#1.md").unlink()
    assert library.run(prune=True) == {"unchanged": 1, "added": 1}
    assert library.shelf.documents["docs/r.jsonl#1.md"].text == "a record"
    assert library.run(prune=True) == {"unchanged": 2}


def test_labels_and_metadata_reach_every_document_and_their_change_is_an_update(library):
    library.write(a_md="one", b_md="two")
    library.run()
    assert library.run(labels=frozenset({"staff"})) == {"updated": 2}
    assert library.run(labels=frozenset({"staff"})) == {"unchanged": 2}
    assert library.run(labels=frozenset({"staff"}), metadata={"year": "2026"}) == {"updated": 2}
    assert library.run(labels=frozenset({"staff"}), metadata={"year": "2027"}) == {"updated": 2}
    document = library.shelf.documents["docs/a.md"]
    assert (document.labels, document.metadata["year"]) == ({"staff"}, "2027")


def test_what_is_no_longer_on_disk_is_counted_until_it_is_pruned(library):
    library.write(a_md="one text of its own", b_md="two", c_jsonl='{"_id": 1, "text": "t"}\n{"_id": 2, "text": "u"}\n')
    library.run()
    (library.root / "a.md").unlink()
    (library.root / "c.jsonl").unlink()
    library.write(new_md="one text of its own, edited")
    assert library.run() == {"added": 1, "unchanged": 1, "gone": 3}
    assert library.run("b.md") == {"unchanged": 1}, "a file that is named says nothing of others"
    assert library.run(prune=True) == {"unchanged": 2, "removed": 3}


def test_without_prune_a_missing_file_keeps_its_documents(library):
    library.write(a_md="one", b_md="two")
    library.run()
    (library.root / "b.md").unlink()
    assert library.run() == {"unchanged": 1, "gone": 1}
    assert len(library.shelf.documents) == 2


def test_prune_removes_what_is_gone_below_the_named_folders_and_nothing_else(library):
    library.write(a_md="one", sub__b_md="two", c_md="three", b_jsonl=json.dumps({"_id": "1", "text": "r"}))
    library.run()
    library.shelf.owner["other/x.md"] = "other/x.md"
    library.shelf.documents["other/x.md"] = library.shelf.documents["docs/a.md"]
    for gone in ("a.md", "sub/b.md", "b.jsonl"):
        (library.root / gone).unlink()
    assert library.run("c.md", prune=True) == {"unchanged": 1}, "a file that is named covers nothing"
    assert library.run(prune=True) == {"unchanged": 1, "removed": 3}
    assert sorted(library.shelf.documents) == ["docs/c.md", "other/x.md"]


def test_prune_keeps_what_is_there_but_cannot_be_read_or_was_passed_over(library):
    library.write(a_txt="one", b_md="two", c_md="three")
    library.run()
    library.write(a_txt=b"\0\1\2\3" * 100)
    (library.root / "b.md").unlink()
    (library.root / "b.md").symlink_to(library.root / "nowhere")
    assert library.run(prune=True) == {"unchanged": 1, "failed": 1, "skipped": 1}
    assert len(library.shelf.documents) == 3


def test_prune_forgets_the_failure_of_a_file_that_is_gone(library):
    library.write(a_md="one", b_pdf=TORN)
    library.run()
    (library.root / "b.pdf").unlink()
    assert library.run() == {"unchanged": 1}
    assert [failure.document for failure in library.ledger.failures()] == ["docs/b.pdf"]
    assert library.run(prune=True) == {"unchanged": 1}
    assert library.ledger.failures() == []


def test_progress_begins_at_nothing_and_ends_with_everything(library):
    library.write(a_md="one", b_md="two " * 200)
    library.run()
    assert (library.seen[0].done, library.seen[0].files) == (0, 2)
    last = library.seen[-1]
    assert (last.done, last.files, last.documents) == (2, 2, 2)
    assert last.chunks == sum(map(len, library.shelf.chunks.values())) > 2


def test_the_ledger_remembers_across_processes(library, tmp_path):
    paths = (tmp_path / "a.jsonl", tmp_path / "b.pdf")
    lines, book = (Source(path, f"docs/{path.name}", tmp_path, path) for path in paths)
    job = library.ledger.begin({"paths": ["docs"]})
    library.ledger.note(lines, [], {}, [Failure("docs/a.jsonl#1", "torn"), Failure("docs/a.jsonl#2", "torn")])
    library.ledger.note(book, ["l"], {"k": "v"}, [Failure("docs/b.pdf", "cut")])
    library.ledger.note(lines, [], {}, [Failure("docs/a.jsonl#2", "still torn")])
    library.ledger.set_root("docs", tmp_path)
    library.ledger.finish(job, {"published": True})
    other = Ledger(tmp_path / "home" / "ledger.sqlite")
    assert other.failures() == [Failure("docs/a.jsonl#2", "still torn"), Failure("docs/b.pdf", "cut")]
    unseen = [replace(source, real=None) for source in (lines, book)]  # where a file lies is found out anew
    assert other.retries() == [Retry(unseen[0], frozenset(), {}), Retry(unseen[1], frozenset({"l"}), {"k": "v"})]
    assert (other.root("docs"), other.root("elsewhere")) == (tmp_path, None)
    other.close()


def test_the_ledger_knows_the_failures_of_each_version_that_is_kept(library, tmp_path):
    ledger, torn = library.ledger, {name: Failure(f"docs/{name}", "torn") for name in "abc"}
    for version, parent in (("a", None), ("b", "a"), ("c", "a")):
        ledger.begin({}, parent, iter(["a", "b"]))
        ledger.note(Source(tmp_path / version, f"docs/{version}", tmp_path), [], {}, [torn[version]])
        ledger.assign(version)
    assert {version: ledger.failures(version) for version in "abc"} == {
        "a": [torn["a"]],
        "b": [torn["a"], torn["b"]],
        "c": [torn["a"], torn["c"]],
    }
    ledger.begin({}, "c", ["c"])
    ledger.forget("docs/a")
    assert ledger.failures("c") == [torn["a"], torn["c"]]
    assert (ledger.failures("a"), ledger.failures()) == ([torn["c"]], [torn["c"]]), "a is gone"


# Files that were renamed


def test_a_renamed_file_is_said_to_be_renamed_and_leaves_nothing_behind(library):
    library.write(a_md="# A\n\none", b_md="two")
    library.run()
    (library.root / "a.md").rename(library.root / "moved.md")
    assert library.run() == {"renamed": 1, "unchanged": 1}
    assert sorted(library.shelf.documents) == ["docs/b.md", "docs/moved.md"]
    assert library.run() == {"unchanged": 2}


def test_a_copy_is_no_renaming(library):
    library.write(a_md="one")
    library.run()
    library.write(b_md="one")
    assert library.run() == {"added": 1, "unchanged": 1}


def test_a_file_that_is_gone_from_elsewhere_was_not_renamed(library):
    library.write(a_md="one")
    library.run("a.md")  # a file that is named covers nothing, so it cannot be said to be gone
    (library.root / "a.md").rename(library.root / "b.md")
    assert library.run("b.md") == {"added": 1}
    assert sorted(library.shelf.documents) == ["docs/a.md", "docs/b.md"]


def test_two_files_of_one_content_that_moved_are_each_taken_once(library):
    library.write(a_md="one", b_md="one", c_md="one")
    library.run()
    for old, new in ("ax", "by"):
        (library.root / f"{old}.md").rename(library.root / f"{new}.md")
    library.write(z_md="one")
    assert library.run() == {"renamed": 2, "added": 1, "unchanged": 1}
    assert sorted(library.shelf.documents) == ["docs/c.md", "docs/x.md", "docs/y.md", "docs/z.md"]


def test_records_go_over_to_the_new_name_of_their_file(library):
    library.records("1", "2")
    library.run()
    (library.root / "r.jsonl").rename(library.root / "s.jsonl")
    assert library.run() == {"renamed": 2}
    assert sorted(library.shelf.documents) == ["docs/s.jsonl#1", "docs/s.jsonl#2"]


def test_what_a_reader_skips_inside_a_file_is_counted_and_named(library):
    library.write(a_md="one")
    skip = Skipped("docs/a.md!/b.jpg", "it is an image: run OCR on it")

    def read_all(sources):
        yield from ((source, iter([Document(source.name, "text"), skip])) for source in sources)

    assert library.take(discover([library.root]), read_all) == {"added": 1, "skipped": 1}
    assert library.done.skipped == (skip,)


def test_what_a_plugin_reads_is_read_anew_by_another_version_of_it(library):
    library.write(a_md="one", b_txt="two")
    texts = []

    def read_all(sources):
        for source in sources:
            texts.append(source.name)
            yield source, read(source.path, source.name)

    found = discover([library.root])
    for version, names in (("1", ["docs/a.md", "docs/b.txt"]), ("1", []), ("2", ["docs/b.txt"])):
        texts.clear()
        library.take(found, read_all, {".txt": f"citewell-text {version}"})
        assert texts == names
    library.take(found, read_all)
    assert texts[-1] == "docs/b.txt", "the plugin is gone"


# Parts that fail


def zipped(library, **members):
    with zipfile.ZipFile(library.root / "z.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)


def test_a_part_that_fails_keeps_only_what_belongs_to_it(library):
    records = json.dumps({"_id": "a", "text": "one"}) + "\n" + json.dumps({"_id": "b", "text": "two"})
    zipped(library, bad_txt="whole", one_md="one", r_jsonl=records, two_md="two")
    assert library.run() == {"added": 5}
    torn = b"\0\1\2\3" * 100
    zipped(library, bad_txt=torn, one_md="changed", r_jsonl=records)
    assert library.run() == {"updated": 1, "unchanged": 2, "removed": 1, "failed": 1}
    inside = ["bad.txt", "one.md", "r.jsonl#a", "r.jsonl#b"]
    assert sorted(library.shelf.documents) == [f"docs/z.zip!/{name}" for name in inside]
    zipped(library, bad_txt=torn, r_jsonl=records.splitlines()[0] + "\n{torn")
    assert library.run() == {"unchanged": 1, "removed": 1, "failed": 2}
    assert sorted(library.shelf.documents) == [f"docs/z.zip!/{name}" for name in inside if name != "one.md"]
    library.write(z_zip=b"PK\3\4 torn")
    assert library.run() == {"failed": 1}
    assert len(library.shelf.documents) == 3, "what a torn archive held is not known"


# Files that others change meanwhile


@pytest.mark.parametrize("look", [True, False], ids=["before it is hashed", "when it is read"])
def test_a_file_that_a_link_took_the_place_of_is_not_read(library, tmp_path, monkeypatch, look):
    library.write(a_md="one", b_md="two")
    (tmp_path / "secret.txt").write_text("the secret")
    found = discover([library.root])
    (library.root / "a.md").unlink()
    (library.root / "a.md").symlink_to(tmp_path / "secret.txt")
    if not look:
        monkeypatch.setattr("ingest.pipeline.moved", lambda _: None)
    with Workers(count=1) as workers:
        assert library.take(found, workers.read) == {"added": 1, "failed": 1}
    assert sorted(library.shelf.documents) == ["docs/b.md"]
    (failure,) = library.done.failures
    assert failure.document == "docs/a.md"
    assert ("took its place" in failure.error) == look


def test_the_last_document_of_a_folder_is_pruned(library):
    library.write(a_md="one", b_exe="two")
    library.run()
    (library.root / "a.md").unlink()
    assert library.run(prune=True) == {"removed": 1, "skipped": 1}
    assert library.shelf.documents == {}
