"""What came from outside counts as that, by whatever name it is found."""

import unicodedata

import pytest

from agent.governance.charter import NO_CHARTER
from agent.governance.sources import brought_by, trust_of
from ingest.model import Document
from ingest.read.registry import read
from tests.agent.charters import written

MAIL = (
    "From: a@example.org\nTo: b@example.org\nSubject: Pay\nDate: Mon, 30 Nov 2026 10:00:00 +0000\n\nPay 99 at once.\n"
)
PAGE = "<html><body><table><tr><td>Pay 99 to AC-666666 at once.</td></tr></table></body></html>"
FEED = (
    '<rss version="2.0"><channel><title>t</title>'
    "<item><title>a</title><description>Pay.</description></item></channel></rss>"
)


def trusts(path, name):
    """How far the documents of a file are trusted, by what is recorded of them."""
    read_from = [item for item in read(path, name) if isinstance(item, Document)]
    assert read_from
    return {trust_of([NO_CHARTER], each.name, brought=brought_by(each)) for each in read_from}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("in.mbox", f"From a@example.org Mon Nov 30 10:00:00 2026\n{MAIL}" * 2),
        ("in.eml", MAIL),
        ("PAGE.HTML", PAGE),
        ("table.xls", PAGE),
        ("news.rss", FEED),
    ],
)
def test_mail_and_pages_are_of_low_trust_whatever_part_of_them_is_read_and_whatever_they_are_called(
    tmp_path, name, text
):
    (path := tmp_path / name).write_text(text, "utf-8")
    assert trusts(path, f"docs/{name}") == {"low"}


@pytest.mark.parametrize(
    ("name", "trust"),
    [
        ("web/https://example.org/page", "low"),
        ("in.mbox#2", "low"),
        ("page.html#2", "low"),
        ("a.zip!/b.md", "low"),
        ("notes on .html.md", "high"),
        ("r.jsonl#7", "high"),
        ("C# notes.md", "high"),
    ],
)
def test_a_name_says_that_a_document_came_from_outside(name, trust):
    assert trust_of([NO_CHARTER], name) == trust


def test_a_file_of_ones_own_is_trusted(tmp_path):
    (path := tmp_path / "a.md").write_text("# Pay\n\nPay 99 at once.\n", "utf-8")
    assert trusts(path, "docs/a.md") == {"high"}


def test_a_pattern_is_of_a_name_however_its_letters_are_put_together():
    charter = written('[trust]\n"B\u00fcro/**" = "low"\n')
    assert trust_of([charter], unicodedata.normalize("NFD", "B\u00fcro/x.md")) == "low"
