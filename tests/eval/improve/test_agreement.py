"""Do `eval tune` and `eval run` say the same of the same settings?"""

from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest

from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.improve.tune import DEPTHS, Setting, read_legs, tune
from eval.measure.evaluate import evaluate
from ingest.model import Document
from retrieval.search.hybrid import HybridSearch
from retrieval.search.settings import SearchSettings
from retrieval.versions.home import Home
from tests.retrieval.search.test_explain import Backwards
from tests.retrieval.words import ENCODER, build, documents

GERMAN = "die Pumpe {n} steht im Keller und das Ventil {n} ist mit dem Schlüssel zu schließen, wie es üblich ist"
ENGLISH = "the pump {n} stands in the cellar and the valve {n} is closed with the key, as it has always been"
TEXTS = {
    f"{place}/{number:02}.md": (GERMAN if number % 3 == 0 else ENGLISH).format(n=number)
    for number in range(40)
    for place in ("docs", "docs.zip!", "old")  # each text three times: equal scores
}
RENAMED = [Document(f"more.zip!/{n}.md", ENGLISH.format(n=n), title=f"Where the pump {n} stands") for n in (1, 4, 7)]
QUESTIONS = [*(f"where stands pump {n}" for n in range(12)), "Ventil Keller", "?!", "valve closed with the key"]


class OfEnglish(type(ENCODER)):
    languages = frozenset({"en"})


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    build(home, [*documents(TEXTS), *RENAMED])
    with closing(Home(home).open(encoder=ENCODER)) as version:
        yield version


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "foreign", "reranker"),
    [
        (Setting("convex"), 0.0, None),
        (Setting("learned"), 0.0, None),
        (Setting("learned", 0.5, 50), 0.2, None),
        (Setting("learned", reranked=True), 0.0, Backwards()),
        (Setting("convex", 0.3, 50), 0.0, None),
        (Setting("rrf", 0.7, 10), 0.0, None),
        (Setting("dbsf", 0.7, 400), 0.2, None),
        (Setting("convex", 0.6, 100), 0.3, None),
        (Setting("convex", 0.6, 100, reranked=True), 0.3, Backwards()),
    ],
)
def test_tuning_gives_the_settings_in_force_the_figure_that_a_run_gives_them(
    version, encoder, setting, foreign, reranker
):
    gold = Gold.of(
        [
            GoldQuery(f"q{n}", question, (Relevant(f"docs/{n:02}.md"), Relevant(f"docs/{n + 3:02}.md", grade=2)))
            for n, question in enumerate(QUESTIONS)
        ]
    )
    words = OfEnglish()
    if setting.fusion == "learned":
        words.identity = replace(words.identity, weights=encoder.identity.weights)  # as if it were learned for it
    search = HybridSearch(
        version,
        words,
        SearchSettings(
            dense_weight=setting.dense_weight,
            depth=setting.depth,
            fusion=setting.fusion,
            foreign_dense_weight=foreign,
            rerank_depth=20,
        ),
        reranker,
    )
    measured = evaluate(search.every, gold, version).metrics["nDCG@10"].mean
    read = partial(read_legs, search, max(setting.depth, *DEPTHS))
    tuned = tune(read, gold, version, before=setting)
    assert 0.05 < measured < 0.99
    assert tuned.grid[setting] == pytest.approx(measured, abs=1e-12)
    assert tuned.gain.a == pytest.approx(measured, abs=1e-12)
