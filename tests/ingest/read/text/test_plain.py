"""Is a plain text given as it stands, and what is none refused?"""

from tests.ingest.read.reading import failure, one


def test_a_binary_file_with_a_suffix_of_text_is_refused(file):
    assert "it is binary" in failure(file("a.txt", b"\x7fELF\x00\x00\x00\x01" * 9))


def test_a_few_nuls_in_a_torn_log_are_dropped(file):
    assert one(file("a.log", b"x" * 1000 + b"\0\0")).text == "x" * 1000


def test_a_file_without_text_says_so(file):
    assert "it holds no text" in failure(file("a.md", " \n\n"))
