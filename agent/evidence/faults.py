"""How is a model told why a sentence of its answer does not hold?"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

_MOST: Final = 8  # sentences of which a model is told
_LONGEST: Final = 240  # letters of each
_UNCITED: Final = "cites nothing; "
# By what the check calls the fault; what stands behind its colon is put in place of the braces.
_WORDS: Final = {
    "cites nothing": "it cites nothing",
    "no quote of it was found": "what it cites does not stand where it is said to stand",
    "nothing is said there": "what it cites is a heading, a question or the head of a table, and says nothing",
    "nothing shared": "what it cites speaks of something else",
    "no words": "it says nothing",
    "number": "“{}” does not stand in what it cites",
    "unit": "what it cites has another unit than “{}”",
    "name": "“{}” is not named in what it cites",
    "row": "what it cites is the row of something else",
    "unknown": "what it cites does not speak of “{}”",
    "invented": "what it cites does not say “{}”",
    "denial": "what it cites says the contrary of “{}”",
    "opposite": "what it cites says the opposite of “{}”",
    "stronger": "it claims more than what it cites: “{}”",
    "bound": "what it cites has “{}” as the other bound: a least for a most, or the other way round",
    "condition left out": "it leaves out on what condition that holds",
    "exception": "what it cites makes an exception of “{}”",
    "exchanged": "what it cites says “{}” of something else",
    "cause": "what it cites does not give “{}” as the reason",
    "elsewhere": "what it cites does not speak of “{}”, another document does",
    "other": "what it cites says another thing in place of “{}”",
}


def told(sentences: Sequence[str], faults: Sequence[str]) -> tuple[str, ...]:
    """A reason for each sentence, with the fault that was found in it; of very many the first."""
    return tuple(
        f"“{textwrap.shorten(said, _LONGEST, placeholder=' …')}”: {_in_words(fault)}."
        for said, fault in list(zip(sentences, faults, strict=True))[:_MOST]
    )


def _in_words(fault: str) -> str:
    is_uncited, fault = fault.startswith(_UNCITED), fault.removeprefix(_UNCITED)
    kind, _, what = fault.partition(": ")
    said = _WORDS.get(kind, "what it cites does not bear it out").format(textwrap.shorten(what, 80, placeholder=" …"))
    return (
        f"it cites nothing, and {said.replace('what it cites', 'what the rest of the answer cites')}"
        if is_uncited
        else said
    )
