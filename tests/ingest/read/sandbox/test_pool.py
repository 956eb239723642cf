"""Is a file read where it can do no harm, and is one that does named while the others are read?"""

import importlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.bounds import Bounds
from ingest.file_hash import hash_of
from ingest.find.discover import discover
from ingest.model import Document, Failure, Page, Skipped
from ingest.options import Options
from ingest.read.registry import read
from ingest.read.sandbox.late import is_late
from ingest.read.sandbox.pool import Workers
from ingest.read.sandbox.process import packed, unpacked
from tests.ingest.read.pdf.made_pdf import lines, pdf
from tests.places import ROOT

QUICK = Bounds(seconds=1.0, memory=256 << 20, text=100_000)


# Readers of a plugin, which the other process imports from here by name


def sleeps(path, name):
    yield Document(name, "before")
    time.sleep(60)


def dies(path, name):
    os._exit(3)


def devours(path, name):
    yield Document(name, "x" * len(bytearray(1 << 30)))


def devours_slowly(path, name):
    kept = []
    while True:
        kept.append(b"x" * (1 << 20))
        time.sleep(0.001)


def calls(path, name):
    with socket.create_connection(("127.0.0.1", int(path.read_text()))):
        yield Document(name, "reached")


def calls_by_name(path, name):
    yield Document(name, str(socket.getaddrinfo("localhost", 80)))


def writes(path, name):
    path.with_name("made.txt").write_text("harm")
    yield Document(name, "written")


def removes(path, name):
    path.unlink()
    yield Document(name, "removed")


def starts(path, name):
    import subprocess

    yield Document(name, subprocess.check_output(["id"], text=True))


def forks(path, name):
    if os.fork() == 0:
        os._exit(0)
    yield Document(name, "forked")


def looks_around(path, name):
    yield Document(name, (path.parent / "other.txt").read_text())


def prints(path, name):
    print("noise")
    os.write(1, b"noise")
    yield Document(name, "quiet")


def tells_of_keys(path, name):
    yield Document(name, " ".join(os.environ) + " .")


def endless(path, name):
    while True:
        yield Failure(f"{name}#x", "bad: mend it")


def long_text(path, name):
    yield Document(f"{name}#1", "x" * 100_001)
    yield Document(f"{name}#2", "short")


def moves_out(path, name):
    yield Document(name, _made(path, lambda inner, out: Path(inner).rename(out)))


def links_out(path, name):
    yield Document(name, _made(path, lambda inner, out: os.link(inner, out)))


def points_out(path, name):
    yield Document(name, _made(path, lambda inner, out: out.symlink_to(inner)))


def points_at_what_lies_outside(path, name):
    yield Document(name, _made(path, lambda inner, _: Path(f"{inner}-link").symlink_to(path)))


def makes_out_of_a_folder(path, name):
    folder = os.open("/usr/share", os.O_RDONLY)
    yield Document(name, _made(path, lambda _, out: os.mkdir(os.path.relpath(out, "/usr/share"), dir_fd=folder)))


def opens_out_of_a_folder(path, name):
    folder = os.open("/usr/share", os.O_RDONLY)
    os.chdir(tempfile.gettempdir())  # where a path of the other folder would be harmless
    os.read(os.open(os.path.relpath(path.parent / "other.txt", "/usr/share"), os.O_RDONLY, dir_fd=folder), 9)
    yield Document(name, "read")


def changes_by_descriptor(path, name):
    with path.open() as file:
        os.fchmod(file.fileno(), 0o777)
    yield Document(name, "changed")


def makes_a_pipe(path, name):
    os.mkfifo(path.with_name("made.txt"))
    yield Document(name, "made")


def makes_a_device(path, name):
    os.mknod(path.with_name("made.txt"))
    yield Document(name, "made")


def ends_a_group(path, name):
    os.killpg(os.getpgid(os.getppid()), 0)
    yield Document(name, "ended")


def opens_a_database(path, name):
    sqlite3.connect(path.with_name("made.txt")).execute("create table t (a)")
    yield Document(name, "made")


def _made(path, make):
    with tempfile.NamedTemporaryFile("w") as file:
        make(file.name, path.with_name("made.txt"))
    return "made"


