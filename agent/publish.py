"""How does a candidate get its verdict, and with it its place?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from eval.calibrate import calibrate, cases
from eval.calibration import Calibration, shipped
from eval.evaluate import Evaluation, evaluate
from eval.gate import LARGE_DROP, Floors, Verdict, judge, judge_probe
from eval.gold import Gold
from eval.load import load_gold
from eval.probe import probe
from retrieval.index import Home, NoIndex
from retrieval.manifest import ForeignIndex
from retrieval.model import Encoder
from retrieval.search import HybridSearch
from retrieval.version import IndexVersion

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a version must reach: floors and regression on gold, or, without gold, to be alive."""

    home: Home
    encoder: Encoder
    search: Callable[[IndexVersion], HybridSearch]
    gold: Path | None = None
    floors: Floors = field(default_factory=Floors)
    max_drop: float = 0.02

    def judge(self, id: str, *, on_progress: OnProgress | None = None) -> Verdict:
        """The verdict on a version, compared with the live one, and recorded beside it."""
        with closing(self.home.open(id, encoder=self.encoder)) as version:
            if self.gold is None:
                verdict = self._by_probe(version)
            else:
                gold = load_gold(self.gold)
                verdict = self._on_gold(version, gold, on_progress)
                if calibration := self.calibrate(version, gold):
                    self.home.record_calibration(id, calibration.to_json())
        self.home.record_verdict(id, verdict.to_json())
        return verdict

    def calibrate(
        self, version: IndexVersion, gold: Gold, on_progress: OnProgress | None = None
    ) -> Calibration | None:
        """How likely the hits of a version are to be relevant, learnt on gold; None with too little to learn from."""
        identity = self.encoder.identity
        asked = cases(replace(self.search(version), calibration=None), gold, on_progress=on_progress)
        return calibrate(asked, identity, gold=gold.digest, shipped=shipped(identity)) if asked else None

    def may_publish(self, verdict: Verdict) -> str | None:
        """Why a version with this verdict is not published by itself; None where it is."""
        if verdict.status == "failed":
            return "it did not pass the gate"
        if self.home.pinned():
            return "someone rolled back; say citewell index publish when new versions may be served again"
        if verdict.status == "probe" and any(version.verdict == "passed" for version in self.home.versions()):
            return "an earlier version passed gold and this one was not tested against it; name it with --gold"
        return None

    def force(self, id: str, reason: str) -> None:
        """Records that a person takes a version in spite of its verdict."""
        stored = self.home.verdict(id)
        judged = Verdict.from_json(stored) if stored else Verdict("forced", ())
        verdict = replace(judged, status="forced", reasons=(f"forced: {reason}", *judged.reasons))
        self.home.record_verdict(id, verdict.to_json())

    def evaluate(self, version: IndexVersion, gold: Gold, on_progress: OnProgress | None = None) -> Evaluation:
        """How a version answers gold under the settings in force."""
        return evaluate(self.search(version).every, gold, version, on_progress=on_progress)

    def _on_gold(self, version: IndexVersion, gold: Gold, on_progress: OnProgress | None) -> Verdict:
        candidate = self.evaluate(version, gold, on_progress)
        live = self.live_beside(version)
        if live is None:
            verdict = judge(candidate, floors=self.floors, live=None, max_drop=self.max_drop)
            return self._beside_foreign(version, verdict)
        with closing(live):
            before = self.evaluate(live, gold)
            return judge(candidate, floors=self.floors, live=before, max_drop=self.max_drop, live_version=live.id)

    def _by_probe(self, version: IndexVersion) -> Verdict:
        lost = None
        live = self.home.live()
        if live is not None and live != version.id:
            before, now = self.home.text_hashes(live), version.content.text_hashes()
            kept = set(now.values())  # under another name, where a file was renamed
            gone = [name for name, text in before.items() if name not in now and text not in kept]
            lost = len(gone) / len(before) if before else 0.0
        return judge_probe(probe(self.search(version).every, version, lost_share=lost))

    def _beside_foreign(self, version: IndexVersion, verdict: Verdict) -> Verdict:
        """The verdict, with the regression check against a live version that this code cannot search any more.

        It was built with another encoder or analyzer; what remains to compare with are the figures that it got.
        """
        live = self.home.live()
        if live is None or live == version.id:
            return verdict
        stored = self.home.verdict(live)
        before = stored["metrics"] if stored and stored.get("gold") == verdict.gold else {}
        reasons = [
            f"{name} is {verdict.metrics.get(name, 0.0):.3f}; it was {before[name]:.3f} on the live version."
            for name in ("nDCG@10", "Recall@100")
            if name in before and not verdict.metrics.get(name, 0.0) >= before[name] - LARGE_DROP
        ]
        if not before:
            other = (
                f"The live version {live} was built with another encoder or analyzer and has no figures on this gold"
            )
            advice = "publish with citewell index publish --force --reason … if the change is meant"
            reasons = [f"{other}, so the two cannot be compared; {advice}."]
        failed = replace(verdict, status="failed", reasons=(*verdict.reasons, *reasons), live=live)
        return failed if reasons else replace(verdict, live=live)

    def live_beside(self, version: IndexVersion) -> IndexVersion | None:
        """The live version, opened, if it is another one and this code can search it."""
        live = self.home.live()
        if live is None or live == version.id:
            return None
        try:
            return self.home.open(live, encoder=self.encoder)
        except ForeignIndex:
            return None  # built with another encoder or analyzer, which is why it is being replaced


def to_judge(home: Home, id: str | None) -> str:
    """The version that is meant: the one named, else the newest candidate, else the live one. Raises `NoIndex`."""
    if id is not None and id not in {version.id for version in home.versions()}:
        raise NoIndex(f"There is no index version {id!r} in {home.path}; citewell index versions lists them.")
    chosen = id or home.newest_candidate() or home.live()
    if chosen is None:
        raise NoIndex(f"There is no index in {home.path} yet; build one with citewell ingest PATH.")
    return chosen
