"""What must an index reach before it is served? Told once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

from annotated_types import Ge, Le

MAX_DROP = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalSettings:
    """The table `[eval]` of `citewell.toml`."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    gold: Path | None = None  # a gold file or BEIR folder that each new version must answer
    floors: dict[str, float] = field(default_factory=dict)  # the least that metrics must reach, by name
    ceilings: dict[str, float] = field(default_factory=dict)  # the most that what went wrong may reach, by name
    # Both for the queries of a tag alone: by tag, then by name
    tag_floors: dict[str, dict[str, float]] = field(default_factory=dict)
    tag_ceilings: dict[str, dict[str, float]] = field(default_factory=dict)
    ask: Annotated[int, Ge(0)] | None = (
        None  # of the questions whose answers gold knows, how many the gate asks at most
    )
    metrics: tuple[str, ...] = ()  # measures of a ranking that plugins bring, by name
    # How far nDCG@10 or Recall@100 may fall below the live version's
    max_drop: Annotated[float, Ge(0), Le(1)] = MAX_DROP
