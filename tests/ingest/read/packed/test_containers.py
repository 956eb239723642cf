"""Is everything found that lies in archives, mails and books, and is what cannot be read named?"""

import base64
import bz2
import gc
import gzip
import io
import lzma
import os
import struct
import tarfile
import warnings
import zipfile
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType

import pytest

from ingest.model import Document, Failure, Skipped
from ingest.read.inside import Expansion, expanding
from ingest.read.registry import read

LOADERS = Path(__file__).resolve().parents[4] / ".." / "shared" / "data" / "loaders" / "markitdown"
beside = pytest.mark.skipif(not LOADERS.is_dir(), reason="the public collections are not beside the project")


@pytest.fixture
def items(tmp_path):
    """What a file of this name and content gives."""

    def give(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read(path, name))

    return give


def texts(items):
    return {item.name: item.text for item in items if isinstance(item, Document)}


def failures(items):
    return {item.document: item.error for item in items if isinstance(item, Failure)}


def skipped(items):
    return {item.document: item.reason for item in items if isinstance(item, Skipped)}


def zipped(*members):
    """A zip archive of (name or entry, content) pairs."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def tarred(*members, mode="w"):
    """A tar archive of (name, content, attributes of its entry) triples."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content, attributes in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for key, value in attributes.items():
                setattr(entry, key, value)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


# Archives


def test_members_are_read_in_the_order_of_their_names_whatever_they_are(items):
    found = items("a.zip", zipped(("b/c.txt", "see"), ("a.md", "# A"), ("d/", ""), ("x.exe", "MZ"), ("e.docx", "torn")))
    assert list(texts(found)) == ["a.zip!/a.md", "a.zip!/b/c.txt"]
    assert found[0].title == "A"
    assert "not supported" in skipped(found)["a.zip!/x.exe"]
    assert "damaged" in failures(found)["a.zip!/e.docx"]


def test_what_programs_put_aside_is_passed_over_as_in_folders(items):
    junk = (
        "__MACOSX/._a.txt",
        ".DS_Store",
        ".git/config.txt",
        "node_modules/x/a.md",
        "d/.hidden/a.txt",
        "env/lib/a.py",
    )
    found = items("a.zip", zipped(*((name, "junk") for name in junk), ("env/pyvenv.cfg", "x"), ("a.txt", "kept")))
    assert texts(found) == {"a.zip!/a.txt": "kept"}
    assert len(found) == 1


def test_an_archive_of_nothing_says_so(items):
    assert "holds no file" in failures(items("a.zip", zipped()))["a.zip"]
    assert "holds no file" in failures(items("b.zip", zipped((".hidden", "x"))))["b.zip"]


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar", "w"), ("tgz", "w:gz"), ("tbz2", "w:bz2"), ("txz", "w:xz"), ("tar.gz", "w:gz")]
)
def test_every_kind_of_tar_is_read(items, suffix, mode):
    found = items(f"t.{suffix}", tarred(("b.txt", b"bee", {}), ("./a.txt", b"ay", {}), mode=mode))
    assert texts(found) == {f"t.{suffix}!/a.txt": "ay", f"t.{suffix}!/b.txt": "bee"}
    assert list(texts(found)) == sorted(texts(found))


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_an_archive_of_one(items, suffix, pack):
    assert texts(items(f"report.txt.{suffix}", pack(b"words"))) == {f"report.txt.{suffix}!/report.txt": "words"}


def test_links_and_devices_are_named_and_never_followed(items):
    kinds = {
        "link.txt": tarfile.SYMTYPE,
        "hard.txt": tarfile.LNKTYPE,
        "fifo.txt": tarfile.FIFOTYPE,
        "dev": tarfile.CHRTYPE,
    }
    entries = [(name, b"", {"type": kind, "linkname": "/etc/passwd"}) for name, kind in kinds.items()]
    found = items("t.tar", tarred(*entries, ("a.txt", b"ay", {})))
    assert texts(found) == {"t.tar!/a.txt": "ay"}
    assert set(skipped(found)) == {f"t.tar!/{name}" for name in kinds}
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    assert "link" in skipped(items("a.zip", zipped((link, "/etc/passwd"))))["a.zip!/link.txt"]


