"""Does a quote stand where it is said to stand, and does it bear the statement out?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from agent.evidence.claims import Piece, makes_claim, pieces, runs
from agent.evidence.compared import Cited
from agent.evidence.support import bears_out, is_verbatim, says_words
from agent.evidence.wording import language_of, named, stand, stems, words
from agent.state import Citation, Near, Passage, Quote, Segment
from ingest.model import within
from plugins.tool import Texts

_MARK = re.compile(r"\[(\d+|unverified)\]")
_SENTENCE_END = re.compile(r"""[.!?…][)\]"'”’»]*(?=\s|$)|[。！？]""")
_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")  # between a table's head and its rows
_CODE_END = re.compile(r"(?:\A|\n)[ \t]*(?:```|~~~)\Z")
_LEADS = re.compile(r"[:：][*_]*$|^#{1,6}\s[^\n]*$|^(\*\*|__)[^*\n]+\1:?$")
_TELLING = 20  # characters, white space not counted


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer after its citations were looked up and its statements held against them.

    `marked` are the sentences that hold, with `[1]`, `[2]`… where they belong. `unverified` are the others, `faults`
    say why, one each. `answers` tells whether any statement is borne out, `held` how many sentences are, `has_words`
    whether anything is said at all.
    """

    marked: str
    citations: tuple[Citation, ...]
    dropped: tuple[Quote, ...]
    unverified: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    answers: bool = False
    held: int = 0
    has_words: bool = False


def check(segments: Sequence[Segment], evidence: Sequence[Passage], stored: Texts, question: str = "") -> CheckedAnswer:
    """Looks quotes up in stored text, letter by letter but for white space, and holds each statement against its own.

    A quote that is not there is dropped. A sentence is left out where no quote of a part of it is there or those that
    are do not bear it out; one that cites nothing, where what the others cite does not: where that does, it is cited.
    """
    by_number = {passage.number: passage for passage in evidence}
    texts, quotes, remarks = _with_words(segments)
    raw = "".join(texts)
    whole = _unmarked(raw)
    located = [[citation_of(quote, by_number, stored) for quote in each] for each in quotes]
    dropped = tuple(
        quote
        for those, places in zip(quotes, located, strict=True)
        for quote, citation in zip(those, places, strict=True)
        if citation is None
    )
    held = [tuple(dict.fromkeys(filter(None, places))) for places in located]
    cut = pieces(texts, [bool(each) for each in quotes], remarks)
    repeats = {
        index for index, those in enumerate(held) if those and is_verbatim(texts[index], map(_alone, those))
    }  # what is cited whole is borne out line by line too
    judged = [
        _Judged(piece) if piece.segment in remarks else _judged(piece, cut, raw, held, by_number, question, repeats)
        for piece in cut
    ]
    faults = {each.piece.sentence: each.fault for each in reversed(judged) if each.fault}
    spans = _spans(cut)
    kept = [each for each in judged if each.piece.sentence not in faults]
    citations: dict[Citation, int] = {}
    marks: list[tuple[int, str]] = []
    for piece, those in runs([(each.piece, each.cited) for each in kept]):
        numbers = [citations.setdefault(citation, len(citations) + 1) for citation in those]
        marks += [(piece.end, "".join(f"[{number}]" for number in numbers))] if numbers else []
    quoted = [each.piece for each in kept if each.is_quote]
    said = _as_it_stands(raw, whole, quoted, len(citations))
    return CheckedAnswer(
        marked=_shown(
            said, marks, _left_out(whole, spans, faults, bearing={each.piece.sentence for each in kept if each.bears})
        ),
        citations=tuple(citations),
        dropped=dropped,
        unverified=tuple(whole[slice(*spans[sentence])].strip() for sentence in sorted(faults)),
        faults=tuple(faults[sentence] for sentence in sorted(faults)),
        answers=any(each.bears for each in kept),
        held=len({each.piece.sentence for each in kept if each.bears}),
        has_words=says_words(whole),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """A piece, why it is not verified or what bears it out, and whether it is a quote and says no more.

    `bears` says whether it is a statement that cites what bears it out.
    """

    piece: Piece
    fault: str = ""
    cited: tuple[Citation, ...] = ()
    bears: bool = False
    is_quote: bool = False


def _judged(
    piece: Piece,
    cut: Sequence[Piece],
    raw: str,
    held: Sequence[tuple[Citation, ...]],
    evidence: Mapping[int, Passage],
    question: str,
    repeats: Collection[int],
) -> _Judged:
    said = _unmarked(raw)[piece.start : piece.end]
    if piece.cites and not held[piece.segment]:
        return _Judged(piece, "no quote of it was found")
    own = held[piece.segment] if piece.cites else ()
    together = [each for each in cut if piece.sentence == each.sentence]
    places = _of(together if piece.cites else cut, held)
    cited = _all_cited(places, evidence)
    if piece.cites and (piece.segment in repeats or is_verbatim(raw[piece.start : piece.end], cited)):
        return _Judged(piece, "", own, bears=any(each.says_something for each in cited), is_quote=True)
    if not makes_claim(said, (question, *(each.text for each in cited)), cites=piece.cites):
        return _Judged(piece, "", own)
    fault = bears_out(said, cited, question)
    if piece.cites:
        its = [passage_of(each, evidence.values()) for each in places]
        fault = fault or _of_another(said, question, its, evidence.values())
        return _Judged(piece, fault, own, bears=not fault)
    if fault:
        return _Judged(piece, f"cites nothing; {fault}" if places else "cites nothing")
    beside = _of(together, held)
    alone = ([citation] for citation in places)
    enough = (
        those for those in (beside, *alone) if those and not bears_out(said, _all_cited(those, evidence), question)
    )
    needed = next(enough, places)
    return _Judged(piece, "", () if needed == beside else tuple(needed))


def _of_another(statement: str, question: str, cited: Collection[Passage], shown: Iterable[Passage]) -> str:
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


def _of(these: Iterable[Piece], held: Sequence[tuple[Citation, ...]]) -> list[Citation]:
    """What these pieces cite."""
    return list(dict.fromkeys(citation for each in these if each.cites for citation in held[each.segment]))


def _all_cited(these: Iterable[Citation], evidence: Mapping[int, Passage]) -> list[Cited]:
    return [_cited(citation, evidence.values()) for citation in these]


def _spans(cut: Sequence[Piece]) -> dict[int, tuple[int, int]]:
    """Where each sentence begins and ends."""
    spans: dict[int, tuple[int, int]] = {}
    for piece in cut:
        start, _ = spans.get(piece.sentence, (piece.start, 0))
        spans[piece.sentence] = start, piece.end
    return spans


def _left_out(
    text: str, spans: Mapping[int, tuple[int, int]], faults: Collection[int], bearing: Collection[int]
) -> list[tuple[int, int]]:
    """What is not shown: the sentences with a fault, and what leads to nothing else; neighbours as one.

    Those that are `bearing` a citation say something themselves, also where they look like a heading.
    """
    gone: set[int] = set()
    is_told: bool | None = None  # whether any of what stands below is shown; None where nothing does
    for sentence in sorted(spans, reverse=True):
        leads = sentence not in bearing and _LEADS.search(text[slice(*spans[sentence])].strip()) is not None
        if sentence in faults or (leads and is_told is False):
            gone.add(sentence)
            is_told = bool(is_told)
        else:
            is_told = None if leads else True
    together: list[tuple[int, int]] = []
    for sentence, (start, end) in sorted(spans.items()):
        if sentence in gone and together and sentence - 1 in gone:
            together[-1] = together[-1][0], end
        elif sentence in gone:
            together.append((start, end))
    return [_with_line(text, *span) for span in together]


def _with_line(text: str, start: int, end: int) -> tuple[int, int]:
    """What goes with a sentence: the white space around it, and the line where it is alone on that."""
    while text[end : end + 1] in {" ", "\t"}:
        end += 1
    begins = start == 0 or text[start - 1] == "\n"
    while begins and text[end : end + 1] == "\n":
        end += 1
        if start and text[start - 2 : start] != "\n\n":
            break
    while not begins and text[start - 1] in " \t" and text[end : end + 1] in {"", "\n"}:
        start -= 1
    return start, end


def _with_words(segments: Sequence[Segment]) -> tuple[list[str], list[tuple[Quote, ...]], set[int]]:
    """What is said and what is cited for it, and which are remarks; quotes without words belong to the words before."""
    texts: list[str] = []
    quotes: list[tuple[Quote, ...]] = []
    remarks: set[int] = set()
    for segment in segments:
        if texts and not says_words(segment.text):
            texts[-1] += segment.text
            quotes[-1] += segment.quotes
        else:
            remarks |= {len(texts)} if segment.remark else set()
            texts.append(segment.text)
            quotes.append(segment.quotes)
    return texts, quotes, remarks


def _alone(citation: Citation) -> Cited:
    return Cited(citation.quote)


def _cited(citation: Citation, evidence: Iterable[Passage]) -> Cited:
    """A citation with what stands around it in the passage that was shown."""
    passage = passage_of(citation, evidence)
    start, end = citation.start - passage.start, citation.end - passage.start
    name = re.sub(r"[\W_]+", " ", citation.document)  # which may tell a year
    about = (passage.title, *passage.headings, *passage.context.splitlines(), name)
    return Cited(citation.quote, about, passage.text[:start], passage.text[end:])


def passage_of(citation: Citation, evidence: Iterable[Passage]) -> Passage:
    """The passage that was shown in which a citation of the answer stands."""
    return next(
        each
        for each in evidence
        if (each.kind, each.document, each.call) == (citation.kind, citation.document, citation.call)
        and each.start <= citation.start
        and citation.end <= each.end
    )


def _shown(text: str, marks: Iterable[tuple[int, str]], left_out: Iterable[tuple[int, int]]) -> str:
    """The text without what is left out, each mark behind the last word before its place."""
    parts: list[str] = []
    done = 0
    for place, mark, behind in sorted([*((at, mark, at) for at, mark in marks), *((a, "", b) for a, b in left_out)]):
        if not mark:
            parts.append(text[done:place])
            done = max(done, behind)
            continue
        end = done + len(text[done:place].rstrip())
        apart = "\n" if _CODE_END.search(text, 0, end) else " "  # whoever copies the code has no mark in it
        parts.append(f"{text[done:end]}{apart}{mark}")
        done = end
    return "".join((*parts, text[done:])).strip()


def untorn(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """An answer that was cut off, without the sentence at its end that was torn, unless it is cited already."""
    kept = list(segments)
    while kept and not kept[-1].quotes:
        last = kept.pop()
        if ends := list(_SENTENCE_END.finditer(last.text)):
            kept.append(replace(last, text=last.text[: ends[-1].end()]))
            break
    return tuple(kept)


def nearest(evidence: Iterable[Passage], question: str = "", *, most: int = 3) -> tuple[Near, ...]:
    """What in the first passages has most of the question's words, else how they begin; no place twice.

    A heading says nothing by itself, nor do what opens a listing and the head of a table.
    """
    language = language_of(question)
    asked = stems(question, language)
    found: dict[tuple[str, int, int], Near] = {}
    for passage in evidence:
        if passage.kind == "document" and passage.blocks:
            texts = [passage.block_text(block) for block in range(len(passage.blocks))]
            telling = [block for block in range(len(texts)) if _may_tell(texts, block)] or [0]
            shared = {block: len(asked & stems(texts[block], language)) for block in telling}
            start, end = passage.blocks[max(telling, key=lambda block: (shared[block], -block))]
            found.setdefault((passage.document, start, end), _near(passage, start, end))
    return tuple(found.values())[:most]


def _may_tell(texts: Sequence[str], block: int) -> bool:
    is_head = _RULE.fullmatch(texts[block]) or (block + 1 < len(texts) and _RULE.fullmatch(texts[block + 1]))
    return not is_head and not texts[block].startswith(("#", "```", "~~~"))


def _near(passage: Passage, start: int, end: int) -> Near:
    there = replace(_citation(passage, start, end), call=None)
    values = {field.name: getattr(there, field.name) for field in fields(there)}
    return Near(**values, text=there.quote, probability=passage.probability)


def citation_of(quote: Quote, evidence: Mapping[int, Passage], stored: Texts) -> Citation | None:
    """Where the quote stands in stored text; None where it does not."""
    passage = evidence.get(quote.passage)
    if passage is None or not 0 <= quote.first < quote.last <= len(passage.blocks):
        return None
    start, end = passage.blocks[quote.first][0], passage.blocks[quote.last - 1][1]
    if (
        passage.kind == "document"
        and (stored.text(passage.document) or "")[passage.start : passage.end] != passage.text
    ):
        return None
    claimed, there = _squeezed(quote.text), _squeezed(passage.text[start - passage.start : end - passage.start])
    # The unit of a citation is whole blocks; of a part, enough must be given that it could not stand anywhere.
    if claimed not in there or len(claimed) < min(_TELLING, len(there)) or not claimed:
        return None
    citation = _citation(passage, start, end)
    if passage.page is None:
        return citation
    page, label = stored.page(passage.document, start), stored.page_label(passage.document, start)
    return replace(citation, page=page, page_label=label)  # a passage may run over several pages


def _citation(passage: Passage, start: int, end: int) -> Citation:
    return Citation(
        kind=passage.kind,
        document=passage.document,
        title=passage.title,
        page=passage.page,
        page_label=passage.page_label,
        unseen=within(passage.unseen, start, end),
        start=start,
        end=end,
        quote=passage.text[start - passage.start : end - passage.start],
        call=passage.call,
    )


def _unmarked(text: str) -> str:
    """The text without what looks like a mark: a mark is ours alone, and proves something."""
    return _MARK.sub(r"(\1)", text)


def _as_it_stands(raw: str, unmarked: str, quoted: Iterable[Piece], citations: int) -> str:
    """The unmarked text, but that a quote has the numbers of its source where they are none of our marks."""
    shown = list(unmarked)  # as long as the text that it was made from
    for piece in quoted:
        for number in _MARK.finditer(raw, piece.start, piece.end):
            if number[1].isdecimal() and not 1 <= int(number[1]) <= citations:
                shown[number.start()], shown[number.end() - 1] = "[", "]"
    return "".join(shown)


def _squeezed(text: str) -> str:
    return "".join(text.split())
