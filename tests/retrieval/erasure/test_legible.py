"""Are words found wherever they stand among bytes, and are numbers passed over?"""

import numpy as np
import pytest

from retrieval.erasure.legible import legible

WORDS = {
    "English": "the quillwort auditor found it under the clause",
    "Ukrainian": "як довго зберігаються ці журнали подій",
    "Chinese": "日志保留三十天然后每晚任务会删除它们",
    "Japanese": "ログはどのくらい保存されますか",
    "Korean": "로그는 얼마나 오래 보관됩니까",
    "Thai": "บันทึกถูกเก็บไว้นานเท่าใด",
    "Arabic": "كم من الوقت تحفظ السجلات في النظام",
    "mixed": "Der Prüfer fand 27 Belege, 3 davon über 100 €",
}
NOISE = np.random.default_rng(5).standard_normal(50_000).astype(np.float32).tobytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_words_are_found_among_numbers(words, encoding, shift):
    data = NOISE[: 9_000 + shift] + words.encode(encoding) + NOISE[9_001:20_000]
    assert any(words in text for text in legible(data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_words_alone_are_found_however_few(encoding):
    assert any("a lone red key" in text for text in legible("a lone red key".encode(encoding)))


def test_words_with_other_bytes_between_them_are_found_together():
    data = NOISE[:999] + b"\xa9quillwort\xa7auditor\x00\x00found\xa6clause" + NOISE[:999]
    assert any("quillwort" in text and "clause" in text for text in legible(data))


@pytest.mark.parametrize(
    "data",
    [NOISE, bytes(99_999), b"", b"\0"],
    ids=["vectors", "nothing", "no bytes", "one"],
)
def test_of_numbers_hardly_anything_is_looked_at(data):
    assert sum(map(len, legible(data))) <= len(data) // 10
