"""Does XML of any kind read as a person would read it, and is no word of it lost?"""

from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ingest.model import Failure
from ingest.read.xml.outline import outline
from tests.ingest.read.reading import words


def test_records_are_lines_of_fields_under_their_titles(items):
    (document,) = items(
        "a.xml",
        '<catalog><add key="Mode" value="Fast"/>'
        '<book id="b1"><author>Ann</author><title>The guide</title><price currency="EUR">4.95</price></book>'
        "<stock><item-count>3</item-count></stock></catalog>",
    )
    assert document.text == (
        "catalog\nadd: key Mode, value Fast\n\n# The guide\n\nid: b1\nauthor: Ann\nprice: 4.95\nprice currency: EUR\n\n"
        "stock\nitem-count: 3"
    )


_NAMES = (
    "a",
    "p",
    "para",
    "title",
    "head",
    "item",
    "list",
    "row",
    "entry",
    "table",
    "thead",
    "code",
    "name",
    "emphasis",
)
_TEXTS = st.sampled_from(["", " ", "words", "two words", "a | b"])


def _trees():
    leaf = st.tuples(st.sampled_from(_NAMES), _TEXTS, st.just(()), _TEXTS)
    return st.recursive(
        leaf,
        lambda inner: st.tuples(st.sampled_from(_NAMES), _TEXTS, st.lists(inner, max_size=4), _TEXTS),
        max_leaves=12,
    )


@settings(max_examples=300)
@given(_trees())
def test_no_word_of_any_xml_is_lost(tree):
    number = 0
    expected = []

    def spell(node):
        nonlocal number
        name, text, inner, tail = node
        made = f"<{name}>"
        for piece in (text, *inner, tail):
            if isinstance(piece, tuple):
                made += spell(piece)
            elif piece.strip():
                number += 1
                expected.append(f"w{number}")
                made += f" w{number} {escape(piece)} "
        return f"{made}</{name}>"

    root = etree.fromstring(f"<root>{spell(tree)}</root>")
    _, text, _ = outline(root)
    assert set(expected) <= set(words(text))


def test_what_stands_in_elements_of_its_own_is_not_run_together(items):
    (document,) = items(
        "a.xml",
        "<doc><p>Text<fn><p>Note one.</p><p>Two.</p></fn> and un<b>bel</b>ievable</p><table><tr><td><p>a</p><p>b</p>"
        "</td><td>c</td></tr></table><div>loose<p>first</p><p>second</p>end</div></doc>",
    )
    assert document.text == (
        "Text Note one. Two. and unbelievable\n\n| a b | c |\n| --- | --- |\n\nloose\n\nfirst\n\nsecond\n\nend"
    )


def test_a_document_keeps_its_structure(items):
    (document,) = items(
        "a.xml",
        '<!DOCTYPE article [<!ENTITY prod "Widget 3">]><article xml:lang="de"><info>'
        "<title>The &prod; guide</title></info>"
        "<para>With <emphasis>stress</emphasis> and&nbsp;<link href='x'>links</link>"
        ".</para><section><title>Install</title><orderedlist><listitem><para>One</para></listitem>"
        "<listitem><para>Two</para><para>More</para></listitem></orderedlist>"
        "<programlisting>x = 1\n  y = 2</programlisting><table><tgroup><thead>"
        "<row><entry>A</entry><entry>B</entry></row></thead><tbody><row><entry>1</entry><entry><para>2|3</para></entry></row></tbody></tgroup></table></section></article>",
    )
    assert document.text == (
        "# The Widget 3 guide\n\nWith stress and links.\n\n## Install\n\n1. One\n2. Two\n\n   More\n\n"
        "```\nx = 1\n  y = 2\n```\n\n| A | B |\n| --- | --- |\n| 1 | 2\\|3 |"
    )
    assert (document.title, document.metadata) == ("The Widget 3 guide", {"language": "de"})


def test_the_language_of_docbook_is_kept_and_one_title_of_several_names_nothing(items):
    (document,) = items("a.xml", '<book lang="fr"><title>Tout</title><chapter><title>Un</title></chapter></book>')
    assert (document.title, document.metadata) == ("Tout", {"language": "fr"})
    (document,) = items("a.xml", "<all><book><title>One</title></book><book><title>Two</title></book></all>")
    assert document.title == "a"


def test_xml_that_breaks_off_is_read_as_far_as_it_goes_and_named(items):
    document, failure = items("a.xml", "<a><p>kept words</p><p>cut")
    assert document.text == "kept words\n\ncut"
    assert isinstance(failure, Failure)
    assert "not well-formed" in failure.error


def test_entities_never_grow_and_never_reach_for_files(items):
    laughs = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for body in ("<a>&l9;</a>", '<a b="&l9;">x</a>'):
        (failure,) = items("a.xml", f"<!DOCTYPE a [{laughs}]>{body}")
        assert "entities" in failure.error
    (failure,) = items("a.xml", f'<!DOCTYPE a [<!ENTITY q "{"x" * 999}">]><a>{"&q;" * 5000}</a>')
    assert "entities" in failure.error
    (failure,) = items(
        "a.xml", f'<!DOCTYPE a [<!ENTITY q "{"x" * 400_000}">]><a>{"&q;" * 4}</a>'
    )  # within the parser's own
    assert "entities" in failure.error
    (failure,) = items("a.xml", '<!DOCTYPE a [<!ENTITY a "&b;"><!ENTITY b "&a;">]><a>&a;</a>')
    assert "entities" in failure.error
    document, failure = items("a.xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>hello &x;</a>')
    assert "root:" not in document.text
    assert "&x;" in failure.error


def test_xhtml_under_another_name_is_a_page(items):
    (document,) = items(
        "a.xml",
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><nav>x</nav><h1>T</h1></body></html>',
    )
    assert document.text == "# T"


def test_what_is_no_xml_says_so(items):
    assert "not XML" in items("a.xml", "just words")[0].error


def test_an_article_of_a_journal_is_titled_by_its_own_title(items):
    (document,) = items(
        "a.nxml",
        "<article xml:lang='en'><front><journal-meta><journal-title-group><journal-title>Journal of Pumps"
        "</journal-title></journal-title-group></journal-meta><article-meta><title-group>"
        "<article-title>Flow in <italic>small</italic> "
        "pumps</article-title></title-group><abstract><p>We measure.</p></abstract></article-meta></front><body><sec>"
        "<title>Methods</title><p>Ten pumps.</p><table-wrap><table><tr><th>Pump</th><th>Bar</th></tr><tr><td>P-1</td>"
        "<td>7</td></tr></table></table-wrap></sec></body></article>",
    )
    assert document.title == "Flow in small pumps"
    assert "## Methods\n\nTen pumps." in document.text
    assert "| P-1 | 7 |" in document.text
    assert "Journal of Pumps" in document.text
