"""How many false statements does the check of an answer let through, and how many sound ones does it harm?

Each pair is one statement with what it cites, written by hand as a model might write it; somebody who knew the cited
text said whether it bears the statement out. Each goes through `agent.evidence.citations.check` as an answer of its
own. A false one is caught where it is marked or the answer withheld; a sound one is harmed by the same.

    .venv/bin/python benchmarks/check.py [FILE …] [--list]

Without a file it begins with whole answers that were made for it (`check_made.py`): of the bad ones all must be
withheld, of the sound ones at most 3 % harmed. Then it takes the pairs that lie beside it, one file an author:
`check_pairs.jsonl` and `check_pairs_fifth.jsonl` by those who wrote the check, the others by authors who had not seen
it, or, the ninth, not all of it; by all of these but the last two it was mended.
Pairs that cite a public collection are left out where that is absent. Beside all false ones it tells apart those that
are wrong in a number, a date, a name or a word that the source lacks, which is what the check looks for, and those
that are made of the source's own words and numbers and put them together wrongly. Ends with 1 where more is missed or
harmed than `REACHED` says; the bar, 90 % of the false caught and at most 5 % of the sound harmed, is only told.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from agent.evidence.citations import check
from agent.state import Passage, Quote, Segment, Shape
from benchmarks.check_made import cases, disagreements, public, public_disagreements, table

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data"
# Of each author's pairs: how many false ones are missed, and how many sound ones are harmed. They may only fall.
REACHED = {
    "check_pairs": (19, 0),
    "check_pairs_second": (4, 0),
    "check_pairs_third": (15, 1),
    "check_pairs_blind": (14, 1),
    "check_pairs_fifth": (26, 0),
    "check_pairs_sixth": (14, 3),
    "check_pairs_seventh": (22, 5),
    "check_pairs_eighth": (10, 6),
    "check_pairs_ninth": (4, 1),
}
# Kinds of false pairs whose words and numbers all stand in the source: what is wrong is how they are put together.
_PUT_TOGETHER = re.compile(
    r"swap|number of (?:another|the other)|other number|row|column|order|negat|denie|denial|direction"
    r"|for (?:below|before|some|at least|both|last|may)|over-claim|opposite|up for down|plan|must|condition|exception"
    r"|qualifier|relation|yes|transferred|removed|hedge|restriction|mixed|flipped|two quotes|glued|told as|label"
)
MOST_HARMED = 0.03  # of the sound ones that were made
AFTER = 80  # characters of a collection's text that are shown behind what is cited


@dataclass(frozen=True)
class Pair:
    """One statement, the question, and what it cites."""

    id: str
    sound: bool
    kind: str
    question: str
    statement: str
    passages: tuple[Passage, ...]

    def marked(self) -> bool:
        """Whether the check marks the statement, or any part of it, or withholds the answer."""
        quotes = tuple(Quote(each.number, 0, 1, each.block_text(0)) for each in self.passages)
        texts = {each.document: " " * each.start + each.text for each in self.passages}
        checked = check([Segment(self.statement, quotes)], self.passages, _Stored(texts), self.question)
        return bool(checked.unverified) or not checked.answers


@dataclass(frozen=True)
class _Stored:
    texts: dict[str, str]

    def text(self, name: str) -> str | None:
        return self.texts.get(name)

    def page(self, name: str, offset: int) -> int | None:  # noqa: ARG002 - none of them has pages
        return None


def pairs(path: Path, data: Path = DATA) -> Iterator[Pair]:
    """Those of the file whose texts are at hand."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if all("text" in one or (data / one["file"]).exists() for one in row["cited"]):
            passages = tuple(_passage(number, one, data) for number, one in enumerate(row["cited"]))
            yield Pair(row["id"], row["sound"], row["kind"], row["question"], row["statement"], passages)


