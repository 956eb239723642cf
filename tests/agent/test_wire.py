"""The parts as one thing: the same in a script as on the command line."""

import asyncio
import json
import logging
import sys
from contextlib import aclosing, closing
from dataclasses import asdict, replace

import pytest

from agent.answer import Answer
from agent.commands.lines import sources
from agent.journal.journal import Journal, NoSuchRun
from agent.limits import BadRequest
from agent.results import answer_json, search_json
from agent.settings import AgentSettings, QdrantSettings, Settings
from agent.state import Abstained, Answered
from agent.wire import Citewell, open_citewell
from eval.gold.gold import BadGold
from ingest.options import Options
from retrieval.model import Scope
from retrieval.search.settings import SearchSettings
from retrieval.versions.home import NoIndex
from retrieval.versions.manifest import DamagedIndex
from tests.homes import PUBLIC, write
from tests.ingest.read.pdf.made_pdf import at, pdf
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, say, text

PROMISED = {
    *("run", "status", "answer", "citations", "tested", "index_version", "model"),
    *("usage", "cost", "escalation", "reason", "unverified", "nearest", "cut", "model_asked"),
}


@pytest.fixture
def make(home, quick):
    opened = []

    def make(place=home, base_url=None, **agent):
        citewell = Citewell(
            Settings(
                home=place,
                agent=AgentSettings(**agent),
                retrieval=SearchSettings(dense_weight=0.1),
                base_url=base_url,
            ),
            encoder=quick,
        )
        opened.append(citewell)
        return citewell

    yield make
    for citewell in opened:
        citewell.close()


def thirty(body):
    for number, result in enumerate(search_results(body["messages"])):
        for block, content in enumerate(result["content"]):
            if "thirty days" in content["text"]:
                return say(text("Thirty days.", cite(number, block)))
    raise AssertionError("the passage was not found")


def test_what_encodes_a_question_is_opened_while_the_version_is_where_one_is_to_be_encoded(make, quick, monkeypatch):
    exports = []
    monkeypatch.setattr(type(quick), "prepare", lambda _, export: exports.append(export))

    make().search("logs", mode="lexical")
    assert exports == []
    citewell = make()
    citewell.search("logs")
    assert exports == [citewell.version().manifest.query_model]
    make().ask("How long are logs kept?")
    assert len(exports) == 2


def test_a_citation_names_the_page_as_it_is_printed_and_its_sheet(make, tmp_path):
    said = ("The preface thanks the crews.", "The contents list four parts.", "The oil lasts thirty days at sea.")
    numbers = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>"
    path = write(tmp_path / "ferry", {}) / "ferry.pdf"
    path.write_bytes(pdf(*(at(72, 700, sentence) for sentence in said), catalog=numbers))
    with MessagesServer([thirty]) as server:
        citewell = make(tmp_path / "home", base_url=server.base_url)
        citewell.ingest([path.parent])
        answer = citewell.ask("How long does the oil last?")
    (citation,) = answer_json(answer)["citations"]
    assert (citation["quote"], citation["page"], citation["page_label"]) == (said[2], 3, "1")
    assert "ferry/ferry.pdf, page 1 (sheet 3), characters" in sources(answer.citations)
    hits = search_json(citewell.search("oil", mode="lexical"))["hits"]
    assert {(hit["page"], hit["page_label"]) for hit in hits} == {(1, "i")}, "the passage begins on the first page"
    assert citewell.journal.events(answer.run)[-1].content["citations"][0]["page_label"] == "1"


def test_an_answer_holds_what_the_command_line_promises(make):
    with MessagesServer([thirty]) as server:
        citewell = make(base_url=server.base_url)
        answer = citewell.ask("How long are logs kept?")

    shown = answer_json(answer)
    assert shown.keys() >= PROMISED | {"schema"}
    assert (answer.status, answer.answer, answer.tested) == ("answered", "Thirty days. [1]", "probe")
    assert answer.index_version == citewell.home.live()
    assert (answer.model, answer.model_asked) == ("claude-sonnet-5-5", "claude-sonnet-5-5")
    assert shown["citations"][0].keys() >= {"kind", "document", "title", "page", "start", "end", "quote", "call"}
    assert (shown["usage"]["input_tokens"], answer.cost, answer.reason) == (10, None, None)
    events = citewell.journal.events(answer.run)
    assert events[-1].content["answer"] == answer.answer
    release = events[0].content["release"]
    assert release.pop("evidence") is None, "of this encoder nobody knows how likely its hits are to be relevant"
    assert (release.pop("reranker"), release.pop("effort")) == (None, None)
    assert release.pop("routes") == {"fast": "claude-sonnet-5-5", "strong": "claude-sonnet-5-5"}
    assert {key: bool(value) for key, value in release.items()} == dict.fromkeys(
        ("index_version", "fingerprint", "prompt", "model", "max_tokens", "max_turns", "tools", "charter", "plugins"),
        True,
    )


