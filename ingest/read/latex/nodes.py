"""What is in the nodes of parsed LaTeX?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylatexenc.latexwalker import LatexCharsNode, LatexGroupNode, LatexMacroNode


def arguments(node: Any) -> list[Any]:
    """A command's or environment's arguments; None stands for an optional one that is not there."""
    return list(node.nodeargd.argnlist or []) if node.nodeargd is not None else []


def last(node: Any) -> str:
    """The last argument as it is written."""
    given = [argument for argument in arguments(node) if argument is not None]
    source = str(given[-1].latex_verbatim()) if given else ""
    return source[1:-1] if source.startswith("{") else source


def delimiter(node: Any) -> str:
    """The bracket that a group begins with, empty for what is no group."""
    return str(node.delimiters[0]) if isinstance(node, LatexGroupNode) else ""


def is_star(node: Any) -> bool:
    """Whether an argument is the star of a starred command."""
    return isinstance(node, LatexCharsNode) and node.chars == "*"


def is_macro(node: Any, name: str) -> bool:
    """Whether a node is this command."""
    return isinstance(node, LatexMacroNode) and node.macroname == name


def items_of(nodes: Sequence[Any]) -> list[list[Any]]:
    """The nodes of each item, its mark first; what stands before the first is none of a list's."""
    items: list[list[Any]] = []
    for node in nodes:
        if is_macro(node, "item") or is_macro(node, "bibitem"):
            items.append([node])
        elif items:
            items[-1].append(node)
    return items
