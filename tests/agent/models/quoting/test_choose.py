"""What is quoted of real files without a model, and how it is said: by one question each, end to end."""

import pytest

from agent.commands.asking import answered
from agent.evidence.passages import passages
from agent.models.quoting.asked import read
from agent.models.quoting.choose import choose
from agent.models.quoting.shelf import Shelf
from agent.results import answer_json
from ingest.model import Chunk
from retrieval.model import Hit
from tests.homes import opened, write

SITES = "\n".join(
    f"| Depot {number:02} | {('Graz', 'Turku', 'Bergen', 'Ghent')[number % 4]} | {10 + number} |"
    for number in range(1, 41)
)
FILES = {
    "kettles.md": (
        "# Kettles\n\n| Product | Price (EUR) | Weight (kg) | Released |\n|---|---|---|---|\n"
        "| Tarn | 39.90 | 1.2 | March 2021 |\n| Fell | 59.90 | 1.6 | May 2022 |\n| Beck | 24.50 | 0.9 | June 2019 |\n"
        "| Total | 124.30 | 3.7 | |\n"
    ),
    "house.md": (
        "# House rules\n\nVisitors must sign in at the front desk. The library closes at 18:00 on weekdays. Smoking is "
        "allowed on the roof only.\n\n## Garden\n\nThe garden closes at dusk.\n\n## Pets\n\nDogs are allowed as pets "
        "in every room. Reptiles are not allowed as pets.\n\n## Trips\n\nManagers need no approval for trips. "
        "Apprentices need approval for trips.\n"
    ),
    "gateway.md": (
        "# The gateway\n\nInstall the gateway with this command:\n\n```sh\ncurl -O https://gate.example/get.sh\n"
        "sh get.sh --port 8443 \\\n   --prefix /opt/gate\n\nsystemctl enable gate\n```\n\nThen open its page. "
        "The gateway was released in October 2019. It is maintained by the platform team.\n\n"
        "## Rejected ideas\n\nThe gateway reads its settings from YAML, since many people know it.\n\n"
        "## Settings\n\nThe gateway reads its settings from TOML."
        "\n\n## Example\n\nAn operator called Nilsson restarts the gateway at 9:15.\n"
    ),
    "relay.rst": (
        "Relay\n=====\n\nStart the relay like this::\n\n    relay start \\\n        --quietly\n\n    relay status\n\n"
        "Superseded parts\n----------------\n\nThe relay listens on the channel forty.\n"
    ),
    "bells.md": (
        "# Bells\n\n```sh\nbell follow --steady\n```\n\nkeeps the bell in step with the tide every hour.\n\n"
        "```sh\nbell stop\n```\n\nMutes the harbour bell until sunrise.\n"
    ),
    "sites.md": f"# Depots\n\nAll depots with their staff.\n\n| Depot | City | Staff |\n|---|---|---|\n{SITES}\n",
    "terms/warranty.md": (
        "---\ndate: 2022-03-01\n---\n# Lamps\n\nThe warranty of a lamp is 24 months from the day of purchase. "
        "The bulb of a lamp is covered for 90 days.\n"
    ),
    "terms/new.md": (
        "# Lamps\n\nApproved: 5 June 2024\n\nThe warranty of a lamp is 36 months from the day of purchase. "
        "The bulb of a lamp is covered for three months.\n"
    ),
    "terms/copy.md": "# Kites\n\nThe cord of a kite is 180 centimetres long in every shop.\n",
    "terms/other.md": "# Kites\n\nThe cord of a kite is 180 centimetres long in every shop. Ask for it.\n",
    "tides/north.md": (
        "# Tides\n\nThe ferry fare was 4 euros until May. The ferry fare is now 6 euros for each adult passenger.\n"
    ),
    "tides/south.md": ("# Tides\n\nThe ferry fare is now 4 euros for each adult passenger. Elsewhere it is 6 euros.\n"),
    "leave.md": (
        "# Leave\n\n| Kind of leave | Days | Paid |\n|---|---|---|\n| Annual leave | 28 | yes |\n"
        "| Study leave | 5 | no |\n\n**Sauna hours**\n\n- Tuesday: 6:30-21:00\n- Sunday: closed\n- Friday: 8:00-18:00\n"
    ),
    "torque.md": (
        "# Tightening torque\n\n| Bolt | Torque (Nm) | Class |\n|---|---|---|\n| M6 | 10 | 8.8 |\n| M8 | 25 | 8.8 |\n"
        "| M10 | 49 | 8.8 |\n| M12 | 86 | 8.8 |\n"
    ),
    "soup.md": "# Lentil soup\n\nYou need:\n\n1. 300 g red lentils\n2. two carrots\n3. one onion\n\nServe it hot.\n",
    "sent.eml": (
        "From: Ana Brook <ana@example.org>\nTo: Bo Lind <bo@example.org>\nDate: Sun, 22 Dec 2024 11:23:00 +0300\n"
        "Subject: Parcel email\n\nThe parcel email is here.\n"
    ),
    "van.md": "# Meeting\n\nThe purchase of a second van was discussed and not decided.\n",
    **{
        f"tides/{town}.md": f"# Moorings\n\nThe yearly mooring fee is {fee} pounds including water.\n"
        for town, fee in (("Aldon", 410), ("Brome", 520), ("Cary", 630), ("Dunster", 740))
    },
    "devices.md": (
        "# Scanners\n\nThese scanners are supported:\n\n- scanners of the X series\n- scanners of the Q series\n"
        "\nDrum scanners are not supported.\n"
    ),
}


