"""What was said in a conversation? Its earlier runs, each folded from its events; it is kept nowhere else."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.journal.entry import Entry
from agent.journal.projection import ENDS
from agent.limits import BadRequest

NEW: Final = "new"  # begins a conversation under a name of its own
MOST: Final = 12  # earlier questions that a follow-up is understood by
ROOM: Final = 1500  # tokens of what was said that a model is shown, at most
LAST: Final = 2  # exchanges of which more is shown than of those before
LETTERS: Final = 4  # of a token, as far as that can be told without its model
_ANSWER: Final = 600  # letters of an answer that a model is shown
_BRIEF: Final = 120  # the same of one that was given longer ago
_WHOLE: Final = 3000  # the same where a model is to give an account of it
_NAME: Final = re.compile(r"[\w][\w.:@-]{0,99}")


@dataclass(frozen=True, slots=True)
class Cited:
    """Where an answer stands: a document, and the words."""

    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what came of it.

    `understood` is what it asks by itself. `open` is what was left open of it: all of it, where there was no answer.
    An answer that a person gave says `by` whom. One that was `told` what is remembered may have been made from that.
    All this is so after the event of that `number`.
    """

    run: str
    at: str
    asked: str
    understood: str
    status: str
    answer: str = ""
    cited: tuple[Cited, ...] = ()
    open: tuple[str, ...] = ()
    by: str | None = None
    told: bool = False
    number: int = 1
    read: tuple[str, ...] | None = None  # the documents that its run was shown, cited or not; None: it is not known
    spoke: tuple[str, ...] = ()  # the tools that told it anything else

    @property
    def seen(self) -> str:
        """Names the run as far as it is told here."""
        return f"{self.run}#{self.number}"

    @property
    def documents(self) -> frozenset[str]:
        """Those that its answer rests on."""
        return frozenset(each.document for each in self.cited)

    def without_answer(self) -> Exchange:
        """The same, but for its answer and how it was understood, which may tell of what was erased."""
        return replace(self, answer="", cited=(), understood=self.asked, open=(self.asked,), by=None)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Whose it is, and what was said, the oldest first."""

    id: str
    principal: str | None
    exchanges: tuple[Exchange, ...]


def check_name(id: str) -> str:
    """The id, which a file or an address can hold. Raises `BadRequest`."""
    if _NAME.fullmatch(id) is None:
        raise BadRequest(
            "A conversation is named by letters, digits and any of . : @ _ -, up to 100 of them: name it so, or "
            f'"{NEW}" to begin one.'
        )
    return id


def exchange(entries: Sequence[Entry]) -> Exchange | None:
    """What came of a run, by its events; None where its question was erased or cannot be read."""
    first = entries[0]
    asked = first.content.get("question")
    if not isinstance(asked, str):
        return None
    found = Exchange(first.run, first.at, asked, asked, "running", read=())
    for entry in entries[1:]:
        found = _having_read(found, entry)
        if not entry.content.keys().isdisjoint(("erased", "damaged")):
            found = found.without_answer()
        elif entry.kind == "recalled":
            found = replace(found, told=bool(entry.content["memories"]))
        elif entry.kind == "understood":
            found = replace(found, understood=str(entry.content["question"]))
        if entry.kind == "answered" and "answer" in entry.content:
            found = _answered(found, entry)
        if entry.kind == "resolved" and "answer" in entry.content:
            found = replace(_answered(found, entry), by=str(entry.content["by"]))
        if entry.kind == "reopened":  # the answer that was given is no longer one
            found = replace(found.without_answer(), understood=found.understood, status="escalated")
        if entry.kind in ENDS:
            found = replace(found, status=ENDS[entry.kind])
            if entry.kind not in ("answered", "resolved"):
                found = replace(found, open=(found.understood,))
    return replace(found, number=entries[-1].number)


def _having_read(found: Exchange, entry: Entry) -> Exchange:
    """The same, with what a run was shown by an event; of one that was erased, or that a hook told, it is not known."""
    if not entry.content.keys().isdisjoint(("erased", "damaged")) or entry.content.get("replaced"):
        return replace(found, read=None)
    shown = [each for each in entry.content.get("passages") or () if isinstance(each, Mapping)]
    read = [str(each["document"]) for each in shown if each.get("kind") == "document"]
    if found.read is not None:
        found = replace(found, read=tuple(dict.fromkeys((*found.read, *read))))
    if entry.kind == "acted" and len(read) < max(len(shown), 1):
        found = replace(found, spoke=(*found.spoke, str(entry.content["call"]["name"])))
    return found


def _answered(found: Exchange, entry: Entry) -> Exchange:
    kept = entry.content
    cited = tuple(Cited(str(each["document"]), str(each["quote"])) for each in kept.get("citations", ()))
    return replace(found, answer=str(kept["answer"]), cited=cited, open=tuple(map(str, kept.get("open", ()))))


def without(exchanges: Iterable[Exchange], erased: Collection[str]) -> tuple[Exchange, ...]:
    """The same, but for the answers that rest on documents which are erased by now, and how they were understood."""
    gone = frozenset(erased)
    return tuple(each.without_answer() if each.documents & gone else each for each in exchanges)


def rests_on(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The documents that what was said came from."""
    return frozenset().union(*(each.documents for each in exchanges))


def compact(exchanges: Sequence[Exchange], room: int = ROOM) -> str:
    """What was said, within so many tokens: the last exchanges first to be kept, an answer with what it cites."""
    kept: list[str] = []
    left = room * LETTERS
    for place, each in enumerate(reversed(exchanges)):
        told = _told(each, _BRIEF if place >= LAST else _ANSWER)
        if len(told) > left:
            told = _told(each, _BRIEF)
        if len(told) > left:
            break
        left -= len(told) + 1
        kept.append(told)
    return "\n".join(reversed(kept))


def whole(exchanges: Iterable[Exchange]) -> str:
    """What was said, all of it, with everything that was cited."""
    return "\n".join(_told(each, _WHOLE, cites=len(each.documents)) for each in exchanges)


def remembered(exchanges: Sequence[Exchange], account: str | None = None) -> str:
    """What a model is shown of what was said: as the rule leaves it, or a model's account and the last exchanges."""
    return f"{account}\n{compact(exchanges[-LAST:], ROOM // 2)}" if account else compact(exchanges)


def _told(each: Exchange, letters: int, *, cites: int = 5) -> str:
    lines = [f"Asked: {_short(each.understood, 300)}"]
    cited = ", ".join(sorted(each.documents)[:cites])
    if each.status == "answered" and each.answer:
        said = _short(each.answer, letters)
        lines.append(f"Answered: {said} (cited: {cited})" if cited else f"Answered: {said}")
    if each.open:
        lines.append(f"Still open: {_short('; '.join(each.open), 200)}")
    return "\n".join(lines)


def _short(text: str, letters: int) -> str:
    return textwrap.shorten(text, letters, placeholder=" …")
