"""Is what repeats on every page given once, and are numbers of pages left out?"""

import re

import pytest

from tests.ingest.read.pdf.made_pdf import PROSE, at, lines


def many(count: int, foot: str = "") -> list[str]:
    return [
        at(72, 760, "Annual report") + at(300, 30, foot or str(number)) + lines(72, 600, f"Subject {number}.", *PROSE)
        for number in range(1, count + 1)
    ]


def test_a_head_that_repeats_is_given_once_and_page_numbers_never(one):
    document = one(*many(6))
    assert document.text.count("Annual report") == 1
    assert all(f"Subject {number}." in document.text for number in range(1, 7))
    assert not re.search(r"^\d$", document.text, re.MULTILINE)
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5, 6]
    assert all(document.text[page.start :].startswith(("Annual", "Subject")) for page in document.pages)


def test_what_stands_on_few_pages_is_no_running_head(one):
    assert one(*many(3)).text.count("Annual report") == 3


def test_a_number_that_does_not_count_pages_stays(one):
    pages = [at(300, 30, f"Invoice {number * number + 70}") + lines(72, 600, *PROSE) for number in range(8)]
    assert len(re.findall(r"Invoice \d+", one(*pages).text)) == 8


def test_a_head_whose_words_change_is_known_by_its_number(one):
    def page(number: int, section: str) -> str:
        head = at(72, 760, f"{number + 4} {section}") if number % 2 else at(72, 760, f"{section} {number + 4}")
        return head + lines(72, 600, f"Subject {number}.", *PROSE)

    sections = ("1.1 PUMPS", "1.1 PUMPS", "1.2 SEALS", "1.2 SEALS", "1.3 VALVES", "1.3 VALVES")
    pages = [page(number, section) for number, section in enumerate(sections, start=1)]
    pages[2] += at(72, 640, "1.2 Seals", 14)
    text = one(*pages).text
    assert re.findall(r"^.*(?:PUMPS|SEALS|VALVES).*$", text, re.MULTILINE) == ["5 1.1 PUMPS", "9 1.3 VALVES"]
    assert "# 1.2 Seals" in text


def test_titles_that_count_pages_stay(one):
    steps = ("Open the lid", "Clean the seal", "Close the lid", "Sign", "File")
    pages = [at(72, 760, f"{number} {step}") + lines(72, 600, *PROSE) for number, step in enumerate(steps, start=1)]
    text = one(*pages).text
    assert all(f"{number} {step}" in text for number, step in enumerate(steps, start=1))


@pytest.mark.parametrize("first", [1, 7])
def test_page_numbers_of_a_short_document_are_left_out(one, first):
    pages = [at(300, 30, f"- {first + number} -") + lines(72, 600, *PROSE) for number in range(2)]
    assert one(*pages).text == "\n\n".join([" ".join(PROSE)] * 2)


@pytest.mark.parametrize("number", ["450", "$ 1", "(1)"])
def test_a_number_alone_that_is_not_the_pages_stays(one, number):
    assert one(lines(72, 600, *PROSE) + at(300, 30, number)).text.endswith(f"\n\n{number}")


def test_pages_that_hold_but_one_line_keep_it(one):
    assert one(*[at(72, 760, "Same words")] * 5).text.count("Same words") == 5
