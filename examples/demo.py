"""What does Citewell do? Five commands as a user would type them, and a check that each kept its promise.

`make demo` runs it on docs/, `make demo FOLDER=path` on documents of your own. It works in `.demo/`, which it makes
anew, on copies and links: nothing outside is written to. It needs no key and no network, and gives 1 if a promise is
broken. The questions for docs/ are the first answerable and the first unanswerable one of examples/gold.jsonl.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CITEWELL = Path(sys.executable).with_name("citewell")
GOLD = ROOT / "examples" / "gold.jsonl"
WORK = Path(".demo")
HOME = WORK / "home"

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".citewell", ".demo")
OUR_SETTINGS = re.compile(r"CITEWELL_|ANTHROPIC_")
WIDTH = 118


class PromiseBroken(Exception):
    """A step did something else than it should; the message says which and what."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the five steps are played with."""

    documents: Path
    gold: Path | None
    question: str | None
    beyond: str
    spoil: str


def main(arguments: list[str]) -> int:
    """The five steps; 0 if every promise was kept."""
    began = time.monotonic()
    if left_aside := sorted(name for name in os.environ if OUR_SETTINGS.match(name)):
        print(f"The demo runs without {', '.join(left_aside)}: what is set there is left aside.\n")
    try:
        scene = own_folder(Path(arguments[0]).expanduser()) if arguments else sample()
        play(scene)
    except PromiseBroken as broken:
        print(f"\nThe demo failed: {broken}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run it again whenever you like.", file=sys.stderr)
        return 130
    print(f"\nFive promises kept, in {time.monotonic() - began:.0f} s. Next, type:")
    for command in (
        ["--home", str(HOME), "index", "versions"],
        ["ingest", "path/to/your/documents"],
        ["ask", "your question"],
        ["--help"],
    ):
        print(f"  {shown(command)}")
    return 0


def play(scene: Scene) -> None:
    """Ingest, ask, ask in vain, spoil, ask again."""
    gold = ["--gold", relative(scene.gold)] if scene.gold else []
    ingest = ["--home", str(HOME), "ingest", str(scene.documents), *gold]

    step("1. Documents become an index version, and are served once it has been tested")
    code = run(ingest)
    promise(code == 0, "the documents should have become a live index version")
    live = status()
    verdict = "passed" if scene.gold else "probe"
    promise(verdict_of(live) == verdict, f"its verdict should be {verdict!r} and is {verdict_of(live)!r}")
    if scene.gold:
        print("  This gold was written by the people who wrote the documents: passing it is a smoke test, no proof.")

    question = scene.question or question_from_corpus()
    step("2. A question that they answer: quoted, with the place")
    run(ask(question))
    first = last_run()
    promise(first["kind"] == "answered", f"there should be an answer, but the run {first['kind']}")
    promise(bool(first["content"]["citations"]), "the answer should have a citation")

    step("3. A question that they don't answer: a refusal, no invention")
    run(ask(scene.beyond), lines=4)
    refused = last_run()
    promise(refused["kind"] == "abstained", f"there should be no answer, but the run {refused['kind']}")

    step(f"4. {scene.spoil}: the gate must refuse the new version")
    (garble if scene.gold else lose)(scene.documents)
    code = run([*ingest, *([] if scene.gold else ["--prune"])])
    now = status()
    promise(code == 1, f"the command should end with 1, and ended with {code}")
    promise(now["live"] == live["live"], "the live version should be the one from before")
    promise([version["verdict"] for version in now["versions"]].count("failed") == 1, "one version should have failed")

    step("5. So the version from before goes on answering")
    run(ask(question), lines=3)
    again = last_run()
    promise(again["kind"] == "answered", f"there should be an answer, but the run {again['kind']}")
    promise(again["content"]["citations"] == first["content"]["citations"], "it should cite what it cited before")


def sample() -> Scene:
    """docs/, copied so that it can be spoiled, with its gold."""
    afresh()
    shutil.copytree(ROOT / "docs", WORK / "docs", ignore=LEFT_OUT)
    queries = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines() if line.strip()]
    answerable = [query["question"] for query in queries if query.get("answerable", True)]
    beyond = [query["question"] for query in queries if not query.get("answerable", True)]
    spoil = "The words of all documents are shuffled"
    return Scene(WORK / "docs", GOLD, answerable[0], beyond[0], spoil)