def test_a_path_that_leads_out_is_refused_and_the_rest_is_read(items):
    names = ["../up.txt", "a/../../up.txt", "/abs.txt", "..\\up.txt", "C:\\up.txt"]
    found = items("a.zip", zipped(*((name, "x") for name in names), ("ok.txt", "fine")))
    assert texts(found) == {"a.zip!/ok.txt": "fine"}
    assert len(failures(found)) == len(names)
    assert all("leads out" in error for error in failures(found).values())


def test_a_member_behind_a_password_or_damaged_stops_no_other(items):
    data = bytearray(zipped(("a.txt", "locked"), ("b.txt", "open")))
    data[data.find(b"PK\1\2") + 8] |= 1
    found = items("a.zip", bytes(data))
    assert texts(found) == {"a.zip!/b.txt": "open"}
    assert failures(found)["a.zip!/a.txt"].startswith("it is protected by a password: ")
    entry = zipfile.ZipInfo("a.txt")  # stored, so that its words can be changed under its checksum
    data = zipped((entry, "hello"), ("b.txt", "good")).replace(b"hello", b"jello")
    found = items("b.zip", data)
    assert texts(found) == {"b.zip!/b.txt": "good"}
    assert "damaged" in failures(found)["b.zip!/a.txt"]


def test_names_are_read_as_utf8_where_nothing_says_how_they_are_written(items):
    data = bytearray(zipped(("grüß.txt", "hi")))
    data[7] &= ~8
    data[data.find(b"PK\1\2") + 9] &= ~8
    assert texts(items("a.zip", bytes(data))) == {"a.zip!/grüß.txt": "hi"}
    old = bytes(data).replace("grüß".encode(), b"gr\x81\xe1ss")
    assert set(texts(items("b.zip", old))) == {"b.zip!/grüßss.txt"}


def test_strange_names_are_spelt_out_and_long_ones_are_no_obstacle(items):
    found = items("a.zip", zipped(("new\nline.txt", "one"), ("x" * 400 + ".txt", "two")))
    assert texts(found) == {"a.zip!/new\\x0aline.txt": "one", "a.zip!/" + "x" * 400 + ".txt": "two"}
    found = items("t.tar", tarred(("gr\udcfc.txt", b"three", {})))
    assert texts(found) == {"t.tar!/gr\\xfc.txt": "three"}


def test_of_two_members_of_one_path_one_is_read_and_the_other_named(items):
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a.txt", "first"), ("a.txt", "second"))
    found = items("a.zip", data)
    assert texts(found) == {"a.zip!/a.txt": "first"}
    assert "same name" in failures(found)["a.zip!/a.txt"]


def test_archives_are_read_three_deep_and_no_deeper(items):
    data = b"deep words"
    for name in ("x.txt", "c.zip", "b.zip"):
        data = zipped((name, data))
    assert texts(items("a.zip", data)) == {"a.zip!/b.zip!/c.zip!/x.txt": "deep words"}
    found = items("o.zip", zipped(("a.zip", data), ("z.txt", "beside")))
    assert texts(found) == {"o.zip!/z.txt": "beside"}
    (error,) = failures(found).values()
    assert "3 archives deep" in error


