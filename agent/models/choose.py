"""Who writes the answer? The model that is set, or, where there is none, the sources themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from agent.models.capabilities import Findings
from agent.models.model import Model
from agent.models.prompt import ANSWER, Told
from agent.settings import Settings
from retrieval.search.hybrid import HybridSearch

if TYPE_CHECKING:
    from agent.models.claude import Claude


_BRIEF: Final = 1024  # tokens of one line, and of what a model thinks before it


def choose(settings: Settings, search: HybridSearch, findings: Findings | None = None, told: Told = ANSWER) -> Model:
    """The model for one run, to be closed; `search` is what is asked, `findings` what is known of servers."""
    if not settings.has_model:
        from agent.models.extractive import Extractive

        version, manifest = search.version, search.version.manifest
        abstain = search.calibration.abstain if search.calibration else 0.0
        return Extractive(
            *(search.encoder, version.postings.idf, manifest.languages, manifest.query_model),
            abstain=abstain,
            document=version.document,
        )
    return speaker(settings, told, findings=findings)


def fast(settings: Settings, findings: Findings | None = None) -> Claude | None:
    """The model for what is easy, to be closed; None where the strong one is the only one."""
    return speaker(settings, fast=True, findings=findings) if settings.has_model and settings.agent.fast else None


def brief(settings: Settings, told: Told = ANSWER, findings: Findings | None = None) -> Claude:
    """The model for what nobody is shown and takes few words and no effort, to be closed: the fast one, if any."""
    less = replace(settings.agent, max_tokens=min(settings.agent.max_tokens, _BRIEF), effort=None)
    return speaker(replace(settings, agent=less), told, fast=True, findings=findings)


def speaker(settings: Settings, told: Told = ANSWER, *, fast: bool = False, findings: Findings | None = None) -> Claude:
    """The model that is set, to be closed; `told` is what it is told to do. It is the strong one, or the `fast` one."""
    from agent.models.claude import Claude

    return Claude(
        (settings.agent.fast or settings.agent.strong) if fast else settings.agent.strong,
        api_key=settings.api_key,
        base_url=settings.base_url,
        max_tokens=settings.agent.max_tokens,
        deadline=settings.agent.deadline,
        told=told,
        citations=settings.agent.citations,
        window=settings.agent.window,
        effort=None if fast and settings.agent.fast else settings.agent.effort,
        findings=Findings(settings.home) if findings is None else findings,
    )
