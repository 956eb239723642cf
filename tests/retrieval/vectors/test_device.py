"""Which processors multiply bfloat16, which do so faster than fp32, and how many may be used?"""

import os

import pytest

from retrieval.vectors.device import bf16_is_fast, has_bf16, usable_processors


@pytest.mark.parametrize(
    ("vendor", "flags", "there", "fast"),
    [
        ("GenuineIntel", "avx2 avx512f", False, False),
        ("GenuineIntel", "avx512f avx512_bf16", True, False),
        ("GenuineIntel", "avx512f avx512_bf16 amx_bf16 amx_tile", True, True),
        ("AuthenticAMD", "avx2 avx512f", False, False),
        ("AuthenticAMD", "avx512f avx512_bf16", True, True),
        ("", "", False, False),
    ],
)
def test_where_there_is_bfloat16_and_where_it_is_faster_than_fp32(vendor, flags, there, fast):
    processor = f"vendor_id\t: {vendor}\nflags\t\t: fpu {flags}\n"
    assert has_bf16(processor) is there
    assert bf16_is_fast(processor) is fast


def test_processors_that_this_process_is_kept_from_do_not_count(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    assert usable_processors() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert usable_processors() == 64, "where the system does not tell, all count"
