"""What did the agent do in a month, and what did people decide? For who answers for it; folded from the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any, ClassVar, Final

from agent.governance.charter import Charter
from agent.governance.signing import Signature, unowned
from agent.journal.cases import case_id
from agent.journal.entry import Entry
from agent.journal.projection import ENDS
from agent.plain import escaped, in_a_line
from agent.run.rules.deciding import NOBODY
from ingest.errors import CitewellError

KINDS: Final = (*ENDS, "started", "acted", "endorsed", "decided", "claimed", "moved", "reopened")
_OURS: Final = "<title>Ownership report "
_MANY: Final = 0.1  # of a month's runs; more than so many of one kind is something to look at
_LONG: Final = 24 * 3600.0  # seconds that a person was waited for; longer is something to look at
_SHOWN: Final = 10  # of a list that may be long
_ENOUGH: Final = 20  # runs of a month from which on a rule that held in no case is something to look at


class BadReport(CitewellError):
    """A report cannot be of that month, or go to that place."""

    code: ClassVar[str] = "bad_report"
    exit_code: ClassVar[int] = 2


def bounds(month: str) -> tuple[datetime, datetime]:
    """From when to when a month goes that is written as 2026-11, in UTC. Raises `BadReport`."""
    try:
        begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise BadReport(f"{month!r} is no month: write it like 2026-11.") from None
    later = begin.month == 12
    return begin, begin.replace(year=begin.year + later, month=1 if later else begin.month + 1)


def ownership(
    month: str,
    runs: Iterable[Sequence[Entry]],
    charter: Charter,
    signed: Sequence[Signature],
    today: date,
) -> dict[str, Any]:
    """The report of a month, as JSON, by the events of each run of which something happened in it."""
    begin, end = (each.isoformat(timespec="microseconds") for each in bounds(month))
    folded = [_Run(entries, begin, end) for entries in runs]
    begun = [each for each in folded if each.began]
    cases = [each for run in folded for each in run.cases]
    calls = [each for run in folded for each in run.calls]
    costs = [(run.cost, run.id) for run in begun if run.cost is not None]
    report = {
        "schema": 1,
        "month": month,
        "owner": {"name": charter.owner.name, "contact": charter.owner.contact, "review": charter.owner.review}
        if charter.owner
        else None,
        "charters": _charters(begun, signed),
        "runs": len(begun),
        "principals": _counted(run.principal or "" for run in begun),
        "outcomes": _counted(run.outcome for run in begun),
        "answered_by_people": sum(run.by_a_person for run in begun),
        "acts": _counted(name for run in folded for name in run.acts),
        "refused": _counted(name for run in folded for name in run.refused),
        "escalations": _escalations(cases),
        "approvals": _approvals(calls),
        "cost": {
            "total": round(sum(cost for cost, _ in costs), 6) if costs else None,
            "runs": len(costs),
            "by": _spent(begun),
            "dearest": [{"run": run, "cost": cost} for cost, run in sorted(costs, reverse=True)[:3]],
        },
    }
    return report | {"look_at": [*_look_at(report, charter, today)]}


class _Run:
    """What of a month happened in a run, and what came of that later."""

    def __init__(self, entries: Sequence[Entry], begin: str, end: str) -> None:
        first = entries[0]
        self.id = first.run
        self.began = first.kind == "started" and begin <= first.at < end
        self.principal = first.content.get("principal")
        self.charter = str((first.content.get("release") or {}).get("charter") or "")
        ends = [entry for entry in entries if entry.kind in ENDS]
        self.outcome = ENDS[ends[-1].kind] if ends else "without an end"
        self.by_a_person = bool(ends) and ends[-1].kind == "resolved"
        known = (each for entry in reversed(ends) if (each := entry.content.get("cost")) is not None)
        self.cost: float | None = next(known, None)
        self.acts: list[str] = []
        self.refused: list[str] = []
        self.cases: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        case: dict[str, Any] | None = None
        call: dict[str, Any] | None = None
        for entry in entries:
            within, said = begin <= entry.at < end, entry.content
            match entry.kind:
                case "acted" if within:
                    self._acted(said)
                case "handover":
                    held = [str(rule) for rule, _ in said.get("rules") or [(said.get("rule"), "")]]
                    case = {"case": case_id(entry.run), "at": entry.at, "rules": held, "route": said.get("route")}
                    self.cases += [case] if within else []
                case "parked":
                    call = {"run": entry.run, "at": entry.at, "tool": (said.get("call") or {}).get("name")}
                    self.calls += [call] if within else []
                case "endorsed" if call is not None:
                    call.setdefault("endorsed", []).append(said.get("by"))
                case "decided" if call is not None:
                    call |= {name: said.get(name) for name in ("verdict", "by", "account", "edited")}
                    call["waited"] = _seconds(call["at"], entry.at)
                    call = None
                case "claimed" | "moved" | "resolved" | "reopened" | "decided" if case is not None:
                    case.setdefault(entry.kind, _seconds(case["at"], entry.at))
                    if entry.kind == "resolved":
                        case["by"] = said.get("by")
                case _:
                    pass

    def _acted(self, said: Mapping[str, Any]) -> None:
        name = str((said.get("call") or {}).get("name") or "erased")
        if said.get("authorization") == "refused":
            self.refused.append(name)
        elif said.get("authorization") == "ran" and said.get("effect") not in ("read", None):
            self.acts.append(name)


def _spent(begun: Sequence[_Run]) -> dict[str, float]:
    """What the runs of each principal cost, the dearest first; of nobody named under the empty name."""
    total: dict[str, float] = {}
    for run in begun:
        if run.cost is not None:
            total[run.principal or ""] = total.get(run.principal or "", 0.0) + run.cost
    return {name: round(cost, 6) for name, cost in sorted(total.items(), key=lambda each: (-each[1], each[0]))}


def _charters(begun: Sequence[_Run], signed: Sequence[Signature]) -> list[dict[str, Any]]:
    by = {each.charter: each.by for each in reversed(signed)}
    return [
        {"charter": name, "runs": count, "signed_by": by.get(name)}
        for name, count in _counted(run.charter for run in begun).items()
    ]


def _escalations(cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    over = [each for each in cases if "resolved" in each or "decided" in each]
    return {
        "opened": len(cases),
        "resolved": len(over),
        "moved": sum("moved" in each for each in cases),
        "reopened": sum("reopened" in each for each in cases),
        "rules": _counted(rule for each in cases for rule in each["rules"]),
        "routes": _counted(str(each["route"] or "") for each in cases),
        "resolved_by": _counted(str(each["by"]) for each in cases if each.get("by")),
        "until_claimed": _waited([each["claimed"] for each in cases if "claimed" in each]),
        "until_resolved": _waited([each.get("resolved", each.get("decided", 0.0)) for each in over]),
        "open": [each["case"] for each in cases if each not in over],
    }


def _approvals(calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    decided = [each for each in calls if each.get("verdict")]
    of_people = [each for each in decided if each.get("account") != NOBODY]
    by: dict[str, Counter[str]] = {}
    for each in of_people:
        what = "edited" if each.get("edited") is not None else "approved" if each["verdict"] == "approve" else "denied"
        by.setdefault(str(each["by"]), Counter())[what] += 1
    for each in calls:
        for name in each.get("endorsed", ()):
            by.setdefault(str(name), Counter())["endorsed"] += 1
    return {
        "asked": len(calls),
        "approved": sum(each["verdict"] == "approve" for each in of_people),
        "edited": sum(each.get("edited") is not None for each in of_people),
        "denied": sum(each["verdict"] == "deny" for each in of_people),
        "expired": len(decided) - len(of_people),
        "open": [each["run"] for each in calls if not each.get("verdict")],
        "tools": _counted(str(each["tool"]) for each in calls),
        "by": {name: dict(sorted(counts.items())) for name, counts in sorted(by.items())},
        "waited": _waited([each["waited"] for each in of_people]),
    }


def _look_at(report: Mapping[str, Any], charter: Charter, today: date) -> Iterator[str]:
    """What an owner should see to, in sentences."""
    yield from _of_the_charter(report, charter, today)
    yield from _of_the_runs(report["runs"], report["outcomes"])
    yield from _of_the_cases(report["escalations"])
    yield from _of_the_calls(report["approvals"])


def _of_the_charter(report: Mapping[str, Any], charter: Charter, today: date) -> Iterator[str]:
    runs, held = report["runs"], report["escalations"]["rules"]
    if doubt := unowned(charter, today):
        yield f"Of the charter: {doubt.told}."
    if unsigned := sum(each["runs"] for each in report["charters"] if each["signed_by"] is None):
        yield f"{unsigned} of {runs} runs went by a charter that nobody signed."
    never = [rule.rule for rule in charter.escalate if rule.rule not in held]
    if never and runs >= _ENOUGH:
        yield f"Rules that held in no case: {_listed(never)}."


def _of_the_runs(runs: int, outcomes: Mapping[str, int]) -> Iterator[str]:
    for name in ("failed", "escalated", "abstained", "without an end"):
        if outcomes.get(name, 0) > max(1, _MANY * runs):
            yield (
                f"{outcomes[name]} of {runs} runs ended as {name}."
                if name != "without an end"
                else (f"{outcomes[name]} of {runs} runs have no end: see citewell runs resume.")
            )


def _of_the_cases(escalations: Mapping[str, Any]) -> Iterator[str]:
    if escalations["open"]:
        yield f"{_many(len(escalations['open']), 'case waits', 'cases wait')} still: {_listed(escalations['open'])}."
    if escalations["moved"]:
        many = _many(escalations["moved"], "case was", "cases were")
        yield f"{many} claimed by nobody in time, and went on to another route."
    if (longest := escalations["until_resolved"]["longest"]) is not None and longest > _LONG:
        yield f"A case waited {told(longest)} for its answer."


def _of_the_calls(approvals: Mapping[str, Any]) -> Iterator[str]:
    if approvals["open"]:
        many = _many(len(approvals["open"]), "call waits", "calls wait")
        yield f"{many} for approval still: {_listed(approvals['open'])}."
    if approvals["expired"]:
        many = _many(approvals["expired"], "call was", "calls were")
        yield f"{many} denied, for want of somebody's word in time."
    if approvals["edited"]:
        changed = _many(approvals["edited"], "call before they allowed it", "calls before they allowed them")
        yield f"People changed {changed}: see what the agent gets wrong."
    if approvals["asked"] >= 10 and approvals["denied"] + approvals["edited"] == 0:
        yield f"All of {approvals['asked']} calls were allowed as they were: see whether they are looked at."


def as_text(report: Mapping[str, Any]) -> str:
    """The report for a terminal."""
    lines = [f"Ownership, {report['month']}"]
    for head, pairs in sections(report):
        lines += ["", head, *(f"  {in_a_line(name):32} {in_a_line(value)}" for name, value in pairs)]
    lines += ["", "To look at", *(f"  {in_a_line(each)}" for each in report["look_at"] or ["Nothing."])]
    return "\n".join(lines)


def sections(report: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Its parts, each with its figures in words."""
    owner, cost = report["owner"] or {}, report["cost"]
    escalations, approvals = report["escalations"], report["approvals"]
    charters = [
        (str(each["charter"])[:12] or "none", f"{each['runs']} runs, signed by {each['signed_by'] or 'nobody'}")
        for each in report["charters"]
    ]
    contact = f" ({owner['contact']})" if owner.get("contact") else ""
    review = [("to be reviewed by", str(owner["review"]))] if owner.get("review") else []
    yield "Owner", [("name", f"{owner.get('name') or 'nobody'}{contact}"), *review, *charters]
    yield "Runs", [("begun", str(report["runs"])), *_pairs(report["outcomes"])]
    yield "Asked by", _pairs({name or "nobody named": count for name, count in report["principals"].items()})
    yield "Answered by people", [("runs", str(report["answered_by_people"])), *_pairs(escalations["resolved_by"])]
    yield (
        "Cases",
        [
            *((name, str(escalations[name])) for name in ("opened", "resolved", "moved", "reopened")),
            *((f"rule {name}", str(count)) for name, count in escalations["rules"].items()),
            *((f"route {name or 'none'}", str(count)) for name, count in escalations["routes"].items()),
            ("until claimed", _spans(escalations["until_claimed"])),
            ("until resolved", _spans(escalations["until_resolved"])),
        ],
    )
    yield (
        "Approvals",
        [
            *((name, str(approvals[name])) for name in ("asked", "approved", "edited", "denied", "expired")),
            *((f"of {name}", str(count)) for name, count in approvals["tools"].items()),
            ("until decided", _spans(approvals["waited"])),
        ],
    )
    yield (
        "Decided by",
        [
            (name, ", ".join(f"{count} {what}" for what, count in counts.items()))
            for name, counts in approvals["by"].items()
        ],
    )
    yield "Calls with an effect that ran", _pairs(report["acts"])
    yield "Calls that were refused", _pairs(report["refused"])
    total = "not known" if cost["total"] is None else f"{cost['total']:g} for {cost['runs']} runs"
    by = [(f"asked by {name or 'nobody named'}", f"{spent:g}") for name, spent in cost["by"].items()]
    yield "Cost", [("total", total), *by, *((each["run"], f"{each['cost']:g}") for each in cost["dearest"])]


