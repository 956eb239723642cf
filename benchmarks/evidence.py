"""How far can a stated probability be trusted, and what does withholding passages by it cost and gain?

Of each public collection the questions are asked twice, with their own documents in the index and hidden. Three
calibrations are held against what came first:

    unfitted   made on the other collections alone, those of its family left out: what a new user has
    fitted     the best of that, of that corrected on the collection's own gold, and of one fitted on it alone, stated
               by cross-validation: what a user with gold has
    shipped    what `eval/calibrate/calibration.json` holds; all of these collections had a part in it

AUROC, Brier skill and expected calibration error (ten bins; beside it what a perfectly calibrated model would have by
chance on as many questions) are of the first hit of each question. Lost and prevented are the shares of relevant and of
irrelevant passages, of the eight that would be shown, that are withheld; silenced the share of questions that lose all
that answers them, cleared that of questions without an answer which are left with nothing; wrongly and rightly the
shares of both that are refused where there is no model. False answers: of questions without an answer, where 80 and
90 % of the others are answered.

    .venv/bin/python benchmarks/evidence.py [COLLECTION …] [--write]

Of collections that are named, those of another family teach; where there is none, nothing is told of a new user.
Every collection counts alike in what is made on several. RGB, where the passages of a question are alike but for what
they state, so that no score tells which is right, teaches nothing and is only measured.

`--write` makes the shipped calibration anew. Ends with 1 and a line for each figure that is not reached.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from public import DATA, FAMILIES, corpus, folder

from agent.settings import load_settings
from agent.wire import open_citewell
from eval.calibrate.calibration import Calibration, Costs, shipped
from eval.calibrate.cases import Case, cases, first_hits
from eval.calibrate.costs import Thresholds, costs
from eval.calibrate.fit import calibrate, fitted, lowest
from eval.gold.load import load_gold
from retrieval.parts import EncoderIdentity, key_of

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ("scifact", "cranfield", "cisi", "adi", "xquad-en", "squad2-subset", "rgb-en_fact")
MEASURED = ("rgb-en_fact",)  # and not learned from
BARS = {  # (calibration, figure) → collection → what it must reach
    ("unfitted", "auroc"): {"xquad-en": 0.93, "scifact": 0.70},
    ("fitted", "auroc"): {"xquad-en": 0.95, "scifact": 0.75},
}
MANY = 200  # questions with a relevant passage
MOST_ECE = {"unfitted": 0.08, "fitted": 0.04}


def read(name: str) -> tuple[list[Case], EncoderIdentity]:
    """The questions of one collection."""
    home = ROOT / ".bench" / name
    with open_citewell(settings=load_settings(home=home, environment={})) as citewell:
        citewell.ingest([corpus(name)])
        search = replace(citewell.hybrid_search(), calibration=None)
        return cases(search, load_gold(folder(name))), citewell.encoder.identity


def on_all(parts: Mapping[str, Sequence[Case]], encoder: str) -> Calibration:
    """Fitted on several collections, each counting alike."""
    rows = [first_hits(part) for name, part in parts.items() if name not in MEASURED]
    weights = np.concatenate([np.full(len(y), 1 / len(y)) for _, y in rows])
    return fitted(
        np.concatenate([x for x, _ in rows]),
        np.concatenate([y for _, y in rows]),
        encoder,
        weights * len(weights) / weights.sum(),
    )


def others_than(name: str, parts: Mapping[str, T]) -> dict[str, T]:
    """What there is of collections of other families."""
    return {each: its for each, its in parts.items() if FAMILIES[each] != FAMILIES[name]}


def least(limits: Mapping[str, Thresholds], parts: Mapping[str, Sequence[Case]]) -> Thresholds:
    """The lowest thresholds of the collections that have enough questions to tell a twentieth from chance well.

    Without any of these, thresholds below which nothing is.
    """
    telling = [its for name, its in limits.items() if sum(case.has_relevant for case in parts[name]) >= MANY]
    return min((each[0] for each in telling), default=0.0), min((each[1] for each in telling), default=0.0)


def by_chance(bins: Sequence[tuple[float, float, int]], draws: int = 500) -> float:
    """The expected calibration error of these probabilities if they were exactly right."""
    chance, total = np.random.default_rng(0), sum(count for _, _, count in bins)
    drawn = [abs(chance.binomial(count, min(1, stated), draws) / count - stated) * count for stated, _, count in bins]
    return float(np.sum(drawn, axis=0).mean() / total)


def measured(
    parts: Mapping[str, Sequence[Case]], identity: EncoderIdentity
) -> tuple[dict[tuple[str, str], Costs], dict[str, list[str]], dict[str, Thresholds]]:
    """What each calibration costs on each collection, the same as lines, and the thresholds of a new user's on each."""
    encoder = key_of(identity)
    found: dict[tuple[str, str], Costs] = {}
    lines: dict[str, list[str]] = {"unfitted": [], "fitted": [], "shipped": []}
    models, limits = dict[str, Calibration](), dict[str, Thresholds]()
    for name, part in parts.items():
        if set(others := others_than(name, parts)) - set(MEASURED):
            models[name] = on_all(others, encoder)
            limits[name] = lowest(part, [models[name](case.signals) for case in part])
    for name, part in parts.items():
        ready = None
        if name in models:
            # The thresholds of a new user are those that the other collections gave
            withhold, abstain = least(others_than(name, limits), parts)
            ready = replace(models[name], kind="shipped", withhold=withhold, abstain=abstain)
            found["unfitted", name] = costs(part, [ready(case.signals) for case in part], ready)
            lines["unfitted"].append(row(name, found["unfitted", name], ready))
        own = calibrate(part, identity, gold=name, shipped=ready)
        if own is not None and own.costs is not None:
            found["fitted", name] = own.costs
            lines["fitted"].append(row(f"{name} ({own.kind})", own.costs, own))
    return found, lines, limits


