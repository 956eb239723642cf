"""Does AsciiDoc give what a reader of the page sees?"""

import pytest

from ingest.read.asciidoc.conditions import taken
from ingest.read.registry import read


def shown(source):
    return " ".join(filter(None, taken(iter(source.split("\n")))))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("ifdef::cloud[]\nin the cloud\nendif::[]\nifndef::cloud[]\non your machine\nendif::[]", "on your machine"),
        (
            ":cloud:\nifdef::cloud[]\nin the cloud\nendif::cloud[]\nifndef::cloud[]\nhere\nendif::[]",
            ":cloud: in the cloud",
        ),
        (":x:\n:!x:\nifdef::x[]\nset\nendif::[]\nifndef::x[unset]", ":x: :!x: unset"),
        (":x!:\nifdef::x[set]\nifndef::x[unset]", ":x!: unset"),
        (":b:\nifdef::a,b[any]\nifdef::a+b[all]\nifndef::a,b[none]\nifndef::a+b[not all]", ":b: any not all"),
        ("ifdef::a[]\nifndef::b[]\nno\nendif::[]\n:c:\nendif::[]\nifdef::c[no]\nend", "end"),
        (':v: 2\nifeval::["{v}" == "2"]\ntwo\nendif::[]\nifeval::[{v} > 10]\nten\nendif::[]', ":v: 2 two"),
        ("ifeval::[{v} > 10]\nten\nendif::[]\nend", "end"),
        ("ifdef::backend-html5[page]\nifdef::backend-pdf[print]", "page"),
        ("\\ifdef::x[]\nend", "ifdef::x[] end"),
        ("endif::[]\nend", "end"),
        ("ifdef::x[]\nnever closed", ""),
    ],
)
def test_of_a_condition_one_branch_is_there(source, text):
    assert shown(source) == text


def test_a_branch_that_is_not_there_is_not_read(tmp_path):
    path = tmp_path / "a.adoc"
    path.write_text(
        '= Limits\n:edition: free\n\nifeval::["{edition}" == "free"]\nUp to ten users.\nendif::[]\n'
        'ifeval::["{edition}" != "free"]\nUp to ninety users.\nendif::[]\n'
    )
    (document,) = read(path, "box/a.adoc")
    assert document.text == "# Limits\n\nUp to ten users."
