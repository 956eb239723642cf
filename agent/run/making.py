"""How is a run of a home made, and an answer of its end? Of what the home holds, as its settings say."""

from __future__ import annotations

import logging
from functools import partial
from typing import ClassVar, Protocol

from agent.answer import Answer, Unread, answer
from agent.evidence.context import context_of
from agent.evidence.unread import unread
from agent.governance.charter import load_charter, unknown_names
from agent.journal.journal import Journal
from agent.journal.record import Unrecorded
from agent.models.capabilities import Findings
from agent.models.choose import choose
from agent.models.prompt import PROMPT_HASH
from agent.run.deps import Asker, Deps, Oversight, Run
from agent.run.offering import with_finder
from agent.settings import Settings
from agent.state import Abstained, Citation, Context, End
from ingest.errors import CitewellError
from ingest.model import Document
from plugins.manager import Plugins
from retrieval.model import Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Home

log = logging.getLogger(__name__)


class NotRecorded(CitewellError):
    """A run under a charter would leave no record."""

    code: ClassVar[str] = "not_recorded"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


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
    def findings(self) -> Findings: ...

    def hybrid_search(self) -> HybridSearch:
        """The search of the live version."""
        ...

    def tested(self, id: str) -> str | None:
        """The status of a version's verdict."""
        ...


def make_run(
    opened: Opened, question: str, scope: Scope, ask: Asker | None, id: str, *, aloud: bool
) -> tuple[Run, Deps, Oversight]:
    """A run and what it works with; all of it is looked for on disk, so it may not be waited for on a loop.

    Raises `NotRecorded`, and what opening a version, a charter or a journal raises.
    """
    settings, unrecorded = opened.settings.agent, opened.unrecorded
    if unrecorded is not None and settings.charter is not None:
        raise NotRecorded(
            f"The charter {settings.charter} is in force, and no run could be recorded under it: {unrecorded}."
        )
    if unrecorded is not None:
        log.warning("This run is not recorded: %s.", unrecorded)
    search, plugins = opened.hybrid_search(), opened.plugins
    charter = load_charter(settings.charter)
    for problem in unknown_names(charter, plugins.tools):
        log.warning("%s", problem)
    model = choose(opened.settings, search, opened.findings)
    within = search.within(scope)
    release = {
        "index_version": search.version.id,
        "fingerprint": search.version.manifest.fingerprint,
        "prompt": PROMPT_HASH,
        "model": model.name,
        "charter": charter.digest,
        "evidence": search.calibration.digest if search.calibration else None,
        "reranker": opened.settings.retrieval.reranker,
        "plugins": {plugin.name: plugin.version for plugin in plugins.plugins},
    }
    deps = Deps(
        search=within,
        texts=within,
        model=model,
        observers=plugins,
        tools=with_finder([tool for tool in plugins.tools if unrecorded is None or tool.effect == "read"]),
        charter=charter,
        ask=ask,
        passages=settings.passages,
        withhold=search.calibration.withhold if search.calibration else 0.0,
        document=search.version.document,
        breakers=plugins.breakers,
    )
    over = Oversight(
        journal=Unrecorded() if unrecorded is not None else opened.journal,
        erased=opened.home.erased.names,
        before=opened.home.erased.names(),
        cost=opened.settings.cost,
    )
    return Run(id, question, scope, release, settings.max_turns, settings.deadline, aloud=aloud), deps, over


def answer_of(opened: Opened, run: Run, deps: Deps, over: Oversight, end: End) -> Answer:
    """What is told of a run at its end."""
    version = str(run.release["index_version"])
    return answer(
        None if isinstance(over.journal, Unrecorded) else run.id,
        end,
        tested=opened.tested(version),
        index_version=version,
        model=deps.model.name,
        cost=opened.settings.cost(end.usage),
        unread=_unread(opened.home, run, end, version),
        around=partial(_around, documents={}, deps=deps),
    )


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
