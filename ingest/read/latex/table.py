"""Which rows and cells has a LaTeX table?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from pylatexenc.latexwalker import LatexMacroNode, LatexSpecialsNode

_ROW_ENDS = {"\\", "tabularnewline", "cr"}
_RULES = {"hline", "toprule", "midrule", "bottomrule", "endhead", "endfirsthead", "endfoot", "endlastfoot", "noalign"}
_MOST = 5  # rows of a head
_REPEATED = 80  # letters of a cell that names all columns it spans; a longer one names the first alone


def rows_of(nodes: Sequence[Any], words: Callable[[Sequence[Any]], str]) -> list[list[str]]:
    """The cells of each row; one that spans several columns is given once, the others are empty.

    Of a head of several rows, one of whose cells spans columns, the cells of each column are joined.
    """
    rows: list[list[str]] = [[]]
    names: list[list[str]] = [[]]  # the same, but what spans columns stands in each
    cell: list[Any] = []
    head = 0  # rows above the first rule that is below any

    def close() -> None:
        text, span = " ".join(words(cell).split()), _span(cell)
        rows[-1] += [text, *[""] * (span - 1)]
        names[-1] += [text, *[text if len(text) <= _REPEATED else ""] * (span - 1)]
        cell.clear()

    for node in nodes:
        is_macro = isinstance(node, LatexMacroNode)
        if isinstance(node, LatexSpecialsNode) and node.specials_chars == "&":
            close()
        elif is_macro and node.macroname in _ROW_ENDS:
            close()
            rows.append([])
            names.append([])
        elif is_macro and node.macroname in _RULES:
            head = head or sum(map(any, rows))
        else:
            cell.append(node)
    close()
    spread = [row for row in names if any(row)][:head]
    rows = [row for row in rows if any(row)]
    if not 1 < head <= min(_MOST, len(rows) - 1) or rows[0] == spread[0]:
        return rows
    joined = [" ".join(dict.fromkeys(filter(None, column))) for column in zip_longest(*spread, fillvalue="")]
    return [joined, *(row for row in rows[head:] if row not in rows[:head])]


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
