"""Is a disk that fills up said, and does the live version go on?"""

import os
import subprocess
import sys

import pytest

from tests.places import ROOT


@pytest.fixture
def small_disk(tmp_path):
    """Runs a script where `disk` in it is a file system of so many megabytes."""

    def run(megabytes, script):
        disk = tmp_path / "disk"
        disk.mkdir()
        words = f"mount -t tmpfs -o size={megabytes}m tmpfs {disk} && exec {sys.executable} - {disk}"
        done = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", words],
            input=script, cwd=ROOT,
            capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        if "unshare" in done.stderr or "mount:" in done.stderr:
            pytest.skip(f"this machine lets nobody mount a file system of their own: {done.stderr.strip()}")
        return done

    return run


FULL = """
import os, random, sys
from pathlib import Path
import retrieval.disk.space
from ingest.errors import CitewellError
from tests.homes import PUBLIC, opened, write
from tests.retrieval.words import WordEncoder
disk, filler = Path(sys.argv[1]), Path(sys.argv[1]) / "filler"
RESERVE
with opened(disk / "home", WordEncoder()) as citewell:
    docs = write(disk / "docs", {**PUBLIC, "pump.md": "the pump pumps water through the long pipes of the house"})
    live = citewell.ingest([docs]).index_version
    noise = random.Random(7)
    for number in range(40):
        write(docs, {f"{number}.md": " ".join(noise.randbytes(4).hex() for _ in range(4000))})
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    filler.write_bytes(bytes(max(0, free - (LEFT))))
    try:
        citewell.ingest([docs])
    except CitewellError as error:
        print(error.code, error)
    print(citewell.home.live() == live, citewell.search("pump").hits[0].chunk.document)
    print(sorted(path.name for path in (disk / "home/versions").iterdir()) == [live])
    filler.unlink()
    print(citewell.ingest([docs]).documents["added"])
"""


@pytest.mark.slow
def test_a_disk_that_fills_up_is_said_and_the_live_version_goes_on(small_disk):
    """The engine maps its files, and a write into a map that finds no room ends the process: so room is kept."""
    done = small_disk(160, FULL.replace("RESERVE", "").replace("LEFT", "66 << 20"))
    lines = done.stdout.splitlines()
    assert lines[0].startswith("disk_full The disk of"), done
    assert "free some room" in lines[0]
    assert lines[1:] == ["True docs/pump.md", "True", "40"], done


@pytest.mark.slow
def test_a_disk_without_any_room_is_said_too(small_disk):
    """Another program may take what was kept."""
    script = FULL.replace("RESERVE", "retrieval.disk.space.RESERVE = 0").replace("LEFT", "1 << 20")
    done = small_disk(160, script)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("disk_full The disk of"), done
    assert lines[1:] == ["True docs/pump.md", "True", "40"], done
