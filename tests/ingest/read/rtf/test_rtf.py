"""Does rich text give all of its words, and its numbers as they were written?"""

import pytest

from tests.ingest.read.reading import one

RICH = rb"""{\rtf1\ansi\ansicpg1252\deff0\deflang1031{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fcharset204 Arial Cyr;}
{\f2\fcharset128 MS Mincho;}{\f3\fcharset2 Symbol;}}{\stylesheet{\s0 Normal;}{\s1\sb240\b heading 1;}}
{\info{\title Gr\'fc\'dfe \u8364?}{\author J\'f6rg}{\revtim\yr2024\mo3\dy5}}
{\header\pard ACME\tab Seite {\field{\*\fldinst PAGE}{\fldrslt 3}}\par}
\pard\plain\s1 \'dcber\par
\pard\plain caf\'e9 \u8364? \u-10179?\u-8704? {\f1\'cf\'f0\'e8\'e2\'e5\'f2} {\f2\'93\'fa\'96\'7b \'83e} {\f3 a}
\{x\} back\\cell.\line second\par
Note{\super\chftn}{\footnote\pard {\super\chftn} The note.} goes {\deleted gone }on.\par
{\listtext\'b7\tab}First\par
{\pntext 1.\tab}Numbered\par
\trowd\cellx1000\cellx2000\pard\intbl A\par more\cell B|x\cell\row
\trowd\cellx1000\cellx2000\pard\intbl 1\cell \cell\row
\pard After {\field{\*\fldinst HYPERLINK "https://example.org"}{\fldrslt the link}}.\par
{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt\pard Boxed\par}}{\shprslt{\*\do x}}}
{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A red square}}}\pngblip\bin4 }{}\}
{\*\atnauthor Ann}\chatn{\*\annotation why?}{\*\unknown not said}\par
}"""


def test_rich_text_is_read_to_its_last_corner(tmp_path):
    path = tmp_path / "a.rtf"
    path.write_bytes(RICH)
    document = one(path)
    assert document.text == (
        "# Über\n\ncafé € 😀 Привет 日本 テ α{x} back\\cell.\nsecond\n\nNote[1] goes on.\n\n- First\n1. Numbered\n\n"
        "| A more | B\\|x |\n| --- | --- |\n| 1 |  |\n\nAfter the link.\n\nBoxed\n\nA red square\n\n[1] The note.\n\n"
        "ACME\n\nComments:\n\n- Ann: why?"
    )
    assert document.title == "Grüße €"
    assert document.metadata == {"author": "Jörg", "date": "2024-03-05", "language": "de-DE"}


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("1.", "2."), "1. First\n2. Second"),
        (("2.1", "2.2"), "2.1 First\n\n2.2 Second"),
        (("(a)", "§ 4"), "(a) First\n\n§ 4 Second"),
        (("Article I", "A"), "Article I First\n\nA Second"),
        (("o", "\\'b7"), "- First\n- Second"),
    ],
)
def test_the_numbers_of_rich_text_stand_as_they_were_written(tmp_path, labels, text):
    lines = "".join(
        f"{{\\listtext {label}\\tab}}{w}\\par" for label, w in zip(labels, ("First", "Second"), strict=True)
    )
    (tmp_path / "a.rtf").write_text(f"{{\\rtf1\\ansi {lines}}}", "latin-1")
    assert one(tmp_path / "a.rtf").text == text


def test_rich_text_that_breaks_off_still_gives_its_words(tmp_path):
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{\\rtf1\\ansi{\\fonttbl{\\f0 A;}}\\pard words{\\b bold")
    assert one(path).text == "wordsbold"
