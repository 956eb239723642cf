"""Does a LlamaIndex application get the hits of a search as nodes of its own?"""

from contextlib import closing

import pytest

from ingest.model import Document
from retrieval.llama import CitewellRetriever
from retrieval.model import Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, PUMPS, build


@pytest.fixture
def search(tmp_path):
    secret = Document("d/secret", "the pump starts with the secret key", title="Keys", labels=frozenset({"hr"}))
    build(tmp_path, [*(Document(name, text, title=name) for name, text in PUMPS.items()), secret])
    with closing(Home(tmp_path).open(encoder=ENCODER)) as version:
        yield HybridSearch(version, ENCODER)


def test_a_node_is_a_hit_in_its_place_whose_offsets_slice_back_to_the_stored_text(search):
    nodes = CitewellRetriever(search, k=3).retrieve("Which key starts the pump?")

    hits = search("Which key starts the pump?", k=3)
    assert [(node.node.node_id, node.score) for node in nodes] == [(hit.chunk.id, hit.score) for hit in hits]
    for node in nodes:
        stored = search.version.text(node.node.metadata["document"])
        assert node.node.text == stored[node.node.start_char_idx : node.node.end_char_idx]
        assert (node.node.metadata["start"], node.node.metadata["end"]) == (
            node.node.start_char_idx,
            node.node.end_char_idx,
        )


def test_a_retriever_sees_its_scope_alone(search):
    nodes = CitewellRetriever(search, scope=Scope(labels=frozenset({"hr"}))).retrieve("Which key starts the pump?")

    assert [(node.node.metadata["document"], node.node.metadata["title"]) for node in nodes] == [("d/secret", "Keys")]
