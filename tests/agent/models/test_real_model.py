"""What holds with a real model behind a real server: llama.cpp's, which drops search results in silence."""

import asyncio
import json
import time
from urllib.request import Request, urlopen

import pytest

from agent.models.capabilities import Findings, found
from agent.models.claude import Claude
from agent.models.messages import build_request
from agent.models.model import ModelFailed, Question, WindowExceeded
from agent.models.prompt import Told
from agent.state import Passage, Reply, Token
from tests.homes import copied, opened
from tests.real_model import Absent, served, weights

pytestmark = pytest.mark.slow

KEY = "k-123"
BRIEF = Told("Be brief.", "Be brief.")
SAID = ("The server listens on port 8000.", "Change it with --port.", "Metrics are served on port 9100.")


@pytest.fixture(scope="module")
def model():
    try:
        return weights()
    except Absent as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="module")
def server(model):
    try:
        with served(model, context=3072, key=KEY) as server:
            yield server
    except Absent as absent:
        pytest.skip(str(absent))


def asked_of(passages):
    text = " ".join(SAID)
    starts = [text.index(each) for each in SAID]
    blocks = tuple((start, start + len(each)) for start, each in zip(starts, SAID, strict=True))
    shown = (Passage(n, "document", f"d{n}.md", "Ports", text, 0, len(text), blocks) for n in range(passages))
    return [Question("Which port does the server listen on?", tuple(shown))]


def ask(server, asked, *, key=KEY, max_tokens=24, **options):
    claude = Claude("smol", api_key=key, base_url=server.base_url, max_tokens=max_tokens, deadline=200, **options)

    async def items():
        try:
            return [item async for item in claude.reply(asked, ())], await claude.finding()
        finally:
            await claude.aclose()

    return asyncio.run(items())


def counted(server, passages, shape):
    body = build_request(asked_of(passages), (), model="smol", max_tokens=9, shape=shape)
    body.pop("max_tokens")
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    with urlopen(Request(f"{server.base_url}/v1/messages/count_tokens", json.dumps(body).encode(), headers)) as reply:
        return json.load(reply)["input_tokens"]


def test_the_model_sees_the_passages_in_the_shape_that_is_chosen_and_in_no_other(server):
    none, one, three = (counted(server, passages, "numbered") for passages in (0, 1, 3))
    assert none + 30 < one < three - 60
    assert len({counted(server, passages, "native") for passages in (0, 1, 3)}) == 1, "what this server drops"


def test_a_reply_is_streamed_in_the_shape_that_was_found_out(server):
    (*tokens, reply), finding = ask(server, asked_of(1))

    assert (finding.shape, "does not grow" in finding.how) == ("numbered", True)
    assert len(tokens) > 1
    assert all(isinstance(token, Token) for token in tokens)
    assert isinstance(reply, Reply)
    assert reply.usage.input_tokens + reply.usage.cache_read_tokens >= counted(server, 1, "numbered") - 5
    assert 0 < reply.usage.output_tokens <= 24


def test_a_model_taken_for_one_that_cites_is_given_text_as_soon_as_it_does_not(server):
    findings = Findings()
    findings.keep(server.base_url, "smol", found("native", "its token count grows by 99 with a search result"))
    (*tokens, reply), finding = ask(server, asked_of(1), findings=findings)

    assert reply.shape == "numbered"
    assert (finding.shape, "neither cited" in finding.how) == ("numbered", True)
    assert "".join(token.text for token in tokens) == reply.text


def test_a_wrong_key_is_told_with_what_to_do(server):
    with pytest.raises(ModelFailed, match=r"did not accept the key .*check ANTHROPIC_API_KEY"):
        ask(server, asked_of(1), key="k-wrong")


def test_more_than_the_model_reads_at_once_names_the_setting(server):
    with pytest.raises(ModelFailed, match=r"lower \[agent\] passages"):
        ask(server, asked_of(60))


def test_what_is_more_than_a_window_that_is_set_is_counted_by_the_server_and_not_sent(server):
    with pytest.raises(WindowExceeded, match="of the 700 that the model smol reads at once 676 are for it") as caught:
        ask(server, asked_of(8), window=700)
    assert caught.value.over == counted(server, 8, "numbered") - 676


def test_a_model_that_is_still_loading_is_waited_for(model):
    with served(model, context=1024, key=KEY, wait=False) as loading:
        until = time.monotonic() + 30
        while not (status := loading.health()):
            assert time.monotonic() < until
            time.sleep(0.01)
        items, finding = ask(loading, asked_of(0), max_tokens=4, told=BRIEF)

    assert status == 503
    assert isinstance(items[-1], Reply)
    assert finding.shape == "numbered"


def test_a_run_ends_honestly_whatever_a_small_model_says(server, encoder, furnished, tmp_path):
    home = copied(furnished, tmp_path / "home")
    bounds = {"passages": 1, "max_tokens": 32, "max_turns": 2, "deadline": 90}
    with opened(home, encoder, base_url=server.base_url, api_key=KEY, **bounds) as citewell:
        answer = citewell.ask("How long are logs kept?")

    if answer.status == "answered":
        assert any(letter.isalpha() for letter in answer.answer)
        assert answer.citations
        assert all(citation.quote for citation in answer.citations)
    else:
        assert answer.status in {"abstained", "failed"}
        assert answer.reason
        assert not answer.answer
