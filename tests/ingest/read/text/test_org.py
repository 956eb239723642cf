"""Does an Org file give what a reader of its page sees?"""

import pytest

from ingest.read.registry import read


@pytest.fixture
def org(tmp_path):
    def give(text):
        path = tmp_path / "a.org"
        path.write_text(text)
        (document,) = read(path, "box/a.org")
        return document

    return give


def test_the_title_the_author_and_the_tags_are_the_files_own(org):
    document = org(
        "#+TITLE: The *pump* manual\n#+author: Ann Example\n#+FILETAGS: :pump:oil:\n#+OPTIONS: toc:nil\nWords.\n"
    )
    assert (document.title, document.text) == ("The pump manual", "# The pump manual\n\nWords.")
    assert document.metadata == {"author": "Ann Example", "tags": ("pump", "oil")}
    assert org("* Only one\nWords.\n").title == "Only one"
    assert org("* One\nWords.\n* Two\nWords.\n").title == "a"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("* TODO [#A] Install :work:home:\nDo it.", "# TODO Install\n\nDo it."),
        ("* One\n** COMMENT Draft\nhidden\n*** In it\nhidden\n** Two\nx", "# One\n\n## Two\n\nx"),
        ("** Part: a b\nx", "## Part: a b\n\nx"),
        ("* H\n:PROPERTIES:\n:ID: 1\n:END:\nx\n# comment\ny", "# H\n\nx\n\ny"),
        (
            "- [X] oil :: fill it\n- [ ] water\n  more\n  1) first",
            "- [x] oil: fill it\n- [ ] water\n  more\n  1. first",
        ),
        ("Words:\n- one\n- two\n", "Words:\n\n- one\n- two"),
        ("*b* /i/ _u_ +s+ =c_d= ~e~ a/b/c x*y*z 2*3", "b i u s `c_d` `e` a/b/c x*y*z 2*3"),
        ("See [[https://example.org][the page]] and [[file:a.org]].", "See the page and file:a.org."),
        ("On <2024-05-01 Wed 10:00> or [2024-05-02 Thu].", "On 2024-05-01 10:00 or 2024-05-02."),
        ("A[fn:1]\n\n[fn:1] A note\n  that goes on.", "A[^1]\n\n[^1]: A note that goes on."),
        (
            "#+CAPTION: Pressures\n| P | Bar |\n|---+-----|\n| a | =9= |",
            "Pressures\n\n| P | Bar |\n| --- | --- |\n| a | `9` |",
        ),
        ("#+begin_src python -n\n  def f():\n      return 1\n#+end_src", "```python\ndef f():\n    return 1\n```"),
        ("#+BEGIN_EXAMPLE\n,* no heading\n#+END_EXAMPLE", "```\n* no heading\n```"),
        ("#+begin_quote\nSaid /so/.\n#+end_quote", "Said so."),
        ("#+begin_comment\nhidden\n#+end_comment\nshown", "shown"),
        ("shown\n: as it\n:  stands\nafter", "shown\n\n```\nas it\n stands\n```\n\nafter"),
        ("#+begin_src sh\nnever closed", "```sh\nnever closed\n```"),
        ("Note:\nprose with a colon :here: stays", "Note:\nprose with a colon :here: stays"),
        ("#+INCLUDE: other.org\nx", "`#+INCLUDE: other.org`\n\nx"),
    ],
)
def test_what_is_marked_reads_as_markdown(org, source, text):
    assert org(source).text == text
