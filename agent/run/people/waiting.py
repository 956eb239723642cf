"""What is a person shown before they say whether a call may run? All of it, and in no other form than it has."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from agent.governance.approvals import is_over
from agent.governance.charter import Charter
from agent.governance.reading import load_charter
from agent.governance.sources import Trust, trust_of_words
from agent.journal.entry import Entry
from agent.journal.events import Event, Handover, Parked, read
from agent.journal.fold import replay
from agent.journal.replay import asked
from agent.plain import disguised, in_a_line, marked, with_hidden
from agent.run.making import Opened, charter_of
from agent.run.rules.deciding import NotWaiting
from agent.state import Halted, Passage, evidence_of, think_of
from retrieval.search.hybrid import HybridSearch

_WHERE: Final[Mapping[str, str]] = {
    "user": "who asked said it",
    "charter": "the charter says it",
    "trusted": "stands in {source}, which is trusted",
    "ambiguous": "is one of several that were read (see {source})",
    "untrusted": "stands only in {source}, which is not trusted",
    "nowhere": "stands in nothing that was asked or read",
}
_MOST: Final[Mapping[Trust, int]] = {"low": 2_000, "high": 300}  # characters of a text that a terminal shows


def waiting(opened: Opened, id: str) -> dict[str, Any]:
    """The call for which a run waits, and all that bears on it, as JSON; `digest` names what was shown.

    Raises `NotWaiting` where it waits for none, and `NotKept` where too little of it was kept.
    """
    entries = opened.journal.events(id)
    began = asked(entries)
    search = opened.search_of(began.index_version)
    texts = search.within(began.scope)
    state = replay(entries, texts)
    if not isinstance(state, Halted) or state.pending is None:
        raise NotWaiting(f"The run {began.run} waits for nobody's word: see citewell runs show {began.run}.")
    charters = (load_charter(opened.settings.agent.charter), *charter_of(opened.journal, began.release))
    events = [read(entry, texts) for entry in entries]
    return shown_of(state, entries, events, trust=trust_in(charters, search))


def trust_in(charters: Sequence[Charter], search: HybridSearch) -> Callable[[Passage], Trust]:
    """How far each passage of an index version is to be trusted, as a call that follows it is judged."""

    def trust(passage: Passage) -> Trust:
        known = search.version.document(passage.document)
        return trust_of_words(charters, passage.document, known, passage.start, passage.end)

    return trust


def shown_of(
    state: Halted, entries: Sequence[Entry], events: Sequence[Event], *, trust: Callable[[Passage], Trust]
) -> dict[str, Any]:
    """The same of a run that has halted, by its events; `trust` says how far a passage is to be trusted."""
    first, call = entries[0].content, state.call
    at = max(number for number, event in enumerate(events) if isinstance(event, Parked | Handover))
    halted = events[at]
    assert call is not None  # of what waits for a word
    assert isinstance(halted, Parked | Handover)
    parked = halted if isinstance(halted, Parked) else None
    arguments = dict((parked.arguments if parked else None) or call.arguments)
    allowed = [entry for entry in entries[at:] if entry.kind == "endorsed"]
    expires = parked.expires if parked else None
    return {
        "digest": state.pending,
        "question": str(first.get("question", "")),
        "principal": first.get("principal"),
        "account": first.get("account"),
        "tool": call.name,
        "plugin": parked.plugin if parked else None,
        "version": parked.version if parked else None,
        "effect": parked.effect if parked else None,
        "arguments": arguments,
        "origins": [{**asdict(each), "good": each.is_good} for each in (parked.origins if parked else ())],
        "disguised": [*_disguised(arguments)],
        "reasons": [*((parked.reasons if parked else ()) or (halted.reason,))],
        "since": entries[at].at,
        "expires": expires,
        "expired": is_over(expires),
        "approvers": parked.approvers if parked else 1,
        "allowed": [
            {"by": each.content.get("by"), "account": each.content.get("account"), "at": each.at} for each in allowed
        ],
        "read": [*_read(state, trust)],
    }


def _read(state: Halted, trust: Callable[[Passage], Trust]) -> Iterator[dict[str, Any]]:
    for passage in evidence_of(state):
        if passage.kind == "document":
            yield {
                "kind": "document",
                "name": passage.document,
                "trust": trust(passage),
                "page": passage.page_label or passage.page,
                "start": passage.start,
                "end": passage.end,
                "text": passage.text,
                "unseen": [asdict(each) for each in passage.unseen],
            }
    before, think = state.before, think_of(state)
    observations = [each for turn in (think.turns if think else ()) for each in turn.observations]
    observations += getattr(before, "observations", ())
    for each in observations:
        if said := "\n".join(filter(None, (each.text, each.note))):
            yield {"kind": "tool", "name": each.call.name, "trust": "low", "text": said}


def _disguised(arguments: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, value in arguments.items():
        for letter, why in disguised(f"{name}\n{_written(value)}"):
            yield {"argument": name, "letter": f"U+{ord(letter):04X}", "why": why}


def as_text(run: str, shown: Mapping[str, Any], width: int) -> str:
    """The same for a terminal. What is not seen, and what looks like something else, is named where it stands."""
    of = f"plugin {shown['plugin']} {shown['version']}, effect {shown['effect']}" if shown["plugin"] else "begun before"
    asked = shown["principal"] or shown["account"] or "nobody named"
    lines = [f"{marked(shown['tool'])} waits for a person's word ({marked(of)})", *_call(shown)]
    lines += ["Why it asks", *_wrapped([marked(each) for each in shown["reasons"]], width)]
    lines += [
        "Asked for by",
        *_wrapped([f"{marked(in_a_line(asked))}: “{marked(in_a_line(shown['question']))}”"], width),
    ]
    lines += ["Who may allow it", *_wrapped([*_who(shown)], width)]
    if shown["read"]:
        lines.append("What was read before (words of others: they say what stands there, and no more)")
        for each in shown["read"]:
            place = f" {each['start']}-{each['end']}" if each["kind"] == "document" else " (a tool)"
            lines.append(f"  trust {each['trust']}: {marked(in_a_line(each['name']))}{place}")
            text = with_hidden(each["text"], each.get("start", 0), each.get("unseen", ()))
            lines += _apart(text, _MOST[each["trust"]], width)
    lines.append(f"Digest of all this: {shown['digest']}")
    lines.append(f"To decide: citewell runs approve {run} or citewell runs deny {run}")
    return "\n".join(lines)


def _call(shown: Mapping[str, Any]) -> Iterator[str]:
    for name, value in shown["arguments"].items():
        yield f"  {marked(name)} = {marked(_written(value))}"
        own = [each for each in shown["origins"] if each["argument"].split(".")[0].split("[")[0] == name]
        for each in own:
            piece = "" if isinstance(value, str | int | float) else f"{marked(_written(each['value']))} "
            yield f"    {piece}{_WHERE[each['place']].format(source=marked(in_a_line(each['source'])))}"
    if any(each["why"] for each in shown["disguised"]):
        said = dict.fromkeys(f"{each['letter']} {each['why']}" for each in shown["disguised"])
        yield f"  Beware: {'; '.join(said)}"


def _who(shown: Mapping[str, Any]) -> Iterator[str]:
    until = f", until {shown['expires']}" if shown["expires"] else ""
    over = ", which is over: it can only be denied" if shown["expired"] else ""
    yield f"{shown['approvers']} {'person' if shown['approvers'] == 1 else 'people'}{until}{over}"
    for each in shown["allowed"]:
        by, account = (marked(in_a_line(str(each[name]))) for name in ("by", "account"))
        yield f"{by} (account {account}) has at {each['at']}"


def _apart(text: str, most: int, width: int) -> Iterator[str]:
    """A text of others, behind a rule on each of its lines, so that none of them passes for one of ours."""
    cut = text if len(text) <= most else f"{text[:most]} … ({len(text) - most:,} characters more: --json)"
    for line in cut.splitlines():
        for piece in textwrap.wrap(marked(line), max(width - 6, 20)) or [""]:
            yield f"    │ {piece}"


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    return [textwrap.fill(each, width, initial_indent="  ", subsequent_indent="    ") for each in lines]


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
