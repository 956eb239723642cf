"""What may be asked, and how much at once? The same on the command line, over HTTP and in a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, get_args

from ingest.errors import CitewellError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ingest.options import Options
    from retrieval.model import Mode, Scope

LONGEST = 4000  # characters of a question or a query
MOST = 200  # passages that a search gives
RANKED = 1000  # documents that an evaluation ranks for a query
MAX_TURNS = 8  # how often the model speaks in one run, where nothing else is set
DEADLINE = 180.0  # seconds that one run takes, likewise


class BadRequest(CitewellError):
    """Something was asked for that cannot be."""

    code: ClassVar[str] = "usage"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


def check_text(text: str, what: str) -> str:
    """The question or query (`what`) without the space around it. Raises `BadRequest`."""
    if not isinstance(text, str):
        raise BadRequest(f"The {what} is of the type {type(text).__name__}: ask in words.")
    if not text.strip():
        raise BadRequest(f"The {what} is empty: ask in words.")
    if half := next((letter for letter in text if "\ud800" <= letter <= "\udfff"), None):
        raise BadRequest(f"The {what} holds half of a character (U+{ord(half):X}): write it again without.")
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


def check_scope(scope: Scope) -> None:
    """Raises `BadRequest`, or `BadRange`, where a scope cannot be what was meant."""
    from retrieval.model import Range

    _check_names(scope.labels, scope.metadata)
    for key, value in scope.metadata.items():
        wanted = value if isinstance(value, tuple) else (value,)
        if ranges := [one for one in wanted if isinstance(one, Range)]:
            from retrieval.versions.ranges import check

            for one in ranges:
                check(key, one)
            wanted = tuple(one for one in wanted if not isinstance(one, Range))
            if not wanted:
                continue
        sets = [frozenset({one}) if isinstance(one, str) else one for one in wanted]
        if not all(isinstance(one, frozenset) and all(isinstance(word, str) for word in one) for one in sets):
            raise BadRequest(
                f"The filter {key!r} is {value!r}: give a text, a frozenset of texts of which one will do, a Range, or "
                "a tuple of what is wanted all together."
            )
        if not sets or not all(sets):
            raise BadRequest(f"The filter {key!r} asks for no value: give one, or leave it out.")


def check_options(options: Options) -> None:
    """Raises `BadRequest` where documents cannot carry these labels and this metadata."""
    metadata = options.metadata or {}
    _check_names(options.labels, metadata)
    for key, value in metadata.items():
        if not isinstance(value, str | tuple) or not all(isinstance(item, str) for item in value):
            raise BadRequest(f"The metadata {key!r} is {value!r}: give a text, or a tuple of texts.")


def _check_names(labels: Collection[str], metadata: Mapping[str, object]) -> None:
    if isinstance(labels, str):
        raise BadRequest(f"The labels are the text {labels!r}: give a frozenset of texts.")
    for what, names in (("label", labels), ("key of metadata", metadata)):
        if wrong := [name for name in names if not isinstance(name, str) or not name]:
            raise BadRequest(f"{wrong[0]!r} is no {what}: give a text that is not empty, or leave it out.")
