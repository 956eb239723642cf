"""How does an encoder that a plugin brings become ours? It gives rows of numbers; the rest is seen to here.

What it must have is in `Embedder`. It is loaded when it is first used, and what it gives is checked: a row for each
text, of its dimensions, of finite numbers, not all 0; each is made a unit vector.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ingest.model import digest
from retrieval.parts import EncoderIdentity, OnMade, Vectors
from retrieval.vectors.model_folder import NoEncoder

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_ROWS = 16
_WORD = re.compile(r"\w+|[^\w\s]")


@runtime_checkable
class Embedder(Protocol):
    """What a plugin's encoder is: each row that it gives is a function of its text alone, whatever else is encoded.

    `version` is a text that changes whenever the numbers do. A chunk with its context is at most `window` tokens long:
    words and signs, unless it has `offsets`, which gives the span of each of its own. It may have `encode_query`, for
    one question, and `languages`, the ISO 639-1 codes of those that it knows.
    """

    dimensions: int
    window: int
    version: str

    def encode(self, texts: Sequence[str]) -> ArrayLike:
        """`(len(texts), dimensions)`."""
        ...


class ForeignEncoder:
    """An encoder by the name that its plugin gives it. `find` gives the plugin, and what makes the encoder."""

    def __init__(self, name: str, find: Callable[[], tuple[str, Callable[[], object]]]) -> None:
        self.name = name
        self._find = find
        self._loading = threading.Lock()
        self._loaded: tuple[str, Embedder] | None = None

    @cached_property
    def identity(self) -> EncoderIdentity:
        plugin, made = self._made
        return EncoderIdentity(
            model=f"plugin:{self.name}",
            weights=digest(plugin, self.name, made.version),
            dimensions=made.dimensions,
            window=made.window,
            dtype="float32",
            shapes="as its plugin does",
        )

    @property
    def languages(self) -> frozenset[str] | None:
        known = getattr(self._made[1], "languages", None)
        return None if known is None else frozenset(known)

    def check(self) -> EncoderIdentity:
        """`identity`, one text having been encoded for it. Raises `NoEncoder`."""
        self._rows(["Does it work?"])
        return self.identity

    def prepare(self, export: str | None) -> None:
        """There is nothing to prepare."""

    def export(self) -> str | None:
        return None

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        own = getattr(self._made[1], "offsets", None)
        return own(text) if own else [word.span() for word in _WORD.finditer(text)]

    def encode(self, texts: Sequence[str], made: OnMade = lambda *_: None) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _ROWS):
            rows = range(start, min(start + _ROWS, len(texts)))
            vectors[start : rows.stop] = self._rows(texts[start : rows.stop])
            made(rows, vectors[start : rows.stop])
        return vectors

    def encode_query(self, text: str, export: str | None = None) -> Vectors:  # noqa: ARG002 - the protocol's
        own = getattr(self._made[1], "encode_query", None)
        vector: Vectors = self._rows([text], own and (lambda texts: [own(texts[0])]))[0]
        return vector

    def encode_queries(
        self,
        texts: Sequence[str],
        *,
        as_documents: bool = False,
        export: str | None = None,  # noqa: ARG002 - the protocol's
    ) -> Vectors:
        import numpy as np

        if as_documents:
            return self.encode(texts)
        rows = [self.encode_query(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.identity.dimensions)

    @property
    def _made(self) -> tuple[str, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[str, Embedder]:
        plugin, make = self._find()
        try:
            made = make()
        except Exception as fault:
            raise NoEncoder(
                f"The encoder {self.name} of {plugin} cannot be made ({fault!r:.300}): mend the plugin, or set "
                "[retrieval] model to another."
            ) from fault
        if not isinstance(made, Embedder) or not all(
            isinstance(size, int) and size > 0 for size in (made.dimensions, made.window)
        ):
            raise NoEncoder(
                f"The encoder {self.name} of {plugin} lacks one of dimensions, window, version and encode: mend the "
                "plugin, or set [retrieval] model to another."
            )
        return plugin, made

    def _rows(self, texts: Sequence[str], encode: Callable[[Sequence[str]], Any] | None = None) -> Vectors:
        import numpy as np

        plugin, made = self._made
        try:
            rows: Vectors = np.asarray((encode or made.encode)(list(texts)), dtype=np.float32)
            lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
        except Exception as fault:
            raise NoEncoder(
                f"The encoder {self.name} of {plugin} failed ({fault!r:.300}): mend the plugin, or set [retrieval] "
                "model to another."
            ) from fault
        if rows.shape != (len(texts), made.dimensions) or not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise NoEncoder(
                f"The encoder {self.name} of {plugin} gave no {made.dimensions} finite numbers, not all 0, for each "
                "text: mend the plugin, or set [retrieval] model to another."
            )
        return np.asarray(rows / lengths, dtype=np.float32)
