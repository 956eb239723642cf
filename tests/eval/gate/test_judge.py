"""Does every spoiled index fail, and a harmless change pass?"""

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from eval.gate.judge import BadFloor, BadVerdict, Floors, Verdict, judge, judge_probe
from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.measure.answers import Quoted, Told
from eval.measure.evaluate import METRICS, evaluate
from eval.measure.probe import probe
from eval.measure.stats import Interval
from tests.eval.shelf import Shelf, library, rescored, spoiled

BOOK, GOLD = library(60)
LIVE = evaluate(BOOK.search, GOLD, BOOK)
NO_FLOORS = Floors()


def evaluated(spoil):
    return evaluate(spoiled(BOOK.search, spoil), GOLD, BOOK)


def against_live(candidate, **options):
    return judge(candidate, floors=NO_FLOORS, live=LIVE, **options)


def with_values(evaluation, values, metric="nDCG@10"):
    """The evaluation as if these had been the metric's values, query by query."""
    results = tuple(
        replace(result, metrics={**result.metrics, metric: value})
        for result, value in zip(evaluation.per_query, values, strict=False)
    )
    mean = float(np.mean(values))
    metrics = {**evaluation.metrics, metric: Interval(mean, mean, mean)}
    return replace(evaluation, per_query=results, metrics=metrics, queries=len(results))


def hash_of(hits):
    return int(hits[0].chunk.id[:8], 16) if hits else 0


def reversed_order(hits, mode):
    return rescored(hits, range(len(hits))[::-1])


def shuffled(hits, mode):
    return rescored(hits, random.Random(hash_of(hits)).sample(range(len(hits)), len(hits)))


def test_a_good_first_version_passes_and_says_on_what():
    verdict = judge(LIVE, floors=NO_FLOORS, live=None)
    assert (verdict.status, verdict.reasons, verdict.queries) == ("passed", (), 60)
    assert verdict.gold == "digest"
    assert verdict.metrics["nDCG@10"] == LIVE.metrics["nDCG@10"].mean
    assert 0.4 < verdict.metrics["nDCG@10"] < 0.95, "neither perfect nor poor, or sabotage would prove little"


def test_the_same_index_passes_against_itself():
    assert against_live(LIVE, live_version="v1").status == "passed"
    assert against_live(LIVE, live_version="v1").live == "v1"


@pytest.mark.parametrize(
    "spoil",
    [
        reversed_order,
        shuffled,
        lambda hits, mode: hits[:1],
        lambda hits, mode: hits[3:],
        lambda hits, mode: [],
        lambda hits, mode: [hit.with_score(float("nan")) for hit in hits],
        lambda hits, mode: [hit.with_score(1.0) for hit in hits],
        lambda hits, mode: hits if mode == "hybrid" else [],
        lambda hits, mode: [] if mode == "dense" else hits,
        lambda hits, mode: [] if mode == "lexical" else hits,
        lambda hits, mode: [] if hash_of(hits) % 4 == 0 else hits,
    ],
    ids=[
        "reversed",
        "shuffled",
        "cut to one",
        "best three lost",
        "empty",
        "scores not numbers",
        "all scores equal",
        "both legs dead",
        "dense dead",
        "lexical dead",
        "every fourth question unanswered",
    ],
)
def test_a_spoiled_index_fails_with_a_reason(spoil):
    verdict = against_live(evaluated(spoil))
    assert verdict.status == "failed"
    assert all(reason.endswith(".") for reason in verdict.reasons)


def test_a_ranking_cut_off_after_its_tenth_document_fails():
    def cut(hits, mode):
        names = list(dict.fromkeys(hit.chunk.document for hit in hits))[:10]
        return [hit for hit in hits if hit.chunk.document in names]

    values = [0.6] * 60
    live, candidate = with_values(LIVE, values), with_values(evaluated(cut), values)
    live = with_values(live, [1.0] * 60, "Recall@100")
    verdict = judge(candidate, floors=NO_FLOORS, live=live)
    assert [reason.split()[0] for reason in verdict.reasons] == ["Recall@100"]


def test_documents_that_are_gone_fail_and_are_named():
    missing = ["lib/003.md", "lib/005.md"]
    shelf = Shelf({name: text for name, text in BOOK.documents.items() if name not in missing})
    verdict = against_live(evaluate(shelf.search, GOLD, shelf))
    (reason,) = [reason for reason in verdict.reasons if "gone" in reason]
    assert reason.startswith("Of gold, what the live version holds is gone: lib/003.md, lib/005.md. ")
    assert verdict.stale >= 2
    back = judge(LIVE, floors=NO_FLOORS, live=evaluate(shelf.search, GOLD, shelf))
    assert back.status == "passed", "what comes back is no loss"


