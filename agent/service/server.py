"""Where does the service listen, and how does it end?"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import math
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

import uvicorn
from starlette.applications import Starlette

from agent.plain import PlainLog
from agent.service.admission import PARTING, Runs
from ingest.errors import CitewellError
from plugins.bounded import aside

_log = logging.getLogger("uvicorn.error")  # where uvicorn tells of the server's own affairs, on stderr


class NotLoopback(CitewellError):
    """The service was to be reachable from other machines, where anyone could use it."""

    code: ClassVar[str] = "not_loopback"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


class PortTaken(CitewellError):
    """The address cannot be listened on."""

    code: ClassVar[str] = "port_taken"
    http_status: ClassVar[int] = 500


class _Server(uvicorn.Server):
    """Whoever waits for a run when the service is stopped is told, before uvicorn drops the connection.

    Last of all `ending` is called: a process that a signal ends has no other moment for it.
    """

    def __init__(self, config: uvicorn.Config, runs: Runs, patience: float, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._runs, self._patience, self._ending = runs, patience, ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        stopping = asyncio.get_running_loop().call_later(self._patience, self._runs.stop)
        try:
            await super().shutdown(sockets)
        finally:
            stopping.cancel()
            await aside(self._ending)


def serve(
    app: Starlette,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    patience: int = 5,
    ending: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted; runs then have `patience` seconds to end before they are interrupted, then `ending`.

    Raises `NotLoopback` and `PortTaken`.
    """
    if not _is_loopback(host):
        raise NotLoopback(
            f"{host} can be reached from other machines, and this service asks nobody who they are: serve on 127.0.0.1 "
            "and put a reverse proxy that does ask in front of it."
        )
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise PortTaken(_unheard(error, host, port)) from error
    grace = math.ceil(patience + 2 * PARTING)  # for runs to be interrupted, and their ends to be sent
    config = uvicorn.Config(app, timeout_graceful_shutdown=grace, server_header=False, ws="none", use_colors=False)
    for log in (logging.getLogger("uvicorn"), logging.getLogger("uvicorn.access")):
        for handler in log.handlers:
            handler.setFormatter(PlainLog(handler.formatter))
    where = f"[{host}]" if ":" in host else host
    _log.info("Answering on http://%s:%d until interrupted; GET /docs lists what", where, listener.getsockname()[1])
    with listener:
        _Server(config, app.state.runs, patience, ending).run(sockets=[listener])


def _unheard(error: OSError | OverflowError, host: str, port: int) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program: end that one, or name another with --port."
    if code in {errno.EACCES, errno.EPERM}:
        return f"Port {port} of {host} is not for this user to listen on: name one from 1024 on with --port."
    if code == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"This machine has no address {host}: name another with --host, such as 127.0.0.1."
    return f"Port {port} of {host} cannot be listened on: name another with --port, from 1024 to 65535."


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
