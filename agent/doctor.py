"""Is everything here that an answer needs? One check after another; what is not well ends with what to do.

A check is one function: it gives what it found in a sentence, or raises a `CitewellError`. To add one, write it and
name it in `CHECKS`.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import ClassVar

from agent.models import nearby
from agent.models.choose import speaker
from agent.models.model import ModelFailed
from agent.settings import Settings, set_by
from agent.wire import Citewell
from ingest.model import CitewellError
from retrieval.index import NoIndex
from retrieval.manifest import Manifest

PATIENCE = 60.0
"""How many seconds a model's server may take to say something."""

_SHOWN = ("anthropic", "sentence-transformers", "torch", "onnxruntime", "qdrant-edge-py", "llama-index-core", "fastapi")
_SHAPES = {"native": "search results, which its model cites", "numbered": "numbered text, which every server takes"}


class Unwell(CitewellError):
    """Something is not as it should be."""

    code: ClassVar[str] = "unwell"


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
    model = citewell.encoder.identity  # reads the weights, and raises where they are not the published ones
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

    async def examined() -> str:
        try:
            finding = await asked.examine(min(PATIENCE, told.agent.deadline))
        finally:
            await asked.aclose()
        return f"{asked.name} at {asked.where} answers; passages go to it as {_SHAPES[finding.shape]}: {finding.how}"

    try:
        return asyncio.run(examined())
    except ModelFailed as error:
        named = nearby.described([each for each in nearby.servers() if each.address != asked.where])
        raise Unwell(f"{error} ({named})" if named and "No connection" in str(error) else str(error)) from error


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
    return f"version {live} ({verdict}): {held}, every file as it was built"


CHECKS: Mapping[str, Callable[[Citewell], str]] = {
    "installation": installation,
    "settings": settings,
    "model": model,
    "index": index,
}


def examine(load: Callable[[], Settings], checks: Mapping[str, Callable[[Citewell], str]] = CHECKS) -> Sequence[Check]:
    """What each check found; where the settings themselves are at fault the others are made under the defaults."""
    fault = None
    try:
        told = load()
    except CitewellError as error:
        fault, told = str(error), Settings.model_validate({})
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
