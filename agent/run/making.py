"""How is a run of a home made, and an answer of its end? Of what the home holds, as its settings say."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Final, Protocol
from urllib.parse import urlsplit

from agent.answer import Answer, Unread, answer
from agent.evidence.citations import nearest
from agent.evidence.context import context_of
from agent.evidence.unread import unread
from agent.governance.approvals import check_sees
from agent.governance.authorizing import is_barred, seen
from agent.governance.budgets import Bounds, bounded_by, cost_in_all, cost_left, paid, to_begin
from agent.governance.charter import NOTHING, Charter
from agent.governance.personal.detecting import detectors
from agent.governance.personal.keeping import Keeping, keeping
from agent.governance.reading import Live, read_back, unknown_names
from agent.governance.signing import Doubt
from agent.journal.chain import canonical
from agent.journal.entry import Entry
from agent.journal.events import Resumed, TakenUp
from agent.journal.fold import replay
from agent.journal.journal import Journal
from agent.journal.projection import ENDS
from agent.journal.record import Recorder, Unrecorded
from agent.journal.replay import asked
from agent.journal.summary import seconds_of
from agent.memory.conversation import Exchange, exchange, rests_on
from agent.memory.kept import NOBODY, Speaker, check_unchanged, said, said_in
from agent.models.capabilities import Findings
from agent.models.choose import brief, choose, fast
from agent.models.model import Model, Planner
from agent.models.prompt import ANSWER, COMPACT, PROMPT_HASH, REWRITE, WEIGH, Told
from agent.run.course import Begun
from agent.run.deps import Asker, Clock, Deps, Oversight, Run
from agent.run.endings import given_up
from agent.run.offering import with_finder
from agent.run.rules.deciding import NOBODY as UNASKED
from agent.run.rules.deciding import NotWaiting, Word, decision
from agent.run.rules.seeing import labels_held
from agent.run.rules.withholding import in_sight
from agent.run.steps import specs_of
from agent.settings import WEBHOOK_SECRET, RedactSettings, Settings, passed_on
from agent.state import (
    Abstained,
    AwaitingApproval,
    Citation,
    Context,
    End,
    Halted,
    Over,
    Recollection,
    State,
    evidence_of,
    used,
)
from ingest.errors import CitewellError
from ingest.model import Document, digest
from plugins.manager import Plugins
from plugins.servers import NONE, Attached
from plugins.tool import Tool
from retrieval.model import EVERYTHING, Scope
from retrieval.parts import Vectors
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Home

log = logging.getLogger(__name__)

_SECRET: Final = re.compile(r"(?i)key|token|secret|pass|credential|auth")  # what names a variable that holds one

_LATEST = 100  # questions to which a new one is compared


class NotRecorded(CitewellError):
    """A run under a charter would leave no record."""

    code: ClassVar[str] = "not_recorded"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


class NotProven(CitewellError):
    """An index may not answer by its charter, since it was not tested well enough."""

    code: ClassVar[str] = "not_proven"
    exit_code: ClassVar[int] = 2


class Opened(Protocol):
    """The home that is asked, opened: `agent.wire.Citewell`."""

    settings: Settings
    home: Home

    @property
    def unrecorded(self) -> str | None:
        """Why runs leave no record, if so."""
        ...

    @property
    def journal(self) -> Journal: ...

    @property
    def plugins(self) -> Plugins: ...

    @property
    def attached(self) -> Attached:
        """The tools of other servers."""
        ...

    @property
    def findings(self) -> Findings: ...

    def recall(self, question: str, *, principal: str, within: frozenset[str] | None) -> tuple[Recollection, ...]:
        """What is remembered of a principal and bears on a question."""
        ...

    def hybrid_search(self) -> HybridSearch:
        """The search of the live version."""
        ...

    def search_of(self, id: str) -> HybridSearch:
        """The search of that version."""
        ...

    def texts_of(self, id: str) -> HybridSearch:
        """The same, or, where that version is gone, the search of the live one, for the texts that it holds."""
        ...

    def doubts(self) -> Sequence[Doubt]:
        """Why the charter that is in force may not be what its owner stands for. Raises `BadCharter`."""
        ...

    def tested(self, id: str) -> str | None:
        """The status of a version's verdict."""
        ...