def test_what_a_torn_archive_still_holds_is_read_and_the_tear_is_named(items):
    words = os.urandom(3000).hex().encode()
    found = items("a.txt.gz", gzip.compress(words)[:2500])
    assert words.decode().startswith(texts(found)["a.txt.gz!/a.txt"][:1000])
    assert "torn" in failures(found)["a.txt.gz"]
    whole = tarred(("a.txt", b"ay", {}), ("b.txt", b"bee" * 2000, {}))
    found = items("t.tar", whole[:4000])
    assert texts(found)["t.tar!/a.txt"] == "ay"
    assert texts(found)["t.tar!/b.txt"].startswith("bee")
    assert "torn" in failures(found)["t.tar"]
    assert "torn" in failures(found)["t.tar!/b.txt"]
    packed = gzip.compress(tarred(("a.txt", b"ay", {}), ("b.txt", words, {})))
    found = items("t.tgz", packed[:-1500])
    assert texts(found)["t.tgz!/a.txt"] == "ay"
    assert "torn" in failures(found)["t.tgz"]
    packed = gzip.compress(tarred(("a.txt", b"ay", {}), ("b.txt", os.urandom(90_000).hex().encode(), {})))
    found = items("d.tgz", packed[:50_000] + bytes(200) + packed[50_200:])
    assert texts(found)["d.tgz!/a.txt"] == "ay"
    assert "torn" in failures(found)["d.tgz"]
    found = items("s.tgz", packed[:-8] + bytes(4) + packed[-4:])  # nothing but the checksum says so
    assert texts(found)["s.tgz!/a.txt"] == "ay"
    assert "damaged" in failures(found)["s.tgz"]


def test_a_bomb_is_given_up_and_what_was_read_before_is_kept(items):
    zeros = bytes(100 << 20)
    found = items("a.zip", zipped(("a.txt", "fine"), ("b.txt", zeros), ("c.txt", "after")))
    assert texts(found) == {"a.zip!/a.txt": "fine"}
    assert "bomb" in failures(found)["a.zip"]
    assert len(failures(found)) == 1
    assert "bomb" in failures(items("a.txt.gz", gzip.compress(zeros)))["a.txt.gz"]


def test_many_small_archives_of_one_large_are_a_bomb_too(items):
    data = zipped(("a.txt", b"\n" * (8 << 20) + b"x"))
    for _ in range(2):
        data = zipped(*((f"{number}.zip", data) for number in range(10)))
    found = items("a.zip", data)
    assert 0 < len(texts(found)) < 12
    assert "bomb" in failures(found)["a.zip"]


def test_a_bomb_of_archives_in_archives_without_end_is_given_up(items):
    data = b"x"
    for level in range(6):
        data = zipped(*((f"{number:x}.{'zip' if level else 'txt'}", data) for number in range(16)))
    found = items("42.zip", data)
    assert not texts(found)
    assert "42.zip" in failures(found)
    assert len(found) < 20


def test_what_may_be_unpacked_in_all_is_bounded(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(*((f"{number}.txt", os.urandom(5000).hex()) for number in range(5))))
    with expanding(Expansion(bytes=25_000), {}):
        found = list(read(path, "a.zip"))
    assert len(texts(found)) == 2
    assert len(failures(found)) == 3
    assert all("unpacks to more" in error for error in failures(found).values())
    with expanding(Expansion(files=3), {}):
        found = list(read(path, "a.zip"))
    assert len(texts(found)) == 3
    assert "more files" in failures(found)["a.zip"]


def test_a_member_that_says_that_it_is_huge_is_not_unpacked(items):
    entry = tarfile.TarInfo("huge.txt")
    entry.size = 20 << 30
    found = items("t.tar", entry.tobuf() + bytes(2048))
    assert "torn" in failures(found)["t.tar"]


def test_a_plugin_reads_its_kind_inside_of_an_archive_as_well(tmp_path):
    def shout(path, name):
        yield Document(name, path.read_text().upper())

    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("a.foo", "hi")))
    with expanding(Expansion(), {".foo": shout}):
        assert texts(read(path, "a.zip", {".foo": shout})) == {"a.zip!/a.foo": "HI"}


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(("a.txt", "x"), ("b.zip", zipped(("c.txt", "y")))))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a folder that is only removed with its object warns
        assert len(texts(read(path, "a.zip"))) == 2
        gc.collect()
    assert not list(scratch.iterdir())


# Mail


def letter(**headers):
    message = EmailMessage()
    for key, value in headers.items():
        message[key.replace("_", "-")] = value
    return message


