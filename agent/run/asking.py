"""What is a user told who asks an index version without a model? For measuring: it leaves no record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from agent.evidence.passages import sifted
from agent.journal.record import Unrecorded, new_run_id
from agent.models.choose import choose
from agent.models.model import Model
from agent.models.quoting import kinds
from agent.run.deps import Deps, Observers, Oversight, Run
from agent.run.loop import run
from agent.settings import Settings
from agent.state import Abstained, Answered, End, Failed
from eval.measure.answers import Answerer, Quoted, Told
from ingest.errors import CitewellError
from plugins.bounded import Raised, bounded_now
from retrieval.model import EVERYTHING, Hit, Mode, Scope, Search
from retrieval.search.hybrid import HybridSearch

_SECONDS: Final = 3600.0  # nobody waits for one answer, and all of them are wanted
_AFTER: Final = 60.0  # seconds that a run which takes too long has to say so
# Kinds of questions as they are called beside figures
_CALLED: Final[Mapping[str, str]] = {
    "address": "web address",
    "date": "when",
    "mail": "mail address",
    "number": "how many",
    "person": "who",
    "phone": "telephone",
    "place": "where",
    "reason": "why",
    "several": "which ones",
    "way": "how",
    "whether": "yes or no",
}


class NotAsked(CitewellError):
    """A question that was to be measured could not be asked."""

    code: ClassVar[str] = "not_asked"


def answerer(settings: Settings, search: HybridSearch, observers: Observers) -> Answerer:
    """Who is asked: the run that answers users, with its evidence gate, quoting alone."""
    quoting = choose(replace(settings, agent=replace(settings.agent, model="extractive")), search)
    return _Answerer(settings, search, quoting, observers)


@dataclass(frozen=True, slots=True)
class _Answerer:
    settings: Settings
    search: HybridSearch
    model: Model
    observers: Observers

    def __call__(self, question: str) -> Told:
        """What it is told. Raises `NotAsked`."""
        within = self.search.within(EVERYTHING)
        watched = _Watched(within)
        gate = self.search.calibration
        deps = Deps(
            search=watched,
            texts=within,
            model=self.model,
            observers=self.observers,
            passages=self.settings.agent.passages,
            withhold=gate.withhold if gate else 0.0,
        )
        this = Run(new_run_id(), question, deadline=_SECONDS, aloud=False)
        try:  # in a thread of its own, for a loop may run in this one
            end = bounded_now(lambda: asyncio.run(_to_the_end(this, deps)), seconds=_SECONDS + _AFTER)
        except Raised as raised:
            raise raised.fault from None
        if isinstance(end, Failed):
            raise NotAsked(f"{question!r} could not be asked: {end.reason}")
        read, withheld = sifted(watched.hits, deps.withhold)
        abstain = gate.abstain if gate else 0.0
        return Told(
            said=end.answer if isinstance(end, Answered) else "",
            reason=end.reason if isinstance(end, Abstained) else "",
            quotes=tuple(Quoted(each.document, each.quote) for each in end.citations)
            if isinstance(end, Answered)
            else (),
            read=tuple(read),
            withheld=tuple(withheld),
            is_doubted=all(each.probability is not None and each.probability < abstain for each in read),
            kinds=tuple(sorted(_CALLED.get(kind, kind) for kind in kinds.asked(question))),
        )


@dataclass(slots=True)
class _Watched:
    """A search whose hits are known."""

    search: Search
    hits: list[Hit] = field(default_factory=list)

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]:
        found = self.search(query, k=k, scope=scope, mode=mode)
        known = {hit.chunk.id for hit in self.hits}  # a question of several parts is searched for part by part
        self.hits = [*self.hits, *(hit for hit in found if hit.chunk.id not in known)]
        return found


async def _to_the_end(this: Run, deps: Deps) -> End:
    end: End | None = None
    async with aclosing(run(this, deps, Oversight(Unrecorded()))) as items:
        async for item in items:
            if isinstance(item, End):
                end = item
    if end is None:
        raise RuntimeError("the run had no end")
    return end
