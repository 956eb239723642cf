"""Is a message of Citewell's webhook to be believed? One that is not signed, is old, or came before is refused.

Standard library alone: `CITEWELL_WEBHOOK_SECRET=... python receive_webhook.py 8090` prints what it is told.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

OLD = 5 * 60  # seconds
MOST = 1_000_000  # bytes of a message


class Refused(Exception):
    """A message is not taken, and why; with this status its sender is told."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Receiver:
    """Takes each message once; what it took must be kept for as long as a message is not old."""

    def __init__(self, secret: str) -> None:
        is_coded = secret.startswith("whsec_")
        self._key = base64.b64decode(secret.removeprefix("whsec_")) if is_coded else secret.encode()
        self._seen: dict[str, float] = {}

    def take(self, headers: Mapping[str, str], body: bytes, now: float) -> dict[str, object]:
        """What a message says. Raises `Refused`."""
        id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        made = hmac.new(self._key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
        wanted = f"v1,{base64.b64encode(made).decode()}"
        given = headers.get("webhook-signature", "").split()
        if not id or not any(hmac.compare_digest(each.encode(), wanted.encode()) for each in given):
            raise Refused(401, "its signature is not ours")
        if not stamp.isdigit() or abs(now - int(stamp)) > OLD:
            raise Refused(401, "it is older than five minutes, or of the future")
        self._seen = {each: at for each, at in self._seen.items() if now - at <= 2 * OLD}
        if id in self._seen:
            raise Refused(409, "it came before")
        said = json.loads(body)
        self._seen[id] = now
        return dict(said)


def serve(receiver: Receiver, port: int) -> HTTPServer:
    """A server on loopback that prints what it is told; 204 says that it was taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(min(length, MOST))
            try:
                said = receiver.take({name.lower(): value for name, value in self.headers.items()}, body, time.time())
                print(json.dumps(said), flush=True)
                self.send_response(204)
            except Refused as why:
                self.send_response(why.status, str(why))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """What is told is printed, and no more."""

    return HTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    serve(Receiver(os.environ["CITEWELL_WEBHOOK_SECRET"]), int(sys.argv[1])).serve_forever()
