"""How far is the text of a document to be trusted? What came from outside is not, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final, Literal
from unicodedata import normalize

from agent.governance.charter import Charter
from ingest.model import Document, within
from ingest.names import is_from_outside
from ingest.options import Options

Trust = Literal["high", "low"]
BROUGHT: Final = "trust"  # of a document's metadata: what is written there can only lower it


def trust_of(charters: Iterable[Charter], document: str, *, brought: str | None = None) -> Trust:
    """What of a document's text counts: by where it came from, then by the longest pattern of a charter that fits.

    `brought` is what was recorded of how it came: `low` for what came by HTTP or as the note of a case. A pattern never
    raises what came from outside.
    """
    if brought == "low" or any(sign in document for sign in ("!/", "://")) or is_from_outside(document):
        return "low"
    found = [_said(charter, document) for charter in charters]
    return "low" if "low" in found else "high"


def trust_of_words(
    charters: Iterable[Charter], document: str, known: Document | None, start: int = 0, end: int = -1
) -> Trust:
    """What of a stretch of a document counts, or of all of it: where it holds text that nobody sees, no more than low.

    `known` is the document as it was read, where it is still there.
    """
    if known is not None and within(known.unseen, start, len(known.text) if end < 0 else end):
        return "low"
    return trust_of(charters, document, brought=brought_by(known))


def sent_by(who: str, options: Options) -> Options:
    """What documents get that came by HTTP: who sent them, and that they count as low whatever they are called."""
    return replace(options, metadata={**(options.metadata or {}), BROUGHT: "low", "sent_by": who})


def brought_by(document: Document | None) -> str | None:
    """How far a document is to be trusted by how it came, as was recorded with it; None where nothing was."""
    said = document.metadata.get(BROUGHT) if document else None
    return "low" if said == "low" else None


def _said(charter: Charter, document: str) -> Trust:
    name = normalize("NFC", document)  # some systems give a file's name in parts: what is seen is one name
    fitting = [pattern for pattern in charter.trust if fnmatchcase(name, normalize("NFC", pattern))]
    longest = max((len(pattern) for pattern in fitting), default=0)
    return "low" if any(charter.trust[each] == "low" for each in fitting if len(each) == longest) else "high"