def test_of_two_models_the_release_names_both_and_the_one_that_the_rules_name_is_asked(make):
    agent = {"fast_model": "claude-haiku-5-5", "price_input": 3.0, "price_output": 15.0, "effort": "high"}
    with MessagesServer([thirty]) as server:
        citewell = make(base_url=server.base_url, **agent)
        answer = citewell.ask("How long are logs kept?")
        (request,) = server.requests

    started, *_ = events = citewell.journal.events(answer.run)
    assert started.content["release"]["routes"] == {"fast": "claude-haiku-5-5", "strong": "claude-sonnet-5-5"}
    (thought,) = [event for event in events if event.kind == "thought"]
    assert thought.content["route"] == {
        "model": "claude-sonnet-5-5",
        "fast": False,
        "reason": "how likely a passage is to answer is not known",
    }
    assert (request.body["model"], request.body["output_config"]) == ("claude-sonnet-5-5", {"effort": "high"})
    assert answer.cost == round((10 * 3 + 5 * 15) / 1e6, 6)


@pytest.mark.slow
def test_a_model_whose_server_is_down_makes_a_failed_answer(make):
    answer = make(base_url="http://127.0.0.1:9").ask("How long are logs kept?")

    assert (answer.status, answer.answer, answer.citations) == ("failed", "", ())
    assert "127.0.0.1:9" in answer.reason
    near = answer_json(answer)["nearest"][0]
    assert near.keys() >= {"document", "page", "start", "end", "text", "probability"}
    assert near["document"] == "guide/logs.md"


@pytest.mark.slow
def test_what_came_nearest_is_told_with_what_stands_around_it(make):
    answer = make(base_url="http://127.0.0.1:9").ask("How long are logs kept?")

    near = next(each for each in answer_json(answer)["nearest"] if each["document"] == "guide/logs.md")
    context = near["context"]
    assert (context["before"], context["headings"]) == ("", ("Logs",))
    assert context["after"].strip() == "After that a nightly job deletes them."
    assert context["text"][context["start"] : context["end"]] == near["text"] == "Logs are kept for thirty days."


@pytest.mark.slow
def test_what_stands_around_a_quote_and_cannot_be_read_takes_nothing_from_the_answer(make, monkeypatch):
    citewell = make(base_url="http://127.0.0.1:9")

    def damaged(self, name):
        raise DamagedIndex("The version is damaged: ingest again.")

    monkeypatch.setattr(type(citewell.version()), "document", damaged)
    answer = citewell.ask("How long are logs kept?")
    assert (answer.status, answer.nearest[0].context.text) == ("failed", answer.nearest[0].quote)


def test_the_model_is_named_as_its_server_names_it(make):
    with MessagesServer([lambda body: replace(thirty(body), model="smollm2.gguf")]) as server:
        answer = make(base_url=server.base_url).ask("How long are logs kept?")

    assert (answer.model, answer.model_asked) == ("smollm2.gguf", "claude-sonnet-5-5")


@pytest.mark.parametrize(("price", "cost"), [(None, None), (0, 0), (1000, 0.015)])
def test_cost_is_what_the_settings_say_and_nothing_where_they_say_nothing(make, price, cost):
    with MessagesServer([thirty]) as server:
        answer = make(base_url=server.base_url, price_input=price, price_output=price).ask("How long are logs kept?")

    assert answer.cost == cost


def test_a_question_to_which_the_scope_holds_nothing_is_abstained(make):
    answer = make().ask("What is the canary salary?", scope=Scope(frozenset({"nobody"})))

    assert (answer.status, answer.reason) == ("abstained", "Nothing in the documents matches the question.")


def test_a_run_that_goes_on_is_seen_to_by_others(make):
    citewell = make()
    seen = []

    async def asked():
        async with aclosing(citewell.run("How long are logs kept?")) as items:
            async for _ in items:
                with closing(Journal(citewell.home.path / "journal.sqlite", read_only=True)) as others:
                    seen.append(others.runs()[0].status)

    asyncio.run(asked())
    assert seen[0] == "running"
    assert seen[-1] in {"answered", "abstained"}
    assert "killed" not in seen


