"""Is everything found that lies in archives, and is what cannot be read named?"""

import bz2
import gc
import gzip
import lzma
import os
import tarfile
import warnings
import zipfile

import pytest

from ingest.model import Document, Skipped
from ingest.read.inside import Expansion, expanding
from ingest.read.registry import read
from tests.ingest.read.packed.packing import tarred, zipped
from tests.ingest.read.reading import failures, skipped, texts
from tests.places import LOADERS


def test_members_are_read_in_the_order_of_their_names_whatever_they_are(items):
    found = items("a.zip", zipped(("b/c.txt", "see"), ("a.md", "# A"), ("d/", ""), ("x.exe", "MZ"), ("e.docx", "torn")))
    assert list(texts(found)) == ["a.zip!/a.md", "a.zip!/b/c.txt"]
    assert found[0].title == "A"
    assert "not supported" in skipped(found)["a.zip!/x.exe"]
    assert "damaged" in failures(found)["a.zip!/e.docx"]


def test_what_programs_put_aside_is_passed_over_as_in_folders(items):
    junk = (
        "__MACOSX/._a.txt",
        ".DS_Store",
        ".git/config.txt",
        "node_modules/x/a.md",
        "d/.hidden/a.txt",
        "env/lib/a.py",
    )
    found = items("a.zip", zipped(*((name, "junk") for name in junk), ("env/pyvenv.cfg", "x"), ("a.txt", "kept")))
    assert texts(found) == {"a.zip!/a.txt": "kept"}
    assert len(found) == 1


def test_an_archive_of_nothing_says_so(items):
    assert "holds no file" in failures(items("a.zip", zipped()))["a.zip"]
    assert "holds no file" in failures(items("b.zip", zipped((".hidden", "x"))))["b.zip"]


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar", "w"), ("tgz", "w:gz"), ("tbz2", "w:bz2"), ("txz", "w:xz"), ("tar.gz", "w:gz")]
)
def test_every_kind_of_tar_is_read(items, suffix, mode):
    found = items(f"t.{suffix}", tarred(("b.txt", b"bee", {}), ("./a.txt", b"ay", {}), mode=mode))
    assert texts(found) == {f"t.{suffix}!/a.txt": "ay", f"t.{suffix}!/b.txt": "bee"}
    assert list(texts(found)) == sorted(texts(found))


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_an_archive_of_one(items, suffix, pack):
    assert texts(items(f"report.txt.{suffix}", pack(b"words"))) == {f"report.txt.{suffix}!/report.txt": "words"}


def test_links_and_devices_are_named_and_never_followed(items):
    kinds = {
        "link.txt": tarfile.SYMTYPE,
        "hard.txt": tarfile.LNKTYPE,
        "fifo.txt": tarfile.FIFOTYPE,
        "dev": tarfile.CHRTYPE,
    }
    entries = [(name, b"", {"type": kind, "linkname": "/etc/passwd"}) for name, kind in kinds.items()]
    found = items("t.tar", tarred(*entries, ("a.txt", b"ay", {})))
    assert texts(found) == {"t.tar!/a.txt": "ay"}
    assert set(skipped(found)) == {f"t.tar!/{name}" for name in kinds}
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    assert "link" in skipped(items("a.zip", zipped((link, "/etc/passwd"))))["a.zip!/link.txt"]


def test_a_path_that_leads_out_is_refused_and_the_rest_is_read(items):
    names = ["../up.txt", "a/../../up.txt", "/abs.txt", "..\\up.txt", "C:\\up.txt"]
    found = items("a.zip", zipped(*((name, "x") for name in names), ("ok.txt", "fine")))
    assert texts(found) == {"a.zip!/ok.txt": "fine"}
    assert len(failures(found)) == len(names)
    assert all("leads out" in error for error in failures(found).values())


def test_a_member_behind_a_password_or_damaged_stops_no_other(items):
    data = bytearray(zipped(("a.txt", "locked"), ("b.txt", "open")))
    data[data.find(b"PK\1\2") + 8] |= 1
    found = items("a.zip", bytes(data))
    assert texts(found) == {"a.zip!/b.txt": "open"}
    assert failures(found)["a.zip!/a.txt"].startswith("it is protected by a password: ")
    entry = zipfile.ZipInfo("a.txt")  # stored, so that its words can be changed under its checksum
    data = zipped((entry, "hello"), ("b.txt", "good")).replace(b"hello", b"jello")
    found = items("b.zip", data)
    assert texts(found) == {"b.zip!/b.txt": "good"}
    assert "damaged" in failures(found)["b.zip!/a.txt"]


def test_names_are_read_as_utf8_where_nothing_says_how_they_are_written(items):
    data = bytearray(zipped(("grüß.txt", "hi")))
    data[7] &= ~8
    data[data.find(b"PK\1\2") + 9] &= ~8
    assert texts(items("a.zip", bytes(data))) == {"a.zip!/grüß.txt": "hi"}
    old = bytes(data).replace("grüß".encode(), b"gr\x81\xe1ss")
    assert set(texts(items("b.zip", old))) == {"b.zip!/grüßss.txt"}


def test_strange_names_are_spelt_out_and_long_ones_are_no_obstacle(items):
    found = items("a.zip", zipped(("new\nline.txt", "one"), ("x" * 400 + ".txt", "two")))
    assert texts(found) == {"a.zip!/new\\x0aline.txt": "one", "a.zip!/" + "x" * 400 + ".txt": "two"}
    found = items("t.tar", tarred(("gr\udcfc.txt", b"three", {})))
    assert texts(found) == {"t.tar!/gr\\xfc.txt": "three"}


