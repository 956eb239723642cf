"""Do the front matter and the headings of a Markdown file name it?"""

import pytest

from tests.ingest.read.reading import one


def test_front_matter_becomes_metadata_and_is_no_text(file):
    document = one(
        file(
            "a.md",
            "---\ntitle: Setting up\nversion: 1.10\ndate: 2024-01-02\ntags: [a, b]\nlang: de\n"
            "steps: [{a: b}]\nempty:\n---\n\n# Other\n\nHi\n",
        )
    )
    assert document.text == "# Other\n\nHi\n"
    assert document.title == "Setting up"
    assert document.metadata == {"version": "1.10", "date": "2024-01-02", "tags": ("a", "b"), "language": "de"}
    assert document.markup == "markdown"


@pytest.mark.parametrize("top", ["---\njust prose\n---\n", "---\na: [\n---\n", "---\nnever closed\n"])
def test_what_only_looks_like_front_matter_stays_text(file, top):
    document = one(file("a.md", f"{top}\n# Real\n"))
    assert document.text.startswith(top)
    assert document.metadata == {}


def test_a_comment_in_code_is_no_title(file):
    text = "```sh\n# not this\n```\n\nReal *big* [title](http://a.b) `x`\n===\n"
    assert one(file("a.md", text)).title == "Real big title x"
    assert one(file("b.md", "no heading")).title == "b"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The guide\n\nHi\n\n## One\n\n```\n# two\n```\n", "The guide"),
        ("Version 2\n===\n\n- one\n\nVersion 1\n===\n", "a"),  # one part of several
        ("## Preface\n\nHi\n\n# The guide\n", "a"),
        ("# Contents\n\n## 4 Foo\n", "a"),
        ("# Inhaltsverzeichnis:\n", "a"),
        (f"# {'long ' * 60}\n", "a"),
        ("Two\nlines\n===\n", "a"),
    ],
)
def test_a_heading_is_the_title_only_if_it_names_the_whole(file, text, title):
    assert one(file("a.md", text)).title == title
