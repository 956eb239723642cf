"""Is whatever is left of an erased document found, and nothing else taken for it?"""

import sqlite3
import zlib
from contextlib import closing

import pytest

from retrieval.erasure.erasing import delete, verify
from tests.retrieval.erasure.secret import SECRET, TEXT
from tests.retrieval.words import build


@pytest.mark.slow
def test_a_trace_that_is_left_is_found(home):
    """The proof itself is proved: what is put back, in whatever form, is found."""
    delete(home, [SECRET])
    line = TEXT.split("\n\n")[1]
    plain = home.path / "cache" / "left.bin"
    for data in (b"\0\xff" * 999 + line.encode(), line.encode("utf-16-le"), b"head" + zlib.compress(line.encode())):
        plain.write_bytes(data)
        found = verify(home, SECRET)
        assert not found.clean
        assert [trace.file for trace in found.found] == ["cache/left.bin"]
        plain.unlink()
    with closing(sqlite3.connect(home.path / "more.sqlite")) as database:
        database.execute("CREATE TABLE t (body BLOB)")
        database.execute("INSERT INTO t VALUES (?)", [zlib.compress((line * 3000).encode())])
        database.commit()
    assert [trace.file for trace in verify(home, SECRET).found] == ["more.sqlite"]
    (home.path / "more.sqlite").unlink()
    assert verify(home, SECRET).clean


@pytest.mark.slow
def test_looking_for_traces_says_how_far_it_is(home):
    delete(home, [SECRET])
    told = []
    assert verify(home, SECRET, on_looked=lambda done, all: told.append((done, all))).clean
    assert len(told) > 5
    assert told == sorted(told)
    done, whole = told[-1]
    assert done == whole > 0


@pytest.mark.slow
def test_a_file_of_several_names_is_read_once_and_told_by_each(home):
    delete(home, [SECRET])
    told = []
    verify(home, SECRET, on_looked=lambda done, all: told.append(all))
    whole = told[-1]
    file = home.path / "cache" / "left.bin"
    file.write_bytes(TEXT.split("\n\n")[1].encode() * 20_000)
    for name in ("again.bin", "third.bin"):
        (home.path / name).hardlink_to(file)
    told.clear()
    found = verify(home, SECRET, on_looked=lambda done, all: told.append(all)).found
    assert whole < told[-1] < whole + 2 * file.stat().st_size
    assert [trace.file for trace in found] == ["again.bin", "cache/left.bin", "third.bin"]


@pytest.mark.slow
def test_a_copy_that_comes_later_is_not_taken_for_a_trace(home):
    delete(home, [SECRET])
    assert verify(home, SECRET).elsewhere == 0
    build(home, {"docs/copy.md": TEXT})
    proof = verify(home, SECRET)
    assert (proof.clean, proof.sequences) == (True, 0)
    assert proof.elsewhere > 10