def test_a_mail_reads_as_a_person_sees_it(items):
    message = letter(
        Subject="Grüße und der Plan", From="Änne Müller <anne@example.org>", To="Bo <bo@example.org>, cd@example.org",
        Cc="ef@example.org", Date="Tue, 19 Nov 2024 13:30:02 +0100", Message_ID="<1@example.org>",
    )  # fmt: skip
    message.set_content("Hello plain\n")
    message.add_alternative("<p>Hello <b>there</b></p><table><tr><th>A<th>B<tr><td>1<td>2</table>", subtype="html")
    (document,) = items("a.eml", message.as_bytes())
    assert document.text == (
        "From: Änne Müller <anne@example.org>\nTo: Bo <bo@example.org>, cd@example.org\nCc: ef@example.org\n"
        "Date: Tue, 19 Nov 2024 13:30:02 +0100\nSubject: Grüße und der Plan\n\n"
        "Hello there\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"
    )
    assert (document.title, document.markup) == ("Grüße und der Plan", "markdown")
    assert document.metadata == {
        "author": "Änne Müller <anne@example.org>",
        "date": "2024-11-19T13:30:02+01:00",
        "to": "Bo <bo@example.org>, cd@example.org",
        "cc": "ef@example.org",
        "message-id": "<1@example.org>",
    }


def test_the_plain_text_is_taken_where_the_html_says_less(items):
    message = letter(Subject="s", From="a@example.org")
    message.set_content("All of the words stand here and nowhere else\n\n> a quoted reply\n")
    message.add_alternative("<p>Please use another program</p>", subtype="html")
    (document,) = items("a.eml", message.as_bytes())
    assert document.text.endswith("All of the words stand here and nowhere else\n\n> a quoted reply")
    assert document.markup == "plain"


def test_every_attachment_is_read_or_named(items):
    inner = letter(Subject="Inner / one", From="c@example.org")
    inner.set_content("forwarded words")
    inner.add_attachment("deep words", filename="deep.txt")
    message = letter(Subject="s", From="a@example.org")
    message.set_content("body")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="Zahlen ä.csv")
    message.add_attachment(b"a,b\n3,4\n", maintype="text", subtype="csv", filename="Zahlen ä.csv")
    message.add_attachment(b"# No name", maintype="text", subtype="markdown")
    message.add_attachment(b"a,b\n5,6\n", maintype="text", subtype="csv", filename="Report v1.2")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(
        zipped(("in.txt", "packed words")), maintype="application", subtype="zip", filename="../z.zip"
    )
    message.add_attachment(inner)
    found = items("a.eml", message.as_bytes())
    assert list(texts(found)) == [
        "a.eml", "a.eml!/Zahlen ä.csv", "a.eml!/Zahlen ä (2).csv", "a.eml!/attachment-3.md", "a.eml!/Report v1.2.csv",
        "a.eml!/z.zip!/in.txt", "a.eml!/Inner - one.eml", "a.eml!/Inner - one.eml!/deep.txt",
    ]  # fmt: skip
    assert "| 3 | 4 |" in texts(found)["a.eml!/Zahlen ä (2).csv"]
    assert list(skipped(found)) == ["a.eml!/logo.png"]


def test_a_mail_is_decoded_whatever_rules_it_breaks(items):
    raw = (
        "From: José <j@x>\nSubject: café résumé déjà vu\nContent-Type: text/plain; charset=bogus\n\nvoilà, où êtes-vous"
    )
    (document,) = items("a.eml", raw.encode("latin-1"))
    assert document.title == "café résumé déjà vu"
    assert document.text.endswith("voilà, où êtes-vous")
    words = "日本語の長い件名です".encode("iso-2022-jp")
    halves = b" ".join(b"=?ISO-2022-JP?B?" + base64.b64encode(half) + b"?=\n" for half in (words[:12], words[12:]))
    head = b"From: a@b\nSubject: " + halves.strip() + b"\nContent-Type: text/plain; charset=ISO-2022-JP\n\n"
    (document,) = items("b.eml", head + "こんにちは".encode("iso-2022-jp"))
    assert document.title == "日本語の長い件名です"
    assert document.text.endswith("こんにちは")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(("transfer", "sharp"), [("8bit", "ß"), ("quoted-printable", "=DF")])
