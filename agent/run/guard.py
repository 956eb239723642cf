"""What of a run may still be used when a document is erased while it goes on?"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from agent.evidence.citations import nearest
from agent.journal.chain import canonical
from agent.journal.events import Acted, Acting, Event, Noise, Retrieved, Thought, Withdrawn, content, redacted
from agent.journal.fold import OVERTAKEN, TAKEN_OUT, UNNAMED
from agent.run.deps import Deps, Oversight, Run
from agent.run.steps import step
from agent.state import (
    Abstained,
    Act,
    Answered,
    Check,
    Failed,
    GoingOn,
    Observation,
    Passage,
    State,
    Think,
    Token,
    Usage,
    evidence_of,
    served,
    think_of,
    used,
)
from plugins.tool import Tool
from retrieval.erasure.quotations import Quotations

UNSAID = "Why the run broke names something that was erased meanwhile; ask again."


@dataclass(frozen=True, slots=True)
class Gone:
    """What a run may not use any more: `documents` that are erased, `lately` those of them that were since it began.

    Only the latter can be named by what it was given before. What was erased earlier is named by whoever asks for it.
    `rested_on` says that what was said before it in its conversation came of one of them.
    """

    documents: frozenset[str]
    lately: frozenset[str]
    rested_on: bool = False

    def took(self, evidence: Iterable[Passage]) -> bool:
        """Whether one of the passages is of an erased document, or what a tool said of one."""
        return self.rested_on or (bool(self.documents) and any(map(self._took, evidence)))

    def named_in(self, content: Mapping[str, Any]) -> bool:
        """Whether something names a document that was erased since the run began."""
        if not self.lately:
            return False
        return Quotations(self.lately, (), lambda _: False, ())(json.loads(canonical(content)))

    def _took(self, passage: Passage) -> bool:
        if passage.kind == "document":
            return passage.document in self.documents
        return self.named_in({"text": passage.text})


def gone(over: Oversight) -> Gone:
    """What a run may not use any more, as of now."""
    erased = over.erased()
    return Gone(erased, erased - over.before, bool(erased & over.rests_on))


async def guarded(state: GoingOn, run: Run, deps: Deps, over: Oversight) -> AsyncGenerator[Token | Event]:
    """The step that follows a state, and nothing that is made of what is erased by now.

    Where something is gone before the step begins, it is not taken: what is left is an event of its own.
    """
    left = as_of_now(state, gone(over))  # whoever was given the state may have taken time
    if left is not None:
        yield left
        return
    given = _given(state)
    async with aclosing(step(state, run, _asking(given, deps, over))) as items:
        async for item in items:
            now = gone(over)
            if not now.documents:
                yield item
                continue
            if now.took(given) and not isinstance(item, Failed):
                if not isinstance(item, Token | Acting | Answered | Abstained):  # what was done stays on record
                    yield redacted(item)
                spent = item.reply.usage if isinstance(item, Thought) else Usage()
                yield overtaken(state, now, used(state) + spent)
                return
            if isinstance(item, Token):
                yield item
                continue
            yield _reduced(item, given, run, now)


def as_of_now(state: State, gone: Gone) -> Withdrawn | Abstained | None:
    """What has become of a state from which something is gone; None where nothing is.

    What a model said after it was shown something of it may be made from it: then the run ends.
    """
    match state:
        case Think():
            spoken = evidence_of(replace(state, turns=state.turns[:-1])) if state.turns else ()
        case Act() | Check():
            spoken = evidence_of(state)
        case _:
            return None
    if gone.took(spoken):
        return overtaken(state, gone, used(state))
    return _withdrawn(state, gone) if isinstance(state, Think) else None


def overtaken(state: State, gone: Gone, usage: Usage) -> Abstained:
    """The end of a run that an erasure overtook: its answer may be made from what is gone. It names what is left."""
    think = think_of(state)
    near = nearest(still_there(evidence_of(state), gone))
    return Abstained(OVERTAKEN, near, usage, model=served(state), left_out=think.left_out if think else 0)


def still_there(evidence: Iterable[Passage], gone: Gone) -> tuple[Passage, ...]:
    """The passages of which nothing is erased."""
    return tuple(passage for passage in evidence if not gone.took([passage]))


def as_written(event: Event, state: State | None, gone: Gone) -> Event:
    """An event that follows a state, as it may be written down: redacted, where it is made from what is gone.

    What is written of an end is what the asker is told: where there was an answer that nobody is given, an abstention.
    """
    seen = () if state is None or _words_its_own(event) else _given(state)
    if not gone.took(seen) and not gone.named_in(content(event)):
        return event
    match event:
        case Answered() | Abstained():
            return Abstained(OVERTAKEN, usage=event.usage, model=event.model, left_out=event.left_out)
        case Failed():
            return Failed(event.code, UNSAID, event.usage, model=event.model, left_out=event.left_out)
        case _:
            return redacted(event)


def unnamed(state: State, gone: Gone) -> State:
    """The same, but that the tool which had begun is not named where the model chose it by what is gone."""
    if isinstance(state, Act) and state.begun and gone.took(_given(state)):
        return replace(state, begun=UNNAMED)
    return state


def _given(state: State) -> tuple[Passage, ...]:
    """What the model has seen: all that follows may be made from it."""
    think = think_of(state)
    return evidence_of(think) if think else ()


def _words_its_own(event: Event) -> bool:
    """Whether it tells of no more than it names."""
    return isinstance(event, Failed | Withdrawn) or (isinstance(event, Abstained) and event.reason == OVERTAKEN)


def _asking(given: Sequence[Passage], deps: Deps, over: Oversight) -> Deps:
    """The same; but what somebody consents to after its reason was erased is not done."""
    ask = deps.ask
    if ask is None:
        return deps

    async def asked(tool: Tool, arguments: Mapping[str, Any]) -> bool:
        return await ask(tool, arguments) and not gone(over).took(given)

    return replace(deps, ask=asked)


def _reduced(event: Event, given: Sequence[Passage], run: Run, gone: Gone) -> Event:
    """What was found without what is gone."""
    match event:
        case Retrieved():
            left = still_there(event.passages, gone)
            return replace(event, passages=left, withheld=_noise_still_there(event.withheld, gone))
        case Acted():
            noise = _noise_still_there(event.withheld, gone)
            observation = replace(_still_there_of(event.observation, gone), withheld=len(noise))
            return replace(event, observation=observation, withheld=noise)
        case Failed() if event.nearest:
            return replace(event, nearest=nearest(still_there(given, gone), run.question))
        case _:
            return event


def _noise_still_there(noise: Iterable[Noise], gone: Gone) -> tuple[Noise, ...]:
    return tuple(each for each in noise if each.document not in gone.documents)


def _withdrawn(think: Think, gone: Gone) -> Withdrawn | None:
    """What is left; it may be numbered anew, as no reply has named yet what is left out or what follows it."""
    observations = [each for turn in think.turns for each in turn.observations]
    if not gone.took(evidence_of(think)) and not any(map(gone.named_in, map(_words, observations))):
        return None
    return Withdrawn(
        question=think.question,
        passages=still_there(think.passages, gone),
        results=tuple(tuple(_still_there_of(each, gone) for each in turn.observations) for turn in think.turns),
        withheld=think.withheld,
        left_out=think.left_out,
        spent=think.spent,
    )


def _still_there_of(observation: Observation, gone: Gone) -> Observation:
    """What a tool found without what is gone. Its text, which may tell of all that it found, is replaced with it."""
    left = still_there(observation.passages, gone)
    if len(left) == len(observation.passages) and not gone.named_in(_words(observation)):
        return observation
    return replace(observation, text=TAKEN_OUT, passages=left, note=TAKEN_OUT, data=None)


def _words(observation: Observation) -> dict[str, Any]:
    return {"text": observation.text, "note": observation.note, "data": observation.data}
