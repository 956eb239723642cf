"""Does a web page give the text that is seen, its title and what it says of itself?"""

from tests.ingest.read.reading import one

PAGE = """<!DOCTYPE html><html lang=en-GB><head><title> A
page </title><meta name=description content="What it is"><style>p{}</style><body>
<nav><a href=/>Home</a></nav><script>var x</script><p hidden>secret<p style="display: NONE">unseen
<h1>First</h1><p>See <a href="https://example.org/long">the <b>gu</b>ide</a>, 10<sup>6</sup> <code>a_b</code>&nbsp;x.
<p><a href="https://example.org/"></a><img src=x.png alt="a red square">
<ul><li>one<li>two</ul>
<pre><code class="language-py">
def f():
    # one


    return "```"
</code></pre>
<table><caption>Sizes</caption><tr><th>Name<th>Size<tr><td>a|b<td>3</table>
<table><tr><td><table><tr><td>lay<td>out</table></table>
"""


def test_a_page_is_the_markdown_of_what_is_seen(file):
    document = one(file("a.html", PAGE))
    assert document.text == (
        "# First\n\nSee the guide, 10^6 `a_b` x.\n\na red square\n\n- one\n- two\n\n"
        '````py\ndef f():\n    # one\n\n\n    return "```"\n````\n\n'
        "Sizes\n\n| Name | Size |\n| --- | --- |\n| a\\|b | 3 |\n\n| lay | out |\n| --- | --- |"
    )
    assert document.title == "A page"
    assert document.metadata == {"language": "en-GB", "description": "What it is"}


def test_a_page_is_decoded_as_it_says(file):
    page = '<meta charset="iso-8859-2"><h1>Są i będą</h1>'
    assert one(file("a.htm", page.encode("iso-8859-2"))).title == "Są i będą"


def test_a_page_that_is_nested_too_deeply_still_gives_its_words(file):
    assert "deep" in one(file("a.html", "<div>" * 3000 + "deep" + "</div>" * 3000)).text


def test_xhtml_is_read_without_a_warning(file):
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><body><p>Hallo</p></body></html>'
    )
    document = one(file("a.xhtml", page))
    assert (document.text, document.metadata) == ("Hallo", {"language": "de"})


def test_what_a_page_says_of_itself_becomes_metadata(items):
    (document,) = items(
        "a.html",
        '<html lang=de><head><title>T</title><meta property="og:description" content="About"><meta name=author content='
        '"https://example.org/ann"><meta property="article:published_time" content="2024-05-01"></head><p>x</html>',
    )
    assert document.metadata == {"language": "de", "description": "About", "date": "2024-05-01"}


def test_a_page_too_deep_for_a_tree_gives_its_title_and_the_words_that_are_seen(items):
    html = "<title>Sea</title><script>no()</script><p>One &amp; two " + "<b>three<svg><title>no</title></svg>" * 400
    (document,) = items("a.html", html)
    assert document.title == "Sea"
    assert document.text.split() == ["One", "&", "two", *["three"] * 400]
