"""What of some passages could answer a question, and how likely is each?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate
from agent.models.quoting.features import Features, Weighing
from agent.models.quoting.scorer import Scorer
from agent.state import Passage
from retrieval.parts import Vectors

READ: Final = 10  # candidates that the encoder reads at most; the others are sifted out by their words
_ALWAYS: Final = 4  # of them whatever they are: what is likelier may be left out later, since it says the opposite
# Log odds behind the likeliest: what a cosine can make up (2), and what is quoted beside it may lack (log 0.35)
_BEHIND: Final = 3.05


@dataclass(frozen=True, slots=True)
class Weighed:
    """All candidates with the features that their words give, those of them that were kept, and their full features."""

    candidates: Sequence[Candidate]
    sifted: Features
    kept: NDArray[np.int64]
    full: Features


def weigh(
    asked: Asked,
    passages: Sequence[Passage],
    candidates: Sequence[Candidate],
    idf: Callable[[str], float],
    cosines: Callable[[Sequence[Candidate]], Vectors],
    scorer: Scorer,
) -> Weighed:
    """The features of the candidates; `cosines` says how near some of them are to the question."""
    sifted = Weighing(asked, passages, idf).without_encoder(candidates)
    odds = scorer.sifted(sifted)
    kept = np.argsort(-odds, kind="stable")[:READ]
    kept = kept[(odds[kept] >= odds.max(initial=-np.inf) - _BEHIND) | (np.arange(len(kept)) < _ALWAYS)]
    if not len(kept):
        return Weighed(candidates, sifted, kept, np.zeros((0, sifted.shape[1] + 1)))
    near = np.maximum(cosines([candidates[index] for index in kept]), 0).astype(np.float64)
    return Weighed(candidates, sifted, kept, np.column_stack([sifted[kept], near]))
