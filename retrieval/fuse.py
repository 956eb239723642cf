"""How are two ranked legs made one? Pure functions over scores.

Scores are `{chunk id: score}` over the union of both legs' candidates, each completed by the other leg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def convex(
    dense: Mapping[str, float], lexical: Mapping[str, float], *, weight: float = 0.5, span: tuple[float, float]
) -> dict[str, float]:
    """`weight` of the dense score on the scale of `span`, and the rest of the lexical one, divided by its maximum.

    `span` is the lowest and highest cosine of the dense leg's own candidates; those that the lexical leg added may
    lie below it. A convex combination of normalised scores beats rank fusion where both legs are sound, and its one
    weight can be tuned on little gold (Bruch, Gai & Ingber 2023).
    """
    near, matching = on_span(dense, *span), by_maximum(lexical)
    return {
        id: weight * near.get(id, 0.0) + (1 - weight) * matching.get(id, 0.0) for id in dense.keys() | lexical.keys()
    }


def on_span(scores: Mapping[str, float], low: float, high: float) -> dict[str, float]:
    """Scores scaled so that `low` is 0 and `high` 1; where these are equal, a positive score counts 1."""
    if low == high:
        return {id: 1.0 if score > 0 else 0.0 for id, score in scores.items()}
    return {id: (score - low) / (high - low) for id, score in scores.items()}


def by_maximum(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores divided by the highest; all 0 where none is positive."""
    high = max(scores.values(), default=0.0)
    return {id: max(0.0, score) / high if high > 0 else 0.0 for id, score in scores.items()}


def ranked(scores: Mapping[str, float]) -> Sequence[str]:
    """The ids, best first; equal scores in id order, so that results repeat."""
    return sorted(scores, key=lambda id: (-scores[id], id))
