"""How do runs and judgements go to trec_eval and other tools, and come from them?

A run file has lines of `query Q0 document rank score tag`, qrels lines of `query 0 document grade`, their fields
separated by spaces; so names are escaped where Citewell writes them, and only there are they unescaped.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote

import numpy as np

from eval.gold.gold import TAG, Gold
from eval.measure.evaluate import Evaluation, Ranked
from ingest.errors import CitewellError


class BadRun(CitewellError):
    """A run file that cannot be used as it is; the message names the file, the line and the remedy."""

    code: ClassVar[str] = "bad_run"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


def write_run(evaluation: Evaluation, path: str | Path) -> None:
    """A run file as trec_eval reads it.

    Documents are named as in the gold (from qrels by their id); whitespace in names, and a `%` that would read as an
    escape, are percent-escaped, so that unquoting gives the name back. trec_eval reads scores as 32-bit floats and
    orders by them alone, so each is lowered, where it must be, to the next such number below the one before it.
    """
    lines = []
    for result in evaluation.per_query:
        scores = _decreasing([ranked.score for ranked in result.ranking])
        for rank, (ranked, score) in enumerate(zip(result.ranking, scores, strict=True), start=1):
            name = evaluation.ids[ranked.document]
            lines.append(f"{_escaped(result.id)} Q0 {_escaped(name)} {rank} {score:.9g} {TAG}")
    _write(path, lines)


def write_qrels(gold: Gold, path: str | Path) -> None:
    """The gold's judgements by document, named and escaped as in the run files that are scored against it.

    Where that changes a name, the second field says `citewell` instead of 0, so that `load_gold` gives the name back.
    """
    lines = []
    for query in gold.queries:
        for document, grade in (query.grades | dict.fromkeys(query.irrelevant, 0)).items():
            names = _escaped(query.id), _escaped(document)
            lines.append(f"{names[0]} {0 if names == (query.id, document) else TAG} {names[1]} {grade}")
    _write(path, lines)


def read_run(path: str | Path) -> Mapping[str, Sequence[Ranked]]:
    """Query id → documents, best first, in trec_eval's order: by score, equal ones by descending name.

    Ranks are not looked at, as trec_eval does not. Raises `BadRun`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRun(f"{path} cannot be read ({error}): give a run file in TREC's form.") from None
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        fields = line.split()
        try:
            query, _, document, _, score, tag = fields
            value = float(np.float32(score))
        except ValueError:
            raise BadRun(
                f"{path}, line {number}: expected query, Q0, document, rank, score and tag; correct the line."
            ) from None
        if tag == TAG:
            query, document = unquote(query), unquote(document)
        if not math.isfinite(value):
            raise BadRun(f"{path}, line {number}: the score {score} is not a finite number; correct the line.")
        if document in found[query]:
            raise BadRun(f"{path}, line {number}: query {query!r} has {document!r} twice; keep one of the two.")
        found[query][document] = value
    if not found:
        raise BadRun(f"{path} holds no lines: write it with citewell eval run GOLD --out {path}.")
    return {
        query: tuple(
            Ranked(document, score)
            for document, score in sorted(scores.items(), key=lambda item: (item[1], item[0]), reverse=True)
        )
        for query, scores in found.items()
    }


def _write(path: str | Path, lines: Iterable[str]) -> None:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _decreasing(scores: Sequence[float]) -> list[np.float32]:
    lowered: list[np.float32] = []
    for score in scores:
        # Far inside the range of the type, so that there is always a next lower number.
        number = np.float32(np.clip(score, -1e38, 1e38))
        if lowered and number >= lowered[-1]:
            number = np.nextafter(lowered[-1], np.float32(-np.inf))
        lowered.append(number)
    return lowered


def _escaped(name: str) -> str:
    return re.sub(r"\s|%(?=[0-9A-Fa-f]{2})", lambda match: quote(match[0]), name)
