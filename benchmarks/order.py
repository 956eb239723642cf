"""What does the learned order gain over the formula and over words alone, on collections that it has not seen?

Learns the weights of `retrieval/search/order.json` from pairs of passages of one question, a relevant one and one that
is not, each weighing what swapping the two would change in nDCG: three rounds, the pairs of each from the order of
the one before. Every family of collections counts alike, at most 300 questions of each. What a passage in a language
that the encoder does not know has for a cosine comes from the weights that words alone would have.

The table measures each collection under weights that saw nothing of its family: XQuAD's four languages and
squad2-subset share paragraphs and questions. It stops being a test where someone chooses features by it.

    .venv/bin/python benchmarks/order.py [--write]

`--write` makes `retrieval/search/order.json` anew; the same numbers again on the same machine. Ends with 1 and a line
for each figure that is not reached.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from public import DATA, FAMILIES, corpus, excerpts, folder

from agent.settings import load_settings
from agent.wire import open_citewell
from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.gold.load import load_gold
from eval.gold.resolve import ResolvedQuery, meets, resolve
from eval.measure.metrics import ndcg, recall
from eval.measure.stats import difference
from retrieval.model import EVERYTHING
from retrieval.parts import key_of
from retrieval.search.candidates import candidates
from retrieval.search.fuse import Rows, Values, fuse, ranked, shares
from retrieval.search.hybrid import HybridSearch
from retrieval.search.order import FEATURES, chosen, features, likened, unasked

ROOT = Path(__file__).resolve().parent.parent
STORED = ROOT / "retrieval" / "search" / "order.json"
FOREIGN = ("xquad-de", "xquad-es", "xquad-zh")  # measured, not learned from
SHOWN = ("scifact", "cranfield", "cisi", "rgb-en_fact", "squad2-subset", "xquad-en", *FOREIGN)  # what the bars count
LEAST_GAIN = 0.004
ROUNDS, QUESTIONS, RELEVANT, OTHERS, SHRINK = 3, 300, 10, 25, 1e-3


@dataclass(frozen=True, slots=True)
class Question:
    """One question's candidates: those that are put in order, and the units that are counted, in three orders.

    A unit is what gold grades: a document, or a passage where gold names places. `features` and `units` are those of
    all candidates, of which a search puts the first `among` in order. It is learned from all.
    """

    features: Values
    units: tuple[str, ...]
    among: int
    formula: tuple[str, ...]
    words: tuple[str, ...]
    grades: dict[str, int]
    foreign: NDArray[np.bool_]
    likened: Values

    def ordered(self, weights: Values, likeness: float = 0.0, among: int | None = None) -> list[int]:
        """The places of the candidates, or the first of them, best first, each unit once."""
        read = self.features[:among].copy()
        theirs = self.foreign[:among]
        read[theirs, 0] = likeness * self.likened[:among][theirs]
        best = np.lexsort((np.arange(len(read)), -read[:, 0], -(read @ weights)))
        return once(best.tolist(), self.units)

    def by_formula(self) -> list[int]:
        """The place of the best of each unit, in the order of the formula."""
        best = {}
        for place, unit in enumerate(self.units):
            best.setdefault(unit, place)
        return [best[unit] for unit in self.formula]

    def learned(self, weights: Values, likeness: float) -> list[str]:
        """The units in the learned order."""
        first = self.ordered(weights, likeness, self.among)
        return list(dict.fromkeys([*(self.units[place] for place in first), *self.units[self.among :]]))


def read(name: str) -> tuple[list[Question], str]:
    """The questions of one collection, and the key of the encoder."""
    with open_citewell(settings=load_settings(home=ROOT / ".bench" / name, environment={})) as citewell:
        citewell.ingest([corpus(name)])
        search = citewell.hybrid_search()
        is_text = name.startswith("chroma-")
        gold = places(name, next(iter(search.version.content.names()))) if is_text else load_gold(folder(name))
        found = [question(search, query) for query in resolve(gold, search.version).queries if query.question.strip()]
        return found, key_of(citewell.encoder.identity)


def places(name: str, document: str) -> Gold:
    """The questions of one text whose answers are places in it."""
    queries = (
        GoldQuery(
            f"{name.removeprefix('chroma-')}-{number}",
            row["question"],
            tuple(
                Relevant(document, start=each["start_index"], end=each["end_index"])
                for each in json.loads(row["references"])
            ),
        )
        for number, row in enumerate(excerpts(name))
    )
    return Gold.of(tuple(queries), "citewell")


def question(search: HybridSearch, query: ResolvedQuery) -> Question:
    """What the legs say of one question's candidates."""
    asked = search.read(query.question, EVERYTHING, "hybrid")
    found = candidates(search.version, asked, search.settings.depth)
    assert found.dense is not None
    assert found.lexical is not None
    abroad = search.foreign(found.slots)
    weights = shares(abroad, search.settings.dense_weight, search.settings.foreign_dense_weight)
    fused = fuse("convex", found.dense, found.lexical, weights=weights)
    first, rest = chosen(found, fused)
    ids = search.version.postings.ids(found.slots)
    chunks = search.version.content.chunks(ids)
    places = [span for alternatives in query.spans for span in alternatives]
    unit = [id if places else chunks[id].document for id in ids]
    grades = dict(query.grades)
    if places:
        own = search.version.content.chunks_of(places[0].document)
        grades = {c.id: 1 for c in own if any(meets(c, s.document, s.start, s.end) for s in places)}
    rows = np.append(first, rest)
    foreign = np.zeros(len(rows), dtype=np.bool_)
    foreign[: len(first)] = unasked(abroad[first])

    def units(rows: Rows) -> tuple[str, ...]:
        return tuple(dict.fromkeys(unit[row] for row in rows))

    terms = asked.terms or ()
    read = features(found.at(rows), terms)
    whole = search.version.postings.scored_whole(terms, found.slots[rows])
    return Question(
        read,
        tuple(unit[row] for row in rows),
        len(first),
        units(ranked(fused.scores, found.dense.scores)),
        units(found.lexical.ranked()),
        grades,
        foreign,
        likened(read[:, 2], whole, terms),
    )