def test_a_mail_that_was_saved_in_another_encoding_as_a_whole_is_read(items, encoding, transfer, sharp):
    mail = (
        "From: Änn <ann@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=iso-8859-1\r\n"
        f"Content-Transfer-Encoding: {transfer}\r\n\r\nDie Stra{sharp}e ist bis Mai gesperrt.\r\n"
    )
    if encoding == "utf-8-sig" and transfer == "8bit":
        mail = mail.replace("iso-8859-1", "utf-8")
    (document,) = items("a.eml", mail.encode(encoding))
    assert document.title == "Grüße"
    assert document.text.endswith("Die Straße ist bis Mai gesperrt.")
    assert "Änn" in document.metadata["author"]


@pytest.mark.parametrize("charset", ["utf-7", "hz-gb-2312", "gb2312", "iso-2022-kr", "utf-16"])
def test_a_charset_is_believed_where_its_bytes_look_like_other_text(items, charset):
    words = "한국어 문장입니다" if charset == "iso-2022-kr" else "中文句子"
    encoded = base64.b64encode(words.encode(charset)).decode()
    head = f"From: a@b\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n"
    assert texts(items("a.eml", head + encoded))["a.eml"].endswith(words)


def test_a_mail_that_is_a_text_with_a_name_is_still_a_mail(items):
    head = 'From: a@b\nContent-Type: text/plain; name="body.txt"\n\n'
    assert texts(items("a.eml", head + "words")) == {"a.eml": "From: a@b\n\nwords"}


def test_flowed_lines_are_joined(items):
    head = b"From: a@b\nSubject: s\nContent-Type: text/plain; format=flowed\n\n"
    (document,) = items("a.eml", head + b"One line \nthat goes \non.\nNext.\n> quoted \n> words\n From me\n-- \nAnn\n")
    assert document.text.endswith("One line that goes on.\nNext.\n> quoted words\nFrom me\n-- \nAnn")


