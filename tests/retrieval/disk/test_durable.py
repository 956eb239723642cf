"""Is a file hashed to its last byte, whatever of it is a hole?"""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.disk.durable import hash_file, hash_sparse

MEGABYTE = 1 << 20


def plainly(data):
    """What `hash_sparse` says that it is, of bytes that are all there."""
    total = hashlib.sha256()
    for start in range(0, len(data), MEGABYTE):
        if (block := data[start : start + MEGABYTE]) != bytes(MEGABYTE):
            total.update(start.to_bytes(8, "big") + block)
    total.update(len(data).to_bytes(8, "big"))
    return total.hexdigest()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.sampled_from([0, 1, 4096, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 4 * MEGABYTE, 5 * MEGABYTE + 7]),
    written=st.lists(
        st.tuples(st.integers(0, 5 * MEGABYTE + 6), st.sampled_from([b"x", b"\0", b"words" * 2000])), max_size=4
    ),
)
def test_a_file_with_holes_has_the_hash_of_one_without(tmp_path, size, written):
    path = tmp_path / "file"
    with path.open("wb") as stream:
        stream.truncate(size)
        for place, data in written:
            if place + len(data) <= size:
                stream.seek(place)
                stream.write(data)

    assert hash_sparse(path) == plainly(path.read_bytes())


@pytest.mark.parametrize("size", [0, 1, (16 << 20) - 1, 16 << 20, (16 << 20) + 1])
def test_a_file_is_hashed_as_a_whole(tmp_path, size):
    (tmp_path / "file").write_bytes(b"7" * size)

    assert hash_file(tmp_path / "file") == hashlib.sha256(b"7" * size).hexdigest()
