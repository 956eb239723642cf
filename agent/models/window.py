"""What does a model read at once?

Where no server counts, a token is about three bytes of a text: English has four a token or more, code and figures some
three, and of other scripts a letter has three bytes and is a token or less; so this is rather too many than too few.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

BYTES: Final = 3
SURE: Final = 2 / 3  # of what there is room for: up to there no server is asked to count
RESERVED: Final = 4  # of the window at most this part is kept free for the answer: a fourth


def tokens(text: str) -> int:
    """About how many a text has."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES)


def estimated(request: Mapping[str, Any]) -> int:
    """About how many a request has: its texts, with their frames."""
    return tokens(json.dumps([request.get(name) for name in ("system", "messages", "tools")], ensure_ascii=False))


def room(window: int, max_tokens: int) -> int:
    """How many tokens of a window may be read, if an answer of so many is to follow."""
    return window - min(max_tokens, window // RESERVED)
