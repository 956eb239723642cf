"""Is the better of two rankings named where it can be told, and not where it cannot?"""

from dataclasses import replace

import numpy as np
import pytest

from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.measure.answers import Quoted, Told
from eval.measure.compare import compare
from eval.measure.evaluate import QueryResult, evaluate, evaluate_run
from eval.measure.stats import detectable
from tests.eval.gate.test_judge import with_values
from tests.eval.shelf import Shelf, library, spoiled

BOOK, GOLD = library(60)
HERE = evaluate(BOOK.search, GOLD, BOOK)


def changed(by, *, scatter=0.1, seed=1, metric="nDCG@10"):
    """The same evaluation with a metric moved by so much on average."""
    random = np.random.default_rng(seed)
    old = [result.metrics[metric] for result in HERE.per_query]
    return with_values(HERE, np.clip(np.array(old) + random.normal(by, scatter, len(old)), 0, 1).tolist(), metric)


def test_the_same_ranking_twice_is_no_difference():
    found = compare(HERE, HERE)
    assert found.outcome == "undecided"
    assert (found.wins, found.losses) == (0, 0)
    assert all((each.mean, each.p) == (0, 1) for each in found.metrics.values())
    assert found.said == "No difference: the two answer all 60 queries alike."


def test_what_cannot_be_told_is_said_with_what_could_have_been():
    said = compare(HERE, changed(0.001)).said
    assert said.startswith("No difference can be told: nDCG@10 ")
    assert said.endswith(" would have shown four times in five.")


def test_what_could_have_shown_is_what_the_corrected_test_would_have_seen():
    found = compare(HERE, changed(0.001))
    gains = list(found.gains.values())
    assert found.metrics["nDCG@10"].detectable == pytest.approx(detectable(gains, level=0.975))


def test_a_metric_that_decides_nothing_is_not_corrected():
    after = changed(0.001, metric="MAP")
    pairs = zip(HERE.per_query, after.per_query, strict=True)
    gains = [new.metrics["MAP"] - old.metrics["MAP"] for old, new in pairs]
    assert compare(HERE, after).metrics["MAP"].detectable == pytest.approx(detectable(gains))


def test_where_too_few_differ_no_number_is_made_up():
    few = [0.0 if place < 3 else result.metrics["nDCG@10"] for place, result in enumerate(HERE.per_query)]
    differing = sum(result.metrics["nDCG@10"] > 0 for result in HERE.per_query[:3])
    said = compare(HERE, with_values(HERE, few)).said
    assert said.endswith(f"the two differ on {differing} of them, and on so few no difference can show.")


def test_a_planted_difference_is_found_in_its_direction():
    worse = compare(HERE, changed(-0.15))
    assert worse.outcome == "worse"
    assert worse.said.startswith("B is worse: nDCG@10 -0.1")
    assert worse.losses > worse.wins
    assert list(worse.gains.values()) == sorted(worse.gains.values()), "the greatest loss first"
    better = compare(changed(-0.15), HERE)
    assert better.outcome == "better"
    assert better.metrics["nDCG@10"].mean == pytest.approx(-worse.metrics["nDCG@10"].mean)


def test_a_spoiled_search_is_worse_and_its_lost_queries_are_named():
    lost = {result.id for result in HERE.per_query[:12]}
    texts = {query.question for query in GOLD.queries if query.id in lost}

    def deaf(query, **told):
        return [] if query in texts else BOOK.search(query, **told)

    found = compare(HERE, evaluate(deaf, GOLD, BOOK))
    assert found.outcome == "worse"
    fallen = {id for id, gain in found.gains.items() if gain < 0}
    assert fallen <= lost
    assert len(fallen) >= 8


def test_a_ranking_cut_short_is_worse_although_its_first_ten_are_the_same():
    short = evaluate(spoiled(BOOK.search, lambda hits, mode: hits[:10]), GOLD, BOOK)
    if all(result.metrics["Recall@100"] == 1 for result in short.per_query):
        pytest.skip("everything relevant stands among the first ten")
    found = compare(HERE, short)
    assert found.metrics["Recall@100"].mean < 0


def test_better_in_one_way_and_worse_in_another_is_said():
    ranked = changed(+0.2, scatter=0.02)
    both = with_values(ranked, [0.1] * 60, "Recall@100")
    found = compare(HERE, both)
    assert found.outcome == "mixed"
    assert [f"{name} {found.metrics[name].mean:+.3f}" in found.said for name in found.decided] == [True, True]


