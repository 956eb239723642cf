"""How is a version judged, and may it be published? What is served is changed by `Home.publish` alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from eval.calibrate.calibration import Calibration, deciding, search_key, settings_key, shipped
from eval.calibrate.cases import cases
from eval.calibrate.fit import calibrate
from eval.gate.judge import LARGE_DROP, Floors, Verdict, gone, judge, judge_probe
from eval.gold.gold import Gold
from eval.gold.load import load_gold
from eval.gold.resolve import named_documents
from eval.measure.compare import DECISIVE
from eval.measure.evaluate import Evaluation, evaluate
from eval.measure.probe import probe
from eval.measure.versions import AnswererOf, OnProgress
from eval.settings import MAX_DROP
from ingest.errors import CitewellError
from retrieval.search.searcher import Searcher
from retrieval.search.settings import PASSAGES
from retrieval.versions.home import Home, NoIndex, NoServer, Refused
from retrieval.versions.manifest import ForeignIndex
from retrieval.versions.version import IndexVersion

_FORCED = "forced: "


class NoCandidate(CitewellError):
    """No version waits to be published."""

    code: ClassVar[str] = "no_candidate"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Gate:
    """What a version must reach: floors and regression on gold, or, without gold, to be alive.

    `shown` is how many hits are handed to whoever answers; `answerer` is asked too, `ask` of the
    questions at most, where gold knows answers.
    """

    searcher: Searcher
    gold: Path | None = None
    floors: Floors = field(default_factory=Floors)
    max_drop: float = MAX_DROP
    shown: int = PASSAGES
    answerer: AnswererOf | None = None
    ask: int | None = None

    @property
    def home(self) -> Home:
        """Where the versions are."""
        return self.searcher.home

    def judge(self, id: str, *, on_progress: OnProgress | None = None) -> Verdict:
        """The verdict on a version, compared with the one before it, and recorded beside it.

        One that was forced stays so until it passes.
        """
        self.home.check_writable()
        stored = self.home.verdict(id)
        gold = load_gold(self.gold) if self.gold else None
        with closing(self.searcher.open(id)) as version:
            # First, for who is asked below answers by it. Gold that is too small to learn from leaves alone what was
            # learnt from better
            made = self.calibrate(version, gold, on_progress) if gold else None
            if made is not None and made.is_of_this_corpus:
                self.home.record_calibration(id, made.to_json())
            verdict = self._on_gold(version, gold, on_progress) if gold else self._by_probe(version)
            verdict = replace(verdict, conditions=self._conditions)
            if stored is not None and stored["status"] == "forced" and not self._lifts(verdict, version):
                forced = [reason for reason in stored.get("reasons", ()) if reason.startswith(_FORCED)]
                verdict = replace(verdict, status="forced", reasons=(*forced, *verdict.reasons))
            self.home.record_verdict(id, verdict.to_json())
        return verdict

    def calibrate(self, version: IndexVersion, gold: Gold, on_progress: OnProgress | None = None) -> Calibration | None:
        """How likely the hits of a version are to be relevant, learnt on gold; None with nothing to learn from."""
        identity = self.searcher.encoder.identity
        asked = cases(self.searcher.search(version), gold, k=self.shown, on_progress=on_progress)
        if not asked:
            return None
        made = calibrate(asked, identity, gold=gold.digest, shipped=shipped(identity))
        return made and replace(made, searched=self._searched)

    def is_current(self, id: str) -> bool:
        """Whether a version's verdict was given on today's gold, floors and settings, beside the version now live.

        What a person forced is their decision, whatever has changed since.
        """
        stored = self.home.verdict(id)
        if stored is None:
            return False
        verdict, live = Verdict.from_json(stored), self.home.live()
        if verdict.status == "forced":
            return True
        gold = load_gold(self.gold).digest if self.gold else verdict.gold  # without one, that which it was judged on
        told = gold, self._conditions, verdict.live if live == id else live
        return (verdict.gold, verdict.conditions, verdict.live) == told

    def check(self) -> None:
        """Raises `BadGold` where there is gold that cannot be read."""
        if self.gold is not None:
            load_gold(self.gold)

    def judge_again(self, live: str, *, on_progress: OnProgress | None = None) -> Verdict | None:
        """The verdict on the live version, given anew where gold, floors or settings are what is new."""
        if self.gold and not self.is_current(live):
            return self.judge(live, on_progress=on_progress)
        stored = self.home.verdict(live)
        return Verdict.from_json(stored) if stored else None

    def why_held_back(self, status: str) -> str | None:
        """Why a version with this verdict is not published by itself; None where it is."""
        if self.home.pinned() and status != "failed":
            return "someone rolled back; say citewell index publish when new versions may be served again"
        return self._why_refused(status)

    def admit(self, id: str, *, on_progress: OnProgress | None = None) -> Verdict:
        """The verdict of a version that a person wants to serve, given anew where it is not of today.

        Raises `Refused` where it may not be served.
        """
        stored = self.home.verdict(id)
        judged = Verdict.from_json(stored) if stored else None
        if judged is not None and judged.status == "forced":
            raise Refused(f"Index version {id} was forced before; {_all_the_same(id)}.")
        if judged is not None and self.is_current(id):
            verdict = judged
        elif judged is not None and judged.gold and self.gold is None:
            raise Refused(
                f"Index version {id} was judged under other settings, or beside another live version; say "
                f"citewell eval gate GOLD --index-version {id}, or {_all_the_same(id)}."
            )
        else:
            verdict = self.judge(id, on_progress=on_progress)
        if (refused := self._why_refused(verdict.status)) is not None:
            why = "".join(f"\n- {reason}" for reason in verdict.reasons if verdict.status == "failed")
            raise Refused(f"Index version {id} is not published, because {refused}; {_all_the_same(id)}.{why}")
        return verdict

    def publish(
        self,
        id: str | None,
        *,
        force: str | None = None,
        on_progress: OnProgress | None = None,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> str:
        """Makes a version live, the newest candidate where none is named; its id.

        A person wants it, so that ingest may publish again after a rollback. With a reason it is forced, whatever its
        verdict; else it raises `Refused` where it may not be served.
        """
        self.home.check_writable()
        chosen = to_publish(self.home, id)
        on_step(f"checking {chosen}")
        with self.home.writing():
            if force is not None:
                self.force(chosen, force)
            else:
                self.admit(chosen, on_progress=on_progress)
            on_step(f"opening {chosen}")
            self.home.publish(chosen, encoder=self.searcher.encoder)
            self.home.unpin()
        return chosen

    def force(self, id: str, reason: str) -> None:
        """Records that a person takes a version in spite of its verdict."""
        stored = self.home.verdict(id)
        judged = Verdict.from_json(stored) if stored else Verdict("forced", ())
        verdict = replace(judged, status="forced", reasons=(f"{_FORCED}{reason}", *judged.reasons))
        self.home.record_verdict(id, verdict.to_json())

    def evaluate(
        self, version: IndexVersion, gold: Gold, on_progress: OnProgress | None = None, *, most: int | None = None
    ) -> Evaluation:
        """How a version answers gold under the settings in force; `most` questions are asked at most, else `ask`."""
        most = self.ask if most is None else most
        answerer = self.answerer(version) if self.answerer else None
        search = self.searcher.search(version).every
        return evaluate(search, gold, version, answerer=answerer, most=most, on_progress=on_progress)

    def before(self, version: IndexVersion) -> str | None:
        """The version that a verdict compares with: the live one; for the live one itself that which it replaced."""
        live = self.home.live()
        if live != version.id:
            return live
        # After a rollback the one before is what was left on purpose
        replaced = (None if self.home.pinned() else self.home.previous(), version.manifest.parent)
        return next((id for id in replaced if id not in (None, live) and self.home.folder(str(id)).is_dir()), None)

    @property
    def _searched(self) -> str:
        """Stands for the settings of the search, under others of which figures mean little."""
        return search_key(self.searcher.settings, self.shown)

    @property
    def _conditions(self) -> str:
        """Stands for everything but gold that a verdict depends on."""
        asked = {"floors": self.floors.minimums, "tags": self.floors.tags, "max_drop": self.max_drop}
        if self.floors.maximums:  # without, verdicts that were given before there were any still hold
            asked["ceilings"] = self.floors.maximums
        if self.floors.tag_maximums:
            asked["tag_ceilings"] = self.floors.tag_maximums
        if self.ask is not None:
            asked["ask"] = self.ask
        return settings_key({**asked, **deciding(self.searcher.settings, self.shown)})

    def _why_refused(self, status: str) -> str | None:
        """Why a version with this verdict may not be served unless a person forces it; None where it may."""
        if status == "failed":
            return "it did not pass the gate"
        if status == "probe" and self.home.was_tested():
            return (
                "an earlier version passed gold and this one was not tested against it; name gold as [eval] gold, or "
                "with ingest --gold"
            )
        return None

    def _lifts(self, verdict: Verdict, version: IndexVersion) -> bool:
        """Whether a verdict takes the place of a person's: it passed, beside another version."""
        return verdict.status == "passed" and self.before(version) is not None

    def live_beside(self, version: IndexVersion) -> IndexVersion | None:
        """The version to compare with, opened, if there is one and this code can search it."""
        before = self.before(version)
        if before is None:
            return None
        try:
            return self.searcher.open(before)
        except NoServer:
            raise  # to be set right, not to be passed over
        except ForeignIndex:
            return None  # built with another encoder or analyzer, which is why it is being replaced

    def _on_gold(self, version: IndexVersion, gold: Gold, on_progress: OnProgress | None) -> Verdict:
        candidate = self.evaluate(version, gold, on_progress)
        live, before = self.live_beside(version), None
        if live is not None:
            with closing(live):
                before = self.evaluate(live, gold, most=0)
        verdict = judge(
            candidate,
            floors=self.floors,
            live=before,
            max_drop=self.max_drop,
            live_version=live.id if live is not None else None,
            lost_share=self._lost(version),
        )
        return verdict if live is not None else self._beside_foreign(version, gold, verdict)

    def _by_probe(self, version: IndexVersion) -> Verdict:
        return judge_probe(probe(self.searcher.search(version).every, version, lost_share=self._lost(version)))

    def _lost(self, version: IndexVersion) -> float | None:
        """The share of documents of the version before that are gone; None where there is none before."""
        before_id = self.before(version)
        if before_id is None:
            return None
        before, now = self.home.text_hashes(before_id), version.content.text_hashes()
        kept = set(now.values())  # under another name, where a file was renamed
        lost = [name for name, text in before.items() if name not in now and text not in kept]
        return len(lost) / len(before) if before else 0.0

    def _beside_foreign(self, version: IndexVersion, gold: Gold, verdict: Verdict) -> Verdict:
        """The verdict, with the regression check against a version that this code cannot search any more.

        It was built with another encoder or analyzer; what remains to compare with are its documents, and the figures
        that it got.
        """
        before_id = self.before(version)
        if before_id is None:
            return verdict
        stored = self.home.verdict(before_id)
        before = stored["metrics"] if stored and stored.get("gold") == verdict.gold else {}
        allowed = max(LARGE_DROP, self.max_drop)  # no test without the values of its queries
        reasons = [
            f"{name} is {verdict.metrics.get(name, 0.0):.3f}; it was {before[name]:.3f} on the live version."
            for name in DECISIVE
            if name in before and not verdict.metrics.get(name, 0.0) >= before[name] - allowed
        ]
        lost = named_documents(gold, list(self.home.text_hashes(before_id))) - set(version.names())
        if lost:
            reasons.append(gone(sorted(lost)))
        if not before:
            other = (
                f"The version before, {before_id}, was built with another encoder or analyzer and has no figures on "
                "this gold"
            )
            advice = "publish with citewell index publish --force --reason … if the change is meant"
            reasons = [f"{other}, so the two cannot be compared; {advice}."]
        failed = replace(verdict, status="failed", reasons=(*verdict.reasons, *reasons), live=before_id)
        return failed if reasons else replace(verdict, live=before_id)


