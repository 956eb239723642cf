"""What becomes of a person's answer to a case as a document? A note of low trust, that is ingested like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.governance.sources import BROUGHT
from agent.run.people.casefile import CaseFile
from ingest.model import Document
from ingest.source import Source

LABEL: Final = "notes"  # of the source; a note is called notes/CASE.md


@dataclass(frozen=True, slots=True)
class Notes:
    """All notes that there are, for what a source does not hold any more is removed from the index."""

    held: tuple[Document, ...]

    @property
    def source(self) -> Source:
        """It names them, and leads nowhere."""
        return Source(Path("citewell.notes"), LABEL, Path(LABEL))

    def documents(self) -> Iterator[Document]:
        """The notes."""
        yield from self.held


def note_of(
    file: CaseFile, answer: str, by: str, day: str, labels: Iterable[str], veiled: Callable[[str], str]
) -> Document:
    """What was asked and answered, by whom and when; `veiled` leaves out what is personal. It is seen where the run's
    documents are.
    """
    question = veiled(" ".join((file.understood or file.question).split()))
    author = veiled(by)
    text = f"# {question}\n\n{veiled(answer)}\n\nAnswered by {author} on {day}.\n"
    metadata = {BROUGHT: "low", "case": file.id, "author": author, "date": day}
    return Document(
        f"{LABEL}/{file.id}.md", text, question[:200], "markdown", metadata=metadata, labels=frozenset(labels)
    )


def with_others(note: Document, names: Iterable[str], document: Callable[[str], Document | None]) -> Notes:
    """The note, beside those that an index holds already; one of its name is replaced."""
    others = (document(name) for name in names if name.startswith(f"{LABEL}/") and name != note.name)
    return Notes((*(each for each in others if each is not None), note))