def large_beside_the_text(path, name):
    metadata = {f"k{number}": "v" for number in range(100)} | {"k0": "x" * 2_000, "y" * 200: "v"}
    metadata = {"y" * 200: "v", **metadata}
    yield Document(name, "text", "t" * 3_000_000, metadata=metadata)
    yield Document(f"{name}#{'n' * 2_000}", "text")
    yield Failure(f"{name}!/{'m' * 2_000}", "s" * 3_000)
    yield Skipped(f"{name}!/{'m' * 2_000}", "s" * 3_000)
    yield Document(f"{name}#labels", "text", labels=frozenset(map(str, range(65))))
    yield Document(f"{name}#label", "text", labels=frozenset(["l" * 1_001]))


def unfit(path, name):
    yield Document(
        f"{name}#a\udcff",
        "text \udcff\ud800",
        "c\udcff",
        metadata={"d\ud800": "e\udcff"},
        labels=frozenset({"f\udcff"}),
    )
    yield Failure(f"{name}#g\udcff", "h\udcff\ud800")
    yield Skipped(f"{name}#i\udcff", "j\udcff\ud800")
    raise ValueError("bad \udcff\ud800")


def speaks_for_itself(path, name):
    for descriptor in range(3, 30):
        with suppress(OSError):
            os.write(descriptor, path.read_bytes())
    time.sleep(60)
    yield Document(name, "never")


def slow_pages(path, name):
    for number in range(40):
        time.sleep(0.2)
        yield Document(f"{name}#{number}", "a page")


def slow_records(path, name):
    for number in range(12):
        time.sleep(0.2)
        yield Document(f"{name}#{number}", "x" * 60_000)


def reads_scans(path, name):
    if b"Tj" in path.read_bytes():
        return None
    ocr = [sys.executable, "-c", "print('what was seen on the scan')"]
    seen = subprocess.run(ocr, capture_output=True, text=True, check=True).stdout
    return [Document(name, seen, pages=(Page(0, 1),))]


reads_scans.confined = False


def works(path, name):
    until = time.process_time() + 0.4
    while time.process_time() < until:
        pass
    yield Document(name, "worked out")


def works_for_ever(path, name):
    yield Document(name, "before")
    while True:
        pass


def works_by_pages(path, name):
    pages = 0
    while not is_late():
        pages += 1
    yield Document(name, f"{bool(pages)}")
    yield Failure(f"{name}#rest", "the rest was not read: split it")


def waits_by_pages(path, name):
    while not is_late():
        time.sleep(0.02)
    yield Document(name, "what came until then")


def gives_much_and_is_late(path, name):
    for number in range(2):
        until = time.process_time() + 0.4
        while not is_late() and time.process_time() < until + number:
            pass
        yield Document(f"{name}#{number}", "words")


def many_texts(path, name):
    for number in range(100):
        yield Document(f"{name}#{number}", "x" * 90_000)


def uses_scratch(path, name):
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("kept for a while")
        file.seek(0)
        yield Document(name, file.read())


def run(folder, reader=None, *, text="text", bounds=QUICK, count=1, good=1):
    """The items by file, of one file `a.odd` for the reader and some good ones after it."""
    (folder / "a.odd").write_text(text)
    (folder / "other.txt").write_text("secret")
    for number in range(good):
        (folder / f"good{number}.md").write_text(f"# Good\n\nnumber {number}")
    readers = {".odd": reader} if reader else {}
    with Workers(readers, bounds, count) as workers:
        found = {source.name: list(items) for source, items in workers.read(discover([folder], extra=readers).sources)}
        name = folder.name
        for number in range(good):
            (document,) = found[f"{name}/good{number}.md"]
            assert document.text == f"# Good\n\nnumber {number}"
        return found[f"{name}/a.odd"], workers


def failure(folder, reader, **options):
    items, _ = run(folder, reader, **options)
    assert isinstance(items[-1], Failure), items
    return items[-1].error


def test_items_come_through_unharmed():
    items = [
        Document(
            "a",
            "t\u00e9xt\n\U0001f600",
            "title",
            "markdown",
            (Page(0, 1), Page(2, 2, "ii")),
            {"k": "v"},
            frozenset({"l"}),
        ),
        Failure("b", "bad: mend it"),
        Skipped("c", "no: convert it"),
    ]
    assert [unpacked(packed(item)) for item in items] == items


@pytest.mark.slow
def test_a_file_that_hangs_is_ended_in_time_and_what_it_gave_before_is_kept(tmp_path):
    began = time.monotonic()
    items, _ = run(tmp_path, sleeps)
    assert items[0].text == "before"
    assert "not read within 1 s" in items[1].error
    assert time.monotonic() - began < 10


