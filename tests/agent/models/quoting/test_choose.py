"""What is quoted of real files without a model, and how it is said: by one question each, end to end."""

import pytest

from agent.commands.asking import _answered
from agent.results import answer_json
from tests.homes import opened, write

FILES = {
    "kettles.md": (
        "# Kettles\n\n| Product | Price (EUR) | Weight (kg) | Released |\n|---|---|---|---|\n"
        "| Tarn | 39.90 | 1.2 | March 2021 |\n| Fell | 59.90 | 1.6 | May 2022 |\n| Beck | 24.50 | 0.9 | June 2019 |\n"
    ),
    "house.md": (
        "# House rules\n\nVisitors must sign in at the front desk. The library closes at 18:00 on weekdays. Smoking is "
        "allowed on the roof only.\n\n## Garden\n\nThe garden closes at dusk.\n"
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory, quick):
    folder = tmp_path_factory.mktemp("choose")
    with opened(folder / "home", quick) as citewell:
        citewell.ingest([write(folder / "in", FILES)])
        yield citewell


@pytest.fixture
def ask(home):
    return home.ask


def shown(answer, home):
    return _answered(answer, home.settings.eval)


def test_a_quote_comes_with_the_words_around_it_and_says_where_in_them_it_stands(home):
    answer = home.ask("When does the library close?")
    (citation,) = answer_json(answer)["citations"]
    context, text = citation["context"], FILES["house.md"]

    assert citation["quote"] == "The library closes at 18:00 on weekdays."
    assert context["text"][context["start"] : context["end"]] == citation["quote"]
    assert context["text"] == context["before"] + citation["quote"] + context["after"]
    assert context["text"] in text, "as it is stored"
    assert context["before"].strip() == "Visitors must sign in at the front desk."
    assert context["after"].strip() == "Smoking is allowed on the roof only."
    assert context["headings"] == ("House rules",)
    assert "“The library closes at 18:00 on weekdays.” Smoking is" in " ".join(shown(answer, home).split()).translate(
        {0xFDD0: None, 0xFDD1: None, 0xFDD2: None}
    )


def test_a_row_comes_with_the_head_of_its_table_and_a_heading_is_nothing_around_a_quote(home):
    (row,) = answer_json(home.ask("What is the price of the Fell?"))["citations"]
    assert row["context"]["head"] == "| Product | Price (EUR) | Weight (kg) | Released |"
    assert row["context"]["headings"] == ("Kettles",)

    found = answer_json(home.ask("When does the garden close?"))["citations"]
    garden = next(each for each in found if each["quote"] == "The garden closes at dusk.")
    assert garden["context"]["headings"] == ("House rules", "Garden")
    assert garden["context"]["before"] == ""


def test_on_a_terminal_the_quote_stands_out_and_what_is_around_it_steps_back(home):
    from agent.commands.terminal.output import styled

    seen = styled(shown(home.ask("When does the library close?"), home))
    assert "\x1b[1m“The library closes at 18:00 on weekdays.”\x1b[0m" in seen
    assert "\x1b[2mVisitors must sign in at the front desk.\x1b[0m" in seen
