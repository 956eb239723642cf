"""Is a statement about what another document is about, and not the one that it cites?"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from agent.evidence.wording import language_of, named, stand, stems, words
from agent.state import Passage


def of_another(statement: str, question: str, cited: Collection[Passage], shown: Iterable[Passage]) -> str:
    """A word of the question that the statement repeats, and not what is cited but the title of another document has.

    That title must have more of the question than those of what is cited. Of what is cited in another language only a
    name with a digit is looked for: words differ there.
    """
    if not cited or any(each.kind != "document" for each in cited):
        return ""
    spoken = language_of(statement, fallback=language_of(question))
    asked = stems(question, spoken)
    documents = {each.document for each in cited}
    own = asked & frozenset(stem for each in cited for stem in stems(_titles(each), spoken))
    others = [
        title
        for each in shown
        if each.kind == "document" and each.document not in documents
        for title in (asked & stems(_titles(each), spoken),)
        if len(title) > len(own)
    ]
    if not others:
        return ""
    whole = "\n".join(f"{_titles(each)}\n{each.context}\n{each.text}" for each in cited)
    language = language_of(whole)
    here, called = stems(whole, language), named(whole)
    for word in words(statement, spoken):
        is_said = stand(word.stems, here, language) or word.written in called
        is_told = spoken == language or any(map(str.isdigit, word.written))
        if is_told and not is_said and any(not title.isdisjoint(word.stems) for title in others):
            return f"elsewhere: {word.written}"
    return ""


def _titles(passage: Passage) -> str:
    return "\n".join((passage.title, *passage.headings))
