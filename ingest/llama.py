"""How does a LlamaIndex application use Citewell's splitter? As a node parser like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import BaseNode, MetadataMode, NodeRelationship, TextNode
from pydantic import Field

from ingest.model import Document, Markup
from ingest.split import SplitSettings, split


class CitewellNodeParser(NodeParser):
    """Structure-aware chunks sized by the encoder's own tokens, with exact spans, repeated passages included.

    `offsets` gives the spans of the encoder's tokens in a text. A node's `markup` metadata (`plain`, `markdown` or
    `rst`) says which structure to look for; without it `markup` does.
    """

    offsets: Callable[[str], Sequence[tuple[int, int]]] = Field(exclude=True)
    window: int = 256
    markup: Markup = "plain"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any) -> list[BaseNode]:  # noqa: ARG002 - the signature is LlamaIndex's
        return [part for node in nodes for part in self._split(node)]

    def _split(self, node: BaseNode) -> list[BaseNode]:
        document = Document(
            name=node.node_id,
            text=node.get_content(metadata_mode=MetadataMode.NONE),
            title=str(node.metadata.get("title", "")),
            markup=node.metadata.get("markup", self.markup),
        )
        source = node.source_node or node.as_related_node_info()
        return [
            TextNode(
                text=chunk.text,
                metadata={**node.metadata, "headings": " › ".join(chunk.headings)},
                start_char_idx=chunk.start,
                end_char_idx=chunk.end,
                relationships={NodeRelationship.SOURCE: source},
            )
            for chunk in split(document, self.offsets, SplitSettings(window=self.window))
        ]