def test_documents_that_were_gone_before_do_not_fail():
    shelf = Shelf({name: text for name, text in BOOK.documents.items() if name != "lib/003.md"})
    evaluation = evaluate(shelf.search, GOLD, shelf)
    assert evaluation.stale
    verdict = judge(evaluation, floors=NO_FLOORS, live=evaluation)
    assert verdict.status == "passed"
    assert verdict.absent == 2
    assert verdict.unheld.startswith("2 of the gold's 60 queries name a document that is not in the index")
    assert judge(LIVE, floors=NO_FLOORS, live=None).unheld == ""


def test_spoiled_vectors_fail_even_a_first_version():
    shelf, gold = library(60)
    shelf.vectors = np.roll(shelf.vectors, 20, axis=0)
    verdict = judge(evaluate(shelf.search, gold, shelf), floors=NO_FLOORS, live=None)
    assert ["dense leg found" in reason for reason in verdict.reasons] == [True]


def test_an_index_that_finds_nothing_relevant_fails_without_any_floor():
    gold = Gold((GoldQuery("q", "no such word", GOLD.queries[0].relevant),), "citewell", "")
    unfound = evaluate(spoiled(BOOK.search, lambda hits, mode: hits if mode != "hybrid" else []), gold, BOOK)
    assert "nDCG@10 is 0" in judge(unfound, floors=NO_FLOORS, live=None).reasons[0]


def test_a_metric_that_is_not_a_number_fails_and_is_kept_out_of_the_verdict():
    nan = Interval(float("nan"), float("nan"), float("nan"))
    for name in ("nDCG@10", "MAP"):
        verdict = judge(replace(LIVE, metrics={**LIVE.metrics, name: nan}), floors=Floors({name: 0.0}), live=None)
        assert verdict.status == "failed"
        assert f"{name} is not a number." in verdict.reasons
        assert name not in verdict.metrics
        assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_query_whose_value_is_not_a_number_fails_the_comparison():
    values = [float("nan")] + [result.metrics["nDCG@10"] for result in LIVE.per_query[1:]]
    candidate = replace(with_values(LIVE, values), metrics=LIVE.metrics)
    assert against_live(candidate).status == "failed"


def test_one_score_that_is_not_a_number_fails_however_good_the_rest():
    verdict = against_live(replace(LIVE, unscored=1))
    assert verdict.reasons == ("1 hits came with a score that is not a number.",)


def test_a_missing_metric_fails():
    metrics = {name: value for name, value in LIVE.metrics.items() if name != "nDCG@10"}
    assert judge(replace(LIVE, metrics=metrics), floors=NO_FLOORS, live=None).status == "failed"
    spanless = replace(LIVE, metrics={name: v for name, v in LIVE.metrics.items() if name != "SpanRecall@10"})
    verdict = judge(spanless, floors=Floors({"SpanRecall@10": 0.0}), live=None)
    assert verdict.reasons == ("SpanRecall@10 was not measured, and its floor is 0.000.",)


def test_a_query_that_was_not_asked_counts_as_failed():
    assert against_live(replace(LIVE, per_query=LIVE.per_query[:45])).status == "failed"


def test_gold_without_answerable_queries_fails():
    empty = evaluate(BOOK.search, Gold((GoldQuery("u", "?", answerable=False),), "citewell", ""), BOOK)
    assert judge(empty, floors=NO_FLOORS, live=None).reasons == (
        "The gold holds no answerable queries, so nothing was measured.",
    )


def test_a_floor_that_is_not_met_fails_with_both_numbers():
    mean = LIVE.metrics["nDCG@10"].mean
    assert judge(LIVE, floors=Floors({"nDCG@10": mean}), live=None).status == "passed"
    verdict = judge(LIVE, floors=Floors({"nDCG@10": 0.99, "MAP": 0.0}), live=None)
    assert verdict.reasons == (f"nDCG@10 {mean:.3f} is below the floor 0.990.",)


@pytest.mark.parametrize("bad", [{"nDCG@11": 0.5}, {"ndcg@10": 0.5}, {"MAP": 1.5}, {"MAP": -1}, {"MAP": float("nan")}])
def test_a_floor_that_cannot_be_meant_is_refused(bad):
    with pytest.raises(BadFloor) as caught:
        Floors(bad)
    assert next(iter(bad)) in str(caught.value)


