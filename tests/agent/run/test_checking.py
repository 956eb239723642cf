"""An answer that its sources do not bear out goes back to its model once; then what holds is kept."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import dataclass, field

import pytest

from agent.journal.fold import replay
from agent.journal.journal import Journal
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import Abstained, Quote, Reply, Segment, Think, Token
from ingest.model import Chunk, Document
from retrieval.model import Hit
from tests.agent.run.one import asked, working_with
from tests.agent.run.scripted import Scripted, Shelf, Watchers
from tests.homes import copied
from tests.homes import opened as open_home
from tests.messages_rules import search_results
from tests.messages_server import Fault, MessagesServer, cite, say, text

KEPT, NINETY, BOB = "Logs are kept for 30 days.", "Logs are kept for ninety days.", " Bob Sterling sees to it."
AT_ONCE = Fault(400, b'{"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}')


@pytest.fixture(scope="module")
def library(tmp_path_factory, furnished, encoder):
    with open_home(copied(furnished, tmp_path_factory.mktemp("library") / "home"), encoder) as citewell:
        yield citewell


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


@pytest.fixture
def make(library, journal):
    return working_with(library, journal)


def citing(said, *uncited):
    """A reply that cites the sentence on how long logs are kept, wherever that stands."""

    def step(body):
        for number, result in enumerate(search_results(body["messages"])):
            for block, content in enumerate(result["content"]):
                if "thirty days" in content["text"]:
                    return say(text(said, cite(number, block)), *map(text, uncited))
        raise AssertionError("it was not shown to the model")

    return step


def told(one, *kinds):
    return [event for event in one.journal.events(one.run) if event.kind in kinds]


def verdicts(one):
    return [event.content["verdict"] for event in told(one, "checked")]


@pytest.fixture
def ask(make):
    """The end of a run whose model says this, the run, and what was asked of the model's server."""

    def ending(*script, **more):
        with MessagesServer(list(script)) as server:
            one = make(server.base_url, passages=1, **more)
            items = asked(one)
        return items, one, server.requests

    return ending


def test_an_answer_that_does_not_hold_goes_back_with_the_reasons_and_the_better_one_is_given(ask):
    items, one, requests = ask(citing(NINETY, BOB), citing(KEPT))

    assert (items[-1].answer, items[-1].unverified) == (f"{KEPT} [1]", ())
    assert [event.kind for event in told(one, "thought", "checked", "returned", "answered")] == (
        ["thought", "checked", "returned", "thought", "checked", "answered"]
    )
    assert verdicts(one) == ["returned", "kept"]
    assert [event.content["held"] for event in told(one, "checked")] == [0, 1]
    assert items[-1].usage.input_tokens == 20, "both replies are paid for"
    *_, said, again = requests[1].body["messages"]
    assert (said["role"], said["content"][0]["text"]) == ("assistant", NINETY)
    reasons = again["content"][0]["text"]
    assert f"- “{NINETY}”: “90 days” does not stand in what it cites." in reasons
    assert f"- “{BOB.strip()}”: it cites nothing" in reasons
    (turn,) = [item for item in items if isinstance(item, Think)][-1].turns
    assert turn.returned == tuple(told(one, "returned")[0].content["reasons"])


def test_it_goes_back_once_and_then_what_holds_is_kept_and_the_rest_is_named(ask):
    items, one, requests = ask(citing(KEPT, BOB), citing(KEPT, BOB))

    assert (items[-1].answer, items[-1].unverified) == (f"{KEPT} [1]", (BOB.strip(),))
    assert len(requests) == 2
    assert verdicts(one) == ["returned", "named"]
    assert items[-1].citations[0].quote == "Logs are kept for thirty days."


def test_where_nothing_holds_the_second_time_either_the_run_abstains(ask):
    items, one, _ = ask(citing(NINETY), citing("Logs are kept for eighty days."))

    assert isinstance(items[-1], Abstained)
    assert "eighty" not in items[-1].reason
    assert verdicts(one) == ["returned", "abstained"]


@pytest.mark.parametrize(
    "second", [AT_ONCE, citing(NINETY), say(text("The documents do not say."))], ids=["a fault", "worse", "a denial"]
)
def test_what_held_the_first_time_is_given_where_no_better_answer_came_of_it(ask, second):
    items, one, _ = ask(citing(KEPT, BOB), second)

    assert (items[-1].answer, items[-1].unverified) == (f"{KEPT} [1]", (BOB.strip(),))
    last = told(one, "checked")[-1].content
    assert (last["verdict"], last["held"], last["before"]) == ("named", 1, True), "it is the check of what is shown"
    assert [each["text"] for each in last["unverified"]] == [BOB.strip()]
    assert items[-1].usage.input_tokens == 10 * (1 if second is AT_ONCE else 2)


def test_where_the_second_try_breaks_the_first_answer_is_judged_as_if_it_had_not_been_sent_back(ask):
    items, one, _ = ask(citing(NINETY), AT_ONCE)

    assert isinstance(items[-1], Abstained)
    assert "does not bear it out" in items[-1].reason
    assert verdicts(one) == ["returned", "abstained"]


