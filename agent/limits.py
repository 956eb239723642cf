"""What may be asked, and how much at once? The same on the command line, over HTTP and in a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, get_args

from ingest.model import CitewellError

if TYPE_CHECKING:
    from retrieval.model import Mode

LONGEST = 4000  # characters of a question or a query
MOST = 200  # passages that a search gives
RANKED = 1000  # documents that an evaluation ranks for a query


class BadRequest(CitewellError):
    """Something was asked for that cannot be."""

    code: ClassVar[str] = "usage"


def check_text(text: str, what: str) -> str:
    """The question or query (`what`) without the space around it. Raises `BadRequest`."""
    if not isinstance(text, str):
        raise BadRequest(f"The {what} is of the type {type(text).__name__}: ask in words.")
    if not text.strip():
        raise BadRequest(f"The {what} is empty: ask in words.")
    if len(text) > LONGEST:
        raise BadRequest(f"The {what} has {len(text):,} characters: ask in at most {LONGEST:,}.")
    return text.strip()


def check_count(k: int, most: int) -> None:
    """Raises `BadRequest` where `k` is no whole number from 1 to `most`."""
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= most:
        raise BadRequest(f"k is {k!r}: give a whole number from 1 to {most:,}.")


def check_mode(mode: Mode) -> None:
    """Raises `BadRequest` where there is no such mode."""
    from retrieval.model import Mode  # which takes numpy with it

    if mode not in get_args(Mode):
        raise BadRequest(f"The mode is {mode!r}: give one of {', '.join(get_args(Mode))}.")
