"""Is each file read by the reader of its kind, and does one bad file stop nothing?"""

import subprocess
import sys
import zipfile

import pytest

from ingest.model import Document, Failure
from ingest.read.registry import read, reader_for, supported
from tests.ingest.read.reading import failure, one
from tests.places import LOADERS, ROOT, SHARED


def test_a_plugin_reads_its_own_kind_and_wins(file):
    def shout(path, name):
        yield Document(name, path.read_text().upper())

    path = file("a.MD", "hi\0")
    assert [item.text for item in read(path, "box/a.MD", {".md": shout})] == ["HI\ufffd"]
    assert reader_for(".foo", {".foo": shout}) is shout
    assert reader_for(".foo") is None
    assert ".foo" in supported({".foo": shout})
    assert ".foo" not in supported()


@pytest.mark.parametrize(
    ("called", "content", "words"),
    [
        ("page.xls", b"<html><table><tr><td>cell</td></tr></table></html>", "cell"),
        ("report.txt", b"{\\rtf1 Hello there\\par}", "Hello there"),
        ("notes", b"plain words without a suffix", "plain words"),
        ("Makefile", b"all:\n\tmake words\n", "make words"),
    ],
)
def test_a_file_is_read_as_what_it_is_whatever_it_is_called(file, called, content, words):
    path = file(called, content)
    (document,) = read(path, f"box/{called}")
    assert words in document.text
    assert "rtf1" not in document.text
    assert "<td>" not in document.text


def test_an_archive_under_another_name_is_opened(tmp_path):
    path = tmp_path / "letters.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.md", "# In it")
    assert [item.name for item in read(path, "box/letters.docx")] == ["box/letters.docx!/a.md"]


def test_what_a_reader_raises_is_a_failure_of_its_file_alone(file):
    def halfway(path, name):
        yield Document(f"{name}#1", "one")
        raise KeyError("gone")

    def astray(path, name):
        yield Document("elsewhere/x.md", "text")
        yield "text"

    path = file("a.foo", "x")
    done, failed = read(path, "box/a.foo", {".foo": halfway})
    assert (done.text, failed.document) == ("one", "box/a.foo")
    assert "KeyError" in failed.error
    assert "Traceback" not in failed.error
    assert [type(item) for item in read(path, "box/a.foo", {".foo": astray})] == [Failure, Failure]


def test_a_file_that_is_gone_is_a_failure(tmp_path):
    for suffix in supported():
        assert "could not be opened" in failure(tmp_path / f"a{suffix}"), suffix


def test_no_library_is_loaded_for_the_sake_of_a_suffix():
    heavy = "{'pypdfium2', 'mammoth', 'bs4', 'markdownify', 'markdown_it', 'yaml'}"
    code = f"import sys, ingest.read.registry, ingest.find.discover; print(*({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


# Real files


@pytest.fixture(scope="module")
def real():
    """What every file of the odd real ones gives, by its name."""
    files = [path for path in LOADERS.rglob("*") if path.suffix in supported()]
    return {path.name: list(read(path, path.name)) for path in files}


@pytest.mark.slow
@pytest.mark.shared
def test_every_odd_real_file_is_read_or_named(real):
    errors = {name: item.error for name, items in real.items() for item in items if isinstance(item, Failure)}
    assert errors.pop("libreoffice-writer-password.pdf").startswith("it is protected by a password")
    assert errors.pop("unreadablemetadata.pdf").startswith("it is damaged")
    assert errors.pop("MEDRPT-2024-PAT-3847_medical_report_scan.md").startswith("it is empty")
    assert {error.split(":")[0] for error in errors.values()} == {"it has no text layer"}


@pytest.mark.shared
def test_what_real_files_give_can_be_stored_and_paged(real):
    documents = [item for items in real.values() for item in items if isinstance(item, Document)]
    assert len(documents) > 40
    for document in documents:
        assert not set("\0\r\ufffe\x02\ufeff") & set(document.text), document.name
        starts = [page.start for page in document.pages]
        assert starts == sorted(set(starts)), document.name
        assert starts[:1] == [0] or not document.name.endswith(".pdf"), document.name


@pytest.mark.shared
def test_real_files_give_what_stands_in_them(real):
    assert "| 髙橋淳 | 35 | 名古屋 |" in real["test_mskanji.csv"][0].text
    assert "unterschiedlichem Mittelpunkt" in real["GeoTopo-komprimiert.pdf"][0].text
    assert len(real["GeoTopo-komprimiert.pdf"][0].pages) > 100
    assert "| 2023 | 211,915 | 73,307 | 411,976 | 238,000 |" in real["test_wikipedia.html"][0].text
    assert real["test.docx"][0].title.startswith("AutoGen: Enabling")


@pytest.mark.shared
def test_a_real_collection_is_read_whole():
    titles = [one(path).title for path in sorted((SHARED / "peps/tree").glob("pep-06*.rst"))]
    assert all(title.startswith("PEP 6") for title in titles)
    assert "PEP 655 – Marking individual TypedDict items as required or potentially-missing" in titles
    assert all(isinstance(item, Document) for item in read(SHARED / "scifact/corpus.jsonl", "scifact/corpus.jsonl"))


@pytest.mark.shared
def test_a_real_message_and_a_real_book_are_read_whole():
    (message,) = read(LOADERS / "markitdown" / "test_outlook_msg.msg", "m.msg")
    assert message.title == "Test Email Message"
    assert message.text.startswith("From: M. C. Kurtuluş <muratcan.kurtulus@gmail.com>\nTo: ")
    assert message.text.endswith("This is the body of the test email message")
    (document,) = read(LOADERS / "markitdown" / "test.epub", "b.epub")
    assert (document.title, document.metadata["author"]) == ("Test EPUB Document", "Test Author")
    assert document.text.startswith("# Chapter 1: Test Content\n\nThis is a test paragraph with some formatting.")
    assert "> This is a blockquote for testing." in document.text
