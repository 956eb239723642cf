"""Does a file that takes too long keep what was read of it, and is the rest named with what to do?"""

import pytest

from ingest.model import Document, Failure
from ingest.read.office import word as word_reader
from ingest.read.registry import read
from tests.ingest.read.office.office_files import odf, paragraph, run, word
from tests.ingest.read.reading import one

MANY = 900
ADVICE = "in the time that a file may take: split the file, or raise [ingest] seconds"


def sentences(form, many=MANY):
    return [form.format(f"Depot {number} opens at nine.") for number in range(many)]


def page(path):
    rows = "".join(f"<tr><td>Depot {number}</td><td>{number} beds</td></tr>" for number in range(20))
    path.write_text(f"<h1>Depots</h1><table>{rows}</table>" + "".join(sentences("<p>{}</p>")))
    return path


def tex(path):
    path.write_text("\\section{Depots}\n" + "\n\n".join(sentences("\\emph{{Note:}} {}")))
    return path


def records(path):
    path.write_text("<guide><title>Depots</title>" + "".join(sentences("<p>{}</p>")) + "</guide>")
    return path


def feed(path):
    entries = sentences("<item><title>News</title><description>{}</description></item>")
    path.write_text(f"<rss><channel><title>Depots</title>{''.join(entries)}</channel></rss>")
    return path


def docx(path):
    return word(path, "".join(paragraph(run(words)) for words in sentences("{}")))


def odt(path):
    return odf(path, "".join(sentences("<text:p>{}</text:p>")))


KINDS = {
    "a.html": (page, "web.markup"),
    "a.tex": (tex, "latex.markdown"),
    "a.xml": (records, "xml.outline"),
    "a.rss": (feed, "xml.feed"),
    "a.docx": (docx, "office.word"),
    "a.odt": (odt, "web.markup"),
}


@pytest.fixture
def late(monkeypatch):
    """From which look at the time on a reader is late."""

    def after(where, looks):
        left = iter(range(looks))
        monkeypatch.setattr(f"ingest.read.{where}.is_late", lambda: next(left, None) is None)

    return after


@pytest.mark.parametrize("name", KINDS)
def test_what_was_read_of_a_slow_file_is_kept_and_the_rest_named(tmp_path, late, name):
    make, where = KINDS[name]
    path = make(tmp_path / name)
    whole = one(path).text
    late(where, {"a.html": 80, "a.tex": 2, "a.docx": 1}.get(name, 5))
    document, rest = read(path, "box/a")
    assert isinstance(document, Document)
    assert whole.startswith(document.text)
    assert "Depot 1 opens at nine." in document.text
    assert document.text.endswith("opens at nine.")
    assert f"Depot {MANY - 1} " not in document.text
    assert isinstance(rest, Failure)
    assert rest.document == "box/a"
    assert rest.error.startswith("the last ")
    assert rest.error.endswith(f"% of it has not been read {ADVICE}")


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_is_late_from_the_start_gives_something_all_the_same(tmp_path, late, name):
    make, where = KINDS[name]
    path = make(tmp_path / name)
    late(where, 0)
    document, rest = read(path, "box/a")
    assert "Depot" in document.text
    assert rest.error.endswith(ADVICE)


def test_no_row_of_a_table_that_is_left_in_the_midst_lacks_a_cell(tmp_path, late):
    path = page(tmp_path / "a.html")
    late("web.markup", 30)
    document, _ = read(path, "box/a")
    rows = document.text.split("\n")[2:]
    assert 4 < len(rows) < 20
    assert all(row.count("|") == 3 and row != "|  |  |" for row in rows)


def test_a_long_word_document_reads_as_if_it_were_made_at_once(tmp_path, monkeypatch):
    note = "".join(f'<w:footnote w:id="{n}">{paragraph(run(f"note {n}"))}</w:footnote>' for n in range(2, 6))
    body = "".join(
        paragraph(run(f"words {n}"), f'<w:r><w:footnoteReference w:id="{n}"/></w:r>' if 1 < n < 6 else "")
        for n in range(9)
    )
    path = word(tmp_path / "a.docx", body, footnotes=note)
    whole = one(path).text
    assert "words 5[4]" in whole
    assert whole.endswith("1. note 2\n2. note 3\n3. note 4\n4. note 5")
    monkeypatch.setattr(word_reader, "_AT_ONCE", 2)
    assert one(path).text == whole


def test_a_list_of_a_long_word_document_is_not_parted(tmp_path, monkeypatch):
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    counted = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    body = "".join(paragraph(counted, run(f"item {n}")) for n in range(9)) + paragraph(run("after"))
    path = word(tmp_path / "a.docx", body, numbering=numbering)
    whole = one(path).text
    assert "2. item 1\n3. item 2\n" in whole
    monkeypatch.setattr(word_reader, "_AT_ONCE", 2)
    assert one(path).text == whole
