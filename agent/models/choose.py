"""Who writes the answer? The model that is set, or, where there is none, the sources themselves."""

from __future__ import annotations

from collections.abc import Callable

from agent.models.model import Model
from agent.settings import Settings
from retrieval.model import Encoder


def choose(settings: Settings, encoder: Encoder, idf: Callable[[str], float]) -> Model:
    """The model for one run, to be closed. `idf` says how rare a term is in the index that is asked."""
    if not settings.has_model:
        from agent.models.extractive import Extractive

        return Extractive(encoder, idf)
    from agent.models.claude import Claude

    return Claude(
        settings.agent.model,
        api_key=settings.api_key,
        base_url=settings.base_url,
        max_tokens=settings.agent.max_tokens,
        deadline=settings.agent.deadline,
    )
