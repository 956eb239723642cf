"""Does a web page give its content and nothing around it, and do feeds and XML read as a person would read them?"""

import re
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ingest.model import Document, Failure
from ingest.read.registry import read
from ingest.read.web.hypertext import straightened
from ingest.read.web.markup import to_markdown
from ingest.read.web.mathml import formula
from ingest.read.xml.outline import outline
from ingest.split.markdown import markdown_blocks
from ingest.split.tables import in_one_line

LOADERS = Path(__file__).resolve().parents[4] / ".." / "shared" / "data" / "loaders" / "markitdown"
beside = pytest.mark.skipif(not LOADERS.is_dir(), reason="the public collections are not beside the project")
WORD = re.compile(r"\w+")


@pytest.fixture
def items(tmp_path):
    """What a file of this name and content gives."""

    def give(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read(path, name))

    return give


@pytest.fixture
def page(items):
    """The text of a page with this body."""

    def give(body):
        (document,) = items("a.html", f"<html><body>{body}</body></html>")
        return document.text

    return give


def words(text):
    return WORD.findall(text.lower())


# What of a page is its content

STORY = f"<p>{'The keeper of the light climbs the stairs. ' * 9}</p>"
MENU = "<ul><li><a href=/>Home</a><li><a href=/x>Products</a></ul>"


def test_landmarks_around_the_content_are_left_out(page):
    text = page(
        f"<a href='#m' class=skip-link>Skip</a><header><a href=/>The site</a></header><nav>{MENU}</nav>"
        f"<div role=search>Search me</div><div id=m>{STORY}<h2>Part</h2></div><aside>{MENU}</aside>"
        "<footer>© 2024 The site</footer>"
    )
    assert words(text) == [*words(STORY.replace("<p>", "").replace("</p>", "")), "part"]


@pytest.mark.parametrize("tag", ["main", "article", "div role=main"])
def test_an_element_that_is_the_content_is_all_of_it(page, tag):
    end = tag.split()[0]
    text = page(f"<div>Stray words</div><{tag}><header><h1>Title</h1></header>{STORY}</{end}><div>Last words</div>")
    assert text.startswith("# Title\n\nThe keeper")
    assert text.endswith("stairs.")


def test_an_element_that_leaves_content_out_is_not_believed(page):
    comments = f"<div>{'A long and thoughtful answer that many people read. ' * 9}</div>"
    text = page(f"<main>{STORY}</main>{comments}")
    assert "keeper" in text
    assert "thoughtful" in text


def test_several_articles_are_all_content(page):
    assert page("<article><p>First piece</article><article><p>Second piece</article>") == "First piece\n\nSecond piece"


def test_what_the_author_sets_apart_in_the_content_stays(page):
    text = page(
        "<main><header><h1>Title</h1><p>By Ann</p></header><p>Text</p><aside class=note>Mind the gap.</aside>"
        "<section><p>More</p><footer>Source: a book</footer></section></main>"
    )
    assert text == "# Title\n\nBy Ann\n\nText\n\nMind the gap.\n\nMore\n\nSource: a book"


def test_a_header_that_holds_the_only_title_stays(page):
    assert page("<header><h1>Title</h1><p>Ann Lee, 2024</p></header><p>Text") == "# Title\n\nAnn Lee, 2024\n\nText"


def test_a_landmark_that_holds_the_page_is_none(page):
    assert "keeper" in page(f"<footer>{STORY}</footer><p>Little else</p>")
    assert "keeper" in page(f"<div class=sidebar>{STORY}</div><p>Little else</p>")


def test_facts_beside_the_text_stay_and_menus_beside_it_go(page):
    facts = f"<aside><p>{'Founded in 1975 by two friends, with an office. ' * 7}</p></aside>"
    assert "Founded" in page(f"<main>{STORY}</main>{facts}")
    assert "Products" not in page(f"<main>{STORY}</main><aside>{MENU}</aside>")


