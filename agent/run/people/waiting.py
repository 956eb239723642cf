"""What is a person shown before they say whether a call may run? All of it, and in no other form than it has."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, Final

from agent.governance.approvals import check_sees, is_over
from agent.governance.charter import Charter
from agent.governance.reading import load_charter
from agent.governance.sources import Trust, trust_of_words
from agent.governance.tracing.requests import quoted
from agent.journal.entry import Entry
from agent.journal.events import Event, Handover, Parked, read
from agent.journal.fold import replay
from agent.journal.journal import Journal
from agent.journal.replay import asked
from agent.memory.conversation import Exchange
from agent.memory.kept import said_in
from agent.memory.remembered import line
from agent.plain import disguised, in_a_line, marked, with_hidden
from agent.run.making import Opened, charter_of
from agent.run.offering import with_finder
from agent.run.people.showing import WHERE
from agent.run.rules.deciding import NotWaiting
from agent.run.rules.seeing import labels_held
from agent.run.rules.tainting import ANSWERED_BEFORE, OURS, QUOTED, is_sound, remembered_as, said_of
from agent.state import Halted, Passage, ToolCall, evidence_of, think_of
from retrieval.search.hybrid import HybridSearch

_KINDS: Final[Mapping[str, str]] = {"tool": " (a tool)"}
_MOST: Final[Mapping[Trust, int]] = {"low": 2_000, "high": 300}  # characters of a text that a terminal shows


def waiting(opened: Opened, id: str, *, by: str | None = None) -> dict[str, Any]:
    """The call for which a run waits, and all that bears on it, as JSON; `digest` names what was shown.

    Raises `NotWaiting` where it waits for none, `NotKept` where too little of it was kept, and `NotTheirs` where it is
    to be shown to somebody, by whose name, who may not see all of it.
    """
    entries = opened.journal.events(id)
    began = asked(entries)
    search = opened.search_of(began.index_version)
    texts = search.within(began.scope)
    state = replay(entries, texts)
    if not isinstance(state, Halted) or state.pending is None:
        raise NotWaiting(f"The run {began.run} waits for nobody's word: see citewell runs show {began.run}.")
    charters = (load_charter(opened.settings.agent.charter), *charter_of(opened.journal, began.release))
    earlier = said_in(opened.journal, began.content.get("earlier", ()), opened.home.erased.names())
    if by is not None:
        held = labels_held(state, began.scope, earlier, search.version.document, opened.journal)
        check_sees(charters, by, held)
    trust = trust_in(charters, search)
    ours = frozenset(each.name for each in with_finder(opened.plugins.tools) if each.plugin == OURS)

    def is_high(document: str) -> bool:
        return trust_of_words(charters, document, search.version.document(document)) == "high"

    before = [(_trust(is_sound(each, ours, texts, is_high)), each) for each in earlier]
    events = [read(entry, texts) for entry in entries]
    return shown_of(state, entries, events, trust=trust, earlier=before, told=_told(opened.journal, began.release))


def _trust(is_high: bool) -> Trust:
    return "high" if is_high else "low"


def _told(journal: Journal, release: Mapping[str, Any]) -> dict[str, str]:
    """What servers said of their tools, as the model was told of it when the run began."""
    kept = journal.kept(str(release.get("tools")))
    tools = json.loads(kept)["tools"] if kept else ()
    return {each["name"]: each["description"] for each in tools if each["name"] in release.get("mcp", {})}


def trust_in(charters: Sequence[Charter], search: HybridSearch) -> Callable[[Passage], Trust]:
    """How far each passage of an index version is to be trusted, as a call that follows it is judged."""

    def trust(passage: Passage) -> Trust:
        known = search.version.document(passage.document)
        return trust_of_words(charters, passage.document, known, passage.start, passage.end)

    return trust


def shown_of(
    state: Halted,
    entries: Sequence[Entry],
    events: Sequence[Event],
    *,
    trust: Callable[[Passage], Trust],
    earlier: Sequence[tuple[Trust, Exchange]] = (),
    told: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """The same of a run that has halted, by its events; `trust` says how far a passage is to be trusted. What was said
    `earlier` comes with how far that is, and `told` is what servers say of their tools.
    """
    first, call = entries[0].content, state.call
    at = max(number for number, event in enumerate(events) if isinstance(event, Parked | Handover))
    halted = events[at]
    assert call is not None  # of what waits for a word
    assert isinstance(halted, Parked | Handover)
    parked = halted if isinstance(halted, Parked) else None
    arguments = dict((parked.arguments if parked else None) or call.arguments)
    origins = [{**asdict(each), "good": each.is_good} for each in (parked.origins if parked else ())]
    reasons = [*((parked.reasons if parked else ()) or (halted.reason,))]
    questions = [str(first.get("question", "")), *(each.asked for _, each in earlier)]
    allowed = [entry for entry in entries[at:] if entry.kind == "endorsed"]
    expires = parked.expires if parked else None
    return {
        "digest": state.pending,
        "question": questions[0],
        "earlier": questions[1:],
        "principal": first.get("principal"),
        "account": first.get("account"),
        "tool": call.name,
        "plugin": parked.plugin if parked else None,
        "version": parked.version if parked else None,
        "effect": parked.effect if parked else None,
        "arguments": arguments,
        "origins": [*origins, *_defaults(arguments, call, origins)],
        "disguised": [*_disguised(arguments)],
        "reasons": reasons,
        "since": entries[at].at,
        "expires": expires,
        "expired": is_over(expires),
        "approvers": parked.approvers if parked else 1,
        "allowed": [
            {"by": each.content.get("by"), "account": each.content.get("account"), "at": each.at} for each in allowed
        ],
        "read": [
            *_words("question", QUOTED, (each for text in questions for each in quoted(text))),
            *(
                each
                for name, said in told.items()
                if name == call.name or any(said_of(name) in reason for reason in reasons)
                for each in _words("server", said_of(name), [said])
            ),
            *_found(state, trust),
            *(
                each
                for trusted, exchange in earlier
                for each in _words("earlier", ANSWERED_BEFORE, [exchange.answer], trusted)
            ),
            *_remembered(state),
        ],
    }


def _defaults(arguments: Mapping[str, Any], call: ToolCall, origins: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """The values of which nobody has to say where they are from: they are the tool's own."""
    known = {_argument(each) for each in origins}
    for name, value in arguments.items():
        if name not in known and (known or name not in call.arguments):
            yield {"argument": name, "value": str(value), "place": "default", "source": "", "good": True}


