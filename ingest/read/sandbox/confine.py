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
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import Any, NoReturn

from ingest.bounds import Bounds

OUT_OF_MEMORY = 86  # the exit status of a reader that took too much
ABANDONED = 87
_SHARED_LIBRARIES = 64 << 20  # bytes of a process that hold no data of its own
_FILES = 256  # open at once
_WATCH = 0.05  # seconds between two looks at the memory
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Where an event that changes something has its paths, each with the folder's descriptor that it may be relative to
_CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    **dict.fromkeys(("os.remove", "os.rmdir", "shutil.rmtree"), ((0, 1),)),
    **dict.fromkeys(("os.rename", "os.link"), ((0, 2), (1, 3))),
    **dict.fromkeys(("os.mkdir", "os.chmod"), ((0, 2),)),
    **dict.fromkeys(("os.chown", "os.utime"), ((0, 3),)),
    **dict.fromkeys(("os.truncate", "os.setxattr", "os.removexattr", "os.chflags"), ((0, None),)),
    "os.symlink": ((1, 2),),
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
_UNSEEN = ("mkfifo", "mknod", "killpg")  # of os: they raise no event
_CODE = tuple(all_suffixes())
_PACKAGE = "__init__.py"  # what makes a folder a package, with whatever data it holds
_INSTALLED = {"site-packages", "dist-packages"}  # folders of installed packages, all of which may be read


class Confinement:
    """The walls around one reading process; `file` is the one that it may read just now."""

    def __init__(self, scratch: Path) -> None:
        self.file: str | None = None
        self._scratch = _prefix(str(scratch))
        places = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()]
        places += ["/usr/share", "/usr/lib", "/proc/self", "/sys"]
        installed = [place for place in sys.path if Path(place).name in _INSTALLED]
        places += installed
        files = ("/etc/mime.types", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo", "/dev/null", "/dev/urandom")
        self._readable = tuple({_prefix(place) for place in (*places, *files) if place})
        own = {_prefix(place) for place in sys.path if place}
        self._own = tuple(place for place in own if not place.startswith(self._readable))
        self._linked = tuple(f"{place.rstrip(os.sep)}{os.sep}" for place in installed)

    def close(self) -> None:
        """Puts the walls up; they stay for as long as the process lives."""
        sys.dont_write_bytecode = True
        for name in _UNSEEN:
            for module in (os, sys.modules[os.name]):
                if hasattr(module, name):
                    setattr(module, name, _refused)
        whole = _opens_whole_paths(os.open)
        os.supports_dir_fd.add(whole)
        os.open = sys.modules[os.name].open = whole  # type: ignore[attr-defined] # os is that module, on this system
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opens(*arguments[:3])
        elif event.startswith("socket.") and event != "socket.gethostname":
            raise PermissionError("a reader may not use the network")
        elif event in _PROGRAMS:
            raise PermissionError("a reader may not start or end programs")
        elif event.startswith("sqlite3."):  # a database that is open may attach any other, and no event tells of it
            raise PermissionError("a reader may not open a database")
        elif event in _CHANGES:
            self._changes(event, arguments)

    def _changes(self, event: str, arguments: tuple[Any, ...]) -> None:
        paths = [
            _whole(arguments[path], None if folder is None else arguments[folder]) for path, folder in _CHANGES[event]
        ]
        if event == "os.symlink":  # what it leads to is taken from where it stands
            paths.append(str(Path(paths[0]).parent / os.fsdecode(arguments[0])))
        for path in paths:
            if not self._within_scratch(path):
                raise PermissionError(f"a reader may not change {path}")

    def _opens(self, path: object, _mode: object, flags: int | None) -> None:
        if isinstance(path, int) or not isinstance(path, str | bytes | os.PathLike):
            return
        if (flags or 0) & _WRITES:
            if not self._within_scratch(path) and os.fsdecode(path) != os.devnull:
                raise PermissionError(f"a reader may not write to {os.fsdecode(path)}")
            return
        path = os.fsdecode(path)
        real = os.path.realpath(path)
        if real == self.file or f"{real}{os.sep}".startswith((self._scratch, *self._readable)) or self._is_code(real):
            return
        if path.startswith(self._linked) and os.pardir not in Path(path).parts:
            return  # some installers link packages from a store of their own
        raise PermissionError(f"a reader may not open {path}")

    def _is_code(self, real: str) -> bool:
        """Whether it is a module, or belongs to a package, of a script's folder or the like, where other things lie."""
        for place in self._own:
            if f"{real}{os.sep}" == place:
                return Path(real).is_file()  # packages in a zip archive
            if real.startswith(place):
                parts = Path(real[len(place) :]).parts
                is_package = parts[0].endswith((".dist-info", ".egg-info")) or Path(place, parts[0], _PACKAGE).is_file()
                if real.endswith(_CODE) or (is_package and not any(part.startswith(".") for part in parts)):
                    return True
        return False

    def _within_scratch(self, path: str | bytes | os.PathLike[str]) -> bool:
        return _prefix(os.fsdecode(path)).startswith(self._scratch)


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
    return f"{os.path.realpath(place).rstrip(os.sep)}{os.sep}"


def _whole(path: Any, folder: int | None) -> str:
    """The path of a file or of its descriptor; `folder` is the descriptor of what it may be relative to."""
    if isinstance(path, int):
        return _place(path)
    path = os.fsdecode(path)
    return path if folder is None or folder < 0 else str(Path(_place(folder), path))


def _place(descriptor: int) -> str:
    """Where an open file or folder lies."""
    if sys.platform == "darwin":
        import fcntl

        return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def _opens_whole_paths(opens: Callable[..., int]) -> Callable[..., int]:
    """`os.open`, whose event does not tell which folder a path is relative to."""

    def open_whole(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        return opens(_whole(path, dir_fd), flags, mode)

    return open_whole


def _refused(*_: object, **__: object) -> NoReturn:
    raise PermissionError("a reader may not make pipes or devices, or end programs")


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
