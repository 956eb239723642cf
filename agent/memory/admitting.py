"""May something be remembered? It passes a gate of rules, each of which gives a reason where it refuses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final, Literal

from agent.limits import BadRequest
from agent.memory.remembered import Cut, Memory, cuts_of, plainly, same
from ingest.errors import CitewellError

Rule = Literal["consent", "bounds", "source", "secret", "instruction", "tainted", "duplicate"]
LONGEST_NAME: Final = 80  # letters of a subject or an attribute
LONGEST: Final = 500  # letters of a value
MOST: Final = 500  # that are kept of one principal, be they past or not
SECRET: Final = frozenset({"key", "card", "iban", "id"})  # kinds of personal data that are secrets too

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
_SECRETS: Final = re.compile(
    r"(?i)\b(?:pass ?words?|pass ?phrases?|pass ?codes?|pins?|puks?|secrets?|credentials?|"
    r"(?:api|access|private|secret) ?keys?|(?:access|bearer|auth\w*|api) ?tokens?|cvv|cvc|tans?|passwort|kennwort)\b"
)
_ORDERS: Final = re.compile(
    r"(?i)\b(?:always|never|ignore|ignoring|disregard|override|overrule|bypass|pretend|from now on|whenever|"
    r"regardless of|no matter what|do not|don[’']?t|must|shall|should|ought|instead of asking|without asking|immer|"
    r"niemals|ignoriere)\b"
)
_ADDRESSED: Final = re.compile(
    r"(?i)\b(?:you|your|yours|yourself|assistant|chatbot|agent must|language model|llm|system prompt|prompts?|"
    r"instructions?|tool calls?)\b|<\|?/?\w+\|?>|\[/?inst\]"
)
_DOING: Final = re.compile(
    r"""(?ix)^\W*(?:please\ |kindly\ |then\ |now\ )*(?:add|answer|append|approve|ask|attach|book|buy|call|cancel|change|
    copy|create|delete|do|download|draft|email|execute|exfiltrate|fetch|file|follow|forget|forward|give|grant|invoke|
    leak|log|mail|make|move|notify|open|order|output|pay|place|post|print|process|read|refund|register|remember|remove|
    repeat|reply|report|reset|respond|return|reveal|run|say|schedule|search|send|set|share|show|start|stop|submit|
    tell|transfer|treat|update|upload|use|visit|wire|write)\b(?=\W+(?!of\b)\w)"""
)
_BIDDING: Final = re.compile(  # what is hardly a noun, be it a subject of its own
    r"(?i)^\W*(?:please )?(?:send|forward|delete|transfer|remove|reveal|execute|upload|exfiltrate|give|tell|approve)\b"
)
_TOKEN: Final = re.compile(r"[^\W_]+")


class NotRemembered(CitewellError):
    """Something may not be remembered; `rule` says by which rule of the gate."""

    code: ClassVar[str] = "not_remembered"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 409

    def __init__(self, rule: Rule, said: str) -> None:
        super().__init__(f"It is not remembered ({rule}): {said}")
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Gate:
    """What is let through: of the principals who `consent`, nothing in which `secrets` are found, and nothing that
    names one of the `tools`.
    """

    consent: Collection[str]
    secrets: Callable[[str], Sequence[str]]
    tools: Collection[str] = ()

    def check(self, new: Memory) -> None:
        """What can be said of it alone. Raises `NotRemembered`, `BadRequest`."""
        for rule in (self._consents, _is_bounded, self._is_no_secret, self._is_no_instruction):
            rule(new)

    def _consents(self, new: Memory) -> None:
        if new.principal not in self.consent:
            raise NotRemembered(
                "consent",
                f"memory is off for {new.principal!a:.120}; where they consent, name them in citewell.toml: [memory] "
                "principals.",
            )

    def _is_no_secret(self, new: Memory) -> None:
        text = f"{new.subject} {new.attribute} {new.value}"
        kinds = [kind for kind in self.secrets(text) if kind in SECRET]
        if kinds or _SECRETS.search(plainly(text.replace("_", " ").replace("-", " "))):
            what = f" ({', '.join(kinds)})" if kinds else ""
            raise NotRemembered("secret", f"it reads as a secret{what}; keep that where secrets are kept.")

    def _is_no_instruction(self, new: Memory) -> None:
        parts = [unicodedata.normalize("NFKC", text) for text in (new.subject, new.attribute, new.value)]
        whole = " ".join(parts)
        orders = _DOING.search(parts[-1]) or any(map(_BIDDING.search, parts))
        if orders or _ORDERS.search(whole) or _ADDRESSED.search(whole) or self._names_a_tool(whole):
            raise NotRemembered(
                "instruction",
                "it reads as an instruction, or names a tool; write what is so, as in: answers, language, German.",
            )

    def _names_a_tool(self, text: str) -> bool:
        words = " ".join(_TOKEN.findall(text.casefold()))
        for tool in self.tools:
            name = " ".join(_TOKEN.findall(tool.casefold()))
            if " " in name and f" {name} " in f" {words} ":
                return True
            if re.search(rf"(?i)(?<!\w){re.escape(tool)}\s*\(", text):
                return True
        return False


def admitted(new: Memory, known: Sequence[Memory], *, day: str, corrects: str | None = None) -> Memory:
    """The memory with what it takes out of others; what it `corrects` is taken out whole.

    To be asked when nobody else can write. Raises `NotRemembered`.
    """
    others = [each for each in known if each.id != corrects]
    if len(others) >= MOST:
        raise NotRemembered("bounds", f"{MOST} are kept of {new.principal!a:.120} already: forget some first.")
    if (twin := same(new, others)) is not None:
        raise NotRemembered("duplicate", f"{twin.id} says so already; change its days with citewell memory edit.")
    own = (Cut(corrects),) if corrects is not None else ()
    return replace(new, cuts=(*own, *cuts_of(new, others, day)))


def day_of(text: str | None, what: str) -> str | None:
    """A day as 2026-11-30. Raises `BadRequest`."""
    if text is None:
        return None
    try:
        read = date.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.isoformat() != text:
        raise BadRequest(f"The day {what} which it holds is {text!a:.40}: write it as 2026-11-30, or leave it out.")
    return text


def standing(known: Iterable[Memory], within: frozenset[str] | None, day: str) -> dict[str, Memory]:
    """Those that hold on a day and may be told to who sees no other labels than these, by their ids."""
    may_be_told = (each for each in known if within is None or within.issuperset(each.labels))
    return {each.id: each for each in may_be_told if each.status(day) == "current"}


def _is_bounded(new: Memory) -> None:
    for what, text, most in (
        ("principal", new.principal, LONGEST_NAME),
        ("subject", new.subject, LONGEST_NAME),
        ("attribute", new.attribute, LONGEST_NAME),
        ("value", new.value, LONGEST),
    ):
        if not text.strip() or len(text) > most:
            raise NotRemembered("bounds", f"the {what} has {len(text):,} letters; write 1 to {most}.")
        if any(unicodedata.category(sign) in _HIDDEN for sign in text):
            raise NotRemembered("bounds", f"the {what} holds signs that are not seen; write it on one line without.")
    if new.since is not None and new.until is not None and new.since >= new.until:
        raise NotRemembered("bounds", f"it would end on {new.until}, before it begins; name a later day.")
