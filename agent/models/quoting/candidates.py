"""Which stretches of a passage could answer? Sentences, rows with their head, labels with their value, items, code.

Never a heading alone, a table's head, the rule below it, a fence, a line of contents or a question alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from agent.evidence.passages import LABEL, LEADERS, RULE
from agent.state import Passage

Shape = Literal["prose", "row", "label", "item", "code", "setting"]

_HEADING: Final = re.compile(
    r"#{1,6}(?:\s|$)[^\n]*$|[^\n]+\n([=\-~^\"'#*+`:.])\1{2,}$|#{1,6}\s*\d*\.?$|(\*\*|__)[^*_\n.!?]+\2:?$"
)
_NUMBERED: Final = re.compile(r"\d{1,2}(?:\.\d{1,2})*[ \t]+[^\W\d_a-z][^\n.!?:;|]{1,70}$")
_MARK: Final = r"(?:[-*+•]|\(?(?:\d{1,3}|[a-z])[.)])\s+"
_CONTENTS: Final = re.compile(
    rf"[-*+] \[[^\]]*\]\([^)]*\)|{_MARK}\[[^\]]*\]\((?:#|[^)]*\)\W*$)|\.\. \S"
    rf"|[^\n]*?{LEADERS}\s*(?:\d{{1,4}}|[ivxlc]+)?$"
)
_FENCE: Final = re.compile(r"```|~~~")
_QUESTION: Final = re.compile(r"[^.!。]*[?？]\W*$")
_ITEM: Final = re.compile(_MARK)
_LABEL: Final = re.compile(rf"(?:[-*+•]\s+)?{LABEL}")
_LABELS: Final = re.compile(r"\|\s*[^|]*\w:\s*\|\s*[^|\s]")  # a cell names the one beside it: the row is no head
# A date, an hour, an amount, an address: no column is called so, though one may be called 2024
_DATUM: Final = re.compile(
    r"\W*(?:\d{4}-\d\d-\d\d|\d{1,2}[. -]+\w{3,9}[. -]+\d{4}|\w{3,9} \d{1,2}, \d{4}|\d{1,2}:\d\d|\d{1,2}[.:]\d\d ?(?:h"
    r"|Uhr|[ap]m)|[$€£] ?\d[\d.,]*"
    r"|\d[\d.,]* ?[$€£]|\S+@\S+\.\w+)\W*"
)
_MARKED: Final = re.compile(r"(``|`|\*(?!\*)|_)\S")
_SENTENCE: Final = re.compile(r"(?:\S+\s+){3,}\S*[^\W\d_]\.")
_SAYS: Final = re.compile(r"\w")
_ANNOUNCES: Final = re.compile(
    r"(?:[:：]|\b(?:as follows|the following|wie folgt|como sigue|comme suit)[.]?)[*_`]*\s*$"
)
_LONG: Final = 200  # letters: what is longer is prose with a colon in it
_SPACE: Final = 2  # letters of white space behind code
_FEW: Final = 4  # words, of a line that only announces: `For example:`
_SHORT: Final = 80  # letters: so short a sentence is understood with what stands above it alone
# A pronoun, or `this` where no noun follows it
_POINTS_BACK: Final = re.compile(
    r"\W*(?:(?:he|she|it|they|his|her|its|their|such|er|sie|es|él|ella|ellos|ellas|esto|il|elle|ils|elles|cela|dies)\b"
    r"|(?:this|that|these|those) (?:is|are|was|were|can|could|may|might|will|would|has|have|had|does|did|means"
    r"|makes|made|allows?|gives?|gave|leads?|led)\b|(?:diese[rs]?|ce) (?:ist|sind|war|waren|wird|kann|sont"
    r"|était|étaient)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Blocks `[first, last)` of a passage that could be quoted; `head` says what they are about: a table's head, the
    line above a list or code, the sentence before one that begins with a pronoun.
    """

    passage: Passage
    first: int
    last: int
    shape: Shape
    head: str = ""
    head_block: int | None = None
    heading: str = ""  # the nearest above

    @property
    def text(self) -> str:
        """The words that would be quoted."""
        return between(self.passage, self.first, self.last)


def between(passage: Passage, first: int, last: int) -> str:
    """What stands in blocks `[first, last)`."""
    start, end = passage.blocks[first][0], passage.blocks[last - 1][1]
    return passage.text[start - passage.start : end - passage.start]


