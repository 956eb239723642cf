"""Which processors multiply bfloat16 faster than fp32?"""

import pytest

from retrieval.device import bf16_is_fast


@pytest.mark.parametrize(
    ("vendor", "flags", "fast"),
    [
        ("GenuineIntel", "avx2 avx512f", False),
        ("GenuineIntel", "avx512f avx512_bf16", False),
        ("GenuineIntel", "avx512f avx512_bf16 amx_bf16 amx_tile", True),
        ("AuthenticAMD", "avx2 avx512f", False),
        ("AuthenticAMD", "avx512f avx512_bf16", True),
        ("", "", False),
    ],
)
def test_where_bfloat16_is_faster_than_fp32(vendor, flags, fast):
    assert bf16_is_fast(f"vendor_id\t: {vendor}\nflags\t\t: fpu {flags}\n") is fast
