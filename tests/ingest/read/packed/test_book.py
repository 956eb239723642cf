"""Is a book its chapters, in the order of reading?"""

from types import MappingProxyType

import pytest

from tests.ingest.read.packed.packing import zipped
from tests.ingest.read.reading import failures, texts


def book(chapters, *, extra=MappingProxyType({}), metadata="", listed="", spine="", leave_out=()):
    names = 'xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    items_ = "".join(f'<item id="{key}" href="{key}.xhtml" media-type="application/xhtml+xml"/>' for key in chapters)
    order = spine or "".join(f'<itemref idref="{key}"/>' for key in ("nav", *chapters))
    pages = {
        f"OPS/{key}.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'><body>{body}</body></html>"
        for key, body in chapters.items()
    }
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": f"<package {names}><metadata>{metadata}</metadata><manifest>"
        f'<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{items_}{listed}'
        f"</manifest><spine>{order}</spine></package>",
        "OPS/nav.xhtml": "<html><body><h1>Where</h1><nav><ol><li>Contents</li></ol></nav></body></html>",
        **pages,
        **extra,
    }
    return zipped(*((name, content) for name, content in parts.items() if name not in leave_out))


def test_a_book_is_its_chapters_in_the_order_of_reading(items):
    chapters = {
        "b": "<h1>Two</h1><p>Second &amp; last</p>",
        "a": "<h1>One</h1><p>E is <math><msup><mi>c</mi><mn>2</mn></msup></math></p>",
    }
    said = "<dc:title>The Book</dc:title><dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>"
    said += "<dc:language>en</dc:language>"
    spine = '<itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="a"/>'
    (document,) = items("a.epub", book(chapters, metadata=said + "<dc:date>2020</dc:date>", spine=spine))
    assert document.text == "# One\n\nE is c^2\n\n# Two\n\nSecond & last"
    assert document.title == "The Book"
    assert document.metadata == {"author": "Ann, Bo", "language": "en", "date": "2020"}


NAV = (
    "<html><body><nav epub:type='landmarks'><a href='a.xhtml'>Start</a></nav><nav epub:type='toc'><ol>"
    "<li><a href='a.xhtml'>Before</a></li><li><a href='./b.xhtml#top'>The <i>end</i></a></li>"
    "<li><a href='c.xhtml#x'>X</a></li><li><a href='c.xhtml#y'>Y</a></li></ol></nav></body></html>"
)
NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Before</text></navLabel>'
    '<content src="a.xhtml"/><navPoint><navLabel><text>The end</text></navLabel><content src="b.xhtml"/>'
    "</navPoint></navPoint></navMap></ncx>"
)


@pytest.mark.parametrize(("name", "table"), [("nav.xhtml", NAV), ("toc.ncx", NCX)])
def test_a_chapter_without_a_heading_stands_under_what_the_contents_call_it(items, name, table):
    chapters = {"a": "<h2>One</h2><p>x</p>", "b": "<p>Second</p>", "c": "<p>goes on</p>"}
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    made = book(chapters, listed=item, extra={f"OPS/{name}": table})
    assert texts(items("a.epub", made)) == {"a.epub": "## One\n\nx\n\n# The end\n\nSecond\n\ngoes on"}
    named = book({"b": "<p>The end</p><p>Second</p>"}, listed=item, extra={f"OPS/{name}": table})
    assert texts(items("b.epub", named)) == {"b.epub": "# The end\n\nSecond"}


def test_the_chapters_that_were_read_in_time_are_kept_and_the_rest_is_named(items, monkeypatch):
    monkeypatch.setattr("ingest.read.packed.book.is_late", lambda: True)
    found = items("a.epub", book({"a": "<h1>One</h1>", "b": "<p>x</p>"}))
    assert texts(found) == {"a.epub": "# One"}
    assert failures(found)["a.epub"].startswith("what follows its file OPS/a.xhtml has not been read in the time")


def test_a_chapter_that_is_missing_is_named_and_the_book_is_read(items):
    found = items("a.epub", book({"a": "<h1>One</h1>", "b": "<p>x</p>"}, leave_out={"OPS/b.xhtml"}))
    assert texts(found) == {"a.epub": "# One"}
    assert "missing" in failures(found)["a.epub!/OPS/b.xhtml"]


def test_a_protected_book_says_so_and_hidden_fonts_are_no_protection(items):
    name = "META-INF/encryption.xml"
    method = '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>'
    locked = book({"a": "<p>x</p>"}, extra={name: method.format("http://www.w3.org/2001/04/xmlenc#aes256-cbc")})
    assert "protected" in failures(items("a.epub", locked))["a.epub"]
    fonts = book({"a": "<p>x</p>"}, extra={name: method.format("http://www.idpf.org/2008/embedding")})
    assert texts(items("b.epub", fonts)) == {"b.epub": "x"}