def test_an_invitation_says_when_and_where(items):
    calendar = (
        "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nDTSTART:16010101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\n"
        "SUMMARY:Budget\\, round\n  two\nDTSTART;TZID=Europe/Berlin:20240301T100000\nLOCATION:Room 5\n"
        'ORGANIZER;CN="Ann: B":mailto:ann@example.org\n'
        "BEGIN:VALARM\nDESCRIPTION:Reminder\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    message = letter(Subject="s", From="a@example.org")
    message.set_content("Please come")
    message.add_alternative(calendar, subtype="calendar")
    message.make_mixed()
    message.attach(next(part for part in message.walk() if part.get_content_type() == "text/calendar"))  # comes twice
    (document,) = items("a.eml", message.as_bytes())
    assert document.text.endswith(
        "Please come\n\nSummary: Budget, round two\nStart: 2024-03-01 10:00 (Europe/Berlin)\nLocation: Room 5\n"
        "Organizer: Ann: B <ann@example.org>"
    )


def test_what_a_mail_hides_or_lacks_is_named(items):
    head = "From: a@b\nSubject: s\nMIME-Version: 1.0\nContent-Type: "
    found = items("a.eml", head + "application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nAAAA\n")
    assert texts(found) == {"a.eml": "From: a@b\nSubject: s"}
    assert "encrypted" in failures(found)["a.eml!/smime.p7m"]
    found = items(
        "b.eml", head + "multipart/mixed; boundary=B\n\n--B\n\nbody\n--B\nContent-Type: text/plain; name=a.txt\n\ncut"
    )
    assert texts(found)["b.eml!/a.txt"] == "cut"
    assert "torn" in failures(found)["b.eml"]
    assert "no header of a mail" in failures(items("c.eml", "Just a text\n\nof no mail\n"))["c.eml"]


def test_what_is_not_in_base64_though_it_says_so_is_named(items):
    head = "From: a@b\nSubject: s\nMIME-Version: 1.0\nContent-Type: "
    form = "text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    encoded = base64.encodebytes(("Grüße an alle. " * 9).encode()).decode()
    found = items("a.eml", head + form + "Just words, as they are.\n")
    assert not texts(found)
    assert "base64" in failures(found)["a.eml"]
    footer = "_" * 40 + "\nA list for all, https://example.org/list?of=all\n"
    assert texts(items("b.eml", head + form + encoded + footer))["b.eml"].endswith("Grüße an alle.")
    named = form.replace("utf-8", "utf-8; name=a.txt")
    parts = ["text/plain\n\nbody", named + "No words!", named.replace("a.txt", "b.txt") + encoded]
    body = "".join(f"--B\nContent-Type: {part}\n" for part in parts)
    found = items("c.eml", f"{head}multipart/mixed; boundary=B\n\n{body}--B--\n")
    assert texts(found)["c.eml"].endswith("body")
    assert texts(found)["c.eml!/b.txt"].startswith("Grüße")
    assert "base64" in failures(found)["c.eml!/a.txt"]


def test_a_bounce_tells_what_became_of_which_mail(items):
    parts = (
        "--B\n\nNot delivered.\n--B\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx\n\nStatus: 5.1.1\n\n"
        "--B\nContent-Type: text/rfc822-headers\n\nSubject: lost\n--B--\n"
    )
    (document,) = items("a.eml", f"From: d@x\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=B\n\n{parts}")
    assert document.text.endswith("Not delivered.\n\nReporting-MTA: dns; mx\n\nStatus: 5.1.1\n\nSubject: lost")


def test_a_mailbox_gives_each_message_and_its_attachments(items):
    second = letter(Subject="two", From="b@example.org")
    second.set_content("body")
    second.add_attachment("noted", filename="n.txt")
    head = "From a@b Mon Jan  1 10:00:00 2024\n"
    box = f"{head}From: a@b\nSubject: one\n\nHi\n\nFrom 10:00 on it is text\n\n>From quoted\n\n"
    box += f"{head}{second}\n{head}Subject: three\n\nlast"
    found = items("all.mbox", box)
    assert list(texts(found)) == ["all.mbox#1", "all.mbox#2", "all.mbox#2!/n.txt", "all.mbox#3"]
    assert found[0].text == "From: a@b\nSubject: one\n\nHi\n\nFrom 10:00 on it is text\n\nFrom quoted"
    assert texts(items("crlf.mbox", box.replace("\n", "\r\n")))["crlf.mbox#3"] == "Subject: three\n\nlast"
    assert "no mailbox" in failures(items("b.mbox", "Subject: s\n\nx"))["b.mbox"]


# Outlook


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


# Books


def book(chapters, *, extra=MappingProxyType({}), metadata="", listed="", spine="", leave_out=()):
    names = 'xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    items_ = "".join(f'<item id="{key}" href="{key}.xhtml" media-type="application/xhtml+xml"/>' for key in chapters)
    order = spine or "".join(f'<itemref idref="{key}"/>' for key in ("nav", *chapters))
    pages = {
        f"OPS/{key}.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'><body>{body}</body></html>"
        for key, body in chapters.items()
    }
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": f"<package {names}><metadata>{metadata}</metadata><manifest>"
        f'<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{items_}{listed}'
        f"</manifest><spine>{order}</spine></package>",
        "OPS/nav.xhtml": "<html><body><h1>Where</h1><nav><ol><li>Contents</li></ol></nav></body></html>",
        **pages,
        **extra,
    }
    return zipped(*((name, content) for name, content in parts.items() if name not in leave_out))


def test_a_book_is_its_chapters_in_the_order_of_reading(items):
    chapters = {
        "b": "<h1>Two</h1><p>Second &amp; last</p>",
        "a": "<h1>One</h1><p>E is <math><msup><mi>c</mi><mn>2</mn></msup></math></p>",
    }
    said = "<dc:title>The Book</dc:title><dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>"
    said += "<dc:language>en</dc:language>"
    spine = '<itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/><itemref idref="a"/>'
    (document,) = items("a.epub", book(chapters, metadata=said + "<dc:date>2020</dc:date>", spine=spine))
    assert document.text == "# One\n\nE is c^2\n\n# Two\n\nSecond & last"
    assert document.title == "The Book"
    assert document.metadata == {"author": "Ann, Bo", "language": "en", "date": "2020"}


