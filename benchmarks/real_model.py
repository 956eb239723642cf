"""Does a real model behind a real server answer from the guide, and from nothing else?

Twenty questions on docs/, fourteen that it answers and six that it does not. Three things must not happen: an answer
without words, an answer to what the guide does not say, and a number in an answer that its quotes lack. How many of the
fourteen are answered, and with the sentence that says it, tells how much the model makes of what it is given.

    .venv/bin/python benchmarks/real_model.py [MODEL.gguf] [--questions N] [--context TOKENS] [--debug]
    .venv/bin/python benchmarks/real_model.py --url http://127.0.0.1:11434 --name MODEL

Without a model it takes SmolLM2-135M-Instruct, if that is installed: enough to see that every run ends honestly, too
little for the figures. It ends with 1 where one of the three happened.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from guide import is_empty, opened, options

from agent.answer import Answer
from agent.wire import Citewell

# What each answerable question's sentence holds, as a pattern
ASKED: dict[str, str] = {
    "On which port does citewell serve listen by default?": r"8000",
    "Which file holds the settings of a project?": r"citewell\.toml",
    "What is the exit code of a command that was interrupted?": r"130",
    "How many characters of a tool's result is the model shown?": r"20,000",
    "What does --prune do?": r"prune",
    "Which command shows what the agent did in a run?": r"runs show|runs list",
    "How can I erase a document from every version?": r"citewell delete",
    "How do I get back to the version that was live before?": r"rollback",
    "What is the default embedding model?": r"MiniLM",
    "What does the verdict probe mean?": r"probe",
    "How do I name the gold that every new version must answer?": r"gold",
    "Which environment variable names a Qdrant server?": r"QDRANT_URL",
    "How long does the service give runs to end on SIGTERM?": r"five seconds|5 s",
    "How many seconds may one run take by default?": r"180|deadline",
}
NOT_SAID = (
    "Who is the chief executive of the company that makes Citewell?",
    "What is the boiling point of ethanol?",
    "How much does a licence of Citewell cost per year?",
    "In which city was the author of Citewell born?",
    "Which phone number reaches Citewell's support?",
    "How many customers used Citewell in 2023?",
)
_MARKED = re.compile(r"(?P<said>.*?)(?P<marks>(?:\s?\[\d+\])+|\Z)", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one question."""

    question: str
    pattern: str | None
    answer: Answer
    seconds: float

    @property
    def is_invented(self) -> bool:
        """Answered, though the guide does not say."""
        return self.pattern is None and self.answer.status == "answered"

    @property
    def unsupported(self) -> list[str]:
        """Numbers that are stated and stand in none of the quotes given for them."""
        found = []
        for part in _MARKED.finditer(self.answer.answer):
            marks = re.findall(r"\d+", part["marks"])
            cited = [self.answer.citations[int(mark) - 1] for mark in marks] or self.answer.citations
            there = {number for each in cited for number in _NUMBER.findall(each.quote)}
            listed = re.sub(r"(?m)^\s*\d+[.)]\s", "", part["said"])  # the number of an item is no statement
            found += [number for number in _NUMBER.findall(listed) if number not in there]
        return found

    @property
    def is_right(self) -> bool:
        """Answered with a sentence that says it."""
        cited = " ".join(each.quote for each in self.answer.citations)
        return self.answer.status == "answered" and self.pattern is not None and bool(re.search(self.pattern, cited))


def main() -> int:
    """Asks, shows, counts."""
    parser = options(__doc__, passages=5, tokens=400, seconds=600)
    parser.add_argument("--questions", type=int, default=len(ASKED) + len(NOT_SAID))
    parser.add_argument("--debug", action="store_true")
    given = parser.parse_args()
    told: list[Told] = []
    with opened(given) as citewell:
        with suppress(KeyboardInterrupt):  # then what was asked so far is summed
            for each in chosen(given.questions):
                told.append(asked(citewell, *each, given.debug))  # noqa: PERF401 - so that it is kept
        finding = citewell.taken_as()
    how = f"{finding.shape}: {finding.how}" if finding else "unknown: "
    print(f"\n{citewell.model_name}; passages as {how}")
    return summed(told)


def chosen(count: int) -> list[tuple[str, str | None]]:
    """So many of the questions, of both kinds in their share."""
    unanswerable = round(count * len(NOT_SAID) / (len(ASKED) + len(NOT_SAID)))
    return [*list(ASKED.items())[: count - unanswerable], *((each, None) for each in NOT_SAID[:unanswerable])]


def asked(citewell: Citewell, question: str, pattern: str | None, debug: bool) -> Told:
    """One question, shown as it comes."""
    began = time.monotonic()
    told = Told(question, pattern, citewell.ask(question), time.monotonic() - began)
    answer = told.answer
    kind = "guide" if pattern else "not said"
    said = " ".join((answer.answer or answer.reason or "").split())
    print(f"{told.seconds:6.1f} s  {kind:8}  {answer.status:9}  {question}\n          {said[:200]}", flush=True)
    for number, each in enumerate(answer.citations, start=1):
        print(f"          [{number}] {each.document}: {' '.join(each.quote.split())[:160]}")
    if debug:
        for event in citewell.journal.events(answer.run):
            if event.kind == "thought":
                said = event.content.get("written") or event.content.get("text")
                print(f"          said: {said!r} {event.content.get('calls')}")
    return told


def summed(told: list[Told]) -> int:
    """The figures; 1 where one that must be 0 is not."""
    answerable = [each for each in told if each.pattern]
    empty = sum(is_empty(each.answer) for each in told)
    invented = sum(each.is_invented for each in told)
    unsupported = [(each.question, number) for each in told for number in each.unsupported]
    ends = Counter(each.answer.status for each in answerable)
    print(f"answered with no words: {empty} of {len(told)} (0)")
    print(f"answered though the guide does not say: {invented} of {len(told) - len(answerable)} (0)")
    print(f"numbers that their quotes lack: {len(unsupported)} (0) {unsupported or ''}")
    print(f"of {len(answerable)} that it says: {dict(ends)}; with the sentence: {sum(e.is_right for e in answerable)}")
    return int(bool(empty or invented or unsupported))


if __name__ == "__main__":
    sys.exit(main())
