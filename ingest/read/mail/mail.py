"""What is in an e-mail (.eml) or a mailbox of them (.mbox)?"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

from ingest.errors import CitewellError
from ingest.model import Failure
from ingest.read.decode import decode, is_wide
from ingest.read.inside import plain_path, read_inside
from ingest.read.mail.invitation import invitation
from ingest.read.mail.letter import AttachmentNames, Body, Letter, forwarded_name, richest
from ingest.read.mail.mailbox import messages
from ingest.read.mail.text import bytes_of_part, decoded, decoded_message, file_name, header, text_of_part
from ingest.read.registry import Item, Unreadable

_LARGEST = 100 << 20  # bytes of a message, of which several copies are held while it is read
_DEEPEST = 20  # messages forwarded in one another
_SHOWN = ("From", "To", "Cc", "Bcc", "Date", "Subject")
_EXPECTED = {"from", "to", "subject", "date", "received", "message-id", "content-type", "mime-version", "return-path"}
_FORMS: dict[str, Literal["plain", "markdown", "html"]] = {
    "text/plain": "plain",
    "text/rfc822-headers": "plain",
    "text/html": "html",
    "text/enriched": "html",  # whose marks are tags of its own
    "text/richtext": "html",
    "text/markdown": "markdown",
}
_HEAD = 4096
_BEFORE = re.compile(rb"[^!-~]*")  # what cannot begin a header: a byte order mark, empty lines
_LOCKED = "it is encrypted, or signed in a form that hides its text: save the message decrypted"
_TORN = "it is torn off before its end, and what was there was read: get the whole message"


def read_mail(path: Path, name: str) -> Iterator[Item]:
    """The message titled by its subject; attachments and forwarded messages are called `{name}!/{file name}`."""
    if path.stat().st_size > _LARGEST:
        raise Unreadable(f"it is larger than {_LARGEST >> 20} MB: save its attachments as files of their own")
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if is_wide(head):
            message = _from_wide(path.read_bytes())
        else:
            file.seek(_BEFORE.match(head).end())  # type: ignore[union-attr] # it matches nothing at least
            message = BytesParser().parse(file)
    if not _EXPECTED & {key.lower() for key in message.keys()}:  # noqa: SIM118 - it has no other iteration
        raise Unreadable("it has no header of a mail, such as From or Subject: save the message again as .eml")
    yield from _read(message, name)


def _from_wide(data: bytes) -> Message:
    """A message that was saved in UTF-16 as a whole: what its parts do not encode is in no charset of their own."""
    message = message_from_bytes(decode(data).lstrip().encode())
    for part in message.walk():
        encoding = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
        if part.get_content_maintype() == "text" and encoding not in {"base64", "quoted-printable"}:
            part.set_param("charset", "utf-8")
    return message


def read_mailbox(path: Path, name: str) -> Iterator[Item]:
    """Each message as `{name}#{number}`, counted from 1, and its attachments as `{name}#{number}!/{file name}`."""
    with path.open("rb") as file:
        for number, data in enumerate(messages(file, _LARGEST), start=1):
            full = f"{name}#{number}"
            if data is None:
                yield Failure(
                    full, f"it is larger than {_LARGEST >> 20} MB: save its attachments as files of their own"
                )
                continue
            try:
                yield from _read(message_from_bytes(data), full)
            except CitewellError:
                raise
            except Exception as error:  # noqa: BLE001 - one bad message stops no other
                reason = f"{type(error).__name__}: {str(error)[:200]}".rstrip(": ")
                yield Failure(full, f"it could not be read as a mail ({reason}): save this message again as .eml")


@dataclass(frozen=True, slots=True)
class _Said:
    """A text as it was sent."""

    text: str
    form: Literal["plain", "markdown", "html"] = "plain"

    def body(self) -> Body:
        return richest("", self.text) if self.form == "html" else Body(self.text, is_markdown=self.form == "markdown")


@dataclass(slots=True)
class _Contents:
    """What a message is made of, in its order."""

    said: list[_Said] = field(default_factory=list)
    files: list[tuple[str, Message]] = field(default_factory=list)
    forwarded: list[tuple[str, Message]] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)  # of a text that has no name of its own, under ""

    def is_unread(self) -> bool:
        """Whether there is a text, but none that could be read, and nothing else to be found by its headers."""
        return not (self.said or self.files or self.forwarded) and any(not given for given, _ in self.failures)


def _read(message: Message, name: str, depth: int = 0) -> Iterator[Item]:
    contents = _Contents()
    _sort(message, contents, is_root=True)
    headers = {key: header(message, key) for key in _SHOWN}
    metadata = {
        "author": headers["From"],
        "date": _date(headers["Date"]),
        "to": headers["To"],
        "cc": headers["Cc"],
        "message-id": header(message, "Message-ID"),
        "in-reply-to": header(message, "In-Reply-To"),
        "language": header(message, "Content-Language"),
    }
    bodies = [said.body() for said in dict.fromkeys(contents.said)]  # an invitation often comes twice
    if not contents.is_unread():
        yield Letter(headers["Subject"], headers, bodies, metadata).document(name)
    names = AttachmentNames()
    for given, reason in contents.failures:
        yield Failure(f"{name}!/{names(given)}" if given else name, reason)
    for given, part in contents.files:
        yield from _attached(part, names(given, part.get_content_type()), name)
    for given, inner in contents.forwarded:
        file = plain_path(names(given or forwarded_name(header(inner, "Subject")))) or "message.eml"
        if depth < _DEEPEST:
            yield from _read(inner, f"{name}!/{file}", depth + 1)
        else:
            yield Failure(f"{name}!/{file}", f"more than {_DEEPEST} messages lie in one another: save the inner one")
    if any(isinstance(defect, CloseBoundaryNotFoundDefect | StartBoundaryNotFoundDefect) for defect in message.defects):
        yield Failure(name, _TORN)


def _attached(part: Message, file: str, name: str) -> Iterator[Item]:
    try:
        content = io.BytesIO(bytes_of_part(part))
    except Unreadable as error:
        yield Failure(f"{name}!/{file}", str(error))
    else:
        yield from read_inside(content, file, name)


# Parts


def _sort(part: Message, contents: _Contents, *, is_root: bool = False) -> None:
    """Puts a part, and all within it, where it belongs."""
    given = file_name(part)
    try:
        _place(part, given, contents, is_root=is_root)
    except Unreadable as error:
        contents.failures.append((given, str(error)))


def _place(part: Message, given: str, contents: _Contents, *, is_root: bool) -> None:
    kind = part.get_content_type()
    attached = not is_root and (part.get_content_disposition() == "attachment" or given != "")
    if kind in {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}:
        contents.failures.append((given or "smime.p7m", _LOCKED))
    elif kind == "multipart/alternative":
        _choose(part, contents)
    elif kind == "message/delivery-status" and part.is_multipart():
        blocks = ["\n".join(f"{key}: {decoded(str(value))}" for key, value in block.items()) for block in _parts(part)]
        contents.said.append(_Said("\n\n".join(blocks)))
    elif kind.startswith("message/") and part.is_multipart():
        contents.forwarded += [(given, decoded_message(part, inner)) for inner in _parts(part)]
    elif part.is_multipart():
        for inner in _parts(part):
            _sort(inner, contents)
    elif kind.startswith("multipart/"):  # whose parts cannot be told apart
        contents.said.append(_Said(text_of_part(part)))
    elif kind == "text/calendar":
        contents.said.append(_Said(invitation(text_of_part(part))))
    elif not attached and kind in _FORMS:
        contents.said.append(_Said(text_of_part(part), _FORMS[kind]))
    elif not attached and kind.startswith("image/"):
        pass  # a picture in the text, which has no name to be found by
    else:
        contents.files.append((given, part))


def _choose(part: Message, contents: _Contents) -> None:
    """Of several forms of one text, that which says most; what comes with any of them is kept."""
    forms = _Contents()
    for inner in _parts(part):
        if inner.get_content_type() != "text/x-amp-html":  # a second HTML, for one vendor's reader
            _sort(inner, forms)
    plain = "\n\n".join(said.text for said in forms.said if said.form == "plain")
    html = "\n".join(said.text for said in forms.said if said.form == "html")
    if plain and html:
        body = richest(plain, html)
        contents.said.append(_Said(body.text, "markdown" if body.is_markdown else "plain"))
        contents.said += [said for said in forms.said if said.form == "markdown"]
    else:
        contents.said += forms.said
    contents.files += forms.files
    contents.forwarded += forms.forwarded
    contents.failures += [(given, reason) for given, reason in forms.failures if given or not forms.said]


def _parts(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [child for child in inner if isinstance(child, Message)] if isinstance(inner, list) else []


def _date(header: str) -> str:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(header).isoformat()
    return ""