def write_page(report: Mapping[str, Any], path: Path) -> Path:
    """The report as one page that opens offline, and runs nothing. Raises `BadReport`."""
    from jinja2 import Environment, StrictUndefined

    if path.suffix != ".html":
        raise BadReport(f"The report is a page, and {path} does not end with .html: name one that does with -o.")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["shown"] = lambda value: escaped(str(value))
    template = Path(__file__).with_name("ownership.html").read_text("utf-8")
    page = environment.from_string(template).render(report=report, sections=[*sections(report)])
    try:
        if path.exists() and _OURS not in path.read_text("utf-8")[:1000]:
            raise BadReport(f"{path} is no report on ownership and would be replaced by one: name another with -o.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadReport(f"{path} cannot be written ({fault}): name another with -o.") from None
    return path


def told(seconds: float) -> str:
    """A length of time in words."""
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def _spans(waited: Mapping[str, float | None]) -> str:
    middle, longest = waited["median"], waited["longest"]
    return "nobody yet" if middle is None or longest is None else f"{told(middle)} (median), {told(longest)} at most"


def _waited(seconds: Sequence[float]) -> dict[str, float | None]:
    return {
        "median": round(median(seconds), 1) if seconds else None,
        "longest": round(max(seconds), 1) if seconds else None,
    }


def _counted(names: Iterable[str]) -> dict[str, int]:
    """How often each name comes, the most often first."""
    return dict(sorted(Counter(names).items(), key=lambda each: (-each[1], each[0])))


def _pairs(counted: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), str(count)) for name, count in counted.items()] or [("none", "")]


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])])


def _seconds(before: str, after: str) -> float:
    return max(0.0, (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds())
