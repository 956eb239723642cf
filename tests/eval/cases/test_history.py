"""Evaluations are kept by release, and two are compared case by case."""

import sqlite3

import pytest

from eval.cases.cases import Case, Expected
from eval.cases.evaluate import evaluate
from eval.cases.history import NoHistory, compare, of_release, record, recorded
from eval.cases.judge import Seen
from eval.cases.routing import Routing, together


def cases(count, says="yes"):
    return [Case(f"c{number}", "Is it?", Expected(says=(says,))) for number in range(count)]


def came(asked, right):
    """So many of the first cases pass."""
    return evaluate(asked, lambda case: Seen("answered", "yes" if int(case.id[1:]) < right else "no"))


def keep(home, found, release, at="2026-01-31T00:00:00+00:00"):
    record(home, found, at=at, release=release, model="m", index_version="v1")


def test_an_evaluation_is_kept_and_given_back(tmp_path):
    assert recorded(tmp_path) == []
    keep(tmp_path, came(cases(4), 3), "aaa1", at="2026-01-31T00:00:00+00:00")
    keep(tmp_path, came(cases(4), 4), "bbb2", at="2026-02-01T00:00:00+00:00")
    first, second = recorded(tmp_path)

    assert (first.at, first.release, first.model, first.index_version) == (
        "2026-01-31T00:00:00+00:00",
        "aaa1",
        "m",
        "v1",
    )
    assert (first.rate.mean, second.rate.mean) == (0.75, 1.0)


def test_no_word_of_a_question_or_an_answer_is_kept(tmp_path):
    asked = [Case("c0", "Where is the secret?", Expected(says=("under the doormat",)))]
    keep(tmp_path, evaluate(asked, lambda _: Seen("answered", "It is under the doormat.")), "aaa1")
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    assert b"aaa1" in kept
    assert b"secret" not in kept
    assert b"doormat" not in kept


def test_a_release_is_named_by_its_beginning_and_its_latest_evaluation_counts(tmp_path):
    for right in (1, 2):
        keep(tmp_path, came(cases(4), right), "aaa1")
    keep(tmp_path, came(cases(4), 4), "aab2")
    kept = recorded(tmp_path)

    assert of_release(kept, "aaa").rate.mean == 0.5
    with pytest.raises(NoHistory, match="Several releases begin with 'aa'"):
        of_release(kept, "aa")
    with pytest.raises(NoHistory, match="'zzz' on cases is recorded; there are aab2, aaa1"):
        of_release(kept, "zzz")
    with pytest.raises(NoHistory, match="none is: run citewell eval agent once"):
        of_release([], "zzz")


def test_a_clear_change_is_told_by_a_paired_test_with_the_cases_that_moved(tmp_path):
    keep(tmp_path, came(cases(40), 20), "aaa1")
    (before,) = recorded(tmp_path)
    better, worse = compare(before, came(cases(40), 40)), compare(before, came(cases(40), 5))

    assert better.said.startswith("Better than release aaa1: 50.0% then, 100.0% now, on 40 cases, p = 0.0")
    assert (len(better.won), better.lost) == (20, ())
    assert worse.said.startswith("Worse than release aaa1")
    assert worse.lost == tuple(f"c{number}" for number in range(5, 20))


def test_a_change_that_chance_explains_is_none(tmp_path):
    keep(tmp_path, came(cases(40), 20), "aaa1")
    (before,) = recorded(tmp_path)

    assert "No difference from release aaa1 can be told" in compare(before, came(cases(40), 21)).said
    assert compare(before, came(cases(40), 20)).said.startswith("No difference from release aaa1: 50.0% then")


def test_a_case_that_was_changed_between_is_left_out(tmp_path):
    keep(tmp_path, came(cases(4), 4), "aaa1")
    (before,) = recorded(tmp_path)
    changed = [*cases(3), *cases(5, says="no")[3:]]
    found = compare(before, came(changed, 5))

    assert (found.cases, found.left_out) == (3, 2)
    assert before.of(changed).results.keys() == {"c0", "c1", "c2"}
    assert before.of(cases(4, says="no")) is None
    with pytest.raises(NoHistory, match="asked none of these cases as they are now"):
        compare(before, came(cases(4, says="no"), 4))


def test_a_file_that_is_none_is_told_with_what_to_do(tmp_path):
    (tmp_path / "agent_cases.sqlite").write_text("no database " * 100)

    with pytest.raises(NoHistory, match="move it away, and a new one is begun"):
        recorded(tmp_path)
    with pytest.raises(NoHistory, match="move it away"):
        keep(tmp_path, came(cases(1), 1), "aaa1")


def test_what_is_half_written_is_not_there(tmp_path):
    keep(tmp_path, came(cases(2), 2), "aaa1")
    with sqlite3.connect(tmp_path / "agent_cases.sqlite") as torn:
        torn.execute("INSERT INTO evaluations VALUES (9, 'now', 'torn', 'm', 'v')")
    torn.close()

    assert [each.release for each in recorded(tmp_path)] == ["aaa1"]


def test_a_file_from_before_routings_were_kept_is_read_and_written_on(tmp_path):
    keep(tmp_path, came(cases(4), 3), "aaa1")
    with sqlite3.connect(tmp_path / "agent_cases.sqlite") as connection:
        connection.execute("DROP TABLE routings")
    assert [each.routing for each in recorded(tmp_path)] == [None]
    routed = Routing(1, 2, {"long": 2}, 1, 0.1, 0.3)
    keep(tmp_path, evaluate(cases(1), lambda _: Seen("answered", "yes", routing=routed)), "bbb2")
    assert [each.routing for each in recorded(tmp_path)] == [None, routed]


def test_what_routing_saved_is_not_said_where_a_price_is_not_known():
    known = Routing(1, 0, {"easy": 1}, 0, 0.1, 0.4)
    assert "75% less, by its tokens about 0.4000" in together([known]).said
    assert "of unknown cost" in together([known, Routing(1, 0, {}, 0, None, 0.4)]).said
    assert "not known, as the prices are not set" in together([known, Routing(1, 0, {}, 0, None, None)]).said
    assert "300% more" in Routing(0, 1, {}, 0, 0.4, 0.1).said
    assert together([None]) is None
