"""How does a text become a vector without PyTorch? By an fp32 export of the model, which onnxruntime runs alone.

It encodes a question in milliseconds, and documents where the processor has nothing faster than fp32.

An export is one file. It ends in a seal, the hash of all that comes before it, and gets its name only after the vectors
of fixed probes were found to be those of the model itself; so a file with an unbroken seal was proven once.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import warnings
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from retrieval.disk.durable import hash_file, sync
from retrieval.parts import Vectors

_LOG = logging.getLogger(__name__)
LEAST_COSINE = 0.9999
_SEAL = b"proven.sha256"
_LARGEST = 1_900_000_000  # one file of this format holds at most 2 GiB
_SLOWER = "Texts will be encoded by the model itself, without a faster export of it"
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")

_SENTENCE = "the pump is started with a green key and stopped by its red one when water reaches the upper mark"
_WORDS = _SENTENCE.split()
PROBES = (
    *(" ".join(_WORDS[: 1 + n % len(_WORDS)]) + "?" * (n % 3) for n in range(0, 60, 4)),
    *(" ".join((_WORDS * 30)[n : n + 9 * n]) for n in range(3, 30, 3)),
    " ".join(_WORDS * 200),  # more than any window
    *("", " ", "?", "a", "\n\t", "  spaces   around  ", "\0", "\ufeffmark", "x" * 700, "-" * 300, "...", "\ufffd"),
    *("What is the difference between TCP and UDP?", "how do I reset my password", "WHY IS IT SO LOUD", "e=mc²"),
    *("SELECT name FROM pumps WHERE id = 7;", "def f(x): return x**2", "https://example.org/a?b=c#d", "C:\\a\\b.txt"),
    *("10.5 % of 1,000 €", "2024-02-29T12:00:00Z", "ISO 9001:2015, § 4.2", "🙂👩‍💻🇪🇺", "naïve café", "cafe\u0301"),
    *("Wie lange werden die Protokolle aufbewahrt?", "¿Cuánto tiempo se guardan?", "Як довго зберігаються журнали?"),
    *(
        "日志保留多久？",
        "ログはどのくらい保存されますか",
        "로그는 얼마나 보관됩니까?",
        "كم من الوقت تحفظ السجلات؟",
        "כמה זמן?",
    ),
    *("लॉग कितने समय तक रखे जाते हैं?", "บันทึกถูกเก็บไว้นานเท่าใด", "Πόσο καιρό;", "Þórr", "ﬁne ﬂow", "ＦＵＬＬ"),
)


class _Unfit(ValueError):
    """No export of this model can stand for it."""


class Export:
    """An export, opened: token numbers to a unit vector, one text a call, any number of threads at once.

    Each text is taken at its own length: nothing is padded, so a vector depends on its text alone, and as many texts
    are encoded at once as there are processors. `threads` share the work of one call, whose bits are the same however
    many they are: two give one question its vector sooner, one gives many texts theirs.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Fails with whatever onnxruntime makes of a file that is missing or no model."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # A thread that waits by spinning keeps others from the processor as soon as anything else is busy
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        # Texts of a hundred lengths would leave as many plans of memory behind
        options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._inputs = frozenset(node.name for node in self._session.get_inputs())

    def vector(self, ids: Sequence[int], type_ids: Sequence[int]) -> Vectors:
        """`(dimensions,)`, float32, of one text's tokens, special ones included."""
        import numpy as np

        feed = {"input_ids": ids, "attention_mask": [1] * len(ids), "token_type_ids": type_ids}
        arrays = {name: np.asarray([values], dtype=np.int64) for name, values in feed.items() if name in self._inputs}
        vector: Vectors = self._session.run(None, arrays)[0][0]
        return vector


class Exports:
    """The exports that were asked for, each opened once. Threads may share them."""

    def __init__(self) -> None:
        self._opening = threading.Lock()
        self._known: dict[tuple[str, int], Export] = {}
        self._unusable: set[str] = set()

    def prepare(self, path: Path, sha256: str, *, threads: int) -> None:
        """Begins to open an export: a thread hashes and loads it, while this one goes on; `export` waits for it."""
        # Waited for at the end, also where a daemon begins it: whoever ends in the middle of it is aborted
        threading.Thread(target=self.export, args=(path, sha256), kwargs={"threads": threads}, daemon=False).start()
        with suppress(ImportError):  # the thread tells of it
            import onnxruntime  # noqa: F401 - here at once, for whoever imports most at this moment delays the other

    def export(self, path: Path, sha256: str, *, threads: int) -> Export | None:
        """The export with this hash; None where it cannot be used, which is said once."""
        key = sha256, threads
        with self._opening:
            if key not in self._known and sha256 not in self._unusable:
                try:
                    self._known[key] = opened(path, sha256, threads)
                except ValueError as error:
                    self._unusable.add(sha256)
                    _LOG.warning("Texts are encoded by the model itself, without its faster export: %s", error)
            return self._known.get(key)

    def try_again(self) -> None:
        """Forgets which could not be used: they may have been made anew."""
        with self._opening:
            self._unusable.clear()


