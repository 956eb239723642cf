"""Does a statement repeat a sentence of its source, but for another thing in the place of one that is named there?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from agent.evidence.compared import Compared
from agent.evidence.wording import silent
from ingest.split.sentences import sentences
from retrieval.lexical.analyze import terms

_TOKEN: Final = re.compile(r"[^\W_]+(?:[-'’.@/][^\W_]+)*")
_SAME: Final = 0.7  # of a statement's words: so many stand in the sentence, in their order
_LONGEST: Final = 3  # words of a thing
_FEWEST: Final = 4  # words of a statement
# Behind these a thing is named; a verb has many words that say the same.
_BEFORE: Final = frozenset(
    """with of in by for from at on into onto to behind under between each every the a an than as mit von in aus durch
    für bei auf an zu zum zur im am der die das den dem des ein eine einen einem einer avec de du des par pour dans en à
    au aux le la les un une con por para en a al el los las""".split()  # noqa: SIM905
)
# Whoever wrote the source may be named in place of what was written, and what a thing is in place of its name.
_WRITERS: Final = frozenset(
    """author authors writer writers researchers scientists study report paper document documents text source guide
    manual company autoren autor bericht dokument quelle
    auteurs auteur rapport autores autor informe instance example kind sort club team""".split()  # noqa: SIM905
)


def replaced(pair: Compared) -> str:
    """The thing that stands where the source has another one."""
    mine = _TOKEN.findall(pair.statement)
    if len(mine) < _FEWEST:
        return ""
    for each in pair.cited:
        for start, end in [] if each.is_row else sentences(each.text):
            if found := _other(mine, _TOKEN.findall(each.text[start:end]), pair):
                return f"other: {found}"
    return ""


def _other(mine: Sequence[str], theirs: Sequence[str], pair: Compared) -> str:
    own, other = [_stem(word, pair.language) for word in mine], [_stem(word, pair.language) for word in theirs]
    matcher = SequenceMatcher(None, own, other, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    if same < _SAME * len(own):
        return ""
    for kind, a, b, c, d in matcher.get_opcodes():
        is_place = kind == "replace" and a > 0 and mine[a - 1].casefold() in _BEFORE and b - a <= _LONGEST
        if is_place and _is_new(mine[a:b], pair) and _is_left_out(theirs[c:d], own, pair):
            return " ".join(mine[a:b])
    return ""


def _is_new(said: Sequence[str], pair: Compared) -> bool:
    """Whether each word that says something comes from nowhere."""
    words = [word for word in pair.words if word.written in said]
    return bool(words) and not any(pair.is_given(word) or word.written.casefold() in _WRITERS for word in words)


def _is_left_out(there: Sequence[str], own: Sequence[str], pair: Compared) -> bool:
    telling = [word for word in there if word.casefold() not in silent(pair.language) and not word.isdigit()]
    return bool(telling) and not any(_stem(word, pair.language) in own for word in telling)


def _stem(word: str, language: str) -> str:
    return next(iter(terms(word, language)), word.casefold())
