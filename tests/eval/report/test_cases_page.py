"""The page on cases needs nothing else, shows the course to scale, and replaces nothing that is not its like."""

import re

import pytest

from eval.cases.cases import Case, Expected
from eval.cases.evaluate import evaluate
from eval.cases.history import Recorded
from eval.cases.judge import Seen
from eval.report.cases import target, write_cases
from eval.report.charts import course
from eval.report.page import BadTarget

CASES = [Case("a", "Is <b>it</b>?", Expected(says=("yes",)), tags=("plain",)), Case("b", "Why?", Expected(says=("x",)))]


def page(path, **told):
    found = evaluate(CASES, lambda case: Seen("answered", "yes" if case.id == "a" else "no", run="r-1"))
    history = [Recorded(f"2026-0{n}-01", f"rel{n}", "m", "v", {"a": ("d", n % 2, 1)}) for n in (1, 2)]
    return write_cases(path, found, release="rel2", history=history, **told).read_text("utf-8")


def test_the_page_shows_the_course_and_what_failed_and_needs_no_network(tmp_path):
    text = page(tmp_path / "new" / "agent.html", notes=["Something is to be known."])

    assert "1 of 2 cases passed (50.0%" in text
    assert text.count('class="value"') == 2
    assert "does not say “x”" in text
    assert "Something is to be known." in text
    assert "citewell runs show r-1" in text
    assert not re.search(r"https?://|<script|<link", text)


def test_words_of_a_question_are_no_markup(tmp_path):
    found = evaluate(CASES[:1], lambda _: Seen("answered", "<script>alert(1)</script>"))
    text = write_cases(tmp_path / "a.html", found, release="<i>", history=[]).read_text("utf-8")

    assert "<script" not in text
    assert "<b>it</b>" not in text
    assert "<i>" not in text


def test_a_page_takes_the_place_of_its_like_and_of_nothing_else(tmp_path):
    page(tmp_path / "agent.html")
    assert target(tmp_path / "agent.html")
    (tmp_path / "mine.html").write_text("<title>Mine</title>")
    with pytest.raises(BadTarget, match="would be replaced"):
        target(tmp_path / "mine.html")
    with pytest.raises(BadTarget, match=r"does not end with \.html"):
        target(tmp_path / "agent.md")


def test_a_course_is_drawn_to_scale():
    drawn = course([("one", 0.0, 0.0, 0.5), ("two", 1.0, 0.5, 1.0)], "label")
    low, high = (float(y) for y in re.findall(r'class="value" cx="[\d.]+" cy="([\d.]+)"', drawn))
    marks = {part: float(y) for y, part in re.findall(r'y="([\d.]+)" text-anchor="end">(\d+%)', drawn)}

    assert (low + 4, high + 4) == (marks["0%"], marks["100%"])
    assert "two: 100.0%, 95 % interval 50.0% to 100.0%" in drawn
    assert 'class="value"' in course([("alone", 0.5, 0.4, 0.6)], "label")
    assert 'class="value"' not in course([], "label")
