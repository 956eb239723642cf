"""How much may be asked at once? The same on the command line, over HTTP and in a script."""

from __future__ import annotations

LONGEST = 4000  # characters of a question or a query
MOST = 200  # passages that a search gives