def make_run(
    opened: Opened,
    question: str,
    scope: Scope,
    ask: Asker | None,
    id: str,
    *,
    aloud: bool,
    speaker: Speaker = NOBODY,
) -> tuple[Run, Deps, Oversight]:
    """A run and what it works with; all of it is looked for on disk, so it may not be waited for on a loop.

    Raises `NotRecorded`, and what opening a version, a charter or a journal raises.
    """
    unrecorded = opened.unrecorded
    if unrecorded is not None and opened.settings.agent.charter is not None:
        raise NotRecorded(
            f"The charter {opened.settings.agent.charter} is in force, and no run could be recorded under it: "
            f"{unrecorded}."
        )
    if unrecorded is not None:
        log.warning("This run is not recorded: %s.", unrecorded)
    if unrecorded is not None and speaker.conversation is not None:
        raise NotRecorded(f"A conversation is kept in the journal, and nothing can be recorded: {unrecorded}.")
    erased = opened.home.erased.names()
    earlier = said(opened.journal, speaker, erased) if speaker.conversation is not None else ()
    request = _Request(
        id=id, question=question, scope=scope, ask=ask, aloud=aloud, before=erased, speaker=speaker, earlier=earlier
    )
    run, deps, over = _made(opened, opened.hybrid_search(), request)
    _check_verdict(deps.charters, opened.tested(str(run.release["index_version"])))
    left = cost_left(deps.charters, speaker.principal, partial(over.journal.had, id))
    return _costing(opened, run, left), deps, over


def _costing(opened: Opened, run: Run, most: float | None) -> Run:
    """The same run, which costs no more than that; who quotes the sources costs nothing."""
    if most is None or not opened.settings.has_model:
        return run
    return replace(run, budget_cost=most if run.budget_cost is None else min(most, run.budget_cost))


def _check_verdict(charters: Sequence[Charter], tested: str | None) -> None:
    """Raises `NotProven` where an index may not answer."""
    for charter in charters:
        wanted = charter.answers.require
        if wanted is not None and tested not in ("passed", wanted):
            raise NotProven(
                f"The live index has the verdict {tested or 'none'}, and by the charter one that {wanted} may answer: "
                "see citewell status, and citewell eval gate."
            )


def take_up(
    opened: Opened, id: str, ask: Asker | None, word: Word | None, *, aloud: bool
) -> tuple[Run, Deps, Oversight, Begun, TakenUp]:
    """A run that is in the journal and not over, and what goes on with it; to be called by who drives it.

    It goes on over the index version that it asked, with the settings, the tools and the charter of today; what it took
    before counts against its time, and what is left of the day's cost bounds it. With a `word` it goes on from where it
    waits for a person. Raises `NotWaiting`, `NotTheirs`, `NotKept` and what `make_run` raises.
    """
    run, deps, over, entries, state = recorded(opened, id, ask, aloud=aloud)
    run = replace(run, clock=Clock(seconds_of(entries)))
    begun = Begun(state, len(entries), paid(entries))
    most = cost_in_all(deps.charters, run.principal, begun.paid, partial(over.journal.had, id))
    run = _costing(opened, run, most)
    if word is None:
        if isinstance(state, Halted) or (isinstance(state, Over) and entries[-1].kind in ENDS):
            raise NotWaiting(f"The run {id} is not to be resumed: it is {opened.journal.status(id).replace('_', ' ')}.")
        return run, deps, over, begun, given_up(state, entries) or Resumed(run.release)
    if not isinstance(state, End):
        raise NotWaiting(f"The run {id} waits for nobody's word, as it was cut off: see citewell runs resume {id}.")
    if not isinstance(state, Halted):
        status = opened.journal.status(id).replace("_", " ")
        raise NotWaiting(f"The run {id} waits for nobody's word (it is {status}): see citewell runs show {id}.")
    if word.account != UNASKED:
        check_sees(deps.charters, word.by, labels_held(state, run.scope, run.earlier, deps.document, opened.journal))
    return run, deps, over, begun, decision(state, word, run, deps)


