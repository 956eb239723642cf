"""How likely is a hit to be relevant, and which hits are not worth showing?

A logistic model over the signals of a hit (`retrieval.search.signals`). One is shipped for the encoder that comes with
Citewell, fitted on public collections; where there is gold, one is fitted on it (`eval.calibrate.fit`) and kept beside
the version's verdict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ingest.errors import CitewellError
from ingest.model import digest
from retrieval.parts import EncoderIdentity, key_of
from retrieval.search.settings import SearchSettings
from retrieval.search.signals import SIGNALS, Signals

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = 1
MOST_LOST = 0.05
"""The share of questions that withholding may cost a relevant passage, or an answer."""
_DAMAGED = "The stored calibration is damaged: make it anew with citewell eval gate."
_SHIPPED = Path(__file__).with_name("calibration.json")

Kind = Literal["shipped", "scaled", "fitted"]


class BadCalibration(CitewellError):
    """A stored calibration that cannot be read."""

    code: ClassVar[str] = "bad_calibration"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Costs:
    """What a calibration is worth on gold, from probabilities that no part of gold had in its own making.

    Of the first hit of each question, its own documents once in the index and once hidden: `auroc`, `brier_skill`
    (the share of the Brier score of stating the mean that is saved; Murphy 1973), `ece` (the mean distance of stated
    from true over ten bins; Guo et al. 2017), `reliability` (stated, true and count of each bin), and `false_answers`:
    the share of questions without an answer that is answered where 80 and 90 % of the others are. What cannot be known,
    for want of one kind of questions, is None.

    Of all hits that would be shown: `lost` and `prevented` are the shares of relevant and of irrelevant passages that
    are withheld, `silenced` that of questions which lose every relevant passage that they had, and `cleared` that of
    questions without an answer which are left with nothing. `refused_wrongly` and `refused_rightly` are the shares of
    questions with relevant passages, and of those without an answer, that are not answered where nobody can search
    again.
    """

    questions: int
    auroc: float | None
    brier_skill: float | None
    ece: float
    false_answers: Mapping[str, float | None]
    lost: float
    prevented: float
    silenced: float
    cleared: float
    refused_wrongly: float
    refused_rightly: float
    reliability: Sequence[tuple[float, float, int]] = ()

    @property
    def said(self) -> str:
        """Costs and gains in words."""
        return (
            f"{self.prevented:.0%} of irrelevant and {self.lost:.1%} of relevant passages are withheld, "
            f"{self.silenced:.1%} of questions lose all that answers them, {self.cleared:.0%} of those without an "
            f"answer are left with nothing; without a model {self.refused_wrongly:.1%} of questions are refused "
            f"wrongly for it and {self.refused_rightly:.0%} rightly"
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model of relevance. Below `withhold` a passage is not shown to whoever answers; 0 withholds nothing.

    Below `abstain` for the best passage whoever only quotes says nothing; a model may still search again.

    `kind` is `shipped` where it comes with Citewell, `scaled` where gold corrected that, and `fitted` where it was made
    from gold alone. `gold` is the digest of the gold that it was made on or held against, None where that was too small
    or there was none; `encoder` stands for the weights and prefixes that the cosines come from (`key_of`), and
    `searched` for the settings of the search that found the hits: it means nothing for others.
    """

    kind: Kind
    encoder: str
    coefficients: tuple[float, ...]
    intercept: float
    withhold: float = 0.0
    abstain: float = 0.0
    gold: str | None = None
    costs: Costs | None = None
    searched: str | None = None
    signals: tuple[str, ...] = SIGNALS
    schema: int = SCHEMA

    def __call__(self, signals: Signals) -> NDArray[np.float64]:
        """The probabilities of one list of hits, best first.

        None is likelier than the one above it: the order is by what tells better which of two hits is relevant, while
        the probability tells how likely the list is to hold an answer.
        """
        return sigmoid(np.minimum.accumulate(self.logits(signals)))

    def logits(self, signals: Signals) -> NDArray[np.float64]:
        """`(hits,)`: the log odds."""
        return np.asarray(signals @ np.array(self.coefficients) + self.intercept, dtype=np.float64)

    @property
    def said(self) -> str:
        """Where it comes from, and what it costs and gains, in a sentence."""
        came = {
            "shipped": "The probabilities are the shipped ones",
            "scaled": "The probabilities are the shipped ones, corrected on this gold",
            "fitted": "The probabilities are fitted on this gold",
        }[self.kind]
        if self.costs is None:
            return f"{came}; they are uncalibrated on this corpus."
        if self.gold is None:
            came += ", for gold is too small to learn from"
        auroc = "" if self.costs.auroc is None else f"AUROC {self.costs.auroc:.2f} (0.5 is chance); "
        return f"{came}: {auroc}{self.costs.said}."

    @property
    def is_of_this_corpus(self) -> bool:
        """Whether it was made on gold of this corpus, or at least held against it."""
        return self.gold is not None

    @property
    def digest(self) -> str:
        """Names what is said of hits and what is withheld, for the record of a run."""
        return digest(json.dumps(self.to_json(), sort_keys=True))[:12]

    def fits(self, identity: EncoderIdentity, searched: str | None = None) -> bool:
        """Whether its probabilities mean something for this encoder, this code's signals and such a search."""
        same = self.searched is None or self.searched == searched
        return same and self.encoder == key_of(identity) and self.signals == SIGNALS

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, which `from_json` reads back as an equal calibration."""
        return dict(_adapter().dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """A calibration as it was stored; raises `BadCalibration`."""
        from pydantic import ValidationError

        try:
            found = _adapter().validate_json(text)
        except ValidationError:
            raise BadCalibration(_DAMAGED) from None
        if found.schema > SCHEMA:
            raise BadCalibration("The calibration was written by a newer Citewell: upgrade, or run citewell eval gate.")
        if len(found.coefficients) != len(found.signals):
            raise BadCalibration(_DAMAGED)
        return found


def settings_key(settings: Mapping[str, object]) -> str:
    """What a calibration knows a search by, and a verdict what it was given under."""
    return digest(json.dumps(settings, sort_keys=True))


def deciding(settings: SearchSettings, passages: int) -> dict[str, object]:
    """What decides which passages of an index are shown, `passages` being how many."""
    return {**settings.deciding(), "passages": passages}


def search_key(settings: SearchSettings, passages: int) -> str:
    """What a calibration knows a search by."""
    return settings_key(deciding(settings, passages))


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of each log odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))), dtype=np.float64)


@cache
def _adapter() -> TypeAdapter[Calibration]:
    from pydantic import TypeAdapter

    return TypeAdapter(Calibration)


@lru_cache(maxsize=8)
def shipped(identity: EncoderIdentity) -> Calibration | None:
    """What comes with Citewell for this encoder; None where nothing does."""
    told = json.loads(_SHIPPED.read_text("utf-8"))  # ours, so it need not be checked by what is slow to import
    held: dict[str, Any] = {each.name: told[each.name] for each in fields(Calibration)}
    found = Calibration(**{**held, "coefficients": tuple(held["coefficients"]), "signals": tuple(held["signals"])})
    return found if found.fits(identity) else None


@lru_cache(maxsize=64)
def read_calibration(text: str) -> Calibration:
    """`Calibration.from_json`, which a version that is asked a thousand questions calls a thousand times."""
    return Calibration.from_json(text)