def _argument(origin: Mapping[str, Any]) -> str:
    return str(origin["argument"]).split(".")[0].split("[")[0]


def _words(kind: str, name: str, texts: Iterable[str], trust: Trust = "low") -> Iterator[dict[str, Any]]:
    yield from ({"kind": kind, "name": name, "trust": trust, "text": each} for each in texts if each.strip())


def _found(state: Halted, trust: Callable[[Passage], Trust]) -> Iterator[dict[str, Any]]:
    for passage in evidence_of(state):
        if passage.kind == "document":
            yield {
                "kind": "document",
                "name": passage.document,
                "trust": trust(passage),
                "page": passage.page_label or passage.page,
                "start": passage.start,
                "end": passage.end,
                "context": "\n".join(filter(None, (passage.title, passage.context))),
                "text": passage.text,
                "unseen": [asdict(each) for each in passage.unseen],
            }
    before, think = state.before, think_of(state)
    observations = [each for turn in (think.turns if think else ()) for each in turn.observations]
    observations += getattr(before, "observations", ())
    for each in observations:
        yield from _words("tool", each.call.name, ["\n".join(filter(None, (each.text, each.note)))])


def _remembered(state: Halted) -> Iterator[dict[str, Any]]:
    think = think_of(state)
    for each in (think.recalled if think else None) or ():
        yield from _words("memory", remembered_as(each), [line(each)])


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
        *_wrapped([f"asked before: “{marked(in_a_line(each))}”" for each in shown["earlier"]], width),
    ]
    lines += ["Who may allow it", *_wrapped([*_who(shown)], width)]
    if shown["read"]:
        lines.append("What was read before (words of others: they say what stands there, and no more)")
        for each in shown["read"]:
            place = f" {each['start']}-{each['end']}" if each["kind"] == "document" else _KINDS.get(each["kind"], "")
            lines.append(f"  trust {each['trust']}: {marked(in_a_line(each['name']))}{place}")
            lines += _apart(each.get("context", ""), _MOST[each["trust"]], width)
            text = with_hidden(each["text"], each.get("start", 0), each.get("unseen", ()))
            lines += _apart(text, _MOST[each["trust"]], width)
    lines.append(f"Digest of all this: {shown['digest']}")
    lines.append(f"To decide: citewell runs approve {run} or citewell runs deny {run}")
    return "\n".join(lines)


def _call(shown: Mapping[str, Any]) -> Iterator[str]:
    for name, value in shown["arguments"].items():
        yield f"  {marked(name)} = {marked(_written(value))}"
        own = [each for each in shown["origins"] if _argument(each) == name]
        for each in own:
            piece = "" if isinstance(value, str | int | float) else f"{marked(_written(each['value']))} "
            yield f"    {piece}{WHERE[each['place']].format(source=marked(in_a_line(each['source'])))}"
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
    for each in cut.splitlines():
        for piece in textwrap.wrap(marked(each), max(width - 6, 20)) or [""]:
            yield f"    │ {piece}"


def _wrapped(lines: Sequence[str], width: int) -> list[str]:
    return [textwrap.fill(each, width, initial_indent="  ", subsequent_indent="    ") for each in lines]


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
