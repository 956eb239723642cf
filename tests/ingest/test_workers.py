"""Is a file read where it can do no harm, and is one that does named while the others are read?"""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from ingest.discover import discover
from ingest.model import Document, Failure, Page, Skipped
from ingest.read.bounds import Bounds
from ingest.read.worker import packed, unpacked
from ingest.read.workers import Workers

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


def uses_scratch(path, name):
    import tempfile

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
        Document("a", "t\u00e9xt\n\U0001f600", "title", "markdown", (Page(0, 1),), {"k": "v"}, frozenset({"l"})),
        Failure("b", "bad: mend it"),
        Skipped("c", "no: convert it"),
    ]
    assert [unpacked(packed(item)) for item in items] == items


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


@pytest.mark.parametrize("reader", [calls_by_name, starts, forks, looks_around, writes, removes])
def test_what_a_reader_may_not_do_is_refused(tmp_path, reader):
    assert "a reader may not" in failure(tmp_path, reader)
    assert (tmp_path / "a.odd").exists()
    assert not (tmp_path / "made.txt").exists()


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


def test_rows_without_end_come_to_an_end(tmp_path):
    items, _ = run(tmp_path, endless, bounds=Bounds(rows=50))
    assert len(items) == 51
    assert "more than 50 parts" in items[-1].error


def test_a_text_that_is_too_long_is_named_and_the_next_is_read(tmp_path):
    items, _ = run(tmp_path, long_text)
    assert [type(item).__name__ for item in items] == ["Failure", "Document"]
    assert "longer than 100,000 letters" in items[0].error


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

    (tmp_path / "a.odd").write_text("text")
    script = (
        "import sys; sys.path[:0] = sys.argv[1].split(':');"
        "from tests.ingest.test_workers import *;"
        "from ingest.discover import *;"
        "workers = Workers({'.odd': sleeps}, count=1);"
        f"reading = workers.read(discover([{str(tmp_path)!r}], extra={{'.odd': sleeps}}).sources);"
        "source, items = next(reading); next(items);"
        "print(workers and [w for w in [reading.gi_frame.f_locals['worker']]][0]._process.pid, flush=True);"
        "sys.stdin.read()"
    )
    places = ":".join([str(Path(__file__).resolve().parents[2]), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", script, places], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        reader = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    until = time.monotonic() + 10
    while alive(reader) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(reader)


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
