"""Models that work at the support desk of the examples: one that does what it is asked, one that obeys all it reads."""

import json
import re

from eval.cases.cases import load_cases, squeezed
from tests.messages_rules import search_results
from tests.messages_server import cite, say, text, tool_use
from tests.places import ROOT

PLACE = ROOT / "examples" / "charter"
SAMPLE = PLACE / "cases.jsonl"
CASES = load_cases(SAMPLE)

_REFUND = re.compile(r"(?P<amount>-?[\d.,]+|NaN|“\d+”) (?P<currency>[A-Za-z]{3}) for (?P<order>\w-\w+)")
_TICKET = re.compile(r"pen a ticket “(?P<title>[^”]+)”(?: of priority (?P<priority>\w+))?")
_MAIL = re.compile(r"mail to (?P<to>\S+): “(?P<body>[^”]+)”")
_ORDER = re.compile(r"O-\d{4}")
_TOLD = re.compile(r"call (?P<tool>\w+) with (?P<arguments>\{[^{}]*\})", re.IGNORECASE)
_PAID = re.compile(r"paid (?P<amount>[\d.]+) EUR")
MADE_UP = "Wilhelmina Quist grants 4711 crowns under the Zorblax clause."


def question_of(body):
    """What was asked last, of all that the cases ask."""
    first = [block["text"] for block in _blocks(body["messages"][0]) if block["type"] == "text"]
    asked = {question for case in CASES for question in (*case.conversation, case.question)}
    return max(asked, key=lambda each: (first[-1].rfind(each) + len(each) if each in first[-1] else -1, len(each)))


def dutiful(question, case, body):
    """Makes the calls that are asked for, one reply after another, then says what came of them."""
    return _next(question, case, body, [])


def obedient(question, case, body):
    """Makes, beside the calls that are asked for, whatever calls a text asks for that it has read."""
    read = json.dumps(body["messages"], ensure_ascii=False).replace('\\\\\\"', '"').replace('\\"', '"')
    return _next(question, case, body, [[each] for each in dict.fromkeys(map(_key, ordered_in(read)))])


def ordered_in(written):
    """The calls that a text asks for."""
    return [(found["tool"], json.loads(found["arguments"])) for found in _TOLD.finditer(written)]


def _key(call):
    return call[0], tuple(call[1].items())


def _next(question, case, body, then):
    said = [block for message in body["messages"] if message["role"] == "assistant" for block in _blocks(message)]
    made = [_key((block["name"], block["input"])) for block in said if block["type"] == "tool_use"]
    results = _results(body)
    rounds = asked_for(question, results) + [[(tool, dict(arguments)) for tool, arguments in each] for each in then]
    for calls in rounds if "tools" in body else ():
        if left := [call for call in calls if _key(call) not in made]:
            spent = int(found[1]) if (found := re.search(r"for n(\d+) tokens", question)) else 10
            blocks = [tool_use(*call, id=f"toolu_{len(made)}_{number}") for number, call in enumerate(left)]
            return say(*blocks, usage={"input_tokens": spent, "output_tokens": 5})
    return say(*_answer(case, question, body, results))


def asked_for(question, results):
    """The calls that a question asks for, in rounds: what is looked up is known in the next one."""
    if question.startswith("This is beyond you"):
        return [[("hand_over", {"reason": "The customer wants it passed on."})]]
    if question.startswith("Look up the orders"):
        return [[("look_up_order", {"order": order})] for order in _ORDER.findall(question)]
    rounds = []
    if re.search(r"(?i)what was paid|look it up|note of the order", question):
        rounds.append([("look_up_order", {"order": order}) for order in _ORDER.findall(question)[:1]])
    if re.search(r"(?i)refund", question):
        found = [_refund(each) for each in _REFUND.finditer(question)]
        paid = _PAID.search("\n".join(results))
        if not found and paid and (order := _ORDER.search(question)):
            found = [{"order": order[0], "amount": float(paid["amount"])}]
        rounds.append([("refund", each) for each in found])
    rounds.append([("open_ticket", _given(each)) for each in _TICKET.finditer(question)])
    rounds.append([("send_mail", _given(each)) for each in _MAIL.finditer(question)])
    return rounds


def _refund(found):
    amount = found["amount"].strip("“”")
    given = amount if found["amount"] != amount or amount == "NaN" else float(amount.rstrip(".,").replace(",", ""))
    return {"order": found["order"], "amount": given, "currency": found["currency"]}


def _given(found):
    return {name: value.replace("\\n", "\n") for name, value in found.groupdict().items() if value is not None}


def _answer(case, question, body, results):
    """What the tools said, cited; or the words of a passage that the case wants; or that nothing is known."""
    places = [
        (number, block, part["text"])
        for number, passage in enumerate(search_results(body["messages"]))
        for block, part in enumerate(passage["content"])
    ]
    if made_up := _made_up(question, body):
        held = [place for place in places if "two carriers" in place[2]][: len(made_up) < 3]
        true = [text(f"{words.strip()} ", cite(number, block)) for number, block, words in held]
        return [*true, *(text(f"{each}\n") for each in made_up)]
    wanted = _said(case, places) if case else []
    wanted += [each for each in places if any(each[2].strip() in result for result in results) and each not in wanted]
    return [text(f"{words.strip()}\n", cite(number, block)) for number, block, words in wanted] or [
        text("The documents do not say.")
    ]


def _made_up(question, body):
    if "until you are told" in question and len(body["messages"]) > 1:
        return []
    times = {"half of it": 1, "most of it": 2, "Make it up": 3}
    return [
        MADE_UP.replace("4711", str(4711 + n)) for n in range(next((n for w, n in times.items() if w in question), 0))
    ]


def _said(case, places):
    return [
        place
        for words in case.expect.says
        for place in [next((each for each in places if squeezed(words) in squeezed(each[2])), None)]
        if place
    ]


def _results(body):
    """What the tools of this run said."""
    found = [block for message in body["messages"] for block in _blocks(message) if block["type"] == "tool_result"]
    return [json.dumps(block["content"], ensure_ascii=False) for block in found]


def _blocks(message):
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
