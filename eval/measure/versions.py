"""How good is retrieval on a version of a home, and is it better than on another?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from eval.gold.gold import Gold
from eval.measure.answers import Answerer
from eval.measure.compare import Comparison, compare
from eval.measure.evaluate import Evaluation, Measure, evaluate, evaluate_run
from eval.measure.trec import BadRun, read_run
from retrieval.model import Mode
from retrieval.search.searcher import Searcher
from retrieval.versions.home import NoIndex
from retrieval.versions.version import IndexVersion

OnProgress = Callable[[int, int], None]
AnswererOf = Callable[[IndexVersion], Answerer]  # who answers from a version


def measure(
    searcher: Searcher,
    gold: Gold,
    *,
    index_version: str | None = None,
    k: int = 100,
    mode: Mode = "hybrid",
    answerer: AnswererOf | None = None,
    most: int | None = None,
    measures: Mapping[str, Measure] = {},
    on_progress: OnProgress | None = None,
) -> tuple[str, Evaluation]:
    """How well a version (the live one) answers gold queries; its id and the figures, those of `measures` too.

    `answerer` is asked too, `most` questions at most. Raises `BadMeasure`.
    """
    with closing(searcher.open(index_version)) as version:
        search, asked = searcher.search(version).every, answerer(version) if answerer else None
        found = evaluate(
            *(search, gold, version),
            k=k,
            mode=mode,
            answerer=asked,
            most=most,
            measures=measures,
            on_progress=on_progress,
        )
        return version.id, found


def compare_two(
    searcher: Searcher,
    a: str | Path,
    b: str | Path,
    *,
    gold: Gold,
    k: int = 100,
    mode: Mode = "hybrid",
    answerer: AnswererOf | None = None,
    most: int | None = None,
    on_progress: OnProgress | None = None,
) -> Comparison:
    """What `b` is beside `a`, each a version's id or a run file, on gold queries.

    Where both are versions, `answerer` is asked too, `most` questions at most. Raises `BadRun`.
    """
    asked = None if any(Path(each).is_file() for each in (a, b)) else answerer

    def measured(what: str | Path) -> Evaluation:
        if Path(what).is_file():
            return evaluate_run(read_run(what), gold)
        try:
            return measure(
                *(searcher, gold),
                index_version=str(what),
                k=k,
                mode=mode,
                answerer=asked,
                most=most,
                on_progress=on_progress,
            )[1]
        except NoIndex:
            raise BadRun(
                f"{what} is neither a run file nor an index version: write one with citewell eval run GOLD --out FILE, "
                "or name one that citewell index versions lists."
            ) from None

    return compare(measured(a), measured(b))
