"""Does the command line start light, whatever the libraries behind it weigh?"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "anthropic",
    "asyncio",
    "fastapi",
    "llama_index",
    "numpy",
    "pydantic",
    "qdrant_client",
    "qdrant_edge",
    "sentence_transformers",
    "sklearn",
    "torch",
    "transformers",
    "uvicorn",
)

LOADED = """
import json, sys
from citewell_start import main
try:
    main()
except SystemExit as left:
    assert left.code in (0, None), left.code
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["ingest", "--help"], ["ask", "--help"]], ids=" ".join)
def test_what_needs_no_library_loads_none(words):
    done = subprocess.run([sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True)

    assert "citewell" in done.stdout.lower()
    assert set(HEAVY).isdisjoint(json.loads(done.stdout.splitlines()[-1]))
