"""How does a text become a vector? Canonically: the same bits whatever else is encoded with it.

Questions are encoded by an fp32 export of the model where a version names one (`retrieval.vectors.export`): that loads
neither torch nor the model, and takes each text by itself, at its own length. Where fp32 is the fastest that there is
(`retrieval.vectors.device`), documents are encoded by it too.

The model itself gets rows padded to buckets of 32 tokens, in batches of exactly 16 (dummy rows fill the last one),
because the kernels that a processor chooses depend on the shape of the whole batch; pooling runs in fp32.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest.model import digest
from retrieval.parts import EncoderIdentity, OnMade, Vectors
from retrieval.vectors.device import place, usable_processors
from retrieval.vectors.export import Export, Exports, exported
from retrieval.vectors.model_folder import EMBEDDED, EMBEDDED_WEIGHTS, ModelFolder, NoEncoder, located, stated

__all__ = ["EMBEDDED", "EMBEDDED_WEIGHTS", "NoEncoder", "SentenceEncoder"]

_ALONE = "each text by itself"
_BATCHES = "buckets of 32 tokens, batches of 16, fp32 pooling"
_BUCKET, _ROWS = 32, 16
_LEAST_ROOM = 32  # tokens for a text behind its prefix
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Note:
    """What an ingest found in a model's files when they had this stamp."""

    stamp: str
    weights: str
    languages: list[str] | None


