"""Is a damaged or foreign version always refused, and never silently wrong?"""

import errno
import json
import os
import shutil
from dataclasses import replace

import pytest

from ingest.model import CitewellError
from retrieval.disk.durable import write_durably
from retrieval.erasure.erasing import delete, pending
from retrieval.lexical.analyze import ANALYZER
from retrieval.stores.edge import StoreFailed
from retrieval.versions import in_use as holding
from retrieval.versions import manifest as manifests
from retrieval.versions.home import Busy, Home, NoIndex, Refused
from retrieval.versions.manifest import DamagedIndex, ForeignIndex, Manifest
from tests.retrieval.words import ENCODER, TEXTS, WordEncoder, answers, build, fingerprint


def extents(path):
    """Where a sparse file holds data: `(offset, bytes)`."""
    found, size = [], path.stat().st_size
    with path.open("rb") as stream:
        offset = 0
        while offset < size:
            try:
                offset = os.lseek(stream.fileno(), offset, os.SEEK_DATA)
            except OSError:
                break  # no data any more
            stop = os.lseek(stream.fileno(), offset, os.SEEK_HOLE)
            stream.seek(offset)
            found.append((offset, stream.read(stop - offset)))
            offset = stop
    return found


def damages(path):
    """Ways to spoil a file: removed, cut to half, one byte flipped in the first, middle and last that was written."""
    yield "removed", path.unlink
    yield "cut", lambda: os.truncate(path, path.stat().st_size // 2)
    written = [offset + i for offset, data in extents(path) for i, byte in enumerate(data) if byte] or [0]
    for what, position in {"first": written[0], "middle": written[len(written) // 2], "last": written[-1]}.items():

        def flip(position=position):
            with path.open("r+b") as stream:
                stream.seek(position)
                byte = stream.read(1)
                stream.seek(position)
                stream.write(bytes([byte[0] ^ 0x10]))

        yield f"{what} byte", flip


def mended(path, size, data):
    path.unlink(missing_ok=True)
    with path.open("wb") as stream:
        for offset, part in data:
            stream.seek(offset)
            stream.write(part)
        stream.truncate(size)


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_whatever_is_damaged_is_a_stated_error_and_never_a_wrong_answer(tmp_path, monkeypatch, large):
    """Of a large version the vectors alone are not read when it is opened; before a child is made of it they are."""
    build(tmp_path, TEXTS)
    id = build(tmp_path, {"docs/new.md": "pump1 valve2"}, removed=["docs/00.md"])
    said, folder = answers(tmp_path), tmp_path / "versions" / id
    assert list(folder.rglob("*.gone")), "a child of which something is gone has files of every kind"
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "verdict.json")
    assert len(files) > 15
    silent, told = [], []
    if large:
        monkeypatch.setattr(manifests, "CHECK_AT_OPEN", 0)
        files = [path for path in files if "vectors" not in path.parts]
    for path in files:
        size, data = path.stat().st_size, extents(path)
        if not size:
            continue
        for what, damage in damages(path):
            damage()
            try:
                Home(tmp_path).open(encoder=ENCODER).close()
            except (DamagedIndex, StoreFailed, ForeignIndex) as error:
                told.append(str(error))
            else:
                silent.append(f"{path.relative_to(folder)}: {what}")
            mended(path, size, data)
    assert silent == []
    assert all("ingest" in message for message in told), "and each says what to do"
    assert answers(tmp_path) == said, "all damage was mended again"


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


def test_no_child_is_made_of_a_damaged_parent(tmp_path, monkeypatch):
    id = build(tmp_path, TEXTS)
    monkeypatch.setattr(manifests, "CHECK_AT_OPEN", 0)  # so large that opening it checks no hashes
    (path,) = (tmp_path / "versions" / id).rglob("chunk_0.mmap")
    *_, (_, flip) = damages(path)
    flip()
    Home(tmp_path).open(encoder=ENCODER).close()
    with pytest.raises(DamagedIndex, match="chunk_0"):
        build(tmp_path, {"docs/new.md": "new"})
    assert [version.id for version in Home(tmp_path).versions()] == [id]


def test_a_damaged_version_whose_folder_was_deleted_does_not_stop_the_next_ingest(tmp_path):
    home = Home(tmp_path)
    first = build(home, TEXTS)
    second = build(home, {"docs/x.md": "x"})
    shutil.rmtree(home.versions_folder / second)
    with pytest.raises(NoIndex, match="citewell ingest"):
        home.open()
    build(home, TEXTS)
    build(tmp_path / "other", TEXTS)
    assert fingerprint(home) == fingerprint(tmp_path / "other")
    shutil.rmtree(home.versions_folder / home.live())
    write_durably(tmp_path / "previous", first)
    assert home.rollback()[0] == first, "or one goes back"


def test_a_reader_is_known_though_the_file_that_it_locks_was_lost(tmp_path):
    home = Home(tmp_path)
    data = home.folder(build(home, TEXTS)) / "0"
    (data / ".readers").unlink()
    reader = home.open(encoder=ENCODER)
    assert not holding.is_free(data)
    assert delete(home, ["docs/05.md"], patience=0).pending == pending(home) == ("docs/05.md",)
    reader.close()
    assert delete(home, ["docs/05.md"]).pending == pending(home) == ()
    assert not data.exists()


def test_where_nothing_can_be_written_a_reader_is_known_by_the_file_that_is_there(tmp_path, monkeypatch):
    holding.prepare(tmp_path)
    real = os.open

    def read_only(path, flags, *mode):
        if flags != os.O_RDONLY:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real(path, flags, *mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        held = holding.hold(tmp_path)
    assert not holding.is_free(tmp_path)
    held.close()
    assert holding.is_free(tmp_path)
    (tmp_path / ".readers").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        holding.hold(tmp_path).close()
    assert holding.is_free(tmp_path)


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


def test_every_error_of_an_index_is_one_a_user_can_read():
    for error in (NoIndex, Refused, Busy, DamagedIndex, ForeignIndex, StoreFailed):
        assert issubclass(error, CitewellError)
        assert error.code != CitewellError.code
