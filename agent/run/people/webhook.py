"""How is something told to an address so that its receiver knows who says it, and it leads nowhere that it may not?

Signed as the Standard Webhooks specification has it: HMAC-SHA-256 over id, time stamp and body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Iterable, Sequence
from datetime import datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import ClassVar, Final
from urllib.parse import urlsplit

from ingest.errors import CitewellError

PATIENCE: Final = 10.0  # seconds that a server may take for each step
_PREFIX: Final = "whsec_"  # of a secret that is written as base64
_NAT64: Final = ip_network("64:ff9b::/96")
_OF_THE_INTERNET: Final = ip_network("2000::/3")  # all that was given out of IPv6; what lies beside it is of one's own
_FOR_DOCUMENTS: Final = ip_network("3fff::/20")
_Address = IPv4Address | IPv6Address


class NotDelivered(CitewellError):
    """Somebody could not be told of a case; it is tried again."""

    code: ClassVar[str] = "not_delivered"
    http_status: ClassVar[int] = 502


def signature(secret: str, id: str, stamp: str, body: bytes) -> str:
    """That of a body under its id and time stamp. Raises `NotDelivered` where the secret cannot be read."""
    key = secret.encode()
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            raise NotDelivered(
                f"The webhook's secret begins with {_PREFIX} and is no base64 after it: set it anew."
            ) from None
    made = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def post(url: str, secret: str, id: str, body: bytes, *, at: datetime, private: Sequence[str] = ()) -> None:
    """Sends a JSON body to an address, and follows no redirect. Raises `NotDelivered`.

    `private` are the addresses and networks to which it may lead though they are not of the internet.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _resolved(host, port, private)
    if parts.scheme != "https" and not all(each.is_loopback for each in addresses):
        raise NotDelivered(f"What is told to {host} could be read on the way: write its address with https.")
    stamp = str(int(at.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "citewell",
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, id, stamp, body),
    }
    to = _To(host, port, addresses, encrypted=parts.scheme == "https")
    try:
        to.request("POST", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", body, headers)
        status = to.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        raise NotDelivered(
            f"{host} could not be told ({fault or type(fault).__name__}): see that it answers."
        ) from None
    finally:
        to.close()
    if not 200 <= status < 300 and status != HTTPStatus.CONFLICT:  # by that id it says that it has it already
        moved = ", and no redirect is followed" if 300 <= status < 400 else ""
        raise NotDelivered(f"{host} answered {status}{moved}: see to the webhook, or correct its address.")


class _To(http.client.HTTPConnection):
    """A connection to one of the addresses that were looked at, whatever the name means by then."""

    def __init__(self, host: str, port: int, addresses: Iterable[_Address], *, encrypted: bool) -> None:
        super().__init__(host, port, timeout=PATIENCE)
        self.default_port = 443 if encrypted else 80
        self._addresses, self._encrypted = tuple(addresses), encrypted

    def connect(self) -> None:
        fault: OSError | None = None
        for address in self._addresses:
            try:
                self.sock = socket.create_connection((str(address), self.port), PATIENCE)
                break
            except OSError as error:
                fault = error
        else:
            raise fault or OSError("it has no address")
        if self._encrypted:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _resolved(host: str, port: int, private: Sequence[str]) -> list[_Address]:
    """What a name means, where it may be gone to, all of it. Raises `NotDelivered`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotDelivered(f"{host} was not found ({fault}): correct the address of the webhook.") from None
    addresses = [*dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found)]
    networks = [ip_network(each, strict=False) for each in private]
    for address in addresses:
        if not all(_is_public(each) for each in _meant(address)) and not any(address in each for each in networks):
            raise NotDelivered(
                f"{host} leads to {address}, which is not of the internet: correct the address of the webhook, or "
                f'write in its route private = ["{address}"].'
            )
    return addresses


def _meant(address: _Address) -> list[_Address]:
    """An address, and the one that it wraps, if it does."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped or address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    within = [address.sixtofour, *(address.teredo or ())]
    return [address, *(each for each in within if each is not None)]


def _is_public(address: _Address) -> bool:
    if isinstance(address, IPv6Address) and (address not in _OF_THE_INTERNET or address in _FOR_DOCUMENTS):
        return False
    return address.is_global and not address.is_multicast
