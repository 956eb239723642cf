"""Does a web page give its content and nothing around it?"""

import pytest
from bs4 import BeautifulSoup

from ingest.read.registry import read
from tests.ingest.read.reading import words
from tests.places import LOADERS

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


# Real files


@pytest.mark.slow
@pytest.mark.shared
def test_a_real_article_keeps_every_paragraph_and_drops_the_site():
    (document,) = read(LOADERS / "markitdown" / "test_wikipedia.html", "w.html")
    source = BeautifulSoup((LOADERS / "markitdown" / "test_wikipedia.html").read_text(encoding="utf-8"), "lxml")
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
def test_a_real_post_is_its_article():
    (document,) = read(LOADERS / "markitdown" / "test_blog.html", "b.html")
    source = BeautifulSoup((LOADERS / "markitdown" / "test_blog.html").read_text(encoding="utf-8"), "lxml")
    assert set(words(source.article.get_text(" "))) <= set(words(document.text))
    assert document.text.startswith("# Does Model and Inference Parameter Matter")
    assert "Copyright" not in document.text
    assert document.metadata["date"].startswith("2023-04-21")


@pytest.mark.shared
def test_real_search_results_keep_the_facts_beside_them():
    (document,) = read(LOADERS / "markitdown" / "test_serp.html", "s.html")
    assert "Microsoft Corporation is an American multinational" in document.text
    assert "April 4, 1975 in Albuquerque, New Mexico, U.S." in document.text
    assert "Your Privacy Choices" not in document.text
