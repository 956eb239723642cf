"""Is everything here that an answer needs? One check after another; what is not well ends with what to do.

A check is one function: it gives what it found in a sentence, or raises a `CitewellError`. To add one, write it and
name it in `CHECKS`.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import ClassVar

from agent.governance.reading import load_charter, unknown_names
from agent.journal.cases import Notice
from agent.models import nearby
from agent.models.capabilities import Finding
from agent.models.choose import speaker
from agent.models.model import ModelFailed
from agent.models.names import is_same, short_name
from agent.settings import Settings, set_by
from agent.wire import Citewell
from eval.gold.load import load_gold
from ingest.access import check_home, may, obstacle
from ingest.errors import CitewellError
from retrieval.versions.home import NoIndex
from retrieval.versions.manifest import Manifest

PATIENCE = 60.0
"""How many seconds a model's server may take to say something."""

_SHOWN = ("anthropic", "sentence-transformers", "torch", "onnxruntime", "qdrant-edge-py", "llama-index-core", "fastapi")
_SHAPES = {"native": "search results, which its model cites", "numbered": "numbered text, which every server takes"}


class Unwell(CitewellError):
    """Something is not as it should be."""

    code: ClassVar[str] = "unwell"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    name: str
    ok: bool
    detail: str


def installation(citewell: Citewell) -> str:
    """Whether each library is there in a version that will do, and the encoder's weights are those they should be."""
    from packaging.requirements import Requirement

    wrong = []
    for requirement in map(Requirement, metadata.requires("citewell") or ()):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = "not installed"
        if found == "not installed" or not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} is {found}, {requirement.specifier or 'any version'} is needed")
    if wrong:
        raise Unwell(f"{'; '.join(wrong)}: install Citewell again into an environment of its own.")
    model = citewell.encoder.check()
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _SHOWN)
    return (
        f"Citewell {metadata.version('citewell')}, Python {platform.python_version()}, {versions}; the weights of "
        f"{model.model} fit ({model.weights[:12]}…)"
    )


def settings(citewell: Citewell) -> str:
    """Which file sets what; keys are never shown."""
    file, names, variables, unknown = set_by()
    told = [f"{file} sets {', '.join(names) or 'nothing'}" if file else "there is no citewell.toml here or above"]
    told += [f"the environment sets {', '.join(variables)}"] if variables else []
    told += [f"{', '.join(unknown)} in the environment is no setting"] if unknown else []
    return "; ".join([*told, f"the home is {citewell.settings.home}"])


def model(citewell: Citewell) -> str:
    """Whether the model answers, and in which shape it takes passages; or which servers near by could be asked."""
    told = citewell.settings
    if not told.has_model:
        named = nearby.described(nearby.servers())
        how = "set ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL for a server of your own"
        return f"no model is set, so answers quote the sources; for one {how}{f' ({named})' if named else ''}"
    asked = speaker(told, findings=citewell.findings)

    async def examined() -> Finding:
        try:
            return await asked.examine(min(PATIENCE, told.agent.deadline))
        finally:
            await asked.aclose()

    try:
        finding = asyncio.run(examined())
    except ModelFailed as error:
        named = nearby.described([each for each in nearby.servers() if each.address != asked.where])
        raise Unwell(f"{error} ({named})" if named and "No connection" in str(error) else str(error)) from error
    able = (
        f"it takes tools, and citations come by {_SHAPES[finding.shape]} ({finding.how}; this is the shape in which "
        "passages go to it)"
    )
    if asked.served is not None and not is_same(asked.name, asked.served):
        raise Unwell(
            f"{asked.where} answers with the model {short_name(asked.served)}, not with {asked.name}, which was asked; "
            f"{able}: set [agent] model, or CITEWELL_AGENT_MODEL, to the one that you mean."
        )
    return f"{asked.name} at {asked.where} answers; {able}"


def home(citewell: Citewell) -> str:
    """Whether this user may read the home and write to it."""
    path = citewell.home.path
    check_home(path)
    for place in (path, path / "journal.sqlite", citewell.home.versions_folder):
        if (barred := obstacle(place, "write") if not may(place, "write") else None) is not None:
            what = "search and ask work and leave no record, ingest and delete refuse" if path.is_dir() else "no ingest"
            raise Unwell(f"{path} may not be written ({what}): {barred}, or name another --home.")
    return f"{path} may be read and written" if path.is_dir() else f"{path} is not there yet; citewell ingest makes it"


