"""Which tools come with Citewell? They are offered as any plugin offers its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pluggy

from plugins.builtin.calculate import calculate
from plugins.builtin.documents import read_around, search_documents
from plugins.builtin.listing import count_documents, describe_document, list_documents
from plugins.builtin.people import hand_over


@pluggy.HookimplMarker("citewell")
def citewell_tools() -> list[Callable[..., Any]]:
    """To look into the documents, to list and count them, to calculate, and to ask a person."""
    return [
        search_documents,
        read_around,
        list_documents,
        describe_document,
        count_documents,
        calculate,
        hand_over,
    ]
