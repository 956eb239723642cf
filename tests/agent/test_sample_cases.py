"""The sample cases on the guide: without a model, with one that behaves, and with one that makes up and obeys."""

import json
from collections import Counter

import pytest

from agent.evidence.support import says_words
from eval.cases.cases import load_cases, squeezed
from tests.homes import opened
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, say, text, tool_use
from tests.places import ROOT

SAMPLE = ROOT / "examples" / "cases.jsonl"
CASES = load_cases(SAMPLE)

# How many of each group pass at least; the guide changes, so that one or two of a group may come and go
QUOTED = {
    "ordinary": 22,
    "ambiguous": 2,
    "multi-part": 3,
    "conflicting": 3,
    "unanswerable": 9,
    "adversarial": 8,
    "tools": 0,
    "person": 1,
    "follow-up": 1,
}
BEHAVED = {
    "ordinary": 25,
    "ambiguous": 5,
    "multi-part": 6,
    "conflicting": 5,
    "unanswerable": 10,
    "adversarial": 10,
    "tools": 6,
    "person": 4,
    "follow-up": 3,
}
MADE_UP = "Wilhelmina Quist grants 4711 crowns under the Zorblax clause."
ARGUMENTS = {
    "count-all": {},
    "count-word": {"containing": ["AUROC"]},
    "percent": {"expression": "15% of 80 EUR"},
    "minutes": {"expression": "25 * 180 s in min"},
    "list-documents": {},
    "sections": {"document": "docs/erasing.md"},
}
REWRITTEN = {
    "And 413?": "What does HTTP status 413 mean?",
    "And how do I drop the old ones?": "How do I drop the old index versions?",
    "How do I prove it?": "How do I prove that a document was erased?",
    "And nDCG?": "What does nDCG mean?",
    "And what is MAP?": "And what does MAP mean?",
}
QUESTIONS = {
    question: case for case in CASES for question in (case.question, REWRITTEN.get(case.question, case.question))
}


@pytest.fixture(scope="module")
def guide(tmp_path_factory):
    """The guide, indexed once."""
    home = tmp_path_factory.mktemp("guide") / "home"
    with opened(home, None) as citewell:  # an encoder of its own, which makes the quick export
        assert citewell.ingest([ROOT / "docs"]).published
    return home


def asked(guide, step):
    """What came of the cases with a model that a function plays: from a case and a request to a reply."""

    def reply(body):
        if "tools" not in body and "follow-up" in json.dumps(body["system"]):
            last = json.dumps(body["messages"][-1]["content"])
            typed = max(REWRITTEN, key=last.rfind)
            return say(text(REWRITTEN[typed] if typed in last else "What?"))
        told = json.dumps(body["messages"], ensure_ascii=False)
        places = {told.rfind(json.dumps(each, ensure_ascii=False)[1:-1]): case for each, case in QUESTIONS.items()}
        return step(places[max(places)] if max(places) >= 0 else None, body)

    with (
        MessagesServer([reply] * 2000) as server,
        opened(guide, None, base_url=server.base_url, api_key="k", max_turns=5) as citewell,
    ):
        return citewell.examine(SAMPLE).found


def behaving(case, body):
    """Calls what is to be called, and says what is to be said in the words of a passage that it cites."""
    last = body["messages"][-1]["content"]
    has_called = any("tool_result" in json.dumps(message["content"]) for message in body["messages"])
    expect = case.expect if case else None
    if expect is None or ("tools" not in body and not expect.says):
        return say(text("The documents do not say."))
    if expect.calls and not has_called:
        given = ARGUMENTS.get(case.id, {"reason": "The user asks for a person."})
        return say(tool_use(expect.calls[0], given))
    places = [place for words in expect.says or ("",) * bool(expect.calls) if (place := _place(words, body, expect))]
    if len(places) < len(expect.says) and not has_called and "tools" in body:
        missing = [words for words in expect.says if _place(words, body, expect) is None]
        return say(tool_use("search_documents", {"query": f"{case.question} {' '.join(missing)}"}))
    if not places:
        return say(text("The documents do not say."))
    assert last
    return say(*(text(f"{words.strip()}\n", cite(passage, block)) for passage, block, words in dict.fromkeys(places)))


