"""The same messages always leave alike, and what comes back means what was meant."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.governance.personal.detecting import Detectors
from agent.governance.personal.veiling import Kept, Veil, Veiled
from agent.models.model import Question, Results
from agent.state import Observation, Passage, Reply, Segment, Token, ToolCall

unhurried = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MAIL = "bo@example.org"
PIECES = st.sampled_from(
    ["a ", "Bo. ", MAIL, "ana@example.org", " 4111 1111 1111 1111 ", "⟨email 1⟩", "⟨", "⟩", "ghp_" + "aB3" * 13, "\n"]
)


def passage(text, *blocks, number=0):
    return Passage(
        number, "document", "a.md", "A", text, 100, 100 + len(text), tuple((100 + s, 100 + e) for s, e in blocks)
    )


@unhurried
@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_what_is_hidden_is_put_back_letter_by_letter(text):
    veil = Veil(Detectors())

    hidden = veil.hidden(text, ["email", "card", "key"])

    assert veil.put_back(hidden) == text
    assert "@example" not in hidden
    assert "4111" not in hidden
    assert veil.hidden(text, ["email", "card", "key"]) == hidden


@unhurried
@given(st.lists(PIECES, min_size=2, max_size=10), st.data())
def test_blocks_of_a_passage_stay_the_blocks_of_it(pieces, data):
    text = "".join(pieces)
    edges = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    blocks = list(zip(edges[::2], edges[1::2], strict=False))
    before = passage(text, *blocks)
    veil = Veil(Detectors())

    after = veil.hidden_passage(before, ["email", "card", "key"])

    assert len(after.blocks) == len(before.blocks)
    for block in range(len(before.blocks)):
        assert veil.put_back(after.block_text(block)) == before.block_text(block)


def test_a_placeholder_that_a_document_holds_is_not_anothers_value():
    veil = Veil(Detectors())

    hidden = veil.hidden(f"{MAIL} and ⟨email 1⟩", ["email"])

    assert hidden == "⟨email 1⟩ and ⟨mark 1⟩"
    assert veil.put_back("⟨mark 1⟩ ⟨email 1⟩ ⟨email 9⟩") == f"⟨email 1⟩ {MAIL} ⟨email 9⟩"


def test_what_was_found_once_is_hidden_where_nothing_names_it():
    veil = Veil(Detectors())

    assert veil.hidden("NHS 943 476 5919", ["id"]) == "NHS ⟨id 1⟩"
    assert veil.hidden("943 476 5919, not 1943 476 59190", ["id"]) == "⟨id 1⟩, not 1943 476 59190"


def test_a_part_of_what_was_found_is_not_hidden_where_it_stands_for_itself():
    veil = Veil(Detectors())
    cut = veil.hidden_passage(passage("Card 4111 1111 1111 1111.", (0, 20), (20, 25)), ["card"])

    assert "1111" not in cut.text
    assert veil.hidden("room 1111, card 4111 1111 1111 1111", ["card"]).startswith("room 1111, card ⟨card ")


class Parrot:
    """A model that says back what it is given, in pieces."""

    name, where, uses_tools = "parrot", "http://there", True

    def __init__(self, said):
        self.said, self.given = said, None

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.given = messages
        for letter in self.said:
            yield Token(letter)
        yield Reply((Segment(self.said),), (ToolCall("c", "send", {"to": ["⟨email 1⟩"]}),), "calls")

    def request(self, messages, tools, *, given=None, effortless=None):
        return {"messages": messages}


def spoken(model, messages):
    import asyncio

    async def all_of():
        return [item async for item in model.reply(messages, ())]

    return asyncio.run(all_of())


def test_later_messages_change_nothing_of_what_was_sent_before():
    model = Veiled(Parrot(""), Detectors(), Kept(("email",)))
    asked = Question(f"Who is {MAIL}?", (passage("Write to ana@example.org.", (0, 25)),))
    more = Results((Observation(ToolCall("c", "find", {}), "cy@example.org", ()),))

    first = model.request([asked], ())["messages"]
    then = model.request([asked, Reply((), (), "end"), more], ())["messages"]

    assert then[:1] == first
    assert then[2].observations[0].text == "⟨email 3⟩"


def test_a_tool_whose_results_are_kept_says_nothing_of_others():
    model = Veiled(Parrot(""), Detectors(), Kept((), {"find": ("email",)}))
    results = [
        Results(tuple(Observation(ToolCall("c", name, {}), f"{name}@example.org", ()) for name in ("find", "other")))
    ]

    (sent,) = model.request(results, ())["messages"]

    assert [each.text for each in sent.observations] == ["⟨email 1⟩", "other@example.org"]


def test_words_come_whole_and_calls_with_their_values():
    parrot = Parrot("At ⟨email 1⟩ ⟨or so")

    *tokens, reply = spoken(Veiled(parrot, Detectors(), Kept(("email",))), [Question(MAIL)])

    assert "".join(each.text for each in tokens) == reply.text == f"At {MAIL} ⟨or so"
    assert not [each.text for each in tokens if "email" in each.text]
    assert reply.calls[0].arguments == {"to": [MAIL]}
    assert parrot.given == [Question("⟨email 1⟩")]
