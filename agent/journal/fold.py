"""Which state has a run come to? Its events, folded: the same while it goes on and when they are read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Final, TypeVar, assert_never

from agent.journal.entry import Entry, followed
from agent.journal.events import (
    Acted,
    Acting,
    Checked,
    Claimed,
    Compacted,
    Decided,
    Endorsed,
    Event,
    Handover,
    Moved,
    Parked,
    Planned,
    Ranked,
    Recalled,
    Redacted,
    Reopened,
    Resolved,
    Resumed,
    Retrieved,
    Returned,
    Shortened,
    Started,
    Thought,
    Understood,
    Weighed,
    Withdrawn,
    kind_of,
    read,
)
from agent.state import (
    Abstained,
    Act,
    Answered,
    AwaitingApproval,
    Check,
    End,
    Escalated,
    Failed,
    GoingOn,
    Halted,
    Observation,
    Over,
    Passage,
    Plan,
    Retrieve,
    State,
    Think,
    Turn,
    Understand,
    Usage,
    evidence_of,
    used,
)
from plugins.tool import Texts

OVERTAKEN: Final = "Something that the answer could rest on was erased while it was being made; ask again."
TAKEN_OUT: Final = "Something in this result was erased meanwhile, and is left out."
NOT_ALLOWED: Final = "was not run: a person was asked, and said no."
MAY_HAVE_RUN: Final = "was begun and cut off, and a person said to go on without it: it is not to be run again."
UNNAMED: Final = "a tool whose call was erased"

_E = TypeVar("_E", bound=Event)
_S = TypeVar("_S", bound=GoingOn)


def replay(entries: Iterable[Entry], texts: Texts) -> State | None:
    """The state that a run has come to, by what was written down of it; None before its first event.

    `texts` are those of the index version that it asked. Raises `NotKept`, `Damaged`.
    """
    state: State | None = None
    for entry in entries:
        state = after(state, entry, texts)
    return state


def after(state: State | None, entry: Entry, texts: Texts) -> State:
    """The state after an event that was written down. Raises `NotKept`, `Damaged`."""
    event = read(entry, texts)
    with followed(entry):
        return fold(state, event)


def fold(state: State | None, event: Event) -> State:
    """The state after an event. What an erasure took leaves none to go on from, unless something tells what is left."""
    match event:
        case Started():
            return Understand(event.question) if event.earlier else Retrieve(event.question)
        case Redacted():
            return _without(state, event)
        case Withdrawn():
            return _left(state, numbered(event, state))
        case Answered() | Abstained() | Failed():
            return event
        case _ if state is None:
            raise ValueError(f"nothing has begun that could be {kind_of(event)}")
        case Resumed():
            return state
        case Endorsed() | Decided() | Claimed() | Moved() | Resolved() | Reopened():
            return _by_a_person(state, event)
        case _ if isinstance(state, Over):
            return state  # what came before was erased
        case Handover(rule, reason, call, pending):
            return Escalated(_going_on(state, event), rule, reason, call, pending, event.route, event.draft)
        case _ if isinstance(state, Halted):
            raise ValueError(f"while a person is waited for nothing can be {kind_of(event)}")
        case _:
            return _next(state, numbered(event, state))


def numbered(event: _E, state: State | None) -> _E:
    """The same event, each passage of it numbered by its place among all that may be cited after the state."""
    match event:
        case Retrieved():
            return replace(event, passages=_numbered(event.passages, count()))
        case Acted(observation):
            first = len(evidence_of(state)) if state else 0
            found = _numbered(observation.passages, count(first))
            return replace(event, observation=replace(observation, passages=found))
        case Withdrawn():
            numbers = count()
            first_found = _numbered(event.passages, numbers)
            results = tuple(
                tuple(replace(each, passages=_numbered(each.passages, numbers)) for each in turn)
                for turn in event.results
            )
            return replace(event, passages=first_found, results=results)
        case _:
            return event


def _numbered(found: Iterable[Passage], numbers: Iterator[int]) -> tuple[Passage, ...]:
    return tuple(replace(passage, number=next(numbers)) for passage in found)


def _next(
    state: GoingOn,
    event: Compacted
    | Understood
    | Recalled
    | Planned
    | Retrieved
    | Weighed
    | Ranked
    | Shortened
    | Thought
    | Acting
    | Acted
    | Checked
    | Returned
    | Parked,
) -> State:
    match event:
        case Compacted() | Understood() | Recalled():
            return _understood(state, event)
        case Planned():
            searching = _the(Retrieve, state, event)
            spent = searching.spent + event.usage
            return Plan(searching.question, event.parts, spent, searching.account, searching.recalled)
        case Retrieved():
            planned = state if isinstance(state, Plan) else None
            searched = planned or _the(Retrieve, state, event)
            parts = planned.parts if planned else ()
            noise = len(event.withheld)
            return Think(
                *(searched.question, event.passages),
                withheld=noise,
                spent=searched.spent,
                parts=parts,
                account=searched.account,
                recalled=searched.recalled,
            )
        case Weighed() | Ranked():
            return _in_order(_the(Think, state, event), event)
        case Thought():
            return _spoken(_the(Think, state, event), event)
        case Shortened():
            return _shortened(state if isinstance(state, Think) else _unsaid(_the(Check, state, event)), event)
        case Acting():
            return replace(_the(Act, state, event), begun=event.call.name, key=event.key, approved=None, expires=None)
        case Acted():
            began = event.observation.began or event.attempts > 0  # which an earlier Citewell did not write
            return _observed(_the(Act, state, event), replace(event.observation, began=began))
        case Checked():  # of an answer that is returned to after the model broke off, too
            return state if isinstance(state, Think) else _the(Check, state, event)
        case Parked():
            act = replace(
                _the(Act, state, event), approved=None, expires=None
            )  # what was allowed is not what it is now
            return AwaitingApproval(
                act, event.call, event.pending, event.reason, event.approvers, expires=event.expires
            )
        case Returned():
            checked = _the(Check, state, event)
            return replace(checked.think, turns=(*checked.think.turns, Turn(checked.reply, returned=event.reasons)))
        case _:
            assert_never(event)


def _understood(state: GoingOn, event: Compacted | Understood | Recalled) -> Understand | Retrieve:
    if isinstance(event, Recalled):
        return replace(_the(Retrieve, state, event), recalled=event.memories)
    before = _the(Understand, state, event)
    spent = before.spent + event.usage
    if isinstance(event, Compacted):
        return replace(before, account=event.account, spent=spent)
    return Retrieve(event.question, spent, before.account or None)


def _by_a_person(state: State, event: Endorsed | Decided | Claimed | Moved | Resolved | Reopened) -> State:
    """After what a person said of a run that waits for one; what was answered stays so until another answers."""
    match event:
        case Resolved() if isinstance(state, Escalated | Answered):
            return Answered(event.answer, (), used(state), by=event.by)
        case _ if isinstance(state, Over):
            return state
        case Endorsed():
            return _endorsed(state, event)
        case Decided():
            return _decided(state, event)
        case Moved() if isinstance(state, Escalated):
            return replace(state, route=event.route)
        case Claimed() | Reopened() if isinstance(state, Escalated):
            return state
        case _:
            raise ValueError(f"no case is there that could be {kind_of(event)}")


def _decided(state: State, event: Decided) -> State:
    """A call that is allowed runs next, and no other with it; of one that is not the model is told."""
    act = state.before if isinstance(state, Halted) and state.pending == event.pending else None
    if not isinstance(act, Act):
        raise ValueError(f"nothing waits for the word on {event.pending}")  # noqa: TRY004 - ours
    if event.verdict == "approve":
        expires = state.expires if isinstance(state, AwaitingApproval) else None
        approved = event.allowed or event.pending
        return replace(act, begun=None, key="", approved=approved, edited=event.edited, expires=expires)
    said = f" They said: {event.comment}" if event.comment else ""
    what = MAY_HAVE_RUN if act.begun else NOT_ALLOWED
    told = f"{act.next_call.name} {what}{said}"
    return _observed(act, Observation(act.next_call, told, error=True, began=act.begun is not None))


def _endorsed(state: State, event: Endorsed) -> AwaitingApproval:
    if not isinstance(state, AwaitingApproval) or state.pending != event.pending:
        raise ValueError(f"nothing waits for the word on {event.pending}")
    endorsed = (*state.endorsed, event.by)
    left = state.needed - len(endorsed)
    said = f"{', '.join(endorsed)} allowed {state.call.name}, and {left} more {'has' if left == 1 else 'have'} to."
    return replace(state, endorsed=endorsed, reason=said)


def _going_on(state: State, event: Event) -> GoingOn:
    if isinstance(state, End):
        raise ValueError(f"after an end nothing can be {kind_of(event)}")  # noqa: TRY004 - ours
    return state


def _the(kind: type[_S], state: State, event: Event) -> _S:
    """The state, which is of the one kind in which the event can be."""
    if not isinstance(state, kind):
        raise ValueError(f"in the state {type(state).__name__} nothing can be {kind_of(event)}")  # noqa: TRY004 - ours
    return state


def _unsaid(state: Check) -> Think:
    """Before its reply, which was cut since there was no room for it; its tokens are spent."""
    return replace(state.think, spent=state.think.spent + state.reply.usage)


def _in_order(think: Think, event: Weighed | Ranked) -> Think:
    """What a passage is worth is known; in the order of that they are numbered anew, as no reply has named one yet."""
    if isinstance(event, Weighed):
        known = () if event.score is None else ((event.number, event.score),)
        return replace(think, scores=(*think.scores, *known), spent=think.spent + event.usage)
    by_number = {each.number: each for each in think.passages}
    scores = dict(think.scores)
    return replace(
        think,
        passages=_numbered((by_number[number] for number in event.order), count()),
        scores=tuple((place, scores[number]) for place, number in enumerate(event.order) if number in scores),
        withheld=think.withheld + len(event.dropped),
        weighed=True,
    )


def _spoken(think: Think, event: Thought) -> State:
    think = replace(think, route=event.route or think.route)
    match event.reply.stop:
        case "broken":
            return think
        case "pause":
            return replace(think, turns=(*think.turns, Turn(event.reply)))
        case "calls" if not event.barred:
            return Act(think, event.reply)
        case _:
            return Check(think, event.reply)


def _observed(state: Act, observation: Observation) -> Act | Think:
    """The model is to speak again when the last of its calls is answered."""
    observations = (*state.observations, observation)
    if len(observations) < len(state.reply.calls):
        return replace(state, observations=observations, begun=None, key="", approved=None, edited=None, expires=None)
    return replace(state.think, turns=(*state.think.turns, Turn(state.reply, observations)))


def _shortened(think: Think, event: Shortened) -> Think:
    """Without the last passages: no reply has named them yet, and the numbers of the others stay as they are."""
    if event.dropped or event.kept:
        return _fitted(think, event)
    fewer = event.left_out - think.left_out
    if not think.turns:
        return replace(think, passages=think.passages[: len(think.passages) - fewer], left_out=event.left_out)
    *before, last = think.turns
    kept = sum(len(each.passages) for each in last.observations) - fewer
    observations: list[Observation] = []
    for each in last.observations:
        some = each.passages[:kept]
        kept -= len(some)
        # Without any passage it is the text that is told, which may be as long.
        text = each.text if some or not each.passages else event.told
        observations.append(replace(each, passages=some, text=text))
    turns = (*before, replace(last, observations=tuple(observations)))
    return replace(think, turns=turns, left_out=event.left_out)


def _fitted(think: Think, event: Shortened) -> Think:
    """Without some passages or some of their blocks; those that follow are numbered anew, as none has been named."""
    blocks = {number: (first, last) for number, first, last in event.kept}

    def left(found: Iterable[Passage], numbers: Iterator[int]) -> tuple[Passage, ...]:
        some = (each for each in found if each.number not in event.dropped)
        return _numbered(
            (_part(each, *blocks[each.number]) if each.number in blocks else each for each in some), numbers
        )

    cut = tuple(sorted({*think.cut, *blocks}))
    think = replace(think, left_out=event.left_out, cut=cut)
    if not think.turns:
        return replace(think, passages=left(think.passages, count()))
    *before, last = think.turns
    numbers = count(len(evidence_of(replace(think, turns=tuple(before)))))
    observations: list[Observation] = []
    for each in last.observations:
        some = left(each.passages, numbers)
        text = each.text if some or not each.passages else event.told
        observations.append(replace(each, passages=some, text=text))
    return replace(think, turns=(*before, replace(last, observations=tuple(observations))))


def _part(passage: Passage, first: int, last: int) -> Passage:
    """Some of the blocks of a passage."""
    blocks = passage.blocks[first:last]
    start, end = blocks[0][0], blocks[-1][1]
    text = passage.text[start - passage.start : end - passage.start]
    return replace(passage, text=text, start=start, end=end, blocks=blocks)


def _left(state: State | None, event: Withdrawn) -> State:
    """The state with what is left of the evidence, be it that what it was made from can still be read or not."""
    match state:
        case Think(turns=turns) if len(turns) == len(event.results):
            pairs = zip(turns, event.results, strict=True)
            left = tuple(replace(turn, observations=observations) for turn, observations in pairs)
            return replace(state, passages=event.passages, turns=left, scores=())  # numbered anew
        case Abstained() if not event.results:
            return Think(event.question, event.passages, (), event.withheld, event.left_out, event.spent)
        case Abstained():
            return state  # what the model said in its turns is erased
    raise ValueError(f"in the state {type(state).__name__} nothing can be withdrawn")


def _without(state: State | None, event: Redacted) -> State:
    """The state after something that may not be known any more.

    Of a tool it is still known that it ran, so that it does not run again. Else nothing can be made of what came after.
    """
    match state, event.kind:
        case Understand(), "compacted":
            return replace(state, account="", spent=state.spent + (event.usage or Usage()))
        case Act(), "acting":
            return replace(state, begun=UNNAMED)
        case Think(), "weighed":
            return replace(state, spent=state.spent + (event.usage or Usage()))
        case Act(), "acted":
            return _observed(state, Observation(state.next_call, TAKEN_OUT, note=TAKEN_OUT, began=True))
        case _, "failed":
            return Failed(event.code or "erased", OVERTAKEN, event.usage or Usage())
        case _, "answered" | "abstained":
            return Abstained(OVERTAKEN, usage=event.usage or Usage())
        case _:
            before = used(state) if state else Usage()
            return Abstained(OVERTAKEN, usage=before + event.usage if event.usage else before)