def test_banners_and_menus_that_are_only_named_so_go(page):
    text = page(
        f"<div class='cookie-banner'><p>We value your privacy and use cookies.</p><button>Accept</button></div>"
        f"<div class='breadcrumb'><a href=/>Home</a></div>{STORY}<ul class='site-menu'><li><a href=/>Imprint</a></ul>"
    )
    assert "privacy" not in text
    assert "Home" not in text
    assert "Imprint" not in text
    assert text.startswith("The keeper")


def test_a_name_alone_does_not_make_a_menu(page):
    dishes = "<div class=menu><p>Soup of the day, with bread</p><p>Fish from the harbour</p></div>"
    assert "Soup of the day" in page(f"{STORY}{dishes}")
    assert "fresh cookies" in page(f"<div class=cookies><p>How to bake fresh cookies</p></div>{STORY}")


def test_what_is_pressed_goes_and_what_opens_a_part_stays(page):
    text = page(
        "<h3><button aria-expanded=false>Can I return it?</button></h3><p>Yes.</p>"
        "<details><summary>More</summary><p>Within a month.</p></details><button>Buy</button>"
        "<div hidden=until-found>Found</div>"
    )
    assert text == "### Can I return it?\n\nYes.\n\nMore\n\nWithin a month.\n\nFound"


def test_marks_beside_headings_and_links_to_edit_go(page):
    text = page(
        "<h2 id=a>Part <a href='#a' class=headerlink>¶</a></h2><h2>Next<span class=mw-editsection>[edit]</span></h2>x"
    )
    assert text == "## Part\n\n## Next\n\nx"


def test_what_a_page_says_of_itself_becomes_metadata(items):
    (document,) = items(
        "a.html",
        '<html lang=de><head><title>T</title><meta property="og:description" content="About"><meta name=author content='
        '"https://example.org/ann"><meta property="article:published_time" content="2024-05-01"></head><p>x</html>',
    )
    assert document.metadata == {"language": "de", "description": "About", "date": "2024-05-01"}


# Tables, lists, formulas


def test_a_cell_that_spans_rows_stands_in_each_and_all_stand_in_their_columns(page):
    text = page(
        "<table><caption>Sales</caption><thead><tr><th rowspan=2>Year<th colspan=2>Revenue<tr><th>US<th>EU</thead>"
        "<tbody><tr><td rowspan=2>2023<td>1<td>2<tr><td>3<td>4</tbody><tbody><tr><th>2024<td colspan=2>both</tbody>"
        "<tfoot><tr><td>Sum<td>5<td>6</tfoot></table>"
    )
    assert text == (
        "Sales\n\n| Year | Revenue US | Revenue EU |\n| --- | --- | --- |\n| 2023 | 1 | 2 |\n| 2023 | 3 | 4 |\n"
        "| 2024 | both |  |\n| Sum | 5 | 6 |"
    )


def test_a_head_of_several_rows_names_each_column_whole(page):
    rows = "<tr><th rowspan=2>Pump</th><th colspan=2>Pressure (bar)</th></tr><tr><th>first</th><th>last</th></tr>"
    data = "<tr><th>P-1</th><td>1</td><td>2</td></tr>"
    expected = "| Pump | Pressure (bar) first | Pressure (bar) last |\n| --- | --- | --- |\n| P-1 | 1 | 2 |"
    assert page(f"<table>{rows}{data}</table>") == expected
    marked = rows.replace("th>", "td>").replace("<th", "<td")
    assert page(f"<table><thead>{marked}</thead>{data}</table>") == expected
    long = page(f"<table>{rows.replace('bar', 'b' * 100)}{data}</table>")
    assert long.count("b" * 100) == 1
    above = "<tr><th colspan=2>Pumps</th></tr><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr>"
    assert page(f"<table>{above}</table>") == "| Pumps a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_table_of_data_alone_has_a_head_without_words(page):
    rows = "<tr><th>Maker</th><td>KSB</td></tr><tr><th>Built</th><td>1998</td></tr>"
    text = page(f"<table>{rows}</table>")
    assert text == "|  |  |\n| --- | --- |\n| Maker | KSB |\n| Built | 1998 |"
    (*_, last) = markdown_blocks(text)
    assert in_one_line(text, last.header) == ""


