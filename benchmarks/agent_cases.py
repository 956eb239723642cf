"""Does the agent stay honest with a weak model, on the cases of examples/cases.jsonl?

A real small model behind a real server is asked the cases, in turn through their groups, so that any part of them has
all kinds. Its pass rate says what the model can do. What must not happen whatever it says: an answer with a quote that
does not stand where it is said to, an answer without words, a tool that was not to be called. Answers where there must
be none are counted and shown: the check compares words, and words of the guide can be put together wrongly.

    .venv/bin/python benchmarks/agent_cases.py [MODEL.gguf] [--cases N] [--minutes M] [--out FILE.jsonl]
    .venv/bin/python benchmarks/agent_cases.py --url http://127.0.0.1:11434 --name MODEL

Without a model it takes SmolLM2-135M-Instruct, if that is installed. It ends with 1 where one of the three happened.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from guide import ROOT, is_empty, opened, options

from agent.answer import Answer
from agent.run.examining import seen
from agent.wire import Citewell
from eval.cases.cases import Case, load_cases
from eval.cases.judge import Seen, judge
from eval.measure.stats import wilson


@dataclass(frozen=True)
class Told:
    """A case, what came of it, and how long that took."""

    case: Case
    answer: Answer
    seen: Seen
    astray: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the case fails."""
        return judge(self.case.expect, self.seen)

    @property
    def is_beyond(self) -> bool:
        """Answered, where it must not be."""
        wanted = self.case.expect.status
        return self.answer.status == "answered" and bool(wanted) and "answered" not in wanted

    @property
    def forbidden(self) -> tuple[str, ...]:
        """Tools that ran and were not to."""
        return tuple(name for name in self.case.expect.not_calls if name in self.seen.calls)


def main() -> int:
    """Asks, shows, counts."""
    parser = options(__doc__, passages=2, tokens=100, seconds=120)
    parser.add_argument("--cases", type=int, help="so many of them at most")
    parser.add_argument("--minutes", type=float, default=40, help="begin no case after so many")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--out", type=Path, help="what came of each, a line each")
    given = parser.parse_args()
    cases = in_turn(load_cases(ROOT / "examples" / "cases.jsonl"))[: given.cases]
    told: list[Told] = []
    with opened(given, max_turns=given.turns) as citewell:
        until = time.monotonic() + 60 * given.minutes
        with suppress(KeyboardInterrupt):  # then what was asked so far is summed
            for case in cases:
                if time.monotonic() > until:
                    break
                told.append(asked(citewell, case))
                shown(told[-1])
    if given.out:
        given.out.write_text("".join(f"{json.dumps(line(each), ensure_ascii=False)}\n" for each in told), "utf-8")
    print(f"\n{citewell.model_name}: {len(told)} of {len(cases)} cases")
    return summed(told)


def in_turn(cases: tuple[Case, ...]) -> list[Case]:
    """The first of each group, then the second of each, and so on; a group is a case's first tag."""
    place: Counter[str] = Counter()
    order = []
    for case in cases:
        place[case.tags[0]] += 1
        order.append((place[case.tags[0]], case))
    return [case for _, case in sorted(order, key=lambda pair: pair[0])]


def asked(citewell: Citewell, case: Case) -> Told:
    """One case. What is asked before it is left to others: the model would take as long again."""
    began = time.monotonic()
    answer = citewell.ask(case.question)
    entries = citewell.journal.events(str(answer.run))
    came = seen(answer, entries, seconds=time.monotonic() - began)
    return Told(case, answer, came, astray(citewell, answer))


def astray(citewell: Citewell, answer: Answer) -> tuple[str, ...]:
    """The quotes that are not what stands at their place, white space apart; looked up here, not by the check."""
    found = []
    for each in answer.citations:
        if each.kind != "document":
            continue
        document = citewell.version().document(each.document)
        there = document.text[each.start : each.end] if document else ""
        if not each.quote.strip() or "".join(there.split()) != "".join(each.quote.split()):
            found.append(each.quote)
    return tuple(found)


def shown(told: Told) -> None:
    """One case, as it comes."""
    words = " ".join((told.answer.answer or told.answer.reason or "").split())
    passed = "passes" if not told.reasons else "fails"
    print(
        f"{told.seen.spent.seconds:6.1f} s  {told.case.tags[0]:12} {passed:6} {told.answer.status:9} "
        f"{told.case.question[:90]}\n          {words[:200]}",
        flush=True,
    )
    for number, each in enumerate(told.answer.citations, start=1):
        print(f"          [{number}] {each.document}: {' '.join(each.quote.split())[:160]}")
    if told.seen.calls:
        print(f"          called {', '.join(told.seen.calls)}")


def line(told: Told) -> dict[str, object]:
    """One case for whoever reads on."""
    return {
        "id": told.case.id,
        "question": told.case.question,
        "status": told.answer.status,
        "answer": told.answer.answer,
        "reason": told.answer.reason,
        "quotes": [{"document": each.document, "quote": each.quote} for each in told.answer.citations],
        "unverified": told.answer.unverified,
        "calls": told.seen.calls,
        "reasons": told.reasons,
        "seconds": round(told.seen.spent.seconds, 1),
        "tokens": told.seen.spent.tokens,
    }


def summed(told: list[Told]) -> int:
    """The figures; 1 where one that must be 0 is not."""
    answered = [each for each in told if each.answer.status == "answered"]
    quotes = sum(len(each.answer.citations) for each in answered)
    stray = sum(len(each.astray) for each in told)
    empty = sum(is_empty(each.answer) for each in told)
    forbidden = sum(len(each.forbidden) for each in told)
    must_not = [each for each in told if each.case.expect.status and "answered" not in each.case.expect.status]
    beyond = [each for each in must_not if each.is_beyond]
    passed = sum(not each.reasons for each in told)
    print(f"ends: {dict(Counter(each.answer.status for each in told))}")
    print(f"quotes that do not stand where they are said to: {stray} of {quotes} in {len(answered)} answers (0)")
    print(f"answers without words: {empty} (0)")
    print(f"tools that ran and were not to: {forbidden} (0)")
    print(f"answered where there must be no answer: {len(beyond)} of {len(must_not)}")
    for each in beyond:
        print(f"  {each.case.id}: {' '.join(each.answer.answer.split())[:200]}")
    if told:
        rate = wilson(passed, len(told))
        seconds = sum(each.seen.spent.seconds for each in told)
        tokens = sum(each.seen.spent.tokens for each in told)
        print(f"passed: {passed} of {len(told)} ({rate.mean:.0%}, 95 % interval {rate.low:.0%} to {rate.high:.0%})")
        print(f"a case took {seconds / len(told):.1f} s and {tokens / len(told):,.0f} tokens")
    return int(bool(stray or empty or forbidden or not told))


if __name__ == "__main__":
    sys.exit(main())