def what_was_asked(verdict: Verdict, floors: Floors) -> str:
    """What a verdict on gold was given for, in a sentence: without floors that is little."""
    named = [
        f"{name} at {word} {value:g}{'' if tag is None else f' for {tag}'}" for name, word, value, tag in floors.limits
    ]
    least = ", ".join(named) or "nDCG@10 above 0, since no floors are set ([eval] floors)"
    asked = f"asked for: {least}"
    beside = f"and to be no worse than {verdict.live}" if verdict.live else "and compared with no other version"
    return f"{asked}; {beside}."


def demand(gold: Path | None) -> str:
    """What it means for later versions that one has passed gold for the first time, and how to undo it."""
    known = f"that is {gold}" if gold else "name it as [eval] gold in citewell.toml, or with ingest --gold"
    return (
        f"From now on a new version is published only when it was tested against gold: {known}. To undo this, say "
        "citewell eval gate --lift."
    )


def _all_the_same(id: str) -> str:
    return f"to serve it all the same, say citewell index publish {id} --force --reason …"


def to_publish(home: Home, id: str | None) -> str:
    """The version that is meant: the one named, else the newest candidate. Raises `NoCandidate` or `NoIndex`."""
    chosen = to_judge(home, id)
    if id is None and chosen == home.live():
        lift = f"; to have new ones published again after the rollback, say citewell index publish {chosen}"
        raise NoCandidate(
            f"There is no candidate: nothing newer than {chosen}, which is live, waits to be published. citewell "
            f"ingest PATH builds one, and citewell index versions lists what there is{lift if home.pinned() else ''}."
        )
    return chosen


def to_judge(home: Home, id: str | None) -> str:
    """The version that is meant: the one named, else the newest candidate, else the live one. Raises `NoIndex`."""
    if id is not None and id not in {version.id for version in home.versions()}:
        raise NoIndex(f"There is no index version {id!r} in {home.path}; citewell index versions lists them.")
    chosen = id or home.newest_candidate() or home.live()
    if chosen is None:
        raise NoIndex(f"There is no index in {home.path} yet; build one with citewell ingest PATH.")
    return chosen
