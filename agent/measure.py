"""How good is retrieval, with the parts that the settings ask for?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from agent.publish import Gate, OnProgress, to_judge
from eval.compare import Comparison, compare
from eval.evaluate import Evaluation, evaluate, evaluate_run
from eval.gate import Verdict
from eval.gold import BadGold, Gold
from eval.load import load_gold
from eval.report import Described, Report
from eval.synthesize import Ask, Synthesis, synthesize
from eval.trec import BadRun, read_run
from eval.tune import DEPTHS, Legs, Setting, Tuned, tune
from retrieval.model import EVERYTHING, LEGS, Mode
from retrieval.search.collapse import originals
from retrieval.search.fuse import Leg
from retrieval.search.hybrid import HybridSearch, says_something
from retrieval.versions.home import NoIndex
from retrieval.versions.version import IndexVersion


def measure(
    gate: Gate,
    gold: Gold,
    *,
    index_version: str | None = None,
    k: int = 100,
    mode: Mode = "hybrid",
    on_progress: OnProgress | None = None,
) -> tuple[str, Evaluation]:
    """How well a version (the live one) answers gold queries; its id and the figures."""
    with closing(gate.home.open(index_version, encoder=gate.encoder)) as version:
        search = gate.search(version).every
        return version.id, evaluate(search, gold, version, k=k, mode=mode, on_progress=on_progress)


def compare_two(
    gate: Gate,
    a: str | Path,
    b: str | Path,
    *,
    gold: str | Path | None = None,
    k: int = 100,
    mode: Mode = "hybrid",
    on_progress: OnProgress | None = None,
) -> Comparison:
    """What `b` is beside `a`, each a version's id or a run file, on gold queries (the gate's).

    Raises `BadGold` and `BadRun`.
    """
    queries = load_gold(_gold(gate, gold, "compare on; name it with --gold, or as"))

    def measured(what: str | Path) -> Evaluation:
        if Path(what).is_file():
            return evaluate_run(read_run(what), queries)
        try:
            return measure(gate, queries, index_version=str(what), k=k, mode=mode, on_progress=on_progress)[1]
        except NoIndex:
            raise BadRun(
                f"{what} is neither a run file nor an index version: write one with citewell eval run GOLD --out FILE, "
                "or name one that citewell index versions lists."
            ) from None

    return compare(measured(a), measured(b))


def report(
    gate: Gate, path: str | Path | None, *, index_version: str | None = None, on_progress: OnProgress | None = None
) -> Report:
    """A version (the newest candidate, else the live one) on gold (the gate's), beside the live one and each leg."""
    path = _gold(gate, path, "report on; name it, or set")
    gold, id = load_gold(path), to_judge(gate.home, index_version)
    with closing(gate.home.open(id, encoder=gate.encoder)) as version:
        found = gate.evaluate(version, gold, on_progress)
        search = gate.search(version).every
        legs = {mode: evaluate(search, gold, version, mode=mode, on_progress=on_progress) for mode in LEGS}
        live = gate.live_beside(version)
        before = None
        if live is not None:
            with closing(live):
                before = _described(gate, live, path), gate.evaluate(live, gold, on_progress)
        stored = gate.home.verdict(id)
        judged = Verdict.from_json(stored) if stored and stored.get("gold") == gold.digest else None
        calibration = gate.calibrate(version, gold, on_progress)
        return Report(_described(gate, version, path), found, legs, before, judged, calibration)


def _gold(gate: Gate, path: str | Path | None, wanted: str) -> str | Path:
    """The gold that was named, else the gate's."""
    chosen = path or gate.gold
    if chosen is None:
        raise BadGold(f"There is no gold to {wanted} [eval] gold in citewell.toml.")
    return chosen


def _described(gate: Gate, version: IndexVersion, gold: str | Path) -> Described:
    search, manifest = gate.search(version), version.manifest
    shown = ("fusion", "dense_weight", "foreign_dense_weight", "depth", "rerank_depth")
    reads = search.reranker
    return Described(
        index_version=version.id,
        created=datetime.now(UTC).isoformat(timespec="minutes"),
        gold=str(gold),
        encoder=manifest.encoder.model,
        documents=manifest.documents,
        chunks=manifest.chunks,
        settings={
            **{name: getattr(search, name) for name in shown},
            "reranker": getattr(reads, "model", type(reads).__name__) if reads else None,
        },
    )


def tuned(gate: Gate, path: str | Path | None, *, on_progress: OnProgress | None = None) -> Tuned:
    """The search settings that answer gold (the gate's) best on the live version; the index stays as it is."""
    path = _gold(gate, path, "tune on; name it, or set")
    with closing(gate.home.open(encoder=gate.encoder)) as version:
        search = gate.search(version)
        before = Setting(search.fusion, search.dense_weight, search.depth, search.reranker is not None)
        read = partial(_legs, search, max(search.depth, *DEPTHS))
        return tune(read, load_gold(path), version, before=before, on_progress=on_progress or (lambda *_: None))


def _legs(search: HybridSearch, depth: int, question: str) -> Legs:
    """Everything that the settings which are tried make of one question."""
    if not says_something(question):
        return Legs(Leg({}, frozenset()), Leg({}, frozenset()), {})
    dense, lexical = search.legs(search.read(question, EVERYTHING, "hybrid"), depth)
    ids = list(lexical.scores)
    read: dict[str, float] = {}  # by the cross-encoder, for whichever setting came first

    def reranked(wanted: Sequence[str]) -> dict[str, float]:
        read.update(search.reranked(question, [id for id in wanted if id not in read]))
        return {id: read[id] for id in wanted if id in read}

    chunks = search.version.content.chunks(ids)
    plain = originals(chunks.values(), lambda: (chunks[id] for id in sorted(chunks)))
    return Legs(
        dense,
        lexical,
        {id: chunk.document for id, chunk in chunks.items()},
        search.foreign(ids),
        search.foreign_dense_weight,
        reranked,
        search.rerank_depth,
        {id: [chunk.id for chunk in others] for id, others in plain.items()},
    )


def synthesized(
    gate: Gate,
    out: Path,
    *,
    n: int,
    tries: int | None = None,
    ask: Ask | None = None,
    on_progress: OnProgress | None = None,
) -> Synthesis:
    """Synthetic gold of the live version, added to a file; `ask` writes questions, if a model is to."""
    with closing(gate.home.open(encoder=gate.encoder)) as version:
        search, told = gate.search(version).every, on_progress or (lambda *_: None)
        return synthesize(search, version, out, n=n, tries=tries, ask=ask, on_progress=told)
