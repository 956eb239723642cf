"""Is a text what its author wrote, whatever it was saved in?"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Document, Failure
from ingest.read import decode as decoding
from ingest.read.decode import decode
from ingest.read.registry import Unreadable, read
from tests.places import LOADERS, SHARED

SHORT = {
    "cp1252": [
        *(
            "Größe;Straße;Müller",
            "café crème à la carte",
            "El niño comió piñas",
            "Tämä on hyvä päivä",
            "naïve",
            "façade\n",
        ),
        *(
            "Æbler og blåbær på øen",
            "price £5 – “quoted” it’s",
            "Être ou ne pas être",
            "Não há informação",
            "§ 5 Abs. 2",
        ),
        *(
            "5 € – per day",
            "Cost: 30°C ± 2",
            "Name;Ort\nJörg;Köln\n",
            "the units—ten faculties—of the university",
            "6½ sacks",
        ),
    ],
    "cp1250": [
        "Příliš žluťoučký kůň",
        "Zażółć gęślą jaźń",
        "Łódź;Kraków;Gdańsk",
        "Árvíztűrő tükörfúrógép",
        "Čeština je těžká",
    ],
    "iso8859_2": ["Zażółć gęślą jaźń i inne słowa", "Příliš žluťoučký kůň úpěl ďábelské ódy"],
    "iso8859_15": ["Ein Budget von 207.000 € für Übungen"],
    "cp1251": ["Привет, как дела? Это текст.", "Москва", "Имя;Город\nИван;Москва\n", "Українська мова є гарною"],
    "koi8_r": ["Привет, как дела? Это текст.", "Имя;Город\nИван;Москва\n"],
    "iso8859_5": ["Привет, как дела? Это текст на русском языке."],
    "cp866": ["Привет, как дела? Это текст на русском языке."],
    "cp850": ["Größe und Übermaß der Füße"],
    "mac_roman": ["Größe und Übermaß der Füße"],
    "cp1253": ["Καλημέρα κόσμε", "Αθήνα;Θεσσαλονίκη"],
    "cp1254": ["İstanbul'da güneşli bir gün, çok şükür", "Müşteri adı;Şehir"],
    "cp1255": ["שלום עולם", "שם;עיר\nדוד;תל אביב"],
    "cp1256": ["مرحبا بالعالم كيف حالك", "الاسم والمدينة"],
    "cp1257": ["Ačiū už pagalbą, gražus oras šiandien"],
    "cp874": ["สวัสดีชาวโลก", "ประเทศไทย กรุงเทพ"],
    "cp932": [
        "名前,年齢,住所",
        "東京",
        "こんにちは世界",
        "カタカナ",
        "会議資料の件について、ご確認ください。",
        "ﾊﾝｶｸ文字",
    ],
    "euc_jp": ["名前,年齢,住所", "日本語のテキストです。", "会議資料の件について、ご確認ください。"],
    "iso2022_jp": ["日本語のテキストです。"],
    "gb18030": ["你好，世界。这是一个测试文件。", "姓名,年龄,城市\n张三,30,北京", "会议纪要", "合同编号：2024"],
    "big5": ["你好，世界。這是一個測試文件。", "姓名,年齡,城市\n張三,30,臺北", "會議紀要"],
    "cp949": ["안녕하세요 세계", "이름,나이,도시\n김철수,30,서울", "회의록"],
    "utf-16-le": ["Hello world", "Größe", "Привет, как дела?\nЭто текст.", "名前,年齢,住所\n佐藤太郎,30,東京\n"],
    "utf-16-be": ["Hello world", "Größe", "Привет, как дела?\nЭто текст.", "你好世界这是一个测试文件"],
    "utf-32-le": ["Hello wörld"],
    "utf-16": ["naïve 中文"],
    "utf-8-sig": ["naïve 中文"],
}


@pytest.mark.parametrize(
    ("encoding", "text"), [(encoding, text) for encoding, texts in SHORT.items() for text in texts]
)
def test_a_few_words_are_enough_to_tell_what_they_were_written_in(encoding, text):
    assert decode(text.encode(encoding)) == text


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(
    ("language", "encoding", "wrong"),
    [("de", "cp1252", 0), ("es", "cp1252", 0), ("en", "cp1252", 1), ("zh", "gb18030", 0), ("zh", "utf-16-le", 1)],
)
def test_real_paragraphs_are_told_apart(language, encoding, wrong):
    with (SHARED / f"xquad/{language}/corpus.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"].lstrip("\ufeff").replace("\r", "")[:200] for line in lines]
    told = [decode(data) == data.decode(encoding) for text in texts if (data := text.encode(encoding, "ignore"))]
    assert len(told) >= 240
    assert told.count(False) <= wrong


@pytest.mark.shared
def test_a_table_of_seventy_bytes_is_japanese():
    (document,) = read(LOADERS / "markitdown/test_mskanji.csv", "a.csv")
    assert "| 髙橋淳 | 35 | 名古屋 |" in document.text


def test_a_file_put_together_from_several_is_decoded_line_by_line():
    mixed = "Zürich è bello\nplain\n".encode() + "café crème\n".encode("latin-1") + "“quoted” – ok\n".encode("cp1252")
    assert decode(mixed) == "Zürich è bello\nplain\ncafé crème\n“quoted” – ok\n"
    assert (
        decode("日本語\n".encode() * 3 + "日本語のログです\n".encode("cp932") * 3)
        == "日本語\n" * 3 + "日本語のログです\n" * 3
    )
    assert decode("Договор\n".encode() + "Договор поставки\n".encode("cp1251")) == "Договор\nДоговор поставки\n"


def test_what_is_utf8_by_chance_stays_in_the_encoding_of_the_file():
    lines = ["会议纪要和合同编号", "一", "欢迎光临北京"] * 30
    by_chance = "дТ".encode("gb18030")  # read as UTF-8 it would be something else
    data = "\n".join(lines).encode("gb18030") + b"\n" + by_chance
    assert decode(data) == data.decode("gb18030")
    for text, encoding in (
        ("안녕하세요\n회의록\n회", "cp949"),
        ("её\nмоё\nтвоё дело", "koi8_r"),
        ("駅\n一\n会議の件", "euc_jp"),
    ):
        assert decode(text.encode(encoding)) == text


def test_a_torn_letter_costs_that_letter_alone():
    torn = ("Žluťoučký kůň. " * 20).encode()[:-2] + b"\xc5"
    assert decode(torn) == "Žluťoučký kůň. " * 19 + "Žluťoučký kůň\ufffd"
    assert decode("\ufeffnaïve".encode() + b"\xe4") in {"naïve\ufffd", "naïveä"}
    assert decode("Straße\nGrüße nach Köln".encode()[:-3]) == "Straße\nGrüße nach K\ufffd"


def test_a_mark_and_a_declaration_are_believed_but_not_against_the_bytes():
    assert decode("naïve".encode("cp1252"), "iso-8859-1") == "naïve"
    assert decode("“naïve”".encode("cp1252"), "iso-8859-1") == "“naïve”"
    assert decode("naïve".encode(), "cp1252") == "naïve"
    assert decode("naïve".encode("cp1252"), "nonsense") == "naïve"


@pytest.mark.parametrize("size", [200, 1024, 100_000])
def test_bytes_that_are_no_text_are_refused(size):
    noise = random.Random(size).randbytes(size)
    with pytest.raises(Unreadable, match="binary"):
        decode(noise)
    with pytest.raises(Unreadable, match="binary"):
        decode(noise.replace(b"\0", b"\1"))
    with pytest.raises(Unreadable, match="binary"):
        decode(b"\x7fELF\0\0\0\1" * size)


def test_bytes_that_spell_nothing_are_refused_and_a_short_text_of_rare_words_is_not():
    chance = random.Random(1)
    above = bytes(chance.choices(range(0x80, 0x100), k=2000))
    mixed = bytes(chance.choices([*range(0x20, 0x7F), *range(0x80, 0x100)], k=2000))
    for noise in (above, mixed, bytes(range(0x80, 0x100)) * 10):
        with pytest.raises(Unreadable, match="encoding"):
            decode(noise)
    assert decode("ЩЪЫЭ ЮЁ".encode("cp1251"))


def test_a_text_whose_letters_were_lost_is_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\ufffd" * 6 + ", " + "\ufffd" * 4 + "!\n")
    (item,) = read(path, "a.txt")
    assert isinstance(item, Failure)
    assert "letters were lost" in item.error
    path.write_text("a letter was lost: \ufffd\n")
    (item,) = read(path, "a.txt")
    assert isinstance(item, Document)


def test_a_few_nuls_in_ascii_are_not_taken_for_chinese():
    assert (
        decode(b"a log of some length, torn in the end\n" * 40 + b"\0" * 4)
        == "a log of some length, torn in the end\n" * 40
    )
    assert decode(b"\x1b[31mred\x1b[0m text\n") == "\x1b[31mred\x1b[0m text\n"


@given(st.binary(max_size=300))
def test_whatever_the_bytes_the_text_can_be_stored(data):
    try:
        text = decode(data)
    except Unreadable:
        return
    assert not {"\0", "\r"} & set(text)
    text.encode()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_utf8_is_always_itself(text):
    assert decode(text.encode()) == text.removeprefix("\ufeff")


def test_a_large_file_is_judged_by_a_sample(monkeypatch):
    seen = []
    original = decoding.charset
    monkeypatch.setattr("ingest.read.charset._value", lambda sample, candidate: seen.append(len(sample)) or 1.0)
    assert original(b"plain\n" * 500_000 + "Größe\n".encode("cp1252") * 500_000)
    assert max(seen) <= 1 << 14


def test_a_file_that_is_too_large_is_refused_before_it_is_loaded(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 1001)
    monkeypatch.setattr(decoding, "LARGEST", 1000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was loaded"))
    (item,) = read(path, "a.txt")
    assert isinstance(item, Failure)
    assert item.error.endswith("MB: split it")