def row(name: str, found: Costs, used: Calibration) -> str:
    """One line of a table."""
    false = " / ".join(f"{value or 0:.0%}" for value in found.false_answers.values())
    cells = (
        *(name, str(found.questions), f"{found.auroc or 0:.3f}", f"{found.brier_skill or 0:+.3f}"),
        *(f"{found.ece:.3f} ({by_chance(found.reliability):.3f})", false),
        *(f"{used.withhold:.3f}", f"{found.lost:.1%}", f"{found.prevented:.1%}"),
        *(f"{found.silenced:.1%}", f"{found.cleared:.1%}"),
        *(f"{used.abstain:.3f}", f"{found.refused_wrongly:.1%}", f"{found.refused_rightly:.1%}"),
    )
    return f"| {' | '.join(cells)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collections", nargs="*", default=list(COLLECTIONS), metavar="COLLECTION")
    parser.add_argument("--write", action="store_true", help="make eval/calibrate/calibration.json anew")
    told = parser.parse_args()
    if told.write and not set(COLLECTIONS) <= set(told.collections):
        parser.error("what is shipped is made on every collection: leave their names out with --write")
    if unknown := set(told.collections) - set(FAMILIES):
        parser.error(f"there is no collection {', '.join(sorted(unknown))}: name some of {', '.join(COLLECTIONS)}")
    if not DATA.is_dir():
        print(f"The public collections are not at {DATA}: nothing to measure")
        return 0
    parts: dict[str, list[Case]] = {}
    for name in told.collections:
        parts[name], identity = read(name)
        print(f"{name}: {len(parts[name])} cases", file=sys.stderr, flush=True)
    found, lines, limits = measured(parts, identity)
    if told.write:
        withhold, abstain = least(limits, parts)
        made = replace(on_all(parts, key_of(identity)), kind="shipped", withhold=withhold, abstain=abstain)
        text = json.dumps({**made.to_json(), "made_on": sorted(set(parts) - set(MEASURED))}, indent=1)
        (ROOT / "eval" / "calibrate" / "calibration.json").write_text(f"{text}\n", "utf-8")
        shipped.cache_clear()
    ready = shipped(identity)
    if ready is not None:
        for name, part in parts.items():
            stated = [ready(case.signals) for case in part]
            lines["shipped"].append(row(name, costs(part, stated, ready), ready))
    for kind, rows in lines.items():
        print(f"\n{kind}\n")
        if not rows:
            print("Nothing to make it on: name a collection of another family too, or one with more questions.")
            continue
        print(
            "| | questions | AUROC | Brier skill | ECE (by chance) | false answers at 80 / 90 % | withheld below "
            "| lost | prevented | silenced | cleared | refused below | wrongly | rightly |"
        )
        print(f"|{'---|' * 14}")
        print("\n".join(rows))
    return judge(found)


def judge(found: Mapping[tuple[str, str], Costs]) -> int:
    """1 and a line for each figure that is not reached."""
    missed = []
    for (kind, name), costs_of in found.items():
        least = BARS.get((kind, "auroc"), {}).get(name)
        if least is not None and not (costs_of.auroc or 0) >= least:
            missed.append(f"{kind}, {name}: AUROC {costs_of.auroc:.3f}, wanted {least}")
        if not costs_of.ece <= MOST_ECE[kind]:
            missed.append(f"{kind}, {name}: calibration error {costs_of.ece:.3f}, at most {MOST_ECE[kind]}")
        if kind == "unfitted" and not (costs_of.brier_skill or 0) > 0:
            missed.append(f"{kind}, {name}: Brier skill {costs_of.brier_skill:+.3f}, wanted above 0")
        if kind == "fitted" and not costs_of.lost <= 0.05:
            missed.append(f"{kind}, {name}: {costs_of.lost:.1%} of relevant passages withheld, at most 5 %")
    for line in missed:
        print(f"Not reached: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
