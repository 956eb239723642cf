"""Under which conditions does a person go on, by the charter? Each rule is asked by itself, and says why it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from agent.evidence.wording import language_of
from agent.governance.charter import Charter, Escalation
from agent.governance.limits import each_of, shown
from agent.governance.tracing.letters import seen, spellings
from retrieval.lexical.analyze import terms

_WORDS: Final = re.compile(r"[^\W_]+")
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


OF_ANSWERS: Final = frozenset({"evidence", "conflict", "check_failed", "sensitive", "confidence"})
"""Conditions that are looked at when there is an answer, before it is given."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known where rules are asked; what is not known there is None, and no rule holds by it.

    `evidence` is the probability of the likeliest passage: 0 where there is none, and -1 where it is not calibrated.
    `near` says how near the question is to the nearest of some examples, as a cosine. `sensitive` are
    the kinds of personal data in the question or the answer. `confidence` is the share of the
    answer's statements that held.
    """

    question: str | None = None
    near: Callable[[Sequence[str]], float] | None = None
    familiar: Callable[[], float | None] | None = None
    evidence: float | None = None
    conflicts: tuple[str, ...] | None = None
    check_failures: int | None = None
    failed_tool: str | None = None
    outcome_unknown: str | None = None
    budget: str | None = None
    tool: str | None = None
    arguments: Mapping[str, Any] | None = None
    sensitive: tuple[str, ...] | None = None
    asked_for_person: bool | None = None
    injection: tuple[str, ...] | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that holds, its route, and why it does."""

    rule: str
    why: str
    route: str | None = None


def fired(charters: Iterable[Charter], facts: Facts) -> tuple[Fired, ...]:
    """Every rule that holds, the heaviest first; of two charters a rule of the same name counts once."""
    found: dict[str, Fired] = {}
    for charter in charters:
        for rule in charter.escalate:
            why = holds(rule, facts)
            if why is not None:
                found.setdefault(rule.rule, Fired(rule.rule, why, rule.route))
    return tuple(found.values())


def holds(rule: Escalation, facts: Facts) -> str | None:
    """Why a rule holds; None where it does not."""
    return _ASKED[rule.when](rule, facts)


def _evidence(rule: Escalation, facts: Facts) -> str | None:
    if facts.evidence is None or rule.below is None or facts.evidence >= rule.below:
        return None
    if facts.evidence < 0:
        return "how likely the evidence is to be relevant is not known: calibrate with citewell eval run"
    return f"the likeliest passage is relevant with a probability of {facts.evidence:.2f}, below {rule.below:g}"


def _conflict(_: Escalation, facts: Facts) -> str | None:
    return f"sources disagree: {'; '.join(facts.conflicts)}" if facts.conflicts else None


def _check_failed(_: Escalation, facts: Facts) -> str | None:
    twice = facts.check_failures is not None and facts.check_failures >= 2
    return "what the answer said was not borne out, twice" if twice else None


def _tool_failed(rule: Escalation, facts: Facts) -> str | None:
    return f"{facts.failed_tool} failed" if facts.failed_tool and rule.tool in (None, facts.failed_tool) else None


def _outcome_unknown(rule: Escalation, facts: Facts) -> str | None:
    tool = facts.outcome_unknown
    return f"whether {tool} took effect is not known" if tool and rule.tool in (None, tool) else None


def _budget(_: Escalation, facts: Facts) -> str | None:
    return f"the run came to an end of what it may take ({facts.budget})" if facts.budget else None


def _argument(rule: Escalation, facts: Facts) -> str | None:
    if facts.arguments is None or facts.tool != rule.tool or rule.argument is None:
        return None
    is_there, values = each_of(facts.arguments, rule.argument)
    if not is_there and (rule.above is not None or rule.below is not None):  # left out it may stand for all there is
        return f"{rule.argument} of {rule.tool} is not given"
    for each in values:
        if rule.above is not None or rule.below is not None:
            if isinstance(each, bool) or not isinstance(each, int | float):
                return f"{rule.argument} of {rule.tool} is no number"
            if rule.above is not None and not each <= rule.above:
                return f"{rule.argument} of {rule.tool} is {shown(each)}, above {shown(rule.above)}"
            if rule.below is not None and not each >= rule.below:
                return f"{rule.argument} of {rule.tool} is {shown(each)}, below {shown(rule.below)}"
        for text in _texts(each):
            if found := _word(rule.words, text):
                return f"{rule.argument} of {rule.tool} says {found!r}"
    return None


