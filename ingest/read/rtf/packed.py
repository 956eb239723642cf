"""What RTF is packed in the body of an Outlook message (MS-OXRTFCP)?"""

from __future__ import annotations

import re
import struct

from ingest.read.registry import Unreadable

_HEAD = struct.Struct("<IIII")
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D  # "LZFu", "MELA"
_WINDOW = 4096
_DICTIONARY = (  # what the window holds at first, in the specification's words
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_NOT_HTML = re.compile(rb"\\htmlrtf1? ?.*?\\htmlrtf0 ?", re.DOTALL)


def unpacked(data: bytes, largest: int) -> bytes:
    """The RTF, of at most `largest` bytes, without what it holds only beside HTML. Raises Unreadable."""
    if len(data) < _HEAD.size:
        raise Unreadable("its formatted text is damaged: save the message again")
    _, size, kind, _ = _HEAD.unpack_from(data)
    if size > largest:
        raise Unreadable(f"its formatted text unpacks to more than {largest >> 20} MB: save the message as text")
    if kind == _PLAIN:
        text = data[_HEAD.size : _HEAD.size + size]
    elif kind == _PACKED:
        text = _unpack(data, size)
    else:
        raise Unreadable("its formatted text is damaged: save the message again")
    return _NOT_HTML.sub(b"", text) if b"\\fromhtml" in text[:512] else text


def _unpack(data: bytes, size: int) -> bytes:
    """Each bit of a control byte says whether a letter follows, or a place in the window and a length."""
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    write, read, out = len(_DICTIONARY), _HEAD.size, bytearray()
    while read < len(data) and len(out) < size:
        control = data[read]
        read += 1
        for bit in range(8):
            if not control >> bit & 1:
                piece = data[read : read + 1]
                read += 1
            else:
                if read + 2 > len(data):
                    return bytes(out)
                place, length = divmod(int.from_bytes(data[read : read + 2], "big"), 16)
                read += 2
                if place == write:  # which is how the end is told
                    return bytes(out)
                piece = b""
                for step in range(length + 2):
                    letter = window[(place + step) % _WINDOW]
                    piece += bytes((letter,))
                    window[(write + step) % _WINDOW] = letter
            for letter in piece:
                window[write] = letter
                write = (write + 1) % _WINDOW
            out += piece
    return bytes(out)
