"""How likely is a stretch of text to hold the answer? A logistic model, learned from public questions and answers.

`benchmarks/quoting.py` makes `scorer.json` anew: plain numbers, so that nothing but numpy is needed to apply them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.models.quoting.features import OF_THE_BEST, WITH_ENCODER, WITHOUT_ENCODER, Features

SHIPPED: Final = Path(__file__).with_name("scorer.json")


@dataclass(frozen=True, slots=True)
class Logistic:
    """What each feature is worth."""

    weights: Mapping[str, float]
    intercept: float

    def __call__(self, features: Features, names: Mapping[str, int]) -> NDArray[np.float64]:
        """`(candidates,)`: the log odds."""
        return np.asarray(features @ np.array([self.weights.get(name, 0.0) for name in names]) + self.intercept)


@dataclass(frozen=True, slots=True)
class Scorer:
    """Three models: one sifts all candidates without the encoder, one weighs those that it leaves, and one says of the
    likeliest whether it answers at all. That words of the question stand there says much for one stretch beside
    another, and little for there being an answer.

    Below `least` the likeliest candidate is no answer.
    """

    sifts: Logistic
    weighs: Logistic
    answers: Logistic
    least: float

    def sifted(self, features: Features) -> NDArray[np.float64]:
        """The log odds by the features of `WITHOUT_ENCODER`."""
        return self.sifts(features, WITHOUT_ENCODER)

    def probability(self, features: Features) -> NDArray[np.float64]:
        """Between 0 and 1, by the features of `WITH_ENCODER`."""
        return np.asarray(1 / (1 + np.exp(-self.weighs(features, WITH_ENCODER))))

    def answer(self, features: Features) -> NDArray[np.float64]:
        """How likely each would be the answer, were it the likeliest; by the same features."""
        odds = self.weighs(features, WITH_ENCODER)
        return np.asarray(1 / (1 + np.exp(-self.answers(np.column_stack([features, odds]), OF_THE_BEST))))


@cache
def shipped() -> Scorer:
    """The scorer that comes with Citewell."""
    told = json.loads(SHIPPED.read_text(encoding="utf-8"))
    sifts, weighs, answers = (Logistic(**told[name]) for name in ("sifts", "weighs", "answers"))
    return Scorer(sifts, weighs, answers, told["least"])
