"""What a PDF gives that a test draws."""

import pytest

from ingest.model import Document, Failure, Skipped
from ingest.read.registry import read
from tests.ingest.read.pdf.made_pdf import pdf


@pytest.fixture
def items(tmp_path):
    def make(*pages: str, **parts) -> list[Document | Failure | Skipped]:
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf(*pages, **parts))
        return list(read(path, "box/a.pdf"))

    return make


@pytest.fixture
def one(items):
    def make(*pages: str, **parts) -> Document:
        (document,) = items(*pages, **parts)
        assert isinstance(document, Document), document
        return document

    return make
