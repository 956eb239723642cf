"""What comes of the agent's cases when they are asked, each by a run of its own, which is recorded?"""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, get_args

from agent.answer import Answer
from agent.journal.chain import canonical
from agent.journal.entry import Entry
from agent.journal.journal import Journal
from agent.journal.record import new_run_id
from agent.journal.replay import Asking
from agent.journal.tallies import NothingLeft
from agent.limits import BadRequest
from agent.outcomes import Examined
from agent.run.making import NotRecorded
from agent.run.routing import FAILED_CHECK
from agent.settings import Settings
from agent.state import Usage
from eval.cases.cases import Case, load_cases
from eval.cases.evaluate import OnProgress, evaluate
from eval.cases.history import compare, of_release, record, recorded
from eval.cases.judge import Seen, Spent
from eval.cases.refusals import Refusal
from eval.cases.routing import Routing
from ingest.model import digest
from plugins.tool import Barred, InvalidArguments
from retrieval.versions.home import Home

_UNMADE: Final = (InvalidArguments.code, Barred.code)  # what such a call failed with was never made
_ASKING: Final = frozenset(event.__name__.lower() for event in get_args(Asking))  # kinds that tell what a model took


class Asked(Protocol):
    """The home whose agent is asked, opened: `agent.wire.Citewell`."""

    home: Home
    settings: Settings

    @property
    def unrecorded(self) -> str | None:
        """Why runs leave no record, if so."""
        ...

    @property
    def journal(self) -> Journal: ...

    @property
    def model_name(self) -> str: ...

    def ask(
        self,
        question: str,
        *,
        conversation: str | None = None,
        principal: str | None = None,
        run_id: str | None = None,
    ) -> Answer:
        """One run, to its end; "new" begins a conversation."""
        ...


def examined(
    asked: Asked,
    cases: str | Path,
    *,
    repeat: int = 1,
    against: str | None = None,
    on_progress: OnProgress | None = None,
) -> Examined:
    """What came of the cases in a file; of which release that is kept in the home, and compared, where it is wanted."""
    if repeat < 1:
        raise BadRequest("A case is asked at least once: give a number from 1.")
    known = load_cases(cases)
    if asked.unrecorded is not None:
        raise NotRecorded(
            f"What the agent called is read from the record of its runs, and here is none: {asked.unrecorded}. Copy "
            "the home to where you may write."
        )
    before = of_release(recorded(asked.home.path), against) if against is not None else None
    found = evaluate(known, lambda case: _asked(asked, case), repeat=repeat, on_progress=on_progress)
    at, version = datetime.now(UTC).isoformat(timespec="seconds"), asked.home.live() or ""
    notes = []
    if len(found.releases) == 1:
        (release,) = found.releases
        record(asked.home.path, found, at=at, release=release, model=asked.model_name, index_version=version)
    else:
        release = found.releases[-1] if found.releases else ""
        notes.append("Several releases answered, as one was published meanwhile: nothing was kept; evaluate again.")
    kept = tuple(same for each in recorded(asked.home.path) if (same := each.of(known)))
    return Examined(found, release, kept, compare(before, found) if before else None, tuple(notes))


def _asked(asked: Asked, case: Case) -> Seen:
    """One case, after what is asked before it in the same conversation; it is a trial of its own."""
    ask, trial = partial(asked.ask, principal=case.principal), secrets.token_hex(4)
    conversation = "new" if case.conversation else None
    try:
        for earlier in case.conversation:
            conversation = ask(earlier, conversation=conversation, run_id=new_run_id(trial)).conversation
        began = time.monotonic()
        answer = ask(case.question, conversation=conversation, run_id=new_run_id(trial))
    except (BadRequest, NothingLeft) as refused:  # that it is refused may be what the case wants to see
        return Seen("failed", str(refused))
    if answer.run is None:
        raise NotRecorded("The home could not be written any more while the cases were asked: nothing was kept.")
    spent = time.monotonic() - began
    return seen(answer, asked.journal.events(answer.run), seconds=spent, priced=asked.settings.cost)


def seen(
    answer: Answer,
    entries: Sequence[Entry],
    *,
    seconds: float,
    priced: Callable[[Usage], float | None] = lambda _: None,
) -> Seen:
    """What came of a run that was recorded; `entries` are its events, and `priced` says what tokens cost."""
    ran, parked, refused = _calls(entries)
    release: Mapping[str, Any] = entries[0].content.get("release") or {}
    return Seen(
        status=answer.status,
        said=answer.answer if answer.status == "answered" else answer.reason or "",
        unverified=answer.unverified,
        cites=tuple(dict.fromkeys(each.document for each in answer.citations)),
        calls=ran,
        parked=parked,
        refused=refused,
        rule=answer.escalation,
        run=answer.run,
        release=release_name(release),
        spent=Spent(seconds, answer.usage.total, answer.cost, _by_model(entries)),
        routing=_routing(entries, answer, priced),
        refusals=tuple(refusals(entries)),
    )


