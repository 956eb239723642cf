"""Which tools come with Citewell? They are offered as any plugin offers its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pluggy

from plugins.builtin.documents import read_around, search_documents


@pluggy.HookimplMarker("citewell")
def citewell_tools() -> list[Callable[..., Any]]:
    """Search, and reading on where a passage was cut off."""
    return [search_documents, read_around]
