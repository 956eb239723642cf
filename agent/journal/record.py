"""What takes the events of a run? The journal; or, where nothing can be written, what keeps none."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from agent.journal.chain import canonical
from agent.journal.tallies import TRIAL, Claim
from ingest.errors import CitewellError
from ingest.model import digest

Said = Callable[[], tuple[str, Mapping[str, Any]]]
"""Gives the kind and the content of an event, when nobody else can write."""


class Overtaken(CitewellError):
    """Another process has gone on with the run: what this one would write comes too late, and it does nothing more."""

    code: ClassVar[str] = "overtaken"
    http_status: ClassVar[int] = 409


class NoSuchConversation(CitewellError):
    """No conversation of this principal goes by that id."""

    code: ClassVar[str] = "no_such_conversation"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404

    @classmethod
    def of(cls, id: str) -> NoSuchConversation:
        """The same, said of that id."""
        return cls(f"There is no conversation {id!r}: citewell conversations list shows those there are.")


class Recorder(Protocol):
    """What takes the events of a run."""

    def submit(self, run: str, said: Said, *, actor: str = "agent", number: int | None = None) -> Future[Any]:
        """Settled when the event is on disk, or fails; with `number`, as that event of its run alone (`Overtaken`)."""
        ...

    def take(self, run: str) -> None:
        """From now on the run goes on in this process, and in no other."""
        ...

    def let_go(self, run: str) -> None:
        """It does so no longer."""
        ...

    def keep(self, text: str) -> str:
        """The digest by which events name a text that is kept once for all of them."""
        ...

    def had(self, run: str, claims: Sequence[Claim]) -> dict[Claim, float]:
        """Of what each claim is about, how much was had before."""
        ...


class Unrecorded:
    """Takes the events of a run that cannot be recorded, and keeps none."""

    def submit(self, run: str, said: Said, *, actor: str = "agent", number: int | None = None) -> Future[Any]:  # noqa: ARG002 - as the journal
        """Settled at once; what the journal would refuse is refused."""
        canonical(said()[1])
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def take(self, run: str) -> None:
        """Nobody is told of the run."""

    def let_go(self, run: str) -> None:
        """Nor of its end."""

    def keep(self, text: str) -> str:
        """Its name alone."""
        return digest(text)

    def had(self, run: str, claims: Sequence[Claim]) -> dict[Claim, float]:  # noqa: ARG002 - as the journal
        """Nothing: without a record only tools run that read, and under no charter."""
        return dict.fromkeys(claims, 0.0)


def new_run_id(trial: str = "") -> str:
    """An id that sorts by time, to the second, and cannot be guessed from another one; that of a `trial` names it."""
    own = f"r-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    return f"{own}{TRIAL}{trial}" if trial else own


def now() -> str:
    """The time, UTC in ISO form, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
