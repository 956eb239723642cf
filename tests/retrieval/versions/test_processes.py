"""Do processes that read, write and die at any moment leave each other alone?"""

import json
import signal
import subprocess
import sys

import pytest

from retrieval.disk.durable import hash_files
from retrieval.erasure.erasing import delete, pending
from retrieval.versions.home import Busy, Home
from tests.places import ROOT
from tests.retrieval.words import MODES, QUESTIONS, TEXTS, answers, build, fingerprint

PRELUDE = """
import json, sys, time
from pathlib import Path
from retrieval.versions.home import Home
from retrieval.search.hybrid import HybridSearch
from tests.retrieval.words import ENCODER, WordEncoder, build, ranked
home = Home(Path(sys.argv[1]))
"""


def process(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + script, *map(str, arguments)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_three_processes_open_one_version_and_search_at_once(tmp_path):
    build(tmp_path, TEXTS)
    version = tmp_path / "versions" / Home(tmp_path).live()
    files, said = hash_files(version), answers(tmp_path)
    script = """
version = home.open(encoder=ENCODER)
print("open", flush=True)
sys.stdin.readline()
search = HybridSearch(version, ENCODER)
questions, modes = json.loads(sys.argv[2]), json.loads(sys.argv[3])
print(json.dumps([ranked(search, question, mode=mode, k=50) for question in questions for mode in modes]), flush=True)
sys.stdin.read()
"""
    readers = [process(script, tmp_path, json.dumps(QUESTIONS), json.dumps(MODES)) for _ in range(3)]
    for reader in readers:
        assert reader.stdout.readline() == "open\n"
    for reader in readers:
        reader.stdin.write("now\n")
        reader.stdin.flush()
    expected = json.loads(json.dumps(said))
    assert [json.loads(reader.stdout.readline()) for reader in readers] == [expected] * 3
    child = build(tmp_path, {"docs/new.md": "a writer is not kept waiting by readers"})
    assert Home(tmp_path).live() == child
    for reader in readers:
        reader.communicate()
        assert reader.returncode == 0
    assert hash_files(version) == files


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["encoding", "renaming"])
def test_a_writer_killed_while_it_builds_leaves_the_live_version_and_no_trace(tmp_path, moment):
    build(tmp_path, TEXTS)
    said, versions = answers(tmp_path), Home(tmp_path).versions()
    script = """
def stop(*_, **__):
    print("in the middle", flush=True)
    sys.stdin.read()
if sys.argv[2] == "encoding":
    WordEncoder.encode = stop
else:
    Path.rename = stop
build(home, {"docs/new.md": "pump1 valve2", "docs/00.md": "changed"}, removed=["docs/01.md"])
"""
    writer = process(script, tmp_path, moment)
    assert writer.stdout.readline() == "in the middle\n"
    with pytest.raises(Busy, match="wait for it, or use another --home"):
        build(tmp_path, {})
    assert answers(tmp_path) == said, "readers are not kept waiting"
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert list((tmp_path / "versions").glob(".building-*")), "it was in the middle"
    assert answers(tmp_path) == said
    assert Home(tmp_path).versions() == versions
    build(tmp_path, {"docs/new.md": "pump1 valve2"})
    assert not list((tmp_path / "versions").glob(".building-*"))
    build(tmp_path / "other", TEXTS | {"docs/new.md": "pump1 valve2"})
    assert fingerprint(tmp_path) == fingerprint(tmp_path / "other")


def test_a_publisher_killed_before_the_pointer_moves_leaves_the_old_one(tmp_path):
    home = Home(tmp_path)
    first = build(home, TEXTS)
    second = build(home, {"docs/x.md": "x"}, publish=None)
    home.record_verdict(second, {"status": "probe"})
    script = """
def stop(*_, **__):
    print("in the middle", flush=True)
    sys.stdin.read()
real = Path.replace
Path.replace = lambda self, target: stop() if Path(target).name == "live" else real(self, target)
home.publish(sys.argv[2])
"""
    publisher = process(script, tmp_path, second)
    assert publisher.stdout.readline() == "in the middle\n"
    publisher.send_signal(signal.SIGKILL)
    publisher.communicate()
    assert home.live() == first
    home.publish(second)
    assert (home.live(), home.previous()) == (second, first)


def test_two_writers_in_one_process_are_one_too_many(tmp_path):
    home = Home(tmp_path)
    with home.writing(), pytest.raises(Busy, match="wait for it"), Home(tmp_path).writing():
        pass
    with home.writing():
        pass


@pytest.mark.slow
def test_eight_searching_processes_notice_nothing_of_ten_publishes_two_erasures_and_a_compaction(tmp_path):
    home = Home(tmp_path / "home")
    secrets = ["docs/03.md", "docs/07.md"]
    build(home, TEXTS)
    script = """
version, asked, seen = home.open(encoder=ENCODER), 0, set()
erased = json.loads(sys.argv[2])
print("open", flush=True)
while not home.path.parent.joinpath("stop").exists():
    if not home.is_current(version):
        version.close()
        version = home.open(encoder=ENCODER)
    gone = home.erased.names()
    for mode in ("hybrid", "dense", "lexical"):
        hits = HybridSearch(version, ENCODER)("pump1 valve2 key0 chapter 7", k=50, mode=mode)
        assert hits
        assert not gone & {hit.chunk.document for hit in hits}, "nothing of what was erased before it was asked"
        asked += 1
    seen.add(version.id)
    time.sleep(0.02)  # the writer shares these processors
print(json.dumps([asked, sorted(seen)]), flush=True)
"""
    readers = [process(script, home.path, json.dumps(secrets)) for _ in range(8)]
    for reader in readers:
        assert reader.stdout.readline() == "open\n"
    built = []
    for number in range(10):
        built.append(build(home, {f"docs/new{number}.md": f"pump1 valve2 number {number}"}))
        if number in (3, 7):
            delete(home, [secrets[number > 3]])
    with home.writing():
        home.compact()
    (tmp_path / "stop").touch()
    told = []
    for reader in readers:
        out, _ = reader.communicate(timeout=120)
        assert reader.returncode == 0
        told.append(json.loads(out))
    assert all(asked > 10 for asked, _ in told)
    assert set().union(*(set(seen) for _, seen in told)) & set(built), "they took up what was published"
    assert pending(home) == ()
    assert len(home.versions()) == 2
