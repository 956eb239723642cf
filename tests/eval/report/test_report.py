"""Does the report say what was measured, what changed and what to try, and does its page need nothing else?"""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from eval.calibrate.calibration import Calibration, Costs
from eval.gate.judge import Floors, judge
from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.measure.answers import Quoted, Told
from eval.measure.evaluate import evaluate
from eval.measure.stats import Interval
from eval.measure.summary import MEANINGS
from eval.report.page import BadTarget, as_html, as_markdown, write_report
from eval.report.report import Described, Report, as_json, by_document, cosines, seconds, worst_first
from tests.eval.gate.test_judge import answered
from tests.eval.shelf import Shelf, library, rescored, spoiled

BOOK, GOLD = library(60)
GOOD = evaluate(BOOK.search, GOLD, BOOK)
TURNED = spoiled(BOOK.search, lambda hits, mode: rescored(hits, range(len(hits))[::-1]))
POOR = evaluate(TURNED, GOLD, BOOK)
SETTINGS = {"dense_weight": 0.5, "reranker": None}
HERE = Described("v2", "2026-11-26T10:00+00:00", "gold.jsonl", "tiny", 60, 180, SETTINGS)
BEFORE = replace(HERE, index_version="v1")
DEEP = replace(GOOD, metrics={"Recall@100": Interval(1, 1, 1), "Recall@10": Interval(0.3, 0.2, 0.4)})