def test_a_reader_that_dies_takes_nothing_with_it(tmp_path):
    assert "broke down" in failure(tmp_path, dies)


def test_memory_is_bounded(tmp_path):
    assert "memory" in failure(tmp_path, devours)


@pytest.mark.slow
def test_memory_that_grows_little_by_little_is_bounded_too(tmp_path):
    items, workers = run(tmp_path, devours_slowly, bounds=Bounds(seconds=20, memory=256 << 20))
    assert "memory" in items[-1].error
    assert workers.peak_memory <= 257 << 20


def test_the_network_is_out_of_reach(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        error = failure(tmp_path, calls, text=str(server.getsockname()[1]))
        with pytest.raises(TimeoutError):
            server.accept()
    assert "a reader may not use the network" in error


REFUSED = [
    *(calls_by_name, starts, forks, looks_around, writes, removes, moves_out, links_out, points_out),
    *(points_at_what_lies_outside, makes_out_of_a_folder, opens_out_of_a_folder, changes_by_descriptor, makes_a_pipe),
    *(makes_a_device, ends_a_group, opens_a_database),
]


@pytest.mark.parametrize("reader", REFUSED)
def test_what_a_reader_may_not_do_is_refused(tmp_path, reader):
    (tmp_path / "a.odd").touch(0o600)
    assert "a reader may not" in failure(tmp_path, reader)
    assert (tmp_path / "a.odd").stat().st_mode & 0o777 == 0o600
    assert not os.path.lexists(tmp_path / "made.txt")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beside", "may"),
    [
        (".env", False),
        ("notes.txt", False),
        ("other.py", True),
        ("package/words.txt", True),
        ("package/.env", False),
        ("folder/words.txt", False),
    ],
)
def test_of_a_scripts_folder_only_code_and_what_packages_hold_is_open(tmp_path, monkeypatch, beside, may):
    script, files = tmp_path / "script", tmp_path / "files"
    for folder in (files, script / "package", script / "folder"):
        folder.mkdir(parents=True)
    (script / "package" / "__init__.py").touch()
    (script / beside).write_text("what lies beside")
    monkeypatch.syspath_prepend(script)
    items, _ = run(files, opens_what_it_says, text=str(script / beside))
    assert [type(item) for item in items] == [Document if may else Failure]
    assert may or "a reader may not open" in items[0].error


def opens_what_it_says(path, name):
    yield Document(name, Path(path.read_text()).read_text())


@pytest.mark.slow
def test_packages_that_an_installer_linked_into_its_folder_from_a_store_are_open(tmp_path, monkeypatch):
    store, place, files = tmp_path / "store" / "package", tmp_path / "site-packages", tmp_path / "files"
    for folder in (store, place, files):
        folder.mkdir(parents=True)
    (store / "words.txt").write_text("what lies there")
    (store.parent / "secret.txt").write_text("what lies outside")
    (place / "package").symlink_to(store)
    monkeypatch.syspath_prepend(place)
    items, _ = run(files, opens_what_it_says, text=str(place / "package" / "words.txt"))
    assert [item.text for item in items] == ["what lies there"]
    assert "may not open" in failure(files, opens_what_it_says, text=str(place / "package" / ".." / "secret.txt"))


@pytest.mark.parametrize("entry", ["", "the folder"])
def test_a_package_of_our_name_that_has_come_onto_the_import_path_is_not_taken_for_ours(tmp_path, monkeypatch, entry):
    files, other = tmp_path / "files", tmp_path / "other"
    files.mkdir()
    (other / "ingest").mkdir(parents=True)
    (other / "ingest" / "__init__.py").write_text("from pathlib import Path; Path(__file__).with_name('ran').touch()\n")
    monkeypatch.chdir(other)
    monkeypatch.syspath_prepend(entry and other)
    run(files, prints)
    assert not (other / "ingest" / "ran").exists()


