"""The figures say how many cases pass, how sure that is, and what asking took."""

import pytest

from eval.cases.cases import Case, Expected
from eval.cases.evaluate import as_json, evaluate
from eval.cases.judge import Seen, Spent

CASES = [Case(name, f"{name}?", Expected(says=("yes",)), tags=tags) for name, tags in [("a", ("t", "t")), ("b", ())]]


def answering(*said):
    """Says one after the other, whoever asks."""
    words = iter(said)
    return lambda case: Seen("answered", next(words), run=f"r-{case.id}", release="r1", spent=Spent(1.0, 10, 0.5))


def test_a_case_passes_where_it_passes_every_time_and_the_rate_is_that_of_all_tries():
    found = evaluate(CASES, answering("yes", "no", "yes", "yes"), repeat=2)

    assert (found.passed, found.tries) == (1, 4)
    assert found.rate.mean == pytest.approx(0.75)
    (failure,) = as_json(found)["failures"]
    assert (failure["id"], failure["passes"], failure["tries"], failure["run"]) == ("a", 1, 2, "r-a")
    assert failure["reasons"] == ("does not say “yes”",)
    assert failure["expected"] == {"says": ("yes",)}
    assert failure["seen"]["said"] == "no"


def test_more_tries_make_the_interval_no_narrower():
    once = evaluate(CASES, answering("yes", "yes")).rate
    often = evaluate(CASES, answering(*["yes"] * 20), repeat=10).rate

    assert once == often
    assert once.low < 0.5
    assert once.high == 1


def test_what_it_took_is_told_in_all_and_a_question():
    told = as_json(evaluate(CASES, answering("yes", "yes")))

    assert (told["spent"]["seconds"], told["spent"]["tokens"], told["spent"]["cost"]) == (2.0, 20, 1.0)
    assert told["spent_a_case"] == {"seconds": 1.0, "tokens": 10, "cost": 0.5}
    assert told["tags"] == {"t": {"cases": 1, "passed": 1}}


def test_a_cost_that_is_not_known_of_one_is_known_of_none():
    seen = iter([Seen("answered", "yes", spent=Spent(cost=0.5)), Seen("answered", "yes")])
    told = as_json(evaluate(CASES, lambda _: next(seen)))

    assert told["spent"]["cost"] is None
    assert told["spent_a_case"]["cost"] is None


def test_tokens_are_told_by_the_model_that_took_them():
    seen = iter([Seen("failed", spent=Spent(by_model={"fast": 3})), Seen("failed", spent=Spent(by_model={"fast": 4}))])

    assert evaluate(CASES, lambda _: next(seen)).spent.by_model == {"fast": 7}


def test_nothing_is_no_evaluation():
    with pytest.raises(ValueError, match="nothing to ask"):
        evaluate([], answering())