def test_it_counts_among_the_turns_and_where_none_is_left_it_does_not_go_back(ask):
    items, one, requests = ask(citing(KEPT, BOB), citing(KEPT), max_turns=1)

    assert (len(requests), verdicts(one)) == (1, ["named"])
    assert items[-1].unverified == (BOB.strip(),)


def test_the_last_turn_is_one_in_which_no_tool_can_be_called(ask):
    _, _, requests = ask(citing(KEPT, BOB), citing(KEPT), max_turns=2)

    assert [bool(request.body.get("tools")) for request in requests] == [False, False]
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(say(text("The documents do not say.")), None), (citing(KEPT), "kept"), (say(text("Yes?")), None)],
    ids=["a denial", "what holds", "a question"],
)
def test_what_claims_nothing_that_is_not_borne_out_does_not_go_back(ask, said, verdict):
    _, one, requests = ask(said)

    assert (len(requests), verdicts(one)) == (1, [verdict])


def test_a_journal_folds_to_the_state_in_which_the_model_is_told_why(ask, library):
    items, one, _ = ask(citing(NINETY), citing(KEPT))
    events = one.journal.events(one.run)
    place = next(place for place, event in enumerate(events) if event.kind == "returned")

    assert replay(events[: place + 1], one.deps.texts) == [item for item in items if isinstance(item, Think)][-1]
    assert replay(events, one.deps.texts) == items[-1]


def test_one_that_only_quotes_is_never_asked_again(tmp_path):
    model = Scripted(["uncited"])
    model.uses_tools = False
    shelf = Shelf(set())

    async def kinds():
        with closing(Journal(tmp_path / "journal.sqlite")) as journal:
            this = Run("r-quoting", "How long are logs kept?")
            async with aclosing(run(this, Deps(shelf, shelf, model, Watchers()), Oversight(journal))) as items:
                last = [item async for item in items if not isinstance(item, Token)][-1]
            return last, [event.kind for event in journal.events(this.id)]

    end, happened = asyncio.run(kinds())
    assert isinstance(end, Abstained)
    assert happened == ["started", "retrieved", "thought", "checked", "abstained"]


# Where another source says otherwise

FEES = {"fees-2021.md": "The fee is 20 euros.", "fees-2024.md": "The fee is 26 euros."}
OLD, NEW = ((number, Quote(number, 0, 1, text)) for number, text in enumerate(FEES.values()))


class Fees(Shelf):
    """A search that finds two lists of fees, and their texts."""

    def __call__(self, query, *, k=10, scope=None):
        return [Hit(Chunk(name, 0, len(text), text, title="Fees"), 0.5) for name, text in FEES.items()]

    def text(self, name):
        return FEES.get(name)


@dataclass
class Saying:
    """A model that says one thing after the other, each citing a list."""

    answers: list
    heard: list = field(default_factory=list)
    uses_tools: bool = True
    name = "saying"

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.heard.append(messages)
        segments = tuple(Segment(said, (quote,)) for said, (_, quote) in self.answers.pop(0))
        yield Reply(segments, (), "end")


def of_fees(journal, *answers, **more):
    """The end of a run on both lists, and what the model heard."""
    model = Saying(list(answers), **more)
    fees = Fees(set())

    async def following():
        documents = {name: Document(name, text, "Fees") for name, text in FEES.items()}
        deps = Deps(fees, fees, model, Watchers(), document=documents.get)
        async with aclosing(run(Run("r-fees", "How high is the fee?"), deps, Oversight(journal))) as items:
            return [item async for item in items if not isinstance(item, Token)][-1]

    return asyncio.run(following()), model.heard


def test_an_answer_that_tells_one_of_two_sides_goes_back_and_may_then_name_the_years(journal):
    both = [("In 2021 the fee was 20 euros.", OLD), (" By the newer list of 2024 it is 26 euros.", NEW)]
    end, heard = of_fees(journal, [("The fee is 20 euros.", OLD)], both)

    assert end.answer == "In 2021 the fee was 20 euros. [1] By the newer list of 2024 it is 26 euros. [2]"
    (reason,) = heard[1][-1].reasons
    assert reason.startswith("fees-2021.md, 2021 says “20 euros”, and fees-2024.md, 2024 says “26 euros” of the same.")


def test_one_that_tells_one_side_again_gets_the_other_from_us(journal):
    one = [("The fee is 20 euros.", OLD)]
    end, heard = of_fees(journal, one, one)

    assert len(heard) == 2
    assert end.answer.startswith("The fee is 20 euros. [1]\n\nThe documents disagree. The newest first: fees-2024.md, ")
    assert [each.document for each in end.citations] == ["fees-2021.md", "fees-2024.md"]


def test_one_that_only_quotes_gets_the_other_side_from_us_at_once(journal):
    end, heard = of_fees(journal, [("The fee is 20 euros.", OLD)], uses_tools=False)

    assert len(heard) == 1
    assert end.answer.startswith("The fee is 20 euros. [1]\n\nThe documents disagree. The newest first: fees-2024.md, ")
    assert [each.document for each in end.citations] == ["fees-2021.md", "fees-2024.md"]
