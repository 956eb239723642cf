"""How does what happened in a run read as a story?"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from agent.commands.terminal.output import width
from agent.models.names import short_name
from agent.plain import in_a_line
from agent.state import Usage

if TYPE_CHECKING:
    from agent.journal.entry import Entry

_LONG: Final = 240  # characters of what was said that the story repeats
_NAMED: Final = 3  # documents that it names
_UNREAD: Final = {
    "erased": "its content was erased.",
    "damaged": "this event is damaged, and cannot be read: put back a copy of the journal.",
}
_PLACES: Final = 10  # passages, where it is told which were read


_NOT_RUN: Final = {"unknown": "there is no such tool"}


def story(entries: Sequence[Entry]) -> str:
    """A sentence or two for each event, with its number and its time."""
    lines = []
    read: list[Mapping[str, Any]] = []
    for entry in entries:
        text = next((said for name, said in _UNREAD.items() if entry.content.get(name) is True), "")
        text = text or _TOLD.get(entry.kind, _other)(entry.content, entry)
        read += entry.content.get("passages") or [] if entry.kind in {"retrieved", "acted"} else []
        if entry.kind == "handover" and entry.content.get("rule") == "asked_for_person":
            text += _having_read(read)
        head = f"{entry.number:3}  {entry.at[11:19]}  "
        lines.append(
            textwrap.fill(
                f"{head}{text}",
                width(),
                subsequent_indent=" " * len(head),
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    return "\n".join(lines)


def _started(said: Mapping[str, Any], _: Entry) -> str:
    release = said.get("release") or {}
    scope = said.get("scope") or {}
    narrowed = [
        *(scope.get("labels") or []),
        *(f"{key}: {value}" for key, value in (scope.get("metadata") or {}).items()),
    ]
    within = f", within {in_a_line(', '.join(narrowed))}" if narrowed else ""
    who = f" by {in_a_line(said['principal'])}" if said.get("principal") else ""
    asked = f"asked{who}: {_short(said.get('question'))}"
    return f"{asked} (index {release.get('index_version')}, model {release.get('model')}{within})"


def _compacted(said: Mapping[str, Any], _: Entry) -> str:
    if not said.get("account"):
        return f"no account of what was said before was made ({in_a_line(str(said.get('why')))})"
    who = in_a_line(short_name(str(said.get("model") or "a model")))
    return (
        f"{who} gave an account of what was said before ({in_a_line(str(said.get('why')))}): {_short(said['account'])}"
    )


def _understood(said: Mapping[str, Any], _: Entry) -> str:
    return f"understood as {_short(said.get('question'))} (by a {said.get('by')}: {in_a_line(str(said.get('why')))})"


def _recalled(said: Mapping[str, Any], _: Entry) -> str:
    found = said.get("memories") or []
    named = "; ".join(
        f"{_short(': '.join(str(each.get(name)) for name in ('subject', 'attribute', 'value')))} ({each.get('id')})"
        for each in found
    )
    why = f" ({in_a_line(str(said['why']))})" if said.get("why") else ""
    return f"remembered of who asks: {named or 'nothing that bears on the question'}{why}"


def _planned(said: Mapping[str, Any], _: Entry) -> str:
    parts = [_short(part.get("question") if isinstance(part, dict) else part) for part in said.get("parts") or []]
    what = f"searched for in parts, {', '.join(parts)}" if parts else "searched for deeper"
    tokens = Usage(**(said.get("usage") or {})).total
    cost = f" ({tokens:,} tokens)" if tokens else ""
    return f"the question is {what} ({in_a_line(str(said.get('why')))}){cost}"


def _retrieved(said: Mapping[str, Any], _: Entry) -> str:
    return f"searched for {_short(said.get('query'))}: {_found(said)}"


def _weighed(said: Mapping[str, Any], _: Entry) -> str:
    who = in_a_line(short_name(str(said.get("model") or "the model")))
    which = f"passage {said.get('number')} of {in_a_line(str(said.get('document')))}"
    tokens = Usage(**(said.get("usage") or {})).total
    cost = f" ({tokens:,} tokens)" if tokens else ""
    if said.get("score") is None:
        words = f" ({_short(said['line'])})" if said.get("line") else ""
        return f"{which} was not weighed, and stays where it was: {in_a_line(str(said.get('why')))}{words}{cost}"
    return f"{who} says that {which} bears {said['score']} of 10 on the question: {_short(said.get('line'))}{cost}"


def _ranked(said: Mapping[str, Any], _: Entry) -> str:
    order, dropped = len(said.get("order") or []), len(said.get("dropped") or [])
    told = f"the model is shown {order} passage{'s' * (order != 1)}, first what bears most on the question"
    told += f"; {dropped} {_was(dropped)} left out" if dropped else ""
    return f"{told} ({in_a_line(str(said['why']))})." if said.get("why") else f"{told}."


def _shortened(said: Mapping[str, Any], _: Entry) -> str:
    which = "the least likely ones, in whole or in part" if said.get("dropped") or said.get("kept") else "the last ones"
    return f"{said.get('left_out')} passages were left out, {which}: {_short(said.get('reason'))}"


def _thought(said: Mapping[str, Any], entry: Entry) -> str:
    who = in_a_line(short_name(str(said.get("model") or entry.actor)))
    tokens = Usage(**(said.get("usage") or {})).total
    cost = f" ({tokens:,} tokens)" if tokens else ""
    if route := said.get("route"):
        cost = f"{cost}; chosen, since {in_a_line(str(route.get('reason')))}"
    cost += _pondered(said)
    calls = [_call(call) for call in said.get("calls") or []]
    words = _short(said.get("text")) if said.get("text") else ""
    if said.get("stop") == "broken":
        return f"{who} was cut off, having said {words}{cost}"
    if calls:
        barred = " It was to answer, so none was run." if said.get("barred") else ""
        return f"{who} said {words or 'nothing'} and called {', '.join(calls)}{cost}.{barred}"
    return f"{who} said {words or 'nothing'}{cost}"


def _pondered(said: Mapping[str, Any]) -> str:
    """What a model thought to itself before it spoke, as far as its server tells; the rest of it is in the JSON."""
    blocks = [each for each in said.get("content") or [] if isinstance(each, Mapping)]
    words = "\n".join(
        str(each["thinking"]) for each in blocks if each.get("type") == "thinking" and each.get("thinking")
    )
    if words:
        return f"; it had thought: {_short(words)}"
    return "; what it had thought its server keeps to itself" if any(map(_is_thought, blocks)) else ""


def _is_thought(block: Mapping[str, Any]) -> bool:
    return block.get("type") in ("thinking", "redacted_thinking")


def _acting(said: Mapping[str, Any], _: Entry) -> str:
    return f"{_call(said.get('call') or {})} is about to run; its effect is {said.get('effect')}."


def _acted(said: Mapping[str, Any], _: Entry) -> str:
    call = _call(said.get("call") or {})
    how = said.get("authorization")
    if how != "ran":
        return f"{call} did not run ({_NOT_RUN.get(str(how), how)}): {_short(said.get('text'))}"
    if said.get("error") and said.get("attempts") == 0:
        return f"{call} was not run: {_short(said.get('text'))}"
    tries = f" after {said['attempts']} tries" if (said.get("attempts") or 1) > 1 else ""
    if said.get("error"):
        return f"{call} failed{tries}: {_short(said.get('text'))}"
    found = f"{_found(said)} " if said.get("passages") or said.get("withheld") else ""
    text = _short(said.get("text")) if said.get("text") else ""
    return f"{call} gave{tries} {found}{text}".rstrip()


def _checked(said: Mapping[str, Any], _: Entry) -> str:
    kept, dropped = len(said.get("kept") or []), len(said.get("dropped") or [])
    told = "no better answer came, so that the one that was sent back is shown: " if said.get("before") else ""
    told += f"of what was cited {kept} {_was(kept)} found letter by letter"
    told += f", {dropped} {_was(dropped)} not and {_was(dropped)} dropped" if dropped else ""
    doubts = [f"{_short(each.get('text'))} ({each.get('why')})" for each in said.get("unverified") or []]
    told += f"; nothing bears out {'; '.join(doubts)}" if doubts else ""
    disagree = [in_a_line(str(each.get("told"))) for each in said.get("conflicts") or []]
    return told + (f"; the documents disagree: {'; '.join(disagree)}" if disagree else "") + "."


def _returned(said: Mapping[str, Any], _: Entry) -> str:
    reasons = "; ".join(map(_short, said.get("reasons") or []))
    return f"the answer went back to the model, which is to mend it: {reasons}"


def _withdrawn(said: Mapping[str, Any], _: Entry) -> str:
    return f"a document was erased meanwhile; what is left is {_found(said)}"


def _parked(said: Mapping[str, Any], _: Entry) -> str:
    why = f": {in_a_line('; '.join(said['reasons']))}" if said.get("reasons") else ""
    until = f" until {said['expires']}" if said.get("expires") else ""
    return f"{_call(said.get('call') or {})} waits for a person's approval{until}{why}."


def _handover(said: Mapping[str, Any], _: Entry) -> str:
    where = f", by the route {in_a_line(str(said['route']))}" if said.get("route") else ""
    return f"a person is to go on ({_words(said.get('rule'))}{where}): {_short(said.get('reason'))}"


def _claimed(said: Mapping[str, Any], _: Entry) -> str:
    return f"{_who(said)} took the case upon themselves."


def _moved(said: Mapping[str, Any], _: Entry) -> str:
    return f"the case went on to the route {in_a_line(str(said.get('route')))}: {_short(said.get('reason'))}"


def _resolved(said: Mapping[str, Any], _: Entry) -> str:
    why = f" ({_short(said['comment'])})" if said.get("comment") else ""
    return f"{_who(said)} answered{why}: {_short(said.get('answer'))}"


def _reopened(said: Mapping[str, Any], _: Entry) -> str:
    return f"{_who(said)} opened the case again: {_short(said.get('reason'))}"


def _endorsed(said: Mapping[str, Any], _: Entry) -> str:
    return f"{_who(said)} allowed it, and another person has to as well."


def _having_read(passages: Sequence[Mapping[str, Any]]) -> str:
    """What a wish for a person may have come from: words of a document can be an order, which a model obeys."""
    places = dict.fromkeys(f"{each.get('document')} {each.get('start')}-{each.get('end')}" for each in passages)
    if not places:
        return " It had read no passage."
    more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
    return f" It had read {in_a_line(', '.join([*places][:_PLACES]))}{more}."


def _decided(said: Mapping[str, Any], _: Entry) -> str:
    words = {"approve": "allowed it", "deny": "said no"}
    why = f": {_short(said['comment'])}" if said.get("comment") else ""
    if said.get("edited") is not None:
        why = f" with other arguments, {_cut(in_a_line(json.dumps(said['edited'], ensure_ascii=False)))}{why}"
    return f"{_who(said)} {words.get(str(said.get('verdict')))}{why}"


def _resumed(said: Mapping[str, Any], _: Entry) -> str:
    release = said.get("release") or {}
    return f"the run was cut off, and another process took it up (model {release.get('model')})."


def _answered(said: Mapping[str, Any], _: Entry) -> str:
    cited = len(said.get("citations") or [])
    was = [_short(" ".join(filter(None, (each["kind"], each["text"])))) for each in said.get("inactive") or []]
    only = f" (shown as text alone, or left out: {', '.join(was)})" if was else ""
    return f"answered, citing {cited} place{'s' * (cited != 1)}{_took(said)}: {_short(said.get('answer'))}{only}"


def _abstained(said: Mapping[str, Any], _: Entry) -> str:
    return f"gave no answer{_took(said)}: {_short(said.get('reason'))}"


def _failed(said: Mapping[str, Any], _: Entry) -> str:
    if said.get("by"):
        return f"{_who(said)} ended the run{f': {_short(comment)}' if (comment := said.get('comment')) else '.'}"
    return f"failed ({_words(said.get('code'))}){_took(said)}: {_short(said.get('reason'))}"


def _other(said: Mapping[str, Any], entry: Entry) -> str:
    """An event of which no more is known than its name."""
    parts = (f"{key} {_short(json.dumps(value, ensure_ascii=False))}" for key, value in said.items() if key != "state")
    return f"{entry.kind}: {', '.join(parts)}"


_TOLD: Final[Mapping[str, Callable[[Mapping[str, Any], Entry], str]]] = {
    "started": _started,
    "compacted": _compacted,
    "understood": _understood,
    "recalled": _recalled,
    "planned": _planned,
    "retrieved": _retrieved,
    "weighed": _weighed,
    "ranked": _ranked,
    "shortened": _shortened,
    "thought": _thought,
    "acting": _acting,
    "acted": _acted,
    "checked": _checked,
    "returned": _returned,
    "withdrawn": _withdrawn,
    "parked": _parked,
    "handover": _handover,
    "endorsed": _endorsed,
    "decided": _decided,
    "claimed": _claimed,
    "moved": _moved,
    "resolved": _resolved,
    "reopened": _reopened,
    "resumed": _resumed,
    "answered": _answered,
    "abstained": _abstained,
    "failed": _failed,
}


def _words(code: Any) -> str:
    """A stable code as it reads in a sentence; the name of a charter's rule stays as its author wrote it."""
    return in_a_line(str(code)).replace("_", " ")


