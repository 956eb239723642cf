"""How does a LlamaIndex application use Citewell's search? As a retriever like any other."""

from __future__ import annotations

from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from retrieval.model import EVERYTHING, Hit, Scope, Search


class CitewellRetriever(BaseRetriever):
    """The `k` best hits as nodes, whose ids are the chunks' and whose offsets slice back to the document's text."""

    def __init__(self, search: Search, *, k: int = 10, scope: Scope = EVERYTHING) -> None:
        super().__init__()
        self._search, self._k, self._scope = search, k, scope

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(hit) for hit in self._search(query_bundle.query_str, k=self._k, scope=self._scope)]


def _node(hit: Hit) -> NodeWithScore:
    chunk = hit.chunk
    metadata: dict[str, Any] = {
        "document": chunk.document,
        "title": chunk.title,
        "headings": " › ".join(chunk.headings),
        "page": chunk.page,
        "page_label": chunk.page_label,
        "start": chunk.start,
        "end": chunk.end,
        "unseen": [[each.start, each.end, each.how] for each in chunk.unseen],
    }
    node = TextNode(
        id_=chunk.id, text=chunk.text, metadata=metadata, start_char_idx=chunk.start, end_char_idx=chunk.end
    )
    return NodeWithScore(node=node, score=hit.score)
