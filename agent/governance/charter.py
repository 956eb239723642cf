"""What may the agent do alone, when does a person decide, and who owns what comes of it?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Annotated, Final, Literal

from annotated_types import Ge, Gt, Le

from agent.governance.limits import Limit
from agent.plain import as_seen
from agent.settings import Personal
from ingest.model import digest
from plugins.tool import Tool

Rule = Literal["allow", "approve", "deny"]
STRICTER: Final[tuple[Rule, ...]] = ("allow", "approve", "deny")  # each is stricter than those before it
When = Literal[
    "evidence", "conflict", "check_failed", "tool_failed", "outcome_unknown", "budget", "argument", "topic",
    "sensitive", "asked_for_person", "injection", "confidence", "unfamiliar",
]  # fmt: skip
Verdict = Literal["passed", "probe"]
Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table of the file: what it does not know it does not take."""

    __pydantic_config__ = {"extra": "forbid", "strict": False}  # noqa: RUF012 - as pydantic reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner(_Table):
    """`[owner]`: who answers for what the agent does, and until when that was looked at."""

    name: str
    contact: str = ""
    review: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling(_Table):
    """The most that may come together in one run, and in one day (UTC)."""

    run: Annotated[float, Ge(0)] | None = None
    day: Annotated[float, Ge(0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization(_Table):
    """What holds for the calls of a tool: `within` its limits, and `otherwise`.

    `sum` bounds what an argument comes to over several calls, `calls` how many there are. A call that is to be approved
    needs the word of so many `approvers`.
    """

    within: Rule = "allow"
    otherwise: Rule = "approve"
    arguments: Mapping[str, Limit] = field(default_factory=dict)
    sum: Mapping[str, Ceiling] = field(default_factory=dict)
    calls: Ceiling | None = None
    approvers: Annotated[int, Ge(1), Le(9)] = 1
    redact: tuple[Personal, ...] = ()  # kinds of what it gives back that are kept from the model's server


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBudget(_Table):
    """`[budget.day]`: of all runs of a day; `[budget.user]`: of all runs of a day for one principal."""

    cost: Annotated[float, Ge(0)] | None = None
    runs: Annotated[int, Ge(0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(_Table):
    """`[budget]`: of one run; the stricter of it and of the settings holds."""

    steps: Annotated[int, Ge(1), Le(100)] | None = None
    tokens: Annotated[int, Ge(1)] | None = None
    cost: Annotated[float, Ge(0)] | None = None
    seconds: Annotated[float, Gt(0)] | None = None
    day: DayBudget = field(default_factory=DayBudget)
    user: DayBudget = field(default_factory=DayBudget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(_Table):
    """`[[escalate]]`: a condition under which a person is to go on, and by which route. They stand by weight: where
    several hold, the first of the file routes.
    """

    rule: str
    when: When
    route: str | None = None
    tool: str | None = None
    argument: str | None = None
    above: Number | None = None
    below: Number | None = None
    words: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    kinds: tuple[Personal, ...] = ()  # of personal data, at which `sensitive` holds; at any, if none is named
    near: Annotated[float, Gt(0), Le(1)] = 0.6  # cosine from which on a question is like an example


@dataclass(frozen=True, slots=True, kw_only=True)
class Way(_Table):
    """`[routes.NAME]`: where a case goes, when somebody is there, and where it goes on to when nobody claims it."""

    queue: str | None = None
    webhook: str | None = None
    secret: str | None = None  # the variable of the environment that holds the webhook's secret
    private: tuple[str, ...] = ()  # addresses or networks, else refused, to which the webhook may lead
    link: str | None = None  # where people open a case, with {id} in the place of its id
    contents: bool = False  # whether webhook and mail carry the case itself, and not its id alone
    mail: tuple[str, ...] = ()
    hours: str | None = None
    claim_within: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(_Table):
    """`[principals.NAME]`: what holds beside the rest for one who asks; it may only be stricter."""

    tools: Mapping[str, Authorization] = field(default_factory=dict)
    labels: tuple[str, ...] | None = None  # of the documents that they may see, at most
    redact: tuple[Personal, ...] = ()  # kinds of personal data that are kept from the model's server beside those set


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals(_Table):
    """`[approvals]`: whether who asked may approve, until when, and how many may be asked for."""

    own: bool = False
    expires: str = "24h"
    run: Annotated[int, Ge(1)] = 3  # calls of one run that may wait for a person, one after another
    hour: Annotated[int, Ge(1)] = 20  # calls of one principal in an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers(_Table):
    """`[answers]`: the least verdict of an index that may answer."""

    require: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter(_Table):
    """What `charter.toml` says; without one, nothing, and then tools that read run and all others ask."""

    owner: Owner | None = None
    tools: Mapping[str, Authorization] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    trust: Mapping[str, Literal["high", "low"]] = field(default_factory=dict)
    escalate: tuple[Escalation, ...] = ()
    routes: Mapping[str, Way] = field(default_factory=dict)
    approvals: Approvals = field(default_factory=Approvals)
    principals: Mapping[str, Person] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)

    @property
    def written(self) -> str:
        """All that it says, in one form whatever its layout; from it `read_back` makes it again."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, default=str)

    @property
    def digest(self) -> str:
        """Changes with what the charter says, not with how it is laid out; part of a release."""
        return digest(self.written)

    def person(self, principal: str | None) -> Person | None:
        """What it says of one who asks, however they write their name; else of everybody else."""
        return self.section(principal)[1]

    def section(self, principal: str | None) -> tuple[str, Person | None]:
        """The same, with the name under which it stands."""
        name = next((name for name in self.principals if principal and is_same(name, principal)), "*")
        return name, self.principals.get(name)

    def of(self, tool: Tool) -> Authorization:
        """What holds for a tool's calls: of what names it the most specific; else those that read run alone."""
        return named(self.tools, tool) or always("allow" if tool.effect == "read" else "approve")


NO_CHARTER: Final = Charter(approvals=Approvals(own=True))  # who runs the agent for himself also answers for it


def folded(name: str) -> str:
    """A name of a person as people take it to be the same."""
    return as_seen(name)


def is_same(name: str, other: str) -> bool:
    """Whether two names are one person's."""
    return folded(name) == folded(other)


def key(name: str) -> str:
    """A name as a key of the file."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def always(rule: Rule) -> Authorization:
    """What holds for each call alike."""
    return Authorization(within=rule, otherwise=rule)


NOTHING: Final = Charter(tools={f"effect:{each}": always("deny") for each in ("read", "write", "external")})
"""What holds where nobody knows what does: no tool runs."""


def named(tools: Mapping[str, Authorization], tool: Tool) -> Authorization | None:
    """What holds for a tool by the most specific name that it goes by there."""
    name = naming(tools, tool)
    return None if name is None else tools[name]


def naming(tools: Mapping[str, Authorization], tool: Tool) -> str | None:
    """Of what names a tool the most specific: its name, its plugin, its effect; None where nothing does."""
    names = (tool.name, f"plugin:{tool.plugin}", f"effect:{tool.effect}")
    return next((name for name in names if name in tools), None)
