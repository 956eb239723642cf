"""Is it told which place bars the way?"""

import os

import pytest

from ingest.access import NotWritable, writable
from tests.homes import only_read

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no users to speak of on this system")


def test_a_home_to_be_made_where_nothing_may_be_written_names_the_folder_that_bars_it(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    with only_read(folder), pytest.raises(NotWritable) as told:
        writable(folder / "below" / "home")
    assert f"{folder / 'below' / 'home'} is to be made in {folder}, which " in str(told.value)
