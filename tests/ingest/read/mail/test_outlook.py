"""Does a message of Outlook have the shape of a mail?"""

import struct
from datetime import datetime, timedelta
from types import MappingProxyType

from tests.ingest.read.reading import failures, skipped, texts


def compound(root):
    """A compound file of nested storages (dicts) and streams (bytes), which are padded so that none is a small one."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    sectors, fat, entries = [], [], []

    def put(data):
        first, count = len(sectors), -(-len(data) // 512)
        sectors.extend(data[place * 512 : place * 512 + 512].ljust(512, b"\0") for place in range(count))
        fat.extend([*range(first + 1, first + count), end])
        return first

    def add(name, content):
        number = len(entries)
        entries.append(None)
        if isinstance(content, bytes):
            padded = content.ljust(4096, b"\0")
            entries[number] = [name, 2, free, put(padded), len(padded), free]
            return number
        names = sorted(content, key=lambda inner: (len(inner), inner.upper()))
        children = [add(inner, content[inner]) for inner in names]
        for child, following in zip(children, [*children[1:], free], strict=False):
            entries[child][5] = following
        entries[number] = [
            name,
            1 if number else 5,
            children[0] if children else free,
            end if not number else 0,
            0,
            free,
        ]
        return number

    add("Root Entry", root)
    directory = b""
    for name, kind, child, start, size, right in entries:
        spelt = (name + "\0").encode("utf-16-le")
        directory += spelt.ljust(64, b"\0") + struct.pack("<HBBIII", len(spelt), kind, 1, free, right, child)
        directory += bytes(36) + struct.pack("<IQ", start, size)
    directory_at = put(directory)
    count = -(-(len(fat) + len(fat) // 128 + 2) // 128)
    places = range(len(sectors), len(sectors) + count)
    table = struct.pack(f"<{len(fat) + count}I", *fat, *[fat_mark] * count).ljust(512 * count, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, count, directory_at, 0, 4096, end, 0, end, 0)
    return head + b"".join(struct.pack("<I", place) for place in places).ljust(436, b"\xff") + b"".join(sectors) + table


def properties(
    head, texts, binaries=MappingProxyType({}), numbers=MappingProxyType({}), times=MappingProxyType({}), **storages
):
    """The streams of one object in a message. `head` is how many bytes come before its list of properties."""
    listed = b"".join(struct.pack("<HHIII", 3, number, 6, value, 0) for number, value in numbers.items())
    listed += b"".join(struct.pack("<HHIQ", 0x40, number, 6, value) for number, value in times.items())
    streams = {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in texts.items()}
    streams |= {f"__substg1.0_{number:04X}0102": data for number, data in binaries.items()}
    return {"__properties_version1.0": bytes(head) + listed, **streams, **storages}


RECIPIENT = "__recip_version1.0_#00000000"
ATTACHMENT = "__attach_version1.0_#0000000"
SENT = (datetime(2024, 11, 19, 12, 30) - datetime(1601, 1, 1)) // timedelta(microseconds=1) * 10  # noqa: DTZ001 - UTC


def test_a_message_of_outlook_has_the_shape_of_a_mail(items):
    inner = properties(24, {0x0037: "Inner", 0x1000: "inner words"}, times={0x0039: SENT})
    message = properties(
        32,
        {0x0037: "The plan", 0x0C1A: "Ann Lee", 0x0C1F: "/O=SERVER/CN=ANN", 0x5D02: "ann@example.org", 0x1000: "plain"},
        {0x1013: b"<p>In <b>words</b> and more</p>".ljust(4096)},
        times={0x0039: SENT},
        **{
            RECIPIENT: properties(8, {0x3001: "Bo", 0x39FE: "bo@example.org"}, numbers={0x0C15: 1}),
            RECIPIENT[:-1] + "1": properties(8, {0x3001: "cd@example.org"}, numbers={0x0C15: 2}),
            RECIPIENT[:-1] + "2": properties(8, {0x3001: "Team", 0x3003: "/O=SERVER/CN=TEAM"}, numbers={0x0C15: 2}),
            ATTACHMENT + "0": properties(8, {0x3707: "numbers.txt"}, {0x3701: b"attached" * 600}, {0x3705: 1}),
            ATTACHMENT + "1": properties(8, {0x3707: "Inner"}, numbers={0x3705: 5}, **{"__substg1.0_3701000D": inner}),
            ATTACHMENT + "2": properties(8, {0x3707: "linked.docx"}, numbers={0x3705: 4}),
        },
    )
    found = items("a.msg", compound(message))
    assert found[0].text == (
        "From: Ann Lee <ann@example.org>\nTo: Bo <bo@example.org>\nCc: cd@example.org, Team\n"
        "Date: Tue, 19 Nov 2024 12:30:00 +0000\nSubject: The plan\n\nIn words and more"
    )
    assert (found[0].title, found[0].metadata["date"]) == ("The plan", "2024-11-19T12:30:00+00:00")
    assert list(texts(found)) == ["a.msg", "a.msg!/numbers.txt", "a.msg!/Inner.msg"]
    assert texts(found)["a.msg!/Inner.msg"] == "Date: Tue, 19 Nov 2024 12:30:00 +0000\nSubject: Inner\n\ninner words"
    assert "link" in skipped(found)["a.msg!/linked.docx"]


def test_a_body_of_packed_rtf_is_read(items):
    # the specification's own example (MS-OXRTFCP 4.1.1), which says "hello world"
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    (document,) = items("a.msg", compound(properties(32, {0x0037: "s"}, {0x1009: packed})))
    assert document.text == "Subject: s\n\nhello world"


def test_what_is_no_message_of_outlook_says_so(items):
    assert "not a message" in failures(items("a.msg", compound({"Other": b"x"})))["a.msg"]
    whole = compound(properties(32, {0x0037: "s"}))
    assert "damaged" in failures(items("b.msg", whole[:700]))["b.msg"]