@pytest.mark.parametrize("text", ["", " \t\n", "x" * 4001, None, 7])
def test_what_the_command_refuses_to_be_asked_a_script_is_refused_too(make, text):
    citewell = make()
    with pytest.raises(BadRequest, match="ask in"):
        citewell.ask(text)
    with pytest.raises(BadRequest, match="ask in"):
        citewell.search(text)


@pytest.mark.parametrize("k", [0, -1, 201, 2.0, True, "3", None])
def test_so_is_a_number_of_passages_that_cannot_be(make, k, tmp_path):
    with pytest.raises(BadRequest, match="from 1 to 200"):
        make().search("logs", k=k)
    if k != 201:
        with pytest.raises(BadRequest, match="from 1 to 1,000"):
            make().evaluate(tmp_path / "gold.jsonl", k=k)


def test_so_is_a_mode_that_there_is_not(make):
    with pytest.raises(BadRequest, match="hybrid, dense, lexical"):
        make().search("logs", mode="both")


@pytest.mark.parametrize(
    "scope",
    [
        *(Scope(frozenset({label})) for label in ("", 7)),
        Scope("hr"),
        *(Scope(metadata={key: "x"}) for key in ("", 7)),
        *(Scope(metadata={"year": value}) for value in (2024, None, [], ["2024"], (), frozenset(), ("a", frozenset()))),
        Scope(metadata={"year": frozenset({2024})}),
    ],
)
def test_so_is_a_scope_that_cannot_be_what_was_meant(make, scope):
    citewell = make()
    for ask in (citewell.ask, citewell.search):
        with pytest.raises(BadRequest, match=r"give|leave it out"):
            ask("How long are logs kept?", scope=scope)


@pytest.mark.parametrize(
    "options",
    [
        *(Options(labels) for labels in (frozenset({""}), frozenset({7}), "hr")),
        *(Options(metadata=metadata) for metadata in ({"": "x"}, {"year": 2024}, {"year": ["2024"]}, {7: "x"})),
    ],
)
def test_so_is_what_no_document_can_carry(make, options, tmp_path):
    citewell = make()
    live = citewell.home.live()
    with pytest.raises(BadRequest, match="give"):
        citewell.ingest(tmp_path, options=options)
    assert citewell.home.live() == live


def test_search_sees_only_the_scope(make):
    citewell = make()

    everywhere = citewell.search("canary salary", k=20).hits
    within = citewell.search("canary salary", k=20, scope=Scope(frozenset({"open"}))).hits
    assert {hit.chunk.document.partition("/")[0] for hit in everywhere} == {"guide", "hr"}
    assert {hit.chunk.document.partition("/")[0] for hit in within} == {"guide"}


def test_a_run_gives_its_states_and_last_its_answer(make):
    async def follow():
        async with aclosing(make().run("Which port does the server listen on?", run_id="r-mine")) as items:
            return [item async for item in items]

    items = asyncio.run(follow())

    assert isinstance(items[-2], Answered | Abstained)
    assert isinstance(items[-1], Answer)
    assert items[-1].run == "r-mine"


@pytest.mark.slow
def test_a_version_that_is_published_meanwhile_is_served_from_then_on(make, tmp_path):
    folder = write(tmp_path / "guide", PUBLIC)
    reader, writer = make(tmp_path / "home"), make(tmp_path / "home")
    first = writer.ingest([folder])
    assert reader.search("grue").index_version == first.index_version
    write(folder, {"grue.md": "# Grue\n\nThe grue is a sinister, lurking presence in the dark places of the earth.\n"})
    second = writer.ingest([folder])

    found = reader.search("grue")
    assert found.index_version == second.index_version
    assert found.hits[0].chunk.document == "guide/grue.md"


@pytest.mark.slow
def test_an_older_version_that_a_run_was_replayed_over_is_let_go_so_that_an_erasure_is_done(make, tmp_path):
    citewell = make()
    answer = citewell.ask("How long are logs kept?")
    citewell.ingest([write(tmp_path / "more", {"kettle.md": "# Kettle\n\nThe kettle boils at noon every day.\n"})])
    assert citewell.replay(answer.run).same

    assert citewell.delete([answer.citations[0].document]).pending == ()


