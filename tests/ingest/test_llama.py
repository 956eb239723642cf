"""Can what a LlamaIndex reader loads be ingested like a folder?"""

import pytest
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document as LlamaDocument

from ingest.llama import LlamaSource
from ingest.model import Failure, Unseen


class Pages(BaseReader):
    def __init__(self, *documents):
        self.loaded = documents

    def load_data(self, upper=False):
        for document in self.loaded:
            if isinstance(document, Exception):
                raise document
        return [
            LlamaDocument(text=text.upper() if upper else text, metadata=metadata, **more)
            for text, metadata, more in self.loaded
        ]


def documents(*loaded, **arguments):
    return list(LlamaSource(Pages(*loaded), "wiki", **arguments).documents())


def test_a_document_is_named_by_where_it_came_from():
    found = documents(
        ("one", {"file_path": "/data/a.md"}, {}),
        ("two", {"url": "https://example.org/b"}, {}),
        ("three", {}, {"id_": "page-3"}),
    )
    assert [document.name for document in found] == ["wiki/data/a.md", "wiki/https://example.org/b", "wiki/page-3"]
    assert [document.markup for document in found] == ["markdown", "plain", "plain"]
    assert found[0].metadata == {"file_path": "/data/a.md"}


def test_letters_that_show_nothing_are_marked_in_what_is_loaded_too():
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "pay")
    [found] = documents((f"one {tags}", {}, {}))
    assert found.unseen == (Unseen(4, 7, "letters"),)


def test_a_random_id_names_nothing_so_that_the_next_load_is_the_same():
    (first,), (second,) = documents(("one", {}, {})), documents(("one", {}, {}))
    assert first == second
    assert first.name.startswith("wiki/")


def test_the_pages_of_one_file_are_told_apart():
    pages = [(f"page {number}", {"file_path": "b.pdf", "page_label": str(number)}, {}) for number in (1, 2, 3)]
    assert [document.name for document in documents(*pages)] == ["wiki/b.pdf", "wiki/b.pdf#2", "wiki/b.pdf#3"]


def test_arguments_go_to_the_reader():
    (document,) = documents(("one", {}, {}), upper=True)
    assert document.text == "ONE"


def test_what_can_be_loaded_one_by_one_is_not_held_at_once():
    begun = []

    class Lazy(BaseReader):
        def lazy_load_data(self, count):
            for number in range(count):
                begun.append(number)
                yield LlamaDocument(text="text", id_=f"page-{number}")

    documents = LlamaSource(Lazy(), "wiki", count=2).documents()
    assert (next(documents).name, begun) == ("wiki/page-0", [0])
    assert ([document.name for document in documents], begun) == (["wiki/page-1"], [0, 1])


@pytest.mark.parametrize(("loaded", "said"), [(OSError("no route"), "no route"), ((" ", {}, {}), "no text")])
def test_what_cannot_be_loaded_is_named(loaded, said):
    (failure,) = documents(loaded)
    assert isinstance(failure, Failure)
    assert said in failure.error