def written(folder):
    for part in ("terms", "tides"):
        (folder / part).mkdir(parents=True)
    return write(folder, FILES)


@pytest.fixture(scope="module")
def home(tmp_path_factory, quick):
    folder = tmp_path_factory.mktemp("choose")
    with opened(folder / "home", quick) as citewell:
        citewell.ingest([written(folder / "in")])
        yield citewell


@pytest.fixture
def ask(home):
    """What is answered, by its marks, or why nothing is; nothing of it may be unverified."""

    def asked(question):
        answer = home.ask(question)
        assert not answer.unverified
        return answer.answer or answer.reason

    return asked


def shown(answer, home):
    return answered(answer, home.settings.eval)


@pytest.mark.slow
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


def test_on_a_terminal_the_quote_stands_out_and_what_is_around_it_steps_back(home, monkeypatch):
    from agent.commands.terminal.output import styled

    monkeypatch.setenv("COLUMNS", "100")
    seen = styled(shown(home.ask("When does the library close?"), home))
    assert "\x1b[1m“The library closes at 18:00 on weekdays.”\x1b[0m" in seen
    assert "\x1b[2mVisitors must sign in at the front desk.\x1b[0m" in seen


# Code, tables and lists


def test_code_is_quoted_whole_with_its_lines_and_the_line_that_announces_it(home):
    answer = home.ask("How do I install the gateway?")
    code = FILES["gateway.md"][FILES["gateway.md"].index("```sh") : FILES["gateway.md"].index("\n\nThen")]

    assert f"Install the gateway with this command:\n{code}\n[1]" in answer.answer, "no mark in what is copied"
    assert answer.citations[0].quote.endswith(code)
    assert not answer.unverified
    assert code in shown(answer, home)


def test_a_sentence_that_goes_on_from_code_is_quoted_with_it(home):
    answer = home.ask("How is the bell kept in step with the tide?")

    assert answer.answer.startswith("```sh\nbell follow --steady\n```\n")
    assert "\nkeeps the bell in step with the tide every hour." in answer.answer
    assert not answer.unverified
    assert home.ask("What mutes the harbour bell until sunrise?").answer.startswith("Mutes the harbour bell")


def test_a_literal_block_becomes_a_block_and_keeps_how_its_lines_are_indented(ask):
    assert ask("How do I start the relay?").startswith(
        "Start the relay like this::\n```\nrelay start \\\n    --quietly\n\nrelay status\n```"
    )


def test_of_a_long_table_the_first_rows_are_given_and_how_many_there_are(home):
    answer = home.ask("List all depots with their staff")

    assert answer.answer.startswith("The table has 40 rows; here are ")
    assert "| Depot 01 | Turku | 11 |\n| Depot 02 | Bergen | 12 |\n" in answer.answer
    assert "Depot 40" not in answer.answer
    assert len(answer.answer) < 900
    assert not answer.unverified


