"""Does the report open in a real browser, without a network, and can a person read all of it on any screen?"""

from dataclasses import replace

import pytest

from eval.calibrate.fit import calibrate
from eval.gate.judge import Floors, judge
from eval.report.page import write_report
from eval.report.report import Report
from tests.eval.calibrate.test_calibration import IDENTITY, asked
from tests.eval.gate.test_judge import answered
from tests.eval.report.test_report import BEFORE, GOOD, HERE, POOR

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    tagged = tuple(replace(each, tags=("net",)) for each in POOR.per_query)
    report = Report(
        HERE,
        replace(POOR, answers=answered(40, 9, 5, 9, 9).answers, per_query=tagged),
        legs={"dense": GOOD, "lexical": POOR},
        live=(BEFORE, GOOD),
        verdict=judge(POOR, floors=Floors(), live=GOOD),
        calibration=calibrate(asked(150), IDENTITY, gold="g", shipped=None),
    )
    path = tmp_path_factory.mktemp("report") / "retrieval.html"
    write_report(report, path)
    browser.get(path.as_uri())
    return browser


def run(browser, script):
    return browser.execute_script(f"return {script}")


def test_it_opens_without_a_complaint_and_asks_for_nothing_else(page):
    assert page.get_log("browser") == []
    assert run(page, "performance.getEntriesByType('resource').length") == 0
    assert page.title
    assert page.find_element("tag name", "h1").is_displayed()


@pytest.mark.parametrize("width", [360, 768, 1000, 1400])
def test_nothing_runs_off_the_side_of_a_screen(page, width):
    page.set_window_size(width, 900)
    assert run(page, "document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    tables = run(page, "[...document.querySelectorAll('.wide')].map(each => each.scrollWidth - each.clientWidth)")
    assert len(tables) > 6
    assert max(tables) <= 0, "no table is cut, or needs to be pushed to and fro"


def test_a_row_on_a_phone_says_of_each_number_what_it_is(page):
    page.set_window_size(360, 900)
    row = "[...document.querySelectorAll('h3 + .wide td')].filter(each => each.innerText == 'net')[0].parentElement"
    told = run(
        page,
        f"[...{row}.querySelectorAll('td.n')].filter(each => each.offsetParent)"
        ".map(each => getComputedStyle(each, '::before').content.trim() + each.innerText)",
    )
    assert told[:3] == ['"right "40', '"beside "9', '"should have refused "9']
    assert told[3].startswith('"right of those with an answer "82%')
    page.set_window_size(1200, 900)
    assert run(page, f"getComputedStyle({row}.querySelector('td.n'), '::before').content") == "none"


def test_every_drawing_is_seen_and_has_words_for_those_who_do_not_see_it(page):
    page.set_window_size(1200, 900)
    boxes = run(
        page,
        "[...document.querySelectorAll('svg')].map(s => [s.getBoundingClientRect().width, s.getBoundingClientRect()"
        ".height, s.getAttribute('aria-label')])",
    )
    assert len(boxes) > 9
    for width, height, label in boxes:
        assert width > 20
        assert height > 10
        assert label
    dots = page.find_elements("css selector", "svg[aria-label^='Reliability'] circle")
    assert len(dots) >= 5, "one for each bin that holds anything"


def test_a_query_is_opened_by_a_click_and_shows_both_versions_side_by_side(page):
    page.set_window_size(1200, 900)
    second = page.find_elements("css selector", "details")[1]
    passages = second.find_element("css selector", ".sides")
    assert not passages.is_displayed()
    second.find_element("css selector", "summary").click()
    assert passages.is_displayed()
    left, right = passages.find_elements("css selector", ".sides > div")
    assert left.rect["y"] == right.rect["y"]
    assert left.rect["x"] + left.rect["width"] <= right.rect["x"] + 1
    assert "live version" in left.text


def test_costs_and_gains_of_what_is_withheld_stand_beside_each_other(page):
    text = page.find_element("tag name", "main").text
    assert "of the relevant" in text
    assert "of the irrelevant" in text
    assert "lose all that answers them" in text


def test_text_can_be_told_from_its_ground(page):
    colours = run(
        page,
        "[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).backgroundColor, "
        "getComputedStyle(document.body).backgroundColor]",
    )
    assert colours[0] not in colours[1:]


def test_it_begins_with_a_sentence_that_is_seen_without_scrolling(page):
    page.set_window_size(360, 700)
    first = page.find_element("css selector", ".first")
    assert "questions that the documents answer" in first.text
    assert first.rect["y"] < 300
    above = page.find_element("tag name", "main").text.split(first.text)[0]
    assert above.strip() == page.find_element("tag name", "h1").text


def test_a_wrong_answer_stands_beside_what_was_right_and_where_it_was_lost(page):
    first = page.find_element("css selector", ".answer").text
    for told in ("beside", "alpha beside", "9090", "8040", "the passage that says it was"):
        assert told in first
    bars = page.find_elements("css selector", ".shares [role=img]")
    assert [bar.get_attribute("aria-label") for bar in bars] == [
        "right 74%, beside 17%, wrongly refused 9%",
        "rightly refused 50%, should have refused 50%",
    ]
    assert all(bar.is_displayed() for bar in bars)
