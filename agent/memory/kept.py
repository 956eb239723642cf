"""Whose is a conversation, and which of its runs does a question follow? As the journal has it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from agent.journal.entry import Damaged, Entry
from agent.journal.journal import Journal, Talk
from agent.journal.record import NoSuchConversation
from agent.memory.conversation import MOST, NEW, Conversation, Exchange, check_name, exchange, without
from ingest.errors import CitewellError


class StillOwed(CitewellError):
    """What was said in a conversation is the record of an effect, or waits for a person: not anybody deletes it."""

    code: ClassVar[str] = "still_owed"
    http_status: ClassVar[int] = 403


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who asks, as the `account` says, and in which conversation, if in one."""

    principal: str | None = None
    account: str | None = None
    conversation: str | None = None


_OVER: Final = frozenset({"answered", "abstained", "failed"})  # what came of it stays so
NOBODY: Final = Speaker()


def speaking(conversation: str | None, principal: str | None, account: str | None = None) -> Speaker:
    """The same, where a conversation that is to be `new` gets its id. Raises `BadRequest`."""
    if conversation == NEW:
        conversation = f"c-{secrets.token_hex(6)}"
    return Speaker(principal, account, None if conversation is None else check_name(conversation))


def said(journal: Journal, speaker: Speaker, erased: Collection[str]) -> tuple[Exchange, ...]:
    """What was said before in the speaker's conversation; nothing, where it begins. Raises `NoSuchConversation`."""
    assert speaker.conversation is not None  # for whoever calls it
    talk = journal.conversation(speaker.conversation)
    if talk is None:
        return ()
    if talk.principal != speaker.principal:
        raise NoSuchConversation.of(speaker.conversation)
    found = map(exchange, journal.spoken(talk.id))
    over = [each for each in found if each is not None and each.status in _OVER][-MOST:]
    check_unchanged(journal, over)
    return without(over, erased)


def check_unchanged(journal: Journal, earlier: Sequence[Exchange]) -> None:
    """Raises `Damaged` where somebody touched the record of what was said before."""
    for each in earlier:
        try:
            journal.unchanged(each.run)
        except Damaged as fault:
            raise Damaged(
                f"What was said before in this conversation is not what was written (see citewell runs verify: the run "
                f"{each.run}): put back a copy of the journal, or begin another conversation."
            ) from fault


def said_in(journal: Journal, earlier: Sequence[str], erased: Collection[str] = ()) -> tuple[Exchange, ...]:
    """The same by what a question follows, as its run names it."""
    found = map(exchange, followed(journal, earlier))
    return without((each for each in found if each is not None), erased)


def followed(journal: Journal, earlier: Sequence[str]) -> list[list[Entry]]:
    """The events that a question follows: of each run those that there were, up to a number. An earlier Citewell named
    the runs alone.
    """
    until = {run: int(number or 0) for run, _, number in (each.partition("#") for each in map(str, earlier))}
    found = journal.several(list(until))
    return [entries[: until[entries[0].run] or None] for entries in found]


def held(journal: Journal, id: str, principal: str | None, *, anyones: bool) -> Talk:
    """A conversation which is the principal's, or may be `anyones`; nothing of what was said in it is read.

    Raises `NoSuchConversation`.
    """
    talk = journal.conversation(id)
    if talk is None or not (anyones or talk.principal == principal):
        raise NoSuchConversation.of(id)
    return talk


def check_unowed(journal: Journal, id: str) -> None:
    """Raises `StillOwed` where a run of a conversation waits for a person, or a call of it took an effect."""
    for entries in journal.spoken(id):
        acts = any(each.kind == "acting" and each.content.get("effect") != "read" for each in entries)
        if acts or journal.status(entries[0].run) in ("awaiting_approval", "escalated"):
            raise StillOwed(
                f"A run of the conversation {id} took an effect or waits for a person, so that not anybody deletes it: "
                f"type citewell conversations delete {id}, or send the token of the service."
            )


def opened(journal: Journal, id: str, principal: str | None, erased: Collection[str], *, anyones: bool) -> Conversation:
    """The same with what was said. Raises `NoSuchConversation`."""
    talk = held(journal, id, principal, anyones=anyones)
    exchanges = (each for each in map(exchange, journal.spoken(id)) if each is not None)
    return Conversation(id, talk.principal, without(exchanges, erased))
