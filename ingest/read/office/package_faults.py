"""What is missing from the container of an Office file, and how is that said beside what was read?"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Sequence

from ingest.model import Document, Failure
from ingest.read.office.package import holds, readable, relations, relations_part
from ingest.read.registry import Item, Unreadable
from ingest.read.writing.rows import one_line

_DESCRIBES_ITSELF = ("[Content_Types].xml", "_rels/.rels")
_WORDED = {  # parts without which words, their order or their meaning are lost; slides and sheets are missed elsewhere
    *("styles", "numbering", "notesSlide", "slideLayout", "drawing", "chart", "chartEx", "diagramData"),
    *("header", "footer", "footnotes", "endnotes", "comments", "threadedComment"),
}
_LARGE = {"sharedStrings"}  # whose reader finds out whether it is damaged
_SHOWN = 3  # faults that are told one by one


def faults_in(archive: zipfile.ZipFile, left_out: Collection[str] = ()) -> list[str]:
    """A phrase for each part that has to be there, or whose words another one refers to, and is missing or damaged.

    Those that are `left_out` count as damaged, whatever they are.
    """
    faults = [f"{part} is missing" for part in _DESCRIBES_ITSELF if not holds(archive, part)]
    seen, pending = {""}, [""]
    while pending:
        part = pending.pop()
        listed = relations_part(part)
        if holds(archive, listed) and readable(archive, listed) is None:
            faults.append(f"{_shown(listed)} is damaged")
        for relation in relations(archive, part).values():
            if relation.target in seen:
                continue
            seen.add(relation.target)
            if holds(archive, relation.target):
                pending.append(relation.target)
                if relation.kind in _WORDED and (
                    relation.target in left_out or readable(archive, relation.target) is None
                ):
                    faults.append(f"{_shown(relation.target)} is damaged")
            elif relation.kind in _WORDED | _LARGE:
                faults.append(f"{_shown(relation.target)} is missing")
    return faults


def with_faults(document: Document, faults: Sequence[str]) -> Iterator[Item]:
    """The document, and a Failure that says what else of the file was not read. Raises Unreadable if nothing was.

    `faults` are phrases, for example `slide 3 is missing`.
    """
    if not faults:
        yield document
        return
    said = "; ".join(faults[:_SHOWN]) + (f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else "")
    if not document.text.strip():
        raise Unreadable(f"it is damaged ({said}): repair it, or save it again")
    yield document
    yield Failure(document.name, f"it is damaged ({said}), and the rest was read: repair it, or save it again")


def _shown(part: str) -> str:
    return one_line(part)[:80]