def _passage(number: int, cited: dict[str, Any], data: Path) -> Passage:
    title = cited.get("title", "")
    if "text" in cited:
        before, text, after = cited.get("before", ""), cited["text"], cited.get("after", "")
    else:
        own_title, whole = _text(data / cited["file"], cited.get("record"))
        title = cited.get("title", own_title)
        start, end = cited["start"], cited["end"]
        before, text, after = whole[cited.get("begin", start) : start], whole[start:end], whole[end : end + AFTER]
    span = (len(before), len(before) + len(text))
    headings = tuple(cited.get("headings", ()))
    whole = f"{before}{text}{after}"
    return Passage(number, "document", f"d{number}", title, whole, 0, len(whole), (span,), headings=headings)


@cache
def _text(path: Path, record: str | None) -> tuple[str, str]:
    """Title and text of a file, or of a record of a collection."""
    if record is None:
        return "", path.read_text("utf-8")
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    row = next(each for each in rows if each["_id"] == record)
    return row["title"], f"{row['title']}\n\n{row['text']}"


def caught(judged: Sequence[tuple[Pair, bool]], *, put_together: bool | None = None) -> str:
    """The share of the false ones that is caught: of all, or of those that are, or are not, put together wrongly."""
    marks = [
        marked
        for pair, marked in judged
        if not pair.sound and put_together in (None, _PUT_TOGETHER.search(pair.kind) is not None)
    ]
    return f"{sum(marks) / len(marks):.1%} of {len(marks)}" if marks else "-"


def wrong(judged: Sequence[tuple[Pair, bool]]) -> tuple[int, int]:
    """How many false ones are missed, and how many sound ones harmed."""
    return sum(not (pair.sound or marked) for pair, marked in judged), sum(
        pair.sound and marked for pair, marked in judged
    )


def made(*, listed: bool) -> bool:
    """A line for each way in which the made answers reach the check; whether all that is asked of them holds."""
    print("| made answers | bad | withheld | sound | harmed |\n|---|---|---|---|---|")
    holds = True
    for shape in get_args(Shape):
        judged = [(case, case.withheld(shape)) for case in cases()]
        print(table(f"made, {shape}", judged))
        missed = [case for case, why in judged if not (case.sound or why)]
        harmed = [case for case, why in judged if case.sound and why]
        holds &= not missed and len(harmed) <= MOST_HARMED * sum(case.sound for case, _ in judged)
        for case in (*missed, *harmed) if listed else ():
            print(f"    {'harmed' if case.sound else 'missed'} {case.id}, {case.kind}: {case.statement}")
    print(table("public answers, not made for a check", [(case, case.withheld("native")) for case in public()]))
    print("\n| sources beside what is cited | disagree | found | do not | false alarms |\n|---|---|---|---|---|")
    for name, every in (("made", list(disagreements())), ("public", list(public_disagreements()))):
        found = [(each.disagree, each.found()) for each in every]
        real, none = ([was for is_one, was in found if is_one is side] for side in (True, False))
        print(f"| {name} | {len(real)} | {sum(real)} | {len(none)} | {sum(none)} |")
    print()
    return holds


def main(arguments: Sequence[str]) -> int:
    """A line a file; with `--list` each pair that came out wrong."""
    given = [Path(name) for name in arguments if not name.startswith("-")]
    failed = not given and not made(listed="--list" in arguments)
    print("| pairs | false ones caught | wrong in what is named | put together wrongly | sound | harmed |")
    print("|---|---|---|---|---|---|")
    for path in given or [HERE / f"{name}.jsonl" for name in REACHED]:
        judged = [(pair, pair.marked()) for pair in pairs(path)]
        missed, harmed = wrong(judged)
        sound = sum(pair.sound for pair, _ in judged)
        false = len(judged) - sound
        parts = (caught(judged), caught(judged, put_together=False), caught(judged, put_together=True))
        print(f"| {path.stem} | {' | '.join(parts)} | {sound} | {harmed / sound:.1%} |")
        most_missed, most_harmed = REACHED.get(path.stem, (false, sound))
        failed |= missed > most_missed or harmed > most_harmed
        if "--list" in arguments:
            for pair, marked in judged:
                if marked == pair.sound:
                    print(f"    {'harmed' if marked else 'missed'} {pair.id}, {pair.kind}: {pair.statement}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
