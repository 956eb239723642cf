"""What is personal is found where it stands, letter by letter, and what only looks like it is left alone."""

import pytest

from agent.governance.personal.detecting import DetectorFailed, Detectors, detectors
from agent.governance.personal.names import NoNames
from agent.settings import BadSettings, RedactSettings
from plugins.manager import NoPart, load_plugins


def found(text, kinds=None, **settings):
    made = detectors(RedactSettings(**settings), lambda _: lambda _: ())
    return [(each.kind, each.value) for each in made.find(text, kinds)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Charge 4111 1111 1111 1111 today.", "card", "4111 1111 1111 1111"),
        ("Amex 378282246310005.", "card", "378282246310005"),
        ("Pay to GB82 WEST 1234 5698 7654 32 by Friday", "iban", "GB82 WEST 1234 5698 7654 32"),
        ("IBAN:DE89370400440532013000,", "iban", "DE89370400440532013000"),
        ("Call +49 30 901820 or write.", "phone", "+49 30 901820"),
        ("Her number is 078-05-1120? No, 212-09-9999.", "id", "212-09-9999"),
        ("NIR 2 55 08 14 168 025 38", "id", "2 55 08 14 168 025 38"),
        ("DNI 54362315K", "id", "54362315K"),
        ("CPF 390.533.447-05.", "id", "390.533.447-05"),
        ("HETU 131052-308T", "id", "131052-308T"),
        ("Account (BE68 5390 0754 7034)", "iban", "BE68 5390 0754 7034"),
        ("(+49-170-1234567)", "phone", "+49-170-1234567"),
        ("call +44 7700 900123 now", "phone", "+44 7700 900123"),
        ("from ::ffff:192.0.2.128 on", "machine", "::ffff:192.0.2.128"),
        ("Write to ana.lópez+x@mail.example.org.", "email", "ana.lópez+x@mail.example.org"),
        ("<mailto:bo@example.com>", "email", "bo@example.com"),
        ("Host 203.0.113.7 answers.", "machine", "203.0.113.7"),
        ("at 2001:db8::ff00:42:8329 now", "machine", "2001:db8::ff00:42:8329"),
        ("MAC 00:1a:2B:3c:4D:5e", "machine", "00:1a:2B:3c:4D:5e"),
        ("key=ghp_" + "a1B2c3D4" * 5, "key", "ghp_" + "a1B2c3D4" * 5),
        ("AWS AKIAIOSFODNN7EXAMPLQ", "key", "AKIAIOSFODNN7EXAMPLQ"),
        (
            "x\n-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\n-----END RSA PRIVATE KEY-----\ny",
            "key",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\n-----END RSA PRIVATE KEY-----",
        ),
    ],
)
def test_what_is_personal_is_found_letter_by_letter(text, kind, value):
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112 of today",  # not by Luhn
        "Invoice 1234567812345670",  # by Luhn, and of no issuer
        "DE88 3704 0044 0532 0130 00",  # the check digits are another's
        "Order 12345678901, batch 123456789",
        "As of version 10.2.3.4, see section 1.2.3.4",
        "listening on 127.0.0.1 and ::1, mask 255.255.255.0",
        "at 12:30:45 std::vector a::b",
        "SHA 01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef",
        "git@github.com:someone/thing.git icon@2x.png @handle a@b",
        "sk-bold-italic-underline-strike-text",
        "111.111.111-11",
        "sk-your-key-here-goes-in-this-place",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "2026-11-30 19:12, 1,234,567.89 EUR, 100-200-300",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text):
    assert found(text) == []


def test_of_two_readings_of_the_same_characters_one_counts():
    assert found("DE89 3704 0044 0532 0130 00") == [("iban", "DE89 3704 0044 0532 0130 00")]


def test_kinds_that_are_not_asked_for_are_not_looked_for():
    text = "bo@example.com 4111111111111111"

    assert found(text, ["card"]) == [("card", "4111111111111111")]
    assert found(text, []) == []


def test_numbers_without_a_countrys_prefix_are_found_in_the_regions_that_are_set():
    text = "Ring 030 901820 or (650) 253-0000"

    assert found(text) == []
    assert found(text, regions=("DE",))[0] == ("phone", "030 901820")
    assert found(text, regions=("US",)) == [("phone", "(650) 253-0000")]
    with pytest.raises(BadSettings, match="'XX'"):
        found(text, regions=("XX",))


def test_the_names_of_a_list_are_found_whole(tmp_path):
    (tmp_path / "names.txt").write_text("# people\nMark\nEva  Brandt\n\n", encoding="utf-8")
    text = "EVA\nBRANDT and Mark, who will mark Markus, MARK"

    assert found(text, names=tmp_path / "names.txt") == [
        ("name", "EVA\nBRANDT"),
        ("name", "Mark"),
        ("name", "MARK"),
    ]


def test_a_list_of_names_that_cannot_be_read_stops_it(tmp_path):
    with pytest.raises(NoNames, match="cannot be read"):
        found("x", names=tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes("Jörg".encode("latin-1"))
    with pytest.raises(NoNames, match="UTF-8"):
        found("x", names=tmp_path / "latin.txt")


class Badges:
    @staticmethod
    def spans(text):
        start = text.find("B-")
        return [(start, start + 5)] if start >= 0 else []


def test_a_plugin_brings_a_detector_of_its_own_kind():
    import pluggy

    mark = pluggy.HookimplMarker("citewell")

    class Plugin:
        @mark
        def citewell_detectors(self):
            return {"badge": Badges.spans}

    plugins = load_plugins(extra=[("badges", Plugin())])

    def brought(name):
        return plugins.part("detector", name, "[redact] detectors").thing

    made = detectors(RedactSettings(detectors=("badge",)), brought)
    assert [(each.kind, each.value) for each in made.find("pass B-123 on")] == [("badge", "B-123")]
    with pytest.raises(NoPart, match="detector 'other'"):
        detectors(RedactSettings(detectors=("other",)), brought)


@pytest.mark.parametrize("spans", [[(0, 99)], [(2, 1)], ["no"], None])
def test_a_detector_that_breaks_is_not_taken_for_one_that_found_nothing(spans):
    made = detectors(RedactSettings(detectors=("x",)), lambda _: lambda _: spans)

    with pytest.raises(DetectorFailed, match="'x'"):
        made.find("abc")


def test_a_long_text_of_digits_is_looked_through_in_good_time():
    text = "1 2-3.4" * 3000 + "a" * 20000 + "@" * 5000 + ":" * 5000

    assert Detectors().kinds(text) in ((), ("phone",))
