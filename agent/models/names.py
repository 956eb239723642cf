"""Are two names those of one model, and how is a name shown?"""

from __future__ import annotations

import re
import textwrap


def is_same(asked: str, served: str) -> bool:
    """Whether two names can be those of one model: a name with its date, its folder, `.gguf` or `:latest` beside it."""
    one, other = sorted((_bare(asked), _bare(served)), key=len)
    return re.fullmatch(rf"{re.escape(one)}(?:[-@]\d{{6,8}})?", other) is not None


def short_name(served: str) -> str:
    """A model as its server named it, which may be a whole path, on a line."""
    return textwrap.shorten(re.split(r"[/\\]", served)[-1], 80, placeholder="…")


def _bare(name: str) -> str:
    name = re.split(r"[/\\]", name.strip().casefold())[-1]
    return re.sub(r"(?:\.gguf|[:-]latest)$", "", name)
