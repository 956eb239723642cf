"""What is said in a file of subtitles, or in a meeting's transcript?

pysubs2 would read both formats, but drops the speakers, all words in braces, and takes comments for cues.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of
from ingest.read.registry import Unreadable

_PAUSE = 2.0  # seconds without a word, after which a paragraph begins
_CUES = 8  # in one paragraph
_TOUCHING = 0.1  # seconds between two cues of which the second may repeat the first, as captions that roll do
_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
_NUMBER = re.compile(r"\s*\d+\s*")
_TAG = re.compile(r"</?(?:c|i|b|u|s|ruby|rt|lang|font)\b[^<>]*>|<[\d:.]+>|</v>|\{\\[^{}]*\}", re.IGNORECASE)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_SPOKEN = re.compile(r"[-–—]|>>|[^\W\d_a-z][\w.'’-]*(?: [\w.'’-]+){0,3}:\s")  # how a line begins that someone else says
_HEADER = re.compile(r"(\w+):\s*(.+)")


@dataclass(frozen=True, slots=True)
class _Cue:
    """Words that are seen from `start` to `end`, in seconds; `speaker` is empty where it is not marked."""

    start: float
    end: float
    speaker: str
    lines: tuple[str, ...]


def read_subtitles(path: Path, name: str) -> Iterator[Document]:
    """The cues joined to paragraphs that begin with their time; a pause or another speaker begins a new one.

    Comments and styles of WebVTT are no text. The title is the one in its first line, else the file's stem.
    """
    lines = text_of(path).split("\n")
    is_vtt = lines[0].startswith("WEBVTT")
    timings = [number for number, line in enumerate(lines) if _TIMING.match(line)]
    if not timings:
        raise Unreadable("it holds no cue with its time: export it again, or save it as .txt if it has no times")
    cues = [
        cue
        for at, following in zip(timings, [*timings[1:], len(lines)], strict=True)
        for cue in _cues(lines[at], _words(lines, at + 1, following, is_vtt=is_vtt))
    ]
    title = lines[0].removeprefix("WEBVTT").strip(" \t-–:") if is_vtt else ""
    yield Document(name, "\n\n".join(_paragraphs(cues)), title or path.stem, metadata=_metadata(lines[: timings[0]]))


def _words(lines: list[str], first: int, last: int, *, is_vtt: bool) -> list[str]:
    """The lines of a cue, without what stands above the next one: its number or name, comments, styles."""
    if is_vtt:
        blank = next((number for number in range(first, last) if not lines[number].strip()), last)
        return lines[first:blank]
    if last < len(lines) and last > first and _NUMBER.fullmatch(lines[last - 1]):
        last -= 1
    return lines[first:last]


def _cues(timing: str, lines: list[str]) -> Iterator[_Cue]:
    """One cue, or one for each of the voices in it."""
    found = _TIMING.match(timing)
    start, end = (_seconds(found.groups()[part : part + 4]) for part in (0, 4)) if found else (0.0, 0.0)
    voices = _VOICE.split("\n".join(lines))
    for speaker, words in zip(["", *voices[1::2]], voices[::2], strict=True):
        plain = html.unescape(_TAG.sub("", words))
        said = tuple(kept for line in plain.split("\n") if (kept := " ".join(line.split())))
        if said:
            yield _Cue(start, end, " ".join(html.unescape(speaker).split()), said)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _paragraphs(cues: list[_Cue]) -> Iterator[str]:
    lines: list[str] = []
    begin = before = None
    count = 0
    for cue in cues:
        fresh = cue.lines
        if before is not None and abs(cue.start - before.end) <= _TOUCHING and cue.speaker == before.speaker:
            fresh = _fresh(before.lines, cue.lines, lines)
        pause = before is not None and not -_PAUSE <= cue.start - before.end <= _PAUSE
        other = before is not None and cue.speaker != before.speaker
        if lines and fresh and (pause or other or count >= _CUES):
            yield _paragraph(begin, lines)
            lines, begin, count = [], None, 0
        begin = begin or cue
        lines += fresh
        count += bool(fresh)
        before = cue
    if lines:
        yield _paragraph(begin, lines)


def _fresh(before: tuple[str, ...], now: tuple[str, ...], written: list[str]) -> tuple[str, ...]:
    """The lines of a cue that the one before did not show already; one that it began is finished in its place."""
    for shared in range(min(len(before), len(now)), 0, -1):
        if before[-shared:] == now[:shared]:
            return now[shared:]
    if written and written[-1] == before[-1] and now[0].startswith(f"{before[-1]} "):
        written[-1] = now[0]
        return now[1:]
    return now


def _paragraph(first: _Cue | None, lines: list[str]) -> str:
    start = int(first.start) if first else 0
    time = f"[{start // 3600:02}:{start // 60 % 60:02}:{start % 60:02}]"
    speaker = f"{first.speaker}: " if first and first.speaker else ""
    joined = lines[0]
    for line in lines[1:]:
        joined += f"\n{line}" if _SPOKEN.match(line) else f" {line}"
    return f"{time} {speaker}{joined}"


def _metadata(header: list[str]) -> dict[str, str]:
    """The language, where WebVTT's header names it."""
    fields = {found[1].lower(): found[2].strip() for line in header if (found := _HEADER.fullmatch(line))}
    return {"language": fields["language"]} if "language" in fields else {}
