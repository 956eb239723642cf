"""Is a number written in its form, in whichever letters?"""

import pytest

from ingest.read.writing.numerals import letters, written


@pytest.mark.parametrize(
    ("form", "number", "seen"),
    [
        ("lowerLetter", 28, "bb"),
        ("upperLetter", 3, "C"),
        ("lowerRoman", 1994, "mcmxciv"),
        ("upperRoman", 0, "0"),
        ("ordinal", 112, "112th"),
        ("ordinal", 23, "23rd"),
        ("decimalZero", 7, "07"),
        ("decimalZero", 12, "12"),
        ("cardinalText", 142, "One hundred forty-two"),
        ("ordinalText", 20, "Twentieth"),
        ("ordinalText", 31, "Thirty-first"),
        ("decimalEnclosedCircle", 3, "③"),
        ("japaneseCounting", 23, "二十三"),
        ("none", 4, ""),
        ("lowerLetter", 1 << 30, "1073741824"),
        ("upperRoman", 1 << 30, "1073741824"),
        ("unheard-of", 4, "4"),
    ],
)
def test_a_number_is_written_in_its_form(form, number, seen):
    assert written(number, form) == seen


def test_letters_follow_each_other_in_two_ways():
    assert [letters(28), letters(28, repeated=False), letters(703, repeated=False)] == ["bb", "ab", "aaa"]
    assert written(3, "ordinal", "de-DE") == "3."