class SentenceEncoder:
    """A sentence-transformers model by name or folder; the default is all-MiniLM-L6-v2, installed with Citewell.

    `exports` is the folder for exports of models; without one there are none. A prefix stands before every question
    or document: None is the model's own, "" is none. Threads may share an encoder.
    """

    def __init__(
        self,
        model: str = EMBEDDED,
        exports: Path | None = None,
        *,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
    ) -> None:
        self.model = model
        self._exports = exports
        self._prefixes = (query_prefix, document_prefix)
        self._loading = threading.Lock()
        self._loaded: Any = None
        self._stamp: str | None = None  # of the files as they were when they were read
        self._opened = Exports()
        self._for_documents: Export | None = None

    @cached_property
    def identity(self) -> EncoderIdentity:
        """Known without loading the model: from its files, its configuration and this machine.

        The weights are not read again where no file was touched since an ingest did; whoever loads them reads them.
        `window` is what a chunk with its context may fill, special tokens included: the model's, less the prefix.
        """
        folder = self._folder
        with stated(folder.path):
            noted = self._noted
            self._stamp = None if noted else folder.stamp()  # before they are read: what changes then is found out
            whole = folder.window
            own = (folder.prefix("query"), folder.prefix("document", "passage", "corpus"))
            query, document = (said if told is None else told for told, said in zip(self._prefixes, own, strict=True))
            weights, dimensions = noted.weights if noted else folder.weights(self.model), folder.dimensions
        prefixes = {"query_prefix": query, "document_prefix": document}
        room = {setting: whole - (len(self.offsets(text)) if text else 0) for setting, text in prefixes.items()}
        for setting, left in room.items():
            if left < min(whole, _LEAST_ROOM):
                raise NoEncoder(
                    f"What stands before each text leaves {left} of the model's {whole} tokens for it; "
                    f"set a shorter {setting} in [retrieval]."
                )
        device, dtype = place()
        return EncoderIdentity(
            model=self.model,
            weights=weights,
            dimensions=dimensions,
            window=room["document_prefix"],
            dtype=dtype if device == "cpu" else f"{dtype} on {device}",
            shapes=_ALONE if (device, dtype) == ("cpu", "float32") else _BATCHES,
            **prefixes,
        )

    @cached_property
    def languages(self) -> frozenset[str] | None:
        """The ISO 639-1 codes of the languages that the model's card names; None if that does not say."""
        with stated(self._folder.path):
            if self._noted is not None:
                return None if self._noted.languages is None else frozenset(self._noted.languages)
            return self._folder.languages

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        return self._tokenizer.encode(_readable(text), add_special_tokens=False).offsets  # type: ignore[no-any-return]

    def encode(self, texts: Sequence[str], made: OnMade = lambda *_: None) -> Vectors:
        whole = [self.identity.document_prefix + text for text in texts]
        if self._for_documents is None:
            return self._by_model(whole, made)
        return self._by_export(self._for_documents, whole, made)

    def prepare(self, export: str | None) -> None:
        """Begins to open an export, beside what is done next; the first question waits for it."""
        if self._exports is not None and export is not None:
            self._opened.prepare(self._export_path(self._exports), export, threads=_threads())

    def encode_query(self, text: str, export: str | None = None) -> Vectors:
        text = self.identity.query_prefix + text
        if self._exports is not None and export is not None:
            encoding = self._tokens(self._tokenizer, text)  # while the export may still be opened
            if (fast := self._fast(export)) is not None:
                return fast.vector(encoding.ids, encoding.type_ids)
        encoding = self._tokens(self._model_tokenizer, text)
        vector: Vectors = self._forward([encoding], self._padded(len(encoding.ids)))[0]
        return vector

    def encode_queries(self, texts: Sequence[str], *, as_documents: bool = False, export: str | None = None) -> Vectors:
        """`(len(texts), dimensions)`: many texts by the way that a question takes, to be compared with one.

        With an export each row has the bits of `encode_query`, without one those but for rounding. `as_documents`
        sets the documents' prefix before them.
        """
        prefix = self.identity.document_prefix if as_documents else self.identity.query_prefix
        whole = [prefix + text for text in texts]
        fast = self._fast(export)
        return self._by_model(whole) if fast is None else self._by_export(fast, whole)

    def export(self) -> str | None:
        """The SHA-256 of the export that may encode questions, made and proven if it is not there; None if not.

        From then on it encodes documents too, if `identity` has them encoded each by itself.
        """
        if self._exports is None:
            return None
        self._note()
        path = self._export_path(self._exports)
        made = exported(
            path,
            # Attention as plain products: what stands for torch's own kernel in an export is slower
            load=lambda: self._load("cpu", "float32", attn_implementation="eager"),
            tokens=lambda text: self._tokens(self._tokenizer, text),
            prefixes={self.identity.query_prefix, self.identity.document_prefix},
            size=self._folder.size,
        )
        if made is not None:
            self._opened.try_again()
            if self.identity.shapes == _ALONE:
                self._for_documents = self._opened.export(path, made, threads=1)
        return made

    def check(self) -> EncoderIdentity:
        """`identity`, the weights having been read for it. Raises `NoEncoder` where they are not what they were."""
        if self._folder.weights(self.model) != self.identity.weights:
            raise NoEncoder(f"The weights in {self._folder.path} have changed without a trace; fetch the model anew.")
        return self.identity

    @cached_property
    def _noted(self) -> _Note | None:
        """What an ingest found in the model's files; None where one was touched since."""
        try:
            note = _Note(**json.loads(self._notes.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return note if note.stamp == self._folder.stamp() else None

    def _note(self) -> None:
        """Notes what was found in the model's files, where they were read."""
        weights, languages = self.identity.weights, self.languages
        if self._stamp is not None:
            note = _Note(self._stamp, weights, None if languages is None else sorted(languages))
            with suppress(OSError):  # a home that may only be read, or has no room: then they are read each time
                self._notes.parent.mkdir(parents=True, exist_ok=True)
                self._notes.write_text(json.dumps(asdict(note)), "utf-8")

    @property
    def _notes(self) -> Path:
        return (self._exports or Path(os.devnull)) / f"model-{digest(self.model)[:8]}.json"

    def _fast(self, export: str | None) -> Export | None:
        if self._exports is None or export is None:
            return None
        return self._opened.export(self._export_path(self._exports), export, threads=_threads())

    def _quickly(self, fast: Export, text: str) -> Vectors:
        encoding = self._tokens(self._tokenizer, text)
        return fast.vector(encoding.ids, encoding.type_ids)

    def _export_path(self, exports: Path) -> Path:
        """Named by the prefixes too: an export is proven for texts that begin with them."""
        prefixes = digest(self.identity.query_prefix, self.identity.document_prefix)
        return exports / f"fp32-{self.identity.weights[:16]}-{prefixes[:8]}.onnx"

    def _by_export(self, fast: Export, texts: list[str], made: OnMade = lambda *_: None) -> Vectors:
        from concurrent.futures import ThreadPoolExecutor

        import numpy as np

        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        pool = ThreadPoolExecutor(usable_processors())
        try:
            for row, vector in enumerate(pool.map(lambda text: self._quickly(fast, text), texts)):
                vectors[row] = vector
                made([row], vectors[row : row + 1])
        finally:
            pool.shutdown(cancel_futures=True)  # whoever gives up waits for none
        return vectors

    def _by_model(self, texts: list[str], made: OnMade = lambda *_: None) -> Vectors:
        import numpy as np

        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        tokenizer, whole = self._model_tokenizer, list(map(_readable, texts))
        encodings = [self._cut(tokenizer, each) for each in tokenizer.encode_batch(whole, add_special_tokens=False)]
        nothing = self._tokens(tokenizer, "")
        buckets: dict[int, list[int]] = defaultdict(list)
        for index, encoding in enumerate(encodings):
            buckets[self._padded(len(encoding.ids))].append(index)
        for length, indices in sorted(buckets.items()):
            for start in range(0, len(indices), _ROWS):
                rows = indices[start : start + _ROWS]
                batch = [encodings[row] for row in rows] + [nothing] * (_ROWS - len(rows))
                vectors[rows] = self._forward(batch, length)[: len(rows)]
                made(rows, vectors[rows])
        return vectors

    def _padded(self, tokens: int) -> int:
        return min(-(-tokens // _BUCKET) * _BUCKET, self._folder.window)

    def _tokens(self, tokenizer: Any, text: str) -> Any:
        return self._cut(tokenizer, tokenizer.encode(_readable(text), add_special_tokens=False))

    def _cut(self, tokenizer: Any, encoding: Any) -> Any:
        """As much of a text as the model reads, with special tokens."""
        encoding.truncate(self._folder.window - tokenizer.num_special_tokens_to_add(False))
        return tokenizer.post_process(encoding)

    def _forward(self, encodings: Sequence[Any], length: int) -> Vectors:
        import numpy as np
        import torch

        model = self._model
        tokenizer = model.tokenizer
        shape = (len(encodings), length)
        columns = {
            "input_ids": np.full(shape, tokenizer.pad_token_id or 0, dtype=np.int64),
            "token_type_ids": np.full(shape, tokenizer.pad_token_type_id, dtype=np.int64),
            "attention_mask": np.zeros(shape, dtype=np.int64),
        }
        for row, encoding in enumerate(encodings):
            tokens = len(encoding.ids)
            place = slice(length - tokens, length) if tokenizer.padding_side == "left" else slice(tokens)
            columns["input_ids"][row, place] = encoding.ids
            columns["token_type_ids"][row, place] = encoding.type_ids
            columns["attention_mask"][row, place] = 1
        features: dict[str, Any] = {
            name: torch.from_numpy(values).to(model.device)
            for name, values in columns.items()
            if name in tokenizer.model_input_names
        }
        with torch.inference_mode():
            modules = list(model)
            features = modules[0](features)
            features["token_embeddings"] = features["token_embeddings"].float()
            for module in modules[1:]:
                features = module(features)
            embedding = features["sentence_embedding"].float()
            if type(modules[-1]).__name__ != "Normalize":  # a model may leave that to its user
                embedding = torch.nn.functional.normalize(embedding, dim=1)
            return np.asarray(embedding.cpu().numpy(), dtype=np.float32)

    @cached_property
    def _folder(self) -> ModelFolder:
        return located(self.model)

    @cached_property
    def _tokenizer(self) -> Any:
        return self._folder.tokenizer()

    @cached_property
    def _model_tokenizer(self) -> Any:
        """The one that the model was loaded with: a copy, since whoever uses that one makes it cut and pad."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @property
    def _model(self) -> Any:
        with self._loading:  # several threads may ask for it first
            if self._loaded is None:
                self._loaded = self._load(*place())
            return self._loaded

    def _load(self, device: str, dtype: str, **told: str) -> Any:
        # No word of progress or advice from the libraries: the command line has its own.
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        # Threads that wait by spinning keep each other from the processor as soon as anything else is busy.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped in transformers
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # likewise
        weights, path = self.identity.weights, self._folder.path
        try:
            model = SentenceTransformer(
                str(path), device=device, local_files_only=True, model_kwargs={"dtype": dtype, **told}
            )
        except MemoryError:
            raise
        except Exception as error:
            raise NoEncoder(f"The embedding model in {path} cannot be loaded ({error}); fetch it anew.") from error
        # What is read now must be what its name was made from
        if self._folder.stamp() != self._stamp and ModelFolder(path).weights(self.model) != weights:
            raise NoEncoder(f"The embedding model in {path} was changed while Citewell ran; start again.")
        for module in list(model)[1:]:
            module.float()  # as pooling; the transformer's own numbers are the wide part of the work
        return model.eval()


def _threads() -> int:
    """That share the work of one question."""
    return min(2, usable_processors())


def _readable(text: str) -> str:
    """Halves of surrogate pairs, which no tokenizer takes, as the sign for what cannot be read; as long as before."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)
