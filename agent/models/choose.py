"""Who writes the answer? The model that is set, or, where there is none, the sources themselves."""

from __future__ import annotations

from agent.models.model import Model
from agent.prompt import SYSTEM
from agent.settings import Settings
from retrieval.search import HybridSearch


def choose(settings: Settings, search: HybridSearch) -> Model:
    """The model for one run, to be closed; `search` is what is asked."""
    if not settings.has_model:
        from agent.models.extractive import Extractive

        version, manifest = search.version, search.version.manifest
        abstain = search.calibration.abstain if search.calibration else 0.0
        return Extractive(
            search.encoder, version.postings.idf, manifest.languages, manifest.query_model, abstain=abstain
        )
    return speaker(settings)


def speaker(settings: Settings, system: str = SYSTEM) -> Model:
    """The model that is set, to be closed; `system` is what it is told to do."""
    from agent.models.claude import Claude

    return Claude(
        settings.agent.model,
        api_key=settings.api_key,
        base_url=settings.base_url,
        max_tokens=settings.agent.max_tokens,
        deadline=settings.agent.deadline,
        system=system,
    )
