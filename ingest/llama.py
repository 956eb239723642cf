"""How do LlamaIndex and Citewell share documents? Its readers are sources here, our splitter is a node parser there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from llama_index.core.node_parser import NodeParser
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import BaseNode, MetadataMode, NodeRelationship, TextNode
from pydantic import Field

from ingest.model import Document, Failure, Markup, digest
from ingest.read.registry import fit
from ingest.read.unseen import by_letters
from ingest.source import Source
from ingest.split.split import SplitSettings, split


class LlamaSource:
    """What a LlamaIndex reader loads, to be ingested like a folder: `citewell.ingest([LlamaSource(reader, "wiki")])`.

    A document is named `{label}/{where it came from}`: the first of the metadata `_NAMES`, else its id, unless that is
    a random one; then its own content names it. `arguments` go to the reader's `load_data`, or to its `lazy_load_data`
    where it has that. It runs in this process, without bounds. What it does not give any more is removed.
    """

    def __init__(self, reader: BaseReader, label: str, **arguments: Any) -> None:
        is_lazy = type(reader).lazy_load_data is not BaseReader.lazy_load_data  # so that not all is held at once
        self._load, self._arguments = reader.lazy_load_data if is_lazy else reader.load_data, arguments
        self.source = Source(Path(f"{type(reader).__module__}.{type(reader).__qualname__}"), label, Path(label))

    def documents(self) -> Iterator[Document | Failure]:
        """Loads them; what the reader raises becomes one Failure, and then nothing counts as gone."""
        label, taken = self.source.name, set[str]()
        try:
            for loaded in self._load(**self._arguments):
                document = _document(loaded, label, taken)
                taken.add(document.name)
                yield document if document.text.strip() else Failure(document.name, "it holds no text: leave it out")
        except Exception as error:  # noqa: BLE001 - a reader raises anything, and the rest of the ingest goes on
            reason = f"{type(error).__name__}: {str(error)[:200]}".rstrip(": ")
            yield Failure(label, f"its LlamaIndex reader failed ({reason}): put that right and ingest again")


_NAMES = ("file_path", "url", "source", "file_name", "path", "id")


def _document(loaded: BaseNode, label: str, taken: set[str]) -> Document:
    metadata = {fit(str(key)): fit(str(value)) for key, value in loaded.metadata.items() if value not in (None, "")}
    lists = {
        fit(str(key)): tuple(fit(str(item)) for item in value)
        for key, value in loaded.metadata.items()
        if isinstance(value, list | tuple) and value
    }
    text = fit(loaded.get_content(metadata_mode=MetadataMode.NONE))
    own = next((metadata[key] for key in _NAMES if metadata.get(key)), _own_id(loaded.node_id) or digest(text)[:12])
    name = f"{label}/{own.lstrip('/')}"
    if name in taken:  # pages of one file, say
        page = metadata.get("page_label") or str(sum(other.startswith(name) for other in taken) + 1)
        name = f"{name}#{page}"
    title = metadata.get("title") or PurePosixPath(own).stem or own
    unseen = tuple(by_letters(text))
    return Document(name, text, title, _markup(own, metadata), metadata={**metadata, **lists}, unseen=unseen)


def _markup(name: str, metadata: Mapping[str, str]) -> Markup:
    if metadata.get("markup") in {"plain", "markdown", "rst", "code"}:
        return metadata["markup"]  # type: ignore[return-value] # it is one of them
    return {".md": "markdown", ".rst": "rst"}.get(PurePosixPath(name).suffix.lower(), "plain")  # type: ignore[return-value] # likewise


def _own_id(id: str) -> str | None:
    """The id, unless it is one of the random ones that LlamaIndex gives where there is none."""
    try:
        UUID(id)
    except ValueError:
        return id
    return None


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
