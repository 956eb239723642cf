"""What a server can do is found out once, whatever it is, and every one of them is shown the passages."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from agent.models.capabilities import FILE, Finding, Findings, Unanswered, find_out, found
from agent.models.claude import Claude
from agent.models.model import ModelFailed, Question, ToolSpec
from agent.state import Passage, Reply, Token
from tests.homes import copied, opened
from tests.messages_kinds import ANTHROPIC, COUNTS, LLAMA_CPP, OLLAMA, REFUSES_ALL, SHOWS, VLLM
from tests.messages_server import Fault, MessagesServer, cite, html, refuse, say, text, tool_use

PORT = "The server listens on port 8000."
SHOWN = (Passage(0, "document", "guide.md", "Ports", PORT, 0, len(PORT), ((0, len(PORT)),)),)
ASKED = [Question("Which port?", SHOWN)]
SEARCH = ToolSpec("search_documents", "Search.", {"type": "object", "properties": {"query": {"type": "string"}}})
OTHERS = (OLLAMA, LLAMA_CPP, VLLM, REFUSES_ALL, SHOWS)


@pytest.fixture(scope="module")
def home(tmp_path_factory, furnished):
    return copied(furnished, tmp_path_factory.mktemp("shapes") / "home")


def reading(sentence, question="?"):
    """A model of some sense: it names the number of a sentence that it was shown, and says so if it was not."""

    def reply(body):
        told = json.dumps(body["messages"], ensure_ascii=False)
        numbers = re.findall(rf"\[(\d+\.\d+)\] {re.escape(sentence)}", told)
        if not numbers:
            return say(text("I was given no passages, so the documents do not say."))
        return say(text(f'{sentence.rstrip(".")} [{numbers[-1]} "{" ".join(sentence.split()[:4])}"].'))

    return reply


def one(server, messages=ASKED, tools=(), model="m", findings=None, **options):
    """The reply of a model that is asked once."""
    claude = Claude(model, base_url=server.base_url, deadline=20, findings=findings, **options)

    async def last():
        try:
            return [item async for item in claude.reply(messages, tools)][-1]
        finally:
            await claude.aclose()

    reply = asyncio.run(last())
    assert isinstance(reply, Reply)
    return reply


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_whatever_a_server_keeps_of_a_request_its_model_sees_the_passages_and_is_cited(kind, home, encoder):
    with (
        MessagesServer([reading("Logs are kept for thirty days.")], like=kind) as server,
        opened(home, encoder, base_url=server.base_url, max_turns=1, deadline=20) as citewell,
    ):
        answer = citewell.ask("How long are logs kept?")
        events = citewell.journal.events(answer.run)

    assert answer.status == "answered", answer.reason
    assert answer.answer == "Logs are kept for thirty days. [1]"
    assert [citation.quote for citation in answer.citations] == ["Logs are kept for thirty days."]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (10, 5), "finding out is counted nowhere"
    assert len(server.requests) == 1, "and is no turn"
    (thought,) = [event.content for event in events if event.kind == "thought"]
    assert (thought["shape"], thought["text"]) == ("numbered", "Logs are kept for thirty days.")
    assert '"Logs are kept for"]' in thought["written"], "the journal has what the model wrote"


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_passages_that_a_tool_finds_are_seen_and_cited_too(kind, home, encoder):
    steps = [say(tool_use("search_documents", {"query": "backups Sunday"})), reading("They are encrypted.")]
    with (
        MessagesServer(steps, like=kind) as server,
        opened(home, encoder, base_url=server.base_url, deadline=20, passages=1) as citewell,
    ):
        answer = citewell.ask("How long are logs kept?")

    assert [citation.quote for citation in answer.citations] == ["They are encrypted."], answer.reason


def test_a_server_that_says_its_model_cites_is_given_search_results():
    with MessagesServer([say(text(PORT, cite(0, 0)))], like=ANTHROPIC) as server:
        reply = one(server)

    assert reply.shape == "native"
    assert server.requests[0].body["messages"][0]["content"][0]["type"] == "search_result"
    assert server.asked == ["/v1/models/m"], "one question was enough"


@pytest.mark.parametrize(
    ("kind", "last", "how"),
    [
        (LLAMA_CPP, "/v1/messages/count_tokens", "does not grow"),
        (VLLM, "/v1/messages/count_tokens", "refuses search results"),
        (OLLAMA, "/v1/messages", "did not see"),
        (REFUSES_ALL, "/v1/messages", "refuses search results"),
        (SHOWS, "/v1/messages", "cites none"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_server_is_asked_no_more_than_it_takes(kind, last, how, tmp_path):
    findings = Findings(tmp_path)
    with MessagesServer([reading(PORT)] * 2, like=kind) as server:
        assert one(server, findings=findings).shape == "numbered"
        asked = list(server.asked)
        assert asked[-1] == last
        assert how in findings.known(server.base_url, "m").how
        one(server, findings=Findings(tmp_path))  # another process
        assert server.asked == asked, "what was found is kept"


def test_a_model_that_names_numbers_where_it_was_to_cite_is_read_and_remembered(tmp_path):
    findings = Findings(tmp_path)
    with MessagesServer([say(text("It is port 8000 [1]."), stop="end_turn"), reading(PORT)], like=COUNTS) as server:
        first = one(server, findings=findings)
        second = one(server, findings=findings)

    assert [quote.text for segment in first.segments for quote in segment.quotes] == [PORT]
    assert "".join(segment.text for segment in first.segments) == "It is port 8000."
    assert "search_result" in json.dumps(server.requests[0].body)
    assert second.shape == "numbered"
    assert "search_result" not in json.dumps(server.requests[1].body)


def heard(server, findings=None, **options):
    """All that a model says that is asked once, aloud."""
    claude = Claude("m", base_url=server.base_url, deadline=20, findings=findings, **options)

    async def items():
        try:
            return [item async for item in claude.reply(ASKED, ())]
        finally:
            await claude.aclose()

    (*tokens, reply) = asyncio.run(items())
    assert all(isinstance(token, Token) for token in tokens)
    return "".join(token.text for token in tokens), reply


def test_a_model_that_neither_cites_nor_names_numbers_is_asked_again_with_text_and_remembered(tmp_path):
    findings = Findings(tmp_path)
    with MessagesServer([say(text("It is port 8000.")), *[reading(PORT)] * 2], like=COUNTS) as server:
        said, first = heard(server, findings)
        assert "search_result" in json.dumps(server.requests[0].body)
        assert "search_result" not in json.dumps(server.requests[1].body)
        assert [quote.text for segment in first.segments for quote in segment.quotes] == [PORT]
        assert said.strip() == first.text == PORT, "no word of the first try was told"
        assert (first.usage.input_tokens, first.usage.output_tokens) == (20, 10), "both are paid for"
        assert "neither cited" in Findings(tmp_path).known(server.base_url, "m").how
        assert one(server, findings=Findings(tmp_path)).shape == "numbered"
        assert len(server.requests) == 3


def test_a_run_on_a_server_that_counts_search_results_and_cites_none_is_answered(home, encoder):
    steps = [say(text("Logs are kept for thirty days.")), reading("Logs are kept for thirty days.")]
    with (
        MessagesServer(steps, like=COUNTS) as server,
        opened(home, encoder, base_url=server.base_url, max_turns=1, deadline=20) as citewell,
    ):
        answer = citewell.ask("How long are logs kept?")

    assert answer.status == "answered", answer.reason
    assert [citation.quote for citation in answer.citations] == ["Logs are kept for thirty days."]
    assert len(server.requests) == 2


@pytest.mark.parametrize("second", [refuse(400, "invalid_request_error", "too clever"), say(text(""), end_after=1)])
def test_where_asking_again_fails_the_words_of_the_first_try_stand(second):
    with MessagesServer([say(text("It is port 8000.")), *[second] * 9], like=COUNTS) as server:
        said, reply = heard(server, backoff=0.001)
    assert said == reply.text == "It is port 8000."


def test_once_a_model_has_cited_it_may_answer_without(tmp_path):
    findings = Findings(tmp_path)
    steps = [say(text(PORT, cite(0, 0))), say(text("The documents do not say."))]
    with MessagesServer(steps, like=COUNTS) as server:
        assert heard(server, findings)[0] == PORT
        assert findings.known(server.base_url, "m").proved
        assert heard(server, Findings(tmp_path))[1].shape == "native"
        assert len(server.requests) == 2


def test_what_calls_a_tool_is_no_answer_and_is_not_asked_again():
    with MessagesServer([say(text("I search."), tool_use("search_documents", {"query": "x"}))], like=COUNTS) as server:
        reply = one(server, tools=(SEARCH,))
    assert (reply.stop, reply.shape) == ("calls", "native")


def test_who_asks_thoroughly_has_a_search_result_repeated_though_it_is_counted():
    grown = iter((10, 99))

    async def count():
        return next(grown)

    asked = Asked(count=count, say={"content": [{"type": "text", "text": "I see none."}]})
    assert asyncio.run(find_out(asked, is_anthropic=False, thorough=True)).shape == "numbered"
    grown = iter((10, 99))
    silent = asyncio.run(find_out(Asked(count=count), is_anthropic=False, thorough=True))
    assert (silent.shape, silent.proved) == ("native", False)


def test_what_an_earlier_version_found_is_known_and_not_proved(tmp_path):
    findings = Findings(tmp_path)
    findings.keep("http://a", "m", found("native", "its token count grows by 90 with a search result"))
    told = json.loads((tmp_path / FILE).read_text())
    del told["models"]["http://a m"]["proved"]
    (tmp_path / FILE).write_text(json.dumps(told))
    assert not Findings(tmp_path).known("http://a", "m").proved


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("[1.1] The server listens on", ""),
        (f"[1.1] {PORT}\n[1.1] The server", f"{PORT}\n"),
        ('It listens on port 8000 [1.1]. And the [1.1 "The ser', "It listens on port 8000."),
        ("It listens on port 8000 [1.1]", "It listens on port 8000"),
        ("It listens on", ""),
    ],
)
def test_of_a_reply_that_was_cut_off_the_sentence_that_was_torn_is_dropped_wherever_its_mark_stands(written, kept):
    with MessagesServer([say(text(written), stop="max_tokens")], like=LLAMA_CPP) as server:
        reply = one(server)

    assert (reply.stop, reply.text) == ("length", kept)


def test_a_mark_that_names_nothing_changes_nothing(tmp_path):
    with MessagesServer([say(text("The list [3] and rows[1] are open."))], like=COUNTS) as server:
        reply = one(server, findings=Findings(tmp_path))

    assert (reply.shape, reply.text) == ("native", "The list [3] and rows[1] are open.")


def test_a_server_that_refuses_after_all_is_asked_again_with_text_at_once(tmp_path):
    findings = Findings(tmp_path)
    with MessagesServer([reading(PORT)] * 2, like=VLLM) as server:
        findings.keep(server.base_url, "m", found("native", "it was another server then"))
        assert one(server, findings=findings).shape == "numbered"
        assert server.asked == []
        assert "refused" in findings.known(server.base_url, "m").how


@pytest.mark.parametrize("shape", ["native", "numbered"])
def test_a_shape_that_is_set_is_neither_asked_for_nor_changed(shape):
    with MessagesServer([say(text("Yes."))], like=COUNTS) as server:
        assert one(server, citations=shape).shape == shape
        assert server.asked == []
        assert ("search_result" in json.dumps(server.requests[0].body)) == (shape == "native")


def test_search_results_that_are_set_and_refused_name_the_setting():
    with MessagesServer([], like=VLLM) as server, pytest.raises(ModelFailed, match=r'set \[agent\] citations = "auto"'):
        one(server, citations="native")


def test_a_model_that_takes_no_tools_is_named_as_the_cause_with_what_to_do():
    with MessagesServer([reading(PORT)], like=OLLAMA) as server:
        with pytest.raises(ModelFailed, match=r"cannot offer tools to the model deaf:1b .*; choose a model that can"):
            one(server, tools=(SEARCH,), model="deaf:1b")
        assert one(server, model="deaf:1b").text, "without tools it answers"


def test_a_server_that_refuses_both_shapes_says_so():
    steps = [refuse(400, "invalid_request_error", "messages: too clever")] * 2
    with (
        MessagesServer(steps, like=COUNTS) as server,
        pytest.raises(ModelFailed, match=r"refused .* as text .*too clever"),
    ):
        one(server)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "fault", [Fault(503, b'{"error": {"message": "Loading model"}}'), refuse(401, "authentication_error", "no")]
)
def test_what_could_not_be_asked_is_text_for_now_and_asked_again_later(fault, tmp_path, monkeypatch):
    findings = Findings(tmp_path)
    with MessagesServer([reading(PORT), reading(PORT)], like=LLAMA_CPP) as server:
        about = server.about
        monkeypatch.setattr(server, "about", lambda *_: fault)
        assert one(server, findings=findings).shape == "numbered"
        assert findings.known(server.base_url, "m") is None
        monkeypatch.setattr(server, "about", about)
        one(server, findings=findings)
        assert findings.known(server.base_url, "m").shape == "numbered"


class Asked:
    """A server that can be asked; what is not given cannot be answered."""

    def __init__(self, **answers):
        self.answers = answers

    def __getattr__(self, name):
        async def answer(*_):
            given = self.answers.get(name, Unanswered(404, "status 404"))
            if isinstance(given, Exception):
                raise given
            return await given() if callable(given) else given

        return answer


async def for_ever():
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("server", "shape", "lasting"),
    [
        (Asked(capabilities={"capabilities": {"citations": {"supported": True}}}), "native", True),
        (Asked(capabilities={"capabilities": {"citations": {"supported": False}}}), "numbered", True),
        (Asked(), "native", False),
        (Asked(capabilities={}), "native", False),
        (Asked(capabilities=Unanswered(None, "no connection")), "native", False),
        (Asked(capabilities=for_ever), "native", False),
    ],
)
def test_anthropics_own_server_cites_unless_it_says_otherwise(server, shape, lasting):
    finding = asyncio.run(find_out(server, is_anthropic=True, seconds=0.05))

    assert (finding.shape, finding.lasting) == (shape, lasting)


@pytest.mark.parametrize(
    "server",
    [
        Asked(capabilities=for_ever),
        Asked(count=for_ever),
        Asked(say=for_ever),
        Asked(count=Unanswered(500, "broken")),
        Asked(say=Unanswered(None, "no connection")),
        Asked(count=Unanswered(429, "later")),
    ],
)
def test_any_fault_while_a_server_is_asked_means_text_and_is_not_kept(server):
    finding = asyncio.run(find_out(server, is_anthropic=False, seconds=0.05))

    assert (finding.shape, finding.lasting) == ("numbered", False)


def test_a_server_too_slow_to_say_is_not_waited_for_with_every_question(monkeypatch):
    monkeypatch.setattr("agent.models.capabilities.SECONDS", 0.05)

    assert asyncio.run(find_out(Asked(count=for_ever), is_anthropic=False, seconds=0.05)).lasting
    assert not asyncio.run(find_out(Asked(count=for_ever), is_anthropic=False, seconds=0.04)).lasting, "had less time"
    assert not asyncio.run(find_out(Asked(capabilities=for_ever), is_anthropic=True, seconds=0.05)).lasting


def test_a_count_that_is_always_the_same_counts_no_passage():
    finding = asyncio.run(find_out(Asked(count=17), is_anthropic=False))

    assert (finding.shape, finding.lasting) == ("numbered", True)


def test_pages_instead_of_what_is_asked_mean_text(monkeypatch):
    with MessagesServer([reading(PORT)], like=COUNTS) as server:
        monkeypatch.setattr(server, "about", lambda *_: html())
        assert one(server).shape == "numbered"


@pytest.mark.parametrize("told", [["completion"], {"citations": True}, {"citations": {"supported": "yes"}}, None, 7])
def test_capabilities_of_another_form_say_nothing(told):
    asked = Asked(capabilities={"capabilities": told}, say={"content": None})

    assert asyncio.run(find_out(asked, is_anthropic=False)).shape == "numbered"


def test_findings_are_kept_by_address_and_model_and_not_for_ever(tmp_path):
    findings = Findings(tmp_path)
    old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    findings.keep("http://a", "m", found("native", "it cites"))
    findings.keep("http://a", "old", Finding("native", "it cites", old))
    findings.keep("http://a", "future", Finding("native", "it cites", "2999-01-01T00:00:00+00:00"))
    findings.keep("http://a", "passing", found("native", "it cites", lasting=False))

    again = Findings(tmp_path)
    assert again.known("http://a", "m").shape == "native"
    for address, model in (
        ("http://b", "m"),
        ("http://a", "n"),
        *(("http://a", n) for n in ("old", "future", "passing")),
    ):
        assert again.known(address, model) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"schema": 1, "models": {"a m": {"shape": "odd"}}}', "\xff"])
def test_a_damaged_file_of_findings_holds_nothing_and_is_written_anew(damage, tmp_path):
    (tmp_path / FILE).write_bytes(damage.encode("latin-1"))
    findings = Findings(tmp_path)

    assert findings.known("a", "m") is None
    findings.keep("a", "m", found("numbered", "it drops them"))
    assert Findings(tmp_path).known("a", "m").shape == "numbered"


def test_where_the_home_cannot_be_written_findings_are_kept_in_memory(tmp_path):
    findings = Findings(tmp_path / "absent")
    findings.keep("a", "m", found("numbered", "it drops them"))

    assert findings.known("a", "m").shape == "numbered"
    assert not (tmp_path / "absent").exists()


def test_what_was_found_is_shown_by_readiness_and_a_bad_address_is_a_reason(home, encoder):
    with (
        MessagesServer([reading("Logs are kept for thirty days.")], like=OLLAMA) as server,
        opened(home, encoder, base_url=server.base_url, deadline=20) as citewell,
    ):
        assert citewell.readiness().citations is None, "nobody asked yet, and readiness asks nobody"
        assert server.asked == []
        citewell.ask("How long are logs kept?")
        shown = citewell.readiness().citations
        assert (shown.shape, shown.lasting) == ("numbered", True)

    with opened(home, encoder, base_url="nowhere") as citewell:
        assert "base URL is not an address" in citewell.readiness().reasons[0]
    with opened(home, encoder) as citewell:
        assert citewell.readiness().citations is None


def test_debug_says_on_stderr_how_the_passages_went(home, monkeypatch, capsys):
    from agent.cli import main

    with MessagesServer([reading("Logs are kept for thirty days.")], like=VLLM) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        with pytest.raises(SystemExit) as ended:
            main(["ask", "How long are logs kept?", "--debug", "--json", "--home", str(home)])
    told = capsys.readouterr()

    assert ended.value.code == 0
    assert json.loads(told.out)["status"] == "answered"
    assert "passages went to claude-sonnet-5-5 as numbered: it refuses search results" in told.err


def test_the_words_that_come_have_no_marks_in_them():
    with MessagesServer([reading(PORT)], like=LLAMA_CPP) as server:
        claude = Claude("m", base_url=server.base_url, deadline=20)

        async def words():
            try:
                return [item.text async for item in claude.reply(ASKED, ()) if isinstance(item, Token)]
            finally:
                await claude.aclose()

        assert "".join(asyncio.run(words())) == PORT
