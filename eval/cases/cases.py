"""Which questions must the agent handle, and what must come of each?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from eval.gold.lines import parsed, records
from ingest.errors import CitewellError
from ingest.model import digest

Status = Literal["answered", "abstained", "escalated", "awaiting_approval", "failed"]
_MARK: Final = re.compile(r"\s*\[\d+\]")  # which Citewell puts behind a statement


class BadCases(CitewellError):
    """A file of cases that cannot be used as it is; the message names the line and what to do."""

    code: ClassVar[str] = "bad_cases"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a case. `status` is one of these, or any where none is named; of the others all must hold.

    `cites` names documents, `says` and `not_says` words of what the asker is told, `calls` and `not_calls` tools,
    `rule` the one by which a person is to go on.
    """

    status: tuple[Status, ...] = ()
    cites: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    not_says: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    not_calls: tuple[str, ...] = ()
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what must come of it. `conversation` holds what is asked before it, by the same `principal`."""

    id: str
    question: str
    expect: Expected
    conversation: tuple[str, ...] = ()
    principal: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What is asked and expected, in short: another one is no longer the same case."""
        return digest(repr((self.question, self.conversation, self.principal, self.expect)))


class _ExpectLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    status: list[Status] = []
    cites: list[str] = []
    says: list[str] = []
    not_says: list[str] = []
    calls: list[str] = []
    not_calls: list[str] = []
    rule: str | None = Field(default=None, min_length=1)

    @field_validator("status", mode="before")
    @classmethod
    def _one_or_several(cls, status: Any) -> Any:
        return [status] if isinstance(status, str) else status

    @field_validator("cites", "says", "not_says", "calls", "not_calls")
    @classmethod
    def _no_empty_text(cls, texts: list[str]) -> list[str]:
        if not all(map(squeezed, texts)):
            raise ValueError("one of its texts is empty, and would always be found: leave it out")
        return texts

    @model_validator(mode="after")
    def _can_be_met_and_missed(self) -> _ExpectLine:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError('nothing is expected, so nothing could fail: name a "status", or what it says or cites')
        if both := set(self.calls) & set(self.not_calls):
            raise ValueError(f"{min(both)} is to be called and not to be called: keep one of the two")
        if both := set(map(squeezed, self.says)) & set(map(squeezed, self.not_says)):
            raise ValueError(f"“{min(both)}” is to be said and not to be said: keep one of the two")
        return self

    def expected(self) -> Expected:
        """The same for those who judge."""
        return Expected(
            status=tuple(self.status),
            cites=tuple(self.cites),
            says=tuple(self.says),
            not_says=tuple(self.not_says),
            calls=tuple(self.calls),
            not_calls=tuple(self.not_calls),
            rule=self.rule,
        )


class _CaseLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1)
    question: str
    conversation: list[str] = []
    principal: str | None = Field(default=None, min_length=1)
    expect: _ExpectLine
    tags: list[str] = []


def load_cases(path: str | Path) -> tuple[Case, ...]:
    """The cases of a file, one JSON object a line. Raises `BadCases`."""
    path = Path(path)
    found: dict[str, Case] = {}
    places: dict[str, int] = {}
    for number, record in records(path, BadCases, "a .jsonl file with a case a line"):
        line = parsed(record, _CaseLine, f"{path}, line {number}", BadCases)
        if line.id in found:
            raise BadCases(
                f"{path}, line {number}: the id {line.id!r} is already used in line {places[line.id]}; "
                "give each case an id of its own."
            )
        if not (line.question.strip() and all(earlier.strip() for earlier in line.conversation)):
            raise BadCases(f"{path}, line {number}: a question is empty; write what is asked.")
        places[line.id] = number
        found[line.id] = Case(
            id=line.id,
            question=line.question,
            expect=line.expect.expected(),
            conversation=tuple(line.conversation),
            principal=line.principal,
            tags=tuple(line.tags),
        )
    if not found:
        raise BadCases(f"{path} holds no cases: write at least one line as the guide's chapter on agent cases shows.")
    return tuple(found.values())


def squeezed(text: str) -> str:
    """Without case and Citewell's marks, and with white space squeezed, as texts are compared."""
    return " ".join(_MARK.sub("", text).split()).casefold()