def exported(
    path: Path, *, load: Callable[[], Any], tokens: Callable[[str], Any], prefixes: Collection[str], size: int = 0
) -> str | None:
    """The SHA-256 of the proven export at `path`, made now if it is not there; None where there can be none.

    `load` gives the sentence-transformers model in fp32 on the processor; `tokens` the encoding of a text, special
    tokens included and cut at the window; `prefixes` are what may stand before a text; `size` is that of the model's
    weights, in bytes. Processes that ask at once wait for the one that makes it. A model that was found unfit is not
    tried again until a library that matters is another; a failure that says nothing of the model is.
    """
    from filelock import FileLock

    new, refused = path.with_suffix(".new"), path.with_suffix(".refused")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            found = sealed(path)
            if found is not None or (refused.is_file() and refused.read_text("utf-8") == _libraries()):
                return found
            try:
                if size > _LARGEST:
                    raise _Unfit("the model is too large for one file")
                _make(load(), new, tokens, prefixes)
                sync([new])
                new.replace(path)
                sync([path.parent])
            except _Unfit:
                refused.write_text(_libraries(), "utf-8")
                raise
            finally:
                new.unlink(missing_ok=True)
            return sealed(path)
    except _Unfit as error:
        _LOG.warning("%s: %s; to have it tried again, delete %s.", _SLOWER, error, refused)
    except Exception as error:  # noqa: BLE001 - exporters fail in many ways, and the model itself can do the work
        _LOG.warning("%s: %s (%s); the next ingest tries again to make %s.", _SLOWER, error, type(error).__name__, path)
    return None


def sealed(path: Path) -> str | None:
    """The SHA-256 of a file that ends in the hash of all that comes before; None if it does not, or is not there."""
    length = len(_trailer(bytes(32)))
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            if size <= length:
                return None
            total, left = hashlib.sha256(), size - length
            while left > 0 and (part := stream.read(min(left, 1 << 20))):
                total.update(part)
                left -= len(part)
            end = stream.read()
    except OSError:
        return None
    if end != _trailer(total.digest()):
        return None
    total.update(end)
    return total.hexdigest()


def opened(path: Path, sha256: str, threads: int) -> Export:
    """The export with this hash; any failure, of whatever kind, is a `ValueError` that says why."""
    try:
        found = hash_file(path)
        if found != sha256:
            raise ValueError("it is another file than the index was built with")
        return Export(path, threads)
    except Exception as error:
        raise ValueError(f"{path} cannot be used ({error}); citewell ingest makes it anew.") from error


def _libraries() -> str:
    from importlib import metadata

    names = ("torch", "sentence-transformers", "transformers", "tokenizers", "onnx", "onnxruntime")
    return " ".join(f"{name} {metadata.version(name)}" for name in names)


def _make(model: Any, path: Path, tokens: Callable[[str], Any], prefixes: Collection[str]) -> None:
    """The export, proven and sealed."""
    if sum(weight.numel() * 4 for weight in model.parameters()) > _LARGEST:
        raise _Unfit("the model is too large for one file")
    if any(getattr(module, "include_prompt", True) is False for module in model):
        raise _Unfit("the model leaves the prefix out of its pooling")
    _export(model, path)
    least = _least_cosine(model, path, tokens, prefixes)
    if not least >= LEAST_COSINE:
        raise _Unfit(f"its least cosine to the model itself is {least:.5f}")
    _seal(path)


def _export(model: Any, path: Path) -> None:
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
        def __init__(self) -> None:
            super().__init__()
            self.steps = torch.nn.ModuleList(model)

        def forward(self, *inputs: Any) -> Any:
            features = dict(zip(names, inputs, strict=True))
            for step in self.steps:
                features = step(features)
            return torch.nn.functional.normalize(features["sentence_embedding"].float(), dim=1)

    names = [name for name in _INPUTS if name in model.tokenizer.model_input_names]
    example = model.tokenizer([PROBES[5], PROBES[2]], padding=True, return_tensors="pt")
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer's, of branches that are the same for every text
        torch.onnx.export(
            Whole().eval(),
            tuple(example[name] for name in names),
            str(path),
            dynamo=False,  # the other exporter needs onnxscript, and is slower
            opset_version=17,
            input_names=names,
            output_names=["vector"],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names},
        )


def _least_cosine(model: Any, path: Path, tokens: Callable[[str], Any], prefixes: Collection[str]) -> float:
    texts = [prefix + probe for prefix in prefixes for probe in PROBES]
    # One by one, since even in fp32 padding moves a vector a little; the empty prompt keeps the model's own away
    own = [model.encode(text, prompt="", normalize_embeddings=True, show_progress_bar=False) for text in texts]
    export = Export(path)
    encodings = [tokens(text) for text in texts]
    fast = [export.vector(encoding.ids, encoding.type_ids) for encoding in encodings]
    import numpy as np

    return float(np.sum(np.stack(own) * np.stack(fast), axis=1).min())


def _seal(path: Path) -> None:
    end = _trailer(bytes.fromhex(hash_file(path)))
    with path.open("ab") as stream:
        stream.write(end)


def _trailer(sha256: bytes) -> bytes:
    """A `metadata_props` entry of an ONNX file: fields of a protobuf message may follow one another in any order."""
    value = sha256.hex().encode("ascii")
    entry = b"\x0a" + bytes([len(_SEAL)]) + _SEAL + b"\x12" + bytes([len(value)]) + value
    return b"\x72" + bytes([len(entry)]) + entry  # field 14 of ModelProto