def test_of_several_rows_those_are_given_that_say_what_is_asked(ask):
    said = ask("Which depots are in Bergen?")

    assert [word for word in ("Depot 02", "Depot 06", "Depot 10", "Depot 38") if word not in said] == []
    assert "Graz" not in said


def test_a_row_gives_the_value_that_is_asked_for_first_and_a_total_where_that_is_asked(ask):
    assert ask("What is the weight of the Fell?").startswith("Weight (kg): 1.6; ")
    assert ask("What is the total price of the kettles?").startswith("Price (EUR): 124.30; Product: Total")


def test_of_rows_the_one_is_told_that_has_the_name_that_is_asked_and_no_other(ask):
    assert ask("What is the tightening torque of M10 bolts?") == "Torque (Nm): 49; Bolt: M10; Class: 8.8 [1]"


def test_a_list_is_given_with_its_head_an_item_a_line(ask):
    assert ask("Which scanners are supported?").startswith(
        "These scanners are supported:\n- scanners of the X series\n- scanners of the Q series [1]"
    )


def test_a_line_in_bold_is_a_heading_and_no_answer_alone(ask):
    assert ask("What are the sauna hours?").startswith("**Sauna hours**\n- Tuesday: 6:30-21:00\n- Sunday: closed\n")
    assert "**" not in ask("When is the sauna open on Friday?")


def test_what_is_needed_is_the_whole_list_whose_head_says_so(ask):
    assert ask("What do I need for the lentil soup?") == (
        "You need:\n1. 300 g red lentils\n2. two carrots\n3. one onion [1]"
    )


# What does not hold


def test_a_sentence_without_a_word_of_the_question_is_not_quoted_beside_one_that_has_some():
    text = "If the mower shakes, the blade is bent. Wear closed shoes. The mower is heavy."
    shelf = Shelf(passages([Hit(Chunk("a.md", 0, len(text), text), 1.0)]), lambda _: None)
    found = [(each, 0.4) for each in shelf.candidates]

    chosen = choose(read("Why does the mower shake?", ("en",)), found, shelf.candidates, shelf)

    assert [each.said for each in chosen] == ["If the mower shakes, the blade is bent.", "The mower is heavy."]


def test_what_holds_is_preferred_and_what_does_not_is_told_with_its_heading(ask):
    said = ask("From what does the gateway read its settings?")
    assert "TOML" in said
    assert "YAML" not in said
    assert ask("Do many people know YAML?").startswith(
        "From “Rejected ideas”:\nThe gateway reads its settings from YAML"
    )
    assert ask("On which channel does the relay listen?").startswith("From “Superseded parts”:\nThe relay listens")


def test_an_example_is_told_to_be_one(ask):
    assert ask("When does Nilsson restart the gateway?").startswith("From “Example”:\nAn operator called Nilsson")


# Negation


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("Which scanners are not supported?", "Drum scanners are not supported.", "X series"),
        ("Which scanners are unsupported?", "Drum scanners are not supported.", "X series"),
        ("Which scanners are supported?", "X series", "Drum"),
        ("Which animals are not allowed as pets?", "Reptiles are not allowed as pets.", "Dogs"),
        ("Which animals are allowed as pets?", "Dogs are allowed as pets", "Reptiles"),
        ("Who needs no approval for trips?", "Managers need no approval", "Apprentices"),
        ("Who needs approval for trips?", "Apprentices need approval", "Managers"),
        ("Which kinds of leave are not paid?", "Study leave", "Annual"),
        ("Which kinds of leave are paid?", "Annual leave", "Study"),
        ("Are reptiles allowed as pets?", "Reptiles are not allowed as pets.", "?"),
        ("Was the purchase of a second van decided?", "discussed and not decided", "?"),
    ],
)
def test_the_opposite_of_what_is_asked_is_never_quoted(ask, question, holds, lacks):
    said = ask(question)
    assert holds in said
    assert lacks not in said


# Documents that disagree


