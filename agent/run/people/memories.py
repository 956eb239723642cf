"""What do people have remembered, and what do they do with it? Only what somebody says to remember is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from agent.governance.personal.detecting import detectors
from agent.journal.entry import Entry
from agent.journal.events import NotKept
from agent.journal.journal import NoSuchRun
from agent.journal.replay import asked, states
from agent.memory.admitting import Gate, NotRemembered, admitted, day_of
from agent.memory.collection import Index, all_of, document_of, in_step
from agent.memory.conversation import exchange
from agent.memory.remembered import Kind, Memory, content, cuts_in, folded, plainly, rows
from agent.run.deps import Deps, Run
from agent.run.making import Opened, recorded
from agent.run.people.cases import Person
from agent.run.rules.tainting import material
from agent.state import think_of
from ingest.errors import CitewellError
from retrieval.erasure.erasing import Proof, verify


class NoMemory(CitewellError):
    """Nothing of this principal is remembered by that id."""

    code: ClassVar[str] = "no_memory"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404


class Remembering(Opened, Protocol):
    """A home in which something is remembered: `agent.wire.Citewell`."""

    @property
    def collection(self) -> Index:
        """The home of what is remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be remembered of a `principal`, and `by` whom: that an attribute of a subject has a value.

    It holds `since` a day and before `until`. What came of a `run` is held against that; `approve` says that somebody
    looked at what the run read.
    """

    principal: str
    subject: str
    attribute: str
    value: str
    by: Person
    kind: Kind = "fact"
    since: str | None = None
    until: str | None = None
    run: str | None = None
    approve: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, by its ids, how many `events` of the journal were emptied, and what was found in files since.

    `clean` says that nothing of it was found in any file of the home, for all that could be looked for; `pending` why
    words may still be in one.
    """

    forgotten: tuple[str, ...]
    events: int
    pending: str
    clean: bool
    sequences: int


