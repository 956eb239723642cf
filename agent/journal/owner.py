"""Which process goes on with a run, and does it still live?

A lease says who should try; that two never write is the fence's to see to (`tables.py`).
"""

from __future__ import annotations

import hashlib
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import psutil

LEASE: Final = 10.0  # seconds after which a run is anybody's whose owner was not heard of
RENEWED: Final = 3.0  # seconds between two words of an owner
_SERVED: Final = "served"  # the file in a home that names the process which serves it


def new_owner() -> str:
    """One who may drive runs in the current process: machine, process id, its start, and a word of its own."""
    process = psutil.Process()
    return f"{_machine()}/{process.pid}/{_started(process)}/{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Whether it is certain that the process is no more: it was of this machine, and none has its id and its start."""
    machine, pid, started, _ = owner.split("/")
    if machine != _machine():
        return False
    try:
        process = psutil.Process(int(pid))
        return _started(process) != started or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def _started(process: psutil.Process) -> str:
    """When a process began; on Linux since the machine did, so that a clock that is set makes it no other process."""
    since = psutil.boot_time() if psutil.LINUX else 0.0
    return f"{process.create_time() - since:.2f}"


@contextmanager
def serving(home: Path) -> Iterator[None]:
    """Within, the current process is known to serve a home, and to go on with its runs."""
    place, owner = home / _SERVED, new_owner()
    home.mkdir(parents=True, exist_ok=True)
    place.write_text(owner, "ascii")
    try:
        yield
    finally:
        if _served_by(home) == owner:  # else another one came after it
            place.unlink(missing_ok=True)


def is_served(home: Path) -> bool:
    """Whether a process of this machine serves the home, and lives."""
    owner = _served_by(home)
    return owner is not None and owner.startswith(f"{_machine()}/") and not is_gone(owner)


def _served_by(home: Path) -> str | None:
    try:
        owner = (home / _SERVED).read_text("ascii")
    except (OSError, ValueError):
        return None
    return owner if owner.count("/") == 3 and owner.split("/")[1].isdigit() else None


@cache
def _machine() -> str:
    """The same for all processes that can see each other's ids: containers of one machine have their own."""
    parts = [socket.gethostname()]
    for place in ("/proc/sys/kernel/random/boot_id", "/etc/machine-id"):
        try:
            parts.append(Path(place).read_text("ascii"))
        except OSError:
            continue
    try:
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        parts.append("")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
