"""What is special to the embedded engine: does a folder hold all of its store, and no more than that?"""

import os
import shutil
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import qdrant_edge

from retrieval.disk.durable import hash_files
from retrieval.parts import Point
from retrieval.stores.edge import EdgeEngine
from retrieval.stores.scope import FIELD
from retrieval.stores.store import StoreFailed
from tests.places import ROOT


def points(n, size=8):
    vectors = np.random.default_rng(0).normal(size=(n, size)).astype(np.float32)
    return [Point(f"{number:032x}", vector, (), {}) for number, vector in enumerate(vectors)]


def finished(folder, n=3):
    store = EdgeEngine().create(folder, 8)
    store.upsert(points(n))
    store.flush()
    return store


def test_changing_a_copy_changes_no_file_of_the_original(tmp_path):
    store = finished(tmp_path / "a")
    before = hash_files(tmp_path / "a")
    copy = EdgeEngine().copy(tmp_path / "a", tmp_path / "b")
    copy.delete([f"{0:032x}"])
    copy.flush()
    copy.close()
    assert hash_files(tmp_path / "a") == before
    store.close()


def test_a_copy_is_the_same_and_takes_no_more_room(tmp_path):
    finished(tmp_path / "a").close()
    EdgeEngine().copy(tmp_path / "a", tmp_path / "b").close()
    EdgeEngine().open(tmp_path / "a").close()
    assert hash_files(tmp_path / "b") == hash_files(tmp_path / "a")
    if hasattr(os, "SEEK_DATA"):
        assert size_on_disk(tmp_path / "b") <= 2 * size_on_disk(tmp_path / "a")


def test_a_shard_without_an_index_of_what_scopes_ask_for_is_a_stated_error(tmp_path):
    finished(tmp_path / "a").close()
    shard = qdrant_edge.EdgeShard.load(str(tmp_path / "a"))
    shard.update(qdrant_edge.UpdateOperation.delete_field_index(FIELD))
    shard.flush()
    shard.close()
    with pytest.raises(StoreFailed, match="citewell ingest"):
        EdgeEngine().open(tmp_path / "a")


ON_A_FULL_DISK = """
mount -t tmpfs -o size=8m tmpfs "$1/disk" || exit 77
cp -r --sparse=always "$1/a" "$1/disk/a" && dd if=/dev/zero of="$1/disk/fill" bs=4k 2> /dev/null
exec "$2" -c 'import sys; from pathlib import Path; from retrieval.stores.edge import EdgeEngine
EdgeEngine().open(Path(sys.argv[1]))' "$1/disk/a"
"""


def test_on_a_full_disk_a_shard_is_not_opened_and_the_process_lives_to_say_why(tmp_path):
    finished(tmp_path / "a").close()
    (tmp_path / "disk").mkdir()
    if shutil.which("unshare") is None:
        pytest.skip("no disk can be filled here: there is no unshare")
    words = ["unshare", "-rm", "sh", "-c", ON_A_FULL_DISK, "sh", str(tmp_path), sys.executable]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        pytest.skip(f"no disk can be filled here: {done.stderr.strip()}")
    assert "is full" in done.stderr, (done.returncode, done.stderr)
    assert "free some room, then try again" in done.stderr


def test_reading_all_points_holds_one_part_at_a_time(tmp_path):
    store = finished(tmp_path / "a", 5000)
    tracemalloc.start()
    read = sum(len(part) for part in store.points())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 5000
    assert peak < 3_000_000
    store.close()


def size_on_disk(folder):
    """Bytes that the files really take: the engine's are sparse."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
