"""Which personal data is kept from the model's server in a run, by the settings, and by the charter beside them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.governance.charter import Charter
from agent.governance.personal.detecting import BUILT_IN, Detectors, detectors
from agent.governance.personal.veiling import Kept, Veiled
from agent.models.model import Model, Planner
from agent.settings import RedactSettings
from plugins.tool import Tool

Brought = Callable[[str], Callable[[str], Any]]  # what a plugin brings under a name


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept, and what finds it."""

    kept: Kept
    detectors: Detectors

    def model(self, model: Model) -> Model:
        """The model itself, where nothing leaves or everything may; else one that is given placeholders."""
        return model if self.kept.is_none or model.where is None else Veiled(model, self.detectors, self.kept)

    def planner(self, model: Planner) -> Planner:
        """The same of a model that can be told to write something else."""
        return model if self.kept.is_none else Veiled(model, self.detectors, self.kept)

    def covers(self, charter: Charter, principal: str | None, tools: Sequence[Tool]) -> bool:
        """Whether all that a charter keeps is kept."""
        own, of = charter.person(principal), self.kept.of
        theirs = ((of(tool.name), charter.of(tool).redact) for tool in tools)
        return all({*more} <= {*kept} for kept, more in ((self.kept.always, own.redact if own else ()), *theirs))

    @property
    def release(self) -> dict[str, Any]:
        """What is written down with a run, so that its requests can be made again; nothing where nothing is kept."""
        if self.kept.is_none:
            return {}
        by_tool = {tool: list(kinds) for tool, kinds in self.kept.by_tool.items()}
        return {"redact": {"always": list(self.kept.always), "by_tool": by_tool, **self.detectors.identity}}


def keeping(
    settings: RedactSettings,
    brought: Brought,
    charters: Sequence[Charter] = (),
    principal: str | None = None,
    tools: Sequence[Tool] = (),
) -> Keeping:
    """What is kept in a run of a principal; a charter only adds to it. Raises `NoNames`, `BadSettings`, `NoPart`."""
    always = dict.fromkeys(settings.of_all if settings.model else ())
    by_tool: dict[str, dict[str, None]] = {}
    for charter in charters:
        own = charter.person(principal)
        always |= dict.fromkeys(own.redact if own else ())
        for tool in tools:
            by_tool.setdefault(tool.name, {}).update(dict.fromkeys(charter.of(tool).redact))
    kept = Kept(tuple(always), {tool: tuple(kinds) for tool, kinds in by_tool.items() if kinds})
    return Keeping(kept, Detectors() if kept.is_none else detectors(settings, brought))


def kept_then(settings: RedactSettings, brought: Brought, release: Mapping[str, Any]) -> Keeping:
    """What was kept by a release, found by today's list of names."""
    said = release.get("redact")
    if not said:
        return Keeping(Kept(), Detectors())
    kept = Kept(tuple(said["always"]), {tool: tuple(kinds) for tool, kinds in said["by_tool"].items()})
    others = tuple(kind for kind in kept.always if kind not in BUILT_IN)
    then = replace(settings, detectors=others, regions=tuple(said["regions"]))
    return Keeping(kept, detectors(then, brought))