def _routing(entries: Sequence[Entry], answer: Answer, priced: Callable[[Usage], float | None]) -> Routing | None:
    """Which of two models ended the run, by the first of the rules that brought it there; None where there is one."""
    spoke = [entry.content["route"] for entry in entries if entry.kind == "thought" and entry.content.get("route")]
    if not spoke:
        return None
    strong = [str(route["reason"]) for route in spoke if not route["fast"]]
    why = (strong or [str(spoke[-1]["reason"])])[0].partition(":")[0]  # behind it stands what a server said
    return Routing(
        fast=int(not strong),
        strong=int(bool(strong)),
        reasons={why: 1},
        after_check=int(FAILED_CHECK in strong),
        cost=answer.cost,
        all_strong=priced(replace(answer.usage, fast_input_tokens=0, fast_output_tokens=0)),
    )


def refusals(entries: Sequence[Entry]) -> Iterator[Refusal]:
    """All that was withheld in a run, in its order: sentences, calls, whole answers, and how it ended without one."""
    tool = ""
    doubts: tuple[str, ...] = ()
    for entry in entries:
        said = entry.content
        match entry.kind:
            case "checked":
                faults = [(str(each.get("text")), _fault(each)) for each in said.get("unverified") or ()]
                doubts = tuple(dict.fromkeys(fault for _, fault in faults))
                if said.get("verdict") != "returned":
                    yield from (Refusal("sentence", fault, text) for text, fault in faults)
            case "returned":
                yield Refusal("sent_back", ", ".join(doubts) or str((said.get("reasons") or ["?"])[0]))
            case "thought" | "acted" | "parked" | "decided":
                tool = _tool(said) or tool
                yield from _refused_calls(entry.kind, said, tool)
            case "handover":
                yield Refusal("escalated", str(said.get("rule")))
            case "abstained":
                yield Refusal("abstained", str(said.get("reason")))
            case "failed":
                yield Refusal("failed", str(said.get("code")))


def _refused_calls(kind: str, said: Mapping[str, Any], tool: str) -> Iterator[Refusal]:
    """The calls that were wanted and are not run; `tool` is the one of the event, or of the last before it."""
    match kind:
        case "thought" if said.get("barred"):
            for call in said.get("calls") or ():
                yield Refusal("call", "it was to answer, and not to call a tool", str(call.get("name")))
        case "acted" if said.get("authorization") != "ran" or said.get("code") == Barred.code:
            why = str(said.get("text") or said.get("authorization")).removeprefix(f"{tool} was not run")
            yield Refusal("call", why.lstrip(":, "), tool)
        case "parked":
            yield Refusal("awaiting_approval", f"{tool} needs a person's word", tool)
        case "decided" if said.get("verdict") == "deny":
            yield Refusal("call", "a person said no", tool)


def _tool(said: Mapping[str, Any]) -> str:
    return str((said.get("call") or {}).get("name") or "")


def _fault(doubt: Mapping[str, Any]) -> str:
    """What the check found wrong, without the words in which it was."""
    return str(doubt.get("why")).partition(": ")[0]


def release_name(release: Mapping[str, Any]) -> str:
    """A short name of all that a release consists of, the same wherever it is the same."""
    return digest(canonical(release))[:12]


def _calls(entries: Sequence[Entry]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The tools that ran or may have run, those that wait for a person, and those that were not let run."""
    ran: dict[str, None] = {}
    parked: dict[str, None] = {}
    refused: dict[str, None] = {}
    for entry in entries:
        name = str((entry.content.get("call") or {}).get("name", ""))
        match entry.kind:
            case "acting":
                ran[name] = None
            case "acted" if entry.content.get("authorization") == "ran" and entry.content.get("code") not in _UNMADE:
                ran[name] = None
            case "acted":
                refused[name] = None
            case "parked":
                parked[name] = None
    return tuple(ran), tuple(parked), tuple(refused)


def _by_model(entries: Sequence[Entry]) -> Mapping[str, int]:
    tokens: Counter[str] = Counter()
    for entry in entries:
        if entry.kind in _ASKING and (usage := entry.content.get("usage")):
            tokens[entry.content.get("model") or entry.actor] += Usage(**usage).total
    return {model: count for model, count in tokens.items() if count}
