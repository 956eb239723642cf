"""What is left out where a model is given more than it reads at once?

What goes is a function of what the model was to be given: first whole passages, the least probable first, of equals the
last, or where they were weighed the last at once; when one is left, the sentences that are farthest from the one with
most of the question's words. Only what no reply has named yet may go, since those numbers must stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.journal.events import Shortened
from agent.models.prompt import TOO_LONG
from agent.models.window import tokens
from agent.state import Passage, Think


def fitted(think: Think, over: int, reason: str) -> Shortened | None:
    """What goes so that at least so many tokens less are read; None where nothing may."""
    open_to = _unnamed(think)
    if not open_to:
        return None
    in_order = think.weighed and not think.turns  # the last bears least on the question
    least = sorted(open_to, key=lambda each: (0.0 if in_order else each.probability or 0.0, -each.number))
    may_all_go = bool(think.turns)  # what was found before is left
    dropped: list[Passage] = []
    for passage in least if may_all_go else least[:-1]:
        if sum(_size(each) for each in dropped) >= over:
            break
        dropped.append(passage)
    if dropped:
        numbers = tuple(sorted(each.number for each in dropped))
        return Shortened(reason, think.left_out + len(dropped), TOO_LONG, dropped=numbers)
    best = least[-1]
    first, last = _around(best, think.question, over)
    if (first, last) == (0, len(best.blocks)):
        return None
    left_out = think.left_out + (best.number not in think.cut)
    return Shortened(reason, left_out, TOO_LONG, kept=((best.number, first, last),))


def _unnamed(think: Think) -> Sequence[Passage]:
    """What was found last, and no reply could name yet."""
    if not think.turns:
        return think.passages
    return [passage for each in think.turns[-1].observations for passage in each.passages]


def _size(passage: Passage) -> int:
    return tokens(passage.text) + tokens(passage.context)


def _around(passage: Passage, question: str, over: int) -> tuple[int, int]:
    """The blocks, one at least, that take so many tokens less, around the one that has most of the question's words."""
    asked, sizes = _words(question), [tokens(passage.block_text(n)) for n in range(len(passage.blocks))]
    shared = [len(asked & _words(passage.block_text(n))) for n in range(len(sizes))]
    best = max(range(len(sizes)), key=lambda n: (shared[n], -n))
    first, last, left = best, best + 1, sum(sizes) - over - sizes[best]
    for near in sorted(range(len(sizes)), key=lambda n: (abs(n - best), n < best)):
        beside = near in {first - 1, last}
        if beside and sizes[near] <= left:
            left -= sizes[near]
            first, last = min(first, near), max(last, near + 1)
    return first, last


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text.casefold()))
