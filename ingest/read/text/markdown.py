"""What is in a Markdown file?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from ingest.model import Document, items
from ingest.read.decode import text_of
from ingest.read.text.aside import in_markdown
from ingest.split.markdown import markdown_blocks

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)\n*", re.DOTALL | re.MULTILINE)

_LARGEST = 50_000  # letters of front matter; more is data, and worth to be found itself
_LOOKED_AT = 400_000  # letters that headings are looked for in
_LONGEST_TITLE = 200  # letters
_NAMES = {"lang": "language"}  # fields that are called otherwise in other formats
_CONTENTS = {"contents", "table of contents", "inhalt", "inhaltsverzeichnis"}


def read_markdown(path: Path, name: str) -> Iterator[Document]:
    """The text as it is, from behind the front matter on, whose fields become metadata, as they are written.

    The title is the front matter's, else that of the first heading, if it stands above all others.
    """
    metadata, text = _front_matter(text_of(path))
    title = ", ".join(items(metadata.pop("title", ""))) or first_heading(text) or path.stem
    yield Document(name, text, title, "markdown", metadata=metadata, unseen=tuple(in_markdown(text)))


def first_heading(text: str) -> str:
    """The words of the heading that names a Markdown text as a whole, empty where there is none."""
    text = text[:_LOOKED_AT]
    found = (block for block in markdown_blocks(text) if block.kind == "heading" and block.title)
    first = next(found, None)
    if first is None:
        return ""
    rivals = found if _beside(first.level).search(text, first.end) else ()  # to parse all of a text takes long
    return _words(naming((block.level, block.title) for block in chain([first], rivals)))


def _beside(level: int) -> re.Pattern[str]:
    """What a heading of this level or above it looks like, and the line below one; code may look so too."""
    underline = "=+" if level == 1 else "(?:=+|-+)"
    return re.compile(rf"^[ \t>*+\d.)-]{{0,20}}(?:#{{1,{level}}}(?:[ \t]|$)|{underline}[ \t]*$)", re.MULTILINE)


def naming(headings: Iterable[tuple[int, str]]) -> str:
    """The first of some headings (level and words) if it names all that follows, else an empty text.

    A heading with another one of its level or above it is one part of several; a list of contents names nothing, and
    what is long or takes several lines is a paragraph that looks like a heading.
    """
    following = iter(headings)
    level, words = next(following, (0, ""))
    is_name = words.strip(" .:").casefold() not in _CONTENTS and len(words) <= _LONGEST_TITLE and "\n" not in words
    return words if is_name and all(other > level for other, _ in following) else ""


def _words(markup: str) -> str:
    """Inline Markdown without its marks: the text of links, code and emphasis, but no images."""
    from markdown_it import MarkdownIt

    inline = MarkdownIt("commonmark").parseInline(markup)[0].children or []
    parts = [
        " " if token.type in {"softbreak", "hardbreak"} else token.content for token in inline if _is_text(token.type)
    ]
    return " ".join("".join(parts).split())


def _is_text(kind: str) -> bool:
    return kind in {"text", "code_inline", "softbreak", "hardbreak", "text_special"}


def _front_matter(text: str) -> tuple[dict[str, str | tuple[str, ...]], str]:
    """The fields of a YAML block at the top, lists as their items, and what follows it; all else there is text."""
    found = _FRONT_MATTER.match(text)
    if found is None or len(found[1]) > _LARGEST:
        return {}, text
    import yaml  # type: ignore[import-untyped] # PyYAML ships no types

    try:
        # BaseLoader leaves every scalar the string that it is in the file, and makes nothing but strings, lists, dicts
        fields = yaml.load(found[1], Loader=yaml.BaseLoader)  # noqa: S506 - see above: it is the most restricted loader
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):  # or letters beyond Unicode, or it is too deep
        return {}, text
    if not isinstance(fields, dict):
        return {}, text
    said = {_NAMES.get(key, key): _said(value) for key, value in fields.items() if isinstance(key, str)}
    return {key: value for key, value in said.items() if value}, text[found.end() :]


def _said(value: object) -> str | tuple[str, ...]:
    """A scalar, or the items of a list of them; empty where it is more than that."""
    if isinstance(value, list):
        words = tuple(item for item in value if isinstance(item, str))
        return tuple(filter(None, words)) if len(words) == len(value) else ""
    return value if isinstance(value, str) else ""