NAV = (
    "<html><body><nav epub:type='landmarks'><a href='a.xhtml'>Start</a></nav><nav epub:type='toc'><ol>"
    "<li><a href='a.xhtml'>Before</a></li><li><a href='./b.xhtml#top'>The <i>end</i></a></li>"
    "<li><a href='c.xhtml#x'>X</a></li><li><a href='c.xhtml#y'>Y</a></li></ol></nav></body></html>"
)
NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Before</text></navLabel>'
    '<content src="a.xhtml"/><navPoint><navLabel><text>The end</text></navLabel><content src="b.xhtml"/>'
    "</navPoint></navPoint></navMap></ncx>"
)


@pytest.mark.parametrize(("name", "table"), [("nav.xhtml", NAV), ("toc.ncx", NCX)])
def test_a_chapter_without_a_heading_stands_under_what_the_contents_call_it(items, name, table):
    chapters = {"a": "<h2>One</h2><p>x</p>", "b": "<p>Second</p>", "c": "<p>goes on</p>"}
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    made = book(chapters, listed=item, extra={f"OPS/{name}": table})
    assert texts(items("a.epub", made)) == {"a.epub": "## One\n\nx\n\n# The end\n\nSecond\n\ngoes on"}
    named = book({"b": "<p>The end</p><p>Second</p>"}, listed=item, extra={f"OPS/{name}": table})
    assert texts(items("b.epub", named)) == {"b.epub": "# The end\n\nSecond"}


def test_the_chapters_that_were_read_in_time_are_kept_and_the_rest_is_named(items, monkeypatch):
    monkeypatch.setattr("ingest.read.packed.book.is_late", lambda: True)
    found = items("a.epub", book({"a": "<h1>One</h1>", "b": "<p>x</p>"}))
    assert texts(found) == {"a.epub": "# One"}
    assert failures(found)["a.epub"].startswith("what follows its file OPS/a.xhtml has not been read in the time")


def test_a_chapter_that_is_missing_is_named_and_the_book_is_read(items):
    found = items("a.epub", book({"a": "<h1>One</h1>", "b": "<p>x</p>"}, leave_out={"OPS/b.xhtml"}))
    assert texts(found) == {"a.epub": "# One"}
    assert "missing" in failures(found)["a.epub!/OPS/b.xhtml"]


def test_a_protected_book_says_so_and_hidden_fonts_are_no_protection(items):
    name = "META-INF/encryption.xml"
    method = '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>'
    locked = book({"a": "<p>x</p>"}, extra={name: method.format("http://www.w3.org/2001/04/xmlenc#aes256-cbc")})
    assert "protected" in failures(items("a.epub", locked))["a.epub"]
    fonts = book({"a": "<p>x</p>"}, extra={name: method.format("http://www.idpf.org/2008/embedding")})
    assert texts(items("b.epub", fonts)) == {"b.epub": "x"}


# Real files


@pytest.mark.shared
@beside
def test_a_real_archive_gives_all_its_files():
    found = list(read(LOADERS / "test_files.zip", "t.zip"))
    assert {item.document for item in found if isinstance(item, Skipped)} == {"t.zip!/test.jpg"}
    assert {"t.zip!/test.docx", "t.zip!/test_blog.html", "t.zip!/test_wikipedia.html"} <= set(texts(found))


@pytest.mark.shared
@beside
def test_a_real_message_and_a_real_book_are_read_whole():
    (message,) = read(LOADERS / "test_outlook_msg.msg", "m.msg")
    assert message.title == "Test Email Message"
    assert message.text.startswith("From: M. C. Kurtuluş <muratcan.kurtulus@gmail.com>\nTo: ")
    assert message.text.endswith("This is the body of the test email message")
    (document,) = read(LOADERS / "test.epub", "b.epub")
    assert (document.title, document.metadata["author"]) == ("Test EPUB Document", "Test Author")
    assert document.text.startswith("# Chapter 1: Test Content\n\nThis is a test paragraph with some formatting.")
    assert "> This is a blockquote for testing." in document.text
