"""What is asked for and stands nowhere, and how does a refusal name it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from agent.evidence.wording import language_of
from agent.models.quoting.asked import Asked, read
from agent.models.quoting.candidates import Candidate
from agent.models.quoting.features import above, absent, stands_whole
from agent.models.quoting.kinds import tells
from agent.state import Passage
from retrieval.lexical.analyze import terms

_CALLED: Final = {"mail": "no mail address", "phone": "no telephone number", "address": "no address"}
_MOST: Final = 2  # phrases that a refusal names
_LONG: Final = 3  # words of a phrase
# Words that do not tell what a question is about; their other forms are found by their stems
_DULL: Final = """
    able accept add afterwards again ago allow alone already also always amount answer anybody anyone anything
    anywhere apply arrange arrive ask away back bad become before begin behind belong best better big break bring
    build built buy call cancel change charge check choose close come contain cost count coûte coûtent create cuesta
    cuestan decide define describe details differ difference do done down earlier earliest early else end enter ever
    everyone everything everywhere exactly exist expect explain fact fall far fast fell find finish first fix follow
    found free gave get give given go goes gone good got great grew grow happen has have held help here high hold
    include information instead just keep kept kind know known last late later latest lead left less let like list
    little live lives long look lose low made main make manage many matter mean meant meet more most move must name
    near need never new next normally now number occur off offer often old once one only open order other others
    otherwise out over own paid pay place play please possible put question quite raise ran rather reach read really
    reason receive remain require responsible right run same say see seen sell send sent serve set several show since
    sit small sold somebody somehow someone something somewhere soon sort speak spend spent stand start started stay
    still stop store sure take taken tell than thing think tiene time today together told tomorrow too took try turn
    type under until up use used usually version very visit wait want way well win won work worn write written wrote
    yes yesterday yet
""".split()  # noqa: SIM905 - a list is 90 lines
_DULL_STEMS: Final = frozenset(term for word in _DULL for term in terms(word, "en"))
_PRONOUNS: Final = frozenset("i you we he she they it one who".split())  # noqa: SIM905 - a verb follows
# What begins a phrase, whose words belong together
_BEGIN: Final = frozenset(
    "the a an my our your his her its their any some of for in on about with without at from by".split()  # noqa: SIM905
)
_AUXILIARIES: Final = frozenset("do does did can could will would shall should may might must has have had".split())  # noqa: SIM905
_WORD: Final = re.compile(r"\w(?:[\w'’.-]*\w)?")
_PARTICIPLE: Final = re.compile(r"[a-z]+[^e]ed")


def missing(asked: Asked, passages: Sequence[Passage], best: Candidate, whole: Callable[[Passage], str]) -> str:
    """That what is asked for stands nowhere; empty where nothing is missing.

    Numbers must stand in the document of the best candidate, `whole`, and where that is a row, a label or an item, so
    must names: another row is another thing. Of prose, a name may stand in the document of any passage. An address or a
    telephone number must stand in the candidate itself.
    """

    def lost(tokens: Sequence[str], among: Sequence[Passage]) -> list[str]:
        for each in among:
            missed = [part for found in absent(asked, each) for part in found]
            tokens = [token for token in tokens if token in missed and not stands_whole(token, whole(each))]
        return list(tokens)

    names = lost(asked.names, [best.passage] if best.shape != "prose" else passages)
    found = [*names, *lost(asked.numbers, [best.passage])]
    if found:
        return _of(_joined(found, asked.text))
    # Who asks who sent the mail, and when, asks for no address
    called = sorted(asked.kinds & _CALLED.keys()) if asked.kinds <= _CALLED.keys() else []
    without = [_CALLED[kind] for kind in called if not tells(best.text, kind, asked.known)]
    return f"The passages that were found give {_or(without)}." if without else ""


def unsaid(asked: Asked, passages: Sequence[Passage]) -> str:
    """That words which are asked for stand in no passage, nor above one; empty where none of them tells anything."""
    if not passages:
        return ""
    shown = "\n".join(f"{above(each)}\n{each.context}\n{each.text}" for each in passages)
    there = {language: set(terms(shown, language)) for language in asked.words}
    spoken = language_of(asked.text)
    own = read(asked.text, (spoken,)).words[spoken]

    def found(word: str) -> dict[str, set[str]]:
        return {language: set(terms(word, language)) for language in asked.words}

    def is_wanted(word: str) -> bool:
        return not own.isdisjoint(terms(word, spoken)) and any(
            asked.words[language] & words for language, words in found(word).items()
        )

    def is_lost(word: str) -> bool:
        return is_wanted(word) and not any(words & there[language] for language, words in found(word).items())

    words = list(_WORD.finditer(asked.text))
    telling = [place for place, word in enumerate(words) if is_wanted(word[0]) and _is_telling(words, place, asked)]
    named: list[str] = []
    for run in _runs(words, telling):
        if any(is_lost(words[place][0]) for place in run):
            named += _phrases(words, _without_participle(run, words), is_lost)
    return _of([f"“{phrase}”" for phrase in dict.fromkeys(named)]) if named else ""


def _runs(words: Sequence[re.Match[str]], places: Iterable[int]) -> list[list[int]]:
    """The places of words, those together between which nothing but white space stands."""
    runs: list[list[int]] = []
    for place in places:
        between = words[place].string[words[place - 1].end() : words[place].start()]
        if runs and runs[-1][-1] == place - 1 and not between.strip():
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _is_telling(words: Sequence[re.Match[str]], place: int, asked: Asked) -> bool:
    """Whether a word tells what the question is about: no common word, no verb behind a pronoun; in German a noun."""
    word, before = words[place][0], words[place - 1][0].casefold() if place else ""
    if word in asked.names or any(letter.isdigit() for letter in word):
        return True
    if language_of(asked.text) == "de":
        return word[0].isupper() and place > 0
    is_common = word.endswith(("ly", "'s", "’s")) or not _DULL_STEMS.isdisjoint(terms(word, "en"))
    return not is_common and before not in _PRONOUNS


def _without_participle(run: Sequence[int], words: Sequence[re.Match[str]]) -> Sequence[int]:
    """Without a participle at the end, as in `was the old bridge restored`: that is what happened, not the thing."""
    return run[:-1] if _PARTICIPLE.fullmatch(words[run[-1]][0]) else run


def _phrases(words: Sequence[re.Match[str]], run: Sequence[int], is_lost: Callable[[str], bool]) -> list[str]:
    """What of words that stand together is named: all behind an article or the like, else those that are lost.

    Behind `does the`, the verb may stand among them.
    """
    first = run[0] if run else 0
    before = [word[0].casefold() for word in words[max(first - 2, 0) : first]]
    is_phrase = len(run) <= _LONG and before[-1:] and before[-1] in _BEGIN and before[0] not in _AUXILIARIES
    lost = [place for place in run if is_lost(words[place][0])]
    if is_phrase and lost:
        return [" ".join(words[place][0] for place in run)]
    return _joined([words[place][0] for place in lost], " ".join(word[0] for word in words))


def _joined(tokens: Iterable[str], text: str) -> list[str]:
    """Those that stand side by side in a text as one: `Raspberry Pi`."""
    joined: list[str] = []
    for token in tokens:
        if joined and f"{joined[-1]} {token}" in text:
            joined[-1] = f"{joined[-1]} {token}"
        else:
            joined.append(token)
    return joined


def _of(named: Sequence[str]) -> str:
    return f"The passages that were found say nothing of {_or(named[:_MOST])}."


def _or(named: Sequence[str]) -> str:
    return " or ".join(named)
