"""How well does a passage answer a question, both read together? What a cross-encoder says of the first hits."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import CitewellError

_ROWS = 16


class NoReranker(CitewellError):
    """The reranking model could not be loaded, or does not give one number for a passage."""

    code: ClassVar[str] = "no_reranker"
    http_status: ClassVar[int] = 500


class Reranker(Protocol):
    """Anything that scores passages for a question by reading them."""

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """A finite number for each passage, higher is better; the same for the same question and passages."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder by name or folder, loaded with the first question. Threads may share it."""

    def __init__(self, model: str) -> None:
        self.model = model
        self._using = threading.Lock()
        self._loaded: Any = None

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """Raises `NoReranker`. Passages are read in one order, whatever theirs is: bits depend on the batch."""
        if not passages:
            return []
        order = sorted(set(passages))
        with self._using:
            model = self._model()
            found = np.asarray(
                model.predict([(query, text) for text in order], batch_size=_ROWS, show_progress_bar=False)
            )
        if found.shape != (len(order),):
            raise NoReranker(
                f"The reranker {self.model!r} gives {found.shape[-1]} numbers for a passage; set [retrieval] reranker "
                "to a cross-encoder with one output."
            )
        if not np.isfinite(found).all():
            raise NoReranker(
                f"The reranker {self.model!r} gave a score that is no number; set [retrieval] reranker to another."
            )
        by_text = dict(zip(order, map(float, found), strict=True))
        return [by_text[text] for text in passages]

    def _model(self) -> Any:
        if self._loaded is None:
            from sentence_transformers import CrossEncoder
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped in transformers
            logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # likewise
            folder = Path(self.model).expanduser()
            try:
                self._loaded = CrossEncoder(
                    str(folder) if folder.is_dir() else self.model,
                    device="cpu",
                    local_files_only=folder.is_dir(),
                    model_kwargs={"dtype": "float32"},
                )
            except Exception as error:
                what = "cannot be loaded" if folder.is_dir() else "is neither a folder nor on the hub"
                raise NoReranker(
                    f"The reranker {self.model!r} {what} ({error}); correct [retrieval] reranker, or remove it."
                ) from error
        return self._loaded


class ForeignReranker:
    """A reranker by the name that its plugin gives it, made with the first question. Threads may share it.

    `find` gives the plugin, and what makes something with `scores(query, passages)`.
    """

    def __init__(self, name: str, find: Callable[[], tuple[str, Callable[[], Any]]]) -> None:
        self.name = name
        self._find = find
        self._using = threading.Lock()
        self._made: tuple[str, Any] | None = None

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """Raises `NoReranker` where it fails, or does not give a finite number for each passage."""
        if not passages:
            return []
        plugin = "its plugin"
        try:
            with self._using:
                if self._made is None:
                    plugin, make = self._find()
                    self._made = plugin, make()
                plugin, made = self._made
                found = [float(score) for score in made.scores(query, list(passages))]
        except CitewellError:
            raise
        except Exception as fault:
            raise NoReranker(
                f"The reranker {self.name} of {plugin} failed ({fault!r:.300}): mend the plugin, or remove "
                "[retrieval] reranker."
            ) from fault
        if len(found) != len(passages) or not all(map(math.isfinite, found)):
            raise NoReranker(
                f"The reranker {self.name} of {plugin} gave no finite number for each of {len(passages)} passages: "
                "mend the plugin, or remove [retrieval] reranker."
            )
        return found


def above(fused: float, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """A cross-encoder's scores as hits': in the same order, and above a fused score by less than 1."""
    return np.asarray(fused + 0.5 + scores / (2 * (1 + np.abs(scores))), dtype=np.float64)
