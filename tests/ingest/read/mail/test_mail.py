"""Does a mail read as a person sees it, with all that is attached to it?"""

import base64
from email.message import EmailMessage

import pytest

from tests.ingest.read.packed.packing import zipped
from tests.ingest.read.reading import failures, skipped, texts


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
