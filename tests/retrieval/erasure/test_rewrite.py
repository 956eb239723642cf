"""Is each version written anew from what survives, and from nothing that is damaged?"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.disk.durable import hash_file
from retrieval.erasure.erasing import delete
from retrieval.versions.manifest import DamagedIndex, Manifest
from tests.retrieval.erasure.secret import SECRET, WORDS, standing
from tests.retrieval.words import ENCODER, TEXTS, build


@pytest.mark.slow
def test_damage_is_not_given_new_hashes(home):
    (path,) = (home.folder(home.live()) / "0" / "lexical").glob("*/chunks.u4")
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    done = delete(home, [SECRET])
    assert done.pending == (SECRET,)
    assert "damaged" in done.waits_for
    with pytest.raises(DamagedIndex):
        home.open(encoder=ENCODER)
    assert home.erased.names() == {SECRET}


@pytest.mark.parametrize(
    "break_it", [Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"x" * 999)]
)
def test_that_the_texts_are_damaged_is_said_where_no_document_of_that_name_is_found(home, break_it):
    folder = home.folder(home.live())
    break_it(Manifest.read(folder).folder(folder) / "content.sqlite")
    with pytest.raises(DamagedIndex, match="citewell index rollback"):
        delete(home, ["docs/only-there.md"])
    assert home.erased.names() == frozenset()


@pytest.mark.slow
def test_a_version_of_an_older_schema_is_rebuilt_without_what_was_erased(home):
    folder = home.folder(home.live())
    as_schema_1(folder)
    done = delete(home, [SECRET])
    assert done.pending == (SECRET,)
    assert "citewell ingest" in done.waits_for
    build(home, {"docs/after.md": "pump3"})
    with closing(home.open(encoder=ENCODER)) as version:
        assert version.content.text(SECRET) is None
        assert version.content.text("docs/00.md") == TEXTS["docs/00.md"]
    assert delete(home, [SECRET]).pending == ()
    assert standing(home.path, WORDS) == []


def as_schema_1(folder):
    """The version as the first Citewell laid it out: no folder of its own for the data, no languages."""
    for path in (folder / "0").iterdir():
        path.rename(folder / path.name)
    (folder / "0").rmdir()
    with closing(sqlite3.connect(folder / "content.sqlite")) as database:
        database.execute("ALTER TABLE documents DROP COLUMN language")
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in ("data", "languages", "engine", "query_model", "erasures", "digest"):
        del said[name]
    for name in ("query_prefix", "document_prefix"):
        del said["encoder"][name]
    said["schema"] = 1
    said["files"] = {name: hash_file(folder / name) for name in said["files"]}
    (folder / "manifest.json").write_text(json.dumps(said), "utf-8")
