"""Which statements does an answer make, and where does each of them end?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Final, TypeVar

from agent.evidence.support import names_something_new, says_words
from agent.evidence.wording import language_of, without_lead
from ingest.split.sentences import sentences

# Talk about the answer, the documents or the one who asks: it tells nothing that a document could bear out.
_TALK: Final = re.compile(
    r"""^\W*(?:
    (?:here(?:'s|\ is|\ are)|below\ (?:is|are)|the\ following|as\ follows|this\ is\ what)\b
    |(?:i\ (?:hope|am|can|could|will|found|cannot|have)|i'm|i've|let\ me|feel\ free|hope\ this|thank|you're\ welcome
        |glad|please\ (?:let\ me|tell\ me|feel\ free|ask\ (?:if|me|for\ more))|if\ you\ (?:have|need|want|would\ like)\b
        .{0,60}\b(?:questions?|help|more|further|else|details?|let\ me|tell\ me|ask))\b
    |that(?:\ is|'s)\ all\b
    |(?:sure|certainly|of\ course|absolutely|great\ question|good\ question|hello|hi|dear|okay|ok)\W*(?:$|[!,.])
    |(?:based\ on|according\ to)\ the\ (?:\w+\ ){0,2}(?:documents?|passages?|sources?|results?|text)\W*$
    |(?:hier\ (?:ist|sind)|im\ folgenden|ich\ (?:hoffe|habe|kann)|gern|gerne|hallo|guten\ tag|natürlich
        |bitte\ (?:fragen|sagen|lassen)\ sie|(?:falls|wenn)\ sie\ (?:noch|weitere|mehr)\b.{0,60}\b
        (?:fragen?|hilfe|wissen|auskunft|auskünfte|brauchen|wünschen))\b
    |(?:voici|ci-dessous|j'espère|n'hésitez|bien\ sûr|bonjour|merci)\b
    |(?:aquí\ (?:está|tiene|van)|a\ continuación|espero|por\ supuesto|hola|gracias)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# That the documents do not say something is no statement that they could bear out. `It does not contain nuts` is one.
_DENIAL: Final = (
    r"(?:(?:do|does|did|is|are|was|were|has|have)(?:\ not|n't)|cannot|can't|could\ not|no(?:ne|thing)?|not|never|nor"
    r"|neither|nicht|kein\w*|nichts|ne|n'|pas|aucune?|ningún|ninguna|non|niet|geen|não)"
)
_SAYING: Final = (
    r"(?:say|says|said|mention\w*|specif\w*|stat(?:e|es|ed)|indicate[sd]?|erwähn\w*|angegeben|genannt|sagen|sagt"
    r"|précis\w*|indiqu\w*|dice|dicen|mencion\w*|especific\w*|indican?)"
)
_HOLDING: Final = (
    r"(?:contain\w*|provid\w*|giv(?:e|es|en)|tell\w*|told|answer\w*|describ\w*|list(?:ed|s)?|address(?:ed|es)?"
    r"|discuss\w*|explain\w*|information|enthalten|enthält|hervor|beantwort\w*|contien\w*)"
)
_DOCUMENTS: Final = (
    r"(?:documents?|passages?|sources?|texts?|excerpts?|dokument\w*|unterlagen|quellen?|textstellen|documentos?"
    r"|fuentes?)"
)
_THEY: Final = r"(?:results|material|provided|information|informationen|it|they|this|that|es|il|ils)"


def _said_nowhere(sources: str, saying: str) -> str:
    """Either may come first; the denial stands between, behind or before them."""
    return (
        rf"\b{sources}\b[^.!?]{{0,40}}?\b{_DENIAL}\b[^.!?]{{0,40}}?\b{saying}\b"
        rf"|\b{sources}\b[^.!?]{{0,20}}?\b{saying}\b\W{{1,3}}{_DENIAL}\b"
        rf"|\b{_DENIAL}\b[^.!?]{{0,30}}?\b{saying}\b[^.!?]{{0,60}}?\b{sources}\b"
        rf"|\b{_DENIAL}\b[^.!?]{{0,30}}?\b{sources}\b[^.!?]{{0,40}}?\b{saying}\b"
    )


_SAID_NOWHERE: Final = re.compile(
    rf"{_said_nowhere(_DOCUMENTS, f'(?:{_SAYING}|{_HOLDING})')}|{_said_nowhere(_THEY, _SAYING)}"
    r"|\b(?:no|keine|aucune|ninguna)\ informa\w+\b",
    re.IGNORECASE | re.VERBOSE,
)


_T = TypeVar("_T")
_ROW_END: Final = re.compile(r"(?:^|\n)[ \t]*\|[^\n]*\|\s*\Z")
_LEAD: Final = re.compile(r"(:[*_]*)[ \t]*\n\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one sentence of an answer, `text[start:end]`, said by one segment or by none that cites.

    `segment` is its place among the segments, `sentence` that of its sentence.
    """

    start: int
    end: int
    segment: int
    sentence: int
    cites: bool


def pieces(texts: Sequence[str], cites: Sequence[bool], apart: Collection[int] = ()) -> list[Piece]:
    """The sentences of an answer, cut where one segment ends and another begins.

    What introduces a stretch that cites belongs to it, and so does what only ends the sentence behind it; but a segment
    that is `apart` belongs to no other.
    """
    whole = "".join(texts)
    ends = list(accumulate(map(len, texts)))
    found: list[Piece] = []
    for number, (start, end) in enumerate(_without_rows(_lines(whole), whole, ends)):
        cut = [start, *(place for place in ends if start < place < end), end]
        raw = [
            Piece(a, b, segment, number, cites[segment])
            for a, b in pairwise(cut)
            for segment in (next(place for place, stop in enumerate(ends) if a < stop),)
        ]
        found += _joined(raw, whole, apart)
    return found


def _lines(text: str) -> list[tuple[int, int]]:
    """Its sentences; what leads to a line, and ends with a colon, is one by itself."""
    found: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if lead := _LEAD.search(text, start, end):
            found.append((start, lead.end(1)))
        found.append((lead.end() if lead else start, end))
    return found


def _without_rows(lines: Iterable[tuple[int, int]], text: str, ends: Collection[int]) -> Iterator[tuple[int, int]]:
    """The sentences, each cut where a segment ends in a row of a table: what is said behind it is no cell."""
    for start, end in lines:
        for place in ends:
            if start < place < end and _ROW_END.search(text[start:place]):
                yield start, place
                start = place
        yield start, end


def _joined(raw: list[Piece], whole: str, apart: Collection[int]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in raw:
        last = joined[-1] if joined else None
        if last is None or (piece.segment != last.segment and not {piece.segment, last.segment}.isdisjoint(apart)):
            joined.append(piece)
        elif piece.segment == last.segment or not (piece.cites or says_words(whole[piece.start : piece.end])):
            joined[-1] = Piece(last.start, piece.end, last.segment, last.sentence, last.cites)
        elif not last.cites and (piece.cites or not says_words(whole[last.start : last.end])):
            joined[-1] = Piece(last.start, piece.end, piece.segment, piece.sentence, piece.cites)
        elif not last.cites and not piece.cites:
            joined[-1] = Piece(last.start, piece.end, last.segment, last.sentence, False)
        else:
            joined.append(piece)
    return joined


def makes_claim(text: str, known: Iterable[str] = (), *, cites: bool = False) -> bool:
    """Whether it says something of the world that a document could bear out.

    A question makes none; a heading, what leads to a list, talk about the answer, and that the documents do not say
    something make one only where they name a number or a name that is not in `known`. What cites is no mere talk.
    """
    said = text.strip()
    if not says_words(said) or re.search(r"[?？]\W*$", said):
        return False
    if not cites and not says_words(without_lead(said, language_of(said))):
        return False
    is_title = re.match(r"#{1,6}\s|(\*\*|__)[^*\n]+\1:?$", said)
    is_lead = re.search(r"[:：]\W*$", said)
    is_talk = not cites and _TALK.match(said)
    if is_title or is_lead or is_talk or _SAID_NOWHERE.search(said):
        return names_something_new(said, known)
    return True


def is_denial(text: str) -> bool:
    """Whether it says that the documents do not say something."""
    return _SAID_NOWHERE.search(text) is not None


def runs(outcomes: Sequence[tuple[Piece, _T]]) -> list[tuple[Piece, _T]]:
    """The last piece of each run of pieces of one segment that came to the same."""
    found: list[tuple[Piece, _T]] = []
    for (_, outcome), group in groupby(outcomes, key=lambda each: (each[0].segment, each[1])):
        found.append((list(group)[-1][0], outcome))
    return found