def test_the_metric_that_decided_is_the_one_that_is_quoted():
    found = compare(HERE, changed(-0.3, metric="Recall@100"))
    assert found.decided == ("Recall@100",)
    assert found.said.startswith(f"B is worse: Recall@100 {found.metrics['Recall@100'].mean:+.3f} (")
    assert found.said.endswith(f"p = {found.adjusted['Recall@100']:.4f}.")


def test_a_p_is_shown_corrected_where_it_decides_and_marked_where_it_is_not():
    found = compare(HERE, changed(-0.05))
    assert found.p_said("nDCG@10") == f"{found.adjusted['nDCG@10']:.4f}"
    assert found.p_said("MAP") == f"{found.metrics['MAP'].p:.4f} uncorrected"


def test_a_metric_that_one_of_them_was_not_measured_on_is_not_compared():
    run = evaluate_run({result.id: result.ranking for result in HERE.per_query}, GOLD)
    assert HERE.metrics.keys() - run.metrics.keys() == {"SpanRecall@10", "SpanPrecision@10"}
    found = compare(HERE, run)
    assert found.metrics.keys() == run.metrics.keys()
    assert found.said == "No difference: the two answer all 60 queries alike."


def test_where_none_that_decides_is_there_on_both_it_says_what_is_missing():
    short = evaluate(BOOK.search, GOLD, BOOK, k=5)
    found = compare(short, evaluate_run({result.id: result.ranking for result in HERE.per_query}, GOLD))
    assert (found.outcome, found.decided, dict(found.gains)) == ("undecided", (), {})
    assert found.metrics.keys() == {"P@5"}
    assert found.said.startswith("Neither nDCG@10 nor Recall@100 was measured on both")
    assert found.said.endswith("(-k 100).")


def test_a_query_that_one_of_them_lacks_counts_0_there():
    found = compare(HERE, replace(HERE, per_query=HERE.per_query[:40], queries=40))
    assert found.queries == 60
    assert found.outcome == "worse"


@pytest.mark.slow
def test_noise_is_seldom_called_a_difference():
    alarms = sum(compare(changed(0, seed=2 * s), changed(0, seed=2 * s + 1)).outcome != "undecided" for s in range(60))
    assert alarms <= 8, "one in twenty, and some room for chance"


def test_other_gold_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="not of the same gold"):
        compare(HERE, replace(HERE, gold="other"))


def test_of_nothing_nothing_is_said():
    empty = replace(HERE, per_query=(), queries=0)
    assert compare(empty, empty).said == "There is nothing to compare: no query of the gold has an answer."
    unmeasured = replace(HERE, per_query=(QueryResult("q", {}, ()),))
    assert compare(unmeasured, unmeasured).outcome == "undecided"


SHELF = Shelf({"a": "alpha port 8040", "b": "beta port 9090"})
RIGHT, BESIDE, REFUSED = (
    Told("8040", quotes=(Quoted("a", "8040"),)),
    Told("9090", quotes=(Quoted("b", "9090"),)),
    Told(reason="no"),
)


def answering(told, *, asked=True):
    """The same search, whose questions were told these things, in their order; the last two have no answer."""
    last = len(told) - 2
    queries = tuple(
        GoldQuery(f"q{n}", f"alpha {n}", (Relevant("a"),), ("8040",))
        if n < last
        else GoldQuery(f"q{n}", f"alpha {n}", answerable=False)
        for n in range(len(told))
    )
    return evaluate(
        *(SHELF.search, Gold(queries, "citewell", "digest"), SHELF),
        answerer=(lambda question: told[int(question.split()[1])]) if asked else None,
    )


def test_what_came_of_asking_is_compared_question_by_question_and_decides_nothing():
    found = compare(
        answering([RIGHT, BESIDE, REFUSED, RIGHT, REFUSED, BESIDE]),
        answering([RIGHT, RIGHT, BESIDE, RIGHT, REFUSED, REFUSED]),
    )
    right, refused = found.metrics["answers.right"], found.metrics["answers.rightly_refused"]
    assert (right.a, right.b, right.differing) == (0.5, 0.75, 1)
    assert (refused.a, refused.b, refused.differing) == (0.5, 1.0, 1)
    assert found.turned == {
        "q1": ("beside", "right"),
        "q2": ("wrongly_refused", "beside"),
        "q5": ("should_have_refused", "rightly_refused"),
    }
    assert found.outcome == "undecided"
    assert found.adjusted.keys() == {"nDCG@10", "Recall@100"}


def test_answers_that_only_one_of_the_two_has_are_not_compared():
    told = [RIGHT, BESIDE, REFUSED, BESIDE]
    for a, b in ((True, False), (False, True)):
        found = compare(answering(told, asked=a), answering(told, asked=b))
        assert not [name for name in found.metrics if name.startswith("answers")]
        assert found.turned == {}
