"""Is a package that cannot be opened said to be damaged, or protected?"""

import pytest

from tests.ingest.read.reading import failure


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.odt", "a.odp"])
def test_a_damaged_file_says_so(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 and no more")
    assert "it is damaged" in failure(path)


def test_a_protected_word_document_says_what_to_do(file):
    assert "without a password" in failure(file("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
