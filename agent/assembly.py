"""Which parts do the settings ask for? Encoder, engine, search, readers and gate, each made from its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.settings import BadSettings, Settings
from retrieval.search.settings import of_plugin

if TYPE_CHECKING:
    from eval.calibrate.calibration import Calibration
    from eval.gate.gate import Gate
    from eval.measure.evaluate import Measure
    from eval.measure.versions import AnswererOf
    from ingest.read.sandbox.pool import Workers
    from plugins.manager import Plugins
    from retrieval.parts import Encoder, Engine
    from retrieval.search.rerank import Reranker
    from retrieval.search.searcher import Searcher
    from retrieval.vectors.encoder import SentenceEncoder
    from retrieval.vectors.foreign import ForeignEncoder
    from retrieval.versions.home import Home


def encoder(settings: Settings, plugins: Callable[[], Plugins]) -> SentenceEncoder | ForeignEncoder:
    """What turns texts into vectors; nothing is loaded yet, and no plugin but where the settings name one's encoder."""
    told = settings.retrieval
    if (name := of_plugin(told.model)) is not None:
        from retrieval.vectors.foreign import ForeignEncoder

        for setting in ("query_prefix", "document_prefix"):
            if getattr(told, setting) is not None:
                raise BadSettings(f"[retrieval] {setting} is not for an encoder of a plugin: remove it.")
        return ForeignEncoder(name, _finding(plugins, "encoder", name, "[retrieval] model"))
    from retrieval.vectors.encoder import SentenceEncoder

    return SentenceEncoder(
        told.model,
        settings.home / "cache",
        query_prefix=told.query_prefix,
        document_prefix=told.document_prefix,
    )


def _finding(
    plugins: Callable[[], Plugins], kind: str, name: str, setting: str
) -> Callable[[], tuple[str, Callable[..., Any]]]:
    def find() -> tuple[str, Callable[..., Any]]:
        part = plugins().part(kind, name, setting)
        return part.plugin, part.thing

    return find


def engine(settings: Settings, check_trust: Callable[[], None]) -> Callable[[], Engine] | None:
    """What gives the Qdrant server that keeps the vectors of new versions; None where the embedded engine does.

    It is not contacted before it is checked whether it may be.
    """
    url = settings.qdrant.url
    if url is None:
        return None

    def server() -> Engine:
        from retrieval.stores.connection import at
        from retrieval.stores.server import ServerEngine
        from retrieval.versions.pointers import home_id

        check_trust()
        return ServerEngine(at(url, settings.qdrant.api_key), home_id(settings.home))

    return server


def calibrations(settings: Settings, home: Home, encoder: Encoder) -> Callable[[str], Calibration | None]:
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
    encoder: SentenceEncoder | ForeignEncoder,
    calibration: Callable[[str], Calibration | None],
    plugins: Callable[[], Plugins],
) -> Searcher:
    """What opens versions and searches them; `calibration` is what `calibrations` gives."""
    from retrieval.search.searcher import Searcher

    told = settings.retrieval
    reads: Reranker | None = None
    if (name := of_plugin(told.reranker)) is not None:
        from retrieval.search.rerank import ForeignReranker

        reads = ForeignReranker(name, _finding(plugins, "reranker", name, "[retrieval] reranker"))
    elif told.reranker is not None:
        from retrieval.search.rerank import CrossEncoderReranker

        reads = CrossEncoderReranker(told.reranker)  # loads its weights with the first question
    return Searcher(home, encoder, told, reads, calibration, encoder.prepare)


def metrics(settings: Settings, plugins: Callable[[], Plugins]) -> dict[str, Measure]:
    """The plugins' measures of a ranking that the settings name; no plugin is loaded where they name none."""
    names = settings.eval.metrics
    return {name: plugins().part("metric", name, "[eval] metrics").thing for name in names} if names else {}


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
