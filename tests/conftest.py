"""What the tests of several rooms share; what is heavy is made once a session, and only for those who ask."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def encoder():
    """The embedded encoder; its tokenizer is quick, its weights are loaded with the first text that is encoded."""
    from retrieval.encode import SentenceEncoder

    return SentenceEncoder()


@pytest.fixture
def shared():
    """The public collections beside the project."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there")
    return SHARED