def _texts(value: object) -> Iterator[str]:
    """Each text in a value as it is, and not as a program would write it, in which a line's end is two letters."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    else:
        yield str(value)


def _topic(rule: Escalation, facts: Facts) -> str | None:
    if facts.question is None:
        return None
    if found := _word(rule.words, facts.question) or _inflected(rule.words, facts.question):
        return f"the question says {found!r}"
    if rule.like and facts.near is not None and (nearness := facts.near(rule.like)) >= rule.near:
        return f"the question is like an example ({nearness:.2f}, from {rule.near:g} on)"
    return None


def _sensitive(rule: Escalation, facts: Facts) -> str | None:
    found = [each for each in facts.sensitive or () if not rule.kinds or each in rule.kinds]
    return f"it holds personal data ({', '.join(found)})" if found else None


def _asked_for_person(_: Escalation, facts: Facts) -> str | None:
    return "a person was asked for" if facts.asked_for_person else None


def _injection(_: Escalation, facts: Facts) -> str | None:
    return f"what was read may give orders: {'; '.join(facts.injection)}" if facts.injection else None


def _confidence(rule: Escalation, facts: Facts) -> str | None:
    if facts.confidence is None or rule.below is None or facts.confidence >= rule.below:
        return None
    return f"of what the answer stated {facts.confidence:.0%} held, below {rule.below:.0%}"


def _unfamiliar(rule: Escalation, facts: Facts) -> str | None:
    if facts.familiar is None or rule.below is None:
        return None
    nearness = facts.familiar()
    if nearness is None or nearness >= rule.below:
        return None
    return f"the question is like none that was asked before ({nearness:.2f}, below {rule.below:g})"


_ASKED: Final[Mapping[str, Callable[[Escalation, Facts], str | None]]] = {
    "evidence": _evidence,
    "conflict": _conflict,
    "check_failed": _check_failed,
    "tool_failed": _tool_failed,
    "outcome_unknown": _outcome_unknown,
    "budget": _budget,
    "argument": _argument,
    "topic": _topic,
    "sensitive": _sensitive,
    "asked_for_person": _asked_for_person,
    "injection": _injection,
    "confidence": _confidence,
    "unfamiliar": _unfamiliar,
}


def _word(words: Sequence[str], text: str) -> str | None:
    """The first of the words that stands in a text, whole, in any case, and whatever letters it is disguised with."""
    forms = _forms(text)
    return next((word for word in words if any(_pattern(word).search(form) for form in forms)), None)


def _inflected(words: Sequence[str], text: str) -> str | None:
    """The first of the words of which a text says another form, by the stems of its language and of English."""
    for form in _forms(text):
        for language in dict.fromkeys((language_of(form), "en")):
            said = [frozenset(terms(each, language)) for each in _WORDS.findall(form)]
            for word in words:
                wanted = [frozenset(terms(each, language)) for each in _WORDS.findall(seen(word))]
                runs = (said[at : at + len(wanted)] for at in range(len(said) - len(wanted) + 1))
                if wanted and any(all(mine & its for mine, its in zip(wanted, run, strict=True)) for run in runs):
                    return word
    return None


@lru_cache(maxsize=64)
def _forms(text: str) -> tuple[str, ...]:
    plain = seen(text)
    return tuple(dict.fromkeys((text, plain, *(form for _, form in spellings(plain)))))


@cache
def _pattern(word: str) -> re.Pattern[str]:
    said = r"\s+".join(map(re.escape, seen(word).split()))
    if _UNSPACED.search(word):  # of a script that sets no spaces
        return re.compile(said, re.IGNORECASE)
    return re.compile(rf"(?<!\w){said}(?!\w)", re.IGNORECASE)
