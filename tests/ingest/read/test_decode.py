"""Is a text decoded, and are its lines what they were?"""

import pytest

from ingest.read.decode import decode


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße aus München, schöne Straße.", "cp1252"),
        ("café crème à la carte, déjà vu, où êtes-vous, garçon?", "latin-1"),
        ("price £5 – “quoted” it’s", "cp1252"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "cp1250"),
        ("Привет, как дела? Это текст.", "cp1251"),
        ("Привет, как дела? Это текст.", "koi8_r"),
        ("Tämä on hyvä päivä, äiti ja isä", "cp1252"),
        ("名前,年齢,住所", "cp932"),
        ("你好，世界。这是一个测试文件。", "gb18030"),
        ("naïve 中文", "utf-8"),
        ("naïve 中文", "utf-8-sig"),
        ("naïve 中文", "utf-16"),
        ("naïve 中文", "utf-32"),
    ],
)
def test_text_is_decoded_whatever_it_was_written_in(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_a_torn_letter_does_not_turn_utf8_into_something_else():
    torn = ("Žluťoučký kůň. " * 20).encode()[:-2] + b"\xc5"
    assert decode(torn).startswith("Žluťoučký kůň. ")


def test_lines_end_with_newlines_and_other_separators_stay():
    assert decode("a\r\nb\rc\u2028d\x0ce".encode()) == "a\nb\nc\u2028d\x0ce"
