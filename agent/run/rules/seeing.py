"""Which labels keep what a run holds from whoever may not see it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from agent.journal.journal import Journal
from agent.memory.collection import all_of
from agent.memory.conversation import Exchange
from agent.state import State, evidence_of, think_of
from retrieval.model import Scope


class Labelled(Protocol):
    """What carries labels: a document."""

    @property
    def labels(self) -> frozenset[str]: ...


def labels_of(scope: Scope, documents: Iterable[str], document: Callable[[str], Labelled | None]) -> frozenset[str]:
    """Those of what a run in that scope may have seen, and of the documents that it found."""
    theirs = (each.labels for each in map(document, documents) if each is not None)
    return scope.labels.union(scope.within or (), *theirs)


def labels_held(
    state: State,
    scope: Scope,
    earlier: Iterable[Exchange],
    document: Callable[[str], Labelled | None],
    journal: Journal,
) -> frozenset[str]:
    """Those of all that a run holds in a state, with what was said before it and what it was told is remembered."""
    think = think_of(state)
    documents = {each.document for each in evidence_of(state) if each.kind == "document"}
    documents = documents.union(*((*each.documents, *(each.read or ())) for each in earlier))
    told = {each.id for each in (think.recalled if think else None) or ()}
    remembered = [each.labels for each in all_of(journal) if each.id in told] if told else []
    return labels_of(scope, documents, document).union(*remembered)
