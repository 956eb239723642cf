"""What does a call to a Qdrant server give, and what is said when it fails?"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import grpc  # type: ignore[import-untyped]
from pydantic import ValidationError
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from retrieval.stores.store import StoreFailed

QUICK = 30  # seconds, for a call that a healthy server answers in milliseconds
_SLOW = 600  # seconds, for a call that names no time of its own, such as making a snapshot
_SETTLING = 3600.0  # seconds until the server must have built its graph
_PAUSES = (0.1, 0.5, 2.0, 5.0)  # seconds between tries; with all of them, as an upload has, a restart is outlived
_FAILURES = (ApiException, QdrantException, grpc.RpcError)


def at(url: str, api_key: str | None = None) -> Callable[[], QdrantClient]:
    """What connects to the server there, when it is first needed."""

    def connect() -> QdrantClient:
        if api_key is not None and not (api_key.isascii() and api_key.isprintable()):
            raise StoreFailed(  # without the key, which whatever would send it repeats in its own error
                "The key for the Qdrant server has a line break or a letter that no key has; "
                "correct CITEWELL_QDRANT_API_KEY."
            )
        if not url.strip():
            raise StoreFailed("The Qdrant server's address is empty; remove or correct CITEWELL_QDRANT_URL.")
        try:
            with warnings.catch_warnings():
                if _on_this_machine(url):  # what is sent there is not seen on any line
                    warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
                return QdrantClient(url=url, api_key=api_key, timeout=_SLOW, check_compatibility=False)
        except ValueError as error:
            raise StoreFailed(f"{url} is no server's address ({error}); correct CITEWELL_QDRANT_URL.") from error

    return connect


def _on_this_machine(url: str) -> bool:
    host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Server:
    """One connection, whose failures are stated."""

    def __init__(self, client: QdrantClient) -> None:
        self.client = client
        options = client.init_options
        local = options["path"] or (options["location"] == ":memory:" and ":memory:")
        self.is_local = bool(local)
        self.place = str(local or options["url"] or options["host"] or options["location"])
        # The client's local mode stands in for a server, and threads that write at once would break it.
        self._turn: AbstractContextManager[Any] = threading.RLock() if self.is_local else nullcontext()

    def do(self, operation: str, *arguments: Any, tries: int = 2, **named: Any) -> Any:
        """What the client's operation gives; one whose connection was dropped is repeated, as all of them may be."""
        for pause in (*_PAUSES[: tries - 1], None):
            try:
                with self._turn:
                    return getattr(self.client, operation)(*arguments, **named)
            except _FAILURES as error:
                if pause is None or not _passing(error):
                    raise StoreFailed(self._stated(error, arguments)) from error
            except ValueError as error:
                if self.is_local and "not found" in str(error):
                    raise StoreFailed(self._gone(arguments)) from error
                raise
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def count(self, collection: str) -> int:
        return int(self.do("count", collection, exact=True, timeout=QUICK).count)

    def settle(self, collection: str) -> None:
        """Returns when the server has nothing left to build."""
        end, pause = time.monotonic() + _SETTLING, 0.05
        while (status := self.do("get_collection", collection).status) != models.CollectionStatus.GREEN:
            if status == models.CollectionStatus.RED or time.monotonic() > end:
                raise StoreFailed(f"{self.place} cannot finish {collection} (it is {status}); see the server's log.")
            if status == models.CollectionStatus.GREY:  # it waits for a change before it goes on
                self.do("update_collection", collection, optimizers_config=models.OptimizersConfigDiff())
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _stated(self, error: Exception, arguments: Sequence[Any]) -> str:
        match _status(error):
            case 401 | 403 | "UNAUTHENTICATED" | "PERMISSION_DENIED":
                return f"The Qdrant server at {self.place} refuses the key; set CITEWELL_QDRANT_API_KEY."
            case 404 | "NOT_FOUND":
                return self._gone(arguments)
            case None | "UNAVAILABLE" | "DEADLINE_EXCEEDED":
                return (
                    f"The Qdrant server at {self.place} does not answer ({error or type(error).__name__}); "
                    "start it, or correct CITEWELL_QDRANT_URL."
                )
            case status:
                return f"The Qdrant server at {self.place} refuses ({status}: {error}); see its log."

    def _gone(self, arguments: Sequence[Any]) -> str:
        what = f"collection {arguments[0]}" if isinstance(arguments[0], str) else "such collection"
        return (
            f"{self.place} has no {what}; build the index again with citewell ingest, or correct CITEWELL_QDRANT_URL."
        )


def _status(error: Exception) -> int | str | None:
    """What the server said; None where it said nothing."""
    if isinstance(error, UnexpectedResponse):
        return error.status_code
    if isinstance(error, grpc.RpcError):
        return str(error.code().name)
    return None if isinstance(error, ResponseHandlingException) else 429


def _passing(error: Exception) -> bool:
    """Whether the same call may go well in a moment."""
    if isinstance(error, ResponseHandlingException):
        return not isinstance(error.source, ValidationError)
    return _status(error) in {429, 502, 503, 504, "UNAVAILABLE", "RESOURCE_EXHAUSTED"}
