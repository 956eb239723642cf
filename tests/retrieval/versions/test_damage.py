"""Is a damaged version always refused, and never silently wrong?"""

import os
import shutil
from contextlib import closing

import numpy as np
import pytest

from ingest.errors import CitewellError
from retrieval.disk.durable import write_durably
from retrieval.stores.edge import StoreFailed
from retrieval.versions import manifest as manifests
from retrieval.versions.home import Busy, Home, NoIndex, Refused
from retrieval.versions.manifest import DamagedIndex, ForeignIndex
from tests.retrieval.words import ENCODER, TEXTS, answers, build, fingerprint


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


@pytest.mark.slow
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
        files = [path for path in files if not {"vectors", "vectors.f4"} & set(path.parts)]
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


def test_no_child_is_made_of_a_damaged_parent(tmp_path, monkeypatch):
    id = build(tmp_path, TEXTS)
    monkeypatch.setattr(manifests, "CHECK_AT_OPEN", 0)  # so large that opening it checks no hashes
    with closing(Home(tmp_path).open(encoder=ENCODER)) as version:
        asked = version.postings.ordinals([query.chunk for query in version.manifest.self_queries]).tolist()
    (path,) = (tmp_path / "versions" / id).rglob("vectors.f4")
    vectors = np.fromfile(path, dtype=np.float32).reshape(-1, ENCODER.identity.dimensions)
    vectors[min(set(range(len(vectors))) - set(asked))] *= -1  # of one that no self-query asks for
    vectors.tofile(path)
    Home(tmp_path).open(encoder=ENCODER).close()
    with pytest.raises(DamagedIndex, match=r"vectors\.f4"):
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


def test_every_error_of_an_index_is_one_a_user_can_read():
    for error in (NoIndex, Refused, Busy, DamagedIndex, ForeignIndex, StoreFailed):
        assert issubclass(error, CitewellError)
        assert error.code != CitewellError.code
