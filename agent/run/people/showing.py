"""How does a person read a case? In a terminal, in a mail or as one page: each shows the same sections."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from agent.plain import escaped, in_a_line, plain, with_hidden
from agent.run.people.casefile import CaseFile

if TYPE_CHECKING:
    from jinja2 import Template

_MOST: Final = 2_000  # characters of a text of others that a terminal shows
WHERE: Final[Mapping[str, str]] = {
    "user": "who asked said it",
    "charter": "the charter says it",
    "default": "by default: the call says nothing else",
    "trusted": "stands in {source}, which is trusted",
    "ambiguous": "is one of several that were read (see {source})",
    "untrusted": "stands only in {source}, which is not trusted",
    "nowhere": "stands in nothing that was asked or read",
}
_Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is told in a section; `of` says whose or what it is: the document of a passage, a rule, a time.

    `do` is what a person is to do, `call` a call of a tool, `theirs` a text of others, which stands apart from ours.
    """

    text: str
    of: str = ""
    kind: Literal["said", "do", "call", "theirs"] = "said"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what stands below it."""

    head: str
    lines: Sequence[Line]


def sections(case: CaseFile) -> Iterator[Section]:
    """All that is told of a case but its question, in the order in which a person needs it; none is empty."""
    yield from (each for each in _all(case) if each.lines)


def _all(case: CaseFile) -> Iterator[Section]:
    yield Section("Understood as", [Line(case.understood)] if case.understood else [])
    yield Section("Why a person", [Line(each["why"], each["rule"]) for each in case.rules])
    yield Section("What to do", [Line(case.recommendation, kind="do")] if case.recommendation else [])
    if waits := case.waiting:
        head = "Waits for a word" if waits["for_a_word"] else "Was to be called, and was not"
        yield Section(head, [*_called(waits)])
    yield Section("Asked by", [Line(case.principal or "nobody named")])
    yield Section(
        "Said before", [Line(each["answer"] or "no answer", each["asked"], "theirs") for each in case.conversation]
    )
    yield Section("Remembered of who asks", [*map(_remembered, case.remembered)])
    if draft := case.draft:
        head = "Draft, which nobody was shown" if draft["held"] else "Draft that did not hold, which nobody was shown"
        yield Section(head, [Line(draft["answer"], "the model wrote", "theirs"), *map(_quoted, draft["citations"])])
    yield Section("Not borne out", [*dict.fromkeys(_doubts(case))])
    doubted = [each["text"] for check in case.checks for each in check["unverified"]]
    reasons = [Line(why) for why in case.returned if not any(each in why for each in doubted)]
    yield Section("Sent back to the model once, since", reasons)
    for conflict in case.conflicts:
        yield Section("The documents disagree", [Line(conflict["told"]), *map(_quoted, conflict["citations"])])
    if plan := case.plan:
        yield Section("Plan", [*map(Line, plan["parts"] or ["searched deeper"]), Line(plan["why"])])
    yield from _found(case)
    yield Section("Since then", [*map(_step, case.history)])
    yield Section("Who was told", [*map(_told, case.told)])
    yield Section("Of the charter", [Line(each, kind="do") for each in case.doubts])
    yield Section("Run", [*_run(case)])


def _found(case: CaseFile) -> Iterator[Section]:
    """What searches and tools gave; a passage that was found before is named, and not shown again."""
    before: set[tuple[str, int, int]] = set()

    def passage(each: _Json) -> Line:
        of = f"{_place(each)}{_likely(each)}"
        where = each["document"], each["start"], each["end"]
        if where in before:
            return Line("found before, see above", of)
        before.add(where)
        return Line(with_hidden(each["text"], each["start"], each["unseen"]), of, "theirs")

    for search in case.searches:
        found = [*map(passage, search["passages"]), *_withheld(search["withheld"])]
        yield Section(f"Found for: {search['query']}", found or [Line("nothing")])
    for call in case.calls:
        lines = [*_called(call), Line(_outcome(call))]
        if call["text"].strip():
            lines.append(Line(call["text"], f"{call['name']} said", "theirs"))
        lines += [passage(each) for each in call["passages"] if each["kind"] == "document"]
        yield Section(f"Tool {call['name']}", [*lines, *_withheld(call["withheld"])])


def _called(call: _Json) -> Iterator[Line]:
    """A call, and where each of its values comes from, where that was looked at."""
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call["arguments"].items())
    yield Line(f"{call['name']}({given})", kind="call")
    for each in call["origins"]:
        where = WHERE[each["place"]].format(source=each["source"] or "the text")
        yield Line(where, f"{each['argument']} = {each['value']}")


def _outcome(call: _Json) -> str:
    took = f", in {call['seconds']:.1f} s" if call["seconds"] else ""
    effect = f", effect {call['effect']}" if call["effect"] else ""
    return f"{call['outcome']}{'' if call['ok'] else ', without success'}{effect}{took}"


def _remembered(each: _Json) -> Line:
    of = f"{each['subject']}, {each['attribute']}"
    since = f" (since {each['since']})" if each["since"] else ""
    return Line(f"{each['value']}{since}", of)


def _doubts(case: CaseFile) -> Iterator[Line]:
    for check in case.checks:
        yield from (Line(f"{each['text']} ({each['why']})") for each in check["unverified"])
        yield from (Line(f"“{quote}” (stands nowhere)") for quote in check["not_found"])


def _quoted(citation: _Json) -> Line:
    return Line(f"“{citation['quote']}”", _place(citation), "theirs")


def _withheld(noise: Sequence[_Json]) -> list[Line]:
    return (
        [Line(", ".join(f"{each['document']}{_likely(each)}" for each in noise), "withheld as noise")] if noise else []
    )


def _place(each: _Json) -> str:
    page = f", page {each['page']}" if each["page"] else ""
    return f"{each['document']}{page}"


def _likely(each: _Json) -> str:
    """How likely it is relevant, else, of what was found in an index that is not calibrated, its score."""
    if each["probability"] is not None:
        return f" (likely by {each['probability']:.2f})"
    return f" (score {each['score']:.3f})" if each.get("score") else ""


def _step(step: _Json) -> Line:
    account = f" (account {step['account']})" if step.get("account") else ""
    who = f" by {step['by']}{account}" if step.get("by") else ""
    rest = (f": {step[name]}" for name in ("verdict", "rule", "route", "reason", "comment") if step.get(name))
    return Line(f"{step['kind']}{who}{''.join(rest)}", minute(step["at"]))


def _told(notice: _Json) -> Line:
    tried = f" after {notice['attempts']} attempts" if notice["status"] == "given up" else ""
    again = f", again at {minute(notice['due'])}" if notice["status"] == "waiting" else ""
    said = f": {notice['said']}" if notice["said"] else ""
    return Line(
        f"{notice['what']}: {notice['status']}{tried}{again}{said}", f"{notice['route']} by {notice['channel']}"
    )


def _run(case: CaseFile) -> Iterator[Line]:
    yield Line(case.run, "run")
    yield Line("not known" if case.cost is None else f"{case.cost:g}", "cost")
    yield from (
        Line(str(case.release[name])[:40], name.replace("_", " ")) for name in _RELEASE if case.release.get(name)
    )


_RELEASE: Final = ("model", "index_version", "charter")


def minute(at: str) -> str:
    """A time for people."""
    return f"{at[:16].replace('T', ' ')} UTC"


def heads(case: CaseFile) -> list[str]:
    """What stands above all else: which case, where it is, and until when."""
    claimed = [f"claimed by {case.claimed_by}"] if case.claimed_by else []
    until = [f"to be claimed until {minute(case.due)}"] if case.due else []
    joined = [f"joined to {case.same_as}"] if case.same_as else []
    return [
        case.id,
        case.status,
        *joined,
        *claimed,
        f"route {case.route or 'none'}",
        f"opened {minute(case.opened)}",
        *until,
    ]


def as_text(case: CaseFile, width: int) -> str:
    """The case for a terminal, without a sign that steers it."""
    lines = [*_wrapped(" · ".join(heads(case)), width, ""), "", *_wrapped(case.question, width, "")]
    for each in sections(case):
        lines += ["", *_wrapped(each.head, width, "")]
        for line in each.lines:
            lines += _apart(line, width) if line.kind == "theirs" else _wrapped(_sentence(line), width, "  ")
    return "\n".join(lines)


def _sentence(line: Line) -> str:
    return f"{line.of}: {line.text}" if line.of else line.text


def _apart(line: Line, width: int) -> Iterator[str]:
    """A text of others, behind a rule on each of its lines, so that none of them passes for one of ours."""
    yield from _wrapped(line.of, width, "  ")
    text = plain(line.text).strip()
    cut = text if len(text) <= _MOST else f"{text[:_MOST]} … ({len(text) - _MOST:,} characters more: --json or --html)"
    for row in filter(str.strip, cut.splitlines()):
        yield from textwrap.wrap(row, width, initial_indent="    │ ", subsequent_indent="    │ ")


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(in_a_line(text), width, initial_indent=indent, subsequent_indent=f"{indent}  ")


def as_page(case: CaseFile) -> str:
    """The case as one HTML page that opens without a network, and runs nothing."""
    return _template().render(case=case, heads=heads(case), sections=[*sections(case)])


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    # Whatever stands in a case may be somebody's trick: signs that nobody sees are written out, all of them
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_visible
    )
    return environment.from_string(Path(__file__).with_name("case.html").read_text("utf-8"))


def _visible(value: object) -> object:
    return escaped(value) if isinstance(value, str) else value
