"""Is a reader known as long as it reads, wherever that is?"""

import errno
import os

from retrieval.erasure.erasing import delete, pending
from retrieval.versions import in_use
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, TEXTS, build


def test_a_reader_is_known_though_the_file_that_it_locks_was_lost(tmp_path):
    home = Home(tmp_path)
    data = home.folder(build(home, TEXTS)) / "0"
    (data / ".readers").unlink()
    reader = home.open(encoder=ENCODER)
    assert not in_use.is_free(data)
    assert delete(home, ["docs/05.md"], patience=0).pending == pending(home) == ("docs/05.md",)
    reader.close()
    assert delete(home, ["docs/05.md"]).pending == pending(home) == ()
    assert not data.exists()


def test_where_nothing_can_be_written_a_reader_is_known_by_the_file_that_is_there(tmp_path, monkeypatch):
    in_use.prepare(tmp_path)
    real = os.open

    def read_only(path, flags, *mode):
        if flags != os.O_RDONLY:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return real(path, flags, *mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        held = in_use.hold(tmp_path)
    assert not in_use.is_free(tmp_path)
    held.close()
    assert in_use.is_free(tmp_path)
    (tmp_path / ".readers").unlink()
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        in_use.hold(tmp_path).close()
    assert in_use.is_free(tmp_path)
