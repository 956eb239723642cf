"""How does a message read, whatever program kept it? Who, to whom, when and what about; then what it says."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.model import Document
from ingest.read.registry import unsupported
from ingest.read.web.hypertext import parsed, straightened
from ingest.read.web.markup import to_markdown

_ADDRESS = re.compile(r"<?\b(?:https?|mailto|tel|cid):[^\s<>]+>?")
_WORD = re.compile(r"\w+")
_MORE = 1.25  # times the words of the HTML: then the plain text says what the HTML does not
_TYPES = mimetypes.MimeTypes(filenames=())  # Python's own table, the same on every machine; it lacks what follows
_OFFICE = "application/vnd.openxmlformats-officedocument"
_SUFFIXES = {
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/epub+zip": ".epub",
    "application/rtf": ".rtf",
    "application/xml": ".xml",
    "text/markdown": ".md",
}


@dataclass(frozen=True, slots=True)
class Body:
    """What a message, or a part of it, says."""

    text: str
    is_markdown: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A message. `lines` are what stands at its top, such as `From`, in the order of reading."""

    subject: str
    lines: Mapping[str, str]
    bodies: Sequence[Body]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def document(self, name: str) -> Document:
        """The message as a document titled by its subject."""
        top = "\n".join(f"{key}: {value}" for key, value in self.lines.items() if value)
        texts = [body.text.strip() for body in self.bodies if body.text.strip()]
        markup = "markdown" if any(body.is_markdown for body in self.bodies) else "plain"
        metadata = {key: value for key, value in self.metadata.items() if value}
        text = "\n\n".join([*([top] if top else []), *texts])
        return Document(name, text, self.subject, markup, metadata=metadata)  # type: ignore[arg-type] # one of the two


def richest(plain: str, html: str) -> Body:
    """HTML as Markdown, unless the plain text that was sent along says clearly more."""
    if not html.strip():
        return Body(plain)
    text = to_markdown(straightened(parsed(html)))
    words, other = (len(_WORD.findall(_ADDRESS.sub("", body))) for body in (text, plain))
    return Body(plain) if other > _MORE * words + 2 else Body(text, is_markdown=True)


def unflowed(text: str, *, joined: bool = False) -> str:
    """Text of `format=flowed` (RFC 3676) with its lines joined to paragraphs; `joined` is its DelSp parameter."""
    lines: list[str] = []
    depth_before, open_before = -1, False
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if open_before and depth == depth_before and content != "-- ":
            lines[-1] += content
        else:
            lines.append(f"{'>' * depth} {content}" if depth else content)
        depth_before, open_before = depth, content.endswith(" ") and content != "-- "
        if open_before and joined:
            lines[-1] = lines[-1].removesuffix(" ")
    return "\n".join(line if line.endswith("-- ") else line.rstrip() for line in lines)


def forwarded_name(subject: str) -> str:
    """The file name that programs give to a message without one."""
    return f"{subject.replace('/', '-') or 'message'}.eml"


class AttachmentNames:
    """Gives every attachment of a message a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def __call__(self, given: str, kind: str = "") -> str:
        """The file name that was `given`, without folders; one after its media type where there is none."""
        last = PurePosixPath(" ".join(given.split()).replace("\\", "/")).name
        suffix = _SUFFIXES.get(kind) or _TYPES.guess_extension(kind) or ""
        if not last or last in {".", ".."}:
            last = f"attachment-{len(self._taken) + 1}{suffix}"
        elif suffix and unsupported(Path(last)) and not unsupported(Path(suffix[1:] + suffix)):
            last += suffix  # "Report 1.2" is no file of the kind ".2"
        elif suffix and not PurePosixPath(last).suffix:
            last += suffix
        path, name, number = PurePosixPath(last), last, 1
        while name in self._taken:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        self._taken.add(name)
        return name