class Page(HTMLParser):
    """Its text, and whatever it would fetch."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.fetched, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.fetched += [value for name, value in attributes if name in {"src", "href", "srcset", "action"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def test_the_page_says_what_its_figures_of_probabilities_mean():
    costs = Costs(60, 0.87, 0.31, 0.05, {"80 %": 0.4}, 0.01, 0.2, 0.0, 0.1, 0.03, 0.3)
    page = Page(
        as_html(Report(HERE, GOOD, calibration=Calibration("shipped", "tiny", (1.0,), 0.0, gold="g", costs=costs)))
    )

    assert "AUROC 0.87 (0.5 is chance)" in page.text
    assert "AUROC 0.870 (1 separates right from wrong, 0.5 is chance), Brier skill +0.310 (1 is perfect, 0" in page.text
    assert "expected calibration error 0.050 (0 is perfect)" in page.text


def test_the_page_opens_without_a_network_and_is_well_formed():
    page = Page(as_html(Report(HERE, GOOD, live=(BEFORE, POOR))))
    assert page.open == []
    assert page.fetched == []
    assert "url(" not in "".join(page.texts)


def test_the_page_has_every_figure_with_its_interval():
    page = Page(as_html(Report(HERE, GOOD)))
    for name, value in GOOD.metrics.items():
        assert f"{name} {MEANINGS[name]} {value.mean:.3f}" in page.text
        assert f"{value.low:.3f} to {value.high:.3f}" in page.text
    assert "60 queries" in page.text


def test_a_loss_against_the_live_version_is_said_and_its_queries_come_first():
    report = Report(HERE, POOR, live=(BEFORE, GOOD), verdict=judge(POOR, floors=Floors(), live=GOOD))
    page = Page(as_html(report)).text
    assert "This version is worse: nDCG@10 -0." in page
    assert "The gate says failed" in page
    gains = report.change.gains
    order = [result.id for result in worst_first(report)]
    assert [gains[id] for id in order] == sorted(gains.values())
    assert page.index(f"{order[0]}") < page.index(f" {order[20]} ")
    first = next(result for result in POOR.per_query if result.id == order[0])
    before = next(result for result in GOOD.per_query if result.id == order[0])
    assert "live version" in page
    assert first.hits[0].chunk.text[:40] in page
    assert before.hits[0].chunk.text[:40] in page


def test_what_documents_say_cannot_become_part_of_the_page():
    evil = Shelf({"a<b>": "<script>alert(1)</script> & pump", "b": "other words"})
    query = GoldQuery("<q>", "pump <img src=x onerror=alert(2)>", (Relevant("a<b>"),), tags=("<tag>",))
    html = as_html(Report(HERE, evaluate(evil.search, Gold.of([query]), evil)))
    page = Page(html)
    assert "<script" not in html
    assert "<img" not in html
    assert page.fetched == []
    assert "<script>alert(1)</script> & pump" in page.text


def test_documents_that_gold_names_are_told_by_how_often_they_are_missed():
    rows = by_document(POOR)
    assert sum(row.queries for row in rows) == sum(len(result.grades) for result in POOR.per_query)
    assert [len(row.missed) for row in rows] == sorted((len(row.missed) for row in rows), reverse=True)
    for row in rows:
        assert row.queries == row.found + len(row.missed)


def test_cosines_are_parted_by_what_gold_says():
    right, wrong = cosines(GOOD)
    assert len(right) + len(wrong) == sum(len(result.hits) for result in GOOD.per_query)
    names = {name for result in GOOD.per_query[:1] for name in result.grades}
    one = replace(GOOD, per_query=GOOD.per_query[:1])
    assert len(cosines(one)[0]) == sum(hit.chunk.document in names for hit in GOOD.per_query[0].hits)


def test_times_are_told_where_searches_were_timed():
    assert 0 < seconds(GOOD)["p50"] <= seconds(GOOD)["p95"] <= seconds(GOOD)["longest"]
    assert seconds(replace(GOOD, per_query=())) == {}


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (
            Report(HERE, evaluate(BOOK.search, Gold.of(GOLD.queries[:8]), BOOK)),
            "With 8 queries nDCG@10 is known to lie",
        ),
        (Report(HERE, replace(POOR, metrics=POOR.metrics | {"Recall@100": GOOD.metrics["MAP"]})), "--explain"),
        (Report(HERE, POOR, {"lexical": replace(GOOD, mode="lexical")}), "The lexical leg alone is better"),
        (Report(HERE, POOR, {"dense": replace(GOOD, mode="dense")}), "raise [retrieval] dense_weight"),
        (Report(HERE, DEEP), "a reranker ([retrieval] reranker) or tuned weights"),
        (
            Report(replace(HERE, settings={"reranker": "some"}), DEEP),
            "a deeper reranking ([retrieval] rerank_depth) or",
        ),
        (Report(HERE, DEEP), "Of a query's relevant documents 100% are on average among the first hundred"),
        (Report(HERE, GOOD), "89% of the first ten places hold documents that nobody judged"),
    ],
)
def test_what_to_try_follows_from_the_figures(report, said):
    assert any(said in line for line in report.advice)


def test_no_tuning_is_advised_for_an_index_that_is_spoiled():
    dead = replace(DEEP, legs=(replace(GOOD.legs[0], ok=False), *GOOD.legs[1:]))
    worse = Report(HERE, replace(DEEP, per_query=POOR.per_query), live=(BEFORE, GOOD))
    assert worse.change.outcome == "worse"
    for report in (Report(HERE, dead), worse):
        assert not any("can lift" in line for line in report.advice)


def test_stale_gold_and_a_dead_leg_are_named_first():
    gone = GoldQuery("gone", "pump", (Relevant("lost"),))
    deaf = spoiled(BOOK.search, lambda hits, mode: [] if mode == "dense" else hits)
    lines = Report(HERE, evaluate(deaf, Gold.of([*GOLD.queries, gone]), BOOK)).advice
    assert "dense leg found 0" in lines[0]
    assert lines[1].startswith("1 piece of gold is not in the documents any more: ")


def test_a_tag_that_is_worse_than_the_rest_is_named():
    queries = tuple(
        replace(result, tags=("hard",) if place < 20 else ("easy",), metrics={"nDCG@10": 0.1 if place < 20 else 0.9})
        for place, result in enumerate(GOOD.per_query)
    )
    lines = Report(HERE, replace(GOOD, per_query=queries)).advice
    assert any("20 queries tagged hard reach nDCG@10 0.100, the 40 others 0.900 (p = 0.000" in line for line in lines)
    assert not any("tagged easy" in line for line in lines)
    few = tuple(replace(result, tags=("hard",) if place < 9 else ()) for place, result in enumerate(queries))
    assert not any("tagged" in line for line in Report(HERE, replace(GOOD, per_query=few)).advice)


def test_tags_that_differ_by_chance_are_seldom_named():
    random, named = np.random.default_rng(5), 0
    for _ in range(20):
        queries = tuple(
            replace(result, tags=(f"t{random.integers(4)}",), metrics={"nDCG@10": float(random.random())})
            for result in GOOD.per_query
        )
        named += any("tagged" in line for line in Report(HERE, replace(GOOD, per_query=queries)).advice)
    assert named <= 3


def test_with_a_live_version_it_is_the_scatter_of_the_differences_that_says_what_would_show():
    few = Gold.of(GOLD.queries[:12])
    now, before = evaluate(BOOK.search, few, BOOK), evaluate(TURNED, few, BOOK)
    report = Report(HERE, now, live=(BEFORE, before))
    least = report.change.metrics["nDCG@10"].detectable
    said = f"With 12 queries a change of nDCG@10 against the live version shows from about {least:.2f} on: write gold"
    assert any(line.startswith(said) for line in report.advice)
    alike = Report(HERE, now, live=(BEFORE, now)).advice
    said = "12 queries, 0 of them answered otherwise than by the live version, no change can show"
    assert any(said in line for line in alike)


def test_a_difference_has_a_colour_only_where_the_test_that_decides_says_so():
    worse = Report(HERE, POOR, live=(BEFORE, GOOD))
    assert len(re.findall(r'<td class="n bad"[^>]*>-', as_html(worse))) == len(worse.change.decided)
    moved = replace(
        GOOD, per_query=tuple(replace(each, metrics=each.metrics | {"P@5": 1.0}) for each in GOOD.per_query)
    )
    better = Report(HERE, moved, live=(BEFORE, GOOD))
    assert better.change.metrics["P@5"].low > 0
    assert '<td class="n good"' not in as_html(better)
    assert "0.0001 uncorrected" in as_html(better)
    assert "0.0001 uncorrected" in as_markdown(better)


def test_intervals_are_called_what_they_are():
    page = Page(as_html(Report(HERE, GOOD))).text
    assert "about 95 of 100 hold the mean that all such questions together would give" in page
    assert "dense_weight = 0.5 , reranker = none" in page


def test_three_files_are_written_that_say_the_same(tmp_path):
    report = Report(HERE, POOR, live=(BEFORE, GOOD))
    page, markdown, data = write_report(report, tmp_path / "deep" / "report.html")
    assert [path.suffix for path in (page, markdown, data)] == [".html", ".md", ".json"]
    stored = json.loads(data.read_text("utf-8"))
    assert stored == json.loads(json.dumps(as_json(report)))
    assert stored["live"]["verdict"] == "worse"
    assert len(stored["per_query"]) == 60
    said = markdown.read_text("utf-8")
    assert said == as_markdown(report)
    assert f"| nDCG@10 | {POOR.metrics['nDCG@10'].mean:.3f} (" in said
    assert re.search(r"^This version is worse: ", said, re.MULTILINE)
    assert "Measured 2026-11-26T10:00+00:00 on gold.jsonl: 60 queries." in said


def test_a_report_replaces_an_earlier_one_and_nothing_else(tmp_path):
    report = Report(replace(HERE, gold=str(tmp_path / "gold.json")), GOOD)
    first = write_report(report, tmp_path / "r.html")
    assert write_report(report, tmp_path / "r.html") == first
    for name, text in (("gold.json", "{}"), ("notes.md", "# Notes"), ("data.json", "[1]"), ("bytes.json", "\udce9")):
        (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogateescape")
        with pytest.raises(BadTarget, match=f"{name}.*name another"):
            write_report(report, tmp_path / f"{Path(name).stem}.html")
        assert not (tmp_path / f"{Path(name).stem}.html").exists()
    for name in ("r.md", "r", "r.json"):
        with pytest.raises(BadTarget, match=f"{name} does not end with .html: name one that does"):
            write_report(report, tmp_path / name)


def test_gold_with_unanswerable_questions_and_nothing_else_still_reads():
    nothing = evaluate(BOOK.search, Gold.of([GoldQuery("u", "?", answerable=False)]), BOOK)
    page = Page(as_html(Report(HERE, nothing)))
    assert "0 queries, and 1 without an answer" in page.text
    assert as_markdown(Report(HERE, nothing))


def text_of(report):
    return " ".join(" ".join(Page(as_html(report)).texts).split())


def test_page_and_markdown_begin_with_one_plain_sentence():
    report = Report(HERE, answered())
    sentence = "Of 10 questions that the documents answer, 8 (80%) got the right words"
    page, markdown = text_of(report), as_markdown(report)
    assert f"Does this index answer your questions? good. {sentence}" in page, "with nothing between"
    assert markdown.split("\n")[2].startswith(f"**Good.** {sentence}")
    found = as_json(report)
    assert (found["level"], found["summary"][: len(sentence)]) == ("good", sentence)
    without = as_json(Report(HERE, GOOD))
    assert (without["answers"], without["summary"][:23]) == (None, "For 93% of 60 questions")
    assert "asked without a model" not in as_markdown(Report(HERE, GOOD))


def test_the_worst_answers_stand_beside_what_was_right_one_of_each_kind_in_turn():
    report = Report(HERE, answered(right=3, beside=30, refused=2, wrongly=2))
    page, markdown = text_of(report), as_markdown(report)
    places = [page.index(f"{what} ·") for what in ("beside", "wrongly refused", "should have refused")]
    assert places == sorted(places)
    assert page.count("beside ·") == 30
    assert (
        "- *wrongly refused*: alpha refused (refused-0) Said: no Right: 8040. Lost: the passage that says" in markdown
    )
    lines = as_json(report)["answers"]["per_query"]
    assert [line["outcome"] for line in lines[:3]] == ["beside", "wrongly_refused", "should_have_refused"]
    assert lines[0]["expected"] == ["8040"]
    assert lines[0]["right"]["text"] == "alpha port 8040"
    many = text_of(Report(HERE, answered(right=3, beside=50)))
    assert many.count("beside ·") + many.count("should have refused ·") + many.count("wrongly refused ·") == 40
    assert "12 more are in the JSON file" in many


def test_every_figure_of_a_page_says_what_it_means():
    page = text_of(Report(HERE, replace(GOOD, answers=answered().answers)))
    for meaning in ("nothing was quoted, though the documents answer", "share of the first five documents that answer"):
        assert meaning in page


def test_what_was_said_cannot_write_into_the_page():
    shelf = Shelf({"a": "alpha <b>port</b> 8040"})
    evil = "<script>alert(1)</script>"
    query = GoldQuery("q", f"alpha {evil}", (Relevant("a"),), (evil, "8040"), tags=(evil,))
    told = Told(f"{evil} said", quotes=(Quoted(evil, evil[:-1]),), kinds=(evil,))
    found = evaluate(shelf.search, Gold((query,), "citewell", "d"), shelf, answerer=lambda _: replace(told, said="no"))
    assert found.answers.counts["beside"] == 1
    page = as_html(Report(HERE, found))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</b> or <b>8040" in page


def test_the_advice_follows_where_answers_were_lost():
    advice = " ".join(Report(HERE, answered(right=2, beside=5, refused=5, rightly=0, wrongly=9)).advice)
    assert "In 10 of the 10 questions whose answer was not given, the index finds the right passage below" in advice
    assert "9 of 9 questions that the documents do not answer were answered all the same" in advice
    fine = " ".join(Report(HERE, answered(right=9, beside=0, refused=0, wrongly=0)).advice)
    assert "answer was not given" not in fine
    assert "all the same" not in fine


def test_a_change_of_answers_against_the_live_version_is_told():
    report = Report(HERE, answered(), live=(BEFORE, answered()))
    assert "Against the live version" not in text_of(report)
    assert as_json(report)["live"]["answers"] == []
    other = answered()
    turned = replace(
        other.answers,
        results=tuple(
            replace(each, outcome="right") if each.id == "beside-0" else each for each in other.answers.results
        ),
    )
    better = Report(HERE, replace(other, answers=turned), live=(BEFORE, other))
    assert "1 questions are answered (or refused) rightly that were not, and 0 not any more" in text_of(better)
    assert as_json(better)["live"]["answers"] == [{"id": "beside-0", "before": "beside", "after": "right"}]
