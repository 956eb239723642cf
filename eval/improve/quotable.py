"""What of a passage can be quoted by itself? Whole sentences, items and rows; no fragment, heading, table or code.

Cautious: what is not surely whole is left out, since there is always more to ask for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from ingest.model import Chunk
from ingest.split.sentences import Span, sentences

Shape = Literal["sentence", "item", "row"]

_WORDS: Final = 5
_LETTERS: Final = 12  # of a text in a script that writes no spaces
_LONGEST: Final = 500
_MARKER: Final = re.compile(r"(?:[-*+•–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
_OPENS: Final = re.compile(r"[“\"'«‹¿¡(*_`]*(?::\w+:`)?")
_NO_PROSE: Final = re.compile(r"\.\. |\[[^\]\n]{1,40}\]|:[\w -]+:(?!`)|_[^\s:]+:|>>> |#")  # targets, footnotes, fields
_STOPS: Final = re.compile(r"[.!…。！।॥။។][\"'”’»›)\]*_`]*(?:\s?(?:\[[^\]\s]{1,12}\]_?|\(\d{1,3}\)))*$")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:\w\.)+\w|\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Inc|Ltd|Co|Corp|Mr|Mrs|Ms|Dr|Prof|St|No|vs|cf"
    r"|approx|ca|bzw|ggf|z\.B|u\.a)|(?<![\w'’])[A-Z])\.$"
)
_UNFINISHED: Final = re.compile(r"(?:[:,;(\[{/=+–—-]|\b(?:and|or|und|oder|et|ou|y|o|the|a|an|of|to))$", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"\w+://\S+|\S+@\S+\.\w+")
# An identifier that no reader types: a GUID, a digest, a key
_IDENTIFIER: Final = re.compile(
    r"(?i:\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}\b)"
    r"|(?<![\w/+])(?=[^\s]*\d)(?=[^\s]*[a-z])(?=[^\s]*[A-Z])[\w+/=]{32,}"
)
_UNDERLINE: Final = re.compile(r"^\s*([=\-~^\"'`#*+.:_])\1{2,}\s*$", re.MULTILINE)
_LABEL: Final = re.compile(r"^[^\W\d_][^:\n]{0,40}:\s+\S", re.MULTILINE)
_CODE: Final = re.compile(r"[{}<>=|\\;]|\w\(\)|_\w|\w_")
_RULE: Final = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")
_SPACELESS: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_PAIRS: Final = ("()", "[]", "{}", "“”", "«»")


@dataclass(frozen=True, slots=True)
class Quotable:
    """Words that say something by themselves, and where they stand in the document."""

    text: str
    span: Span
    shape: Shape


def quotable(chunk: Chunk) -> list[Quotable]:
    """All of a chunk that can be quoted, in reading order."""
    units = units_of(chunk)
    found = []
    for place, (text, span) in enumerate(units):
        following = units[place + 1][0] if place + 1 < len(units) else ""
        if (shape := _shape(text, following)) is not None:
            found.append(Quotable(text, span, shape))
    return found


def units_of(chunk: Chunk) -> list[tuple[str, Span]]:
    """Its sentences, items, rows, headings and lines of code, but for what stands between fences of code."""
    found, fence = [], False
    for start, end in sentences(chunk.text):
        text = chunk.text[start:end]
        if re.match(r"\s*(?:```|~~~)", text):
            fence = not fence if text.count("```") + text.count("~~~") < 2 else fence
        elif not fence:
            found.append((text, (chunk.start + start, chunk.start + end)))
    return found


def is_heading(text: str) -> bool:
    """Whether it is one of Markdown or of reStructuredText."""
    return text.startswith("#") or _UNDERLINE.search(text) is not None


def _shape(text: str, following: str) -> Shape | None:
    if _IDENTIFIER.search(_ADDRESS.sub("", text)) or len(text) > _LONGEST:
        return None
    if text.startswith("|"):
        cells = [cell for cell in text.strip("|").split("|") if cell.strip()]
        is_head = _RULE.fullmatch(following) is not None
        return "row" if len(cells) > 1 and not is_head and not _RULE.fullmatch(text) else None
    marker = _MARKER.match(text)
    body = text[marker.end() :] if marker else text.lstrip("> ")
    if not _says_something(body) or not _is_balanced(body) or is_heading(body) or _NO_PROSE.match(body):
        return None
    if len(_LABEL.findall(body)) > 1 or _reads_as_code(body):
        return None
    ended = _ends(body)
    if marker:
        return "item" if ended or (not _UNFINISHED.search(body) and not body.endswith("?")) else None
    return "sentence" if ended and _begins(body) else None


def _says_something(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", _ADDRESS.sub("", text))
    if _SPACELESS.search(text):
        return sum(letter.isalpha() for letter in text) >= _LETTERS
    return len(words) >= _WORDS


def _is_balanced(text: str) -> bool:
    """Whether nothing is opened here and closed elsewhere, or the other way round."""
    pairs = all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS)
    return pairs and not text.count('"') % 2 and not text.count("`") % 2 and not text.count("``") % 2


def _begins(text: str) -> bool:
    """With a capital, a number or a name in code; where a script has no capitals, with any letter."""
    opening = _OPENS.match(text)
    first = text[opening.end() : opening.end() + 1] if opening else text[:1]
    return bool(first) and (not first.islower() or "`" in text[: opening.end() if opening else 0]) and first.isalnum()


def _ends(text: str) -> bool:
    """With a stop that is not an abbreviation's; or in a script that knows none."""
    if re.search(r"[\u0e00-\u0eff]\W*$", text):
        return True
    if re.search(r"\s(?:…|\.{3})\W*$", text):  # where something was left out
        return False
    return _STOPS.search(text) is not None and _ABBREVIATED.search(text.rstrip("\"'”’»›)]*_`")) is None


def _reads_as_code(text: str) -> bool:
    plain = re.sub(r"`[^`]*`", "", _ADDRESS.sub("", text))
    return len(_CODE.findall(plain)) * 20 > len(plain)


def under(chunk: Chunk, heading: str) -> list[Quotable]:
    """What stands under a heading, up to the next one; the heading may stand in the chunk, or before it."""
    units = units_of(chunk)
    own = [place for place, (text, _) in enumerate(units) if is_heading(text) and _letters(heading) in _letters(text)]
    spans: list[Span] = []
    for text, span in units[own[-1] + 1 if own else 0 :]:
        if is_heading(text):
            break
        spans.append(span)
    return [each for each in quotable(chunk) if each.span in spans]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
