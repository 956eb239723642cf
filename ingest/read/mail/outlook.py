"""What is in a message that Outlook saved (.msg)?

The library finds the parts of the file; texts are decoded here, since it refuses a whole message over one letter.
Contacts and tasks give what every message has: their subject and text.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from olefile import OleFileIO
from oxmsg.domain.encodings import encoding_from_codepage
from oxmsg.storage import Storage

from ingest.model import Document, Failure, Skipped
from ingest.read.decode import decode
from ingest.read.inside import read_inside
from ingest.read.mail.letter import AttachmentNames, Body, Letter, forwarded_name, richest
from ingest.read.mail.text import header
from ingest.read.registry import Item, Unreadable
from ingest.read.rtf.packed import unpacked

_PROPERTIES = "__properties_version1.0"
_ATTACHMENT = "__attach_version1.0_#"
_EMBEDDED = "__substg1.0_3701000D"
_HEADS = {"message": 32, "embedded": 24, "part": 8}  # bytes before the list of properties
_ENTRY = struct.Struct("<HHI8s")
_UNICODE, _BYTES, _BINARY, _TIME, _NUMBER = 0x001F, 0x001E, 0x0102, 0x0040, 0x0003
_DAMAGED = "it is damaged, or not a message of Outlook: save it again as .msg or .eml"
_RECIPIENTS = {1: "To", 2: "Cc", 3: "Bcc"}
_DEEPEST = 20  # messages in one another
_LARGEST = 64 << 20  # bytes of formatted text
_BY_VALUE, _OBJECT, _MESSAGE = 1, 6, 5  # how a file is attached


def read_outlook(path: Path, name: str) -> Iterator[Item]:
    """The message titled by its subject; attachments and messages in it are called `{name}!/{file name}`."""
    try:
        with OleFileIO(path) as container:
            storage = Storage.from_ole(container)
    except (OSError, ValueError, KeyError, IndexError, struct.error) as error:
        raise Unreadable(_DAMAGED) from error
    if not any(stream.name == _PROPERTIES for stream in storage.streams):
        raise Unreadable(_DAMAGED)
    yield from _read(_Object(storage, "message"), name, 0)


class _Object:
    """A message, a recipient or an attachment, with its properties by their numbers."""

    def __init__(self, storage: Storage, kind: str, encoding: str = "cp1252") -> None:
        self.storage = storage
        self._streams = {stream.name.upper(): stream.bytes_ for stream in storage.streams}
        self._fixed: dict[int, tuple[int, bytes]] = {}
        entries = self._streams.get(_PROPERTIES.upper(), b"")[_HEADS[kind] :]
        for place in range(0, len(entries) - _ENTRY.size + 1, _ENTRY.size):
            type_, number, _, value = _ENTRY.unpack_from(entries, place)
            self._fixed[number] = (type_, value)
        self.encoding = self._codepage(0x3FFD) or encoding

    def text(self, *numbers: int) -> str:
        """The first of these texts that there is, empty if there is none."""
        for number in numbers:
            if data := self._stream(number, _UNICODE):
                return data.decode("utf-16-le", "replace").rstrip("\0").replace("\r\n", "\n")
            if data := self._stream(number, _BYTES):
                return decode(data.rstrip(b"\0"), self.encoding)
        return ""

    def html(self) -> str:
        data = self._stream(0x1013, _BINARY)
        return decode(data, self._codepage(0x3FDE) or self.encoding) if data else self.text(0x1013)

    def data(self, number: int) -> bytes | None:
        return self._stream(number, _BINARY)

    def number(self, number: int) -> int | None:
        type_, value = self._fixed.get(number, (0, b""))
        return int.from_bytes(value[:4], "little") if type_ == _NUMBER else None

    def time(self, *numbers: int) -> datetime | None:
        for number in numbers:
            type_, value = self._fixed.get(number, (0, b""))
            ticks = int.from_bytes(value, "little")  # tenths of microseconds since 1601
            if type_ == _TIME and ticks:
                with suppress(OverflowError):
                    return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
        return None

    def parts(self, start: str) -> list[_Object]:
        """The recipients or the attachments, in their order."""
        found = sorted((inner.name, inner) for inner in self.storage.storages if inner.name.startswith(start))
        return [_Object(inner, "part", self.encoding) for _, inner in found]

    def _stream(self, number: int, type_: int) -> bytes | None:
        return self._streams.get(f"__SUBSTG1.0_{number:04X}{type_:04X}")

    def _codepage(self, number: int) -> str | None:
        page = self.number(number)
        if page is None:
            return None
        try:
            return str(encoding_from_codepage(page)) or None
        except Exception:  # noqa: BLE001 - the library's own errors have no common base
            return None


def _read(message: _Object, name: str, depth: int) -> Iterator[Item]:
    body = _body(message)
    packed = message.data(0x1009)
    if not body.text.strip() and packed:
        for item in read_inside(io.BytesIO(unpacked(packed, _LARGEST)), "body.rtf", name):
            if isinstance(item, Document):
                body = Body(item.text, is_markdown=item.markup == "markdown")
            else:
                yield item
    document = _letter(message, body).document(name)
    if not document.text and not message.parts(_ATTACHMENT):
        raise Unreadable(_DAMAGED)
    yield document
    names = AttachmentNames()
    for part in message.parts(_ATTACHMENT):
        given = part.text(0x3707, 0x3704) or part.text(0x3001)
        embedded = next((inner for inner in part.storage.storages if inner.name == _EMBEDDED), None)
        method, data = part.number(0x3705), part.data(0x3701)
        if method == _MESSAGE and embedded is not None:
            inner = _Object(embedded, "embedded", message.encoding)
            file = names(forwarded_name(inner.text(0x0037) or given).removesuffix(".eml") + ".msg")
            if depth < _DEEPEST:
                yield from _read(inner, f"{name}!/{file}", depth + 1)
            else:
                yield Failure(
                    f"{name}!/{file}", f"more than {_DEEPEST} messages lie in one another: save the inner one"
                )
        elif data is not None:
            yield from read_inside(io.BytesIO(data), names(given, part.text(0x370E)), name, size=len(data))
        elif given or method not in {_BY_VALUE, _OBJECT}:
            reason = "an object of another program" if method == _OBJECT else "only a link to a file elsewhere"
            yield Skipped(f"{name}!/{names(given)}", f"it is {reason}: save it as a file of its own")


def _letter(message: _Object, body: Body) -> Letter:
    sent = message_from_string(message.text(0x007D))
    date = header(sent, "Date")
    moment = message.time(0x0039, 0x0E06)
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        moment = parsedate_to_datetime(date)
    people = _recipients(message)
    lines = {
        "From": header(sent, "From") or _sender(message),
        "To": header(sent, "To") or people["To"] or message.text(0x0E04),
        "Cc": header(sent, "Cc") or people["Cc"] or message.text(0x0E03),
        "Bcc": people["Bcc"] or message.text(0x0E02),
        "Date": date or (format_datetime(moment) if moment else ""),
        "Subject": " ".join(message.text(0x0037).split()),
    }
    lines = {key: value.strip(" \0") for key, value in lines.items()}
    if message.text(0x001A).startswith(("IPM.Appointment", "IPM.Schedule")):
        for key, number in (("Start", 0x0060), ("End", 0x0061)):
            if time := message.time(number):
                lines[key] = f"{time:%Y-%m-%d %H:%M} UTC"
    metadata = {
        "author": lines["From"],
        "date": moment.isoformat() if moment else "",
        "to": lines["To"],
        "cc": lines["Cc"],
        "message-id": header(sent, "Message-ID") or message.text(0x1035),
        "in-reply-to": header(sent, "In-Reply-To") or message.text(0x1042),
    }
    return Letter(lines["Subject"], lines, (body,), metadata)


def _body(message: _Object) -> Body:
    plain, html = message.text(0x1000), message.html()
    return richest(plain, html)


def _sender(message: _Object) -> str:
    name = message.text(0x0C1A, 0x0042)
    return _person(name, [message.text(0x5D01), message.text(0x0C1F), message.text(0x5D02), message.text(0x0065)])


def _recipients(message: _Object) -> dict[str, str]:
    people: dict[str, list[str]] = {key: [] for key in _RECIPIENTS.values()}
    for part in message.parts("__recip_version1.0_#"):
        kind = _RECIPIENTS.get((part.number(0x0C15) or 1) & 0xF, "To")
        people[kind].append(_person(part.text(0x3001), [part.text(0x39FE), part.text(0x3003)]))
    return {key: ", ".join(filter(None, names)) for key, names in people.items()}


def _person(name: str, addresses: list[str]) -> str:
    """A name and the first address that is one of the Internet, not of a server's own directory."""
    name = " ".join(name.split()).strip("'\"")
    address = next((address.strip() for address in addresses if "@" in address), "")
    return f"{name} <{address}>" if name and address and name != address else address or name