class Memories:
    """What is remembered in one home."""

    def __init__(self, opened: Remembering) -> None:
        self._opened = opened

    def add(self, told: Told) -> dict[str, Any]:
        """Remembers something that is not known yet; what says otherwise for the same time is superseded.

        Raises `NotRemembered`, `BadRequest`, and `NoSuchRun` where the run is another's.
        """
        return self._written(self._made(told))

    def edit(
        self,
        principal: str,
        id: str,
        by: Person,
        *,
        value: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        """Puts what is right in the place of what is remembered by an id. Raises `NoMemory`, and what `add` does."""
        before = self._one(principal, id)
        new = replace(
            before,
            value=value.strip() if value is not None else before.value,
            since=day_of(since, "from") if since is not None else before.since,
            until=day_of(until, "until") if until is not None else before.until,
            source={**before.source, **_by(by), "corrects": before.id},
        )
        if value is not None and plainly(value) != plainly(before.value):  # then it is no run's word any more
            new = replace(new, source={"how": "told", **_by(by), "corrects": before.id}, labels=before.labels)
        if (new.value, new.since, new.until) == (before.value, before.since, before.until):
            raise NotRemembered("duplicate", f"{before.id} says so already; name what is to be another.")
        self._gate().check(new)
        return self._written(new, corrects=before.id)

    def said(
        self,
        principal: str,
        by: str,
        account: str,
        *,
        subject: str,
        attribute: str,
        value: str | None,
        kind: Kind,
        since: str | None,
        until: str | None,
        run: str | None,
        approve: bool,
        id: str | None,
    ) -> dict[str, Any]:
        """What `add` makes of it, or `edit`, where it has an `id`."""
        person = Person(by, account)
        if id is not None:
            return self.edit(principal, id, person, value=value, since=since, until=until)
        return self.add(Told(principal, subject, attribute, value or "", person, kind, since, until, run, approve))

    def listed(self, principal: str, *, every: bool = False) -> list[dict[str, Any]]:
        """What is remembered of a principal and holds, now or later; or `every` bit of it, past and superseded too."""
        day = _today()
        found = rows(all_of(self._opened.journal, principal), day)
        return [each for each in found if every or each["status"] in ("current", "future")]

    def forget(self, principal: str, ids: Sequence[str] | None, *, past: bool = False) -> Forgotten:
        """Erases what is remembered by these ids, or all of it (None), or all that is `past`; and proves that.

        Raises `NoMemory`, and `Driven` where a run goes on that was told of it.
        """
        known = all_of(self._opened.journal, principal)
        if ids is not None:
            chosen = [self._one(principal, id, known).id for id in ids]
        else:
            day = _today()
            chosen = [each.id for each in known if not past or each.status(day) not in ("current", "future")]
        if not chosen:
            return Forgotten((), 0, "", clean=True, sequences=0)
        done = self._opened.journal.forget(chosen)
        index = self._opened.collection
        waits = in_step(self._opened.journal, index)
        proofs = [proof for each in chosen if (proof := self._proof(index, each)) is not None]
        pending = "; ".join(filter(None, [done.pending, waits]))
        clean = not pending and all(each.clean for each in proofs)
        return Forgotten(tuple(chosen), done.events, pending, clean, sum(each.sequences for each in proofs))

    def _proof(self, index: Index, id: str) -> Proof | None:
        """What is left of it in any file of the home; None where no index held it."""
        if document_of(id) not in index.home.erased.names():
            return None
        return verify(index.home, document_of(id), everywhere=self._opened.home.path)

    def _made(self, told: Told) -> Memory:
        source: dict[str, Any] = {"how": "told", **_by(told.by)}
        labels: tuple[str, ...] = ()
        new = Memory(
            "",
            told.principal.strip(),
            told.subject.strip(),
            told.attribute.strip(),
            told.value.strip(),
            told.kind,
            since=day_of(told.since, "from"),
            until=day_of(told.until, "until"),
        )
        self._gate().check(new)
        if told.run is not None:
            of_run, labels = self._of_run(told, told.run)
            source |= of_run
        return replace(new, source=source, labels=labels)

    def _written(self, new: Memory, *, corrects: str | None = None) -> dict[str, Any]:
        """Written down when nobody else can, and then brought into the index; if that is cut off, later."""
        day = _today()

        def decide(found: Any) -> dict[str, Any]:
            cuts = [cut for each in found.cuts for cut in cuts_in({"cuts": [each]})]
            return content(admitted(new, folded(found.entries, cuts), day=day, corrects=corrects))

        entry = self._opened.journal.remember(new.principal, decide)
        in_step(self._opened.journal, self._opened.collection)
        [made] = rows(folded([entry]), day)
        return made

    def _one(self, principal: str, id: str, known: Sequence[Memory] | None = None) -> Memory:
        known = all_of(self._opened.journal, principal) if known is None else known
        found = [each for each in known if each.id == id or (len(id) >= 4 and each.id.startswith(id))]
        if len(found) != 1:
            which = "Nothing" if not found else f"{len(found)} things"
            raise NoMemory(
                f"{which} of {principal!a:.80} goes by {id!a:.80}: citewell memory list shows what there is."
            )
        return found[0]

    def _gate(self) -> Gate:
        opened = self._opened
        found = detectors(opened.settings.redact, opened.plugins.detector)
        tools = [each.name for each in opened.plugins.tools]
        return Gate(opened.settings.memory.principals, found.kinds, tools)

    def _of_run(self, told: Told, run: str) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What bears a memory out that is of a run, and the labels of the documents that the run's answer cites."""
        journal = self._opened.journal
        entries = journal.unchanged(journal.events(run)[0].run)
        began, said = asked(entries), exchange(entries)
        if began.content.get("principal") != told.principal or said is None:
            raise NoSuchRun(f"There is no run {run!a:.80} of {told.principal!a:.80}: citewell runs list shows them.")
        wanted = plainly(told.value)
        cited = next((each for each in said.cited if wanted in plainly(each.quote)), None)
        if said.status != "answered" or (cited is None and wanted not in plainly(said.answer)):
            raise NotRemembered("source", f"the answer of {said.run} does not say it; write it as it stands there.")
        of_run: dict[str, Any] = {"how": "resolution" if said.by else "run", "run": said.run}
        of_run |= {"document": cited.document} if cited else {}
        made, deps, _, entries, _ = recorded(self._opened, said.run, None, aloud=False, search_of=self._opened.texts_of)
        if told.approve:
            of_run["approved_by"] = told.by.by
        else:
            _check_what_was_read(made, deps, entries)
        documents = [deps.document(each.document) for each in said.cited]
        return of_run, tuple(sorted({label for each in documents if each is not None for label in each.labels}))


def _check_what_was_read(run: Run, deps: Deps, entries: Sequence[Entry]) -> None:
    """Raises `NotRemembered` where a run read what anybody may have written."""
    try:
        last = [each for each in states(entries, deps.texts) if think_of(each) is not None][-1:]
    except NotKept as fault:
        raise NotRemembered(
            "tainted", f"what {run.id} read is not known any more ({fault}); tell it yourself."
        ) from None
    sources = dict.fromkeys(text.source for each in last for text in material(each, run, deps).untrusted)
    if sources or not last:
        what = f"what is not trusted ({', '.join(list(sources)[:3])})" if sources else "what is not known any more"
        raise NotRemembered("tainted", f"{run.id} read {what}; look at it, then say so with --approve.")


def _by(by: Person) -> dict[str, str]:
    return {"by": by.by, "account": by.account}


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"
