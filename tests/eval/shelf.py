"""A small working corpus and search, to evaluate and to spoil.

The lexical leg weighs shared words by rarity, the dense leg compares hashed letter triples: both are real rankings
computed from text, so that a spoiled one is worse for the reason a real one would be.
"""

import math
import random
import re
import zlib
from collections import defaultdict
from dataclasses import replace

import numpy as np

from eval.gold.gold import Gold, GoldQuery, Relevant
from ingest.model import Chunk
from retrieval.model import EVERYTHING, Hit


class Shelf:
    """Documents by name, each paragraph a chunk."""

    def __init__(self, documents: dict[str, str]):
        self.documents = documents
        self.chunks = [
            Chunk(name, match.start(), match.end(), match[0])
            for name, text in documents.items()
            for match in re.finditer(r"[^\n]+(\n[^\n]+)*", text)
        ]
        self.postings = defaultdict(list)
        for place, chunk in enumerate(self.chunks):
            for word in _words(chunk.text):
                self.postings[word].append(place)
        self.vectors = np.stack([_vector(chunk.text) for chunk in self.chunks]) if self.chunks else np.zeros((0, 512))

    def names(self):
        return sorted(self.documents)

    def text(self, name):
        return self.documents.get(name)

    def sample(self, n, *, seed):
        return random.Random(seed).sample(self.chunks, min(n, len(self.chunks)))

    def search(self, query, *, k=10, scope=EVERYTHING, mode="hybrid"):
        lexical, dense = self.lexical(query), self.dense(query)
        if mode == "lexical":
            scores = lexical
        elif mode == "dense":
            scores = dense
        else:
            scores = lexical / (lexical.max(initial=0) or 1) + dense
        order = sorted(np.flatnonzero(scores > 0), key=lambda i: (-scores[i], self.chunks[i].id))[:k]
        return [Hit(self.chunks[i], float(scores[i]), float(dense[i]), float(lexical[i])) for i in order]

    def lexical(self, query):
        scores = np.zeros(len(self.chunks))
        for word in _words(query) & self.postings.keys():
            scores[self.postings[word]] += math.log(1 + len(self.chunks) / len(self.postings[word]))
        return scores

    def dense(self, query):
        return self.vectors @ _vector(query)


def spoiled(search, spoil):
    """The same search with its list of hits passed through `spoil(hits, mode)`."""
    return lambda query, *, k=10, scope=EVERYTHING, mode="hybrid": spoil(search(query, k=k, mode=mode), mode)


def rescored(hits, order):
    """The hits in another order, with the scores that the places have."""
    return [replace(hits[i], score=hits[place].score) for place, i in enumerate(order)]


def library(documents=60, *, seed=7):
    """A corpus of invented words in which each document has some of its own, and gold that asks with them."""
    rng = random.Random(seed)
    common = [_invented(rng) for _ in range(300)]
    texts, queries = {}, []
    for number in range(documents):
        own = [_invented(rng) for _ in range(6)]
        paragraphs = [" ".join(rng.choices(common, k=25) + rng.sample(own, k=3)) for _ in range(3)]
        name = f"lib/{number:03}.md"
        texts[name] = "\n\n".join(paragraphs)
        asked = [*rng.choices(common, k=4), rng.choice(own)]
        quote = " ".join(paragraphs[0].split()[:10])
        relevant = (Relevant(name, quote=quote), Relevant(f"lib/{(number + 1) % documents:03}.md"))
        queries.append(GoldQuery(f"q{number}", " ".join(asked), relevant))
    return Shelf(texts), Gold(tuple(queries), "citewell", "digest")


def _invented(rng):
    return "".join(rng.choice("bcdfghjklmnprstvz") + rng.choice("aeiou") for _ in range(4))


def _words(text):
    runs = re.findall(r"\w+", text.casefold())
    return {term for run in runs for term in ([run] if run.isascii() else [run[i : i + 2] for i in range(len(run))])}


def _vector(text):
    vector = np.zeros(512)
    for word in re.findall(r"\w+", text.casefold()):
        padded = f" {word} "
        for i in range(len(padded) - 2):
            vector[zlib.crc32(padded[i : i + 3].encode()) % 512] += 1
    return vector / (np.linalg.norm(vector) or 1)
