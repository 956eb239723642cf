"""How do rows of cells read as a Markdown table?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(rows: Iterable[Sequence[str]]) -> str:
    """The rows as one table with the first as its header, short ones filled up; empty rows and columns are left out."""
    lines = [[one_line(cell) for cell in row] for row in rows]
    lines = [line for line in lines if any(line)]
    width = max(map(len, lines), default=0)
    used = [column for column in range(width) if any(column < len(line) and line[column] for line in lines)]
    written = [_written([line[column] if column < len(line) else "" for column in used]) for line in lines]
    written[1:1] = [_written(["---"] * len(used))] if lines else []
    return "\n".join(written)


def one_line(text: str) -> str:
    """The words of a cell with single spaces between them."""
    return " ".join(text.split())


def _written(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