def gold(citewell: Citewell) -> str:
    """Whether what new versions are to be tested against can be read, and its floors be meant."""
    gate = citewell.gate  # raises where a floor cannot be
    if gate.gold is None:
        return "no gold is set ([eval] gold), so new versions are tested for being alive, and for nothing else"
    queries = load_gold(gate.gold).queries
    floors = "" if any(gate.floors.limits) else "; no floors are set"
    return f"{gate.gold} holds {len(queries)} quer{'y' if len(queries) == 1 else 'ies'}{floors}"


def plugins(citewell: Citewell) -> str:
    """Whether every plugin that is installed can be used, and the charter names tools that are there."""
    found = citewell.plugins
    charter = citewell.settings.agent.charter
    attached = citewell.attached
    wrong = [f"{failure.plugin}: {failure.error}" for failure in found.failures]
    wrong += [f"{server}: {fault}" for server, fault in attached.failures]
    wrong += unknown_names(load_charter(charter), [*found.tools, *attached.tools])
    if wrong:
        raise Unwell(f"{'; '.join(wrong)}.")
    tools = f"{len(found.plugins)} plugins with {len(found.tools)} tools can be used"
    if servers := citewell.settings.mcp:
        tools += f", and {len(attached.tools)} tools of {len(servers)} MCP servers"
    return f"{tools}; {charter or 'no charter'} is in force"


def index(citewell: Citewell) -> str:
    """Whether every file of the live version is as it was written, and its parts answer as they did then."""
    live = citewell.home.live()
    if live is None:
        raise NoIndex(f"There is no index in {citewell.home.path} yet; build one with citewell ingest PATH.")
    folder = citewell.home.folder(live)
    manifest = Manifest.read(folder)
    manifest.check_files(folder, whatever_size=True)
    citewell.version()
    verdict = citewell.tested(live) or "not tested"
    held = f"{manifest.documents} documents, {manifest.chunks} chunks"
    due = "; an older Citewell read its texts: run citewell index rebuild" if citewell.home.rebuild_due(live) else ""
    return f"version {live} ({verdict}): {held}, every file as it was built{due}"


def charter(citewell: Citewell) -> str:
    """Whether a charter can be enforced as it is written, somebody signed it as it is, and its review is not past."""
    path = citewell.settings.agent.charter
    if path is None:
        return "none: tools that read run, and all others ask; citewell charter init writes one"
    if doubts := citewell.doubts():
        raise Unwell(f"Of {path}: {'; '.join(each.told for each in doubts)}.")
    return f"{path}, signed as it is"


def deliveries(citewell: Citewell) -> str:
    """Whether everybody was told of the cases of their routes."""
    path = citewell.settings.agent.charter
    if path is None or not citewell.home.path.is_dir():
        return "no charter has routes by which anybody is told of a case"
    routes, now = load_charter(path).routes, datetime.now(UTC)
    late = (now - timedelta(hours=1)).isoformat()

    def is_owed(each: Notice) -> bool:
        way = routes.get(each.route)
        has_it = way is None or (way.webhook if each.channel == "webhook" else way.mail)
        return bool(has_it) and (each.status == "given up" or each.at < late)

    if owed := [each for each in citewell.journal.to_be_told(now, anyway=True) if is_owed(each)]:
        told = [f"{each.case}, {each.route} by {each.channel}: {each.said or each.status}" for each in owed[:3]]
        raise Unwell(
            f"{len(owed)} times nobody was told of a case ({'; '.join(told)}{'; …' if len(owed) > 3 else ''}): mend "
            "that, then run citewell escalations deliver --again."
        )
    return "everybody was told of the cases of their routes"


CHECKS: Mapping[str, Callable[[Citewell], str]] = {
    "installation": installation,
    "settings": settings,
    "home": home,
    "gold": gold,
    "plugins": plugins,
    "charter": charter,
    "deliveries": deliveries,
    "model": model,
    "index": index,
}


def examine(load: Callable[[], Settings], checks: Mapping[str, Callable[[Citewell], str]] = CHECKS) -> Sequence[Check]:
    """What each check found; where the settings themselves are at fault the others are made under the defaults."""
    fault = None
    try:
        told = load()
    except CitewellError as error:
        fault, told = str(error), Settings()
    citewell = Citewell(told)
    try:
        return [
            Check(name, False, fault) if fault and name == "settings" else _made(name, check, citewell)
            for name, check in checks.items()
        ]
    finally:
        citewell.close()


def _made(name: str, check: Callable[[Citewell], str], citewell: Citewell) -> Check:
    try:
        return Check(name, True, check(citewell))
    except CitewellError as error:
        return Check(name, False, str(error))
    except OSError as error:
        return Check(name, False, f"{error}; check the disk and the permissions, then try again.")
