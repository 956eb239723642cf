"""How are the headers and texts of an e-mail decoded?

Leniently: much mail breaks some rule, and the library's own modern policy gives up whole messages over one header. What
is not written as the rules say is taken as it stands.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from contextlib import suppress
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from bs4.dammit import EncodingDetector

from ingest.read.decode import decode
from ingest.read.mail.letter import unflowed
from ingest.read.registry import Unreadable

_STATEFUL = re.compile("iso-2022|hz|utf-?7|utf-?16|utf-?32", re.IGNORECASE)  # whose bytes look like other text
_WIDER = {  # what is really written under these names
    "us-ascii": None,
    "ascii": None,
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]*={0,2}\s*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_STRAY = 0.1  # the share of other signs in a line of base64; one with more, such as a mailing list's words, is none


def header(message: Message, key: str) -> str:
    """All headers of this name, decoded, as one line; empty where there is none."""
    raw = [str(value) for name, value in message.raw_items() if name.lower() == key.lower()]
    return ", ".join(text for value in raw if (text := decoded(value)))


def decoded(raw: str) -> str:
    """A header's value as a person sees it (RFC 2047): one line, whatever it was encoded in."""
    text = raw
    if any("\udc80" <= letter <= "\udcff" for letter in raw):  # bytes that were sent as they are
        text = _decode(raw.encode("utf-8", "surrogateescape"), None)
    text = " ".join(text.split())
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return " ".join("".join(_piece(data, charset) for data, charset in pieces).split())


def file_name(part: Message) -> str:
    """The name that a part goes by, empty where it has none."""
    try:
        return decoded(part.get_filename() or "")
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""


def bytes_of_part(part: Message) -> bytes:
    """A part's content. Base64 that breaks off is read as far as it goes; raises Unreadable where there is none."""
    payload = part.get_payload()
    encoding = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    if encoding == "base64" and isinstance(payload, str):
        return _from_base64(payload.encode("ascii", "replace"))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def decoded_message(part: Message, inner: Message) -> Message:
    """The message forwarded in a part; some programs encode one, which the rules forbid."""
    payload = inner.get_payload()
    if str(part.get("Content-Transfer-Encoding") or "").strip().lower() == "base64" and isinstance(payload, str):
        return message_from_bytes(_from_base64(payload.encode("ascii", "replace")))
    return inner


def _from_base64(text: bytes) -> bytes:
    if _BASE64.fullmatch(text):  # as it should be, which takes less memory
        with suppress(binascii.Error):
            return binascii.a2b_base64(text)
    pieces = _lines_of_base64(text).split(b"=")
    whole = [piece[: len(piece) - (len(piece) % 4 == 1)] for piece in pieces]
    return b"".join(base64.b64decode(piece + b"=" * (-len(piece) % 4)) for piece in whole)


def _lines_of_base64(text: bytes) -> bytes:
    kept = bytearray()
    for line in io.BytesIO(text):
        clean = _NOT_BASE64.sub(b"", line)
        if len(line.strip()) - len(clean) <= _STRAY * len(clean):
            kept += clean
    if not kept and text.strip():
        raise Unreadable("it is not in base64, though it says so: get the message anew")
    return bytes(kept)


def text_of_part(part: Message) -> str:
    """A part's text: decoded, and its lines joined where it says that they flow."""
    data = bytes_of_part(part)
    charset = _parameter(part, "charset")
    if not charset and part.get_content_type() == "text/html":
        charset = EncodingDetector.find_declared_encoding(data, is_html=True) or ""
    text = _decode(data, charset or None)
    if part.get_content_type() == "text/plain" and _parameter(part, "format").lower() == "flowed":
        text = unflowed(text, joined=_parameter(part, "delsp").lower() == "yes")
    return text


def _parameter(part: Message, key: str) -> str:
    try:
        value = part.get_param(key, "")
    except (LookupError, ValueError, TypeError, AttributeError):
        return ""
    return (value[2] if isinstance(value, tuple) else str(value)).strip()


def _piece(data: bytes | str, charset: str | None) -> str:
    if isinstance(data, str):
        return data
    if charset is None:  # what stands between encoded words, as the library keeps it
        return data.decode("raw-unicode-escape", "replace")
    return _decode(data, charset)


def _decode(data: bytes, charset: str | None) -> str:
    if charset is not None and _STATEFUL.match(charset):
        with suppress(LookupError, ValueError):
            return data.decode(charset).replace("\r\n", "\n").replace("\r", "\n")
    if charset is not None:
        charset = _WIDER.get(charset.lower(), charset)
    try:
        return decode(data, charset)
    except Unreadable:
        return data.decode("utf-8", "replace").replace("\0", "").replace("\r\n", "\n")