def test_a_floor_of_a_tag_counts_its_queries_alone():
    tagged = replace(
        LIVE,
        per_query=tuple(
            replace(result, tags=("billing",) if place < 10 else (), metrics={**result.metrics, "nDCG@10": place / 60})
            for place, result in enumerate(LIVE.per_query)
        ),
    )
    floors = Floors({}, {"billing": {"nDCG@10": 0.5}})
    verdict = judge(tagged, floors=floors, live=None)
    assert verdict.reasons == ("nDCG@10 of the 10 queries tagged 'billing' 0.075 is below the floor 0.500.",)
    assert judge(tagged, floors=Floors({}, {"billing": {"nDCG@10": 0.07}}), live=None).status == "passed"


def test_a_floor_of_a_tag_that_no_query_has_fails():
    verdict = judge(LIVE, floors=Floors({}, {"none": {"MAP": 0.0}}), live=None)
    assert verdict.reasons == ("MAP of the 0 queries tagged 'none' was not measured, and its floor is 0.000.",)
    with pytest.raises(BadFloor, match="no metric"):
        Floors({}, {"none": {"nDCG": 0.5}})


def test_every_metric_can_have_a_floor():
    assert judge(LIVE, floors=Floors(dict.fromkeys(METRICS, 0.0)), live=None).status == "passed"


def test_permuted_ties_pass():
    tied = spoiled(BOOK.search, lambda hits, mode: [hit.with_score(round(hit.score, 1)) for hit in hits])
    other = spoiled(tied, lambda hits, mode: random.Random(3).sample(hits, len(hits)))
    live, candidate = evaluate(tied, GOLD, BOOK), evaluate(other, GOLD, BOOK)
    assert judge(candidate, floors=NO_FLOORS, live=live).status == "passed"
    assert candidate.metrics["nDCG@10"] == live.metrics["nDCG@10"]


def test_one_query_of_fifty_that_gets_worse_passes():
    live = with_values(LIVE, [1.0] * 50)
    assert judge(with_values(LIVE, [0.0] + [1.0] * 49), floors=NO_FLOORS, live=live).status == "passed"
    assert judge(with_values(LIVE, [0.63] + [1.0] * 49), floors=NO_FLOORS, live=live).status == "passed"


@pytest.mark.parametrize(
    ("losers", "by", "status"),
    [
        (50, 0.015, "passed"),  # certain, but within what is allowed
        (50, 0.03, "failed"),  # certain, and beyond it
        (4, 0.5, "passed"),  # beyond it, but no test would swear to four of fifty
        (6, 0.5, "failed"),  # six would
        (1, 0.5, "passed"),
    ],
)
def test_a_drop_must_be_both_large_and_significant(losers, by, status):
    live = with_values(LIVE, [0.8] * 50)
    candidate = with_values(LIVE, [0.8 - by] * losers + [0.8] * (50 - losers))
    verdict = judge(candidate, floors=NO_FLOORS, live=live)
    assert verdict.status == status, verdict.reasons
    assert all("p = 0.0" in reason for reason in verdict.reasons)


def test_a_very_large_drop_fails_even_where_nothing_can_be_proved():
    live, candidate = with_values(LIVE, [1.0] * 3), with_values(LIVE, [0.0, 1.0, 1.0])
    (reason,) = judge(candidate, floors=NO_FLOORS, live=live).reasons
    assert reason == (
        "nDCG@10 fell from 1.000 on the live version to 0.667, by 0.333 over 3 queries; "
        "more than 0.100 is never allowed."
    )
    assert judge(candidate, floors=NO_FLOORS, live=live, max_drop=0.4).status == "passed"


def test_evaluations_that_cannot_be_compared_are_a_mistake_of_the_caller():
    for other in (replace(LIVE, gold="another"), replace(LIVE, k=10), replace(LIVE, mode="dense")):
        with pytest.raises(ValueError, match="not of the same"):
            judge(LIVE, floors=NO_FLOORS, live=other)
    with pytest.raises(BadFloor):
        against_live(LIVE, max_drop=float("nan"))


