"""What can be done with a home? `Citewell` is one that is opened: to ingest, search, ask, measure, publish, erase."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NoReturn
from weakref import WeakValueDictionary

from citewell_names import check_names

check_names()  # a script may stand beside packages of these names

from agent import assembly
from agent.limits import MOST, RANKED, BadRequest, check_count, check_mode, check_options, check_scope, check_text
from agent.settings import Settings, load_settings
from ingest.access import barred
from ingest.errors import CitewellError
from retrieval.model import EVERYTHING, Mode, Scope
from retrieval.search.live import Live
from retrieval.versions.home import Home

if TYPE_CHECKING:  # what else there is each function imports itself: a search needs a small part of it
    from agent.answer import Answer
    from agent.governance.signing import Doubt
    from agent.journal.journal import Journal, Talk
    from agent.journal.replay import Replayed
    from agent.memory.conversation import Conversation
    from agent.models.capabilities import Finding, Findings
    from agent.outcomes import Compacted, Examined, Judged, Published, Reported, Tuning
    from agent.readiness import Readiness
    from agent.results import Explained, SearchResult
    from agent.run.deps import Asker, Deps, Oversight, Run
    from agent.run.dry import Leaving
    from agent.run.people.cases import Cases
    from agent.run.people.desk import Desk
    from agent.run.people.memories import Memories
    from agent.run.rules.deciding import Word
    from agent.state import Recollection, State, Token
    from agent.status import Status
    from eval.gate.gate import Gate
    from eval.improve.synthesize import Synthesis
    from eval.measure.answers import Answerer
    from eval.measure.compare import Comparison
    from eval.measure.evaluate import Evaluation
    from eval.measure.versions import OnProgress
    from ingest.model import Document
    from ingest.options import Options
    from ingest.pipeline import Progress
    from ingest.read.sandbox.pool import Workers
    from ingest.source import Loaded
    from plugins.manager import Plugins
    from plugins.mcp import Servers
    from plugins.servers import Attached
    from retrieval.erasure.erasing import Deletion, Emptied, OnStep, Proof
    from retrieval.erasure.traces import OnLooked
    from retrieval.search.hybrid import HybridSearch
    from retrieval.update import IngestReport
    from retrieval.vectors.encoder import SentenceEncoder
    from retrieval.vectors.foreign import ForeignEncoder
    from retrieval.versions.listing import VersionInfo
    from retrieval.versions.version import IndexVersion

log = logging.getLogger(__name__)
_PATIENCE: Final = 2.0  # seconds that whoever asks for readiness waits for the charter


class Citewell:
    """One home, opened. Threads may share it; a version that is published meanwhile is served from then on.

    Several homes may share an `encoder`, which is else the one that the settings ask for.
    """

    def __init__(self, settings: Settings, *, encoder: SentenceEncoder | ForeignEncoder | None = None) -> None:
        self.settings = settings
        self.encoder = encoder or assembly.encoder(settings, lambda: self.plugins)
        self.home = Home(settings.home, assembly.engine(settings, self.check_trust))
        self.calibration = assembly.calibrations(settings, self.home, self.encoder)
        self.searcher = assembly.searcher(settings, self.home, self.encoder, self.calibration, lambda: self.plugins)
        self._live = Live(self.searcher)
        # That runs read which are taken up again or replayed: open as long as one of them is
        self._others: WeakValueDictionary[str, IndexVersion] = WeakValueDictionary()
        if settings.redact.logs and settings.redact.of_all:
            self._hide_in_logs()
        self._servers: Servers | None = None
        self._attaching = Lock()

    def _hide_in_logs(self) -> None:
        from agent.governance.personal.detecting import detectors
        from agent.governance.personal.veiling import left_out
        from agent.plain import hide_in_logs

        told = self.settings.redact
        hide_in_logs(told, partial(left_out, detectors=detectors(told, self.plugins.detector), kinds=told.of_all))

    @cached_property
    def journal(self) -> Journal:
        """The record of every run; where it cannot be written it can still be read."""
        from agent.journal.journal import Journal

        return Journal(self._journal_place, read_only=self.unrecorded is not None)

    @property
    def unrecorded(self) -> str | None:
        """Why runs leave no record, where nothing can be written to the home; None where they do."""
        return barred(self._journal_place) if isinstance(self._journal_place, Path) else None

    @property
    def _journal_place(self) -> Path | str:
        return self.settings.database_url or self.home.path / "journal.sqlite"

    @cached_property
    def plugins(self) -> Plugins:
        """What is installed beside Citewell."""
        from plugins.manager import load_plugins

        return load_plugins()

    def check_trust(self) -> None:
        """Raises `NotTrusted` unless a person allowed what the settings name to be run and contacted."""
        if self.settings.file and self.settings.file.names:
            from agent.governance.trust import check_trust

            check_trust(self.settings)

    @property
    def attached(self) -> Attached:
        """The tools of the MCP servers that the settings name, which are started with it. Raises `NotTrusted`."""
        from plugins.servers import NONE

        if not self.settings.mcp:
            return NONE
        from agent.governance.trust import connected

        self.check_trust()
        with self._attaching:
            self._servers = self._servers or connected(self.settings)
        return self._servers.attached()

    @cached_property
    def _workers(self) -> Workers:
        """The processes that read files."""
        return assembly.workers(self.settings, self.plugins)

    @cached_property
    def findings(self) -> Findings:
        """What is known of the model's server."""
        from agent.models.capabilities import Findings

        return Findings(self.home.path)

    def taken_as(self) -> Finding | None:
        """In which shape the model's server takes passages, as far as that is known. Raises `ModelFailed`."""
        from agent.models.choose import speaker

        return speaker(self.settings, findings=self.findings).known() if self.settings.has_model else None

    def _records(self) -> list[Journal]:
        """What may quote a document beside the index: the record of runs, through a connection of its own."""
        from agent.journal.journal import Journal

        place = self._journal_place
        return [Journal(place)] if isinstance(place, str) or place.is_file() else []

    @cached_property
    def collection(self) -> Citewell:
        """The home of what is remembered, within this one: an index with nothing but that in it."""
        from eval.settings import EvalSettings

        own = Settings(
            home=self.home.path / "memory",
            retrieval=self.settings.retrieval,
            qdrant=self.settings.qdrant,
            eval=EvalSettings(),
        )
        return Citewell(own, encoder=self.encoder)

    @property
    def memories(self) -> Memories:
        """What is remembered of principals, and what they do with it."""
        from agent.run.people.memories import Memories

        return Memories(self)

    def recall(self, question: str, *, principal: str, within: frozenset[str] | None) -> tuple[Recollection, ...]:
        """What is remembered of a principal and bears on a question, where these labels may be seen."""
        from datetime import UTC, datetime

        from agent.memory.collection import recalled

        day = f"{datetime.now(UTC):%Y-%m-%d}"
        return recalled(self.journal, self.collection, question, principal, within, day)

    @property
    def gate(self) -> Gate:
        """What a version must pass before it is served."""
        return assembly.gate(self.settings, self.searcher, self._answerer)

    def _gate_on(self, gold: Path | None) -> Gate:
        """The gate with this gold, else with the one that is set."""
        return replace(self.gate, gold=gold or self.settings.eval.gold)

    @property
    def model_name(self) -> str:
        """Who answers."""
        return self.settings.agent.strong if self.settings.has_model else "extractive"

    def ingest(
        self,
        paths: str | Path | Loaded | Sequence[str | Path | Loaded],
        *,
        label: str | None = None,
        options: Options | None = None,
        gold: Path | None = None,
        publish: bool = True,
        retry_failed: bool = False,
        sent_by: str | None = None,
        on_progress: Callable[[Progress, int], None] = lambda *_: None,
        on_judging: OnProgress | None = None,
        on_step: OnStep = lambda _: None,
    ) -> IngestReport:
        """Brings the index in step with files and folders, judges the new version, and publishes it if it passes.

        `paths` is one of them or several, among them what `ingest.llama.LlamaSource` loads. `retry_failed` takes what
        failed before instead. `sent_by` names who sent them by HTTP: they count as low in trust then, whatever they are
        called. `on_progress` is told how far reading is and how many chunks have their vectors,
        `on_step` what else takes time. Raises `BadRequest` where documents cannot carry what `options` give them.
        """
        from agent.governance import sources
        from ingest.find.plan import Request, several
        from ingest.options import Options
        from retrieval.update import bring_in_step

        options = options or Options()
        if sent_by is not None:
            options = sources.sent_by(sent_by, options)
        check_options(options)
        return bring_in_step(
            self.home,
            self.encoder,
            self._gate_on(gold),
            Request(several(paths), label, options, retry_failed),
            readers=self.plugins.readers,
            reader_versions=self.plugins.reader_versions,
            read_all=self._workers.read,
            records=self._records,
            publish=publish,
            on_progress=on_progress,
            on_judging=on_judging,
            on_step=on_step,
        )

    def search(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> SearchResult:
        """The passages that answer a question best, on the live version. Raises `BadRequest`."""
        query = check_text(query, "query")
        check_count(k, MOST)
        check_scope(scope)
        check_mode(mode)
        version = self.version(asked=mode != "lexical")
        from agent.results import SearchResult, borne_out  # while the export opens

        search = self.searcher.search(version)
        hits = search(query, k=k, scope=scope, mode=mode)
        return SearchResult(search.version.id, tuple(hits), borne_out(search, mode))

    def explain(
        self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid", document: str | None = None
    ) -> Explained:
        """The same hits as of `search`, with why each stands where it stands, and what became of a `document`."""
        from agent.results import Explained, SearchResult, borne_out
        from retrieval.search.explain import explain

        query = check_text(query, "query")
        check_count(k, MOST)
        check_scope(scope)
        check_mode(mode)
        search = self.hybrid_search()
        found = explain(search, query, k=k, scope=scope, mode=mode, document=document)
        return Explained(SearchResult(search.version.id, found.hits, borne_out(search, mode)), found)

    def hybrid_search(self) -> HybridSearch:
        """The search of the live version, to be handed to other libraries."""
        return self.searcher.search(self.version(asked=True))

    async def search_async(self, query: str, *, k: int, scope: Scope, mode: Mode) -> SearchResult:
        """`search` in a worker thread, for who names nobody: within what the charter lets them see."""
        from plugins.bounded import aside

        return await aside(self._search_as_nobody, query, k=k, scope=scope, mode=mode)

    def _search_as_nobody(self, query: str, *, k: int, scope: Scope, mode: Mode) -> SearchResult:
        return self.search(query, k=k, scope=self._seen_by_all(scope), mode=mode)

    def document_as_nobody(self, name: str) -> Document | None:
        """A document for who names nobody, of the live version as it was read; None where there is none of that name,
        or the charter does not let them see it.
        """
        version = self.version()
        document, scope = version.document(name), version.resolved(self._seen_by_all())
        return document if document and scope.admits(document.labels, document.metadata) else None

    def _seen_by_all(self, scope: Scope = EVERYTHING) -> Scope:
        """What of a scope the charter lets them see who name nobody."""
        if self.settings.agent.charter is None:
            return scope
        from agent.governance.authorizing import seen
        from agent.governance.reading import load_charter

        return seen([load_charter(self.settings.agent.charter)], None, scope)

    def ask(
        self,
        question: str,
        *,
        scope: Scope = EVERYTHING,
        ask: Asker | None = None,
        conversation: str | None = None,
        principal: str | None = None,
        run_id: str | None = None,
    ) -> Answer:
        """One run of the agent, to its end. `ask` puts a tool call that needs consent to a person.

        In a `conversation`, which is the `principal`'s, the question may refer to what was asked before; "new" begins
        one. Raises `NoSuchConversation` where it is another's.
        """
        speaker: dict[str, str | None] = {"conversation": conversation, "principal": principal}
        return _to_the_end(self.run(question, scope=scope, ask=ask, aloud=False, run_id=run_id, **speaker))

    async def run(
        self,
        question: str,
        *,
        scope: Scope = EVERYTHING,
        ask: Asker | None = None,
        run_id: str | None = None,
        aloud: bool = True,
        conversation: str | None = None,
        principal: str | None = None,
        account: str | None = None,
    ) -> AsyncGenerator[State | Token | Answer]:
        """Every state of one run of the agent, its words as they come (if `aloud`), and last the `Answer`.

        Where the home cannot be written the run leaves no record, and is given only tools that read; under a charter,
        which promises one, there is none: it raises `NotRecorded`. What cannot be asked raises `BadRequest`.
        """
        from agent.journal.record import new_run_id
        from agent.memory.kept import speaking
        from agent.run.making import answer_of, make_run
        from agent.run.start import start

        question = check_text(question, "question")
        check_scope(scope)
        speaker = speaking(conversation, principal, account)

        def make() -> tuple[Run, Deps, Oversight]:
            self.check_trust()
            return make_run(self, question, scope, ask, run_id or new_run_id(), aloud=aloud, speaker=speaker)

        read = [place for place in (self.home.path, self.settings.agent.charter) if place]
        within = self.settings.agent.deadline
        async with aclosing(start(make, partial(answer_of, self), within=within, read=read)) as items:
            async for item in items:
                yield item

    def dry_run(
        self,
        question: str,
        *,
        scope: Scope = EVERYTHING,
        conversation: str | None = None,
        principal: str | None = None,
    ) -> Leaving:
        """What would leave for the model's server if this were asked, which nobody is. Raises what `ask` does."""
        import asyncio

        from agent.journal.record import new_run_id
        from agent.memory.kept import speaking
        from agent.run.dry import leaving
        from agent.run.making import make_run

        question = check_text(question, "question")
        check_scope(scope)
        self.check_trust()
        speaker = speaking(conversation, principal)
        run, deps, _ = make_run(self, question, scope, None, new_run_id(), aloud=False, speaker=speaker)
        return asyncio.run(leaving(run, deps))

    async def resume(
        self, run: str, *, word: Word | None = None, ask: Asker | None = None, aloud: bool = True
    ) -> AsyncGenerator[State | Token | Answer]:
        """A run that is in the journal goes on to its next end, as `run` gives it, from the last of its events.

        That is one whose process is gone; with a `word`, one that waits for a person's. Raises `NoSuchRun`, `Driven`
        where it goes on elsewhere, `NotWaiting` where it does not go on, `NotKept` where too little of it was kept.
        """
        from agent.run.making import answer_of, take_up
        from agent.run.start import go_on
        from plugins.bounded import aside

        id = await aside(self._to_go_on, run)
        taken_up = partial(take_up, self, id, ask, word, aloud=aloud)
        async with aclosing(go_on(self.journal, id, taken_up, partial(answer_of, self))) as items:
            async for item in items:
                yield item

    async def decide(self, run: str, word: Word) -> str:
        """Writes down what a person says of a run that waits for it, and leaves it to go on to others; its whole id.

        Raises what `resume` does.
        """
        from agent.run.making import take_up
        from agent.run.start import decide
        from plugins.bounded import aside

        id = await aside(self._to_go_on, run)
        await decide(self.journal, id, partial(take_up, self, id, None, word, aloud=False))
        return id

    def _to_go_on(self, run: str) -> str:
        """The whole id of a run that is to go on. Raises `NoSuchRun`, `NotTrusted`."""
        id = self.journal.events(run)[0].run
        self.check_trust()
        return id

    def answer_in(self, run: str) -> Answer:
        """What a run came to that has ended, as its journal has it. Raises `NotWaiting` where it has not."""
        from agent.run.making import answer_in

        return answer_in(self, self.journal.events(run)[0].run)

    @property
    def is_served(self) -> bool:
        """Whether a process of this machine serves the home, and goes on with its runs."""
        from agent.journal.owner import is_served

        return is_served(self.home.path)

    def waiting(self, run: str, *, by: str | None = None) -> dict[str, Any]:
        """What a person is shown of the call for which a run waits. Raises `NotWaiting` where it waits for none, and
        `NotTheirs` where by a charter somebody of that name may not see it.
        """
        from agent.run.people.waiting import waiting

        return waiting(self, run, by=by)

    @property
    def desk(self) -> Desk:
        """The runs, the calls that wait and the cases, as people see them from elsewhere."""
        from agent.run.people.desk import Desk

        return Desk(self)

    @property
    def cases(self) -> Cases:
        """The runs that people are to go on with, and what they do with them."""
        from agent.run.people.cases import Cases

        return Cases(self)

    def without_personal(self, text: str) -> str:
        """A text in which what is personal is left out, of whichever kind it is."""
        from agent.governance.personal.detecting import detectors
        from agent.governance.personal.veiling import left_out

        found = detectors(self.settings.redact, self.plugins.detector)
        return left_out(text, found, tuple(found.by_kind))

    def add_note(self, case: str, answer: str, by: str) -> tuple[str, IngestReport]:
        """Ingests a person's answer to a case as a note of low trust, which passes the gate like anything else; its
        name. What is personal in it is left out.
        """
        from datetime import UTC, datetime

        from agent.run.people.notes import note_of, with_others

        file = self.cases.file(case)
        day, labels = f"{datetime.now(UTC):%Y-%m-%d}", self.cases.labels(case)
        note = note_of(file, answer, by, day, labels, self.without_personal)
        version = self.version()
        return note.name, self.ingest(with_others(note, version.names(), version.document))

    def tend(self) -> Sequence[str]:
        """Does with cases and approvals what is due without anybody's word; what could not be done, and why."""
        import asyncio
        from datetime import UTC, datetime

        return asyncio.run(self.cases.tend(datetime.now(UTC))).problems if self.unrecorded is None else ()

    def ownership(self, month: str) -> dict[str, Any]:
        """What the agent did in a month that is written as 2026-11, and what people decided. Raises `BadReport`."""
        from datetime import UTC, datetime

        from agent.governance.reading import load_charter
        from agent.governance.signing import signatures
        from agent.run.people.ownership import KINDS, bounds, ownership

        runs = self.journal.between(*bounds(month), KINDS)
        charter = load_charter(self.settings.agent.charter)
        return ownership(month, runs, charter, signatures(self.journal), datetime.now(UTC).date())

    def replay(self, run: str) -> Replayed:
        """Whether a recorded run comes to the same again, state by state and request by request; nobody is asked.

        Where its index version is gone, the live one's texts are read: that they are the same shows in the states.
        Raises `NoSuchRun`, `NotKept` where too little of it was kept, `NoIndex` where none is left.
        """
        from agent.journal.replay import asked
        from agent.run.replaying import replay_of

        entries = self.journal.events(run)
        texts = self.texts_of(asked(entries).index_version)
        return replay_of(entries, self.settings, texts, self.journal, self.plugins.detector)

    def ask_again(
        self, run: str, *, model: str | None = None, index: str | None = None, prompt: str | None = None
    ) -> Answer:
        """The answer to the question of a recorded run, asked again: of another model or index version, or by another
        prompt, the text that a model is told; what is not named stays as it was, or as it is set. It is a run of its
        own, in which only tools that read are offered.
        """
        from agent.journal.record import new_run_id
        from agent.journal.replay import asked
        from agent.run.making import answer_of, make_again
        from agent.run.start import start

        entries = self.journal.events(run)
        recorded = str(asked(entries).release.get("model", self.settings.agent.model))
        agent = replace(self.settings.agent, model=model or recorded, strong_model=None, fast_model=None)
        opened = Citewell(replace(self.settings, agent=agent), encoder=self.encoder)
        make = partial(make_again, opened, entries, new_run_id(), index=index, prompt=prompt)

        try:
            return _to_the_end(start(make, partial(answer_of, opened), within=agent.deadline, read=[self.home.path]))
        finally:
            opened.close()

    def states(self, run: str) -> list[State]:
        """The state of a recorded run after each of its events. Raises as `replay`."""
        from agent.journal.replay import asked, states

        entries = self.journal.events(run)
        began = asked(entries)
        return states(entries, self.texts_of(began.index_version).within(began.scope))

    def conversations(self, principal: str | None = None) -> list[Talk]:
        """The conversations of a principal, or all of them, the one that was spoken in last first."""
        return [each for each in self.journal.conversations() if principal is None or each.principal == principal]

    def conversation(self, id: str, *, principal: str | None = None, anyones: bool = False) -> Conversation:
        """What was said in one, as far as it is not erased.

        Raises `NoSuchConversation`, as for another principal's, unless it may be `anyones`.
        """
        from agent.memory.kept import opened

        return opened(self.journal, id, principal, self.home.erased.names(), anyones=anyones)

    def forget_conversation(
        self, id: str, *, principal: str | None = None, anyones: bool = False, owed: bool = True
    ) -> Emptied:
        """Takes out the contents of its runs, and records that; unless `owed` none of which a person needs the record.

        Raises `NoSuchConversation`, `Driven`, `StillOwed`.
        """
        from agent.memory.kept import check_unowed, held

        held(self.journal, id, principal, anyones=anyones)
        if not owed:
            check_unowed(self.journal, id)
        return self.journal.erase_conversation(id)

    def document(self, name: str) -> Document | None:
        """A document of the live version as it was read; None where there is none of that name."""
        return self.version().document(name)

    def search_of(self, id: str) -> HybridSearch:
        """The search of that version, which stays open as long as runs over it go on."""
        version = self.version(asked=True)
        if version.id != id:
            version = self._others.get(id) or self.searcher.open(id, asked=True)
            self._others[id] = version
        return self.searcher.search(version)

    def texts_of(self, id: str) -> HybridSearch:
        """The search of that version, or, where it is gone, of the live one, for the texts that it holds."""
        there = {version.id for version in self.home.versions()}
        return self.search_of(id) if id in there else self.hybrid_search()

    def evaluate(
        self,
        gold: str | Path,
        *,
        index_version: str | None = None,
        k: int = 100,
        mode: Mode = "hybrid",
        ask: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> tuple[str, Evaluation]:
        """How well a version (the live one) answers gold queries; its id and the figures.

        Where gold knows answers its questions are asked too, without a model, `ask` of them at most.
        """
        from eval.gold.load import load_gold
        from eval.measure.versions import measure

        check_count(k, RANKED)
        check_mode(mode)
        return measure(
            *(self.searcher.plain, load_gold(gold)),
            index_version=index_version,
            k=k,
            mode=mode,
            answerer=self._answerer,
            most=ask,
            measures=assembly.metrics(self.settings, lambda: self.plugins),
            on_progress=on_progress,
        )

    def _answerer(self, version: IndexVersion) -> Answerer:
        """Who answers from a version without a model."""
        from agent.run.asking import answerer

        return answerer(self.settings, self.searcher.search(version), self.plugins)

    def compare(
        self,
        a: str | Path,
        b: str | Path,
        *,
        gold: Path | None = None,
        k: int = 100,
        mode: Mode = "hybrid",
        ask: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Comparison:
        """Whether `b` is better than `a`, each a version or a run file, on gold. Raises `BadRun`, `BadGold`.

        Two versions are asked too what gold knows the answers of, `ask` questions at most.
        """
        from eval.gold.load import chosen_gold, load_gold
        from eval.measure.versions import compare_two

        check_count(k, RANKED)
        check_mode(mode)
        queries = load_gold(chosen_gold(gold, self.settings.eval.gold, "compare on; name it with --gold, or as"))
        return compare_two(
            *(self.searcher.plain, a, b),
            gold=queries,
            k=k,
            mode=mode,
            answerer=self._answerer,
            most=ask,
            on_progress=on_progress,
        )

    def rebuild(
        self,
        *,
        gold: Path | None = None,
        publish: bool = True,
        on_encoded: Callable[[int], None] = lambda _: None,
        on_judging: OnProgress | None = None,
        on_step: OnStep = lambda _: None,
    ) -> IngestReport:
        """Builds the live version anew from the texts that it holds, judges it, and publishes it if it passes."""
        from retrieval.update import rebuild

        return rebuild(
            self.home,
            self.encoder,
            self._gate_on(gold),
            records=self._records,
            publish=publish,
            on_encoded=on_encoded,
            on_judging=on_judging,
            on_step=on_step,
        )

    def judge(
        self, gold: Path | None, *, index_version: str | None = None, on_progress: OnProgress | None = None
    ) -> Judged:
        """The gate's verdict on a version (the newest candidate, else the live one), which is recorded."""
        from agent.outcomes import Judged
        from eval.gate.gate import to_judge, what_was_asked

        was_tested = self.home.was_tested()
        id = to_judge(self.home, index_version)
        gate = self._gate_on(gold)
        verdict = gate.judge(id, on_progress=on_progress)
        calibration, tested = self.calibration(id), self.home.was_tested()
        return Judged(
            id,
            verdict,
            asked=what_was_asked(verdict, gate.floors),
            calibration=calibration if calibration is not None and calibration.gold == verdict.gold else None,
            demands_gold=tested,
            is_first=tested and not was_tested,
        )

    def report(
        self,
        out: str | Path,
        gold: Path | None = None,
        *,
        index_version: str | None = None,
        ask: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Reported:
        """Writes a page on how well a version answers gold, and the same as Markdown and JSON. Raises `BadTarget`.

        What gold knows the answers of is asked too, `ask` questions at most.
        """
        from agent.outcomes import Reported
        from eval.gold.load import chosen_gold
        from eval.report.page import targets, write_report
        from eval.report.report import measured

        gate = self.gate
        gold = chosen_gold(gold, gate.gold, "report on; name it, or set")
        targets(out, gold)  # before it is measured for minutes
        found = measured(gate, gold, index_version=index_version, most=ask, on_progress=on_progress)
        return Reported(found.version.index_version, tuple(path.absolute() for path in write_report(found, out)))

    def examine(
        self,
        cases: str | Path,
        *,
        repeat: int = 1,
        against: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Examined:
        """What the agent makes of its cases, each asked `repeat` times in a run of its own, which is recorded.

        The home keeps which passed, by release; `against` names an earlier one to compare with. Raises `BadCases`,
        `NoHistory`, and `NotRecorded` where the home cannot be written.
        """
        from agent.run.examining import examined

        return examined(self, cases, repeat=repeat, against=against, on_progress=on_progress)

    def tune(self, gold: Path | None = None, *, apply: bool = False, on_progress: OnProgress | None = None) -> Tuning:
        """The search settings that answer gold best; written into `citewell.toml`, to `apply` them, if worth it."""
        from agent.outcomes import Tuning
        from agent.settings import set_in_environment
        from agent.settings_edit import apply_settings
        from eval.gold.load import chosen_gold, load_gold
        from eval.improve.tune import tuned

        queries = load_gold(chosen_gold(gold, self.settings.eval.gold, "tune on; name it, or set"))
        found = tuned(self.searcher.plain, queries, on_progress=on_progress)
        if not (apply and found.is_worth_it and found.after != found.before):
            return Tuning(found, None, ())
        written = apply_settings("retrieval", found.after.values)
        return Tuning(found, written, tuple(set_in_environment("retrieval", found.after.values)))

    def synthesize(
        self,
        out: Path,
        *,
        n: int = 100,
        tries: int | None = None,
        by_model: bool = True,
        on_progress: OnProgress | None = None,
    ) -> Synthesis:
        """Proposes gold from the live version's own texts, added to a file; a model writes it, where one is set."""
        from agent.questions import asker
        from eval.improve.synthesize import synthesized

        ask = asker(self.settings, self.plugins.detector) if by_model else None
        return synthesized(self.searcher.plain, out, n=n, tries=tries, ask=ask, on_progress=on_progress)

    def status(self) -> Status:
        """What is live, what could not be read, and whether an ingest is running."""
        from agent.status import status

        return status(self.home)

    def versions(self) -> list[VersionInfo]:
        """Every index version, newest first."""
        return self.home.versions()

    def publish(
        self,
        id: str | None = None,
        *,
        force: str | None = None,
        on_judging: OnProgress | None = None,
        on_step: OnStep = lambda _: None,
    ) -> Published:
        """Makes a version live (the newest candidate) that the gate lets pass, or that is forced, with this reason.

        One whose verdict is not of today is judged anew first. Raises `Refused`, `NoCandidate` or `NoIndex`.
        """
        from agent.outcomes import Published

        if force is not None and not force.strip():
            raise BadRequest("A version is forced for a reason, which is recorded: give one.")
        id = self.gate.publish(id, force=force, on_progress=on_judging, on_step=on_step)
        return Published(id, self.home.previous())

    def rollback(self) -> Published:
        """Makes the version live that was before, and publishes no other until `publish` is called."""
        from agent.outcomes import Published

        with self.home.writing():
            return Published(*self.home.rollback(encoder=self.encoder))

    def lift_gold(self) -> None:
        """Lets versions be published again that no gold tested, until one passes."""
        self.home.lift_gold()

    def compact(self, keep: int = 0) -> Compacted:
        """Drops old versions; the live one, the one before it, the newest candidate and `keep` others stay.

        So do those that a run reads which is not over.
        """
        from agent.outcomes import Compacted
        from retrieval.disk.durable import size_on_disk

        before = size_on_disk(self.home.path)
        with self.home.writing():
            in_use: frozenset[str] = frozenset()
            for record in self._records():
                with closing(record):
                    in_use |= record.versions_in_use()
            dropped = self.home.compact(keep, in_use)
        return Compacted(tuple(dropped), max(0, before - size_on_disk(self.home.path)), self.home.live())

    def delete(self, documents: str | Sequence[str], *, on_step: OnStep = lambda _: None) -> Deletion:
        """Erases documents from every version, cache and record, and keeps them from being ingested again."""
        from retrieval.erasure.erasing import delete

        self._live.let_go()
        done = delete(self.home, _several(documents), records=self._records, on_step=on_step)
        if (self.home.path / "memory").is_dir():  # what was remembered and named one of them is emptied by now
            from agent.memory.collection import in_step

            in_step(self.journal, self.collection)
        return done

    def restore(self, documents: str | Sequence[str]) -> list[str]:
        """Lets documents that were erased be ingested again; those that were blocked. Raises `StillPending`."""
        from retrieval.erasure.erasing import restore

        return restore(self.home, _several(documents))

    def verify_deletion(self, document: str, *, on_looked: OnLooked = lambda *_: None) -> Proof:
        """Looks for what is left of an erased document in every file of the home. Raises `NoDocument`."""
        from retrieval.erasure.erasing import verify

        return verify(self.home, document, on_looked=on_looked)

    def version(self, *, asked: bool = False) -> IndexVersion:
        """The live version, opened; a newer one takes its place as soon as it is published.

        Where it is `asked` next, what encodes questions is opened at the same time.
        """
        return self._live.version(asked=asked)

    def warm(self) -> None:
        """Loads now what the first question would wait for: the version, the encoder, plugins, servers of tools."""
        if self.readiness().ok:
            self._live.warm()
            if self.settings.has_model:
                _ = self.attached

    def keep_up(self, every: float = 2.0) -> NoReturn:
        """Takes up what is published, and lets go of what was erased, also while nobody asks; in a thread of its own.

        `every` is in seconds. A version that cannot be opened is left to `readiness`, which says so.
        """
        self._live.keep_up(self.warm, every)

    def cut_off(self) -> list[str]:
        """The runs without an end that nobody drives: their process is gone, or a person decided and left them."""
        return self.journal.unfinished() if self.unrecorded is None else []

    def readiness(self) -> Readiness:
        """Whether questions can be answered now; cheap once the live version is open."""
        from agent.readiness import Readiness

        reasons = []
        live, verdict = None, None
        try:
            live = self.home.live()
            verdict = self.tested(live) if live else None
            self.version()
        except CitewellError as error:
            reasons.append(str(error))
        except OSError as error:
            reasons.append(f"{self.home.path} cannot be read ({error}): see that its disk answers.")
        finding = None
        try:
            finding = self.taken_as()
        except CitewellError as error:
            reasons.append(str(error))
        failures = [(failure.plugin, failure.error) for failure in self.plugins.failures]
        failures += self._servers.known().failures if self._servers else ()
        for look in (self.check_trust, lambda: self.journal.look() if self.home.path.exists() else None):
            try:
                look()
            except CitewellError as error:
                reasons.append(error.outside)
        warnings, fault = self._standing()
        reasons += [fault] if fault else []
        return Readiness(
            ok=not reasons,
            reasons=tuple(reasons),
            live=live,
            verdict=verdict,
            model=self.model_name,
            plugin_failures=tuple(f"{plugin}: {error}" for plugin, error in failures),
            citations=finding,
            unrecorded=self.unrecorded,
            warnings=warnings,
        )

    def _standing(self) -> tuple[tuple[str, ...], str | None]:
        """Codes of what is to be said of the charter, and why no question is answered under it, if so."""
        from agent.governance.reading import BadCharter
        from plugins.bounded import Overdue, Raised, bounded_now

        try:
            return tuple(each.code for each in bounded_now(self.doubts, seconds=_PATIENCE)), None
        except Overdue:
            return (), "the charter does not come: see that its disk answers"
        except Raised as raised:
            match raised.fault:
                case BadCharter():  # what is wrong there is no outsider's concern
                    return (), "the charter cannot be enforced as it stands: see citewell charter"
                case CitewellError() as error:
                    log.debug("who signed the charter cannot be told: %s", error)  # the journal's own fault is told
                    return (), None
                case fault:
                    raise fault from None

    def doubts(self) -> Sequence[Doubt]:
        """Why the charter that is in force may not be what its owner stands for. Raises `BadCharter`."""
        from datetime import UTC, datetime

        from agent.governance.reading import load_charter
        from agent.governance.signing import signatures, standing

        if self.settings.agent.charter is None:
            return ()
        signed = signatures(self.journal) if self.home.path.exists() else ()
        return standing(load_charter(self.settings.agent.charter), signed, datetime.now(UTC).date())

    def tested(self, id: str) -> str | None:
        """The status of a version's verdict."""
        verdict = self.home.verdict(id)
        return str(verdict["status"]) if verdict else None

    def end_servers(self) -> None:
        """Ends the MCP servers that were started; what needs one of them afterwards starts it again."""
        if self._servers is not None:
            self._servers.close()

    def close(self) -> None:
        """Releases every file."""
        self._live.close()
        for version in [*self._others.values()]:
            version.close()
        self.end_servers()
        if "collection" in self.__dict__:
            self.collection.close()
        if "_workers" in self.__dict__:
            self._workers.close()
        if "journal" in self.__dict__:
            self.journal.close()


def _to_the_end(items: AsyncGenerator[State | Token | Answer]) -> Answer:
    """The answer that comes last of a run, waited for."""
    import asyncio

    from agent.answer import Answer

    async def last() -> Answer:
        async with aclosing(items):
            async for item in items:
                if isinstance(item, Answer):
                    return item
        raise RuntimeError("the run had no end")

    return asyncio.run(last())


def _several(names: str | Sequence[str]) -> Sequence[str]:
    return [names] if isinstance(names, str) else names


@contextmanager
def open_citewell(home: str | Path | None = None, *, settings: Settings | None = None) -> Iterator[Citewell]:
    """The same as the command line, in a script, as a context manager that gives a `Citewell`."""
    opened = Citewell(settings or load_settings(home=Path(home) if home is not None else None))
    try:
        yield opened
    finally:
        opened.close()
