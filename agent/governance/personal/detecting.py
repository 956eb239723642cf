"""Which personal data stands in a text? It is found by small detectors, each of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Final

from agent.governance.personal.finding import Detect, Finding, apart
from agent.governance.personal.machines import keys, machines, mails
from agent.governance.personal.names import listed, read_names
from agent.governance.personal.numbers import cards, given, ibans, phones
from agent.settings import BadSettings, RedactSettings
from ingest.errors import CitewellError
from ingest.model import digest

# The most certain kind first: of two readings of the same characters it is the one that counts.
BUILT_IN: Final[Mapping[str, Detect]] = {
    "key": keys,
    "email": mails,
    "iban": ibans,
    "card": cards,
    "id": given,
    "machine": machines,
    "phone": phones,
    "name": lambda _: (),
}


class DetectorFailed(CitewellError):
    """A plugin's detector broke, so that nobody knows what it would have found."""

    code: ClassVar[str] = "detector_failed"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True)
class Detectors:
    """What finds personal data: by kind, in the order in which they count. `identity` changes with what they find."""

    by_kind: Mapping[str, Detect] = field(default_factory=lambda: BUILT_IN)
    identity: Mapping[str, Any] = field(default_factory=dict)

    def find(self, text: str, kinds: Iterable[str] | None = None) -> tuple[Finding, ...]:
        """What of these kinds (all, by default) stands in a text, in the order of the text. Raises `DetectorFailed`."""
        wanted = self.by_kind.keys() if kinds is None else set(kinds)
        return tuple(sorted(apart(self._all(text, wanted)), key=lambda each: each.start))

    def kinds(self, text: str, kinds: Iterable[str] | None = None) -> tuple[str, ...]:
        """Which kinds stand in a text."""
        return tuple(sorted({each.kind for each in self.find(text, kinds)}))

    def _all(self, text: str, wanted: Iterable[str]) -> Iterator[Finding]:
        for kind, detect in self.by_kind.items():
            if kind in wanted:
                # Of one kind the longest counts: a number is read in several regions, a name holds another.
                spans = sorted(detect(text), key=lambda span: (span[0] - span[1], span[0]))
                yield from (Finding(kind, start, end, text[start:end]) for start, end in spans)


def detectors(settings: RedactSettings, brought: Callable[[str], Callable[[str], Any]]) -> Detectors:
    """The detectors that are built in, with the names and regions that are set, and those of plugins that are named.

    `brought` is what a plugin brings under a name. Raises `NoNames`, and what `brought` raises.
    """
    names = read_names(settings.names)
    if settings.regions:
        from phonenumbers import SUPPORTED_REGIONS

        for unknown in set(settings.regions) - SUPPORTED_REGIONS:
            raise BadSettings(f"[redact] regions has {unknown!r}, which is no region: write one such as DE, GB or US.")
    own: dict[str, Detect] = {**BUILT_IN, "name": listed(names), "phone": partial(phones, regions=settings.regions)}
    others = {name: _guarded(name, brought(name)) for name in settings.detectors}
    identity = {"regions": settings.regions, "names": digest("\n".join(names)) if names else None}
    return Detectors({**own, **others}, identity)


def _guarded(name: str, detect: Callable[[str], Any]) -> Detect:
    def found(text: str) -> Iterator[tuple[int, int]]:
        try:
            spans = [(int(start), int(end)) for start, end in detect(text)]
        except Exception as fault:  # whatever a plugin does wrong
            raise DetectorFailed(
                f"The detector {name!r} of a plugin failed ({type(fault).__name__}), so that what it is to find is "
                "not known: put the plugin right, or take it out of [redact] detectors."
            ) from fault
        for start, end in spans:
            if not 0 <= start < end <= len(text):
                raise DetectorFailed(
                    f"The detector {name!r} of a plugin found something outside of the text: put the plugin right, or "
                    "take it out of [redact] detectors."
                )
        yield from spans

    return found
