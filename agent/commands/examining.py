"""What is wrong here, and what is to be done? `citewell doctor`."""

from __future__ import annotations

from dataclasses import asdict

from agent.commands.shared import cli, fail, result, settings
from agent.commands.terminal.progress import ProgressLine


@cli.command()
def doctor() -> None:
    """Check the installation, the settings, the model's server and the index, and say what to do where one is not well.

    \b
    Example:
      citewell doctor
    """
    line = ProgressLine()
    line.say("Looking at everything that an answer needs …")
    from agent.doctor import examine

    checks = examine(settings)
    line.done()
    ok = all(check.ok for check in checks)
    lines = [f"{'ok  ' if check.ok else 'NOT '} {check.name:13} {check.detail}" for check in checks]
    result({"schema": 1, "ok": ok, "checks": [asdict(check) for check in checks]}, "\n".join(lines))
    if not ok:
        fail()
