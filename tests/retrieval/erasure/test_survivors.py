"""Does what survives stay as it was, a twin's texts too?"""

from contextlib import closing

import pytest

from retrieval.erasure.erasing import delete, verify
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.manifest import Manifest
from tests.retrieval.erasure.secret import SECRET, TEXT
from tests.retrieval.words import ENCODER, TEXTS, answers, build, fingerprint


@pytest.mark.slow
def test_what_survives_is_what_a_version_without_the_document_would_be(home, tmp_path):
    delete(home, [SECRET])
    build(tmp_path / "fresh", TEXTS | {"docs/new.md": "something new"})
    assert fingerprint(home) == fingerprint(tmp_path / "fresh")
    assert answers(home) == answers(tmp_path / "fresh")
    for version in home.versions():
        manifest = Manifest.read(home.folder(version.id))
        assert len(manifest.erasures) == 1
        assert home.verdict(version.id) == {"status": "probe"}, "it inherits its verdict"
    ids = [version.id for version in home.versions()]
    assert home.live() == ids[0]
    assert home.rollback(encoder=ENCODER)[0] == ids[1]


@pytest.mark.slow
def test_the_texts_of_a_twin_stay(home):
    build(home, {"docs/twin.md": TEXT})
    delete(home, [SECRET])
    with closing(home.open(encoder=ENCODER)) as version:
        assert version.text("docs/twin.md") == TEXT
        assert HybridSearch(version, ENCODER)("quillwort auditor")[0].chunk.document == "docs/twin.md"
    proof = verify(home, SECRET)
    assert (proof.clean, proof.sequences) == (True, 0), "none of its words are its own"