def own_folder(given: Path) -> Scene:
    """A user's folder or file, linked (copied where there are no links), so that losing it loses nothing."""
    if not given.exists():
        raise PromiseBroken(f"{given} does not exist; give a folder with documents: make demo FOLDER=path")
    afresh()
    folder = given.resolve() if given.is_dir() else given.resolve().parent
    documents = WORK / (folder.name or "documents")
    if given.is_dir():
        shutil.copytree(given, documents, symlinks=True, ignore=LEFT_OUT, copy_function=link)
    else:
        documents.mkdir()
        link(str(given.resolve()), str(documents / given.name))
    print(f"{given} is linked into {documents}, so that step 4 can lose it: yours is not touched.\n")
    beyond = "What does the zorblax of a quindlewhip weigh?"
    spoil = "All files are lost but for a note, as when an export breaks"
    return Scene(documents, None, None, beyond, spoil)


def afresh() -> None:
    """An empty work folder."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()


def link(source: str, target: str) -> str:
    """One file under a second name; a copy where the file system has no such links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        with contextlib.suppress(OSError):  # what may not be read is passed over, as an ingest would do
            shutil.copy2(source, target, follow_symlinks=False)
    return target


def garble(folder: Path) -> None:
    """Keep every word and every document's length, but no order: nothing that a simple count would notice."""
    files = sorted(path for path in folder.rglob("*.md"))
    texts = [path.read_text(encoding="utf-8").split(" ") for path in files]
    words = [word for text in texts for word in text]
    random.Random(0).shuffle(words)  # the same demo every time
    for path, text in zip(files, texts, strict=True):
        path.write_text(" ".join(words[: len(text)]), encoding="utf-8")
        del words[: len(text)]


def lose(folder: Path) -> None:
    """Remove the links to everything, and leave a note. Links are never written through."""
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "export-failed.txt").write_text("The nightly export failed after 0 files.\n", encoding="utf-8")


def question_from_corpus() -> str:
    """What a passage of the user's own documents is about, asked as a question."""
    found = json.loads(quietly(["--home", str(HOME), "search", "overview introduction summary", "-k", "20", "--json"]))
    promise(bool(found["hits"]), "a search should find something")
    for hit in found["hits"]:
        for subject in (*reversed(hit["headings"]), hit["title"]):
            if len(subject.split()) >= 2:
                return f"What is there about {subject.rstrip('.?!:')}?"
    return f"What is there about {' '.join(found['hits'][0]['text'].split()[:8])}?"


def ask(question: str) -> list[str]:
    """The command that asks."""
    return ["--home", str(HOME), "ask", question]


def run(arguments: list[str], *, lines: int = 12) -> int:
    """Show a command, the first lines of what it prints, and how long it took; gives its exit code."""
    print(f"$ {shown(arguments)}", flush=True)
    began = time.monotonic()
    done = subprocess.run([CITEWELL, *arguments], env=environment(), stdout=subprocess.PIPE, text=True, check=False)
    printed = [line for line in done.stdout.splitlines() if line.strip()]
    for line in printed[:lines]:
        print(textwrap.fill(line, WIDTH, subsequent_indent=" " * (len(line) - len(line.lstrip()))))
    more = f"… {len(printed) - lines} more lines · " if len(printed) > lines else ""
    print(f"  ({more}{time.monotonic() - began:.1f} s)", flush=True)
    return done.returncode


def quietly(arguments: list[str]) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run([CITEWELL, *arguments], env=environment(), capture_output=True, text=True, check=False)
    promise(done.returncode == 0, f"`{shown(arguments)}` should have worked: {done.stderr.strip()[-500:]}")
    return done.stdout


def status() -> dict[str, Any]:
    """What is live, and which versions there are."""
    return dict(json.loads(quietly(["--home", str(HOME), "status", "--json"])))


def verdict_of(state: dict[str, Any]) -> str | None:
    """The verdict of the live version."""
    return next((version["verdict"] for version in state["versions"] if version["id"] == state["live"]), None)


def last_run() -> dict[str, Any]:
    """How the latest run ended, from the journal."""
    latest = json.loads(quietly(["--home", str(HOME), "runs", "list", "-n", "1", "--json"]))["runs"][0]["id"]
    return dict(json.loads(quietly(["--home", str(HOME), "runs", "show", latest, "--json"]))["events"][-1])


def promise(kept: bool, what: str) -> None:
    """Stop where something is not as it should be."""
    if not kept:
        raise PromiseBroken(f"{what}.")


def step(title: str) -> None:
    """Announce a step."""
    print(f"\n{title}" if not title.startswith("1.") else title, flush=True)


def shown(arguments: list[str]) -> str:
    """A command as it can be typed here."""
    return shlex.join([relative(CITEWELL), *arguments])


def relative(path: Path) -> str:
    """The short name of a path below the current folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def environment() -> dict[str, str]:
    """The user's environment without what would make the demo depend on it."""
    return {name: value for name, value in os.environ.items() if not OUR_SETTINGS.match(name)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
