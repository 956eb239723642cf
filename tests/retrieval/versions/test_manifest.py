"""Is a version refused whose manifest was changed, that others wrote, or that is not what it claims to be?"""

import json
from dataclasses import replace

import pytest

from retrieval.lexical.reading import ANALYZER
from retrieval.versions.home import Home
from retrieval.versions.manifest import DamagedIndex, ForeignIndex, Manifest
from tests.retrieval.words import ENCODER, TEXTS, WordEncoder, build


def test_no_change_to_the_manifest_goes_unseen(tmp_path):
    id = build(tmp_path, {"d": "a text"})
    path = tmp_path / "versions" / id / "manifest.json"
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        if json.loads(whole) == decoded(path):
            continue  # white space between two values says nothing
        with pytest.raises((DamagedIndex, ForeignIndex)):
            Manifest.read(path.parent)


def decoded(path):
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


def rewritten(folder, **changes):
    manifest = Manifest.read(folder)
    replace(manifest, **changes).write(folder)


def test_what_other_code_or_another_encoder_built_is_refused_with_what_to_do(tmp_path):
    home = Home(tmp_path)
    folder = home.versions_folder / build(home, TEXTS)
    assert Manifest.read(folder).analyzer == ANALYZER
    for stranger in (WordEncoder("others"), WordEncoder(dimensions=16)):
        with pytest.raises(ForeignIndex, match=r"ingest the sources again, or set \[retrieval\] model back"):
            home.open(encoder=stranger)
    home.open(encoder=WordEncoder()).close()
    whole = Manifest.read(folder)
    rewritten(folder, analyzer="words of old")
    with pytest.raises(ForeignIndex, match="words of old"):
        home.open(encoder=ENCODER)
    whole.write(folder)
    rewritten(folder, schema=99)
    with pytest.raises(ForeignIndex, match="schema 99"):
        home.open(encoder=ENCODER)


@pytest.mark.parametrize("what", ["documents", "chunks", "lexical", "vector"])
def test_a_version_that_does_not_answer_as_when_it_was_built_is_damaged(tmp_path, what):
    home = Home(tmp_path)
    folder = home.versions_folder / build(home, TEXTS)
    manifest = Manifest.read(folder)
    first, *others = manifest.self_queries
    assert len(manifest.self_queries) == 5
    rewritten(
        folder,
        **{
            "documents": {"documents": manifest.documents + 1},
            "chunks": {"chunks": manifest.chunks + 1},
            "lexical": {"self_queries": (replace(first, lexical=first.lexical + 1), *others)},
            "vector": {"self_queries": (replace(first, chunk="0" * 32), *others)},
        }[what],
    )
    with pytest.raises(DamagedIndex, match="rollback"):
        home.open(encoder=ENCODER)
