"""How long does `citewell runs resume ID` take until a killed run goes on, with its own start and all that it opens?

`resumed.py [TIMES]`: over the guide, `citewell ask` is killed (SIGKILL) while its model speaks; then that is typed.
`resumed` is from the command's start to the event by which the run goes on, `ended` to the command's end. The scripted
model is that of `runs.py`, which holds back what it says to a question the first time and takes 50 ms a turn then.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from runs import RESUMED, scripted

from agent.journal.journal import Journal

ROOT: Final = Path(__file__).parent.parent
COMMAND: Final = [sys.executable, "-c", "from agent.cli import main; main()", "--json", "--home"]


def killed(home: Path, question: str, url: str, env: dict[str, str]) -> str:
    """The run of a question whose process was killed while the model spoke."""
    asked = questions(url)
    asking = subprocess.Popen([*COMMAND, home, "ask", question], env=env, stdout=-3, stderr=-3)
    until = time.time() + 60
    while questions(url) == asked and time.time() < until:
        time.sleep(0.05)
    os.kill(asking.pid, signal.SIGKILL)
    asking.wait()
    with closing(Journal(home / "journal.sqlite")) as journal:
        return journal.runs(limit=1)[0].id


def questions(url: str) -> int:
    """How many the scripted model has heard."""
    with urlopen(f"{url}/asked") as answer:  # noqa: S310 - on loopback
        return int(answer.read())


def resumed(home: Path, run: str, env: dict[str, str]) -> tuple[float, float, Any]:
    """The seconds from the command's start until the run goes on, those until its end, and what it told."""
    began = time.time()
    done = subprocess.run([*COMMAND, home, "runs", "resume", run], env=env, capture_output=True, text=True, timeout=120)
    ended = time.time()
    with closing(Journal(home / "journal.sqlite")) as journal:
        [again] = [entry for entry in journal.events(run) if entry.kind == "resumed"]
    return datetime.fromisoformat(again.at).timestamp() - began, ended - began, json.loads(done.stdout)


def main(times: int) -> int:
    until, ends, lost = [], [], 0
    with tempfile.TemporaryDirectory() as folder, scripted() as (url, _):
        home = Path(folder, "home")
        env = {**os.environ, "ANTHROPIC_BASE_URL": url, "CITEWELL_AGENT_CITATIONS": "numbered"}
        subprocess.run([*COMMAND, home, "ingest", ROOT / "docs"], env=env, stdout=-3, check=True)
        for number in range(times):
            run = killed(home, f"Hold {number}: how long does a lease last?", url, env)
            seconds, whole, told = resumed(home, run, env)
            until.append(seconds)
            ends.append(whole)
            lost += told.get("run") != run or told.get("status") not in ("answered", "abstained")
    slow = sum(each > RESUMED for each in until)
    print(f"resumed: median {statistics.median(until):.2f} s, slowest {max(until):.2f} s, late {slow} of {times}")
    print(f"ended: median {statistics.median(ends):.2f} s, slowest {max(ends):.2f} s; lost {lost}")
    return 1 if slow or lost else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
