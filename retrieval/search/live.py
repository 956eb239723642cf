"""Which version is searched now? The live one, which is opened once and followed when another takes its place."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from ingest.errors import CitewellError
from retrieval.search.searcher import Searcher

if TYPE_CHECKING:
    from retrieval.versions.version import IndexVersion

log = logging.getLogger(__name__)


class Live:
    """The live version of a home, open as long as it is live; threads may share it."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._opening = threading.Lock()
        self._open: IndexVersion | None = None

    def version(self, *, asked: bool = False) -> IndexVersion:
        """The live version, opened; a newer one takes its place as soon as it is published. Raises `NoIndex`.

        Where it is `asked` next, what encodes questions is opened at the same time.
        """
        with self._opening:
            if self._open is None or not self._searcher.home.is_current(self._open):
                # The one before is left to the runs that still read it, and goes with the last of them.
                self._open = self._searcher.open(asked=asked)
            return self._open

    def let_go(self) -> None:
        """The version is opened anew when it is next asked for: its files are about to go."""
        with self._opening:
            self._open = None

    def warm(self) -> None:
        """Loads now what the first question would wait for: the version and the encoder."""
        self._searcher.encoder.encode_query("ready", self.version(asked=True).manifest.query_model)

    def keep_up(self, first: Callable[[], object], every: float) -> NoReturn:
        """Takes up what is published, and lets go of what was erased, also while nobody asks; in a thread of its own.

        `first` is done at once, and `every` so many seconds the version is looked at. One that cannot be opened is left
        to whoever asks next; whatever else goes wrong may be over the next time.
        """
        step, told = first, ""
        while True:
            try:
                step()
                told = ""
            except CitewellError:
                pass
            except Exception as fault:  # noqa: BLE001 - a disk that does not answer once must not end this for good
                if told != (told := f"{type(fault).__name__}: {fault}"):
                    log.warning("Looking for a newer version failed (%s); it is tried again every few seconds.", told)
            step = self._take_up
            time.sleep(every)

    def close(self) -> None:
        """Releases its files."""
        if self._open is not None:
            self._open.close()

    def _take_up(self) -> None:
        if (opened := self._open) is not None and not self._searcher.home.is_current(opened):
            del opened
            self.version()