def _who(said: Mapping[str, Any]) -> str:
    return f"{in_a_line(str(said.get('by')))} (account {in_a_line(str(said.get('account')))})"


def _found(said: Mapping[str, Any]) -> str:
    """How many passages, of which documents, and how many were withheld."""
    passages, withheld = said.get("passages") or [], said.get("withheld") or []
    names = list(dict.fromkeys(str(each.get("document")) for each in passages))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    of = f" of {in_a_line(', '.join(names[:_NAMED]))}{more}" if names else ""
    count = len(passages)
    told = f"{count} passage{'s' * (count != 1)}{of}"
    noise = len(withheld) if isinstance(withheld, list) else 0
    return f"{told}; {noise} withheld as noise." if noise else f"{told}."


def _call(call: Mapping[str, Any]) -> str:
    given = ", ".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in (call.get("arguments") or {}).items()
    )
    return f"{in_a_line(str(call.get('name')))}({_cut(in_a_line(given))})"


def _took(said: Mapping[str, Any]) -> str:
    parts = []
    if isinstance(said.get("seconds"), int | float):
        parts.append(f"{said['seconds']:.1f} s")
    if isinstance(said.get("cost"), int | float):
        parts.append(f"cost {said['cost']:.4f}")
    return f" ({', '.join(parts)})" if parts else ""


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _short(text: Any) -> str:
    return f"“{_cut(in_a_line(str(text or '')))}”"


def _cut(text: str) -> str:
    return textwrap.shorten(text, _LONG, placeholder=" …") if len(text) > _LONG else text
