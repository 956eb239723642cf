"""Is an SQLite file read where nothing can be written beside it?"""

import os
import shutil
import sqlite3

import pytest

from ingest.database import reading
from tests.homes import only_read

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no users to speak of on this system")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_log_that_was_copied_without_its_index_is_read_too(home):
    whole = sqlite3.connect(home / "whole.sqlite", isolation_level=None)
    whole.executescript("PRAGMA journal_mode=WAL; CREATE TABLE told (word); INSERT INTO told VALUES ('late')")
    for end in ("", "-wal"):
        shutil.copyfile(home / f"whole.sqlite{end}", home / f"copy.sqlite{end}")
    with only_read(home):
        connection = reading(home / "copy.sqlite")
        assert connection.execute("SELECT word FROM told").fetchall() == [("late",)]
        connection.close()
    whole.close()