def test_a_span_without_end_costs_no_columns(page):
    assert page("<table><tr><td colspan=99999999999>a<tr><td rowspan=60000>b<td>c</table>").endswith("| b | c |")


def test_a_row_of_very_many_cells_does_not_fill_up_all_others(page):
    text = page("<table><tr>" + "<td>a" * 1_000 + "<tr><td>b<td>c" * 1_000 + "</table>")
    assert text.count("\n| b | c |") == 1_000
    assert len(text) < 50_000


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4), min_size=2, max_size=5)
)
def test_every_cell_of_any_table_stands_in_a_row_of_its_own(spans):
    rows, number = "", 0
    for row in spans:
        rows += "<tr>"
        for wide, high in row:
            rows += f"<td colspan={wide} rowspan={high}>c{number}</td>"
            number += 1
    text = to_markdown(straightened(BeautifulSoup(f"<table>{rows}</table>", "lxml")))
    lines = [line.strip("|").split("|") for line in text.splitlines() if not line.startswith("| ---")]
    assert len(lines) == len(spans)
    assert len({len(line) for line in lines}) == 1
    number = 0
    for row, line in zip(spans, lines, strict=True):
        cells = [cell.strip() for cell in line]
        own = [f"c{number + place}" for place in range(len(row))]
        assert [cell for cell in cells if cell in own] == own
        number += len(row)


def test_items_are_counted_from_where_their_list_says(page):
    assert page("<ol start=7><li>a<li><li>b<ol><li>c</ol></ol>") == "7. a\n9. b\n   1. c"
    assert page("<ol start=½><li>a</ol>") == "1. a"
    assert page("<ol><li>a<li value=5>b<li>c<li value=x>d</ol>") == "1. a\n5. b\n6. c\n7. d"


def test_a_page_too_deep_for_a_tree_gives_its_title_and_the_words_that_are_seen(items):
    html = "<title>Sea</title><script>no()</script><p>One &amp; two " + "<b>three<svg><title>no</title></svg>" * 400
    (document,) = items("a.html", html)
    assert document.title == "Sea"
    assert document.text.split() == ["One", "&", "two", *["three"] * 400]


def test_boxes_keep_their_state_beside_words_and_those_that_open_menus_go(page):
    tasks = '<ul><li><input type="checkbox" checked disabled> Tea</li><li><input type=checkbox>Coffee</li></ul>'
    form = (
        "<p><input type=checkbox id=a checked><label for=a>Milk</label></p><div>"
        "<label><input type=radio>small</label> <label><input type=radio checked> large</label></div>"
    )
    menu = "<input type=checkbox id=menu-toggle><label for=menu-toggle>Menu</label><input type=checkbox>"
    assert page(tasks + form + menu) == "- ☒ Tea\n- ☐ Coffee\n\n☒ Milk\n\n○ small ◉ large\n\nMenu"


def test_many_boxes_without_words_cost_little(page):
    assert page(f"<p>{'<input type=checkbox>' * 8_000}</p><p>end</p>") == "end"


def test_terms_stand_with_what_they_mean(page):
    text = page("<dl><dt>Term<dd>What it <b>means</b>.<dt>Other<dd><p>One.<ul><li>two</ul></dl>")
    assert text == "Term\nWhat it means.\n\nOther\n\nOne.\n\n- two"


def test_formulas_are_text(page):
    tex = '<annotation encoding="application/x-tex">{\\displaystyle E=mc^{2}}</annotation>'
    assert (
        page(
            f'<p>So <span><span style="display:none"><math><semantics><mi>E</mi>{tex}</semantics></math></span>'
            '<img class="mwe-math-fallback-image-inline" alt="{\\displaystyle E=mc^{2}}"></span> and <math>'
            "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac><mo>=</mo><msup><mi>x</mi><mn>10</mn></msup></math>."
        )
        == "So $E=mc^{2}$ and (a+b)/2 = x^10."
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<msub><mi>x</mi><mi>i</mi></msub>", "x_i"),
        ("<msubsup><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></msubsup>", "(∑)_(i = 1)^n"),
        ("<msqrt><mi>x</mi></msqrt>", "√(x)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "3√(x)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>", "1, 2"),
    ],
)
def test_a_formula_without_a_source_is_written_on_one_line(source, text):
    assert formula(BeautifulSoup(f"<math>{source}</math>", "lxml").math) == text


