"""Is what is filled in, commented and attached given too?"""

from ingest.model import Skipped
from tests.ingest.read.pdf.made_pdf import at


def test_what_is_filled_into_a_form_is_text(one):
    field = "/Type /Annot /Subtype /Widget /Rect [72 500 300 520] /P 10 0 R"
    extra = {
        100: f"<< {field} /FT /Tx /T (Surname) /V (Grace) >>",
        101: f"<< {field} /FT /Tx /T (n2) /TU (Date of birth) /V (9.12.1906) >>",
        102: f"<< {field} /FT /Tx /T (Empty) >>",
        103: f"<< {field} /FT /Tx /T (Secret) /V (hush) /Ff 8192 >>",
    }
    fields = "100 0 R 101 0 R 102 0 R 103 0 R"
    text = one(
        at(72, 700, "A form"), catalog=f"/AcroForm << /Fields [{fields}] >>", extra=extra, page=f"/Annots [{fields}]"
    ).text
    assert text == "A form\n\nSurname: Grace\n\nDate of birth: 9.12.1906"


def test_a_comment_is_text_and_a_link_is_none(one):
    extra = {
        100: "<< /Type /Annot /Subtype /Text /Rect [72 500 90 520] /Contents (# ask Ann first) >>",
        101: "<< /Type /Annot /Subtype /Link /Rect [72 500 90 520] /Contents (click) >>",
    }
    assert one(at(72, 700, "Plan"), extra=extra, page="/Annots [100 0 R 101 0 R]").text == "Plan\n\n\\# ask Ann first"


def attached(**files: str) -> dict:
    extra, names = {}, []
    for number, (name, content) in enumerate(files.items()):
        key = 100 + 2 * number
        file = name.replace("_", ".")
        extra[key] = f"<< /Type /Filespec /F ({file}) /UF ({file}) /EF << /F {key + 1} 0 R >> >>"
        extra[key + 1] = f"<< /Type /EmbeddedFile /Length {len(content)} >>\nstream\n{content}\nendstream"
        names.append(f"({file}) {key} 0 R")
    return {"catalog": f"/Names << /EmbeddedFiles << /Names [{' '.join(names)}] >> >>", "extra": extra}


def test_attached_files_are_read(items):
    document, note, picture = items(at(72, 700, "Cover"), **attached(note_txt="Attached words", x_png="png"))
    assert (document.name, document.text) == ("box/a.pdf", "Cover")
    assert (note.name, note.text) == ("box/a.pdf!/note.txt", "Attached words")
    assert isinstance(picture, Skipped)


def test_a_cover_without_text_does_not_hide_what_is_attached(items):
    note, failed = items("", **attached(note_txt="Attached words"))
    assert note.text == "Attached words"
    assert "only the files attached" in failed.error
