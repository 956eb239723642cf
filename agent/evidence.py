"""What may an answer rest on, and does a citation really stand where it says?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from agent.state import Citation, Near, Passage, Quote, Segment
from ingest.sentences import sentences
from plugins.tool import Texts, ToolResult
from retrieval.model import Hit

_MARK = re.compile(r"\[(\d+|unverified)\]")
_SENTENCE_END = re.compile(r"""[.!?…][)\]"'”’»]*(?=\s|$)|[。！？]""")
_TELLING = 20  # characters, white space not counted


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer after its citations were looked up. `marked` has `[1]`, `[2]`… where they belong.

    `unverified` are the stretches that it marks so.
    """

    marked: str
    citations: tuple[Citation, ...]
    dropped: tuple[Quote, ...]
    unverified: tuple[str, ...] = ()


def sifted(hits: Iterable[Hit], withhold: float) -> tuple[list[Hit], list[Hit]]:
    """What may be shown to whoever answers, and what is almost surely noise and withheld; both in their order.

    A hit of which nothing says how likely it is to be relevant is shown.
    """
    kept: list[Hit] = []
    withheld: list[Hit] = []
    for hit in hits:
        (withheld if hit.probability is not None and hit.probability < withhold else kept).append(hit)
    return kept, withheld


def passages(hits: Iterable[Hit], *, first: int, call: str | None = None) -> tuple[Passage, ...]:
    """Hits as evidence, numbered from `first`, cut into sentences."""
    return tuple(
        Passage(
            number=first + index,
            kind="document",
            document=hit.chunk.document,
            title=hit.chunk.title,
            text=hit.chunk.text,
            start=hit.chunk.start,
            end=hit.chunk.end,
            blocks=tuple((hit.chunk.start + a, hit.chunk.start + b) for a, b in sentences(hit.chunk.text)),
            page=hit.chunk.page,
            page_label=hit.chunk.page_label,
            headings=hit.chunk.headings,
            call=call,
            score=hit.score,
            dense=hit.dense,
            lexical=hit.lexical,
            probability=hit.probability,
        )
        for index, hit in enumerate(hits)
    )


def observed(result: ToolResult, tool: str, *, first: int, call: str) -> tuple[Passage, ...]:
    """What a tool gave back as evidence: its passages, and what it said beside them."""
    found = passages(result.hits, first=first, call=call)
    if not result.text.strip():
        return found
    blocks = tuple(sentences(result.text))
    number = first + len(found)
    return (*found, Passage(number, "tool", tool, tool, result.text, 0, len(result.text), blocks, call=call))


def check(segments: Sequence[Segment], evidence: Sequence[Passage], stored: Texts) -> Checked:
    """Looks every quote up in stored text, letter by letter but for white space; one that is not there is dropped.

    A stretch of the answer whose quotes were all dropped is marked `[unverified]`.
    """
    by_number = {passage.number: passage for passage in evidence}
    citations: dict[Citation, int] = {}
    dropped: list[Quote] = []
    marked: list[str] = []
    unverified: list[str] = []
    bare = ""  # what was said since the last mark: stretch by stretch, a forged mark could be put together
    for segment in segments:
        marks: list[str] = []
        for quote in segment.quotes:
            citation = _verified(quote, by_number, stored)
            if citation is None:
                dropped.append(quote)
            else:
                mark = f"[{citations.setdefault(citation, len(citations) + 1)}]"
                marks += [mark] if mark not in marks else []
        if segment.quotes and not marks:
            marks = ["[unverified]"]
            unverified.append(segment.text.strip())
        bare += segment.text
        if marks:
            text, bare = _unmarked(bare), ""
            body = text.rstrip()
            marked.append(f"{body} {''.join(marks)}{text[len(body) :]}")
    marked.append(_unmarked(bare))
    return Checked("".join(marked).strip(), tuple(citations), tuple(dropped), tuple(unverified))


def untorn(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """An answer that was cut off, without the sentence at its end that was torn, unless it is cited already."""
    kept = list(segments)
    while kept and not kept[-1].quotes:
        last = kept.pop()
        if ends := list(_SENTENCE_END.finditer(last.text)):
            kept.append(replace(last, text=last.text[: ends[-1].end()]))
            break
    return tuple(kept)


def nearest(evidence: Iterable[Passage], *, most: int = 3) -> tuple[Near, ...]:
    """How the first passages begin, no place twice; a heading alone says nothing."""
    found: dict[tuple[str, int, int], Near] = {}
    for passage in evidence:
        if passage.kind == "document" and passage.blocks:
            texts = [passage.block_text(block) for block in range(len(passage.blocks))]
            telling = next((block for block, text in enumerate(texts) if not text.startswith("#")), 0)
            start, end = passage.blocks[telling]
            found.setdefault((passage.document, start, end), _near(passage, start, end))
    return tuple(found.values())[:most]


def _near(passage: Passage, start: int, end: int) -> Near:
    there = replace(_citation(passage, start, end), call=None)
    values = {field.name: getattr(there, field.name) for field in fields(there)}
    return Near(**values, text=there.quote, probability=passage.probability)


def _verified(quote: Quote, evidence: Mapping[int, Passage], stored: Texts) -> Citation | None:
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
        start=start,
        end=end,
        quote=passage.text[start - passage.start : end - passage.start],
        call=passage.call,
    )


def _unmarked(text: str) -> str:
    """The text without what looks like a mark: a mark is ours alone, and proves something."""
    return _MARK.sub(r"(\1)", text)


def _squeezed(text: str) -> str:
    return "".join(text.split())