def in_hand(opened: Opened, id: str, event: TakenUp) -> tuple[Run, Deps, Oversight, Begun, TakenUp]:
    """A run that is in the hands of people, and what one of them does with it; to be called by who drives it.

    It searches no more, so that another version's texts do where its own is gone.
    """
    run, deps, over, entries, state = recorded(opened, id, None, aloud=False, search_of=opened.texts_of)
    return run, deps, over, Begun(state, len(entries)), event


def answer_in(opened: Opened, id: str) -> Answer:
    """What is told of a run that has come to an end, by its events. Raises `NotWaiting` where it has not."""
    run, deps, over, _, state = recorded(opened, id, None, aloud=False, search_of=opened.texts_of)
    if not isinstance(state, End):
        raise NotWaiting(f"The run {id} has come to no end: see citewell runs show {id}.")
    return answer_of(opened, run, deps, over, state)


def recorded(
    opened: Opened,
    id: str,
    ask: Asker | None,
    *,
    aloud: bool,
    search_of: Callable[[str], HybridSearch] | None = None,
) -> tuple[Run, Deps, Oversight, list[Entry], State]:
    """A run that is in the journal, made again, with its events and what they come to."""
    entries = opened.journal.unchanged(id)
    began = asked(entries)
    search = (search_of or opened.search_of)(began.index_version)
    erased = opened.home.erased.entries()
    before = frozenset(each.document for each in erased if not each.restored and each.at[:19] < entries[0].at[:19])
    whose = (began.content.get(name) for name in ("principal", "account", "conversation"))
    earlier = said_in(opened.journal, began.content.get("earlier", ()), opened.home.erased.names())
    check_unchanged(opened.journal, earlier)
    request = _Request(
        id=id,
        question=began.question,
        scope=began.scope,
        ask=ask,
        aloud=aloud,
        before=before,
        speaker=Speaker(*whose),
        earlier=earlier,
        began_with=charter_of(opened.journal, began.release),
    )
    run, deps, over = _made(opened, search, request)
    run = replace(run, release={**run.release, "index_version": began.index_version})
    state = replay(entries, deps.texts)
    assert state is not None  # a run has a first event
    return run, deps, over, entries, state


def charter_of(journal: Journal, release: Mapping[str, Any]) -> list[Charter]:
    """The charter under which a run began. One that is named and not kept as it was lets no tool run."""
    named = release.get("charter")
    if named is None:
        return []
    kept = journal.kept(str(named))
    return [NOTHING if kept is None else read_back(kept)]