def learn(parts: Sequence[Sequence[Question]], columns: Sequence[int]) -> Values:
    """The weights of these features; 0 for the others."""
    from sklearn.linear_model import LogisticRegression

    parts = [[part[n] for n in np.unique(np.linspace(0, len(part) - 1, QUESTIONS).astype(int))] for part in parts]
    weights, spread = None, np.zeros(0)
    for _ in range(ROUNDS):
        made = [pairs(part, weights) for part in parts]
        apart = np.concatenate([each for each, _ in made])[:, columns]
        counts = np.concatenate([each / each.sum() for _, each in made]) / len(made)
        if weights is None:
            spread = np.sqrt(counts @ apart**2)
        both = np.concatenate([apart, -apart]) / spread
        model = LogisticRegression(C=1 / (2 * SHRINK), fit_intercept=False, tol=1e-8, max_iter=1_000)
        model.fit(both, np.repeat([1, 0], len(apart)), sample_weight=np.tile(counts, 2) / 2)
        weights = np.zeros(len(FEATURES))
        weights[list(columns)] = model.coef_[0] / spread
    assert weights is not None
    if weights.min() < 0:
        raise SystemExit("A weight is below 0: a feature would speak against a passage.")
    return weights


def pairs(part: Sequence[Question], weights: Values | None) -> tuple[Values, Values]:
    """By how much a relevant passage's features differ from another's, and what swapping the two would change."""
    apart, counts = [np.zeros((0, len(FEATURES)))], [np.zeros(0)]
    for each in part:
        first = each.by_formula() if weights is None else each.ordered(weights)
        gain = np.array([max(0, each.grades.get(each.units[place], 0)) for place in first], dtype=np.float64)
        relevant, others = np.flatnonzero(gain > 0)[:RELEVANT], np.flatnonzero(gain <= 0)[:OTHERS]
        grades = sorted((grade for grade in each.grades.values() if grade > 0), reverse=True)[:10]
        if not len(relevant) or not len(others):
            continue
        ideal = sum(grade / np.log2(rank + 2) for rank, grade in enumerate(grades))
        rows = each.features[first]
        change = np.abs(discount(relevant)[:, None] - discount(others)[None]) * gain[relevant][:, None] / ideal
        apart.append((rows[relevant][:, None] - rows[others][None]).reshape(-1, len(FEATURES)))
        counts.append(change.ravel())
    return np.concatenate(apart), np.concatenate(counts)


