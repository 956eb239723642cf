"""Who writes the answer? The model that is set, or, where there is none, the sources themselves."""

from __future__ import annotations

from agent.models.model import Model
from agent.settings import Settings
from retrieval.model import Encoder
from retrieval.version import IndexVersion


def choose(settings: Settings, encoder: Encoder, version: IndexVersion) -> Model:
    """The model for one run, to be closed; `version` is the index that is asked."""
    if not settings.has_model:
        from agent.models.extractive import Extractive

        manifest = version.manifest
        return Extractive(encoder, version.postings.idf, manifest.languages, manifest.query_model)
    from agent.models.claude import Claude

    return Claude(
        settings.agent.model,
        api_key=settings.api_key,
        base_url=settings.base_url,
        max_tokens=settings.agent.max_tokens,
        deadline=settings.agent.deadline,
    )