# Feeds

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


# XML of any kind


def test_a_heading_that_is_a_link_stays_and_a_link_that_shows_nothing_says_nothing(items):
    (document,) = items(
        "a.html",
        '<body><main><h2 id="x"><a class="header" href="#x">Care</a></h2><p>Words of the page, and more of them.'
        '<a class="run" href="https://play.example.org/?code=1"></a></p></main></body>',
    )
    assert document.text == "## Care\n\nWords of the page, and more of them."


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
    _, text = outline(root)
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


# Real files


@pytest.mark.shared
@beside
def test_a_real_article_keeps_every_paragraph_and_drops_the_site():
    (document,) = read(LOADERS / "test_wikipedia.html", "w.html")
    source = BeautifulSoup((LOADERS / "test_wikipedia.html").read_text(encoding="utf-8"), "lxml")
    body = source.select_one("#mw-content-text")
    given = "".join(words(document.text))  # letters alone: a power has a sign of its own in the text
    for hidden in body.select(
        "style, script, [style*='display:none'], [role=navigation], table.sidebar, .mw-cite-backlink, .mw-editsection"
    ):
        hidden.decompose()
    missing = [tag.get_text() for tag in body.find_all(["p", "li", "td", "th", "h2", "h3", "figcaption"])
               if set(words(tag.get_text(" "))) - set(words(document.text))]  # fmt: skip
    assert not missing
    paragraphs = ["".join(words(tag.get_text())) for tag in body.find_all("p")]
    assert len(paragraphs) > 50
    assert not [paragraph for paragraph in paragraphs if paragraph not in given]
    for site in (
        "Jump to content",
        "154 languages",
        "Edit links",
        "Privacy policy",
        "Authority control",
        "Hidden categories",
    ):
        assert site not in document.text
    assert "Main article: History of Microsoft" in document.text
    assert "| 2023 | 211,915 | 73,307 | 411,976 | 238,000 |" in document.text
    assert len(words(document.text)) > 9_000


@pytest.mark.shared
@beside
def test_a_real_post_is_its_article():
    (document,) = read(LOADERS / "test_blog.html", "b.html")
    source = BeautifulSoup((LOADERS / "test_blog.html").read_text(encoding="utf-8"), "lxml")
    assert set(words(source.article.get_text(" "))) <= set(words(document.text))
    assert document.text.startswith("# Does Model and Inference Parameter Matter")
    assert "Copyright" not in document.text
    assert document.metadata["date"].startswith("2023-04-21")


@pytest.mark.shared
@beside
def test_real_search_results_keep_the_facts_beside_them():
    (document,) = read(LOADERS / "test_serp.html", "s.html")
    assert "Microsoft Corporation is an American multinational" in document.text
    assert "April 4, 1975 in Albuquerque, New Mexico, U.S." in document.text
    assert "Your Privacy Choices" not in document.text


@pytest.mark.shared
@beside
def test_a_real_feed_keeps_every_entry():
    (document,) = read(LOADERS / "test_rss.xml", "r.xml")
    assert isinstance(document, Document)
    source = BeautifulSoup((LOADERS / "test_rss.xml").read_text(encoding="utf-8"), "xml")
    entries = source.find_all("item")
    assert len(entries) == document.text.count("\n## ")
    given = "".join(words(document.text))  # letters alone, since markup may part a word
    for entry in entries:
        soup = BeautifulSoup(entry.encoded.get_text(), "lxml")
        pieces = [
            "".join(words(tag.get_text())) for tag in soup.find_all(["p", "li", "h2", "h3"]) if not tag.find("li")
        ]
        assert not [piece for piece in pieces if piece not in given]


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