def test_documents_that_disagree_are_both_quoted_with_their_dates_the_newest_first(ask):
    assert ask("How long is the warranty of a lamp?") == (
        "The documents disagree. The newest first.\n"
        "in/terms/new.md, 2024-06-05:\nThe warranty of a lamp is 36 months from the day of purchase. [1]\n\n"
        "in/terms/warranty.md, 2022-03-01:\nThe warranty of a lamp is 24 months from the day of purchase. [2]"
    )


@pytest.mark.parametrize(
    ("question", "once"),
    [
        ("How long is the cord of a kite?", "The cord of a kite is 180 centimetres long"),
        ("How many euros is the ferry fare for each adult passenger now?", "ferry fare"),
        ("What is the price of the Fell?", "59.90"),
    ],
)
def test_a_copy_says_nothing_else_nor_does_what_says_both(ask, question, once):
    said = ask(question)
    assert "disagree" not in said
    assert once in said
    if "cord" in once:
        assert said.count(once) == 1, "a copy is not quoted beside what it is a copy of"


def test_many_documents_each_with_a_value_of_its_own_do_not_disagree_and_three_are_shown(ask):
    said = ask("How much is the yearly mooring fee?")
    assert said.startswith("Several documents tell this, each otherwise. Nothing says which of them is newer.\n")
    assert said.count(" pounds including water. [") == 3
    assert ask("How much is the yearly mooring fee of Cary?") == (
        "The yearly mooring fee is 630 pounds including water. [1]"
    )


# Several questions in one


def test_a_part_that_only_asks_when_goes_on_as_the_first_and_who_sent_a_mail_asks_for_no_address(ask):
    said = ask("Who sent the parcel email and when?")
    assert "From: Ana Brook" in said
    assert "Date: Sun, 22 Dec 2024" in said


def test_each_part_of_a_question_is_answered_and_what_answers_two_stands_once(ask):
    both = "The gateway was released in October 2019. It is maintained by the platform team. [1]"
    assert ask("When was the gateway released and who maintains it?") == both
    assert ask("When does the library close, and what is the price of the Beck?").count("[") == 2
    assert ask("What are the price and the weight of the Fell?").startswith(
        "Price (EUR): 59.90; Weight (kg): 1.6; Product: Fell"
    )


def test_a_part_that_nothing_answers_is_said_to_be_missing(ask):
    said = ask("When does the library close and who is Okonkwo?")
    assert "The library closes at 18:00 on weekdays. [1]" in said
    assert "The documents do not say who is Okonkwo." in said


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("What is the difference between the Tarn and the Fell?", ("39.90", "59.90")),
        (
            "Is the Beck cheaper than the Tarn?",
            ("Price (EUR): 24.50; Product: Beck", "Price (EUR): 39.90; Product: Tarn"),
        ),
        (
            "Which is heavier, the Tarn or the Fell?",
            ("Weight (kg): 1.2; Product: Tarn", "Weight (kg): 1.6; Product: Fell"),
        ),
        ("Does the library close earlier than the garden?", ("18:00", "dusk")),
    ],
)
def test_a_comparison_gives_both_sides(ask, question, values):
    said = ask(question)
    assert [value for value in values if value not in said] == []


# Questions as they are typed


@pytest.mark.parametrize(
    "question",
    [
        "WHEN DOES THE LIBRARY CLOSE???",
        "hi, could you please tell me when the library closes? thanks a lot!",
        "Hello! I was wondering when does the library close. Many thanks in advance",
        "when does the librery close",
        "When does the lirbary close?",
        "quick question - do you know when the library closes",
        "Good morning team, I would like to know: when does the library close? Thank you very much!",
    ],
)
def test_a_question_that_is_shouted_padded_or_misspelt_is_answered_as_a_clean_one(ask, question):
    assert "The library closes at 18:00 on weekdays. [1]" in ask(question)


def test_a_misspelt_word_is_read_as_the_one_that_stands_there(ask):
    assert ask("What is the wieght of the Fell?").startswith("Weight (kg): 1.6")


def test_a_refusal_names_the_words_that_are_missing_and_offers_the_nearest_passages(home):
    answer = home.ask("What does a kite of Okonkwo cost?")

    assert answer.status == "abstained"
    assert answer.reason.endswith("say nothing of Okonkwo.")
    assert any("kite" in near.quote for near in answer.nearest)
    assert 1 <= len(answer.nearest) <= 3
