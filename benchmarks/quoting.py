"""What is quoted without a model, and when is nothing? Learns it from public questions, and measures it.

    .venv/bin/python benchmarks/quoting.py features   # reads the collections: a quarter of an hour
    .venv/bin/python benchmarks/quoting.py train      # makes agent/models/quoting/scorer.json anew
    .venv/bin/python benchmarks/quoting.py measure    # with every family of collections left out in turn

A candidate is right where it holds the answer in the paragraph that is known to hold it. xquad in four languages and
squad2-subset share paragraphs and questions, so they are one family; rgb is another, chroma-chunking a third. None of
them asks for a row or a label: `shapes` are questions that are made from the tables and headers of PEPs, by a few
patterns, of which some ask for a row or a label that another document has.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from public import CHROMA, DATA, corpus, excerpts, folder

from agent.evidence.passages import passages
from agent.models.extractive import Extractive
from agent.models.quoting.features import OF_THE_BEST, WITH_ENCODER, WITHOUT_ENCODER
from agent.models.quoting.scorer import SHIPPED, Logistic
from agent.settings import load_settings
from agent.state import Passage
from agent.wire import open_citewell
from retrieval.versions.version import IndexVersion as Version

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / ".bench"
FAMILIES = {
    "squad": ("xquad-en", "xquad-de", "xquad-es", "xquad-zh", "squad2-subset"),
    "rgb": ("rgb-en_fact",),
    "shapes": ("shapes",),
    "chroma": tuple(f"chroma-{name}" for name in CHROMA),
}
MOST = {"xquad-de": 300, "xquad-es": 300, "xquad-zh": 150}  # questions, so that no language outweighs the others
SHOWN = 8
SAID = 3  # quotes of an answer
PRIOR = {
    "passage_first": 0.7,
    "passage_cosine": 0.7,
    "said": 2.0,
    "rest": 3.0,
    "around": 0.5,
    "focus": 0.5,
    "new": 0.3,
    "certain_kind": 1.0,
    "no_certain_kind": -2.0,
    "kind": 0.5,
    "lost_names": -0.5,
    "lost_numbers": -1.0,
    "no_denial": -1.0,
    "points_back": -0.3,
    "no_sign_of": -1.0,
    "foreign": 0.0,
    "other_file": -1.5,
    "carried": 0.5,
    "in_document": 0.5,
    "counted": 0.5,
    "not_counted": -0.5,
    "fields": 2.0,
    "code": 0.3,
    "no_code": -4.0,
    "stands_out": 1.0,
    "lost_here": -0.5,
    "label": 1.0,
    "named": 0.5,
    "label_named": 1.5,
    "unnamed": -0.5,
    "listed": 2.0,
    "headed": 0.3,
    "lost_near": -0.5,
    "opposed": -0.5,
    "denial_unasked": -0.2,
    "links": -2.0,
    "evidence": 0.3,
    "cosine": 2.0,
    "intercept": -8.0,
}
STAY = 1000.0  # how strongly: of what was tried (3, 30, 100, 300, 1000) the best for prose and rows together
ANSWERS = {
    "passage_cosine": 2.0,
    "cosine": 1.5,
    "odds": 0.25,
    "no_certain_kind": -1.3,
    "no_kind": -0.4,
    "names": 0.3,
    "lost_names": -0.5,
    "lost_numbers": -1.1,
    "lost_near": -0.6,
    "lost_here": -1.0,
    "other_file": -1.0,
    "no_denial": -2.0,
    "not_counted": -0.4,
    "opposed": -1.4,
    "worst": -0.3,
    "no_sign_of": -0.6,
    "foreign": -0.9,
    "new": 0.4,
    "length": -0.4,
    "intercept": 0.0,
}
SHAPES = 3  # times as much as their number says do the questions for rows and labels count


@dataclass(frozen=True)
class Known:
    """A question, the paragraphs that are known to answer it, and the answers; without any it is unanswerable."""

    question: str
    documents: frozenset[str]
    answers: tuple[str, ...]


def known(name: str) -> list[Known]:
    """The questions of a collection."""
    if name.startswith("chroma-"):
        return [
            Known(row["question"], frozenset(), tuple(each["content"] for each in json.loads(row["references"])))
            for row in excerpts(name)
        ]
    tables = folder(name)
    relevant: dict[str, set[str]] = {}
    for line in (tables / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    answers = {
        each["_id"]: each for each in map(json.loads, (tables / "answers.jsonl").read_text("utf-8").splitlines())
    }
    found = []
    for each in map(json.loads, (tables / "queries.jsonl").read_text("utf-8").splitlines()):
        documents = relevant.get(each["_id"], set())
        told = answers.get(each["_id"], {}).get("answers", []) if documents else []
        flat = [one for item in told for one in (item if isinstance(item, list) else [item])]
        found.append(Known(each["text"], frozenset(documents), tuple(flat)))
    if name in MOST:
        found = random.Random(0).sample(found, MOST[name])
    return found


def plain(text: str) -> str:
    """Without case and white space."""
    return re.sub(r"\s+", "", text.casefold())


def holds(text: str, passage: Passage, case: Known) -> bool | None:
    """Whether a text of a passage holds the answer; None where it may, in a paragraph of which nothing is known."""
    there = plain(text)
    if not case.documents:  # excerpts, of which a sentence is a part
        return any(there in plain(each) or (len(each) > 20 and plain(each) in there) for each in case.answers)
    has = any(plain(each) in there for each in case.answers)
    is_known = passage.document.rpartition("#")[2] in case.documents
    return has if is_known else (None if has else False)


def collect(name: str) -> Iterator[Mapping[str, object]]:
    """The features of what could be quoted for each question, and what of it is right."""
    settings = load_settings(home=BENCH / name, environment={})
    with open_citewell(settings=settings) as citewell:
        if not (BENCH / name / "live").exists():
            citewell.ingest([source(name)])
        with closing(citewell.home.open(encoder=citewell.encoder)) as version:
            manifest, search = version.manifest, citewell.hybrid_search()
            model = Extractive(
                *(citewell.encoder, version.postings.idf, manifest.languages, manifest.query_model),
                document=version.document,
            )
            cases = made(version) if name == "shapes" else known(name)
            for case in cases:
                shown = passages(search(case.question, k=SHOWN), first=0)
                weighed = model.features(case.question, shown)
                yield {
                    "first": weighed.sifted,
                    "second": weighed.full,
                    "kept": weighed.kept,
                    "right": [holds(each.text, each.passage, case) for each in weighed.candidates],
                    "answerable": bool(case.answers),
                    "question": case.question,
                    "places": [(each.passage.number, each.first) for each in weighed.candidates],
                }


def made(version: Version) -> list[Known]:
    """Questions for rows of tables and for lines of headers; every third asks for what another document has."""
    chance = random.Random(0)
    facts: list[tuple[str, str, str, str, str, str]] = []  # document, title, what, of what, value, the line
    for name in sorted(version.names()):
        document = version.document(name)
        lines = document.text.splitlines()
        for line in lines[:16]:
            label, colon, value = line.partition(": ")
            if colon and label in {"Author", "Status", "Type", "Created", "Python-Version", "Sponsor", "Topic"}:
                facts.append((name, document.title, label.replace("-", " "), document.title, value.strip(), line))
        rows: list[list[str]] = []
        for line in [*lines, ""]:
            if line.startswith("|"):
                rows.append([cell.strip() for cell in line.strip("| ").split("|")])
                continue
            head, body = rows[:1], rows[2:]
            width = len(head[0]) if head else 0
            cut = [row for row in body if len(row) == width and width > 1 and all((row[0], head[0][0], head[0][1]))]
            for row in chance.sample(cut, min(3, len(cut))):
                column = chance.randrange(1, width)
                if row[column] and head[0][column] and len(row[0]) < 60 and len(set(row)) > 1:
                    told = "| " + " | ".join(row) + " |"
                    facts.append((name, document.title, head[0][column], row[0], row[column], told))
            rows = []
    asked = []
    for index, (name, title, what, of_what, value, line) in enumerate(facts):
        is_lost = index % 3 == 2
        if is_lost:
            foreign = [
                fact
                for fact in facts
                if fact[0] != name and fact[2].casefold() not in version.document(name).text.casefold()
            ]
            what = chance.choice(foreign)[2]
        pattern = _pattern(value, chance)
        about = of_what if of_what == title else f"{of_what} in {title}" if chance.random() < 0.3 else of_what
        answers = () if is_lost else (line,)
        asked.append(
            Known(
                pattern.format(what=what.strip("*` "), of=about.strip("*` ")),
                frozenset({name} if answers else ()),
                answers,
            )
        )
    return asked


def _pattern(value: str, chance: random.Random) -> str:
    if re.search(r"[A-Z]\w+ [A-Z]\w+", value) and len(value) < 60:
        return chance.choice(["Who is the {what} of {of}?", "Who is given as {what} for {of}?", "{what} {of}"])
    if re.fullmatch(r"[\d.,%]+", value):
        return chance.choice(["How many {what} has {of}?", "What is the {what} of {of}?", "{of} {what}"])
    if re.search(r"\d{4}", value) and len(value) < 30:
        return chance.choice(["When was {of} {what}?", "What is the {what} date of {of}?", "{of}: {what}?"])
    return chance.choice(
        ["What is the {what} of {of}?", "Which {what} does {of} have?", "{of} {what}", "What {what} for {of}?"]
    )


def source(name: str) -> Path:
    """What is to be ingested for a collection."""
    return shapes() if name == "shapes" else corpus(name)


def shapes() -> Path:
    """A folder of PEPs that no other set of questions asks about."""
    asked = {
        json.loads(line)["file"] for line in (ROOT / "benchmarks" / "asking_shapes.jsonl").read_text().splitlines()
    }
    listed = DATA.parent / "cases" / "asking" / "peps.txt"
    asked |= set(listed.read_text().split()) if listed.exists() else set()
    folder = BENCH / "shapes-source"
    folder.mkdir(parents=True, exist_ok=True)
    left = [path for path in sorted((DATA / "peps" / "tree").glob("*.rst")) if path.name not in asked]
    with_tables = [path for path in left if re.search(r"^(?:=+ +=|\+-+\+)", path.read_text("utf-8"), re.MULTILINE)]
    small = [path for path in with_tables if path.stat().st_size < 22_000]
    for path in (*small, *left[::40]):
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return folder


def features(names: Sequence[str]) -> None:
    """Stores what `collect` gives, a file a collection."""
    for name in names:
        cases = list(collect(name))
        flat: dict[str, list[object]] = {"first": [], "second": [], "right": [], "kept": []}
        sizes, kept_sizes = [], []
        for case in cases:
            sizes.append(len(case["first"]))
            kept_sizes.append(len(case["kept"]))
            for key in flat:
                flat[key].extend(case[key])
        right = np.array([-1 if each is None else int(each) for each in flat["right"]])
        np.savez(
            BENCH / f"quoting-{name}.npz",
            first=np.array(flat["first"]),
            second=np.array(flat["second"]),
            right=right,
            kept=np.array(flat["kept"]),
            sizes=np.array(sizes),
            kept_sizes=np.array(kept_sizes),
            answerable=np.array([case["answerable"] for case in cases]),
        )
        print(name, len(cases), "questions,", len(right), "candidates,", int((right == 1).sum()), "right", flush=True)


@dataclass(frozen=True)
class Stored:
    """The candidates of a collection, question by question: `of` says whose each is, `kept` what the encoder read and
    `kept_of` whose each of these is.
    """

    first: np.ndarray
    second: np.ndarray
    right: np.ndarray
    kept: np.ndarray
    of: np.ndarray
    kept_of: np.ndarray
    answerable: np.ndarray

    @property
    def kept_rows(self) -> np.ndarray:
        """The rows of `first` that `second` is of."""
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.of, minlength=len(self.answerable)))[:-1]])
        return self.kept + starts[self.kept_of]


def stored(name: str) -> Stored:
    """What `features` stored."""
    with np.load(BENCH / f"quoting-{name}.npz") as told:
        of, kept_of = (np.repeat(np.arange(len(told[name])), told[name]) for name in ("sizes", "kept_sizes"))
        return Stored(told["first"], told["second"], told["right"], told["kept"], of, kept_of, told["answerable"])


def fit(
    parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]],
    senses: Mapping[str, int],
    prior: Mapping[str, float] = PRIOR,
    stay: float = STAY,
) -> Logistic:
    """A logistic model of rows, of whether they are right, and of their weight.

    None works against its sense, and each stays near what is assumed of it: prose is nearly all that there is to learn
    from, and it must not make the scorer forget what rows and labels need.
    """
    from scipy.optimize import minimize

    rows, right, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
    names = list(senses)
    assumed = np.array([*(prior.get(name, 0.0) for name in names), prior["intercept"]])
    full = np.column_stack([rows, np.ones(len(rows))])

    def loss(worth: np.ndarray) -> tuple[float, np.ndarray]:
        odds = full @ worth
        off = 1 / (1 + np.exp(-odds)) - right
        away = (worth - assumed) * [*(stay for _ in names), 0.0]
        total = weight @ (np.logaddexp(0, odds) - right * odds) + 0.5 * away @ (worth - assumed)
        return float(total), full.T @ (weight * off) + away

    bounds = [*((0, None) if s > 0 else (None, 0) if s < 0 else (None, None) for s in senses.values()), (None, None)]
    found = minimize(loss, assumed, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000}).x
    weights = {name: round(float(worth), 4) for name, worth in zip(names, found, strict=False) if abs(worth) >= 0.005}
    return Logistic(weights, round(float(found[-1]), 4))


def learned(names: Sequence[str], everything: Mapping[str, Stored]) -> tuple[Logistic, Logistic, Logistic]:
    """What sifts, weighs and answers, from some collections; each family counts by the root of its questions."""
    sifts, weighs = [], []
    for family in FAMILIES.values():
        of_family = [everything[name] for name in family if name in names and name in everything]
        questions = sum(len(each.answerable) for each in of_family)
        for each in of_family:
            worth = questions**-0.5 * (SHAPES if each is everything.get("shapes") else 1)
            sure, right = each.right >= 0, each.right == 1
            sifts.append((each.first[sure], right[sure], np.full(sure.sum(), worth)))
            kept = each.kept_rows
            sure, right = each.right[kept] >= 0, each.right[kept] == 1
            weighs.append((each.second[sure], right[sure], np.full(sure.sum(), worth)))
    sift, weigh = fit(sifts, WITHOUT_ENCODER), fit(weighs, WITH_ENCODER)
    answers = []
    for family in FAMILIES.values():
        of_family = [everything[name] for name in family if name in names and name in everything]
        questions = sum(len(each.answerable) for each in of_family)
        for each in of_family:
            best, rank = ranked(each, weigh)
            answers.append((best, rank < SAID, np.full(len(rank), questions**-0.5)))
    return sift, weigh, fit(answers, OF_THE_BEST, ANSWERS)


def ranked(one: Stored, weighs: Logistic) -> tuple[np.ndarray, np.ndarray]:
    """By question: the features of the likeliest, and the rank of the first that is right (99: none)."""
    odds = weighs(one.second, WITH_ENCODER)
    right = one.right[one.kept_rows] == 1
    best, rank = np.zeros((len(one.answerable), len(OF_THE_BEST))), np.full(len(one.answerable), 99)
    best[:, -1] = -20.0  # where there is no candidate
    ends = np.cumsum(np.bincount(one.kept_of, minlength=len(rank)))
    for question, (start, end) in enumerate(pairwise([0, *ends])):
        if start < end:
            order = start + np.argsort(-odds[start:end], kind="stable")
            best[question] = [*one.second[order[0]], odds[order[0]]]
            hits = np.flatnonzero(right[order])
            rank[question] = hits[0] if len(hits) else 99
    return best, rank


def answered_wrongly(best: np.ndarray, answerable: np.ndarray, kept: float = 0.9) -> float:
    """The share of the unanswerable that is answered where a share of the answerable is."""
    least = np.quantile(best[answerable], 1 - kept)
    return float((best[~answerable] >= least).mean())


def measure() -> None:
    """Two tables, each family judged by what was learned from the others."""
    everything = {name: stored(name) for names in FAMILIES.values() for name in names if is_stored(name)}
    print("| collection | one quote holds the answer | two | three | of all read | unanswerable answered at 90 % |")
    print("|---|---|---|---|---|---|")
    for names in FAMILIES.values():
        _, weighs, answers = learned([name for name in everything if name not in names], everything)
        for name in (each for each in names if each in everything):
            one = everything[name]
            rows, rank = ranked(one, weighs)
            best = answers(rows, OF_THE_BEST)
            asked = rank[one.answerable]
            wrong = f"{answered_wrongly(best, one.answerable):.0%}" if not one.answerable.all() else ""
            cells = " | ".join(f"{(asked < count).mean():.1%}" for count in (1, 2, 3, 99))
            print(f"| {name} | {cells} | {wrong} |")


def is_stored(name: str) -> bool:
    """Whether `features` was run for it."""
    return (BENCH / f"quoting-{name}.npz").exists()


def train() -> None:
    """Writes the scorer that is shipped, learned from all."""
    everything = {name: stored(name) for names in FAMILIES.values() for name in names if is_stored(name)}
    sifts, weighs, answers = learned(list(everything), everything)
    told = json.loads(SHIPPED.read_text(encoding="utf-8"))
    told |= {"sifts": asdict(sifts), "weighs": asdict(weighs), "answers": asdict(answers)}
    told["least"] = told.pop("least")  # last
    SHIPPED.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for name in OF_THE_BEST:
        print(f"{name:18}", *(f"{each.weights.get(name, 0):8.3f}" for each in (sifts, weighs, answers)))


if __name__ == "__main__":
    step, *given = sys.argv[1:]
    if step == "features":
        features(given or [name for names in FAMILIES.values() for name in names])
    elif step == "train":
        train()
    else:
        measure()
