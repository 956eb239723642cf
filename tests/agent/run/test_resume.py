"""A run whose process is gone goes on from its last event: nothing is done twice, and nothing is lost."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace

import pytest

from agent.governance.charter import NO_CHARTER
from agent.journal.events import Decided, Resumed
from agent.journal.fold import replay
from agent.journal.journal import Driven, Journal
from agent.journal.record import Overtaken
from agent.models.model import Results
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import Answered, AwaitingApproval, Escalated, Reply, Token
from plugins.contract import tool_from
from plugins.tool import ToolResult, key_of
from tests.agent.charters import ruled
from tests.agent.run.scripted import MOVES, TOOLS, Shelf, Watchers, calling, citing

RUN = "r-resumed"
SENT = []


def post(words: str = "") -> str:
    """Post it. Use when: asked."""
    SENT.append(words)
    return f"Posted: {words}."


post.effect = "external"


def put(idempotency_key: str, words: str = "") -> str:
    """Put it, once for each key. Use when: asked."""
    if idempotency_key not in SENT:
        SENT.append(idempotency_key)
    return f"Put: {words}."


put.effect, put.idempotent = "write", True
TOOLS_HERE = (*TOOLS, tool_from(post, plugin="mine"), tool_from(put, plugin="mine"))


@dataclass
class ByTurn:
    """A model whose move follows from what it was shown alone, so that any process may ask it."""

    moves: tuple
    name: str = "scripted"
    uses_tools: bool = True
    spoken: list = field(default_factory=list)
    heard: list = field(default_factory=list)

    async def reply(self, messages, tools, *, within=None, aloud=True):
        """The move of this turn."""
        turn = sum(isinstance(message, Reply) for message in messages)
        self.spoken.append(turn)
        self.heard.append(messages)
        yield Token("So")
        yield (_move(self.moves[turn]) if turn < len(self.moves) else citing)(messages)

    def request(self, messages, tools, *, given=None, effortless=None):
        """As much as tells two apart."""
        return {"messages": messages, "tools": tools}

    async def aclose(self):
        """It holds nothing."""


def _move(name):
    from agent.state import Segment, ToolCall
    from tests.agent.run.scripted import USAGE

    if callable(name):
        return name
    if name in MOVES:
        return MOVES[name]
    calls = (ToolCall("c9", name, {"words": "è"}),)
    return lambda _: Reply((Segment("Let me."),), calls, "calls", USAGE, (), "served")


@pytest.fixture(autouse=True)
def nothing_sent():
    SENT.clear()


@pytest.fixture
def new_journal(tmp_path):
    opened = []

    def make(name):
        opened.append(Journal(tmp_path / f"{name}.sqlite"))
        return opened[-1]

    yield make
    for journal in opened:
        journal.close()


def parts(journal, *moves, charter=None):
    shelf = Shelf(set())
    allowed = charter or ruled({"post": "allow", "put": "allow", "send": "allow"})
    deps = Deps(shelf, shelf, ByTurn(moves), Watchers(), TOOLS_HERE, (allowed,))
    return Run(RUN, "How long are logs kept?"), deps, Oversight(journal)


def followed(this, deps, over, **more):
    async def to_the_end():
        async with aclosing(run(this, deps, over, **more)) as items:
            return [item async for item in items if not isinstance(item, Token)]

    return asyncio.run(to_the_end())


def killed_after(count, journal, other):
    """Another journal that holds the first so many events, as a kill leaves it."""
    for entry in journal.events(RUN)[:count]:
        other.append(RUN, entry.kind, entry.content, actor=entry.actor)
    return other


def resumed(journal, *moves, by=None, **more):
    this, deps, over = parts(journal, *moves, **more)
    entries = journal.events(RUN)
    state = replay(entries, deps.texts)
    with journal.during(RUN):
        return followed(this, deps, over, begun=Begun(state, len(entries)), by=by or Resumed({})), deps


def kinds(journal):
    return [entry.kind for entry in journal.events(RUN)]


@pytest.mark.slow
@pytest.mark.parametrize("moves", [(), ("look",), ("look", "tide"), ("several", "look")], ids=str)
def test_a_run_that_only_reads_comes_to_the_same_end_from_whichever_event_it_goes_on(new_journal, moves):
    moves = tuple("tide" if move == "several" else move for move in moves)
    whole = new_journal("whole")
    *_, end = followed(*parts(whole, *moves))
    events = kinds(whole)

    for count in range(1, len(events)):
        cut = killed_after(count, whole, new_journal(f"cut-{count}"))
        (*_, again), deps = resumed(cut, *moves)
        assert again == end
        checked_again = ["checked"] if events[count - 1] == "checked" else []
        assert kinds(cut) == [*events[:count], "resumed", *checked_again, *events[count:]]
        assert len(deps.model.spoken) == events[count:].count("thought"), "what was said is not asked for again"
        assert cut.verify().ok


def test_a_write_whose_outcome_is_not_known_is_a_persons_to_decide_and_runs_no_second_time(new_journal):
    whole = new_journal("whole")
    followed(*parts(whole, "post"))
    assert kinds(whole)[2:5] == ["thought", "acting", "acted"]
    cut = killed_after(4, whole, new_journal("cut"))

    (*_, end), _ = resumed(cut, "post")

    assert isinstance(end, Escalated)
    assert (end.rule, end.call.name) == ("outcome_unknown", "post")
    assert f"citewell runs approve {RUN}" in end.reason
    assert cut.status(RUN) == "escalated"
    assert SENT == ["è"], "only the run that was killed has posted"


@pytest.mark.parametrize(("verdict", "sent"), [("approve", ["è", "è"]), ("deny", ["è"])])
def test_a_person_says_whether_it_is_run_again(new_journal, verdict, sent):
    whole = new_journal("whole")
    followed(*parts(whole, "post"))
    cut = killed_after(4, whole, new_journal("cut"))
    (*_, halted), _ = resumed(cut, "post")

    (*_, end), deps = resumed(cut, "post", by=Decided(halted.pending, verdict, "Ada", "ada", "looked"))

    assert isinstance(end, Answered)
    assert sent == SENT
    (result,) = next(each for each in deps.model.heard[-1] if isinstance(each, Results)).observations
    assert ("They said: looked" in result.text, result.error) == (verdict == "deny", verdict == "deny")


def test_before_it_is_announced_a_write_has_not_happened_and_after_its_record_it_has(new_journal):
    whole = new_journal("whole")
    followed(*parts(whole, "post"))
    for count, sent in ((3, 2), (5, 1)):
        SENT[:] = ["è"]
        (*_, end), _ = resumed(killed_after(count, whole, new_journal(f"cut-{count}")), "post")
        assert isinstance(end, Answered)
        assert len(SENT) == sent


def test_what_is_idempotent_is_run_again_with_the_same_key(new_journal):
    whole = new_journal("whole")
    followed(*parts(whole, "put"))
    cut = killed_after(4, whole, new_journal("cut"))
    assert len(SENT) == 1

    (*_, end), _ = resumed(cut, "put")

    assert isinstance(end, Answered)
    assert len(SENT) == 1, "it was called twice with one key"
    assert kinds(cut).count("acting") == 2


def test_one_key_is_of_one_act_whichever_defaults_are_written_out(new_journal):
    for place, arguments in enumerate(({}, {"words": ""}, {"words": "è"})):
        followed(*parts(new_journal(str(place)), calling("put", **arguments)))
        assert len(SENT) == (2 if arguments.get("words") else 1), "the first two are the same act"


def test_a_call_that_an_earlier_citewell_began_keeps_the_key_that_it_had(new_journal):
    whole = new_journal("whole")
    followed(*parts(whole, calling("put")))
    cut = new_journal("cut")
    for entry in whole.events(RUN)[:4]:
        content = {name: said for name, said in entry.content.items() if name not in ("key", "state")}
        cut.append(RUN, entry.kind, content, actor=entry.actor)
    SENT.clear()
    resumed(cut, calling("put"))
    assert [key_of(RUN, "put", {})] == SENT
    assert whole.events(RUN)[3].content["key"] == key_of(RUN, "put", {"words": ""})


def test_where_there_is_nobody_to_ask_the_run_waits_and_what_is_allowed_is_that_call_alone(new_journal):
    journal = new_journal("waits")
    *_, halted = followed(*parts(journal, "post", "post", charter=NO_CHARTER))

    assert isinstance(halted, AwaitingApproval)
    assert (SENT, journal.status(RUN)) == ([], "awaiting_approval")

    (*_, end), _ = resumed(
        journal, "post", "tide", by=Decided(halted.pending, "approve", "Ada", "ada"), charter=NO_CHARTER
    )
    assert isinstance(end, Answered)
    assert SENT == ["è"]
    decided = next(entry for entry in journal.events(RUN) if entry.kind == "decided")
    assert (decided.content["by"], decided.content["account"]) == ("Ada", "ada")


def test_what_a_charter_denies_by_then_does_not_run_though_it_was_approved(new_journal):
    journal = new_journal("waits")
    *_, halted = followed(*parts(journal, "post", charter=NO_CHARTER))

    word = Decided(halted.pending, "approve", "Ada", "ada")
    (*_, end), _ = resumed(journal, "post", by=word, charter=ruled({"post": "deny"}))

    assert SENT == []
    assert isinstance(end, Answered)


def test_of_two_processes_that_go_on_one_does_nothing_more(new_journal, tmp_path):
    whole = new_journal("whole")
    followed(*parts(whole, "post"))
    cut = killed_after(3, whole, new_journal("cut"))
    SENT.clear()
    entries = cut.events(RUN)
    with closing(Journal(tmp_path / "cut.sqlite")) as other:
        first, second = parts(cut, "post"), parts(other, "post")
        begun = Begun(replay(entries, first[1].texts), len(entries))
        assert isinstance(followed(*first, begun=begun, by=Resumed({}))[-1], Answered)
        with pytest.raises(Overtaken, match="citewell runs show"):
            followed(*second, begun=begun, by=Resumed({}))
    assert SENT == ["è"]
    assert cut.verify().ok


def test_whoever_drives_a_run_keeps_others_from_taking_it_up(new_journal, tmp_path):
    journal = new_journal("one")
    with journal.during(RUN):
        journal.append(RUN, "started", {"question": "?"})
        with pytest.raises(Driven), journal.during(RUN):
            pass
        with closing(Journal(tmp_path / "one.sqlite")) as other:
            assert other.unfinished() == []
            assert 0 < other.waits(RUN) <= 10
            with pytest.raises(Driven), other.during(RUN):
                pass
    with closing(Journal(tmp_path / "one.sqlite")) as other:
        assert (other.unfinished(), other.waits(RUN)) == ([RUN], 0)
        with other.during(RUN):
            assert other.status(RUN) == "running"


def test_an_idle_owner_that_was_overtaken_writes_nothing_at_all(new_journal):
    journal = new_journal("one")
    this, deps, over = parts(journal, "tide")

    async def overtake():
        items = run(this, deps, over)
        await anext(items)
        journal.append(RUN, "resumed", {"release": {}})  # another process takes it up meanwhile
        with pytest.raises(Overtaken):
            async for _ in items:
                pass

    asyncio.run(overtake())
    assert kinds(journal) == ["started", "resumed"]


def test_what_an_unfinished_run_reads_is_in_use(new_journal):
    journal = new_journal("one")
    journal.append(RUN, "started", {"question": "?", "release": {"index_version": "v7"}})
    assert journal.versions_in_use() == {"v7"}
    journal.append(RUN, "abstained", {"reason": "so"})
    assert journal.versions_in_use() == frozenset()
    journal.append("r-two", "started", {"question": "?", "release": {"index_version": "v8"}})
    journal.append("r-two", "parked", {"pending": "k"})
    assert journal.versions_in_use() == {"v8"}


def test_a_tool_that_hands_over_to_a_person_ends_the_run_with_its_reason(new_journal):
    def hand_over(words: str = "") -> ToolResult:
        """Hand over. Use when: asked."""
        return ToolResult("Handed over.", data={"hand_over": f"They want {words}."})

    hand_over.effect = "read"
    journal = new_journal("over")
    this, deps, over = parts(journal, "hand_over")
    deps = replace(deps, tools=(*deps.tools, tool_from(hand_over, plugin="mine")))
    *_, end = followed(this, deps, over)

    wanted = "hand_over asked for a person: They want è."
    assert (type(end), end.rule, end.reason, end.pending) == (Escalated, "asked_for_person", wanted, None)
    assert journal.status(RUN) == "escalated"
    assert journal.versions_in_use() == frozenset()


@pytest.mark.parametrize("idempotent", [False, True])
def test_a_write_that_does_not_answer_in_time_is_a_persons_to_decide_unless_it_may_be_repeated(new_journal, idempotent):
    async def dawdle(words: str = "") -> str:
        """Take your time. Use when: asked."""
        await asyncio.sleep(10)
        return "late"

    async def once(idempotency_key: str, words: str = "") -> str:
        """Take your time. Use when: asked."""
        return await dawdle(words)

    if idempotent:
        once.__name__, dawdle = "dawdle", once
    dawdle.effect, dawdle.timeout, dawdle.idempotent = "write", 0.05, idempotent
    journal = new_journal("late")
    this, deps, over = parts(journal, "dawdle", charter=ruled({"dawdle": "allow"}))
    deps = replace(deps, tools=(*deps.tools, tool_from(dawdle, plugin="mine")))
    *_, end = followed(this, deps, over)

    if idempotent:
        assert isinstance(end, Answered)
    else:
        assert (type(end), end.rule) == (Escalated, "outcome_unknown")
        assert "did not answer within 0.05 seconds" in end.reason
        assert journal.versions_in_use() is not None
        assert kinds(journal)[-2:] == ["acting", "handover"]


def test_what_is_redacted_leaves_no_digest_by_which_a_guess_could_be_confirmed(new_journal):
    journal = new_journal("erased")
    this, deps, over = parts(journal, "tide")
    erased = set()
    model = deps.model

    class Erasing(ByTurn):
        async def reply(self, messages, tools, *, within=None, aloud=True):
            erased.add("guide/logs.md")
            async for item in model.reply(messages, tools):
                if isinstance(item, Reply):  # a word of it would end the run before
                    yield item

    over = replace(over, erased=lambda: frozenset(erased))
    followed(this, replace(deps, model=Erasing(("tide",))), over)

    kept = {entry.kind: entry.content for entry in journal.events(RUN)}
    assert kept["thought"]["erased"] is True
    assert "state" not in kept["thought"]
    assert "state" in kept["retrieved"]


def test_many_calls_of_one_reply_run_together_and_are_told_in_order(new_journal):
    running, most = [0], [0]

    async def slowly(words: str = "") -> str:
        """Take your time. Use when: asked."""
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.05 if words == "0" else 0.01)
        running[0] -= 1
        return f"done {words}"

    slowly.effect = "read"
    journal = new_journal("many")
    this, deps, over = parts(journal)

    class Many(ByTurn):
        async def reply(self, messages, tools, *, within=None, aloud=True):
            from agent.state import Segment, ToolCall, Usage

            if len(messages) > 1:
                yield citing(messages)
                return
            calls = tuple(ToolCall(f"c{n}", "slowly", {"words": str(n)}) for n in range(9))
            yield Reply((Segment("All."),), calls, "calls", Usage(), (), "served")

    tools = (*deps.tools, tool_from(slowly, plugin="mine"))
    followed(this, replace(deps, model=Many(()), tools=tools), over)

    assert [entry.content["text"] for entry in journal.events(RUN) if entry.kind == "acted"] == [
        f"done {n}" for n in range(9)
    ]
    assert 1 < most[0] <= 4
