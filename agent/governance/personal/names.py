"""Which of the names on somebody's own list stand in a text?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from agent.governance.personal.finding import Detect, Span
from ingest.access import explained
from ingest.errors import CitewellError


class NoNames(CitewellError):
    """The list of names cannot be read, and without it nothing may be taken for free of names."""

    code: ClassVar[str] = "no_names"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


def read_names(path: Path | None) -> tuple[str, ...]:
    """The names of a list, one a line; what begins with # is none. Raises `NoNames`."""
    if path is None:
        return ()
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as fault:
        raise NoNames(f"The names of [redact] cannot be read: {explained(fault, of=path)}") from None
    except UnicodeDecodeError:
        raise NoNames(f"{path}, the names of [redact], is not UTF-8 text: save it as UTF-8.") from None
    return tuple(dict.fromkeys(name for line in lines if (name := " ".join(line.split())) and not name.startswith("#")))


def listed(names: tuple[str, ...]) -> Detect:
    """What finds these names: whole, in any case; one that is a single word as it is written, or in capitals."""
    several = [name for name in names if " " in name]
    single = [form for name in names if " " not in name for form in (name, name.upper())]
    patterns = [_any_of(several, re.IGNORECASE), _any_of(single, re.NOFLAG)]

    def found(text: str) -> Iterator[Span]:
        for pattern in patterns:
            yield from (each.span() for each in pattern.finditer(text)) if pattern else ()

    return found


def _any_of(names: list[str], flags: re.RegexFlag) -> re.Pattern[str] | None:
    if not names:
        return None
    longest = sorted(names, key=len, reverse=True)
    said = "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest)
    return re.compile(rf"(?<!\w)(?:{said})(?!\w)", flags)
