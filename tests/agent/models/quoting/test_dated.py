"""A date that a question names is found in the form in which the documents write it."""

import pytest

from agent.evidence.passages import passages
from agent.models.extractive import Extractive
from agent.models.quoting.dated import dated
from retrieval.model import Chunk, Hit


def evidence(*texts):
    return passages([Hit(Chunk("a", 0, len(text), text), 1.0) for text in texts])


@pytest.mark.parametrize(
    ("question", "text", "language", "read"),
    [
        ("What was released on 12 March 2024?", "| 2024-03-12 | 3.1 |", "en", "What was released on 2024-03-12?"),
        ("What was released on March 12th, 2024?", "On 12.03.2024 it was.", "en", "What was released on 12.03.2024?"),
        ("What happened on June 14?", "| 2024-06-14 | flood |", "en", "What happened on 2024-06-14?"),
        ("What happened on 2024-06-14?", "June 14, 2024: flood", "en", "What happened on June 14, 2024?"),
        ("Was geschah am 14. Juni 2024?", "| 14.06.2024 | Hochwasser |", "de", "Was geschah am 14.06.2024?"),
        ("What happened in June 2024?", "| 2024-06-14 | flood |", "en", "What happened in June 2024?"),
        ("What happened in June 2024?", "| 2024-06 | floods |", "en", "What happened in 2024-06?"),
        ("What happened on 14 June?", "On 15 June it rained.", "en", "What happened on 14 June?"),
        ("What happened on June 14?", "On June 14 it rained; 2024-06-14.", "en", "What happened on June 14?"),
        ("How long may it take?", "2024-05-01: may day", "en", "How long may it take?"),
        ("From 1 May 2024 to 3 May 2024?", "2024-05-01, 2024-05-03", "en", "From 2024-05-01 to 2024-05-03?"),
    ],
)
def test_a_date_is_read_in_the_form_that_the_passages_have(question, text, language, read):
    assert dated(question, evidence(text), (language,)) == read


def test_a_row_is_quoted_for_a_date_that_is_asked_for_in_another_form(encoder):
    rows = ["| 2024-03-12 | 3.1 | Ruth Ask |", "| 2024-06-14 | 3.2 | Ole Berg |"]
    table = "\n".join(["| Date | Release | Manager |", "|---|---|---|", *rows])
    model = Extractive(encoder, lambda _: 2.0)
    said = "".join(each.text for each in model.answer("Who managed the release of June 14, 2024?", evidence(table)))
    assert "Ole Berg" in said
    assert "Ruth Ask" not in said
    refused = "".join(each.text for each in model.answer("Who managed the release of July 14, 2024?", evidence(table)))
    assert "Berg" not in refused
