"""Is an index version alive, when nobody has written gold for it?

Known-item probes (Azzopardi & de Rijke 2006) made from the corpus itself, without a model: stored passages are asked
for by their own words, and each leg must bring them back. This finds an index that is broken, not one that is poor:
a leg that knows little of the language still finds a passage by that passage's own beginning.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.gold.gold import Corpus
from ingest.model import Chunk
from retrieval.lexical.analyze import terms
from retrieval.model import Hit, Mode, Search

LEXICAL_SHARE = 0.5  # a passage's rarest words name it: a working leg finds nearly all
DENSE_SHARE = 0.2  # far below what an encoder reaches in a language it was not made for, far above chance
LOST_SHARE = 0.2

_DEPTH = 10
_WORDS = 8
_LEAD = 500
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was asked of the version, and a sentence with the numbers."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """Whether the version is alive. `reasons` are the sentences of the checks that failed."""

    ok: bool
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]


def lost(share: float) -> Check:
    """Whether no more than a fifth of the documents of the version before are gone."""
    kept = share <= LOST_SHARE  # not "fails if greater": a share that is not a number must not pass
    detail = f"{share:.0%} of the documents of the version before are gone (at most {LOST_SHARE:.0%} may be)"
    forced = "publish it with citewell index publish --force if that is meant"
    return Check("lost", kept, f"{detail}." if kept else f"{detail}; {forced}.")


def probe(
    search: Search, corpus: Corpus, *, n: int = 24, seed: int = 0, lost_share: float | None = None
) -> ProbeReport:
    """What `n` known-item probes of each leg say, with the counts.

    `lost_share` is the share of the parent's documents that this version no longer has; None where there is no parent.
    """
    documents = len(corpus.names())
    counted = f"The version holds {documents} documents"
    checks = [Check("documents", documents > 0, f"{counted}." if documents else f"{counted}: ingest some.")]
    if lost_share is not None:
        checks.append(lost(lost_share))
    if documents:
        checks += probe_legs(search, corpus, n=n, seed=seed)
    failed = tuple(check.detail for check in checks if not check.ok)
    return ProbeReport(not failed, failed, tuple(checks))


def probe_legs(search: Search, corpus: Corpus, *, n: int = 24, seed: int = 0) -> tuple[Check, Check]:
    """Whether the lexical and the dense leg find stored passages in their first ten.

    Lexical: by the passage's most distinctive words, at least half must be found. Dense: by its beginning, at least a
    fifth. Where there are fewer than 50 passages that much is found by chance, and the dense probe then tells little
    more than that the leg returns something.
    """
    chunks = corpus.sample(4 * n, seed=seed)
    frequency = Counter(word for chunk in chunks for word in _words(chunk.text))
    asked = [(chunk, words) for chunk in chunks if (words := _distinctive(chunk.text, frequency))][:n]
    means = "their rarest words"
    if not asked:
        asked = [(chunk, words) for chunk in chunks if (words := _shared(chunk.text))][:n]
        means = "their words"
    return (
        _leg(search, "lexical", means, asked, LEXICAL_SHARE),
        _leg(search, "dense", "their beginning", [(chunk, _lead(chunk.text)) for chunk, _ in asked], DENSE_SHARE),
    )


def _leg(search: Search, mode: Mode, means: str, asked: Sequence[tuple[Chunk, str]], share: float) -> Check:
    if not asked:
        detail = f"No passage has words to ask the {mode} leg with: check what was read with `citewell status`."
        return Check(mode, False, detail)
    found = sum(_finds(search(query, k=_DEPTH, mode=mode), chunk) for chunk, query in asked)
    needed = max(1, math.ceil(share * len(asked)))
    detail = f"The {mode} leg found {found} of {len(asked)} stored passages by {means}"
    if found >= needed:
        return Check(mode, True, f"{detail}.")
    return Check(
        mode, False, f"{detail} ({needed} are needed): it is broken; ingest the sources again into a new home."
    )


def _finds(hits: Sequence[Hit], wanted: Chunk) -> bool:
    """Whether the passage or a near-duplicate is among the hits; a hit whose score is no number is none."""
    same = _same_as(wanted)
    return any(math.isfinite(hit.score) and same(hit.chunk) for hit in hits)


def _same_as(wanted: Chunk) -> Callable[[Chunk], bool]:
    """Same passage, same text but for whitespace, or most words shared (Jaccard)."""
    passage, text, words = wanted.id, wanted.text.split(), _words(wanted.text)

    def same(chunk: Chunk) -> bool:
        if chunk.id == passage or chunk.text.split() == text:
            return True
        others = _words(chunk.text)
        return len(words & others) >= _NEAR * len(words | others)

    return same


def _distinctive(text: str, frequency: Counter[str]) -> str:
    """A query of the words that fewest of the sampled passages have, longest first; empty if there are none."""
    words = sorted(_words(text), key=lambda word: (frequency[word], -len(word), word))
    return " ".join(words[:_WORDS])


def _shared(text: str) -> str:
    """A query of whatever words can be searched for, where no passage has one that tells it apart."""
    return " ".join([word for word in dict.fromkeys(re.findall(r"\w+", text)) if terms(word)][:_WORDS])


def _words(text: str) -> set[str]:
    """Words that can tell a passage: numbers, and words long enough not to be grammar.

    From Hebrew on, scripts write short words; from Thai on, many write whole clauses without a space, of which the
    first letters do. Other runs of more than 40 letters are encoded data.
    """
    words: set[str] = set()
    for word in re.findall(r"\w+", text.casefold()):
        script = max(word)
        if script >= "\u0e00":
            words.add(word[:24])
        elif len(word) <= 40 and (len(word) >= (2 if script >= "\u0590" else 5) or _has_digit(word)):
            words.add(word)
    return words


def _has_digit(word: str) -> bool:
    return len(word) > 1 and any(letter.isdigit() for letter in word)


def _lead(text: str) -> str:
    """The beginning of a passage, cut between words where there are any."""
    text = " ".join(text.split())
    if len(text) <= _LEAD:
        return text
    return text[:_LEAD].rsplit(" ", 1)[0]