def once(places: Iterable[int], units: Sequence[str]) -> list[int]:
    """The first place of each unit."""
    first: dict[str, int] = {}
    for place in places:
        first.setdefault(units[place], place)
    return list(first.values())


def discount(ranks: NDArray[np.intp]) -> Values:
    """What a place counts: below the tenth, where nDCG@10 does not look, three tenths of it."""
    return np.where(ranks < 10, 1.0, 0.3) / np.log2(ranks + 2)


def fit(parts: Sequence[Sequence[Question]]) -> tuple[Values, float]:
    """The weights, together 1, and the likeness."""
    weights, words = learn(parts, range(len(FEATURES))), learn(parts, range(1, len(FEATURES)))
    return weights / weights.sum(), max(0.0, float((words[2] - weights[2]) / weights[0]))


def measured(each: Question, units: Sequence[str]) -> tuple[float, float]:
    return ndcg(units, each.grades, 10), recall(units, each.grades, 100)


def compare(found: Mapping[str, Sequence[Question]], families: Mapping[str, list[Question]]) -> list[str]:
    """Prints the table; a line for each figure that is not reached."""
    print("| left out | questions | formula | words | learned | nDCG@10 (95 %), p | Recall@100, p |")
    print(f"|{'---|' * 7}")
    missed, gains = [], []
    models = {family: fit([its for each, its in families.items() if each != family]) for family in families}
    for name, part in found.items():
        model = models[FAMILIES[name]]
        formula = np.array([measured(each, each.formula) for each in part])
        words = np.array([measured(each, each.words) for each in part])
        learned = np.array([measured(each, each.learned(*model)) for each in part])
        cells = [" / ".join(f"{mean:.4f}" for mean in values.mean(axis=0)) for values in (formula, words, learned)]
        nearer, deeper = (difference(formula[:, n].tolist(), learned[:, n].tolist()) for n in (0, 1))
        print(
            f"| {name} | {len(part)} | {' | '.join(cells)} "
            f"| {nearer.mean:+.4f} ({nearer.low:+.4f} to {nearer.high:+.4f}), {nearer.p:.4f} "
            f"| {deeper.mean:+.4f}, {deeper.p:.3f} |",
            flush=True,
        )
        if name in SHOWN:
            gains.append(nearer.mean)
            if not (nearer.mean >= 0 and deeper.mean >= 0):
                missed.append(f"{name}: nDCG@10 {nearer.mean:+.4f}, Recall@100 {deeper.mean:+.4f} against the formula")
            if not learned[:, 0].mean() >= words[:, 0].mean() - 0.005:
                missed.append(f"{name}: below the words alone")
    print(f"\nnDCG@10 {np.mean(gains):+.4f} on average over {', '.join(SHOWN)}")
    if not np.mean(gains) >= LEAST_GAIN:
        missed.append(f"nDCG@10 {np.mean(gains):+.4f} on average, wanted {LEAST_GAIN:+}")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="make retrieval/search/order.json anew")
    told = parser.parse_args()
    if not DATA.is_dir():
        print(f"The public collections are not at {DATA}: nothing to learn from")
        return 0
    found: dict[str, list[Question]] = {}
    for name in FAMILIES:
        found[name], encoder = read(name)
        print(f"{name}: {len(found[name])} questions", file=sys.stderr, flush=True)
    families: dict[str, list[Question]] = {}
    for name, part in found.items():
        if name not in FOREIGN:
            families.setdefault(FAMILIES[name], []).extend(part)
    missed = compare(found, families)
    weights, likeness = fit(list(families.values()))
    made = {"encoder": encoder, "weights": dict(zip(FEATURES, weights.tolist(), strict=True)), "likeness": likeness}
    text = json.dumps({**made, "learned_from": sorted(set(found) - set(FOREIGN))}, indent=1) + "\n"
    print(text)
    if told.write:
        STORED.write_text(text, "utf-8")
    elif text != STORED.read_text("utf-8"):
        missed.append("what is stored is not what was learned now; --write makes it anew")
    for line in missed:
        print(f"Not reached: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
