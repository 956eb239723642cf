"""The headings above a place are found by their marks."""

import pytest

from ingest.model import Document
from ingest.split.code_within import code_within
from ingest.split.headings import headings_over

MARKDOWN = """# House

Here.

## Rooms ##

```sh
# no heading
```

There.

### Attic

Up.

## Garden

Out.
"""
RST = """=====
House
=====

Here.

Rooms
-----

There.

Attic
'''''

Up.

Garden
------

Out.
"""


@pytest.mark.parametrize(("text", "markup"), [(MARKDOWN, "markdown"), (RST, "rst")])
@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("Here.", ("House",)),
        ("There.", ("House", "Rooms")),
        ("Up.", ("House", "Rooms", "Attic")),
        ("Out.", ("House", "Garden")),
    ],
)
def test_a_place_stands_under_its_headings_and_no_others(text, markup, place, path):
    document = Document("a", text, markup=markup)
    assert headings_over(document, text.index(place), code_within(document)) == path


def test_plain_text_and_code_have_none():
    assert headings_over(Document("a", "# no\n\nheading"), 6) == ()
