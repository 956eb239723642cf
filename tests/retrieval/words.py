"""Real parts that are small: an encoder that needs no model, and homes built with it.

The encoder hashes words into a vector, so that texts which share words are near; a property of the house that does not
depend on what a vector means is tested with it, in milliseconds.
"""

import re
import zlib
from collections.abc import Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from ingest.model import Document, digest
from ingest.split.split import split
from retrieval.parts import EncoderIdentity
from retrieval.search.hybrid import HybridSearch
from retrieval.vectors.cache import VectorCache
from retrieval.versions.candidate import new_candidate
from retrieval.versions.home import Home
from retrieval.versions.manifest import Manifest

DIMENSIONS = 32


class WordEncoder:
    """Text to unit vectors of hashed words; `window` counts words and signs."""

    def __init__(self, weights: str = "words", *, dimensions: int = DIMENSIONS, window: int = 64):
        self.identity = EncoderIdentity("words", digest(weights), dimensions, window, "float32", "one by one")
        self.encoded: list[str] = []

    languages = None

    def export(self):
        return None

    def prepare(self, export):
        pass

    def offsets(self, text):
        return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]

    def encode(self, texts, made=lambda *_: None):
        self.encoded += texts
        vectors = np.array([self.encode_query(text) for text in texts], dtype=np.float32).reshape(len(texts), -1)
        made(range(len(texts)), vectors)
        return vectors

    def encode_query(self, text, export=None):
        vector = np.full(self.identity.dimensions, 0.01, dtype=np.float32)
        for word in re.findall(r"\w+", text.casefold()):
            place = zlib.crc32(word.encode("utf-8", "surrogatepass"))
            vector[place % self.identity.dimensions] += 1 if place & 1 << 20 else -1
        return vector / np.linalg.norm(vector)


class Forgetting(dict):
    """What threads share, as one of them sees it while another clears it at the worst moment."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.clear()


ENCODER = WordEncoder()
TEXTS = {
    f"docs/{number:02}.md": f"Chapter {number}.\n\n"
    + " ".join(f"{word}{number % divisor}" for divisor, word in enumerate(["pump", "valve", "key", "pipe"] * 9, 2))
    for number in range(12)
}
QUESTIONS = ["pump1 valve2", "chapter 7", "key0 pipe3 pump5", "unheard"]
MODES = ["hybrid", "dense", "lexical"]


PUMPS = {
    "d/key": "the pump starts with the green key",
    "d/valve": "the valve closes with the red key",
    **{f"d/filler{number:02}": f"filler text of number {number} about pipes" for number in range(20)},
}


@contextmanager
def searching(folder: Path, texts):
    """The search of a new home that holds these texts."""
    build(folder, texts)
    with closing(Home(folder).open(encoder=ENCODER)) as version:
        yield HybridSearch(version, ENCODER)


def documents(texts: Mapping[str, str]) -> list[Document]:
    return [Document(name, text, title=name) for name, text in texts.items()]


def build(home: Path | Home, changes, *, removed=(), encoder=ENCODER, publish="probe") -> str:
    """The id of a child of the live version that has these documents too; published with that verdict unless None."""
    home = home if isinstance(home, Home) else Home(home)
    changes = documents(changes) if isinstance(changes, Mapping) else list(changes)
    with home.writing(), closing(VectorCache(home.path / "cache" / "vectors.sqlite", encoder.identity)) as cache:
        made = new_candidate(home, encoder, cache)
        for document in changes:
            made.put(document, split(document, made.offsets, made.split_settings), document.name)
        for name in removed:
            made.remove(name)
        id = made.finish()
    if publish is not None:
        home.record_verdict(id, {"status": publish})
        home.publish(id)
    return id


def ranked(search, query, **options):
    """What a search says, ready to be compared: ids and every score."""
    return [(hit.chunk.id, hit.score, hit.dense, hit.lexical) for hit in search(query, **options)]


def fingerprint(home, id=None):
    home = Home(home) if isinstance(home, Path) else home
    return Manifest.read(home.versions_folder / (id or home.live())).fingerprint


def answers(home, id=None, encoder=ENCODER):
    """Every ranked list that a version gives, with every score."""
    home = Home(home) if isinstance(home, Path) else home
    with closing(home.open(id, encoder=encoder)) as version:
        search = HybridSearch(version, encoder)
        return [ranked(search, question, mode=mode, k=50) for question in QUESTIONS for mode in MODES]


def two_versions(path):
    """A home with two versions, of which the second is live."""
    home = Home(path)
    return home, build(home, TEXTS), build(home, {"docs/x.md": "pump1"})
