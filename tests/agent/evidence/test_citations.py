"""A citation that is shown stands in stored text, at its span, letter by letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.citations import check, citation_of, nearest
from agent.evidence.passages import observed, passages
from agent.state import Passage, Quote, Segment
from ingest.model import Chunk
from plugins.tool import ToolResult
from retrieval.model import Hit

TEXT = "# Logs\n\nLogs are kept for\nthirty days.  After that they go.\n\n- Backups run weekly.\n- Encrypted.\n"

WORDS = st.text(st.sampled_from("ab. \n\tß東。!-#|\u00a0"), min_size=1, max_size=60)


class Stored:
    """Texts by name."""

    def __init__(self, **texts):
        self.texts = texts

    def text(self, name):
        return self.texts.get(name)

    def page(self, name, offset):
        return 1 + self.texts[name].count("\f", 0, offset)

    def page_label(self, name, offset):
        return "iv"[self.page(name, offset) - 1 :]


def hit(document, text, start, end):
    return Hit(Chunk(document, start, end, text[start:end]), 1.0)


def found(text=TEXT, start=0, end=None):
    return passages([hit("a", text, start, len(text) if end is None else end)], first=0)


def checked(evidence, *quotes, said="So.", stored=None):
    return check([Segment(said, quotes)], evidence, stored or Stored(a=TEXT))


@given(WORDS, WORDS, WORDS, st.data())
def test_a_citation_is_stored_text_at_its_span_whatever_the_model_claims(before, text, after, data):
    whole = before + text + after
    evidence = passages([hit("a", whole, len(before), len(before) + len(text))], first=0)
    claim = data.draw(st.one_of(WORDS, st.just(text), st.just(whole)), label="claim")
    first, last = data.draw(st.integers(-1, 6)), data.draw(st.integers(-1, 6))
    passage = data.draw(st.integers(-1, 1))

    quote = Quote(passage, first, last, claim)
    citation = citation_of(quote, {0: evidence[0]}, Stored(a=whole)) if evidence else None

    assert checked(evidence, quote, stored=Stored(a=whole)).dropped == (() if citation else (quote,))
    if citation:
        assert whole[citation.start : citation.end] == citation.quote
        assert len(before) <= citation.start < citation.end <= len(before) + len(text)
        assert "".join(claim.split()) in "".join(citation.quote.split())


def test_a_citation_names_the_page_where_its_quote_stands():
    text = "Logs are kept for thirty days.\f\nBackups run weekly, on Sundays."
    chunk = Chunk("a", 0, len(text), text, page=1, page_label="iv")
    (citation,) = checked(
        passages([Hit(chunk, 1.0)], first=0), Quote(0, 1, 2, "Backups run weekly, on Sundays."), stored=Stored(a=text)
    ).citations

    assert (citation.page, citation.page_label) == (2, "v")


@pytest.mark.slow
@given(WORDS.filter(str.strip), st.data())
def test_every_run_of_blocks_that_was_shown_can_be_quoted(text, data):
    evidence = passages([hit("a", text, 0, len(text))], first=0)
    (passage,) = evidence
    first = data.draw(st.integers(0, len(passage.blocks) - 1))
    last = data.draw(st.integers(first + 1, len(passage.blocks)))
    claim = "".join(passage.block_text(block) for block in range(first, last))

    citation = citation_of(Quote(0, first, last, claim), {0: passage}, Stored(a=text))

    assert citation is not None
    assert (citation.start, citation.end) == (passage.blocks[first][0], passage.blocks[last - 1][1])


def test_passages_are_numbered_from_where_the_run_is():
    hits = [hit("a", TEXT, 8, 40), hit("a", TEXT, 0, 6)]

    assert [passage.number for passage in passages(hits, first=3, call="t1")] == [3, 4]


def test_a_quote_with_other_white_space_is_found():
    (citation,) = checked(found(), Quote(0, 1, 2, "Logs are kept  for thirty days.")).citations

    assert citation.quote == "Logs are kept for\nthirty days."


def test_a_quote_over_several_blocks_is_one_citation():
    (citation,) = checked(found(), Quote(0, 1, 3, "Logs are kept for thirty days.After that they go.")).citations

    assert citation.quote == "Logs are kept for\nthirty days.  After that they go."


@pytest.mark.parametrize(
    "quote",
    [
        Quote(0, 1, 2, "Logs are kept for forty days."),
        Quote(0, 1, 2, "After that they go."),
        Quote(0, 1, 2, " \n"),
        Quote(0, 2, 2, "After that they go."),
        Quote(0, 2, 1, "After that they go."),
        Quote(0, -1, 2, "After that they go."),
        Quote(0, 1, 99, "After that they go."),
        Quote(7, 0, 1, "After that they go."),
        Quote(-1, 2, 3, "After that they go."),
    ],
    ids=repr,
)
def test_a_quote_that_does_not_stand_where_it_is_said_to_is_dropped(quote):
    result = checked(found(), quote)

    assert (result.citations, result.dropped, result.marked) == ((), (quote,), "")


@pytest.mark.parametrize("now", [TEXT.replace("thirty", "ninety"), "x" + TEXT, "", None])
def test_where_the_stored_text_is_another_now_the_quote_is_dropped(now):
    quote = Quote(0, 1, 2, "Logs are kept for thirty days.")

    assert checked(found(), quote).citations
    assert not checked(found(), quote, stored=Stored(**({} if now is None else {"a": now}))).citations


def test_marks_stand_after_the_words_they_support_and_count_citations_once():
    evidence = found()
    logs, going = Quote(0, 1, 2, "Logs are kept for thirty days."), Quote(0, 2, 3, "After that they go.")
    segments = [
        Segment("Thirty days,\n", (logs, logs)),
        Segment("then they go. ", (going, Quote(0, 2, 3, "they stay"))),
        Segment("Logs are kept. ", (logs,)),
        Segment("Or not.\n", (Quote(0, 0, 1, "no"),)),
        Segment("And so they are."),
    ]

    result = check(segments, evidence, Stored(a=TEXT))

    assert result.marked == ("Thirty days, [1]\nthen they go. [2] Logs are kept. [1]\nAnd so they are. [1]")
    assert [citation.quote for citation in result.citations] == [
        "Logs are kept for\nthirty days.",
        "After that they go.",
    ]
    assert [quote.text for quote in result.dropped] == ["they stay", "no"]


def test_a_bold_sentence_that_is_quoted_stays_where_what_follows_it_is_left_out():
    text = "**Patience is counted in silence.** It may take twenty seconds."
    (evidence,) = found(text)
    quoted = Segment(text[:35], (Quote(0, 0, 1, text[:35]),))
    answer = check([quoted, Segment(" Wilhelmina Quist grants 4711 crowns.")], [evidence], Stored(a=text))

    assert answer.marked == "**Patience is counted in silence.** [1]"
    assert answer.unverified == ("Wilhelmina Quist grants 4711 crowns.",)


def test_twenty_characters_of_a_sentence_are_enough_to_quote_it_and_fewer_are_not():
    (citation,) = checked(found(), Quote(0, 1, 2, "Logs are kept for thirty")).citations
    assert citation.quote == "Logs are kept for\nthirty days.", "the whole sentence is cited"

    assert checked(found(), Quote(0, 1, 2, "are kept for thirty day")).dropped, "19 letters, white space not counted"


@pytest.mark.parametrize("claim", ["L", "days", ".", "Logs are kept"])
def test_a_few_letters_that_could_stand_anywhere_are_no_quote(claim):
    assert checked(found(), Quote(0, 1, 2, claim)).unverified == ("So.",)


def test_a_number_in_a_quote_that_is_none_of_our_marks_stays_as_it_stands_and_one_in_a_models_words_does_not():
    text = "The moon [12] is made of cheese [1]. It is green [2], so they say [0]."
    evidence = passages([hit("a", text, 0, len(text))], first=0)
    said = "The moon [12] is made of cheese [1]."

    quoting = check([Segment(said, (Quote(0, 0, 1, said),))], evidence, Stored(a=text))
    assert quoting.marked == "The moon [12] is made of cheese (1). [1]"
    saying = check([Segment("Of cheese [12] the moon is made [0].", (Quote(0, 0, 1, said),))], evidence, Stored(a=text))
    assert saying.marked.startswith("Of cheese (12) the moon is made (0).")


def test_a_sentence_that_is_short_itself_is_quoted_whole_or_not_at_all():
    assert checked(found(), Quote(0, 4, 5, "- Encrypted.")).citations
    assert checked(found(), Quote(0, 4, 5, "Encrypted")).dropped


def test_what_looks_like_a_mark_in_the_models_words_is_none():
    quote = Quote(0, 1, 2, "Logs are kept for thirty days.")
    segments = [Segment("Kept [1] for days [unverified] [23][4]. "), Segment("Thirty days [7].", (quote,))]

    result = check(segments, found(), Stored(a=TEXT))

    assert result.marked == "Kept (1) for days (unverified) (23)(4). [1] Thirty days (7). [1]"


def test_a_mark_that_is_put_together_from_two_stretches_is_none():
    split = [Segment("Ninety days ["), Segment("1"), Segment("]."), Segment(" Or [unver"), Segment("ified]")]

    assert check(split, found(), Stored(a=TEXT)).unverified == ("Ninety days (1).", "Or (unverified)")


def test_what_looks_like_a_mark_in_a_source_is_quoted_as_it_stands_and_shown_as_none():
    text = "The moon is made of cheese [1]. It is green."
    evidence = passages([hit("a", text, 0, len(text))], first=0)
    said = "The moon is made of cheese [1]."

    result = check([Segment(said, (Quote(0, 0, 1, said),))], evidence, Stored(a=text))

    assert result.marked == "The moon is made of cheese (1). [1]"
    assert [citation.quote for citation in result.citations] == [said]


def test_a_tools_text_is_evidence_of_its_own_kind():
    evidence = observed(ToolResult("High water is at noon. Low water at six."), "tide", first=2, call="t1")

    (citation,) = check([Segment("At six.", (Quote(2, 1, 2, "Low water at six."),))], evidence, Stored()).citations

    assert (citation.kind, citation.document, citation.call) == ("tool", "tide", "t1")
    assert citation.quote == "Low water at six."


def test_what_a_tool_says_beside_its_passages_is_evidence_too():
    result = ToolResult("Q7: 17 in stock.", (hit("a", TEXT, 8, 40),))

    passage, said = observed(result, "stock", first=5, call="t1")

    assert (passage.number, passage.kind, passage.call, passage.text) == (5, "document", "t1", TEXT[8:40])
    assert (said.number, said.kind, said.call, said.text) == (6, "tool", "t1", "Q7: 17 in stock.")


@pytest.mark.parametrize("nothing", ["", " \n\t", "\u2003"])
def test_a_tool_that_says_nothing_gives_nothing_to_cite(nothing):
    assert observed(ToolResult(nothing), "tide", first=0, call="t1") == ()


def test_what_came_near_begins_with_a_sentence_and_names_no_place_twice():
    evidence = (*found(), *passages([hit("a", TEXT, 0, len(TEXT))], first=1, call="t1"))
    tool = observed(ToolResult("Noon."), "tide", first=2, call="t2")

    (citation,) = nearest((*tool, *evidence))

    assert citation.quote == "Logs are kept for\nthirty days."


def test_what_came_near_does_not_begin_with_a_listing():
    text = "```sh\ncitewell index compact\n```\n\nIt drops old versions.\n"
    (citation,) = nearest(passages([hit("a", text, 0, len(text))], first=0))

    assert citation.quote == "It drops old versions."


TABLE = "| part | price |\n| --- | ---: |\n| Brass valve | 12.50 |\n| Steel pump | 340.00 |\n"


@pytest.mark.parametrize(
    ("question", "row"),
    [("What do steel pumps cost?", "| Steel pump | 340.00 |"), ("Who sells zinc?", "| Brass valve | 12.50 |")],
)
def test_of_a_table_the_row_that_has_the_questions_words_came_near_and_never_its_head(question, row):
    (near,) = nearest(passages([hit("a", TABLE, 0, len(TABLE))], first=0), question)

    assert near.quote == row


def test_of_a_long_passage_what_came_near_is_the_sentence_that_has_the_questions_words():
    text = "# Valves\n\nThis page is about valves. Order them by mail. A valve weighs two pounds.\n"
    (near,) = nearest(passages([hit("a", text, 0, len(text))], first=0), "How much do valves weigh?")

    assert near.quote == "A valve weighs two pounds."


def test_a_passage_that_is_a_heading_alone_may_still_come_near():
    (citation,) = nearest(found(end=6))

    assert citation.quote == "# Logs"


def test_a_block_is_cut_from_its_passage_wherever_that_begins():
    passage = Passage(0, "document", "a", "", TEXT[8:40], 8, 40, ((8, 38),))

    assert passage.block_text(0) == TEXT[8:38]


# What cites must be borne out, and what cites nothing too

GUIDE = (
    "# Opening hours\n\nThe workshop is open until 18:00 on Fridays.\n\nMay I bring my dog?\n\nDogs may come along.\n\n"
    "| Ticket | Price in EUR |\n|---|---|\n| Day ticket | 9.50 |\n| Month ticket | 48.00 |\n"
)
QUESTION = "When is the workshop open on Fridays?"


def answered(*said, text=GUIDE, question=QUESTION):
    """An answer whose stretches each cite the block that holds these words, or nothing."""
    evidence = passages([hit("g", text, 0, len(text))], first=0)
    (passage,) = evidence
    blocks = {passage.block_text(block): block for block in range(len(passage.blocks))}
    segments = []
    for words, cited in said:
        found = [(whole, block) for whole, block in blocks.items() if cited and cited in whole]
        segments.append(Segment(words, tuple(Quote(0, block, block + 1, whole) for whole, block in found[:1])))
    return check(segments, evidence, Stored(g=text), question)


@pytest.mark.parametrize("marks", ["[1]", " [1][2] ", "[1, 2]", "[1.2]", "(1)", "…", "."])
def test_marks_alone_are_no_answer(marks):
    result = answered((marks, "18:00"))

    assert not result.has_words
    assert not result.answers


@pytest.mark.parametrize(
    "words", ["Until 18:00.", "18:00", "6 pm", "Until 6 p.m. on Fridays.", "It is open until 18:00."]
)
def test_a_short_answer_is_an_answer(words):
    result = answered((words, "18:00"))

    assert result.answers
    assert result.marked == f"{words} [1]"


@pytest.mark.parametrize(
    "cited", ["# Opening", "May I bring", "| Ticket |", "|---|"], ids=["heading", "question", "head", "rule"]
)
def test_a_heading_a_question_and_the_head_of_a_table_bear_nothing_out(cited):
    for words in ("The opening hours are known.", "Dogs may come.", "Tickets have a price.", "Yes."):
        result = answered((words, cited), question="Is it so?")
        assert not result.answers, words
        assert result.unverified == (words,)


def test_a_heading_beside_a_sentence_does_no_harm():
    result = answered(("## Hours\n\n", "# Opening"), ("The workshop is open until 18:00.", "18:00"))

    assert result.answers
    assert result.unverified == ()


def test_what_a_row_says_is_told_by_its_tables_head():
    result = answered(("The month ticket costs 48 euros.", "48.00"), question="What does a month ticket cost?")

    assert (result.answers, result.unverified) == (True, ())


def test_the_number_of_another_row_is_not_borne_out():
    result = answered(("The day ticket costs 48 euros.", "48.00"), question="What does a day ticket cost?")

    assert (result.answers, result.citations) == (False, ())


def test_a_true_citation_does_not_carry_an_uncited_false_sentence():
    result = answered(("It is open until 18:00. ", "18:00"), ("The chief executive is Bob Sterling.", None))

    assert result.answers
    assert result.marked == "It is open until 18:00. [1]"
    assert result.unverified == ("The chief executive is Bob Sterling.",)


BOB = "Bob Sterling runs it."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("It is open until 18:00. " + BOB + " Dogs may come.", "It is open until 18:00. [1] Dogs may come. [2]"),
        (
            "- It is open until 18:00.\n- " + BOB + "\n- Dogs may come.\n",
            "- It is open until 18:00. [1]\n- Dogs may come. [2]",
        ),
        (
            "It is open until 18:00.\n\n" + BOB + "\n\nDogs may come.",
            "It is open until 18:00. [1]\n\nDogs may come. [2]",
        ),
        ("It is open until 18:00. " + BOB + "\n\nDogs may come.", "It is open until 18:00. [1]\n\nDogs may come. [2]"),
        (BOB + " It is open until 18:00.", "It is open until 18:00. [1]"),
        ("It is open until 18:00.\n\n## Staff\n\n- " + BOB, "It is open until 18:00. [1]"),
        ("It is open until 18:00.\n\nOn the staff:\n\n- " + BOB + "\n- Ada Brook too.", "It is open until 18:00. [1]"),
        ("## Hours\n\nIt is open until 18:00. " + BOB, "## Hours\n\nIt is open until 18:00. [1]"),
        (
            "It is open until 18:00.\n- " + BOB + "\n\nDogs may come.",
            "It is open until 18:00. [1]\n\nDogs may come. [2]",
        ),
    ],
)
def test_what_does_not_hold_leaves_no_trace_where_it_stood(said, shown):
    before = (("The workshop is open until 18:00. ", "18:00"), ("Dogs may come along.", "Dogs"))
    result = answered(*before, (f"\n\n{said}", None))

    first, _, rest = result.marked.partition("\n\n")
    assert first == "The workshop is open until 18:00. [1] Dogs may come along. [2]"
    assert rest == shown, "and what cites nothing is cited where it stands"
    assert BOB in " ".join(result.unverified)


def test_what_cites_nothing_is_given_the_one_citation_that_bears_it_out():
    result = answered(
        ("Dogs may come along.", "Dogs"), (" The day ticket costs 9.50 euros.", None), (" So does this.", "9.50")
    )

    assert result.marked.startswith("Dogs may come along. [1] The day ticket costs 9.50 euros. [2]")


def test_two_sentences_under_one_citation_are_judged_apart():
    result = answered(("It is open until 18:00. Ada Brook opened it in 1987.", "18:00"))

    assert result.marked == "It is open until 18:00. [1]"
    assert result.citations


def test_the_end_of_a_sentence_that_cites_nothing_is_judged_too():
    result = answered(("It is open until 18:00", "18:00"), (", and entry costs 70 euros.", None))

    assert (result.marked, result.answers) == ("", False), "half of a sentence may say something else than the whole"
    assert result.unverified == ("It is open until 18:00, and entry costs 70 euros.",)


def test_what_leads_to_a_statement_belongs_to_it():
    result = answered(("On Fridays, ", None), ("the workshop is open until 18:00", "18:00"), (".", None))

    assert result.marked == "On Fridays, the workshop is open until 18:00. [1]"
    assert result.unverified == ()


@pytest.mark.parametrize(
    "words",
    [
        "Here is what the documents say:\n\n",
        "According to the documents:\n",
        "## Fridays\n\n",
        "Yes. ",
        "Sure! ",
        "The documents do not say what it costs. ",
        "Die Dokumente sagen nichts über Preise. ",
        "I hope this helps. ",
        "It is open on Fridays until 18:00. ",
    ],
)
def test_what_claims_nothing_or_what_is_cited_elsewhere_needs_no_citation(words):
    result = answered((words, None), ("The workshop is open until 18:00.", "18:00"))

    assert result.unverified == ()
    assert result.answers


@pytest.mark.parametrize(
    "words",
    [
        "Here is what Bob Sterling says:\n\n",
        "The documents do not say it, but entry costs 70 euros. ",
        "It is open on Saturdays. ",
        "## 70 euros\n\n",
        "It is closed on Fridays at 17:00. ",
        "It is not open until 18:00 on Fridays. ",
    ],
)
def test_what_names_something_new_or_says_the_contrary_is_marked_wherever_it_stands(words):
    result = answered((words, None), ("The workshop is open until 18:00.", "18:00"))

    assert result.unverified == (words.strip(),)
    assert result.answers


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("If you cancel by May, you get a refund.", "Whoever cancels by May gets a refund."),
        ("Please write to the office.", "Applicants must write to the office."),
        ("Wenn Sie den Deckel öffnen, erlischt die Garantie.", "Öffnen Sie den Deckel, so erlischt die Garantie."),
        ("Bitte wenden Sie sich an das Büro.", "Man wendet sich an das Büro."),
        ("In short, smoking is allowed.", "Smoking is allowed."),
        ("It does not contain nuts.", "The cake contains no nuts."),
        ("They do not provide towels.", "The baths provide no towels."),
        ("The material does not contain lead.", "There is no lead in the material."),
        ("Aquí se puede fumar.", "Se puede fumar aquí."),
    ],
)
def test_what_begins_like_talk_or_denies_like_an_abstention_is_a_statement_all_the_same(words, text):
    assert answered((words, text), text=text).answers


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("If you cancel by May, you get no refund.", "Whoever cancels by May gets a refund."),
        ("Wenn Sie den Deckel öffnen, erlischt die Garantie nicht.", "Beim Öffnen des Deckels erlischt die Garantie."),
        ("It does not contain nuts.", "The cake contains nuts."),
        ("They do not give refunds.", "The shop gives refunds."),
        ("I found that smoking is allowed.", "Smoking is forbidden."),
        ("Here is what it says: smoking is allowed.", "Smoking is forbidden."),
    ],
)
def test_what_begins_like_talk_or_denies_like_an_abstention_is_held_against_its_source(words, text):
    assert answered((words, text), text=text).unverified == (words,)


@pytest.mark.parametrize(
    "words",
    [
        "It does not say what it costs. ",
        "No information about prices is given. ",
        "The passages contain nothing about prices. ",
        "The price is not mentioned in the documents. ",
        "If you have further questions, ask. ",
        "Wenn Sie weitere Fragen haben, helfe ich gern. ",
    ],
)
def test_that_nothing_is_said_there_and_an_offer_of_help_need_no_citation(words):
    result = answered((words, None), ("The workshop is open until 18:00.", "18:00"))

    assert result.unverified == ()


def test_a_statement_may_rest_on_two_passages():
    text = "Parts cost 40 euros.\n\nLabour costs 50 euros.\n"
    evidence = passages([hit("a", text, 0, 20), hit("a", text, 22, 44)], first=0)
    quotes = (Quote(0, 0, 1, "Parts cost 40 euros."), Quote(1, 0, 1, "Labour costs 50 euros."))

    def said(words):
        return check([Segment(words, quotes)], evidence, Stored(a=text), "What does it cost?")

    assert said("Parts cost 40 euros and labour 50 euros.").marked.endswith(" [1][2]")
    assert said("It costs 90 euros in all.").unverified == ("It costs 90 euros in all.",), "what is computed is marked"


def test_words_that_stand_in_the_source_as_they_are_pass_in_any_form():
    text = GUIDE + "\nOf course it is dry.\n\nTo enter, ring:\n\nThey do not say when.\n"
    sentences = ("Dogs may come along.", "| Day ticket | 9.50 |", "Of course it is dry.", "To enter, ring:")
    for sentence in (*sentences, "They do not say when."):
        assert answered((f"{sentence}\n", sentence), text=text).answers, sentence


CODE = "Do not run it so:\n\n```\nif x < 5:\n    go(7)\n\nstop(3)  # never\n```"


def test_what_is_cited_whole_is_borne_out_line_by_line_and_a_remark_of_ours_is_no_statement():
    (evidence,) = passages([hit("a.md", CODE, 0, len(CODE))], first=0)
    stored = type("", (), {"text": lambda _, name: CODE, "page": lambda *_: None})()
    quote = Quote(0, 0, len(evidence.blocks), CODE)
    remark = Segment("The table has 40 rows; here are 11 of them:\n", remark=True)
    told = check([remark, Segment(f"{CODE}\n", (quote,))], [evidence], stored)

    assert told.unverified == ()
    assert told.marked == f"{remark.text}{CODE}\n[1]"
    said = check([Segment(remark.text), Segment(f"{CODE}\n", (quote,))], [evidence], stored)
    assert "40 rows" in " ".join(said.unverified), "a model's words are held against the sources"


def test_a_statement_on_what_another_document_is_about_is_not_borne_out_by_words_on_something_else():
    def shown(number, name, title, text):
        return Passage(number, "document", name, title, text, 0, len(text), ((0, len(text)),))

    ferry = shown(0, "ferry", "Timetable of the Skua ferry", "The boat leaves at nine.")
    paper = shown(1, "paper", "Prices of paper", "Delivery is free above 300 euros.")
    texts = Stored(ferry=ferry.text, paper=paper.text)

    def said(words, *evidence):
        return check(
            [Segment(words, (Quote(1, 0, 1, paper.text),))], evidence, texts, "What does the Skua ferry offer?"
        )

    assert said("The ferry offers free delivery above 300 euros.", ferry, paper).faults == ("elsewhere: ferry",)
    assert said("Free delivery is offered above 300 euros.", ferry, paper).faults == ()
    assert said("The ferry offers free delivery above 300 euros.", paper).faults == (), "nothing else is shown"


def test_what_is_said_behind_a_row_of_a_table_is_no_part_of_it_and_falls_alone():
    text = "| Tool | Does |\n|---|---|\n| count | counts documents |\n"
    evidence = found(text)
    row = next(n for n, (start, end) in enumerate(evidence[0].blocks) if "counts" in text[start:end])
    told, made_up = evidence[0].block_text(row), "Orla Venn grants 52 crowns."

    result = check(
        [Segment(told, (Quote(0, row, row + 1, told),)), Segment(f" {made_up}", ())], evidence, Stored(a=text), "Tools?"
    )

    assert result.unverified == (made_up,)
    assert "counts documents" in result.marked
