"""Does a folder of hostile files do no harm: is each found or named with a reason, and is nothing else lost?"""

from __future__ import annotations

import os
import sys

import pytest

from ingest.bounds import Bounds
from tests.ingest.hostile import CASES, GOOD, HOSTILE, write
from tests.ingest.hostile_run import GROWTH, LABEL, MEMORY, SECONDS, ingest_all

# They are all read for the first test; a busy machine takes its time
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
BOUNDS = Bounds(seconds=5.0)  # a file that hangs costs the suite no more than this


def named(what: list[str]) -> str:
    return f"{len(what)} of {len(CASES)}:\n" + "\n".join(what)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    if not sys.platform.startswith("linux"):
        pytest.skip("file names of any bytes, devices and a kernel that tells of memory: on Linux alone")
    folder = tmp_path_factory.mktemp("h") / LABEL
    write(folder, CASES)
    return ingest_all(folder, tmp_path_factory.mktemp("home"), BOUNDS)


def test_there_are_many_and_no_two_of_one_name():
    assert len(HOSTILE) >= 130
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_file_comes_to_what_it_should(run):
    faults = [f"{case.name!r}: {fault}" for case in CASES if (fault := case.fault(run.of(case)))]
    assert not faults, named(faults)


def test_no_good_document_is_lost(run):
    assert not [case.name for case in GOOD if case.fault(run.of(case))]


def test_no_document_takes_the_place_of_another(run):
    assert not run.shelf.overwritten


def test_every_chunk_is_a_piece_of_its_text(run):
    assert not run.shelf.broken


def test_no_file_takes_longer_than_it_may(run):
    late = [f"{name}: {seconds:.1f} s" for name, seconds in run.seconds.items() if seconds > SECONDS]
    assert not late, named(late)


def test_no_file_takes_more_memory_than_it_may(run):
    large = [f"{name}: {bytes >> 20} MB" for name, bytes in run.memory.items() if bytes > MEMORY]
    assert not large, named(large)


def test_who_asks_stays_small(run):
    large = [f"{name}: {bytes >> 20} MB more" for name, bytes in run.growth.items() if bytes > GROWTH]
    assert not large, named(large)


def test_nothing_was_written_where_an_archive_wanted_it(run):
    assert not [path for path in ("/tmp/owned", "/tmp/owned.txt", "/owned.txt") if os.path.lexists(path)]
