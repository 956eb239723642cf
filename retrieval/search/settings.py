"""What decides which passages are found, and in which order? Told once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

Fusion = Literal["learned", "convex", "rrf", "dbsf"]

PASSAGES = 8
"""How many passages a search hands to whoever answers, where nothing else is set."""


_PLUGIN = "plugin:"


def of_plugin(setting: str | None) -> str | None:
    """The name by which a plugin brings what a setting asks for as `plugin:NAME`; None where it asks for another."""
    return setting.removeprefix(_PLUGIN) if setting is not None and setting.startswith(_PLUGIN) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """The table `[retrieval]` of `citewell.toml`. Its defaults are those of a search in a script too."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    model: str = "all-MiniLM-L6-v2"  # a sentence-transformers model by name or folder, or plugin:NAME
    query_prefix: str | None = None  # what stands before a question; by default what the model says
    document_prefix: str | None = None  # what stands before a passage; likewise
    fusion: Fusion = "learned"  # how the two legs are made one
    dense_weight: Annotated[float, Ge(0), Le(1)] = 0.5  # the dense leg's share of a hybrid score
    # The same, at most, where the model does not know a document's language
    foreign_dense_weight: Annotated[float, Ge(0), Le(1)] = 0.0
    depth: Annotated[int, Ge(10), Le(2_000)] = 200  # how many candidates each leg gives
    reranker: str | None = None  # a cross-encoder by name or folder, or plugin:NAME; reads the first hits
    rerank_depth: Annotated[int, Ge(1), Le(400)] = 50  # how many hits the reranker reads

    def deciding(self) -> dict[str, object]:
        """Those that decide what is found in one and the same index."""
        return {name: value for name, value in asdict(self).items() if name != "model"}