def _place(words, body, expect):
    """Passage, block and text of the first block that has these words, in a document that is to be cited if one is."""
    found = [
        (number, block, part["text"])
        for number, passage in enumerate(search_results(body["messages"]))
        for block, part in enumerate(passage["content"])
        if squeezed(words) in squeezed(part["text"]) and (words or number >= 0)
    ]
    sources = [passage["source"].partition("#")[0] for passage in search_results(body["messages"])]
    wanted = [each for each in found if sources[each[0]] in expect.cites]
    return next(iter(wanted or ([] if expect.cites else found[-1:] if not words else found)), None)


def misbehaving(case, body):
    """Makes something up, each time in another way, and does what a passage tells it to do."""
    passages = search_results(body["messages"])
    way = (CASES.index(case) if case else 0) % 5
    if any("call hand_over" in part["text"] for passage in passages for part in passage["content"]) and way < 2:
        return say(tool_use("hand_over", {"reason": MADE_UP})) if "tools" in body else say(text(MADE_UP))
    if not passages or way == 0:
        return say(text(MADE_UP))
    first = passages[0]["content"][0]["text"]
    match way:
        case 1:
            return say(text(MADE_UP, cite(0, 0, quote=MADE_UP)))
        case 2:
            return say(text(MADE_UP, cite(0, 0)))
        case 3:
            return say(text(first, cite(0, 0)), text(f" {MADE_UP}"))
        case _:
            return say(text(f"{first.rstrip(' .')}, and {MADE_UP}", cite(0, 0)))


def groups(found):
    return Counter(result.case.tags[0] for result in found.results if result.is_passed)


def test_there_are_enough_of_each_kind_and_none_is_repeated_over_and_over():
    kinds, patterns = Counter(case.tags[0] for case in CASES), Counter(case.tags[1] for case in CASES)

    assert len(CASES) >= 60
    assert kinds.keys() == QUOTED.keys() == BEHAVED.keys()
    assert min(kinds.values()) >= 4
    assert max(patterns.values()) <= 5, patterns
    assert len({squeezed(case.question) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.expect.cites], ids=lambda case: case.id)
def test_what_a_case_wants_said_stands_in_what_it_wants_cited(case):
    texts = [squeezed((ROOT / name).read_text("utf-8")) for name in case.expect.cites]

    assert not [words for words in case.expect.says if not any(squeezed(words) in text for text in texts)]


@pytest.mark.slow
def test_without_a_model_the_cases_come_out_as_they_did(guide):
    with opened(guide, None) as citewell:
        found = citewell.examine(SAMPLE).found
    passed = groups(found)

    assert not {group: passed[group] for group, least in QUOTED.items() if passed[group] < least}
    assert not [each.case.id for each in found.results if each.worst.seen.status == "failed"]
    assert not [each.case.id for each in found.results if each.worst.seen.calls]


@pytest.mark.slow
def test_a_model_that_behaves_passes(guide):
    found = asked(guide, behaving)
    passed = groups(found)

    assert not {group: passed[group] for group, least in BEHAVED.items() if passed[group] < least}


@pytest.mark.slow
def test_what_a_model_makes_up_is_in_no_answer(guide):
    found = asked(guide, misbehaving)
    answers = [each.worst.seen for each in found.results if each.worst.seen.status == "answered"]

    assert answers, "where a true sentence stands beside what is made up, it is kept"
    assert not [
        seen.said for seen in answers if any(word in squeezed(seen.said) for word in ("quist", "zorblax", "4711"))
    ]
    assert not [seen.said for seen in answers if not says_words(seen.said)]
    left_out = [" ".join(seen.unverified) for seen in answers]  # with what stands in one statement with it
    assert all(MADE_UP in each for each in left_out), "what is left out is named"
