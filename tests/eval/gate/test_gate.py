"""Which version is served: one that passed, never a worse one, and a forced one only with its reason."""

import json
from dataclasses import replace

import numpy as np
import pytest

from agent.settings import AgentSettings, Settings
from agent.wire import Citewell
from eval.calibrate.calibration import BadCalibration
from eval.gate.gate import to_judge
from eval.gate.judge import BadFloor
from eval.gold.gold import BadGold
from eval.settings import EvalSettings
from ingest.options import Options
from retrieval.lexical.reading import CURRENT, Analyzer, Read
from retrieval.search.settings import SearchSettings
from retrieval.vectors.encoder import SentenceEncoder
from retrieval.versions.home import NoIndex, Refused
from tests.homes import PUBLIC, tiny_model, write

GOLD = (("How long are logs kept?", "logs.md"), ("Which port?", "ports.md"), ("When are backups made?", "backup.md"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return SentenceEncoder(str(tiny_model(tmp_path_factory.mktemp("model") / "tiny")))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """An encoder of other weights, whose vectors cannot be compared with the first one's."""
    return SentenceEncoder(str(tiny_model(tmp_path_factory.mktemp("model") / "other", seed=2)))


@pytest.fixture
def make(tmp_path, encoder):
    """A home under some gate; the same folder each time. Words count for more than what a tiny model makes of them."""
    opened = []

    def make(by=encoder, **gate):
        settings = Settings(
            home=tmp_path / "home",
            eval=EvalSettings(**gate),
            agent=AgentSettings(),
            retrieval=SearchSettings(dense_weight=0.1),
        )
        citewell = Citewell(settings, encoder=by)
        opened.append(citewell)
        return citewell

    yield make
    for citewell in opened:
        citewell.close()


@pytest.fixture
def docs(tmp_path):
    return write(tmp_path / "guide", PUBLIC)


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(asked(), encoding="utf-8")
    return path


def asked(times=1):
    """The gold, each question so often, in other words each time."""
    queries = [
        {
            "id": f"{n}-{number}",
            "question": f"{question} {n or ''}".strip(),
            "relevant": [{"document": f"guide/{name}"}],
        }
        for n in range(times)
        for number, (question, name) in enumerate(GOLD)
    ]
    return "\n".join(map(json.dumps, queries))


def spoil(docs):
    """The same files, each with the text of another."""
    names = ("logs.md", "ports.md", "backup.md", "trap.md")
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        (docs / name).write_text(PUBLIC[other], encoding="utf-8")


def test_without_gold_a_version_that_is_alive_is_published_as_such(make, docs):
    report = make().ingest([docs])

    assert (report.published, report.verdict, report.held_back) == (True, "probe", None)
    assert make().tested(report.index_version) == "probe"


def test_with_gold_a_version_that_answers_it_has_passed(make, docs, gold):
    report = make(gold=gold).ingest([docs])

    assert (report.published, report.verdict) == (True, "passed")


@pytest.mark.slow
def test_a_worse_version_is_refused_and_the_live_one_goes_on_answering(make, docs, gold):
    citewell = make(gold=gold)
    first = citewell.ingest([docs])
    before = citewell.search("How long are logs kept?").hits[0].chunk
    spoil(docs)
    second = citewell.ingest([docs])

    assert (second.published, second.verdict) == (False, "failed")
    assert "nDCG@10" in " ".join(second.reasons)
    assert second.held_back
    found = citewell.search("How long are logs kept?")
    assert (found.index_version, found.hits[0].chunk) == (first.index_version, before)
    assert citewell.readiness().verdict == "passed"
    with pytest.raises(Refused, match="failed"):
        citewell.home.publish(second.index_version)


@pytest.mark.slow
def test_with_another_encoder_a_version_that_is_as_good_follows_the_live_one(make, docs, gold, other):
    first = make(gold=gold).ingest([docs])
    again = make(other, gold=gold).ingest([docs])

    assert (again.published, again.verdict) == (True, "passed")
    assert again.index_version != first.index_version
    assert make(other).home.verdict(again.index_version)["live"] == first.index_version


@pytest.mark.slow
def test_with_another_encoder_a_version_that_collapses_is_refused(make, docs, gold, other):
    first = make(gold=gold).ingest([docs])
    spoil(docs)
    worse = make(other, gold=gold).ingest([docs])

    assert (worse.published, worse.verdict) == (False, "failed")
    assert "it was 1.000 on the live version" in " ".join(worse.reasons)
    assert make().home.live() == first.index_version


@pytest.mark.slow
def test_with_another_encoder_and_no_figures_to_compare_with_a_person_must_say_so(make, docs, gold, other):
    first = make().ingest([docs])
    second = make(other, gold=gold).ingest([docs])

    assert (second.published, second.verdict) == (False, "failed")
    assert "--force --reason" in " ".join(second.reasons)
    assert make().home.live() == first.index_version


def test_with_another_encoder_and_without_gold_lost_documents_are_still_counted(make, docs, other):
    first = make().ingest([docs])
    for name in ("logs.md", "ports.md"):
        (docs / name).unlink()
    second = make(other).ingest([docs], options=Options(prune=True))

    assert (second.published, second.verdict, second.documents["removed"]) == (False, "failed", 2)
    assert make().home.live() == first.index_version


@pytest.mark.slow
def test_what_was_refused_leaves_no_trace_in_the_next_version(make, docs, gold):
    citewell = make(gold=gold)
    first = citewell.ingest([docs])
    spoil(docs)
    citewell.ingest([docs])
    write(docs, PUBLIC)

    again = citewell.ingest([docs])
    assert again.documents["unchanged"] == len(PUBLIC)
    assert again.fingerprint == first.fingerprint
    assert (again.published, citewell.home.live()) == (True, again.index_version)


@pytest.mark.slow
def test_floors_hold_from_the_first_version_on(make, docs, gold):
    (docs / "logs.md").unlink()

    assert make(gold=gold, floors={"nDCG@10": 0.9}).ingest([docs]).verdict == "failed"
    assert make(gold=gold, floors={"nDCG@10": 0.2}).ingest([docs]).verdict == "passed"
    assert make().home.live() is not None


@pytest.mark.slow
def test_an_untested_version_does_not_follow_one_that_passed(make, docs, gold):
    passed = make(gold=gold).ingest([docs])
    write(docs, {"more.md": "# More\n\nThere is more to be said about the moon than about logs.\n"})
    untested = make().ingest([docs])

    assert (untested.published, untested.verdict) == (False, "probe")
    assert "gold" in untested.held_back
    assert make().home.live() == passed.index_version
    # nor by hand, unless a person says why
    citewell = make()
    with pytest.raises(Refused, match="--force --reason"):
        citewell.gate.admit(untested.index_version)
    citewell.gate.force(untested.index_version, "the gold is being rewritten")
    citewell.home.publish(untested.index_version)
    assert make().home.live() == untested.index_version
    citewell.home.rollback()
    with pytest.raises(Refused, match="was forced before"):
        citewell.gate.admit(untested.index_version)


@pytest.mark.slow
def test_that_gold_was_passed_is_not_forgotten_with_the_version_that_passed_it(make, docs, gold, tmp_path):
    make(gold=gold).ingest([docs])
    harder = tmp_path / "harder.jsonl"
    harder.write_text(gold.read_text("utf-8").replace("guide/", "guide/no-"), encoding="utf-8")
    assert make().judge(harder).verdict.status == "failed", "which is written over the verdict that it had"
    write(docs, {"more.md": "# More\n\nThere is more to be said about the moon than about logs.\n"})

    assert make().ingest([docs]).published is False


@pytest.mark.slow
def test_pruning_half_of_the_documents_is_refused_though_gold_names_none_of_them(make, docs, gold):
    write(docs, {f"more{n}.md": f"# More {n}\n\nNumber {n} says {n} times that the sea is deep.\n" for n in range(6)})
    first = make(gold=gold).ingest([docs])
    for n in range(5):
        (docs / f"more{n}.md").unlink()
    second = make(gold=gold).ingest([docs], options=Options(prune=True))

    assert (second.verdict, second.published, make().home.live()) == ("failed", False, first.index_version)
    (reason,) = second.reasons
    assert reason.startswith("50% of the documents of the version before are gone (at most 20% may be); ")
    assert "--force" in reason


@pytest.mark.slow
def test_a_quote_that_was_taken_out_of_its_document_is_refused_though_the_document_is_found(make, docs, tmp_path):
    quoted = {"id": "1", "question": "Logs?", "relevant": [{"document": "guide/logs.md", "quote": "thirty days"}]}
    gold = tmp_path / "quoted.jsonl"
    gold.write_text(json.dumps(quoted), encoding="utf-8")
    make(gold=gold).ingest([docs])
    (docs / "logs.md").write_text(PUBLIC["logs.md"].replace("thirty days", "some time"), encoding="utf-8")
    report = make(gold=gold).ingest([docs])

    assert (report.verdict, report.published) == ("failed", False)
    assert "guide/logs.md (its quote)" in report.reasons[-1]
    assert make().home.verdict(report.index_version)["stale"] == 1


@pytest.mark.slow
def test_what_was_judged_under_other_floors_is_judged_anew_before_it_is_served(make, docs, gold, tmp_path):
    lenient = tmp_path / "lenient.jsonl"
    lenient.write_text(gold.read_text("utf-8").splitlines()[0], encoding="utf-8")
    id = make(gold=gold, floors={"nDCG@10": 1.0}).ingest([docs], publish=False).index_version
    harsh = make(gold=gold, floors={"MRR@10": 1.0, "P@5": 0.9})
    assert harsh.judge(lenient, index_version=id).verdict.status == "failed"
    assert make().judge(lenient).verdict.status == "passed", "which would let it through"

    with pytest.raises(Refused, match=r"P@5 0\.200 is below the floor 0\.900"):
        harsh.gate.admit(id)
    for limits in ({"ceilings": {"answers.beside": 0.1}}, {"tag_ceilings": {"ops": {"answers.beside": 0.1}}}):
        assert make(gold=gold).gate.admit(id).status == "passed"
        with pytest.raises(Refused, match=r"answers\.beside .*was not measured, and its ceiling is 0\.100"):
            make(gold=gold, **limits).gate.admit(id)


@pytest.mark.slow
def test_what_was_judged_beside_another_version_is_not_served_without_asking_again(make, docs, gold):
    make().ingest([docs], gold=gold)
    write(docs, {"more.md": "# More\n\nThere is more to be said about the moon than about logs.\n"})
    waiting = make().ingest([docs], gold=gold, publish=False).index_version
    write(docs, {"most.md": "# Most\n\nMost of all is to be said about the sun, which is a star.\n"})
    make().ingest([docs], gold=gold)

    with pytest.raises(Refused, match=f"eval gate GOLD --index-version {waiting}"):
        make().gate.admit(waiting)
    assert make(gold=gold).gate.admit(waiting).status == "failed" or make(gold=gold).gate.is_current(waiting)


@pytest.mark.slow
def test_a_damaged_calibration_is_a_stated_error_and_the_gate_that_it_names_puts_it_right(make, docs, gold):
    citewell = make(gold=gold)
    id = citewell.ingest([docs]).index_version
    (citewell.home.folder(id) / "calibration.json").write_bytes(b'{"kind": "fit\xff')

    with pytest.raises(BadCalibration, match="citewell eval gate"):
        citewell.search("How long are logs kept?")
    gold.write_text(asked(20), encoding="utf-8")
    assert citewell.judge(gold).verdict.status == "passed"
    assert 0 < citewell.search("How long are logs kept?").hits[0].probability < 1
    other = Citewell(replace(citewell.settings, retrieval=SearchSettings(dense_weight=0.9)), encoder=citewell.encoder)
    try:
        assert other.search("How long are logs kept?").hits[0].probability is None, "of another search it says nothing"
    finally:
        other.close()


@pytest.mark.slow
def test_gold_that_is_too_small_leaves_alone_what_was_learnt_from_better(make, docs, gold, tmp_path):
    citewell = make(gold=gold)
    few = gold.read_text("utf-8")
    gold.write_text(asked(20), encoding="utf-8")
    id = citewell.ingest([docs]).index_version
    before = citewell.home.calibration(id)
    gold.write_text(few, encoding="utf-8")
    citewell.judge(gold)

    assert before is not None
    assert citewell.home.calibration(id) == before


def test_floors_that_are_raised_are_asked_of_the_live_version_at_the_next_ingest(make, docs, gold):
    assert make(gold=gold).ingest([docs]).verdict == "passed"
    assert make(gold=gold, floors={"P@5": 0.9}).ingest([docs]).verdict == "failed"


@pytest.mark.slow
def test_a_version_that_was_forced_stays_so_until_it_passes(make, docs, gold):
    citewell = make(gold=gold)
    citewell.ingest([docs])
    spoil(docs)
    worse = citewell.ingest([docs]).index_version
    citewell.gate.force(worse, "on purpose")
    citewell.home.publish(worse)

    again = citewell.judge(gold, index_version=worse).verdict
    assert (again.status, again.reasons[0]) == ("forced", "forced: on purpose")
    assert any("fell" in reason or "is 0" in reason for reason in again.reasons), "beside the version it replaced"


@pytest.mark.slow
def test_gold_teaches_how_likely_hits_are_and_that_is_kept_beside_the_version(make, docs, gold):
    citewell = make(gold=gold)
    id = citewell.ingest([docs]).index_version

    assert citewell.home.calibration(id) is None, (
        "three questions teach nothing, and nothing is shipped for this encoder"
    )
    assert citewell.search("How long are logs kept?").hits[0].probability is None
    gold.write_text(asked(20), encoding="utf-8")
    citewell.ingest([docs])

    stored = json.loads(citewell.home.calibration(id))
    assert (stored["kind"], stored["gold"]) == ("fitted", citewell.home.verdict(id)["gold"])
    found = citewell.search("How long are logs kept?")
    assert (found.calibrated, found.index_version) == (True, id)
    assert 0 < found.hits[0].probability < 1
    assert stored["costs"]["lost"] <= 0.05


@pytest.mark.slow
def test_what_loses_a_fifth_of_the_documents_is_not_alive(make, docs):
    first = make().ingest([docs])
    for name in ("logs.md", "ports.md"):
        (docs / name).unlink()
    second = make().ingest([docs], options=Options(prune=True))

    assert (second.published, second.verdict, second.documents["removed"]) == (False, "failed", 2)
    assert make().home.live() == first.index_version


def test_no_publish_builds_and_judges_and_leaves_the_live_one(make, docs):
    report = make().ingest([docs], publish=False)

    assert (report.published, report.verdict, make().home.live()) == (False, "probe", None)
    assert "--no-publish" in report.held_back
    assert to_judge(make().home, None) == report.index_version


@pytest.mark.slow
def test_after_a_rollback_nothing_is_published_until_someone_says_so(make, docs):
    citewell = make()
    first = citewell.ingest([docs])
    write(docs, {"more.md": "# More\n\nThere is more to be said about the moon than about logs.\n"})
    second = citewell.ingest([docs])
    assert citewell.home.rollback() == (first.index_version, second.index_version)
    write(docs, {"most.md": "# Most\n\nMost of all is to be said about the sun, which is a star.\n"})
    third = citewell.ingest([docs])

    assert (third.published, citewell.home.live()) == (False, first.index_version)
    assert "rolled back" in third.held_back
    assert third.documents["added"] == 2, "it is a child of what is live now"
    citewell.home.unpin()
    citewell.home.publish(third.index_version)
    write(docs, {"last.md": "# Last\n\nAnd last of all comes the sea with all its fish and salt.\n"})
    assert citewell.ingest([docs]).published


@pytest.mark.slow
def test_a_forced_version_is_known_as_such_with_its_reason(make, docs, gold):
    citewell = make(gold=gold)
    citewell.ingest([docs])
    spoil(docs)
    worse = citewell.ingest([docs]).index_version
    citewell.gate.force(worse, "the gold is out of date")
    citewell.home.publish(worse)

    assert citewell.tested(worse) == "forced"
    verdict = citewell.home.verdict(worse)
    assert verdict["reasons"][0] == "forced: the gold is out of date"
    assert len(verdict["reasons"]) > 1, "why it had failed is kept"


def test_a_gold_that_cannot_be_read_stops_the_work_before_it_begins(make, docs, gold, tmp_path):
    gold.write_text('{"question": ', encoding="utf-8")

    with pytest.raises(BadGold):
        make(gold=gold).ingest([docs])
    with pytest.raises(BadGold):
        make(gold=tmp_path / "nowhere.jsonl").ingest([docs])
    with pytest.raises(BadFloor):
        make(floors={"nDCG@11": 0.5}).ingest([docs])
    assert not (tmp_path / "home" / "versions").exists()


@pytest.mark.slow
def test_the_gate_asked_again_writes_over_a_probe(make, docs, gold):
    citewell = make()
    id = citewell.ingest([docs]).index_version

    assert citewell.judge(gold).verdict.status == "passed"
    assert citewell.tested(id) == "passed"
    assert citewell.home.live() == id


@pytest.mark.slow
def test_gold_that_comes_with_nothing_else_new_is_asked_of_the_live_version(make, docs, gold):
    make().ingest([docs])
    report = make().ingest([docs], gold=gold)

    assert (report.verdict, report.published) == ("passed", True)
    assert make().tested(report.index_version) == "passed"


@pytest.mark.slow
def test_another_gold_is_asked_of_the_live_version_and_the_same_one_is_not_asked_twice(make, docs, gold, tmp_path):
    id = make().ingest([docs], gold=gold).index_version
    first = make().home.verdict(id)
    make().home.record_verdict(id, first | {"reasons": ["as it was judged"]})
    assert make().ingest([docs], gold=gold).reasons == ("as it was judged",)

    second = tmp_path / "second.jsonl"
    second.write_text(gold.read_text("utf-8").replace("How long are", "For how many days are"), encoding="utf-8")
    report = make().ingest([docs], gold=second)
    assert report.index_version == id
    assert report.reasons != ("as it was judged",)
    assert make().home.verdict(id)["gold"] != first["gold"]


@pytest.mark.parametrize("id", ["nonesuch", "../../home", "."])
def test_a_version_that_is_not_there_is_no_candidate(make, docs, id):
    citewell = make()
    with pytest.raises(NoIndex, match="citewell ingest"):
        to_judge(citewell.home, None)
    citewell.ingest([docs])

    with pytest.raises(NoIndex, match="versions lists"):
        to_judge(citewell.home, id)


def test_a_folder_in_which_nothing_can_be_read_is_a_stated_failure(make, tmp_path):
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "a.pdf").write_bytes(b"%PDF-1.4 torn")

    report = make().ingest([tmp_path / "torn"])

    assert (report.verdict, report.published, report.chunks, make().home.live()) == ("failed", False, 0, None)
    assert [failure.document for failure in report.failures] == ["torn/a.pdf"]
    assert "0 documents" in report.reasons[0]


# Sabotage, each refused with its reason, while the live version goes on serving


def served(citewell):
    return [(hit.chunk.document, hit.chunk.text) for hit in citewell.search("How long are logs kept?").hits]


@pytest.mark.slow
def test_half_of_the_documents_pruned(make, docs, gold):
    first = make(gold=gold).ingest([docs])
    before = served(make())
    for name in ("logs.md", "ports.md"):
        (docs / name).unlink()
    second = make(gold=gold).ingest([docs], options=Options(prune=True))

    assert (second.verdict, second.published) == ("failed", False)
    assert any("50% of the documents" in reason for reason in second.reasons)
    assert any("guide/logs.md, guide/ports.md" in reason for reason in second.reasons)
    assert (make().home.live(), served(make())) == (first.index_version, before)


class Deaf(Analyzer):
    """Finds no word in any text."""

    def passage(self, text, language="", orders=()):
        return Read([])


@pytest.mark.slow
@pytest.mark.parametrize("leg", ["dense", "lexical"])
@pytest.mark.parametrize("with_gold", [True, False])
def test_one_leg_empty(make, docs, gold, monkeypatch, leg, with_gold, encoder):
    gate = {"gold": gold} if with_gold else {}
    first = make(**gate).ingest([docs])
    before = served(make())
    rare = ("anchor", "barge", "canal", "dredger", "estuary", "ferry", "gull")
    write(docs, {f"more{n}.md": f"# {rare[n % 7]} {n}\n\nNumber {n}: the {rare[n % 5]} is deep.\n" for n in range(200)})
    if leg == "lexical":
        monkeypatch.setattr("retrieval.versions.candidate.CURRENT", Deaf(CURRENT.version, CURRENT.exact))
    else:
        noise = np.random.default_rng(0)

        def chance(texts, made):
            vectors = noise.normal(size=(len(texts), 32)).astype(np.float32)
            made(range(len(texts)), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

        monkeypatch.setattr(encoder, "encode", chance)
    second = make(**gate).ingest([docs])
    monkeypatch.undo()

    assert (second.verdict, second.published) == ("failed", False)
    assert any(leg in reason for reason in second.reasons), second.reasons
    assert (make().home.live(), served(make())) == (first.index_version, before)


@pytest.mark.slow
@pytest.mark.shared
def test_a_splitter_that_cuts_to_forty_tokens(tmp_path, shared, encoder, monkeypatch):
    """On real questions with the real encoder: what answers them is torn apart, which their documents' rank shows."""
    from ingest.split.split import SplitSettings

    folder = shared / "squad2-subset"
    citewell = Citewell(Settings(home=tmp_path / "home", eval=EvalSettings(gold=folder)), encoder=encoder)
    try:
        first = citewell.ingest([folder / "corpus.jsonl"])
        before = served(citewell)
        monkeypatch.setattr("retrieval.versions.candidate.SplitSettings", lambda window: SplitSettings(40, 16, 40))
        second = citewell.ingest([folder / "corpus.jsonl"])

        assert (first.verdict, second.verdict, second.published) == ("passed", "failed", False)
        assert second.chunks > 2 * first.chunks
        assert any("fell from" in reason for reason in second.reasons), second.reasons
        assert (citewell.home.live(), served(citewell)) == (first.index_version, before)
    finally:
        citewell.close()
