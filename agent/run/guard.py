"""What of a run may still be used when a document is erased while it goes on?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from agent.evidence.citations import nearest
from agent.journal.chain import canonical
from agent.state import Abstained, Act, Check, End, Failed, Observation, Passage, State, Think, Usage, evidence_of
from retrieval.erasure.quotations import Quotations

_WITHHELD = "Something that the answer could rest on was erased while it was being made; ask again."
_TAKEN_OUT = "Something in this result was erased meanwhile, and is left out."


@dataclass(frozen=True, slots=True)
class Gone:
    """What a run may not use any more: `documents` that are erased, `lately` those of them that were since it began.

    Only the latter can be named by what it was given before. What was erased earlier is named by whoever asks for it.
    """

    documents: frozenset[str]
    lately: frozenset[str]

    def took(self, evidence: Iterable[Passage]) -> bool:
        """Whether one of the passages is of an erased document, or what a tool said of one."""
        return bool(self.documents) and any(map(self._took, evidence))

    def named_in(self, content: Mapping[str, Any]) -> bool:
        """Whether something names a document that was erased since the run began."""
        if not self.lately:
            return False
        return Quotations(self.lately, (), lambda _: False, ())(json.loads(canonical(content)))

    def _took(self, passage: Passage) -> bool:
        if passage.kind == "document":
            return passage.document in self.documents
        return self.named_in({"text": passage.text})


def as_of_now(state: State, gone: Gone, used: Usage) -> State:
    """The state without what is gone.

    What a model said after it was shown something of it may be made from it: then the state is an end.
    """
    match state:
        case Think():
            spoken = evidence_of(replace(state, turns=state.turns[:-1])) if state.turns else ()
        case Act() | Check():
            spoken = evidence_of(state)
        case _:
            return state
    if gone.took(spoken):
        return withheld(evidence_of(state), gone, used)
    return _without(state, gone) if isinstance(state, Think) else state


def withheld(evidence: Sequence[Passage], gone: Gone, used: Usage) -> Abstained:
    """The end of a run whose answer may be made from what is gone; it names what is left of the evidence."""
    return Abstained(_WITHHELD, nearest(still_there(evidence, gone)), used)


def told_by(end: End, before: State, gone: Gone) -> tuple[Passage, ...]:
    """What an end may tell of; one that we word ourselves tells of no more than it names."""
    if isinstance(end, Failed):
        return still_there(evidence_of(before), gone) if end.nearest else ()
    return () if isinstance(end, Abstained) and end.reason == _WITHHELD else evidence_of(before)


def still_there(evidence: Iterable[Passage], gone: Gone) -> tuple[Passage, ...]:
    """The passages of which nothing is erased."""
    return tuple(passage for passage in evidence if not gone.took([passage]))


def _without(think: Think, gone: Gone) -> Think:
    """The same, numbered anew, as no reply has named yet what is left out or what follows it."""
    told = [each for turn in think.turns for each in turn.observations]
    if not gone.took(evidence_of(think)) and not any(map(gone.named_in, map(_words, told))):
        return think
    numbers = count()
    first = _kept(think.passages, gone, numbers)
    turns = [
        replace(turn, observations=tuple(_kept_of(each, gone, numbers) for each in turn.observations))
        for turn in think.turns
    ]
    return replace(think, passages=first, turns=tuple(turns))


def _kept(evidence: Iterable[Passage], gone: Gone, numbers: Iterator[int]) -> tuple[Passage, ...]:
    return tuple(replace(passage, number=next(numbers)) for passage in evidence if not gone.took([passage]))


def _kept_of(observation: Observation, gone: Gone, numbers: Iterator[int]) -> Observation:
    """What a tool found without what is gone. Its text, which may tell of all that it found, is replaced with it."""
    kept = _kept(observation.passages, gone, numbers)
    if len(kept) == len(observation.passages) and not gone.named_in(_words(observation)):
        return replace(observation, passages=kept)
    return replace(observation, text=_TAKEN_OUT, passages=kept, note=_TAKEN_OUT)


def _words(observation: Observation) -> dict[str, str]:
    return {"text": observation.text, "note": observation.note}
