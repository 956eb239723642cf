"""How does a tool run in a process of its own? Started for one call, and killed when nobody waits for it any more.

The process is told by which entry point it finds the tool, and with which arguments it calls it; its answer is JSON on
its standard output. It is given the few variables that Python and most programs need, and those that the tool names.
What the tool itself prints goes elsewhere, and its last lines are kept to be shown.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

ANSWER = 8_000_000
"""The most bytes of an answer that are read."""

_NEEDED = ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_WINDOWS = ("SYSTEMROOT", "USERPROFILE", "TEMP", "TMP")
_KINDS = ("LC_", "PYTHON")  # what begins so is needed too

# With the path of this process, which finds the plugin
_BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from plugins.apart_process import main; main()"
_LAST = 2_000  # bytes of what it printed that are kept
_PIECE = 1 << 16
_BURIAL = 2.0  # seconds that what was killed is given to be gone


class Died(Exception):
    """The process gave no answer that can be read; the message says how it ended."""


async def in_a_process(request: Mapping[str, Any], *, env: Sequence[str] = ()) -> dict[str, Any]:
    """What the process answers. Raises `Died`. It is killed, with all that it started, when this is cancelled.

    `env` names the variables of ours that it is given beside the few that every program needs.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _BEGIN, json.dumps(sys.path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_surroundings(env),
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    printing = asyncio.ensure_future(_last(process.stderr))
    try:
        with suppress(ConnectionError):  # it has ended already, which its answer will tell
            process.stdin.write(json.dumps(request).encode() + b"\n")
            await process.stdin.drain()
        answer = await _read(process.stdout)
        if answer is None:
            raise Died(f"it gave back more than {ANSWER:,} bytes")
        try:
            told: dict[str, Any] = json.loads(answer)
        except ValueError:
            raise Died(await _ended(process, printing)) from None
        return told
    finally:
        _kill(process)
        await asyncio.wait({asyncio.ensure_future(process.wait()), printing}, timeout=_BURIAL)
        printing.cancel()


def _surroundings(named: Sequence[str]) -> dict[str, str]:
    """No more of ours than that: keys and tokens stay here, unless the tool names them."""
    kept = {*_NEEDED, *_WINDOWS, *named}
    return {name: value for name, value in os.environ.items() if name in kept or name.startswith(_KINDS)}


async def _read(stream: asyncio.StreamReader) -> bytes | None:
    """All that comes; None where it is too much."""
    found = bytearray()
    while piece := await stream.read(_PIECE):
        found += piece
        if len(found) > ANSWER:
            return None
    return bytes(found)


async def _last(stream: asyncio.StreamReader) -> bytes:
    """The last of what comes: all of it is taken, so that whoever prints is not held up, and little is kept."""
    kept = b""
    try:
        while piece := await stream.read(_PIECE):
            kept = (kept + piece)[-_LAST:]
    except asyncio.CancelledError:
        pass
    return kept


async def _ended(process: asyncio.subprocess.Process, printing: asyncio.Future[bytes]) -> str:
    await asyncio.wait({printing}, timeout=0.2)  # what it started may hold the stream open
    printing.cancel()
    lines = (await printing).decode("utf-8", "replace").strip().splitlines()
    said = f" after printing {lines[-1].strip()[:300]!r}" if lines else ""
    code = await process.wait()
    if code < 0:
        with suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}{said}"
    return f"its process ended without a result (exit code {code}){said}"


def _kill(process: asyncio.subprocess.Process) -> None:
    """Ends it and what it started, if that is still there."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
