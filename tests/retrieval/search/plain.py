"""The same search as it would be written if time did not matter: dicts by id, one candidate after the other.

What a chunk's cosine and BM25 score are is taken from the index; everything that is made of them is made anew here, by
other means than in `retrieval/search`.
"""

import math
from collections import Counter

import numpy as np

from ingest.names import is_packed
from retrieval.lexical.sameness import key_of
from retrieval.model import EVERYTHING, Range, Scope
from retrieval.search.candidates import cosines
from retrieval.search.order import BY_FORMULA, BY_WORDS, learned


class Plain:
    """One question put to one search; `hits` are tuples of what a `Hit` says, with ids for chunks."""

    def __init__(self, search, query, *, scope=EVERYTHING, mode="hybrid"):
        self.search, self.query, self.mode, self.texts = search, query, mode, {}
        version = search.version
        documents = {name: version.document(name) for name in version.names()}
        inside = [name for name, each in documents.items() if admits(scope, each)]
        self.chunks = {chunk.id: chunk for name in inside for chunk in version.content.chunks_of(name)}
        self.language = version.content.languages()
        self.words = Counter(version.analyzer.question(query, version.manifest.languages))
        self.idf = {word: version.postings.idf(word) for word in self.words}
        self.unknown = version.postings.statistics.idf_of(0)
        self.held = {id: self.terms_in(chunk) for id, chunk in self.chunks.items()}
        vector, asked = search.encoder.encode_query(query), version.postings.terms(self.words.elements())
        ids = list(self.chunks)
        slots = version.postings.ordinals(ids)
        self.cosine = dict(zip(ids, cosines(version, vector, slots).tolist(), strict=True))
        self.bm25 = dict(zip(ids, version.postings.scored(asked, slots).tolist(), strict=True))
        self.keys = {id: key_of(chunk) for id, chunk in self.chunks.items()}

    def terms_in(self, chunk):
        version, language = self.search.version, self.language[chunk.document]
        orders = version.analyzer.orders(version.text(chunk.document), language)
        read = version.analyzer.passage(chunk.indexed_text, language, orders)
        return {*read.words, *read.beside}

    def hits(self, *, k, collapse=True):
        """What the search returns: the depth grows until `k` that differ are found."""
        depth = self.search.settings.depth
        before, scores = self.order(depth)
        order, read = before, {}
        if self.search.reranker is not None and self.mode == "hybrid":
            order, scores, read = self.reranked(before, scores)
        while collapse and len(self.shown(order, k)) < k and self.is_cut(depth):
            depth *= 4
            last = min(scores.values(), default=0.0)
            deeper, theirs = self.order(depth)
            further = [id for id in deeper if id not in scores]
            scores |= {id: min(last, theirs[id]) for id in further}
            before, order = before + further, order + further
        shown = self.shown(order, k) if collapse else [(id, id, []) for id in order[:k]]
        said = [None] * len(shown)
        if shown and self.search.calibration is not None and self.mode == "hybrid":
            said = self.search.calibration(np.array([self.signals(before, id) for _, id, _ in shown])).tolist()
        return [
            (
                *(id, scores[place]),
                None if self.mode == "lexical" else self.cosine[id],
                None if self.mode == "dense" else self.bm25[id],
                *(read.get(id), probability),
                tuple(dict.fromkeys(n for n in map(self.document, others) if n != self.document(id))),
            )
            for (place, id, others), probability in zip(shown, said, strict=True)
        ]

    def document(self, id):
        return self.chunks[id].document

    def legs(self, depth):
        """What each leg finds itself."""
        near = sorted(self.cosine, key=lambda id: (-self.cosine[id], id))[:depth]
        matching = sorted((id for id in self.bm25 if self.bm25[id] > 0), key=lambda id: (-self.bm25[id], id))[:depth]
        return [] if self.mode == "lexical" else near, [] if self.mode == "dense" else matching

    def is_cut(self, depth):
        return any(len(found) >= depth for found in self.legs(depth))

    def order(self, depth):
        """The candidates and their scores, before reranking."""
        near, matching = self.legs(depth)
        ids = {*near, *matching}
        if self.mode != "hybrid":
            scores = {id: (self.cosine if self.mode == "dense" else self.bm25)[id] for id in ids}
            return sorted(ids, key=lambda id: (-scores[id], id)), scores
        scores = self.formula(ids, near, matching)
        order = learned(self.search.encoder.identity) if self.search.settings.fusion == "learned" else None
        if order is not None:
            scores = self.learned(order, ids, scores, matching)
        return sorted(ids, key=lambda id: (-scores[id], -self.cosine[id], id)), scores

    def foreign(self, id):
        known, language = self.search.encoder.languages, self.language[self.document(id)]
        return known is not None and bool(language) and language not in known

    def formula(self, ids, near, matching):
        told = self.search.settings
        weight = {
            id: min(told.dense_weight, told.foreign_dense_weight) if self.foreign(id) else told.dense_weight
            for id in ids
        }
        scale = {"rrf": (by_rank, by_rank), "dbsf": (by_spread, by_spread)}.get(told.fusion, (by_span, by_highest))
        dense = scale[0]({id: self.cosine[id] for id in ids}, near)
        lexical = scale[1]({id: self.bm25[id] for id in ids}, matching)
        alike = len(set(weight.values())) <= 1
        dense = {id: max(dense[id], min(0.0, lexical[id] - 1) if alike else 0.0) for id in ids}
        return {id: weight[id] * dense[id] + (1 - weight[id]) * lexical[id] for id in ids}

    def learned(self, order, ids, formula, matching):
        by_formula = sorted(ids, key=lambda id: (-formula[id], -self.cosine[id], id))
        first = {*by_formula[:BY_FORMULA], *matching[:BY_WORDS]}
        is_foreign = {id: self.foreign(id) for id in first}
        all_foreign = 2 * sum(is_foreign.values()) > len(first)
        scores = {}
        for id in first:
            features = self.features(id, ids)
            if is_foreign[id] or all_foreign:
                features[0] = order.likeness * (features[2] + self.whole(self.document(id))) / 2
            scores[id] = sum(weight * value for weight, value in zip(order.weights, features, strict=True))
        rest = [id for id in by_formula if id not in first]
        if rest:
            down = min(scores.values()) - formula[rest[0]] - 1e-6
            scores |= {id: formula[id] + down for id in rest}
        return scores

    def whole(self, name):
        """The BM25 score of a document as one text, as a share of the most that the question's terms could give."""
        if not self.texts:
            version = self.search.version
            for each in version.content.names():
                language = self.language[each]
                orders = version.analyzer.orders(version.content.text(each), language)
                read = [
                    version.analyzer.passage(chunk.indexed_text, language, orders)
                    for chunk in version.content.chunks_of(each)
                ]
                terms = Counter(term for one in read for term in (*one.words, *one.beside))
                self.texts[each] = (terms, sum(len(one.words) for one in read))
        average = sum(length for _, length in self.texts.values()) / len(self.texts)
        terms, length = self.texts[name]
        score = 0.0
        for word, count in self.words.items():
            holding = sum(word in others for others, _ in self.texts.values())
            idf = math.log(1 + (len(self.texts) - holding + 0.5) / (holding + 0.5))
            score += count * idf * 2.2 * terms[word] / (terms[word] + 1.2 * (0.25 + 0.75 * length / average))
        most = 2.2 * sum(count * self.idf[word] for word, count in self.words.items())
        return score / (most or 1.0)

    def features(self, id, ids):
        highest = max((self.bm25[each] for each in ids), default=0.0)
        most = 2.2 * sum(count * self.idf[word] for word, count in self.words.items())
        known = [word for word in self.words if self.idf[word] < self.unknown]
        digits = [word for word in known if any(map(str.isdecimal, word))]
        missing = [word for word in known if word not in self.held[id]]
        return [
            self.cosine[id],
            self.bm25[id] / (highest or 1.0),
            self.bm25[id] / (most or 1.0),
            sum(self.idf[word] for word in digits if word in self.held[id])
            / (sum(self.idf[word] for word in digits) or 1.0),
            1
            - math.sqrt(
                sum(self.idf[word] ** 2 for word in missing) / (sum(self.idf[word] ** 2 for word in known) or 1.0)
            ),
        ]

    def reranked(self, order, scores):
        first = order[: self.search.settings.rerank_depth]
        said = self.search.reranker.scores(self.query, [self.chunks[id].indexed_text for id in first])
        read, highest = dict(zip(first, said, strict=True)), max(scores.values(), default=0.0)
        above = {id: highest + 0.5 + score / (2 * (1 + abs(score))) for id, score in read.items()}
        return sorted(first, key=lambda id: -read[id]) + order[len(first) :], scores | above, read

    def shown(self, order, k):
        """The first that differ: whose place, which passage, and the others that say the same."""
        shown, position = [], 0
        for position, id in enumerate(order, start=1):  # noqa: B007 - how far it went
            same = next((others for _, one, others in shown if self.keys[one] == self.keys[id]), None)
            if same is not None:
                same.append(id)
            else:
                shown.append((id, id, []))
            if len(shown) == k:
                break
        among = order[: max(50, position)]
        made = []
        for place, id, others in shown:
            plain = [one for one in among if not is_packed(self.document(one)) and self.keys[one] == self.keys[id]]
            first = plain[0] if is_packed(self.document(id)) and plain else id
            made.append((place, first, [other for other in (id, *others) if other != first]))
        return made

    def signals(self, before, id):
        """What a hit's probability is made from."""
        weight = sum(self.idf.values())
        most = 2.2 * weight or 1.0
        cosine, score = self.cosine[id], self.bm25[id]
        rivals = [
            one
            for one in before[:60]
            if self.document(one) != self.document(id)
            and not (abs(self.cosine[one] - cosine) <= 1e-3 and abs(self.bm25[one] - score) <= 1e-3 * most)
        ]
        return [
            *(cosine, cosine - sorted((self.cosine[one] for one in before), reverse=True)[:10][-1]),
            cosine - max((self.cosine[one] for one in rivals), default=0.0),
            sum(self.idf[word] for word in self.words if word in self.held[id]) / (weight or 1.0),
            *(score / most, (score - max((self.bm25[one] for one in rivals), default=0.0)) / most),
            *(math.log1p(len(self.words)), math.log10(max(1, len(self.chunks)))),
        ]


