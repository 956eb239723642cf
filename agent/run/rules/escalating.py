"""Does a person go on here, by a rule of the charter? It is asked of whatever happens in a run, before it counts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime

from agent.governance.charter import Way, When
from agent.governance.hours import hours, over, span
from agent.governance.reading import BadCharter
from agent.governance.rules import OF_ANSWERS, Facts, Fired, fired
from agent.governance.tracing.persons import asks_for_person
from agent.journal.events import Acted, Checked, Event, Handover, Retrieved
from agent.run.deps import Deps, Run, as_of_now
from agent.run.rules.suspecting import suspects
from agent.state import (
    Abstained,
    Answered,
    Failed,
    GoingOn,
    Origin,
    State,
    Token,
    ToolCall,
    evidence_of,
    think_of,
    used,
)
from ingest.model import digest
from plugins.bounded import aside
from plugins.tool import InvalidArguments

_ENOUGH = 20  # questions that have to be known before one can be said to be unlike them
_BUDGETS = frozenset({"budget_tokens", "budget_cost", "budget_day", "too_many_turns", "deadline"})


class Watch:
    """Follows one run from step to step."""

    def __init__(self, run: Run, deps: Deps) -> None:
        self._run, self._deps = run, deps
        self._checked: Checked | None = None

    async def over(self, state: GoingOn, items: AsyncGenerator[Token | Event]) -> AsyncGenerator[Token | Event]:
        """What a step gives, up to where a person goes on: a handover stands in the place of an end, or follows."""
        with suppress(BadCharter):  # under one that cannot be read no tool runs, and what held before holds
            self._deps = await aside(as_of_now, self._deps)
        async with aclosing(items):
            if not all(map(self._deps.keeps, self._deps.charters)):
                said = "The charter keeps more from the model's server by now than when this began: ask again."
                yield Failed("charter_changed", said, used(state))
                return
            async for item in items:
                if isinstance(item, Token):
                    if not self._is_judged:
                        yield item
                    continue
                event = self._instead(state, item)
                yield event
                if self._is_ruled and (handover := await aside(self._after, event)):
                    yield handover
                    return
                if isinstance(event, Handover):
                    return

    @property
    def _is_judged(self) -> bool:
        """Whether a rule looks at an answer before it is given: none of its words is heard until then."""
        return any(rule.when in OF_ANSWERS for each in self._deps.charters for rule in each.escalate)

    @property
    def _is_ruled(self) -> bool:
        return any(each.escalate for each in self._deps.charters)

    def _instead(self, state: State, event: Event) -> Event:
        """The event itself, or the handover that stands for it."""
        if isinstance(event, Checked):
            self._checked = event
        if isinstance(event, Handover):
            return self.routed(event)
        if not self._is_ruled:
            return event
        match event:
            case Answered() | Abstained():
                found = self._fired(self._of_an_answer(state, event))
            case Failed() if event.code in _BUDGETS:
                found = self._fired(Facts(budget=event.reason))
            case _:
                return event
        draft = event if isinstance(event, Answered) else None
        return self.routed(by_rules(found, draft)) if found else event

    def _after(self, event: Event) -> Handover | None:
        """A handover that follows an event; None where the run goes on."""
        match event:
            case Retrieved():
                question = self._run.question
                near = self._near if self._deps.near else None
                facts = Facts(
                    *(question, near, self._familiar),
                    sensitive=self._personal(question),
                    asked_for_person=asks_for_person(question),
                    injection=self._suspects(event),
                )
            case Acted() if event.authorization == "ran":
                broke = not event.success and event.code != InvalidArguments.code
                failed = event.observation.call.name if broke else None
                facts = Facts(failed_tool=failed, injection=self._suspects(event))
            case _:
                return None
        found = self._fired(facts)
        return self.routed(by_rules(found)) if found else None

    def _of_an_answer(self, state: State, event: Answered | Abstained) -> Facts:
        think, checked = think_of(state), self._checked
        returned = sum(bool(turn.returned) for turn in think.turns) if think else 0
        known = [each.probability for each in evidence_of(state) if each.kind == "document"]
        best: float | None = max((each for each in known if each is not None), default=-1.0 if known else 0.0)
        if isinstance(event, Answered) and all(each.kind == "tool" for each in event.citations):
            best = None  # it stands on what was done or looked up, whatever the documents say
        wrong = len(checked.unverified) + len(checked.dropped) if checked else 0
        held = checked.held or 0 if checked else 0
        disagree = checked.conflicts if checked and isinstance(event, Answered) else ()
        return Facts(
            evidence=best,
            conflicts=tuple(each.told for each in disagree if each.trusted),
            check_failures=returned + bool(wrong),
            sensitive=self._personal(*_shown(event)) if isinstance(event, Answered) else None,
            confidence=held / (held + wrong) if held + wrong and isinstance(event, Answered) else None,
        )

    def _near(self, examples: Sequence[str]) -> float:
        assert self._deps.near is not None  # else nobody is given this
        return self._deps.near(self._run.question, examples)

    def _personal(self, *texts: str) -> tuple[str, ...] | None:
        """Which kinds of personal data stand in them; None where no rule asks."""
        if not self._asks("sensitive"):
            return None
        return tuple(sorted({kind for text in texts for kind in self._deps.personal(text)}))

    def _suspects(self, event: Retrieved | Acted) -> tuple[str, ...] | None:
        """What was just read that seems to give orders; None where no rule asks."""
        return suspects(event, self._run, self._deps) if self._asks("injection") else None

    def _asks(self, when: When) -> bool:
        return any(rule.when == when for each in self._deps.charters for rule in each.escalate)

    def _familiar(self) -> float | None:
        """How near the question is to the nearest that was asked before; None where too few were."""
        before = [each for each in self._deps.asked() if each and each != self._run.question]
        return self._near(before) if self._deps.near and len(before) >= _ENOUGH else None

    def _fired(self, facts: Facts) -> tuple[Fired, ...]:
        return fired(self._deps.charters, facts)

    def routed(self, event: Handover) -> Handover:
        """With the route by which it goes, until when somebody is to claim it, and what the case is known by."""
        unknown = event.call.name if event.call and event.rule == "outcome_unknown" else None
        facts = Facts(
            failed_tool=unknown,
            outcome_unknown=unknown,
            asked_for_person=event.rule == "asked_for_person" or None,
            budget="approvals" if event.rule == "approvals" else None,
        )
        found = self._fired(facts)
        route = event.route or next((each.route for each in found if each.route), None)
        way = (
            next((each.routes[route] for each in self._deps.charters if route in each.routes), None) if route else None
        )
        key = self._key(event.rule)
        rules = event.rules or tuple((each.rule, each.why) for each in found)
        return replace(event, rules=rules, route=route, due=due(way, datetime.now(UTC)) if way else None, key=key)

    def _key(self, rule: str) -> str:
        """The same for cases that one answer answers: of one person's question, which what was said before it makes
        another. Who names nobody may be anybody, so that theirs stand one by one.
        """
        whose = self._run.principal or self._run.account
        said = " ".join(self._run.question.casefold().split())
        after = str(self._run.conversation) if self._run.earlier else ""
        return digest(whose, after, said, rule) if whose else ""


def by_rules(
    found: Sequence[Fired],
    draft: Answered | None = None,
    call: ToolCall | None = None,
    origins: tuple[Origin, ...] = (),
) -> Handover:
    """What hands a run over because these rules hold, the first of them above all."""
    rules = tuple((each.rule, each.why) for each in found)
    said = f"By the rule {found[0].rule} of the charter: {found[0].why}."
    return Handover(found[0].rule, said, call, rules=rules, route=found[0].route, draft=draft, origins=origins)


def _shown(answer: Answered) -> tuple[str, ...]:
    """What of an answer whoever asked would read."""
    return (answer.answer, *(each.quote for each in answer.citations))


def due(way: Way, since: datetime) -> str | None:
    """When a case goes on from a route, if nobody claims it; None where it stays. In UTC, as ISO has it."""
    if way.claim_within is None:
        return None
    there = hours(way.hours) if way.hours else None
    return over(since, span(way.claim_within), there).isoformat(timespec="seconds")