def test_before_anything_was_ingested_the_error_says_how_to_begin(make, tmp_path):
    citewell = make(tmp_path / "nothing")

    for action in (lambda: citewell.search("x"), lambda: citewell.ask("x"), citewell.version):
        with pytest.raises(NoIndex, match="citewell ingest"):
            action()
    ready = citewell.readiness()
    assert (ready.ok, ready.live, ready.verdict) == (False, None, None)
    assert "citewell ingest" in ready.reasons[0]


@pytest.mark.slow
def test_a_script_does_with_the_versions_what_the_command_line_does(make, citewell):
    opened = make()
    before, live = [version.id for version in reversed(opened.versions())]

    gone_back = opened.rollback()
    assert (gone_back.live, gone_back.previous) == (before, live)
    assert (opened.status().live, opened.status().pinned) == (before, True)
    with pytest.raises(BadRequest, match="reason"):
        opened.publish(live, force=" ")
    there_again = opened.publish(live, force="the one before lacks the salaries")
    assert (there_again.live, there_again.previous) == (live, before)
    assert opened.status().served.verdict == "forced"
    assert not opened.status().pinned
    assert opened.compact(keep=0).dropped == (), "both still serve"
    opened.delete("guide/ports.md")
    assert opened.verify_deletion("guide/ports.md").clean
    assert opened.status().erased == ("guide/ports.md",)
    assert opened.restore("guide/ports.md") == ["guide/ports.md"]
    shown = json.loads(citewell("status", "--json", "--home", opened.home.path).out)
    assert shown == {"schema": 1, **json.loads(json.dumps(asdict(opened.status())))}


@pytest.mark.slow
def test_a_script_measures_as_the_command_line_does(make, tmp_path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "1", "question": "port of the server", "relevant": [{"document": "guide/ports.md"}]}\n')
    opened = make()
    older, live = [version.id for version in reversed(opened.versions())]

    judged = opened.judge(gold)
    assert (judged.index_version, judged.verdict.status, judged.is_first) == (live, "passed", True)
    assert not opened.judge(gold).is_first, "what was demanded before is nothing new"
    opened.lift_gold()
    assert not opened.status().demands_gold
    assert opened.compare(older, live, gold=gold, mode="lexical").queries == 1
    assert opened.report(tmp_path / "page.html", gold).paths[0] == tmp_path / "page.html"
    with pytest.raises(BadGold, match="no gold"):
        opened.tune()


def test_where_nothing_can_be_recorded_it_is_not_ready(make):
    citewell = make()
    (citewell.home.path / "journal.sqlite").write_bytes(b"no journal" * 1000)
    ready = citewell.readiness()
    assert (ready.ok, "journal.sqlite" in ready.reasons[0]) == (False, True)


def test_readiness_tells_what_is_served(make):
    ready = make().readiness()

    assert (ready.ok, ready.reasons, ready.verdict, ready.model) == (True, (), "probe", "extractive")


def test_a_name_in_the_charter_that_no_tool_has_is_warned_of(make, tmp_path, caplog):
    charter = tmp_path / "charter.toml"
    charter.write_text('[tools]\nsearch_document = "deny"\n', encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        make(charter=charter).ask("Which port?")

    assert "'search_document'" in caplog.text


def test_a_script_opens_a_home_and_lets_go_of_it(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with open_citewell(home) as citewell:
        assert citewell.settings.home == home
        with pytest.raises(NoSuchRun):
            citewell.journal.events("r-nonesuch")


def test_nothing_is_made_in_a_home_that_was_only_looked_at(make, tmp_path):
    citewell = make(tmp_path / "nothing")
    citewell.readiness()

    assert not (tmp_path / "nothing").exists()
    citewell.ingest([write(tmp_path / "guide", PUBLIC)], options=Options())
    assert (tmp_path / "nothing" / "live").is_file()


def test_nor_does_looking_at_it_reach_for_the_server_that_keeps_its_vectors(tmp_path, quick, monkeypatch):
    for loaded in [name for name in sys.modules if name == "retrieval.stores.server"]:
        monkeypatch.delitem(sys.modules, loaded)
    settings = Settings(home=tmp_path / "nothing", qdrant=QdrantSettings(url="http://127.0.0.1:1"))
    with closing(Citewell(settings, encoder=quick)) as citewell:
        assert (citewell.status().live, citewell.versions()) == (None, [])

    assert "retrieval.stores.server" not in sys.modules
    assert not (tmp_path / "nothing").exists()