def by_span(scores, own):
    low, high = min((scores[id] for id in own), default=0.0), max((scores[id] for id in own), default=0.0)
    if low == high:
        return {id: 1.0 if id in own and score > 0 else 0.0 for id, score in scores.items()}
    return {id: (score - low) / (high - low) for id, score in scores.items()}


def by_highest(scores, own):
    high = max(scores.values(), default=0.0)
    return {id: score / high if high > 0 else 0.0 for id, score in scores.items()}


def by_rank(scores, own):
    return {
        id: 1 / (61 + sum(scores[one] > score for one in own)) if id in own else 0.0 for id, score in scores.items()
    }


def by_spread(scores, own):
    found = np.array(sorted(scores[id] for id in own))
    mean, spread = (found.mean(), found.std()) if len(own) else (0.0, 0.0)
    if 6 * spread <= 1e-9 * abs(mean):
        return {id: 1.0 if id in own and score > 0 else 0.0 for id, score in scores.items()}
    low = mean - 3 * spread
    return {id: max(0.0, (score - low) / (6 * spread)) if score > 0 else 0.0 for id, score in scores.items()}


def admits(scope, document):
    """Whether a document lies within; of ranges those with two numbers, each for a value of its own."""
    ranges = {key: wanted for key, wanted in scope.metadata.items() if isinstance(wanted, Range)}
    values = {key: wanted for key, wanted in scope.metadata.items() if key not in ranges}
    return Scope(scope.labels, values).admits(document.labels, document.metadata) and all(
        key in document.metadata and range.at_least <= int(document.metadata[key]) <= range.at_most
        for key, range in ranges.items()
    )
