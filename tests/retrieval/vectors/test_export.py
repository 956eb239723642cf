"""Is a text that the export encodes where the model itself would put it, whatever happens to the file?"""

import hashlib
import json
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest
from filelock import FileLock

from ingest.model import Document
from ingest.split.split import split
from retrieval.search.hybrid import HybridSearch
from retrieval.vectors import export
from retrieval.vectors.cache import VectorCache
from retrieval.vectors.encoder import SentenceEncoder
from retrieval.versions.candidate import new_candidate
from retrieval.versions.home import Home
from tests.homes import PUBLIC, opened, tiny_model, write
from tests.places import ROOT

QUESTIONS = [
    "How long are logs kept before the nightly job deletes them, and which setting keeps them longer?",
    "pump",
    "Wie lange werden die Protokolle aufbewahrt?",
    "日志保留多久？",
    "👩‍💻 \0 naïve",
    "",
    "word " * 400,
    *(f"question number {number} " + "of the pumps " * number for number in range(20)),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def made(tiny, tmp_path_factory):
    """The folder of exports and the hash of the one in it."""
    exports = tmp_path_factory.mktemp("exports")
    return exports, SentenceEncoder(str(tiny), exports).export()


@pytest.fixture
def copied(made, tmp_path):
    """A copy of the export that may be damaged."""
    (file,) = made[0].glob("*.onnx")
    (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / file.name


class Exporting:
    """An encoder, asked as a version asks that names the export with this hash."""

    def __init__(self, encoder, sha256):
        self.encoder, self.sha256 = encoder, sha256

    def encode_query(self, text):
        return self.encoder.encode_query(text, self.sha256)

    def encode_queries(self, texts, **options):
        return self.encoder.encode_queries(texts, export=self.sha256, **options)


def accepting(tiny, exports, sha256):
    return Exporting(SentenceEncoder(str(tiny), exports), sha256)


def run(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


@pytest.mark.slow
@pytest.mark.shared
def test_the_embedded_model_and_its_export_agree_on_real_questions(shared, tmp_path):
    from sentence_transformers import SentenceTransformer

    encoder = SentenceEncoder(exports=tmp_path)
    sha256 = encoder.export()
    records = map(json.loads, (shared / "scifact" / "queries.jsonl").read_text("utf-8").splitlines()[:200])
    questions = [*QUESTIONS, *(record["text"] for record in records)]
    fast = encoder.encode_queries(questions, export=sha256)
    own = SentenceTransformer(str(encoder._folder.path), device="cpu", model_kwargs={"dtype": "float32"})

    assert encoder._loaded is None or encoder.identity.dtype == "float32", "the model that encodes documents is at rest"
    assert fast.dtype == np.float32
    assert fast.shape == (len(questions), encoder.identity.dimensions)
    assert np.sum(fast * own.encode(questions, normalize_embeddings=True), axis=1).min() >= export.LEAST_COSINE


@pytest.mark.slow
def test_a_fresh_process_encodes_a_question_without_torch(tiny, made):
    code = """
import sys
from pathlib import Path
from retrieval.vectors.encoder import SentenceEncoder
encoder = SentenceEncoder(sys.argv[1], Path(sys.argv[2]))
encoder.encode_queries(["one", "two"], export=sys.argv[3]), encoder.encode_query("pump", sys.argv[3])
print(sorted({"torch", "transformers", "sentence_transformers", "onnx", "sympy"} & set(sys.modules)))
"""
    assert run(code, tiny, *made).communicate()[0].strip() == "[]"


def test_a_vector_depends_on_its_text_alone(tiny, made):
    encoder = accepting(tiny, *made)
    alone = [encoder.encode_query(question) for question in QUESTIONS]

    assert (encoder.encode_queries(QUESTIONS) == alone).all()
    with ThreadPoolExecutor(8) as pool:
        for vector, other in zip(alone * 8, pool.map(encoder.encode_query, QUESTIONS * 8), strict=True):
            assert (vector == other).all()
    again = accepting(tiny, *made)
    assert all((again.encode_query(text) == vector).all() for text, vector in zip(QUESTIONS, alone, strict=True))


@pytest.fixture(params=["float32", "bfloat16"])
def dtype(request, monkeypatch):
    """What documents are encoded in on this processor, whatever it is."""
    monkeypatch.setattr("retrieval.vectors.encoder.place", lambda: ("cpu", request.param))
    return request.param


@pytest.mark.slow
def test_documents_are_encoded_by_the_export_where_fp32_is_fastest(tiny, made, tmp_path, dtype):
    encoder, given = SentenceEncoder(str(tiny), tmp_path, document_prefix="passage: "), {}
    model = encoder.encode(QUESTIONS)
    assert encoder.export() == made[1], "the same bits, proven for other texts"
    vectors = encoder.encode(QUESTIONS, lambda rows, some: given.update(zip(rows, some, strict=True)))

    bare = accepting(tiny, *made)
    by_export = [bare.encode_query("passage: " + text) for text in QUESTIONS]
    assert (vectors == (by_export if dtype == "float32" else model)).all()
    assert np.sum(vectors * by_export, axis=1).min() >= (export.LEAST_COSINE if dtype == "float32" else 0.998)
    assert (np.stack([given[row] for row in range(len(QUESTIONS))]) == vectors).all()
    assert encoder.identity.dtype == dtype
    assert encoder.encode([]).shape == (0, encoder.identity.dimensions)


def test_a_document_has_the_same_bits_whatever_is_encoded_with_it(tiny, made, dtype):
    encoder = SentenceEncoder(str(tiny), made[0])
    encoder.export()
    whole = encoder.encode(QUESTIONS)
    order = np.random.default_rng(0).permutation(len(QUESTIONS))
    assert (encoder.encode([QUESTIONS[i] for i in order]) == whole[order]).all()
    assert (encoder.encode(QUESTIONS[::3]) == whole[::3]).all()
    with ThreadPoolExecutor(4) as pool:
        assert all((each == whole).all() for each in pool.map(lambda _: encoder.encode(QUESTIONS), range(4)))


def test_a_text_is_encoded_the_same_way_with_and_without_an_export_but_for_rounding(tiny, made, tmp_path, dtype):
    """So a home whose export could not be made once does not encode everything anew."""
    without, having = SentenceEncoder(str(tiny)), SentenceEncoder(str(tiny), made[0])
    having.export()
    assert without.identity == having.identity
    assert np.sum(without.encode(QUESTIONS) * having.encode(QUESTIONS), axis=1).min() >= export.LEAST_COSINE


def test_whoever_gives_up_does_not_wait_for_what_is_left(tiny, made, monkeypatch):
    monkeypatch.setattr("retrieval.vectors.encoder.place", lambda: ("cpu", "float32"))
    encoder, encoded = SentenceEncoder(str(tiny), made[0]), []
    encoder.export()
    quickly = encoder._quickly
    monkeypatch.setattr(encoder, "_quickly", lambda *told: (encoded.append(1), quickly(*told))[1])

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.encode(["a pump and its key"] * 20_000, stop)
    assert len(encoded) < 10_000


def test_what_lies_beyond_the_window_is_not_read(tiny, made):
    encoder = accepting(tiny, *made)
    fills = "word " * 254
    assert (encoder.encode_query(fills + "apples") == encoder.encode_query(fills + "oranges")).all()
    assert (encoder.encode_query("word " * 253 + "apples") != encoder.encode_query(fills)).any()


@pytest.mark.slow
def test_the_question_prefix_is_read_on_the_fast_way_too(tiny, made, tmp_path):
    told = SentenceEncoder(str(tiny), tmp_path, query_prefix="query: ", document_prefix="passage: ")
    prefixed = Exporting(told, told.export())
    bare = accepting(tiny, *made)

    assert (prefixed.encode_query("pump") == bare.encode_query("query: pump")).all()
    assert (prefixed.encode_queries(["pump"], as_documents=True)[0] == bare.encode_query("passage: pump")).all()


@pytest.mark.slow
def test_a_vector_has_the_same_bits_however_many_threads_share_the_work(tmp_path):
    """The real model, whose matrices are large enough to be shared."""
    embedded = SentenceEncoder(exports=tmp_path)
    embedded.export()
    (file,) = tmp_path.glob("*.onnx")
    sessions = [export.Export(file, threads) for threads in (1, 2, 3)]
    for text in QUESTIONS:
        tokens = embedded._tokens(embedded._tokenizer, text)
        one, two, three = (each.vector(tokens.ids, tokens.type_ids) for each in sessions)
        assert (one == two).all()
        assert (one == three).all()


def test_an_export_that_is_there_is_taken_as_it_is(tiny, made):
    exports, sha256 = made
    (file,) = exports.glob("*.onnx")
    before = file.stat()
    assert sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert SentenceEncoder(str(tiny), exports).identity.weights[:16] in file.name
    encoder = SentenceEncoder(str(tiny), exports)

    assert encoder.export() == sha256
    assert encoder._loaded is None, "nothing was loaded for it"
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_an_ingest_opens_an_export_once(tiny, made, monkeypatch):
    monkeypatch.setattr("retrieval.vectors.encoder.place", lambda: ("cpu", "float32"))
    real, sessions = export.Export, []
    monkeypatch.setattr(export, "Export", lambda *told: (sessions.append(told), real(*told))[1])
    encoder = SentenceEncoder(str(tiny), made[0])
    for _ in range(3):
        assert encoder.export() == made[1]
        encoder.encode(QUESTIONS[:3])
    assert len(sessions) == 1


def test_an_export_is_proven_for_the_prefixes_that_stand_before_its_texts(tiny, tmp_path, monkeypatch):
    proven = []
    monkeypatch.setattr(export, "_least_cosine", lambda *told: (proven.append(told[-1]), 1.0)[1])
    for prefix in ("", "passage: ", "", "passage: "):
        assert SentenceEncoder(str(tiny), tmp_path, document_prefix=prefix).export()
    assert proven == [{""}, {"", "passage: "}]
    assert len(list(tmp_path.glob("*.onnx"))) == 2


def test_a_question_waits_for_the_export_that_is_being_opened(tiny, made, monkeypatch):
    began, go_on, sessions = threading.Event(), threading.Event(), []
    opened = export.opened

    def slowly(*told):
        began.set()
        assert go_on.wait(30)
        sessions.append(opened(*told))
        return sessions[-1]

    monkeypatch.setattr(export, "opened", slowly)
    encoder = SentenceEncoder(str(tiny), made[0])
    encoder.prepare(made[1])
    assert began.wait(30)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(encoder.encode_query, "pump", made[1])
        assert not asked.done()
        go_on.set()
        assert (asked.result() == SentenceEncoder(str(tiny), made[0]).encode_query("pump", made[1])).all()
    assert len(sessions) == 2  # one of each encoder


def test_what_cannot_be_prepared_is_told_as_if_it_had_not_been_tried(tiny, made, copied, caplog):
    copied.write_bytes(b"no export")
    encoder = SentenceEncoder(str(tiny), copied.parent)
    with caplog.at_level(logging.WARNING, logger="retrieval"):
        encoder.prepare(made[1])
        encoder.encode_query("pump", made[1])
        encoder.prepare(None)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "empty", "another hash", "a folder"])
def test_a_damaged_export_is_not_used_and_said_once(tiny, made, copied, damage, caplog):
    sha256 = made[1]
    data = bytearray(copied.read_bytes())
    if damage in {"missing", "a folder"}:
        copied.unlink()
    if damage == "a folder":
        copied.mkdir()
    elif damage == "cut":
        copied.write_bytes(data[:-1])
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
        copied.write_bytes(data)
    elif damage == "empty":
        copied.write_bytes(b"")
    elif damage == "another hash":
        sha256 = "0" * 64
    encoder = accepting(tiny, copied.parent, sha256)
    with caplog.at_level(logging.WARNING, logger="retrieval"):
        vectors = [encoder.encode_query("pump"), encoder.encode_query("pump")]

    slow = SentenceEncoder(str(tiny)).encode_query("pump")
    assert all((vector == slow).all() for vector in vectors)
    assert len(caplog.records) == 1, caplog.text
    assert str(copied) in caplog.text, "and which file it is"


def test_a_file_that_has_its_hash_but_is_no_model_is_not_used(tiny, copied):
    copied.write_bytes(b"no model")
    encoder = accepting(tiny, copied.parent, hashlib.sha256(b"no model").hexdigest())
    assert (encoder.encode_query("pump") == SentenceEncoder(str(tiny)).encode_query("pump")).all()


def test_a_sealed_file_that_cannot_be_opened_does_not_end_an_ingest(tiny, copied, monkeypatch, caplog):
    monkeypatch.setattr("retrieval.vectors.encoder.place", lambda: ("cpu", "float32"))
    copied.write_bytes(b"no model" + export._trailer(hashlib.sha256(b"no model").digest()))
    encoder = SentenceEncoder(str(tiny), copied.parent)
    sha256 = encoder.export()
    assert sha256 == hashlib.sha256(copied.read_bytes()).hexdigest()
    assert (encoder.encode(QUESTIONS) == SentenceEncoder(str(tiny)).encode(QUESTIONS)).all()
    encoder.encode_query("pump", sha256)
    assert len(caplog.records) == 1, caplog.text
    assert str(copied) in caplog.text


@pytest.mark.slow
def test_an_export_that_is_lost_is_made_anew_by_an_ingest_and_named_where_it_is_another(
    tiny, tmp_path, monkeypatch, caplog
):
    folder, exports = write(tmp_path / "docs", PUBLIC), tmp_path / "exports"

    def lost(citewell):
        """Takes the export away and asks; the version that an ingest leaves, once it is asked without a warning."""
        (file,) = exports.glob("*.onnx")
        file.unlink()
        citewell.search("logs")
        assert "citewell ingest makes it anew" in caplog.text
        assert "delete" not in caplog.text
        report = citewell.ingest([folder])
        assert report.documents["unchanged"] == len(PUBLIC)
        caplog.clear()
        assert citewell.search("logs").index_version == report.index_version
        assert not caplog.records
        return report.index_version

    with opened(tmp_path / "home", SentenceEncoder(str(tiny), exports)) as citewell:
        first = citewell.ingest([folder]).index_version
        assert citewell.ingest([folder]).index_version == first
    with opened(tmp_path / "home", SentenceEncoder(str(tiny), exports)) as citewell:
        assert lost(citewell) == first, "the same bits are no change"
    real = export._export

    def by_another_library(model, path):
        real(model, path)
        with path.open("ab") as stream:
            stream.write(b"\x32\x04note")  # a field that says nothing of the model

    monkeypatch.setattr(export, "_export", by_another_library)
    with opened(tmp_path / "home", SentenceEncoder(str(tiny), exports)) as citewell:
        second = lost(citewell)
        assert second != first
        assert citewell.ingest([folder]).index_version == second
        monkeypatch.setattr(SentenceEncoder, "export", lambda _: None)
        assert citewell.ingest([folder]).index_version == second, "and one that could not be made is none either"


def test_without_a_hash_or_a_folder_the_model_itself_encodes(tiny, made, caplog):
    slow = SentenceEncoder(str(tiny)).encode_query("pump")
    assert (accepting(tiny, made[0], None).encode_query("pump") == slow).all()
    assert (accepting(tiny, None, made[1]).encode_query("pump") == slow).all()
    assert SentenceEncoder(str(tiny)).export() is None
    assert not caplog.records


def test_how_a_question_is_encoded_is_said_by_its_version_and_not_by_which_was_opened_last(tiny, made):
    encoder, (_, sha256) = SentenceEncoder(str(tiny), made[0]), made
    slow, fast = encoder.encode_query("pump"), encoder.encode_query("pump", sha256)
    assert (slow != fast).any() or encoder.identity.dtype == "float32"
    for named, expected in [(None, slow), ("0" * 64, slow), (sha256, fast), (None, slow), (sha256, fast)]:
        assert (encoder.encode_query("pump", named) == expected).all()


class Noting(SentenceEncoder):
    """Writes down which export each question was to be encoded by."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = []

    def encode_query(self, text, export=None):
        self.asked.append(export)
        return super().encode_query(text, export)


def test_a_search_encodes_by_the_export_of_the_version_that_it_searches(tiny, made, tmp_path):
    encoder, home, versions = Noting(str(tiny), made[0]), Home(tmp_path), []
    for sha256 in (None, made[1]):
        with home.writing(), closing(VectorCache(tmp_path / "vectors.sqlite", encoder.identity)) as cache:
            new = new_candidate(home, encoder, cache, query_model=sha256)
            document = Document(f"d/{sha256}", "The pump is started with the green key.")
            new.put(document, split(document, new.offsets, new.split_settings), document.name)
            versions.append(new.finish())
        home.record_verdict(versions[-1], {"status": "probe"})
        home.publish(versions[-1])
    with closing(home.open(encoder=encoder)) as live, closing(home.open(versions[0], encoder=encoder)) as old:
        first, _, again = [HybridSearch(version, encoder)("green pump") for version in (live, old, live)]
    assert encoder.asked == [made[1], None, made[1]]
    assert first == again


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 1_000, -1])
def test_a_damaged_export_is_made_anew(tiny, made, copied, at):
    data = bytearray(copied.read_bytes())
    data[at] ^= 1
    copied.write_bytes(data)
    assert SentenceEncoder(str(tiny), copied.parent).export() == made[1]
    assert hashlib.sha256(copied.read_bytes()).hexdigest() == made[1]


@pytest.mark.slow
def test_an_export_that_is_not_the_model_leaves_nothing_and_is_not_tried_again(tiny, tmp_path, monkeypatch):
    """Every vector is as near as it can be, so the bar is set above what there is."""
    monkeypatch.setattr(export, "LEAST_COSINE", 1.01)
    assert SentenceEncoder(str(tiny), tmp_path).export() is None
    assert not [*tmp_path.glob("*.onnx"), *tmp_path.glob("*.new")]
    monkeypatch.setattr(export, "LEAST_COSINE", 0.9999)
    again = SentenceEncoder(str(tiny), tmp_path)
    assert again.export() is None
    monkeypatch.setattr(export, "_libraries", lambda: "torch of tomorrow")
    assert again.export(), "other libraries may do better"


@pytest.mark.slow
def test_what_was_refused_is_named_and_tried_again_when_that_is_deleted(tiny, tmp_path, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(export, "LEAST_COSINE", 1.01)
        SentenceEncoder(str(tiny), tmp_path).export()
    (refused,) = tmp_path.glob("*.refused")
    assert f"delete {refused}." in caplog.text
    refused.unlink()
    assert SentenceEncoder(str(tiny), tmp_path).export()


@pytest.mark.parametrize("failure", [MemoryError(), RuntimeError("out of threads"), OSError("no space")])
def test_a_failure_that_says_nothing_of_the_model_is_tried_again(tiny, tmp_path, monkeypatch, caplog, failure):
    def fails(*_):
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(export, "_export", fails)
        assert SentenceEncoder(str(tiny), tmp_path).export() is None
    assert type(failure).__name__ in caplog.text
    assert not list(tmp_path.glob("*.refused"))
    assert SentenceEncoder(str(tiny), tmp_path).export()


def test_a_folder_that_cannot_be_written_leaves_questions_to_the_model(tiny, tmp_path, caplog):
    (tmp_path / "file").touch()
    assert SentenceEncoder(str(tiny), tmp_path / "file" / "cache").export() is None
    assert len(caplog.records) == 1


def test_a_model_that_is_too_large_is_not_loaded_to_find_that_out(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "_LARGEST", 1_000)
    loads = []
    monkeypatch.setattr(SentenceEncoder, "_load", lambda *_, **__: loads.append(1))
    assert SentenceEncoder(str(tiny), tmp_path).export() is None
    assert not loads
    assert list(tmp_path.glob("*.refused"))


def test_an_export_of_another_model_is_found_out(tiny, made, tmp_path):
    other = SentenceEncoder(str(tiny_model(tmp_path / "other", seed=2)))
    (file,) = made[0].glob("*.onnx")
    tokens = SentenceEncoder(str(tiny))
    least = export._least_cosine(
        other._load("cpu", "float32"), file, lambda text: tokens._tokens(tokens._tokenizer, text), {""}
    )
    assert least < export.LEAST_COSINE


def test_a_model_that_leaves_its_prefix_out_of_pooling_has_no_export(tmp_path):
    folder = tiny_model(tmp_path / "tiny")
    path = folder / "1_Pooling" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "include_prompt": False}))
    assert SentenceEncoder(str(folder), tmp_path / "exports").export() is None


@pytest.mark.slow
def test_who_asks_while_another_makes_the_export_waits_for_that_one(tiny, made, tmp_path):
    (file,) = made[0].glob("*.onnx")
    path = tmp_path / file.name
    with FileLock(path.with_suffix(".lock")):
        pool = ThreadPoolExecutor(1)
        waiting = pool.submit(SentenceEncoder(str(tiny), tmp_path).export)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=2)
        path.write_bytes(file.read_bytes())
        first = path.stat().st_ino
    assert waiting.result() == made[1]
    pool.shutdown()
    assert path.stat().st_ino == first
    assert not path.with_suffix(".new").exists()


def test_the_probes_are_many_and_one_fills_the_window(encoder):
    lengths = [len(encoder.offsets(probe)) for probe in export.PROBES]
    assert len(set(export.PROBES)) == len(export.PROBES) >= 60
    assert max(lengths) > 512
    assert sum(length <= 8 for length in lengths) >= 10
    assert sum(30 <= length <= 256 for length in lengths) >= 5


def test_whoever_begins_it_the_process_ends_only_when_an_export_is_open(tiny, made, monkeypatch):
    opening, began = [], threading.Event()
    monkeypatch.setattr(export, "opened", lambda *_: (opening.append(threading.current_thread()), began.set()))
    encoder = SentenceEncoder(str(tiny), made[0])
    daemon = threading.Thread(target=encoder.prepare, args=(made[1],), daemon=True)
    daemon.start()
    assert began.wait(30)
    assert [each.daemon for each in opening] == [False], "the process would be aborted in the middle of it"
