"""A home that is new, with an encoder that needs no model."""

import pytest

from tests.homes import opened
from tests.retrieval.words import WordEncoder


@pytest.fixture
def citewell(tmp_path):
    with opened(tmp_path / "home", WordEncoder()) as citewell:
        yield citewell