def make_again(
    opened: Opened, entries: Sequence[Entry], id: str, *, index: str | None, prompt: str | None
) -> tuple[Run, Deps, Oversight]:
    """A new run of the question that a recorded one asked, over another index version or by another prompt.

    Only tools that read are offered, and nothing of a conversation. Raises what `make_run` raises, and `NotKept`.
    """
    began = asked(entries)
    request = _Request(
        id=id,
        question=began.question,
        scope=began.scope,
        before=opened.home.erased.names(),
        told=ANSWER if prompt is None else Told(prompt, prompt, ANSWER.reminder),
        reads=True,
    )
    run, deps, over = _made(opened, opened.search_of(index or began.index_version), request)
    release = {**run.release, "again": began.run}
    if prompt is not None:
        release["prompt"] = digest(prompt)
    return replace(run, release=release), deps, over


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is asked of a home, and how; where it only `reads`, tools are offered that do no more.

    `before` names the documents that were erased when it was asked. Beside the charter of now those hold that it
    `began_with`.
    """

    id: str
    question: str
    scope: Scope
    ask: Asker | None = None
    aloud: bool = False
    before: frozenset[str]
    speaker: Speaker = NOBODY
    earlier: tuple[Exchange, ...] = ()
    told: Told = ANSWER
    reads: bool = False
    began_with: Sequence[Charter] = ()


def _made(opened: Opened, search: HybridSearch, request: _Request) -> tuple[Run, Deps, Oversight]:
    """What a run is made of. One that leaves no record is given only tools that read."""
    request = replace(request, reads=request.reads or opened.unrecorded is not None)
    principal = request.speaker.principal
    live = Live(opened.settings.agent.charter)
    charters = tuple({each.digest: each for each in (live(), *request.began_with)}.values())
    attached = opened.attached if opened.settings.has_model else NONE  # who quotes the sources calls no tool
    known = [*opened.plugins.tools, *attached.tools]
    _warn(opened.settings, charters[0], known, attached)
    kept = keeping(opened.settings.redact, opened.plugins.detector, charters, principal, known)
    within = search.within(seen(charters, principal, request.scope))
    if request.earlier:
        request = replace(request, earlier=in_sight(request.earlier, within, search.within(EVERYTHING)))
    over = _overseen(opened, request)
    deps = _worked_with(opened, search, request, kept, charters, known)
    deps = replace(deps, live=live, had=over.journal.had, asked=partial(_latest, over.journal))
    release = {
        **_release(opened, search, deps, over.journal),
        **(kept.release if opened.settings.has_model else {}),
        **({"mcp": dict(attached.told)} if attached.told else {}),
    }
    return _bounded(opened.settings, request, charters, release), deps, over


def _warn(settings: Settings, charter: Charter, known: Sequence[Tool], attached: Attached) -> None:
    """Says what of settings and charter is without effect, and which servers of tools are not there."""
    for problem in unknown_names(charter, known):
        log.warning("%s.", problem)
    for server, fault in attached.failures:
        log.warning("%s: %s", server, fault)
    for name in _by_model(settings) if not settings.has_model else ():
        log.warning('[agent] %s = "model" is ignored, as no model is set: set one, or take the line out.', name)


def _by_model(settings: Settings) -> list[str]:
    """What a model shall do that rules do else."""
    return [name for name in ("evidence", "plan") if getattr(settings.agent, name) == "model"]


def _overseen(opened: Opened, request: _Request) -> Oversight:
    """What watches over it."""
    return Oversight(
        journal=Unrecorded() if opened.unrecorded is not None else opened.journal,
        erased=opened.home.erased.names,
        before=request.before,
        cost=opened.settings.cost,
        rests_on=rests_on(request.earlier) if opened.settings.has_model else frozenset(),
        forgotten=lambda which: opened.journal.forgotten(which),
    )


def _worked_with(
    opened: Opened,
    search: HybridSearch,
    request: _Request,
    kept: Keeping,
    charters: tuple[Charter, ...],
    known: Sequence[Tool],
) -> Deps:
    """What its steps work with, but for what is of the journal and of the moment."""
    settings, principal = opened.settings, request.speaker.principal
    speaks, by_model = settings.has_model, _by_model(settings)
    scope = seen(charters, principal, request.scope)
    within = search.within(scope)
    barred = tuple(tool for tool in known if is_barred(charters, tool, principal))
    offered = [tool for tool in known if tool not in barred and (not request.reads or tool.effect == "read")]
    quick = fast(settings, opened.findings)

    def briefly(told: Told) -> Model:
        return kept.model(brief(settings, told, opened.findings))

    def planner() -> Planner:
        return kept.planner(brief(settings, findings=opened.findings))

    return Deps(
        search=within,
        texts=within,
        model=kept.model(choose(settings, search, opened.findings, request.told)),
        observers=opened.plugins,
        tools=with_finder(offered),
        charters=charters,
        barred=barred,
        near=partial(_near, search),
        encode=partial(_encoded, search),
        personal=partial(_personal, told=settings.redact, plugins=opened.plugins),
        recall=partial(opened.recall, principal=principal, within=scope.within)
        if principal in settings.memory.principals and not request.reads
        else None,
        secrets=secrets_of(settings, charters),
        ask=request.ask,
        passages=settings.agent.passages,
        withhold=search.calibration.withhold if search.calibration else 0.0,
        document=search.version.document,
        breakers=opened.plugins.breakers,
        cost=settings.cost,
        fast=kept.model(quick) if quick else None,
        rewriter=partial(briefly, REWRITE) if speaks else None,
        weigher=partial(briefly, WEIGH) if speaks and "evidence" in by_model else None,
        seen=lambda held: (narrow := search.within(seen(held, principal, request.scope)), narrow),
        keeps=lambda held: not speaks or kept.covers(held, principal, known),
        planner=planner if speaks and "plan" in by_model else None,
        compactor=partial(briefly, COMPACT) if speaks and settings.agent.fast else None,
    )


def _release(opened: Opened, search: HybridSearch, deps: Deps, journal: Recorder) -> dict[str, Any]:
    """What answers, by names and digests: index, prompt, models, charter, plugins, tools."""
    settings, by_model = opened.settings.agent, _by_model(opened.settings)
    name = deps.model.name
    return {
        "index_version": search.version.id,
        "fingerprint": search.version.manifest.fingerprint,
        "prompt": PROMPT_HASH,
        "model": name,
        "routes": {"fast": settings.fast or name, "strong": name} if deps.model.uses_tools else None,
        "effort": settings.effort,
        "charter": journal.keep(deps.charters[0].written),
        "evidence": search.calibration.digest if search.calibration else None,
        "reranker": opened.settings.retrieval.reranker,
        "plugins": {plugin.name: plugin.version for plugin in opened.plugins.plugins},
        "tools": journal.keep(canonical({"tools": specs_of(deps.tools)})),
        "max_turns": _bounds(opened.settings, deps.charters).steps,
        "max_tokens": settings.max_tokens,
        **({"by_model": by_model} if opened.settings.has_model and by_model else {}),
    }


def _bounds(settings: Settings, charters: Sequence[Charter]) -> Bounds:
    """What a run may take, by the settings and by every charter."""
    agent = settings.agent
    return bounded_by(Bounds(agent.max_turns, agent.deadline, agent.budget_tokens, agent.budget_cost), charters)


def _bounded(settings: Settings, request: _Request, charters: Sequence[Charter], release: Mapping[str, Any]) -> Run:
    """The run itself, with what it may take."""
    may, speaks, speaker = _bounds(settings, charters), settings.has_model, request.speaker
    return Run(
        *(request.id, request.question, seen(charters, speaker.principal, request.scope), release),
        max_turns=may.steps,
        deadline=may.seconds,
        aloud=request.aloud,
        budget_tokens=may.tokens if speaks else None,
        budget_cost=may.cost if speaks else None,
        claims=to_begin(charters, speaker.principal),
        principal=speaker.principal,
        account=speaker.account,
        conversation=speaker.conversation,
        earlier=request.earlier,
    )


def secrets_of(settings: Settings, charters: Sequence[Charter]) -> tuple[str, ...]:
    """The keys and passwords that the settings and the routes of charters give to Citewell."""
    names = {WEBHOOK_SECRET, *(way.secret for each in charters for way in each.routes.values() if way.secret)}
    passed = [name for each in settings.mcp.values() for name in (*each.env, each.key_variable) if name]
    names |= {name for name in passed if _SECRET.search(name)}
    url = urlsplit(settings.database_url or "")
    own = (settings.api_key, settings.qdrant.api_key, settings.mail_password, url.password)
    return tuple(dict.fromkeys(filter(None, (*own, *passed_on(names).values()))))


def _encoded(search: HybridSearch, texts: Sequence[str]) -> Vectors:
    """Unit vectors of questions and sentences, as the index has them of documents."""
    return search.encoder.encode_queries(texts, as_documents=True, export=search.version.manifest.query_model)


def _near(search: HybridSearch, question: str, others: Sequence[str]) -> float:
    """The cosine of a question and the nearest of others."""
    import numpy as np

    vectors = search.encoder.encode_queries([question, *others], export=search.version.manifest.query_model)
    lengths = np.linalg.norm(vectors, axis=1)
    cosines = vectors[1:] @ vectors[0] / (lengths[1:] * lengths[0])
    return float(cosines.max(initial=-1.0))


def _latest(journal: Recorder) -> list[str]:
    """The latest questions that were asked of anybody's runs."""
    return [each.question for each in journal.runs(limit=_LATEST)] if isinstance(journal, Journal) else []


