"""Which documents does a model mean? What it may say to narrow a search, a list or a count."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from plugins.tool import ToolContext, ToolError
from retrieval.filters import BadFilter, conditions
from retrieval.model import Listed, Scope
from retrieval.versions.ranges import BadRange

# Told in few words: they stand in several tools, and a model reads them in every turn
Labels = Annotated[list[str], Field(description="Only what carries all of these.")]
Filters = Annotated[
    list[str],
    Field(description="Metadata: KEY=VALUE, for dates and numbers also KEY>=VALUE, >, <= or <."),
]
Folder = Annotated[str, Field(description="Only what lies in it.")]

MOST = 100
"""How many keys of metadata, or values, are named at most."""


def scope_of(labels: list[str], filters: list[str]) -> Scope:
    """The scope that these ask for, to be applied within the run's."""
    try:
        return Scope(frozenset(labels), conditions(filters))
    except BadFilter as fault:
        raise ToolError(f"A filter {fault}") from None


def documents(context: ToolContext, labels: list[str], filters: list[str], folder: str) -> list[Listed]:
    """The documents that are meant; all that the run may see, where nothing narrows them."""
    beginning = folder.rstrip("/")
    try:
        found = context.version.documents(scope_of(labels, filters))
    except BadRange as fault:
        raise ToolError(str(fault)) from None
    return [each for each in found if not beginning or f"{each.name}/".startswith(f"{beginning}/")]


def keys(found: list[Listed]) -> list[str]:
    """The keys of metadata that these have."""
    return sorted({key for each in found for key in each.metadata})[:MOST]
