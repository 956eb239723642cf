"""Is a text encoded once, and never given another encoder's vector?"""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from retrieval.vectors.cache import VectorCache
from tests.retrieval.words import WordEncoder


def encode(path, encoder, texts):
    ticks = []
    with closing(VectorCache(path, encoder.identity)) as cache:
        return cache.encode(texts, encoder, ticks.append), sum(ticks)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "vectors.sqlite"


def test_a_text_is_encoded_once_however_often_it_is_asked_for(path):
    encoder = WordEncoder()
    first, _ = encode(path, encoder, ["one", "two", "one"])
    again, _ = encode(path, encoder, ["two", "three", "one"])
    assert encoder.encoded == ["one", "two", "three"]
    assert (again[[2, 0]] == first[[0, 1]]).all()
    assert (first[2] == first[0]).all()
    np.testing.assert_array_equal(again, WordEncoder().encode(["two", "three", "one"]))


def test_another_encoder_shares_nothing(path):
    one, other = WordEncoder("one"), WordEncoder("other")
    encode(path, one, ["text"])
    encode(path, other, ["text"])
    assert other.encoded == ["text"]


class InSteps(WordEncoder):
    """Gives its vectors one by one, and calls `between` before each but the first."""

    def __init__(self, between):
        super().__init__()
        self.between = between

    def encode(self, texts, made):
        for row, text in enumerate(texts):
            if row:
                self.between()
            self.encoded.append(text)
            made([row], self.encode_query(text)[None])


def test_vectors_are_kept_every_few_seconds_while_others_are_made(path):
    now, seen = iter(range(0, 100, 3)), []

    def look():
        with closing(sqlite3.connect(path)) as other:
            seen.append(other.execute("SELECT count(*) FROM vectors").fetchone()[0])

    encoder = InSteps(look)
    with closing(VectorCache(path, encoder.identity, clock=lambda: next(now))) as cache:
        cache.encode(["one", "two", "three"], encoder)
    assert seen == [1, 2]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_whatever_ends_the_encoding_what_was_made_is_kept(path, error):
    def end():
        if len(encoder.encoded) == 2:
            raise error

    encoder = InSteps(end)
    with pytest.raises(error):
        encode(path, encoder, ["one", "two", "three"])
    again = WordEncoder()
    encode(path, again, ["one", "two", "three"])
    assert again.encoded == ["three"]


def test_no_texts_are_no_vectors(path):
    vectors, told = encode(path, WordEncoder(), [])
    assert (vectors.shape, told) == ((0, 32), 0)


def test_every_row_is_told_of_once(path):
    encoder = WordEncoder()
    encode(path, encoder, ["one"])
    assert encode(path, encoder, ["one", "two", "three"])[1] == 3


def test_a_vector_that_was_cut_is_made_again(path):
    encoder = WordEncoder()
    first, _ = encode(path, encoder, ["text"])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE vectors SET vector = substr(vector, 1, 64)")
    again, _ = encode(path, encoder, ["text"])
    np.testing.assert_array_equal(again, first)
    assert encoder.encoded == ["text", "text"]


def test_no_text_can_be_read_back_from_the_file(path):
    encode(path, WordEncoder(), ["an unmistakable secret"])
    assert not any(b"unmistakable" in file.read_bytes() for file in path.parent.iterdir())