def test_equal_quality_seldom_alarms():
    """On 50 queries, where a third of them change by 0.15 up or down at random."""
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(200):
        before = rng.beta(2, 1, 50)
        after = np.clip(before + rng.normal(0, 0.15, 50) * (rng.random(50) < 1 / 3), 0, 1)
        # Clipping pulls inwards; drawing which of the two is the live one makes them equally good.
        live, candidate = (before, after) if rng.random() < 0.5 else (after, before)
        live, candidate = with_values(LIVE, live.tolist()), with_values(LIVE, candidate.tolist())
        alarms += judge(candidate, floors=NO_FLOORS, live=live).status == "failed"
    assert alarms / 200 <= 0.05


def test_a_live_index_is_probed_and_a_dead_one_refused():
    verdict = judge_probe(probe(BOOK.search, BOOK, lost_share=0.1))
    assert verdict.status == "probe"
    assert len(verdict.reasons) == 4
    assert verdict.gold is None
    dead = judge_probe(probe(spoiled(BOOK.search, lambda hits, mode: []), BOOK))
    assert dead.status == "failed"
    assert len(dead.reasons) == 2


def test_a_verdict_is_stored_and_read_back():
    verdict = against_live(evaluated(reversed_order), live_version="v1")
    stored = json.loads(json.dumps(verdict.to_json(), allow_nan=False))
    assert stored["schema"] == 1
    assert stored["status"] == "failed"
    assert Verdict.from_json(stored) == verdict
    forced = replace(verdict, status="forced")
    assert Verdict.from_json(forced.to_json()) == forced


def test_a_damaged_or_newer_verdict_is_refused():
    good = Verdict("passed", ()).to_json()
    for bad in ({}, good | {"status": "splendid"}, good | {"reasons": "none"}, good | {"queries": None}):
        with pytest.raises(BadVerdict, match="damaged"):
            Verdict.from_json(bad)
    with pytest.raises(BadVerdict, match="newer"):
        Verdict.from_json(good | {"schema": 2})


def answered(right=8, beside=1, refused=1, rightly=3, wrongly=1):
    """An evaluation in which so many questions came to each outcome; those of the first two are tagged."""
    told = {
        "right": Told("8040", quotes=(Quoted("a", "8040"),)),
        "beside": Told("9090", quotes=(Quoted("b", "9090"),)),
        "refused": Told(reason="no"),
    }
    shelf = Shelf({"a": "alpha port 8040", "b": "beta port 9090"})
    queries = [
        GoldQuery(
            f"{kind}-{n}", f"alpha {kind}", (Relevant("a"),), ("8040",), tags=("net",) if kind != "refused" else ()
        )
        for kind, of in (("right", right), ("beside", beside), ("refused", refused))
        for n in range(of)
    ]
    queries += [GoldQuery(f"r-{n}", "x refused", answerable=False, tags=("near",)) for n in range(rightly)]
    queries += [GoldQuery(f"w-{n}", "x beside", answerable=False, tags=("near", "net")) for n in range(wrongly)]
    gold = Gold(tuple(queries), "citewell", "digest")
    return evaluate(shelf.search, gold, shelf, answerer=lambda question: told[question.split()[1]])


def judged(evaluation, minimums=None, maximums=None, tags=None, tag_maximums=None):
    floors = Floors(minimums or {}, tags or {}, maximums or {}, tag_maximums or {})
    return judge(evaluation, floors=floors, live=None)


@pytest.mark.parametrize(
    ("name", "value", "is_floor"),
    [
        ("answers.right", 0.8, True),
        ("answers.rightly_refused", 0.75, True),
        ("answers.beside", 0.1, False),
        ("answers.wrongly_refused", 0.1, False),
        ("answers.should_have_refused", 0.25, False),
    ],
)
def test_answers_have_floors_and_ceilings_that_hold_exactly(name, value, is_floor):
    tighter = value + 0.001 if is_floor else value - 0.001
    for limit, status in ((value, "passed"), (tighter, "failed")):
        limits = {name: limit}
        verdict = judged(answered(), limits if is_floor else None, None if is_floor else limits)
        assert verdict.status == status, (name, limit, verdict.reasons)
    assert verdict.metrics[name] == pytest.approx(value)
    [reason] = verdict.reasons
    assert reason.startswith(f"{name} {value:.3f} is {'below the floor' if is_floor else 'above the ceiling'}")


def test_a_gate_that_fails_for_its_answers_says_which():
    [reason] = judged(answered(), {"answers.right": 0.9}).reasons
    assert "beside-0 “alpha beside” (beside, " in reason
    assert "refused-0 “alpha refused” (wrongly refused, " in reason
    [reason] = judged(answered(beside=9), maximums={"answers.beside": 0.1}).reasons
    assert "and 4 more" in reason
    assert "refused-0" not in reason
    [reason] = judged(answered(), {"answers.rightly_refused": 0.9}).reasons
    assert reason.endswith(": w-0 “x beside” (should have refused).")


