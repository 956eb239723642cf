"""What is said of a text or presentation in the binary format of Office 97 (.doc, .ppt)?

No kept library reads them without losing words in silence, and LibreOffice makes them new in one command.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.model import Skipped
from ingest.read.kind import OLE, true_suffix
from ingest.read.registry import Item, Unreadable

_NEW = {"doc": ("Word", "docx"), "dot": ("Word", "docx"), "ppt": ("PowerPoint", "pptx"), "pps": ("PowerPoint", "pptx")}


def read_old_office(path: Path, name: str) -> Iterator[Item]:
    """Nothing but how to convert it; what is something newer under an old name never comes here.

    Raises Unreadable where it is neither.
    """
    with path.open("rb") as file:
        if file.read(len(OLE)) != OLE:
            raise Unreadable("it is damaged, or not an Office file at all: get the original")
    program, suffix = _NEW[true_suffix(path).removeprefix(".")]
    convert = f"soffice --headless --convert-to {suffix} FILE"
    yield Skipped(name, f"it is in the old binary format of {program}: convert it with LibreOffice ({convert})")
