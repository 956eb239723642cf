"""How is code put into Markdown without anything in it being taken for Markdown?"""

from __future__ import annotations

import re

_RUN = re.compile(r"`{3,}")


def fenced(code: str, language: str = "") -> str:
    """The code between fences longer than any run of backticks in it; empty where there is none."""
    code = code.strip("\n")
    if not code.strip():
        return ""
    fence = "`" * max(3, *(len(run) + 1 for run in _RUN.findall(code)), 3)
    return f"{fence}{language}\n{code}\n{fence}"
