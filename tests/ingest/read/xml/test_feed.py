"""Is a feed read entry by entry?"""

import pytest
from bs4 import BeautifulSoup

from ingest.model import Document
from ingest.read.registry import read
from tests.ingest.read.reading import words
from tests.places import LOADERS

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>News &amp; more</title><language>en</language>
<description>What happens&nbsp;here</description>
<item><title>First</title><pubDate>Tue, 19 Nov 2024 13:30:02 +0000</pubDate><dc:creator>Ann</dc:creator>
<category>A</category><category>B</category><description>The body tells.</description>
<content:encoded><![CDATA[<h1>In it</h1><p>The body tells <a href="http://x">it all</a>.</p>]]></content:encoded></item>
<item><description>No title, 3 &lt; 4</description></item></channel></rss>"""


def test_a_feed_is_read_entry_by_entry(items):
    (document,) = items("a.rss", RSS)
    assert document.text == (
        "# News & more\n\nWhat happens here\n\n## First\n\nDate: Tue, 19 Nov 2024 13:30:02 +0000\nAuthor: Ann\n"
        "Categories: A, B\n\n### In it\n\nThe body tells it all.\n\nNo title, 3 < 4"
    )
    assert (document.title, document.metadata) == ("News & more", {"language": "en"})


def test_an_atom_feed_keeps_a_summary_that_says_something_else(items):
    (document,) = items(
        "a.atom",
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry>'
        '<title type="html">&lt;b&gt;One&lt;/b&gt;</title><updated>2024-01-02</updated><author><name>Bo</name></author>'
        '<summary>Short and other.</summary><content type="xhtml">'
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>Body <b>text</b></p></div></content></entry></feed>',
    )
    assert document.text == "# F\n\n## One\n\nDate: 2024-01-02\nAuthor: Bo\n\nShort and other.\n\nBody text"


@pytest.mark.shared
def test_a_real_feed_keeps_every_entry():
    (document,) = read(LOADERS / "markitdown" / "test_rss.xml", "r.xml")
    assert isinstance(document, Document)
    source = BeautifulSoup((LOADERS / "markitdown" / "test_rss.xml").read_text(encoding="utf-8"), "xml")
    entries = source.find_all("item")
    assert len(entries) == document.text.count("\n## ")
    given = "".join(words(document.text))  # letters alone, since markup may part a word
    for entry in entries:
        soup = BeautifulSoup(entry.encoded.get_text(), "lxml")
        pieces = [
            "".join(words(tag.get_text())) for tag in soup.find_all(["p", "li", "h2", "h3"]) if not tag.find("li")
        ]
        assert not [piece for piece in pieces if piece not in given]
