"""Which files must a folder be able to hold without harm? Made in seconds, from next to nothing."""

from __future__ import annotations

from pathlib import Path

from tests.ingest import hostile_office, hostile_packed, hostile_text
from tests.ingest.hostile_case import Case, reads
from tests.ingest.hostile_formats import CUES, LETTER, NOTEBOOK, PAGE, RICH, docx, odt, page_objects, pdf, pptx, xlsx
from tests.ingest.hostile_office import OFFICE
from tests.ingest.hostile_packed import PACKED
from tests.ingest.hostile_places import ANYWHERE
from tests.ingest.hostile_text import TEXT

GOOD = [
    Case("good/a.md", "# Sea\n\nThe lighthouse keeper.\n", reads("lighthouse keeper")),
    Case("good/b.txt", "The lighthouse keeper.\n", reads("lighthouse keeper")),
    Case("good/c.html", PAGE, reads("lighthouse keeper")),
    Case("good/d.pdf", pdf(page_objects()), reads("lighthouse keeper")),
    Case("good/e.docx", docx(), reads("lighthouse keeper")),
    Case("good/f.xlsx", xlsx(), reads("lighthouse keeper")),
    Case("good/g.pptx", lambda _: pptx(), reads("lighthouse keeper")),
    Case("good/h.odt", odt(), reads("lighthouse keeper")),
    Case("good/i.csv", "a,b\nlighthouse keeper,c\n", reads("lighthouse keeper")),
    Case("good/j.jsonl", '{"_id": "1", "text": "lighthouse keeper"}\n', reads("lighthouse keeper")),
    Case("good/k.ipynb", NOTEBOOK, reads("lighthouse keeper")),
    Case("good/l.eml", LETTER, reads("lighthouse keeper")),
    Case("good/m.rtf", RICH, reads("lighthouse keeper")),
    Case("good/n.srt", CUES, reads("lighthouse keeper")),
]
HOSTILE = [*TEXT, *OFFICE, *PACKED, *ANYWHERE]
CASES = [*GOOD, *HOSTILE]
HUGE = [*hostile_text.HUGE, *hostile_office.HUGE, *hostile_packed.HUGE]


def write(folder: Path, cases: list[Case] = CASES) -> None:
    """Makes the files below `folder`."""
    for case in cases:
        case.write(folder)
