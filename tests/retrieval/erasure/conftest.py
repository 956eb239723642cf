"""A home that holds a secret."""

import pytest

from retrieval.versions.home import Home
from tests.retrieval.erasure.secret import BOTH, SECRET, TEXT
from tests.retrieval.words import build


@pytest.fixture
def home(tmp_path):
    """Three versions: one with the secret, one that lost it, one that has it again; a cache and a journal."""
    home = Home(tmp_path / "home")
    build(home, BOTH)
    build(home, {"docs/new.md": "something new"}, removed=[SECRET])
    build(home, {SECRET: TEXT})
    return home
