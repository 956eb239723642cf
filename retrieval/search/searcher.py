"""How are the versions of a home opened and searched, with the settings in force?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from retrieval.parts import Calibration, Encoder
from retrieval.search.settings import SearchSettings
from retrieval.versions.home import Home

if TYPE_CHECKING:  # the export opens while what searches is imported
    from retrieval.search.hybrid import HybridSearch
    from retrieval.search.rerank import Reranker
    from retrieval.versions.version import IndexVersion


def _nothing(_: str | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Searcher:
    """Opens versions of a home, and searches them.

    `calibration` says, by a version's id, how likely its hits are to be relevant; None where that is not known.
    `prepare` opens what encodes questions, by the export that the version names.
    """

    home: Home
    encoder: Encoder
    settings: SearchSettings = field(default_factory=SearchSettings)
    reranker: Reranker | None = None
    calibration: Callable[[str], Calibration | None] = _nothing
    prepare: Callable[[str | None], None] = _nothing

    @property
    def plain(self) -> Searcher:
        """The same without probabilities: whoever measures takes nothing for known that is to be found out."""
        return replace(self, calibration=_nothing)

    def open(self, id: str | None = None, *, asked: bool = False) -> IndexVersion:
        """A version, the live one where none is named; whoever opens it closes it. Raises `NoIndex`.

        Where it is `asked` next, what encodes questions is opened at the same time.
        """
        prepare = self.prepare if asked else _nothing
        return self.home.open(id, encoder=self.encoder, on_manifest=lambda it: prepare(it.query_model))

    def search(self, version: IndexVersion) -> HybridSearch:
        """The search of an opened version."""
        from retrieval.search.hybrid import HybridSearch

        return HybridSearch(version, self.encoder, self.settings, self.reranker, self.calibration(version.id))
