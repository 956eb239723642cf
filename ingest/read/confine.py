"""What may the process that reads a file not do? Reach the network, write, start programs, or look at other files.

Python's audit hooks see what Python code does; on Linux the kernel also takes the network away where it lets an
ordinary process ask for that, and holds the memory. It is a second wall: the first is that readers have no such calls.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.read.bounds import Bounds

OUT_OF_MEMORY = 86  # the exit status of a reader that took too much
ABANDONED = 87
_SHARED_LIBRARIES = 64 << 20  # bytes of a process that hold no data of its own
_FILES = 256  # open at once
_WATCH = 0.05  # seconds between two looks at the memory
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate"),
    *("os.utime", "os.setxattr", "os.removexattr", "shutil.rmtree", "shutil.move", "shutil.copyfile"),
}
_PROGRAMS = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "os.kill",
}


class Confinement:
    """The walls around one reading process; `file` is the one that it may read just now."""

    def __init__(self, scratch: Path) -> None:
        self.file: str | None = None
        self._scratch = _prefix(str(scratch))
        places = [*sys.path, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()]
        places += ["/usr/share", "/usr/lib", "/proc/self", "/sys"]
        files = ("/etc/mime.types", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo", "/dev/null", "/dev/urandom")
        self._readable = tuple({_prefix(place) for place in places if place} | set(files))

    def close(self) -> None:
        """Puts the walls up; they stay for as long as the process lives."""
        sys.dont_write_bytecode = True
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opens(*arguments[:3])
        elif event.startswith("socket.") and event != "socket.gethostname":
            raise PermissionError("a reader may not use the network")
        elif event in _PROGRAMS:
            raise PermissionError("a reader may not start or end programs")
        elif event in _CHANGES and not self._within_scratch(arguments[0]):
            raise PermissionError(f"a reader may not change {arguments[0]}")

    def _opens(self, path: object, _mode: object, flags: int | None) -> None:
        if isinstance(path, int) or not isinstance(path, str | bytes | os.PathLike):
            return
        if (flags or 0) & _WRITES:
            if not self._within_scratch(path) and os.fsdecode(path) != os.devnull:
                raise PermissionError(f"a reader may not write to {os.fsdecode(path)}")
            return
        real = os.path.realpath(os.fsdecode(path))
        if real != self.file and not real.startswith((self._scratch, *self._readable)):
            raise PermissionError(f"a reader may not open {os.fsdecode(path)}")

    def _within_scratch(self, path: object) -> bool:
        if isinstance(path, int):
            return True  # a descriptor that was opened under these rules
        return _prefix(os.fsdecode(path)).startswith(self._scratch)  # type: ignore[arg-type] # a path, by contract


def limit(bounds: Bounds, on_abandoned: Callable[[], None]) -> None:
    """Holds this process to its memory and takes the network from it; ends it when its parent is gone.

    The kernel does it on Linux; a thread that looks at the process itself does it wherever there is one.
    """
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, bounds.expansion),
        (resource.RLIMIT_DATA, max(_SHARED_LIBRARIES, bounds.memory - _SHARED_LIBRARIES)),
    ):
        with contextlib.suppress(OSError, ValueError):  # a lower limit is in force already
            resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        _leave_network()
    threading.Thread(target=_watch, args=(bounds.memory, os.getppid(), on_abandoned), daemon=True).start()


def resident() -> tuple[int, int]:
    """How much memory this process holds now, and held at most, in bytes."""
    try:  # the kernel's own figure: the one of getrusage begins with that of the process that started this one
        status = Path("/proc/self/status").read_text("ascii", "replace")
        found = dict(line.split(":", 1) for line in status.splitlines() if line.startswith(("VmRSS", "VmHWM")))
        return int(found["VmRSS"].split()[0]) << 10, int(found["VmHWM"].split()[0]) << 10
    except (OSError, KeyError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << (0 if sys.platform == "darwin" else 10)
        return peak, peak


def _prefix(place: str) -> str:
    return f"{os.path.realpath(place)}{os.sep}"


def _leave_network() -> None:
    """A network of this process's own, with nothing in it; not everyone may have one, and then the hooks must do."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    # As root the user stays what it is: in a user space of its own it could not read what others own any more
    libc.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET)


def _watch(memory: int, parent: int, on_abandoned: Callable[[], None]) -> None:
    while True:
        time.sleep(_WATCH)
        if resident()[0] > memory:
            os._exit(OUT_OF_MEMORY)
        if os.getppid() != parent:
            on_abandoned()
            os._exit(ABANDONED)
