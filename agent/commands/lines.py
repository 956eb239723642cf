"""How does a result read in lines, for people? As JSON, for scripts, it is in `agent/results.py`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from agent.commands.terminal.output import bold, dim, width
from agent.plain import in_a_line, plain
from agent.state import Context

if TYPE_CHECKING:
    from agent.state import Citation
    from eval.settings import EvalSettings
    from ingest.model import Chunk
    from retrieval.model import Hit
    from retrieval.search.explain import Account, Fate, Said, Standing

_AROUND: Final = 12  # words on either side of a quote that are shown
_SHOWN: Final = 5  # lines of what is laid out that are shown a second time
# A row, a fence, an indented line, an item below another line
_LAID_OUT: Final = re.compile(r"^\s*(?:\||```|~~~)|^(?: {4}|\t)\s*\S|\n\s*(?:[-*+•]|\d{1,3}[.)]|\|)\s?", re.MULTILINE)
_FATES: Mapping[Fate, str] = {
    "shown": "hit {at}.",
    "unknown": "no such document is in the index, or within the scope.",
    "erased": "it was erased.",
    "empty": "it has no words, so there is nothing to find.",
    "depth": "no leg ranks it high enough to hand it on.",
    "fusion": "it is ranked, at place {place}, below what is shown.",
    "reranking": "it stood at place {before}; the reranker moved it to place {place}.",
    "collapsed": "it says the same as hit {at}, which is shown in its place.",
}


def place(of: Citation | Chunk) -> str:
    """Where a passage stands, for people; the page as it is printed, and the sheet to turn to where that differs."""
    shown = ""
    if of.page is not None:
        printed = of.page_label in {None, str(of.page)}
        shown = f", page {of.page}" if printed else f", page {in_a_line(of.page_label or '')} (sheet {of.page})"
    hidden = ", holds hidden text" if of.unseen else ""
    return f"{in_a_line(of.document)}{shown}, characters {of.start}-{of.end}{hidden}"


def sources(citations: Sequence[Citation], *, numbered: bool = True, said: str = "") -> str:
    """The citations, one paragraph each: number, place, headings, and the quote in “ ” among the words around it.

    Of code, a list or a table that stands in what was `said` no more than its beginning and its end is shown again.
    """
    lines: list[str] = []
    told: list[str] = []
    for number, citation in enumerate(citations, start=1):
        where = place(citation)
        if citation.kind == "tool":
            where = f"result of the tool {in_a_line(citation.document)}"
        mark = f"[{number}] " if numbered else "- "
        context = getattr(citation, "context", None) or Context(citation.quote, 0, len(citation.quote))
        above = _above(context)
        lines += [f"{mark}{where}", *(above if above != told else []), _within(citation.quote, context, said)]
        told = above
    return "\n".join(lines)


def _above(context: Context) -> list[str]:
    """Headings and the head of a table, a line each."""
    path = in_a_line(" › ".join(context.headings))
    told = [textwrap.shorten(line, width() - 4, placeholder=" …") for line in (path, in_a_line(context.head)) if line]
    return [f"    {dim(line)}" for line in told]


def _within(quote: str, context: Context, said: str) -> str:
    """A quote among the words around it; code, lists and tables keep their lines."""
    if is_laid_out(quote):
        lines = [line for line in plain(f"“{quote.strip()}”").splitlines() if line.strip()]
        if len(lines) > _SHOWN and all(line.strip("“” ") in said for line in lines):
            lines = [*lines[: _SHOWN - 2], "…", lines[-1]]
        return "\n".join(f"    {bold(line)}" for line in lines)
    before, after = in_a_line(context.before).split(), in_a_line(context.after).split()
    before, after = [] if is_laid_out(context.before) else before, [] if is_laid_out(context.after) else after
    before, after = _last(before), _first(after)
    quoted = f"“{in_a_line(quote)}”".split()
    words = [*before, *quoted, *after]
    folds = textwrap.wrap(" ".join(words), width() - 4, break_long_words=False, break_on_hyphens=False)
    lines, at = [], 0
    for fold in folds:
        parts = []
        for within, run in groupby(enumerate(fold.split(), at), lambda each: 0 <= each[0] - len(before) < len(quoted)):
            text = " ".join(word for _, word in run)
            parts.append(bold(text) if within else dim(text))
        at += len(fold.split())
        lines.append(f"    {' '.join(parts)}")
    return "\n".join(lines)


def _last(words: list[str]) -> list[str]:
    kept = words[-_AROUND:]
    return kept if kept == words else ["…", *kept]


def _first(words: list[str]) -> list[str]:
    kept = words[:_AROUND]
    return kept if kept == words else [*kept, "…"]


def is_laid_out(text: str) -> bool:
    """Whether the lines of a text mean something: of code, of a list, of a table."""
    return _LAID_OUT.search(text) is not None


def hit_lines(rank: int, hit: Hit, standing: Standing | None = None) -> str:
    """One hit for people: where it stands, how it begins, who says the same, and where its score comes from."""
    chunk = hit.chunk
    likely = "" if hit.probability is None else f" · {hit.probability:.0%} likely to be relevant"
    head = f"{rank}. {place(chunk)}{likely}"
    path = in_a_line(" › ".join(dict.fromkeys(part for part in (chunk.title, *chunk.headings) if part)))
    text = textwrap.shorten(" ".join(chunk.text.split()), 240, placeholder=" …")
    lines = [head, f"    {path}" if path else "", folded(text, indent="    ")]
    if hit.duplicates:
        lines.append(folded(f"the same in {', '.join(hit.duplicates)}", indent="    "))
    return "\n".join([line for line in lines if line] + (standing_lines(standing) if standing else []))


def standing_lines(standing: Standing) -> list[str]:
    """Where a passage's score comes from, a stage a line."""
    lines = []
    if standing.score is not None:
        moved = "" if standing.reranked is None else f" · reranked {standing.reranked:.4f}"
        if standing.rank != standing.rank_before:
            moved += f", before that at place {standing.rank_before}"
        lines.append(f"score {standing.score:.4f}, place {standing.rank} of {standing.candidates}{moved}")
    if standing.features:
        parts = (f"{name} {part['value']:.2f} adds {part['adds']:.3f}" for name, part in standing.features.items())
        lines.append(f"made of: {', '.join(parts)}")
    lines += [_leg_line(name, said, share) for name, said, share in _legs(standing)]
    if standing.terms:
        words = ", ".join(f"{match.term} adds {match.adds:.2f} (idf {match.idf:.2f})" for match in standing.terms)
        lines.append(f"words: {words}")
    return [folded(line, indent="    ") for line in lines]


