"""How is a figure drawn so that it needs no library, no script and no network? As SVG, which a page can hold."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 520, 170, 36, 26


def interval(mean: float, low: float, high: float, other: float | None = None) -> str:
    """A value of 0 to 1 with its interval, and another value as a mark beside it."""
    title = f"{mean:.3f}, 95 % interval {low:.3f} to {high:.3f}"
    width = max(1.0, 200 * (high - low))
    mark = "" if other is None else f'<path class="other" d="M{200 * other:.1f} 1v16"/>'
    return (
        f'<svg class="interval" viewBox="0 0 200 18" role="img" aria-label="{title}"><title>{title}</title>'
        f'<path class="axis" d="M0 9h200"/><path class="range" d="M{200 * low:.1f} 9h{width:.1f}"/>'
        f'{mark}<circle class="value" cx="{200 * mean:.1f}" cy="9" r="4"/></svg>'
    )


def histogram(series: Sequence[tuple[str, Sequence[float]]], low: float, high: float, label: str) -> str:
    """Shares of up to two groups of values in twenty bins from `low` to `high`; what lies beyond counts at the edge."""
    bins = 20
    edges = np.linspace(low, high, bins + 1)
    shares = []
    for _, values in series:
        counts, _ = np.histogram(np.clip(values, low, high), bins=edges)
        shares.append(counts / max(1, len(values)))
    top = max((float(each.max(initial=0.0)) for each in shares), default=0.0) or 1.0
    width, height = _WIDTH - _LEFT, _HEIGHT - _BOTTOM
    step = width / bins
    bars = []
    for place, each in enumerate(shares):
        for number, share in enumerate(each.tolist()):
            tall = (height - 22) * share / top  # below the legend
            x = _LEFT + number * step + place * step / len(shares)
            bars.append(
                f'<rect class="bar{place}" x="{x:.1f}" y="{height - tall:.1f}" '
                f'width="{step / len(shares) - 1:.1f}" height="{tall:.1f}"><title>{share:.1%}</title></rect>'
            )
    marks = "".join(
        f'<text x="{_LEFT + width * part:.0f}" y="{_HEIGHT - 10}" text-anchor="{"end" if part == 1 else "middle"}">'
        f"{low + part * (high - low):.2g}</text>"
        for part in (0, 0.25, 0.5, 0.75, 1)
    )
    legend = "".join(
        f'<rect class="bar{place}" x="{_LEFT + 8 + 210 * place}" y="2" width="10" height="10"/>'
        f'<text x="{_LEFT + 22 + 210 * place}" y="11">{escape(name)} ({len(values):,})</text>'
        for place, (name, values) in enumerate(series)
    )
    return _figure(f'{"".join(bars)}<path class="axis" d="M{_LEFT} {height}h{width}"/>{marks}{legend}', label)


def reliability(bins: Sequence[tuple[float, float, int]], label: str) -> str:
    """What share is relevant by the probability that was stated: (stated, true, count), each as large as its count."""
    side, all_of_them = _HEIGHT - _BOTTOM, sum(count for _, _, count in bins)
    dots = []
    for stated, true, count in bins:
        size = 3 + 9 * (count / all_of_them) ** 0.5
        title = f"stated {stated:.2f}, relevant {true:.2f}, {count:,} passages"
        dots.append(
            f'<circle class="value" cx="{_LEFT + side * stated:.1f}" cy="{side * (1 - true):.1f}" r="{size:.1f}">'
            f"<title>{title}</title></circle>"
        )
    axes = (
        f'<path class="axis" d="M{_LEFT} 0v{side}h{side}"/><path class="other" d="M{_LEFT} {side}L{_LEFT + side} 0"/>'
        f'<text x="{_LEFT - 6}" y="10" text-anchor="end">1</text>'
        f'<text x="{_LEFT - 6}" y="{side}" text-anchor="end">0</text>'
        f'<text x="{_LEFT + side}" y="{_HEIGHT - 10}" text-anchor="end">stated probability</text>'
    )
    return _figure(axes + "".join(dots), label)


def course(points: Sequence[tuple[str, float, float, float]], label: str) -> str:
    """Values of 0 to 1 one after the other, the oldest first: what each is called, its value, and its interval."""
    width, height, top = _WIDTH - _LEFT - 12, _HEIGHT - _BOTTOM - 12, 8
    step = width / max(1, len(points) - 1)
    places = [_LEFT + 6 + (number * step if len(points) > 1 else width / 2) for number in range(len(points))]

    def up(value: float) -> float:
        return top + height * (1 - value)

    drawn = []
    for x, (name, value, low, high) in zip(places, points, strict=True):
        title = f"{name}: {value:.1%}, 95 % interval {low:.1%} to {high:.1%}"
        drawn.append(
            f'<g><title>{escape(title)}</title><path class="range" d="M{x:.1f} {up(low):.1f}V{up(high):.1f}"/>'
            f'<circle class="value" cx="{x:.1f}" cy="{up(value):.1f}" r="4"/></g>'
        )
    line = "L".join(f"{x:.1f} {up(value):.1f}" for x, (_, value, _, _) in zip(places, points, strict=True))
    marks = "".join(
        f'<path class="axis" d="M{_LEFT} {up(part):.1f}h{width + 12}"/>'
        f'<text x="{_LEFT - 6}" y="{up(part) + 4:.1f}" text-anchor="end">{part:.0%}</text>'
        for part in (0, 0.5, 1)
    )
    ends = [(places[0], points[0][0], "start"), (places[-1], points[-1][0], "end")] if points else []
    names = "".join(
        f'<text x="{x:.1f}" y="{_HEIGHT - 4}" text-anchor="{anchor}">{escape(name)}</text>'
        for x, name, anchor in (ends if len(points) > 1 else [(x, name, "middle") for x, name, _ in ends[:1]])
    )
    return _figure(f'{marks}<path class="other" d="M{line}"/>{"".join(drawn)}{names}', label)


def _figure(inside: str, label: str) -> str:
    return (
        f'<svg class="figure" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">'
        f"<title>{escape(label)}</title>{inside}</svg>"
    )
