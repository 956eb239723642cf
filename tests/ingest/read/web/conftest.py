"""A page with the body that a test gives."""

import pytest


@pytest.fixture
def page(items):
    """The text of a page with this body."""

    def give(body):
        (document,) = items("a.html", f"<html><body>{body}</body></html>")
        return document.text

    return give
