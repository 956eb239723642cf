"""Can questions be answered now, and if not, why? What `GET /readyz` tells."""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.capabilities import Finding


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether questions can be answered now, and if not, why; `unrecorded` says why runs leave no record, if so.

    `warnings` are codes of what is amiss with the charter, and stops no question; `citewell doctor` says what each is.
    """

    ok: bool
    reasons: tuple[str, ...]
    live: str | None
    verdict: str | None
    model: str
    plugin_failures: tuple[str, ...]
    citations: Finding | None = None
    unrecorded: str | None = None
    warnings: tuple[str, ...] = ()
