"""Which parts do the settings ask for? Encoder, engine, search, readers and gate, each made from its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.settings import Settings

if TYPE_CHECKING:
    from eval.calibrate.calibration import Calibration
    from eval.gate.gate import Gate
    from eval.measure.versions import AnswererOf
    from ingest.read.sandbox.pool import Workers
    from plugins.manager import Plugins
    from retrieval.parts import Engine
    from retrieval.search.searcher import Searcher
    from retrieval.vectors.encoder import SentenceEncoder
    from retrieval.versions.home import Home


def encoder(settings: Settings) -> SentenceEncoder:
    """What turns texts into vectors; nothing is loaded yet."""
    from retrieval.vectors.encoder import SentenceEncoder

    told = settings.retrieval
    return SentenceEncoder(
        told.model,
        settings.home / "cache",
        query_prefix=told.query_prefix,
        document_prefix=told.document_prefix,
    )


def engine(settings: Settings) -> Callable[[], Engine] | None:
    """What gives the Qdrant server that keeps the vectors of new versions; None where the embedded engine does."""
    url = settings.qdrant.url
    if url is None:
        return None

    def server() -> Engine:
        from retrieval.stores.connection import at
        from retrieval.stores.server import ServerEngine
        from retrieval.versions.pointers import home_id

        return ServerEngine(at(url, settings.qdrant.api_key), home_id(settings.home))

    return server


def calibrations(settings: Settings, home: Home, encoder: SentenceEncoder) -> Callable[[str], Calibration | None]:
    """What gives a version's hits their probabilities, by its id: made on gold, else shipped; or nothing.

    What was made under other settings of the search means nothing under these. Raises `BadCalibration`.
    """

    def calibration(id: str) -> Calibration | None:
        from eval.calibrate.calibration import read_calibration, search_key, shipped

        key = search_key(settings.retrieval, settings.agent.passages)
        stored, identity = home.calibration(id), encoder.identity
        found = read_calibration(stored) if stored is not None else None
        return found if found is not None and found.fits(identity, key) else shipped(identity)

    return calibration


def searcher(
    settings: Settings,
    home: Home,
    encoder: SentenceEncoder,
    calibration: Callable[[str], Calibration | None],
) -> Searcher:
    """What opens versions and searches them; `calibration` is what `calibrations` gives."""
    from retrieval.search.searcher import Searcher

    told, reads = settings.retrieval, None
    if told.reranker is not None:
        from retrieval.search.rerank import CrossEncoderReranker

        reads = CrossEncoderReranker(told.reranker)  # loads its weights with the first question
    return Searcher(home, encoder, told, reads, calibration, encoder.prepare)


def workers(settings: Settings, plugins: Plugins) -> Workers:
    """The processes that read files; they start with the first one."""
    from ingest.bounds import Bounds
    from ingest.read.sandbox.pool import Workers

    told = settings.ingest
    bounds = Bounds(seconds=told.seconds, memory=told.memory << 20, expansion=told.expansion << 20)
    return Workers(plugins.readers, bounds, told.workers)


def gate(settings: Settings, searcher: Searcher, answerer: AnswererOf) -> Gate:
    """What a version must pass before it is served; `answerer` is asked what gold knows the answers of."""
    from eval.gate.gate import Gate
    from eval.gate.judge import Floors

    told = settings.eval
    floors = Floors(told.floors, told.tag_floors, told.ceilings, told.tag_ceilings)
    return Gate(searcher.plain, told.gold, floors, told.max_drop, settings.agent.passages, answerer, told.ask)