def account_lines(account: Account) -> str:
    """What became of a document, for people."""
    name, standing = in_a_line(account.document), account.standing
    if standing is None or account.passage is None:
        return f"{name}: {_FATES[account.fate]}"
    chunk = account.passage
    where = place(chunk)
    needed = "" if account.needed is None else f"The last passage shown has the score {account.needed:.4f}."
    fate = _FATES[account.fate].format(at=account.shown_at, place=standing.rank, before=standing.rank_before)
    head = folded(f"{name}: {fate} {needed}".rstrip())
    return "\n".join([head, folded(f"its best passage: {where}", indent="    "), *standing_lines(standing)])


def folded(text: str, *, indent: str = "") -> str:
    """A paragraph no wider than the terminal."""
    return textwrap.fill(text, width(), initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _legs(standing: Standing) -> list[tuple[str, Said, float | None]]:
    weight = None if standing.features else standing.weight
    rest = None if weight is None else 1 - weight
    both = (("cosine", standing.dense, weight), ("BM25", standing.lexical, rest))
    return [(name, said, share) for name, said, share in both if said is not None]


def _leg_line(name: str, said: Said, share: float | None) -> str:
    rank = f"rank {said.rank}" if said.rank is not None else "no rank"
    if said.scaled is not None and share is not None:
        return f"{name} {said.score:.4f}, {rank}; scaled {said.scaled:.4f}, times {share:.2f}"
    return f"{name} {said.score:.4f}, {rank}; the last one taken has {said.least:.4f}"


def tested(verdict: str | None, asked: EvalSettings) -> str:
    """A verdict in words; under settings without floors it is said that a pass asked for little."""
    words = {
        "passed": "passed its gold",
        "probe": "alive, but not tested against gold",
        "forced": "published by force, in spite of its verdict",
        "failed": "failed its gate",
    }
    bare = verdict == "passed" and not (asked.floors or asked.tag_floors or asked.ceilings or asked.tag_ceilings)
    return f"{words.get(verdict or '', 'not judged')}{' (no floors are set)' * bare}"
