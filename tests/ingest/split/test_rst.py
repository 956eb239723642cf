"""Are titles and literal blocks of reStructuredText told apart?"""

from ingest.model import Document
from ingest.split.blocks import blocks


def test_rst_titles_are_found_with_and_without_overline():
    text = "=====\n Top\n=====\n\nA\n-\n\nA long one\n----------\n\nbody\n\nB\n---\nC\n---\n\nend\n\nshort\n--\n"
    found = [block for block in blocks(Document("d", text, markup="rst")) if block.kind == "heading"]
    assert [(block.title, block.level) for block in found] == [("Top", 1), ("A long one", 2), ("B", 2), ("C", 2)]


def test_an_rst_literal_block_is_one_block_and_holds_no_title():
    text = "Use it::\n\n    Title\n    =====\n\n    code\n\nafter\n"
    found = [(block.kind, text[block.start : block.end]) for block in blocks(Document("d", text, markup="rst"))]
    assert found == [("text", "Use it::"), ("code", "Title\n    =====\n\n    code"), ("text", "after")]
