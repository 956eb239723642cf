"""How good is retrieval, with the parts that the settings ask for?"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from agent.publish import Gate, OnProgress
from eval.compare import Comparison, compare
from eval.evaluate import Evaluation, evaluate, evaluate_run
from eval.gold import BadGold, Gold
from eval.load import load_gold
from eval.trec import read_run
from retrieval.model import Mode


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
    """What `b` is beside `a`, each a version's id or a run file, on gold queries (the gate's); or `BadGold`."""
    path = gold or gate.gold
    if path is None:
        raise BadGold("There is no gold to compare on; name it with --gold, or as [eval] gold in citewell.toml.")
    queries = load_gold(path)

    def measured(what: str | Path) -> Evaluation:
        if Path(what).suffix:  # ids have none
            return evaluate_run(read_run(what), queries)
        return measure(gate, queries, index_version=str(what), k=k, mode=mode, on_progress=on_progress)[1]

    return compare(measured(a), measured(b))