def test_of_two_members_of_one_path_one_is_read_and_the_other_named(items):
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a.txt", "first"), ("a.txt", "second"))
    found = items("a.zip", data)
    assert texts(found) == {"a.zip!/a.txt": "first"}
    assert "same name" in failures(found)["a.zip!/a.txt"]


def test_archives_are_read_three_deep_and_no_deeper(items):
    data = b"deep words"
    for name in ("x.txt", "c.zip", "b.zip"):
        data = zipped((name, data))
    assert texts(items("a.zip", data)) == {"a.zip!/b.zip!/c.zip!/x.txt": "deep words"}
    found = items("o.zip", zipped(("a.zip", data), ("z.txt", "beside")))
    assert texts(found) == {"o.zip!/z.txt": "beside"}
    (error,) = failures(found).values()
    assert "3 archives deep" in error


def test_what_a_torn_archive_still_holds_is_read_and_the_tear_is_named(items):
    words = os.urandom(3000).hex().encode()
    found = items("a.txt.gz", gzip.compress(words)[:2500])
    assert words.decode().startswith(texts(found)["a.txt.gz!/a.txt"][:1000])
    assert "torn" in failures(found)["a.txt.gz"]
    whole = tarred(("a.txt", b"ay", {}), ("b.txt", b"bee" * 2000, {}))
    found = items("t.tar", whole[:4000])
    assert texts(found)["t.tar!/a.txt"] == "ay"
    assert texts(found)["t.tar!/b.txt"].startswith("bee")
    assert "torn" in failures(found)["t.tar"]
    assert "torn" in failures(found)["t.tar!/b.txt"]
    packed = gzip.compress(tarred(("a.txt", b"ay", {}), ("b.txt", words, {})))
    found = items("t.tgz", packed[:-1500])
    assert texts(found)["t.tgz!/a.txt"] == "ay"
    assert "torn" in failures(found)["t.tgz"]
    packed = gzip.compress(tarred(("a.txt", b"ay", {}), ("b.txt", os.urandom(90_000).hex().encode(), {})))
    found = items("d.tgz", packed[:50_000] + bytes(200) + packed[50_200:])
    assert texts(found)["d.tgz!/a.txt"] == "ay"
    assert "torn" in failures(found)["d.tgz"]
    found = items("s.tgz", packed[:-8] + bytes(4) + packed[-4:])  # nothing but the checksum says so
    assert texts(found)["s.tgz!/a.txt"] == "ay"
    assert "damaged" in failures(found)["s.tgz"]


@pytest.mark.slow
def test_a_bomb_is_given_up_and_what_was_read_before_is_kept(items):
    zeros = bytes(100 << 20)
    found = items("a.zip", zipped(("a.txt", "fine"), ("b.txt", zeros), ("c.txt", "after")))
    assert texts(found) == {"a.zip!/a.txt": "fine"}
    assert "bomb" in failures(found)["a.zip"]
    assert len(failures(found)) == 1
    assert "bomb" in failures(items("a.txt.gz", gzip.compress(zeros)))["a.txt.gz"]


@pytest.mark.slow
def test_many_small_archives_of_one_large_are_a_bomb_too(items):
    data = zipped(("a.txt", b"\n" * (8 << 20) + b"x"))
    for _ in range(2):
        data = zipped(*((f"{number}.zip", data) for number in range(10)))
    found = items("a.zip", data)
    assert 0 < len(texts(found)) < 12
    assert "bomb" in failures(found)["a.zip"]


def test_a_bomb_of_archives_in_archives_without_end_is_given_up(items):
    data = b"x"
    for level in range(6):
        data = zipped(*((f"{number:x}.{'zip' if level else 'txt'}", data) for number in range(16)))
    found = items("42.zip", data)
    assert not texts(found)
    assert "42.zip" in failures(found)
    assert len(found) < 20


def test_what_may_be_unpacked_in_all_is_bounded(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(*((f"{number}.txt", os.urandom(5000).hex()) for number in range(5))))
    with expanding(Expansion(bytes=25_000), {}):
        found = list(read(path, "a.zip"))
    assert len(texts(found)) == 2
    assert len(failures(found)) == 3
    assert all("unpacks to more" in error for error in failures(found).values())
    with expanding(Expansion(files=3), {}):
        found = list(read(path, "a.zip"))
    assert len(texts(found)) == 3
    assert "more files" in failures(found)["a.zip"]


def test_a_member_that_says_that_it_is_huge_is_not_unpacked(items):
    entry = tarfile.TarInfo("huge.txt")
    entry.size = 20 << 30
    found = items("t.tar", entry.tobuf() + bytes(2048))
    assert "torn" in failures(found)["t.tar"]


def test_a_plugin_reads_its_kind_inside_of_an_archive_as_well(tmp_path):
    def shout(path, name):
        yield Document(name, path.read_text().upper())

    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("a.foo", "hi")))
    with expanding(Expansion(), {".foo": shout}):
        assert texts(read(path, "a.zip", {".foo": shout})) == {"a.zip!/a.foo": "HI"}


@pytest.mark.slow
def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("a.txt", "x"), ("b.zip", zipped(("c.txt", "y")))))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a folder that is only removed with its object warns
        assert len(texts(read(path, "a.zip"))) == 2
        gc.collect()
    assert not list(scratch.iterdir())


# Real files


@pytest.mark.shared
def test_a_real_archive_gives_all_its_files():
    found = list(read(LOADERS / "markitdown" / "test_files.zip", "t.zip"))
    assert {item.document for item in found if isinstance(item, Skipped)} == {"t.zip!/test.jpg"}
    assert {"t.zip!/test.docx", "t.zip!/test_blog.html", "t.zip!/test_wikipedia.html"} <= set(texts(found))