def test_answers_that_nobody_asked_for_do_not_fail_a_version_and_missing_ones_that_somebody_did():
    poor = answered(right=1, beside=9, rightly=0, wrongly=9)
    assert judged(poor).status == "passed", "absent, they are not judged"
    answers, nothing = 'add "answers" to the gold', 'add questions with "answerable": false to the gold'
    for name, what in (("answers.right", answers), ("answers.rightly_refused", nothing)):
        [reason] = judged(LIVE, {name: 0.0}).reasons
        assert reason.startswith(f"{name} was not measured, and its floor is 0.000: {what}, and ")
    for name, what in (("answers.beside", answers), ("answers.should_have_refused", nothing)):
        [reason] = judged(LIVE, maximums={name: 1.0}).reasons
        assert reason.startswith(f"{name} was not measured, and its ceiling is 1.000: {what}, and ")
    none = answered(rightly=0, wrongly=0)
    assert judged(none, {"answers.rightly_refused": 0.0}).status == "failed", "no question without an answer was asked"


def test_answers_have_floors_by_tag_too():
    tags = {"net": {"answers.right": 0.9}}
    [reason] = judged(answered(), tags=tags).reasons
    assert reason.startswith("answers.right of the 9 queries tagged 'net' 0.889 is below the floor 0.900: beside-0")
    assert judged(answered(beside=0), tags=tags).status == "passed"


def test_answers_have_ceilings_by_tag_too():
    [reason] = judged(answered(), tag_maximums={"net": {"answers.beside": 0.1}}).reasons
    assert reason.startswith("answers.beside of the 9 queries tagged 'net' 0.111 is above the ceiling 0.100: beside-0")
    assert judged(answered(), maximums={"answers.beside": 0.1}).status == "passed", "over all queries it is kept"
    [reason] = judged(answered(), tag_maximums={"near": {"answers.should_have_refused": 0.2}}).reasons
    assert "should_have_refused of the 4 queries tagged 'near' 0.250 is above the ceiling 0.200: w-0" in reason
    kept = {"net": {"answers.beside": 1 / 9}, "near": {"answers.should_have_refused": 0.25}}
    assert judged(answered(), tag_maximums=kept).status == "passed"


def test_a_ceiling_of_a_tag_that_no_query_has_is_not_kept():
    [reason] = judged(answered(), tag_maximums={"nett": {"answers.beside": 1.0}}).reasons
    assert reason.startswith("answers.beside of the 0 queries tagged 'nett' was not measured, and its ceiling is 1.000")
    [reason] = judged(LIVE, tag_maximums={"net": {"answers.beside": 1.0}}).reasons
    assert "was not measured" in reason


def test_a_limit_that_could_not_be_meant_is_refused_with_what_to_set():
    with pytest.raises(BadFloor, match=r"answers\.beside takes a ceiling and no floor: set it as \[eval\] ceilings"):
        Floors({"answers.beside": 0.1})
    with pytest.raises(BadFloor, match=r"answers\.right takes a floor and no ceiling: set it as \[eval\] floors"):
        Floors(maximums={"answers.right": 0.1})
    with pytest.raises(BadFloor, match=r"no metric 'answers\.rihgt'"):
        Floors({"answers.rihgt": 0.1})
    with pytest.raises(BadFloor, match="between 0 and 1"):
        Floors(maximums={"answers.beside": 10})
    with pytest.raises(BadFloor, match=r"answers\.right takes a floor and no ceiling: set it as \[eval\] tag_floors"):
        Floors(tag_maximums={"net": {"answers.right": 0.1}})
    with pytest.raises(BadFloor, match=r"takes a ceiling and no floor: set it as \[eval\] tag_ceilings"):
        Floors(tags={"net": {"answers.beside": 0.1}})


def test_a_verdict_keeps_what_came_of_asking_and_older_ones_are_read():
    verdict = judged(answered())
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert (verdict.answers["right"], verdict.answers["should_have_refused"]) == (8, 1)
    assert verdict.summary.startswith("Of 10 questions that the documents answer, 8 (80%) got the right words")
    older = {name: value for name, value in verdict.to_json().items() if name not in ("answers", "summary")}
    assert Verdict.from_json(older).answers is None
