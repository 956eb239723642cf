"""What is an element of XML to a reader: a title, a paragraph, a field? Its name and its parts tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

_TITLE = re.compile(r"(?!journal-)(?:[a-z]+-)?title|head|heading|h[1-6]")  # where an article appeared is no heading
_ABOUT = re.compile(r".*info|head|header|front|prolog|metadata|.*-meta|title-group")  # what a title may stand in
_PROSE = re.compile(r"p|.*para|paragraph|text|line|l|ab|note|quote|blockquote|caption|term|body")
_PARAGRAPHS = {"p", "para", "simpara", "formalpara", "paragraph", "blockquote"}
_CODE = {"programlisting", "screen", "code", "codeblock", "pre", "literallayout", "synopsis", "eg"}
_ITEM = {"item", "li", "listitem", "step", "member"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What an element's name says of it."""

    name: str
    is_title: bool
    is_about: bool
    is_prose: bool
    is_code: bool
    is_item: bool
    is_row: bool
    is_cell: bool
    is_group: bool
    is_numbered: bool


@lru_cache(maxsize=4096)
def kind_of(tag: str) -> Kind:
    """What a tag, with or without its namespace, says."""
    name = tag.rpartition("}")[2]
    low = name.lower()
    return Kind(
        name=name,
        is_title=_TITLE.fullmatch(low) is not None,
        is_about=_ABOUT.fullmatch(low) is not None,
        is_prose=_PROSE.fullmatch(low) is not None,
        is_code=low in _CODE,
        is_item=low in _ITEM,
        is_row=low in {"row", "tr"},
        is_cell=low in {"entry", "td", "th", "cell"},
        is_group=low in {"thead", "tbody", "tfoot"},
        is_numbered=low in {"orderedlist", "ol", "steps", "procedure"},
    )


def children_of(element: etree._Element) -> list[etree._Element]:
    """The elements in it, without comments and the like."""
    return [child for child in element if isinstance(child.tag, str)]


def is_mixed(element: etree._Element) -> bool:
    """Whether text stands beside its elements."""
    return len(element) > 0 and (
        bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)
    )


def is_title(element: etree._Element) -> bool:
    """Whether it is a heading, and not what only stands around one."""
    if not isinstance(element.tag, str) or not kind_of(element.tag).is_title:
        return False
    return is_mixed(element) or not any(len(child) or is_title(child) for child in children_of(element))


def is_field(element: etree._Element) -> bool:
    """Whether it is one value of a record."""
    kind = kind_of(element.tag)
    return not len(element) and not (kind.is_prose or kind.is_title or kind.is_item or kind.is_code)


def is_block(element: etree._Element) -> bool:
    """Whether it parts the text in which it stands."""
    kind = kind_of(element.tag)
    if kind.is_code:
        return kind.name.lower() != "code"
    return (kind.is_prose and kind.name.lower() in _PARAGRAPHS) or any(
        kind_of(child.tag).is_item or is_row(child) for child in children_of(element)
    )


def is_row(element: etree._Element) -> bool:
    """Whether it is a row of a table, or a part of a table that holds rows."""
    kind, children = kind_of(element.tag), children_of(element)
    if not (kind.is_row or kind.is_group) or not children or is_mixed(element):
        return False
    return all(kind_of(child.tag).is_cell if kind.is_row else is_row(child) for child in children)
