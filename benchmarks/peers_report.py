"""What do the figures of `peers.py` say? A table of them, and the lines that Citewell does not reach."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TOKENS, TOKENS_ELSEWHERE, DOCUMENTS = 1.8, 1.0, 1.0  # of the fastest peer's rate, where the processor has bf16 or not
QUERY = 0.5  # of the fastest peer's median
SEARCH, HELP = 2.0, 0.1  # times `import torch`; seconds more than an empty Python
QUALITY = {
    "scifact": {"nDCG@10": 0.722, "Recall@100": 0.935},
    "cranfield": {"nDCG@10": 0.556, "Recall@100": 0.80},
}
METRICS = ("nDCG@10", "Recall@100")
Figures = Mapping[str, Any]


def table(figures: Figures, collections: Sequence[str], parts: Sequence[str], systems: Sequence[str]) -> str:
    """Markdown."""
    lines = [f"commit {figures['commit']}, {figures['cores']} cores, {figures['dtype']}", ""]
    for system in systems:
        versions = figures["versions"][system]
        lines.append(f"- {system}: {', '.join(f'{package} {versions[package]}' for package in versions)}")
    lines += [
        "",
        "| collection | part | " + " | ".join(systems) + " | ratio to the best peer |",
        "|---" * (len(systems) + 3) + "|",
    ]
    for collection in collections:
        for part in (part for part in parts if part != "cold"):
            for name, form, values, most in _rows(figures, collection, part):
                best = _best(values, systems[1:], most=most)
                ratio = f"{values[systems[0]] / best:.2f}" if best else "-"
                cells = " | ".join(form(values[system]) if system in values else "-" for system in systems)
                lines.append(f"| {collection} | {name} | {cells} | {ratio} |")
    if "cold" in parts:
        lines += ["", "| from a cold shell | seconds |", "|---|---|"]
        lines += [
            f"| `{name}` | {row['seconds']:.3f} |" for name, row in figures.get("shell", {}).get("cold", {}).items()
        ]
    return "\n".join(lines)


def missed(figures: Figures, collections: Sequence[str], parts: Sequence[str], systems: Sequence[str]) -> list[str]:
    """What is below its limit; a figure that was asked for and is not there is, too."""
    found = []
    least_tokens = TOKENS if figures["bf16"] else TOKENS_ELSEWHERE
    least = {"tokens a second": least_tokens, "documents a second": DOCUMENTS, **dict.fromkeys(METRICS, 1.0)}
    for collection in collections:
        for part in (part for part in parts if part != "cold"):
            rows = list(_rows(figures, collection, part))
            if not rows or any(system not in values for _, _, values, _ in rows for system in systems):
                found.append(f"{collection}: {part} was not measured with every system")
                continue
            for name, form, values, most in rows:
                own, best = values["Citewell"], _best(values, systems[1:], most=most)
                said = f"{collection}: {name} {form(own)}, the best peer's {form(best)}"
                if name in least and not own >= least[name] * best:
                    found.append(f"{said}: at least {least[name]:g} times that is asked for")
                if name == "query p50, ms" and not own <= QUERY * best:
                    found.append(f"{said}: at most {QUERY:g} times that is asked for")
                floor = QUALITY.get(collection, {}).get(name)
                if floor is not None and not own >= floor:
                    found.append(f"{collection}: {name} {form(own)}: at least {floor:g} is asked for")
    return found + (list(_cold(figures)) if "cold" in parts else [])


def _cold(figures: Figures) -> Iterator[str]:
    rows = figures.get("shell", {}).get("cold", {})
    seconds = {name: row["seconds"] for name, row in rows.items()}
    absent = float("nan")
    search, torch = seconds.get("citewell search", absent), seconds.get("import torch", absent)
    if not search <= SEARCH * torch:
        yield f"`citewell search` when cold: {search:.2f} s, at most {SEARCH:g} times {torch:.2f} s is asked for"
    help_, empty = seconds.get("citewell --help", absent), seconds.get("python -c pass", absent)
    if not help_ - empty <= HELP:
        yield f"`citewell --help`: {help_:.3f} s, at most {HELP:g} s more than {empty:.3f} s is asked for"


def _rows(figures: Figures, collection: str, part: str) -> Iterator[tuple[str, Any, dict[str, float], bool]]:
    """Name, how a value is written, the value by system, and whether more is better."""
    found = figures.get(collection, {}).get(part)
    if not found:
        return
    if part == "ingest":
        seconds = {system: statistics.median(row["seconds"]) for system, row in found.items()}
        yield (
            "documents a second",
            "{:.1f}".format,
            {s: row["documents"] / seconds[s] for s, row in found.items()},
            True,
        )
        yield "tokens a second", "{:,.0f}".format, {s: row["tokens"] / seconds[s] for s, row in found.items()}, True
        yield "passages", "{:,.0f}".format, {s: float(row["passages"]) for s, row in found.items()}, True
        yield "tokens", "{:,.0f}".format, {s: float(row["tokens"]) for s, row in found.items()}, True
    elif part == "query":
        yield "query p50, ms", "{:.1f}".format, {s: row["p50"] for s, row in found.items()}, False
        yield "query p95, ms", "{:.1f}".format, {s: row["p95"] for s, row in found.items()}, False
    else:
        for name in METRICS:
            yield name, "{:.3f}".format, {s: row[name][0] for s, row in found.items()}, True


def _best(values: Mapping[str, float], peers: Sequence[str], *, most: bool) -> float:
    there = [values[peer] for peer in peers if peer in values]
    return (max if most else min)(there, default=float("nan"))
