"""What decides which passages are found, and in which order? Told once, here."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from retrieval.search.fuse import Fusion


class SearchSettings(BaseModel):
    """The table `[retrieval]` of `citewell.toml`. Its defaults are those of a search in a script too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field("all-MiniLM-L6-v2", description="A sentence-transformers model by name or folder.")
    query_prefix: str | None = Field(None, description="What stands before a question; by default what the model says.")
    document_prefix: str | None = Field(None, description="What stands before a passage; likewise.")
    fusion: Fusion = Field("convex", description="How the two legs are made one.")
    dense_weight: float = Field(0.5, ge=0, le=1, description="The dense leg's share of a hybrid score.")
    foreign_dense_weight: float = Field(
        0.0, ge=0, le=1, description="The same, at most, where the model does not know a document's language."
    )
    depth: int = Field(200, ge=10, le=2_000, description="How many candidates each leg gives.")
    reranker: str | None = Field(None, description="A cross-encoder by name or folder that reads the first hits.")
    rerank_depth: int = Field(50, ge=1, le=400, description="How many hits the reranker reads.")

    def deciding(self) -> dict[str, object]:
        """Those that decide what is found in one and the same index."""
        return self.model_dump(exclude={"model"})