def test_the_current_folder_hides_nothing_of_pythons_own(tmp_path, monkeypatch):
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "__init__.py").write_text("raise OSError('not what was meant')\n")
    (tmp_path / "a.eml").write_text("Subject: Logs\n\nThey are kept for thirty days.\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    with Workers(bounds=QUICK, count=1) as workers:
        ((_, items),) = [
            (source, list(items)) for source, items in workers.read(discover([tmp_path / "a.eml"]).sources)
        ]
    assert [item.title for item in items] == ["Logs"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process leave its network")
def test_the_kernel_has_taken_the_network_away_too(tmp_path):
    """Native code is not seen by audit hooks: its sockets must find no network either."""
    items, _ = run(tmp_path, native_interfaces, text=str(Path("/proc/self/ns/net").readlink()))
    if items[0].text == "not permitted":
        pytest.skip("this machine lets nobody have a network of their own")
    assert len(Path("/proc/net/dev").read_text().splitlines()) > 2
    assert items[0].text == "interfaces: lo"


def native_interfaces(path, name):
    import ctypes

    libc = ctypes.CDLL(None)
    libc.if_indextoname.restype = ctypes.c_char_p
    buffer = ctypes.create_string_buffer(64)
    names = [libc.if_indextoname(index, buffer) for index in range(1, 16)]
    found = sorted(name.decode() for name in names if name)
    may = str(Path("/proc/self/ns/net").readlink()) != path.read_text()
    yield Document(name, f"interfaces: {' '.join(found)}" if may else "not permitted")


def test_what_a_reader_prints_is_no_message(tmp_path):
    items, _ = run(tmp_path, prints)
    assert [item.text for item in items] == ["quiet"]


def test_keys_stay_here(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "canary")
    items, _ = run(tmp_path, tells_of_keys)
    assert "ANTHROPIC" not in items[0].text
    assert "PATH" in items[0].text


def test_a_temporary_file_is_allowed_and_goes_with_the_process(tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    (tmp_path / "files").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    items, _ = run(tmp_path / "files", uses_scratch)
    assert isinstance(items[0], Document), items
    assert items[0].text == "kept for a while"
    assert not list((tmp_path / "temporary").iterdir())


def test_what_stands_beside_the_text_is_bounded(tmp_path):
    (document, *rows), _ = run(tmp_path, large_beside_the_text)
    assert document.title == "t" * 499 + "…"
    assert len(document.metadata) == 64
    assert document.metadata["k0"] == "x" * 999 + "…"
    assert document.metadata["y" * 99 + "…"] == "v"
    assert [type(row) for row in rows] == [Failure, Failure, Skipped, Failure, Failure]
    assert "longer than 1,000 letters" in rows[0].error
    assert all(row.document.endswith("…") and len(row.document) < 1_100 for row in rows[:3])
    assert rows[1].error == rows[2].reason == "s" * 999 + "…"
    assert all("more than 64 labels" in row.error for row in rows[3:])


def test_what_no_store_can_hold_is_replaced_wherever_it_stands(tmp_path):
    items, _ = run(tmp_path, unfit)
    assert "\ufffd" in items[0].text
    assert [type(item) for item in items] == [Document, Failure, Skipped, Failure]
    assert "ValueError: bad \ufffd\ufffd" in items[3].error
    assert repr(items).isprintable()
    json.dumps([packed(item) for item in items], ensure_ascii=False).encode()


@pytest.mark.parametrize("sent", ["\x7f\x7f\x7f\x7f", "\0\0\0\1?"])
def test_a_message_that_is_too_large_or_none_is_a_readers_that_broke_down(tmp_path, sent):
    began = time.monotonic()
    assert "broke down (it sent what is no document)" in failure(
        tmp_path, speaks_for_itself, text=sent, bounds=Bounds(seconds=20, memory=256 << 20)
    )
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_a_file_may_take_only_so_long_in_all(tmp_path):
    items, _ = run(tmp_path, slow_pages)
    assert 1 <= len(items) <= 8
    assert "not read within" in items[-1].error
    assert all(item.text == "a page" for item in items[:-1])


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="where the kernel tells nothing, waiting counts")
def test_a_busy_machine_does_not_change_what_is_read(tmp_path):
    """Three others have the one processor for most of the time: the reader works for 0.4 s, and 1.6 s pass."""
    for name in ("a.md", "b.odd"):
        (tmp_path / name).write_text("text")
    allowed, others = os.sched_getaffinity(0), []
    with Workers({".odd": works}, Bounds(seconds=0.5), 1) as workers:
        os.sched_setaffinity(0, {min(allowed)})
        try:
            for source, items in workers.read(discover([tmp_path], extra={".odd": works}).sources):
                found = source.name, list(items)
                spinning = [sys.executable, "-c", "while True: pass"]
                others = others or [subprocess.Popen(spinning) for _ in range(3)]
        finally:
            os.sched_setaffinity(0, allowed)
            for each in others:
                each.kill()
                each.wait()
    assert found[0].endswith("b.odd")
    assert [item.text for item in found[1]] == ["worked out"]


@pytest.mark.slow
def test_what_works_for_ever_is_ended_and_what_it_gave_before_is_kept(tmp_path):
    items, _ = run(tmp_path, works_for_ever, bounds=Bounds(seconds=0.5))
    assert items[0].text == "before"
    assert "not read within 1 s: split it, or raise [ingest] seconds" in items[1].error


@pytest.mark.slow
def test_a_reader_that_looks_at_the_time_hands_over_what_it_has(tmp_path):
    items, _ = run(tmp_path, works_by_pages, bounds=Bounds(seconds=0.5))
    assert [type(item) for item in items] == [Document, Failure]
    assert items[0].text == "True"


@pytest.mark.slow
def test_a_reader_that_waits_hands_over_what_it_has_too(tmp_path):
    items, _ = run(tmp_path, waits_by_pages, bounds=Bounds(seconds=0.5))
    assert [item.text for item in items] == ["what came until then"]


@pytest.mark.slow
def test_what_is_left_of_a_files_time_is_known_to_the_reader_of_its_next_document(tmp_path):
    items, _ = run(tmp_path, gives_much_and_is_late, bounds=Bounds(seconds=0.5))
    assert [item.name[-2:] for item in items] == ["#0", "#1"]


@pytest.mark.slow
def test_what_gives_much_text_may_take_longer(tmp_path):
    items, _ = run(tmp_path, slow_records)
    assert len(items) == 12
    assert all(isinstance(item, Document) for item in items)


def test_a_file_may_give_only_so_much_text_in_all(tmp_path):
    items, _ = run(tmp_path, many_texts)
    assert [type(item) for item in items] == [Document] * 11 + [Failure]
    assert "more than 1,000,040 letters together" in items[-1].error


@pytest.mark.parametrize(("size", "seconds"), [(0, 20), (2 << 20, 21), (100 << 20, 70), (10 << 30, 300)])
def test_patience_grows_with_a_file_but_not_for_ever(size, seconds):
    assert Bounds().patience(size) == seconds
    assert Bounds(seconds=600).patience(size) == 600


def test_a_plugin_that_cannot_be_imported_there_fails_its_own_files_alone(tmp_path, monkeypatch):
    (tmp_path / "script").mkdir()
    module = tmp_path / "script" / "fragile_plugin.py"
    module.write_text("def reads(path, name):\n    yield None\n")
    monkeypatch.syspath_prepend(tmp_path / "script")
    reader = importlib.import_module("fragile_plugin").reads
    module.write_text("raise OSError('no library')\n")
    (tmp_path / "files").mkdir()
    error = failure(tmp_path / "files", reader)
    assert "fragile_plugin:reads could not be imported" in error
    assert "OSError: no library" in error


def test_a_file_larger_than_any_may_be_is_not_even_hashed(tmp_path):
    for bounds, size in ((Bounds(), (4 << 30) + 1), (Bounds(file=100), 101)):
        (tmp_path / "large.txt").touch()
        os.truncate(tmp_path / "large.txt", size)
        with Workers(bounds=bounds, count=1) as workers:
            ((_, items),) = ((source, list(items)) for source, items in workers.read(discover([tmp_path]).sources))
        assert "it is larger than" in items[0].error
    os.truncate(tmp_path / "large.txt", (4 << 30) + 1)
    assert hash_of(tmp_path / "large.txt", Options(), None) is None


def test_a_pipe_that_took_a_files_place_is_not_waited_for(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    sources = discover([tmp_path]).sources
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    assert hash_of(tmp_path / "a.txt", Options(), None) is None
    with Workers(count=1) as workers:
        ((_, items),) = ((source, list(items)) for source, items in workers.read(sources))
    assert "not a regular file" in items[0].error


def test_a_full_temporary_folder_is_no_fault_of_the_file(tmp_path, monkeypatch):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as whole:
        whole.writestr("a.txt", "text")
        whole.writestr("b.txt", "text")
    (tmp_path / "full").symlink_to("/dev/full")
    monkeypatch.setattr("ingest.read.inside.Unpacking.place", lambda self, name: tmp_path / "full")
    (item,) = read(archive, "h/a.zip")
    assert item.document == "h/a.zip"
    assert f"the temporary folder {tempfile.gettempdir()} is full: free some room" in item.error


def test_rows_without_end_come_to_an_end(tmp_path):
    items, _ = run(tmp_path, endless, bounds=Bounds(rows=50))
    assert len(items) == 51
    assert "more than 50 parts" in items[-1].error


def test_a_text_that_is_too_long_is_named_and_the_next_is_read(tmp_path):
    items, _ = run(tmp_path, long_text)
    assert [type(item).__name__ for item in items] == ["Failure", "Document"]
    assert "longer than 100,000 letters" in items[0].error


def test_a_plugin_may_read_scans_with_a_program_and_leave_other_pdfs_to_the_built_in_reader(tmp_path):
    (tmp_path / "scan.pdf").write_bytes(pdf("q 100 0 0 100 0 0 cm /I Do Q"))
    (tmp_path / "text.pdf").write_bytes(pdf(lines(72, 700, "This page has a text layer.")))
    readers = {".pdf": reads_scans}
    with Workers(readers, count=1) as workers:
        read_all = workers.read(discover([tmp_path], extra=readers).sources)
        found = [(item.text.strip(), item.pages) for _, items in read_all for item in items]
    assert found == [
        ("what was seen on the scan", (Page(0, 1),)),
        ("This page has a text layer.", (Page(0, 1),)),
    ]


def test_a_reader_that_no_other_process_can_import_runs_here(tmp_path):
    here = os.getpid()

    def local(path, name):
        yield Document(name, f"read in {os.getpid()}")

    items, _ = run(tmp_path, local)
    assert items[0].text == f"read in {here}"


def test_files_come_in_order_whoever_reads_them(tmp_path):
    for number in range(40):
        (tmp_path / f"{number:02}.md").write_text(f"number {number} " * (number * 37 % 11 * 100 + 1))
    sources = discover([tmp_path]).sources
    with Workers(count=3) as workers:
        read = [(source.name, [item.name for item in items]) for source, items in workers.read(sources)]
    assert read == [(source.name, [source.name]) for source in sources]


def test_who_stops_asking_leaves_no_process_behind(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.md").write_text("text")
    with Workers(count=3) as workers:
        reading = workers.read(discover([tmp_path]).sources)
        next(reading)
        before = children()
        assert before
        reading.close()
        assert not children() & before - {worker._process.pid for worker in workers._idle}
    assert not children() & before


def test_processes_stay_for_the_next_ingest(tmp_path):
    (tmp_path / "a.md").write_text("text")
    sources = discover([tmp_path]).sources
    with Workers(count=1) as workers:
        for _ in range(3):
            assert [[item.text for item in items] for _, items in workers.read(sources)] == [["text"]]
            (worker,) = workers._idle
            first = worker._process.pid
        assert worker._process.pid == first
        worker._process.kill()  # it may die while it has nothing to do
        worker._process.wait()
        assert [[item.text for item in items] for _, items in workers.read(sources)] == [["text"]]


def test_a_reader_whose_parent_was_killed_goes_too(tmp_path):
    import subprocess

    (tmp_path / "files").mkdir()
    (tmp_path / "temporary").mkdir()
    (tmp_path / "files" / "a.odd").write_text("text")
    script = (
        "import sys; sys.path[:0] = sys.argv[1].split(':');"
        "from tests.ingest.read.sandbox.test_pool import *;"
        "from ingest.find.discover import *;"
        "workers = Workers({'.odd': unpacks_and_sleeps}, count=1);"
        f"found = discover([{str(tmp_path / 'files')!r}], extra={{'.odd': unpacks_and_sleeps}});"
        "reading = workers.read(found.sources);"
        "source, items = next(reading); next(items);"
        "print(workers and [w for w in [reading.gi_frame.f_locals['worker']]][0]._process.pid, flush=True);"
        "sys.stdin.read()"
    )
    places = ":".join([str(ROOT), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", script, places],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    ) as parent:
        reader = int(parent.stdout.readline())
        assert list((tmp_path / "temporary").glob("*/*/a.txt"))
        parent.kill()
        parent.wait()
    until = time.monotonic() + 10
    while alive(reader) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(reader)
    assert not list((tmp_path / "temporary").iterdir())


def unpacks_and_sleeps(path, name):
    folder = Path(tempfile.mkdtemp())
    (folder / "a.txt").write_text("unpacked")
    (folder / "link").symlink_to("a.txt")
    yield Document(name, "before")
    time.sleep(60)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children():
    """The processes that this one started and that run."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.add(int(path.parent.name))
    return found
