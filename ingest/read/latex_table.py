"""Which rows and cells has a LaTeX table?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylatexenc.latexwalker import LatexMacroNode, LatexSpecialsNode

_ROW_ENDS = {"\\", "tabularnewline", "cr"}
_RULES = {"hline", "toprule", "midrule", "bottomrule", "endhead", "endfirsthead", "endfoot", "endlastfoot", "noalign"}


def rows_of(nodes: Sequence[Any], words: Callable[[Sequence[Any]], str]) -> list[list[str]]:
    """The cells of each row; one that spans several columns is given once, the others are empty."""
    rows: list[list[str]] = [[]]
    cell: list[Any] = []

    def close() -> None:
        rows[-1].append(" ".join(words(cell).split()))
        rows[-1].extend([""] * (_span(cell) - 1))
        cell.clear()

    for node in nodes:
        if isinstance(node, LatexSpecialsNode) and node.specials_chars == "&":
            close()
        elif isinstance(node, LatexMacroNode) and node.macroname in _ROW_ENDS:
            close()
            rows.append([])
        elif not (isinstance(node, LatexMacroNode) and node.macroname in _RULES):
            cell.append(node)
    close()
    return [row for row in rows if any(row)]


def table(rows: list[list[str]]) -> str:
    """The rows as a Markdown table; a header that is repeated for the next page is left out there."""
    if not rows:
        return ""
    kept = [rows[0], *(row for row in rows[1:] if row != rows[0])]
    width = max(map(len, kept))
    lines = [[cell.replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in kept]
    lines.insert(1, ["---"] * width)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _span(cell: Sequence[Any]) -> int:
    for node in cell:
        if isinstance(node, LatexMacroNode) and node.macroname == "multicolumn":
            count = str(node.nodeargd.argnlist[0].latex_verbatim()).strip("{} ")
            return int(count) if count.isdigit() and int(count) < 100 else 1
    return 1
