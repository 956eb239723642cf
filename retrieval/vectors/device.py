"""Where are documents encoded, and in which numbers? On a GPU if there is one, else on this processor."""

from __future__ import annotations

import os
from pathlib import Path


def place() -> tuple[str, str]:
    """The device and the type of its numbers, as torch calls them."""
    if Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists():  # a driver; torch, slow to import, knows the rest
        import torch

        if torch.cuda.is_available():
            return "cuda", "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "cpu", "bfloat16" if bf16_is_fast(this_processor()) else "float32"


def usable_processors() -> int:
    """How many processors this process may run on, which can be fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only some systems bind a process to processors
        return os.cpu_count() or 1


def bf16_is_fast(processor: str) -> bool:
    """Whether a processor, as `/proc/cpuinfo` describes it, multiplies bfloat16 faster than fp32.

    By matrix units, or AMD's AVX-512. Intel's AVX-512 multiplies pairs, but half as often; its kernels took up to twice
    the time of fp32. Emulated, bfloat16 is slower still.
    """
    return "amx_bf16" in processor or ("avx512_bf16" in processor and "AuthenticAMD" in processor)


def has_bf16(processor: str) -> bool:
    """Whether a processor multiplies bfloat16 by itself, be it no faster than fp32."""
    return "amx_bf16" in processor or "avx512_bf16" in processor


def this_processor() -> str:
    """What `/proc/cpuinfo` says; nothing where there is no such file."""
    try:
        return Path("/proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return ""
