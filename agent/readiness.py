"""Can questions be answered now, and if not, why? What `GET /readyz` tells."""

from __future__ import annotations

from dataclasses import dataclass

from agent.state import Shape


@dataclass(frozen=True, slots=True)
class Finding:
    """In which shape a server takes passages, how that was found, and when; `lasting` if it would be found again.

    `proved` says that its model is known to cite, not only to be given search results.
    """

    shape: Shape
    how: str
    at: str
    lasting: bool = True
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether questions can be answered now, and if not, why; `unrecorded` says why runs leave no record, if so."""

    ok: bool
    reasons: tuple[str, ...]
    live: str | None
    verdict: str | None
    model: str
    plugin_failures: tuple[str, ...]
    citations: Finding | None = None
    unrecorded: str | None = None
