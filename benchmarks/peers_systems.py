"""What is measured beside Citewell, and how is each wired? As its own guide says; one system a process.

Each class runs in its system's environment, behind `peers_worker.py`. A peer's process imports nothing of Citewell.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

K, LEGS, DOCUMENTS = 10, 200, 100  # hits of a timed query; each leg's candidates and the documents of a ranking


class System(Protocol):
    """A pipeline with its encoder loaded; `window` is where that cuts a text, in tokens."""

    packages: ClassVar[tuple[str, ...]]
    window: int

    def ingest(self, corpus: Path, folder: Path) -> None:
        """Everything of a JSON lines file, in the place of what was there, ready to be searched."""
        ...

    def load(self, folder: Path) -> None:
        """What was kept there, ready to be searched."""
        ...

    def keep(self, folder: Path) -> None:
        """Writes what was ingested where `load` finds it."""
        ...

    def encoded(self) -> Sequence[str]:
        """The texts that went through the encoder, before it cut them."""
        ...

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        """`_id` and score, best first, a document as often as it has passages among them; `k` from each leg."""
        ...


def records(corpus: Path) -> Iterator[tuple[str, str]]:
    """`_id`, and title and text together, which is how a guide that has titles hands them over."""
    for line in corpus.read_text("utf-8").splitlines():
        record = json.loads(line)
        yield record["_id"], "\n".join(filter(None, (record.get("title"), record["text"])))


class Citewell:
    """`open_citewell(home).ingest(file)`, then `search`: every default."""

    packages = ("sentence-transformers", "qdrant-edge-py")

    def __init__(self, weights: str) -> None:
        from retrieval.vectors.encoder import SentenceEncoder

        del weights  # its embedded model has these
        self._exports = tempfile.TemporaryDirectory()  # a home's first ingest makes the export, which then is loaded
        self._encoder, self._opened = SentenceEncoder(exports=Path(self._exports.name)), None
        self._encoder.encode_query("warm", self._encoder.export())
        self.window = self._encoder.identity.window

    def ingest(self, corpus: Path, folder: Path) -> None:
        citewell = self._open(folder)
        report = citewell.ingest([corpus])
        # Two records of Cranfield have no text, which the others take as documents that nothing finds
        lost = [failure for failure in report.failures if "holds no text" not in failure.error]
        if lost or not report.published:
            raise SystemExit(f"Citewell did not take all of {corpus}: {report}")

    def load(self, folder: Path) -> None:
        self._open(folder)

    def keep(self, folder: Path) -> None:
        pass  # it is there already

    def encoded(self) -> Sequence[str]:
        # What is the same word for word is encoded once.
        return list({chunk.indexed_text for chunk in self._opened.version().sample(10**9, seed=0)})

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        own = self._opened
        # In a ranking near-duplicates keep their own places, as in `eval`: gold may name any of them
        hits = own.search(query, k=k).hits if k == K else own.hybrid_search().every(query, k=2 * k)
        return [(hit.chunk.document.rpartition("#")[2], hit.score) for hit in hits]

    def _open(self, folder: Path) -> Any:
        """The home, with the encoder that is loaded; its reading processes start anew, and count."""
        from agent.settings import load_settings
        from agent.wire import Citewell as Wired

        if self._opened is not None:
            self._opened.close()
        self._opened = Wired(load_settings(home=folder), encoder=self._encoder)
        return self._opened


class LlamaIndex:
    """The guide "Reciprocal Rerank Fusion Retriever": sentences packed to 256, vector index and BM25 fused by rank.

    Its further queries, which a language model would write, are switched off as it says.
    """

    packages = ("llama-index-core", "llama-index-embeddings-huggingface", "llama-index-retrievers-bm25")

    def __init__(self, weights: str) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._embedding = HuggingFaceEmbedding(model_name=weights)
        self.window = self._embedding.max_length
        self._retrievers: dict[int, Any] = {}

    def ingest(self, corpus: Path, folder: Path) -> None:
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter

        del folder
        documents = [Document(text=text, id_=name) for name, text in records(corpus)]
        splitter = SentenceSplitter(chunk_size=256)
        self._ready(VectorStoreIndex.from_documents(documents, transformations=[splitter], embed_model=self._embedding))

    def load(self, folder: Path) -> None:
        from llama_index.core import StorageContext, load_index_from_storage

        stored = StorageContext.from_defaults(persist_dir=str(folder))
        self._ready(load_index_from_storage(stored, embed_model=self._embedding))

    def keep(self, folder: Path) -> None:
        self._index.storage_context.persist(str(folder))

    def encoded(self) -> Sequence[str]:
        from llama_index.core.schema import MetadataMode

        return [node.get_content(metadata_mode=MetadataMode.EMBED) for node in self._index.docstore.docs.values()]

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        found = self._retriever(k).retrieve(query)
        return [(hit.node.ref_doc_id, hit.score) for hit in found]

    def _ready(self, index: Any) -> None:
        self._index = index
        self._retrievers.clear()
        self._retriever(K)

    def _retriever(self, k: int) -> Any:
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.retrievers.bm25 import BM25Retriever

        if k not in self._retrievers:
            legs = [
                self._index.as_retriever(similarity_top_k=k),
                BM25Retriever.from_defaults(docstore=self._index.docstore, similarity_top_k=k),
            ]
            self._retrievers[k] = QueryFusionRetriever(
                legs,
                llm=MockLLM(),  # never asked
                similarity_top_k=k if k == K else 2 * k,
                num_queries=1,
                mode="reciprocal_rerank",
                use_async=True,
            )
        return self._retrievers[k]


class Haystack:
    """The tutorial "Creating a Hybrid Retrieval Pipeline": words by the model's window, BM25 and embeddings joined.

    Its reranker is a model of its own, so that without one the joiner's reciprocal rank fusion orders the hits.
    """

    packages = ("haystack-ai", "sentence-transformers-haystack")

    def __init__(self, weights: str) -> None:
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self._documents = SentenceTransformersDocumentEmbedder(model=weights, progress_bar=False)
        self._texts = SentenceTransformersTextEmbedder(model=weights, progress_bar=False)
        self._documents.warm_up()
        self._texts.warm_up()
        self._retrieval: Any = None
        self.window = self._documents.embedding_backend.model.max_seq_length

    def ingest(self, corpus: Path, folder: Path) -> None:
        from haystack import Document, Pipeline
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        del folder
        store = InMemoryDocumentStore(shared=False)
        indexing = Pipeline()
        # The tutorial's 512 words for a window of 512 tokens, and its overlap
        splitter = DocumentSplitter(split_by="word", split_length=self.window, split_overlap=32)
        indexing.add_component("document_splitter", splitter)
        indexing.add_component("document_embedder", self._documents)
        indexing.add_component("document_writer", DocumentWriter(store))
        indexing.connect("document_splitter", "document_embedder")
        indexing.connect("document_embedder", "document_writer")
        documents = [Document(content=text, meta={"name": name}) for name, text in records(corpus)]
        indexing.run({"document_splitter": {"documents": documents}})
        indexing.remove_component("document_embedder")  # a component belongs to one pipeline at a time
        self._ready(store)

    def load(self, folder: Path) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._ready(InMemoryDocumentStore.load_from_disk(str(folder / "store.json")))

    def keep(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._store.save_to_disk(str(folder / "store.json"))

    def encoded(self) -> Sequence[str]:
        return [document.content for document in self._store.filter_documents()]

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        found = self._retrieval.run(
            {
                "text_embedder": {"text": query},
                "bm25_retriever": {"query": query, "top_k": k},
                "embedding_retriever": {"top_k": k},
                "document_joiner": {"top_k": k if k == K else 2 * k},
            }
        )
        return [(document.meta["name"], document.score) for document in found["document_joiner"]["documents"]]

    def _ready(self, store: Any) -> None:
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

        if self._retrieval is not None:
            self._retrieval.remove_component("text_embedder")
        self._store, self._retrieval = store, Pipeline()
        self._retrieval.add_component("text_embedder", self._texts)
        self._retrieval.add_component("embedding_retriever", InMemoryEmbeddingRetriever(store))
        self._retrieval.add_component("bm25_retriever", InMemoryBM25Retriever(store))
        self._retrieval.add_component("document_joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._retrieval.connect("text_embedder", "embedding_retriever")
        self._retrieval.connect("bm25_retriever", "document_joiner")
        self._retrieval.connect("embedding_retriever", "document_joiner")


class Txtai:
    """The guide "Embeddings": `Embeddings(path=…, hybrid=True, content=True)`; each text whole, as far as it reads."""

    packages = ("txtai", "faiss-cpu")

    def __init__(self, weights: str) -> None:
        self._weights, self._models = weights, {}
        self._embeddings = self._made()
        self._embeddings.index([("0", "warm", None)])
        self.window = self._embeddings.model.model.maxlength
        self._texts: list[str] = []

    def ingest(self, corpus: Path, folder: Path) -> None:
        del folder
        self._embeddings.close()
        self._embeddings = self._made()
        rows = list(records(corpus))
        self._embeddings.index(rows)
        self._texts = [text for _, text in rows]

    def load(self, folder: Path) -> None:
        self._embeddings.load(str(folder))

    def keep(self, folder: Path) -> None:
        self._embeddings.save(str(folder))

    def encoded(self) -> Sequence[str]:
        return self._texts

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        # It takes ten times `limit` from each leg by itself, and its rows are documents.
        found = self._embeddings.search(query, limit=k if k == K else DOCUMENTS)
        return [(row["id"], row["score"]) for row in found]

    def _made(self) -> Any:
        from txtai import Embeddings

        return Embeddings(path=self._weights, hybrid=True, content=True, models=self._models)


SYSTEMS: dict[str, type[System]] = {
    "Citewell": Citewell,
    "LlamaIndex": LlamaIndex,
    "Haystack": Haystack,
    "txtai": Txtai,
}
