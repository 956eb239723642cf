"""Does every chunk get its own vector, and none that is gone, wherever it is on its way?"""

import threading
from contextlib import closing

import numpy as np
import pytest

from ingest.split.split import split
from retrieval.vectors.cache import VectorCache
from retrieval.versions import background
from retrieval.versions.candidate import new_candidate
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, WordEncoder, documents


def version_of(home, texts, then, encoder=ENCODER):
    """A version of these texts with what is done then, before anything waits for the vectors."""
    with home.writing(), closing(VectorCache(home.path / "vectors.sqlite", ENCODER.identity)) as cache:
        made = new_candidate(home, encoder, cache)
        for document in documents(texts):
            made.put(document, split(document, made.offsets, made.split_settings), document.name)
        then(made)
        id = made.finish()
    return home.open(id, encoder=ENCODER)


@pytest.mark.parametrize("batch", [1, 4, 5, 1024])
def test_what_is_taken_out_or_put_anew_while_it_is_encoded_leaves_no_vector(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(background, "_LEAST", batch)
    monkeypatch.setattr(background, "_MOST", batch)
    texts = {f"d/{number:02}": f"pump{number} valve{number}" for number in range(14)}
    replaced = {"d/03": "another text", "d/09": "one more text", "d/13": "the last text"}

    def then(made):
        for name in ("d/00", "d/08", "d/12"):  # stored, being encoded and waiting, where a batch is four
            made.remove(name)
        for document in documents(replaced):
            made.put(document, split(document, made.offsets, made.split_settings), document.name)
        made.remove("d/09")
        for document in documents({"d/00": texts["d/00"]}):  # it comes back as it was
            made.put(document, split(document, made.offsets, made.split_settings), document.name)

    with closing(version_of(Home(tmp_path), texts, then)) as version:
        kept = {**texts, **replaced}
        for name in ("d/08", "d/12", "d/09"):
            del kept[name]
        assert version.names() == sorted(kept)
        chunks = [chunk for name in version.names() for chunk in version.content.chunks_of(name)]
        vectors = version.store.vectors([chunk.id for chunk in chunks])
        assert version.store.count() == len(chunks) == len(vectors)
        for chunk in chunks:
            np.testing.assert_allclose(vectors[chunk.id], ENCODER.encode_query(chunk.indexed_text), atol=1e-6)


def test_a_version_is_the_same_whatever_is_encoded_together(tmp_path, monkeypatch):
    texts = {f"d/{number:02}": f"pump{number} valve{number}" for number in range(9)}
    fingerprints = set()
    for batch in (2, 7, 1024):
        monkeypatch.setattr(background, "_LEAST", batch)
        monkeypatch.setattr(background, "_MOST", 2 * batch)
        with closing(version_of(Home(tmp_path / str(batch)), texts, lambda _: None)) as version:
            fingerprints.add(version.manifest.fingerprint)

    assert len(fingerprints) == 1


def test_what_gathers_while_a_part_is_encoded_is_the_next_part(tmp_path, monkeypatch):
    """Many small parts would each leave the last batch of every length half empty."""
    monkeypatch.setattr(background, "_LEAST", 2)
    monkeypatch.setattr(background, "_MOST", 10)
    told, parts = threading.Event(), []

    class Waiting(WordEncoder):
        def encode(self, texts, made=lambda *_: None):
            parts.append(len(texts))
            assert told.wait(60)
            return super().encode(texts, made)

    texts = {f"d/{number:02}": f"pump{number} valve{number}" for number in range(9)}
    with closing(version_of(Home(tmp_path), texts, lambda _: told.set(), Waiting())) as version:
        assert version.store.count() == 9
    assert parts == [2, 7]
