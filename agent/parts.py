"""Which parts do the settings ask for? Encoder, engine, search, readers and gate, each made from its table."""

from __future__ import annotations

from collections.abc import Callable

from agent.publish import Gate
from agent.settings import Settings
from eval.calibration import Calibration, read_calibration, settings_key, shipped
from eval.gate import Floors
from ingest.read.bounds import Bounds
from ingest.read.workers import Workers
from plugins.manager import Plugins
from retrieval.model import Engine
from retrieval.search.hybrid import HybridSearch
from retrieval.search.rerank import CrossEncoderReranker, Reranker
from retrieval.vectors.encoder import SentenceEncoder
from retrieval.versions.home import Home
from retrieval.versions.pointers import home_id
from retrieval.versions.version import IndexVersion


def encoder(settings: Settings) -> SentenceEncoder:
    """What turns texts into vectors; nothing is loaded yet."""
    told = settings.retrieval
    return SentenceEncoder(
        told.model,
        settings.home / "cache",
        query_prefix=told.query_prefix,
        document_prefix=told.document_prefix,
    )


def engine(settings: Settings) -> Engine | None:
    """The Qdrant server that keeps the vectors of new versions; None where the embedded engine does."""
    if settings.qdrant.url is None:
        return None
    from retrieval.stores.connection import at
    from retrieval.stores.server import ServerEngine

    return ServerEngine(at(settings.qdrant.url, settings.qdrant.api_key), home_id(settings.home))


def reranker(settings: Settings) -> Reranker | None:
    """What reads the first hits, if something does; its weights are loaded with the first question."""
    model = settings.retrieval.reranker
    return CrossEncoderReranker(model) if model else None


def searched(settings: Settings) -> dict[str, object]:
    """The settings that decide what is found, besides the index."""
    names = {"fusion", "dense_weight", "foreign_dense_weight", "depth", "reranker", "rerank_depth"}
    told = settings.retrieval.model_dump(include={*names, "query_prefix", "document_prefix"})
    return {**told, "passages": settings.agent.passages}


def calibrations(settings: Settings, home: Home, encoder: SentenceEncoder) -> Callable[[str], Calibration | None]:
    """What gives a version's hits their probabilities, by its id: made on gold, else shipped; or nothing.

    What was made under other settings of the search means nothing under these. Raises `BadCalibration`.
    """
    key = settings_key(searched(settings))

    def calibration(id: str) -> Calibration | None:
        stored, identity = home.calibration(id), encoder.identity
        found = read_calibration(stored) if stored is not None else None
        return found if found is not None and found.fits(identity, key) else shipped(identity)

    return calibration


def searcher(
    settings: Settings,
    encoder: SentenceEncoder,
    reranker: Reranker | None,
    calibration: Callable[[str], Calibration | None] = lambda _: None,
) -> Callable[[IndexVersion], HybridSearch]:
    """How a version is searched; `calibration` says, by a version's id, how likely its hits are to be relevant."""
    told = settings.retrieval

    def search(version: IndexVersion) -> HybridSearch:
        return HybridSearch(
            version,
            encoder,
            told.dense_weight,
            fusion=told.fusion,
            depth=told.depth,
            foreign_dense_weight=told.foreign_dense_weight,
            reranker=reranker,
            rerank_depth=told.rerank_depth,
            calibration=calibration(version.id),
        )

    return search


def workers(settings: Settings, plugins: Plugins) -> Workers:
    """The processes that read files; they start with the first one."""
    told = settings.ingest
    bounds = Bounds(seconds=told.seconds, memory=told.memory << 20, expansion=told.expansion << 20)
    return Workers(plugins.readers, bounds, told.workers)


def gate(
    settings: Settings, home: Home, encoder: SentenceEncoder, search: Callable[[IndexVersion], HybridSearch]
) -> Gate:
    """What a version must pass before it is served."""
    told = settings.eval
    floors = Floors(told.floors, told.tag_floors)
    return Gate(
        home, encoder, search, told.gold, floors, told.max_drop, searched(settings), shown=settings.agent.passages
    )