def answer_of(opened: Opened, run: Run, deps: Deps, over: Oversight, end: End) -> Answer:
    """What is told of a run at its end."""
    version = str(run.release["index_version"])
    understood = _understood(opened.journal, run) if run.earlier else None
    question = understood or run.question
    return answer(
        None if isinstance(over.journal, Unrecorded) else run.id,
        end,
        tested=opened.tested(version),
        index_version=version,
        model=deps.model.name,
        cost=opened.settings.cost(used(end)),
        near=nearest(evidence_of(end), question) if isinstance(end, AwaitingApproval) else (),  # else it is a case's
        unread=_unread(opened.home, replace(run, question=question), end, version),
        around=partial(_around, documents={}, deps=deps),
        conversation=run.conversation,
        understood=understood if understood != run.question else None,
        remembered=_remembered(opened.journal, run) if deps.recall is not None else (),
    )


def _personal(text: str, told: RedactSettings, plugins: Plugins) -> tuple[str, ...]:
    """Which kinds of personal data stand in a text, be they kept from the model or not."""
    return detectors(told, plugins.detector).kinds(text)


def _remembered(journal: Journal, run: Run) -> tuple[Recollection, ...]:
    """What a run was told of who asked, by its journal."""
    found = journal.several([run.id])
    told = next((each.content for each in (found[0] if found else ()) if each.kind == "recalled"), {})
    return tuple(Recollection(**each) for each in told.get("memories") or ())


def _understood(journal: Journal, run: Run) -> str | None:
    """What a follow-up was taken to ask, by its journal."""
    found = journal.several([run.id])
    turn = exchange(found[0]) if found else None
    return turn.understood if turn else None


def _around(citation: Citation, documents: dict[str, Document | None], deps: Deps) -> Context:
    """What stands around a quote; several may be of one document, which is read once."""
    name = citation.document
    if citation.kind == "document" and name not in documents:
        try:
            documents[name] = deps.document(name)
        except CitewellError as error:  # so the quote stands alone, which takes nothing from the answer
            log.warning("What stands around a quote of %s cannot be told: %s", name, error)
            documents[name] = None
    return context_of(citation, documents.get(name) if citation.kind == "document" else None)


def _unread(home: Home, run: Run, end: End, version: str) -> tuple[tuple[Unread, ...], int]:
    """What may say what the documents that were read do not, and how much was not read; of an abstention alone."""
    if not isinstance(end, Abstained):
        return (), 0
    try:
        near = [each.document for each in end.nearest]
        return unread(home, run.question, near, version=version, scope=run.scope)
    except CitewellError as error:  # what was not read cannot be told, which takes nothing from the answer
        log.warning("What could not be read cannot be told: %s", error)
        return (), 0