def candidates(passage: Passage, code: Sequence[tuple[int, int]], comments: frozenset[int]) -> Iterator[Candidate]:
    """What could be quoted of a passage, of which the spans in `code` are code, but for the blocks in `comments`."""
    texts = [passage.block_text(block) for block in range(len(passage.blocks))]
    table = Above(_head_in_context(passage))
    heading = passage.headings[-1] if passage.headings else ""
    line = Above(heading)
    ends = dict(whole_code(passage, code))
    for block, text in enumerate(texts):
        start = passage.blocks[block][0]
        is_title = is_heading(text) or _is_numbered_title(passage, block)
        if block in ends:
            over = Above(texts[block - 1], block - 1) if block else line
            yield Candidate(passage, block, ends[block], "code", over.text, over.block, heading)
        if any(begin <= start < end for begin, end in code) and block not in comments and not _is_prose(text):
            continue
        if text.startswith("|"):
            below = texts[block + 1 : block + 3]
            if below and is_rule(below[0]) and not _is_datum(text, below[-1]):
                table = Above(text, block)
            elif _SAYS.search(text) and not is_rule(text) and cells(text) != cells(table.text):
                over = table if table.text else line
                yield Candidate(passage, block, block + 1, "row", over.text, over.block, heading)
            continue
        table = Above()
        shape = shape_of(text)
        has_letters = any(letter.isalpha() for letter in text)
        if says_something(text) and not is_title and text.strip() != passage.title and (has_letters or line.text):
            over = line
            if shape == "prose":
                is_below = line.block == block - 1 if line.block is not None else not block
                over = line if len(text) < _SHORT and is_below else Above()
                over = Above(texts[block - 1], block - 1) if block and points_back(text) else over
            leads_on = announces(text) and block + 1 < len(texts) and shape_of(texts[block + 1]) != "item"
            if shape != "prose" or not leads_on or len(text.split()) > _FEW:
                yield Candidate(passage, block, block + 1, shape, over.text, over.block, heading)
        if announces(text) or is_title:
            line = Above(text, block)
            heading = text if is_title else heading
        elif shape == "prose":
            line = Above()


def whole_code(passage: Passage, code: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The blocks `[first, last)` of each stretch of code that stands as a whole in a passage, and not alone."""
    for begin, end in code:
        inside = [at for at, (start, _) in enumerate(passage.blocks) if begin <= start < end]
        is_whole = passage.start <= begin and end <= passage.end + _SPACE and len(inside) < len(passage.blocks)
        if inside and is_whole and not all(_is_prose(passage.block_text(block)) for block in inside):
            yield inside[0], inside[-1] + 1


@dataclass(frozen=True, slots=True)
class Above:
    """A line that says what stands below it, and its block where it stands in the passage."""

    text: str = ""
    block: int | None = None


def shape_of(text: str) -> Shape:
    """Whether a block is an item of a list, a label with its value, or prose."""
    if _ITEM.match(text):
        return "item"
    lines = text.splitlines()
    labels = sum(_LABEL.match(line.strip()) is not None for line in lines)
    return "label" if _LABEL.match(text) and len(text) < _LONG and 2 * labels >= len(lines) else "prose"


def announces(text: str) -> bool:
    """Whether something follows that belongs to it."""
    return _ANNOUNCES.search(text) is not None


def is_heading(text: str) -> bool:
    """Whether a block is nothing but a heading."""
    return _HEADING.match(text.strip()) is not None


def _is_numbered_title(passage: Passage, block: int) -> bool:
    """Whether a block is a heading by its number, as in a text without marks: a short line that stands alone."""
    start, end = (place - passage.start for place in passage.blocks[block])
    is_alone = "\n\n" in passage.text[max(start - 2, 0) : start] or not start
    return is_alone and passage.text.startswith("\n\n", end) and _NUMBERED.match(passage.text, start, end) is not None


def points_back(text: str) -> bool:
    """Whether a sentence begins with a word that stands for something in the one before."""
    return _POINTS_BACK.match(text) is not None


def says_something(text: str) -> bool:
    """Whether a block says anything by itself."""
    bare = text.strip()
    return not (
        is_heading(bare)
        or _CONTENTS.match(bare)
        or _FENCE.match(bare)
        or RULE.match(bare)
        or _QUESTION.match(bare)
        or not _SAYS.search(bare)
    )


def opens_code(text: str) -> bool:
    """Whether a fence begins here."""
    return _FENCE.match(text.strip()) is not None


def _is_datum(row: str, below: str) -> bool:
    """Whether what stands where a table's head does is a row as any other: it names its neighbours or has a date or a
    sentence in it, or its name is marked as the next row's name is.
    """
    values = cells(row)
    mark, other = (_MARKED.match(cells(each)[0]) for each in (row, below))
    is_marked = mark is not None and other is not None and mark[1] == other[1] and not is_rule(below)
    return (
        _LABELS.search(row) is not None
        or is_marked
        or any(_DATUM.fullmatch(value) or _SENTENCE.fullmatch(value) for value in values)
    )


def _is_prose(text: str) -> bool:
    """Whether a block that is set as code is a sentence: a warning, a message, a quotation."""
    words = text.split()
    return len(words) > _FEW and text.rstrip()[-1] in ".!" and words[0][0].isupper() and reads_as_prose(text)


def is_rule(text: str) -> bool:
    """Whether it is the line below a table's head."""
    return text.startswith("|") and RULE.match(text) is not None


def _head_in_context(passage: Passage) -> str:
    """The head of the table that a passage begins within, which stands in its context alone."""
    return next((line for line in reversed(passage.context.splitlines()) if line.startswith("|")), "")


def cells(row: str) -> list[str]:
    """What stands in the columns of a row."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


# A word as prose has it, and what begins a comment
_PLAIN: Final = re.compile(r"""[("'`“]*(?:[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,]\d+)*)[)"'`”]*[.,;:!?]?["']*""")
_COMMENT: Final = re.compile(r"#+!?|//+!?|/?\*+/?|--+|;+|%+")


def reads_as_prose(text: str) -> bool:
    """Whether most of what stands there are words, as in a comment, and not names and signs."""
    tokens = [token for token in text.split() if not _COMMENT.fullmatch(token)]
    return sum(bool(_PLAIN.fullmatch(token)) for token in tokens) >= 0.7 * len(tokens)
