"""Is what Office 97 wrote named with what to do, and is what only bears such a name read?"""

import pytest

from ingest.model import Document, Skipped
from ingest.read.registry import read
from tests.ingest.hostile_formats import docx, ole


@pytest.fixture
def item(tmp_path):
    """The one thing that a file of this name and content gives."""

    def give(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        (found,) = read(path, f"box/{name}")
        return found

    return give


@pytest.mark.parametrize(
    ("name", "stream", "suffix"),
    [
        ("a.doc", "WordDocument", "docx"),
        ("a.dot", "WordDocument", "docx"),
        ("a.ppt", "PowerPoint Document", "pptx"),
        ("a.pps", "PowerPoint Document", "pptx"),
        ("renamed.docx", "WordDocument", "docx"),
        ("renamed.pptx", "PowerPoint Document", "pptx"),
        ("renamed.pdf", "WordDocument", "docx"),
        ("renamed", "PowerPoint Document", "pptx"),
    ],
)
def test_an_old_document_is_named_with_the_command_that_converts_it(item, name, stream, suffix):
    found = item(name, ole({stream: bytes(4096)}))
    assert isinstance(found, Skipped)
    assert found.document == f"box/{name}"
    assert found.reason.endswith(f"convert it with LibreOffice (soffice --headless --convert-to {suffix} FILE)")


@pytest.mark.parametrize(
    "content",
    [docx(), rb"{\rtf1 lighthouse keeper}", b"<html><body><p>lighthouse keeper", b"lighthouse keeper\n"],
    ids=["new", "rich", "page", "text"],
)
def test_what_is_something_else_under_an_old_name_is_read(item, content):
    found = item("a.doc", content)
    assert isinstance(found, Document)
    assert "lighthouse keeper" in found.text


def test_what_is_encrypted_is_still_said_to_be(item):
    assert "password" in item("a.docx", ole({"EncryptedPackage": bytes(5000)})).error


def test_what_is_neither_old_nor_new_is_damaged(item):
    assert "damaged" in item("a.doc", b"\0\1\2" * 99).error
