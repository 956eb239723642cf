"""How is a plugin checked that may hold, or end, the process in which it runs? In another one, which is begun anew."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from plugins.apart_process import end_with_whoever_asked
from plugins.conformance import LOADING, Finding, NoPlugin, steps

_BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from plugins.checking import main; main()"
_ALONE = "leaves the process alone"


def check_apart(name: str | None = None, *, spare: float = 10.0) -> list[Finding]:
    """What `conformance.check` finds; of a tool that holds the process, or ends it, that it does. Raises `NoPlugin`.

    `spare` are the seconds that a step is given beside those that it may take.
    """
    found: list[Finding] = []
    done: list[tuple[str, str]] = []
    while True:
        at, within = (name or "plugins", ""), LOADING
        with _process(name, done) as (process, lines):
            while True:
                try:
                    said = lines.get(timeout=within)
                except queue.Empty:
                    why = f"it let nothing else run for {within:g} seconds, so that no timeout ends it"
                    break
                if said is None:
                    why = f"it ended the process (exit code {process.wait()})"
                    break
                match said:
                    case {"step": [plugin, tool], "seconds": seconds}:
                        at, within = (plugin, tool), seconds + spare
                        done.append(at)
                    case {"finding": finding}:
                        found.append(Finding(**finding))
                    case {"no_plugin": message}:
                        raise NoPlugin(message)
                    case _:
                        return found
        plugin, tool = at
        what = f"set {tool}.apart = True, or mend it" if tool else "mend what it does as it is loaded"
        found.append(Finding(plugin, tool, _ALONE, ok=False, detail=f"{why}: {what}"))
        if at not in done:
            return found  # nothing loads beside it


@contextmanager
def _process(
    name: str | None, done: Sequence[tuple[str, str]]
) -> Iterator[tuple[subprocess.Popen[bytes], queue.SimpleQueue[dict[str, Any] | None]]]:
    """One that makes all steps but those that are `done`, and what it says; None when it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", _BEGIN, json.dumps({"name": name, "done": done}), json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                if line.endswith(b"\n"):  # else it was killed as it wrote
                    lines.put(json.loads(line))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        yield process, lines
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
        process.wait()
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    """Makes the steps, and says what is begun and found, a line for each."""
    asked = json.loads(sys.argv.pop())
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a plugin prints is no finding
    threading.Thread(target=end_with_whoever_asked, daemon=True).start()

    def tell(**said: Any) -> None:
        told.write(json.dumps(said).encode() + b"\n")
        told.flush()

    try:
        for step in steps(asked["name"]):
            if [step.plugin, step.tool] not in asked["done"]:
                tell(step=[step.plugin, step.tool], seconds=step.seconds)
                for each in step.findings:
                    tell(finding=asdict(each))
        tell(end=True)
    except NoPlugin as error:
        tell(no_plugin=str(error))
    os._exit(0)
