"""What is in a Markdown file?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)\n*", re.DOTALL | re.MULTILINE)

_LARGEST = 50_000  # letters of front matter; more is data, and worth to be found itself
_BEGINNING = 50_000  # letters that a heading is looked for in at first
_LONGEST_TITLE = 2_000  # letters


def read_markdown(path: Path, name: str) -> Iterator[Document]:
    """The text as it is, from behind the front matter on, whose scalar fields become metadata, as they are written.

    The title is the front matter's, else that of the first heading.
    """
    metadata, text = _front_matter(text_of(path))
    title = metadata.pop("title", "") or first_heading(text) or path.stem
    yield Document(name, text, title, "markdown", metadata=metadata)


def first_heading(text: str) -> str:
    """The words of the first heading of a Markdown text, empty where there is none."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").disable("inline")
    size = _BEGINNING
    while True:
        end = text.find("\n", size) + 1 or len(text)
        for token, following in pairwise(parser.parse(text[:end])):
            if token.type == "heading_open" and following.content.strip():
                return _words(following.content[:_LONGEST_TITLE])
        if end == len(text):
            return ""
        size *= 8


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


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The scalar fields of a YAML block at the top, and what follows it; anything else at the top is text."""
    found = _FRONT_MATTER.match(text)
    if found is None or len(found[1]) > _LARGEST:
        return {}, text
    import yaml  # type: ignore[import-untyped] # PyYAML ships no types

    try:
        # BaseLoader leaves every scalar the string that it is in the file, and makes nothing but strings, lists, dicts
        fields = yaml.load(found[1], Loader=yaml.BaseLoader)  # noqa: S506 - see above: it is the most restricted loader
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
        RecursionError,
    ):  # letters beyond Unicode, lists in lists in lists
        return {}, text
    if not isinstance(fields, dict):
        return {}, text
    scalars = {key: value for key, value in fields.items() if isinstance(key, str) and isinstance(value, str) and value}
    return scalars, text[found.end() :]
