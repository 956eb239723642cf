"""What is set where, and which of it holds; a setting that cannot be is named."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.governance.reading import BadCharter, load_charter
from agent.settings import BadSettings, Settings, load_settings, set_in_environment
from tests.places import ROOT


@pytest.fixture
def folder(tmp_path):
    here = tmp_path / "project" / "deep" / "down"
    here.mkdir(parents=True)
    return here


def load(folder, toml=None, home=None, at=None, **environment):
    if toml is not None:
        ((at or folder) / "citewell.toml").write_text(toml, encoding="utf-8")
    return load_settings(home=home, folder=folder, environment=environment)


def refused(folder, toml=None, **environment):
    with pytest.raises(BadSettings) as refusal:
        load(folder, toml, **environment)
    assert refusal.value.code == "bad_settings"
    return str(refusal.value)


def test_without_anything_the_defaults_hold(folder):
    assert load(folder) == Settings(home=folder / ".citewell")


def test_a_flag_goes_over_the_environment_over_the_file_over_the_default(folder):
    toml = 'home = "from-file"'

    assert load(folder, toml).home == folder / "from-file"
    assert load(folder, toml, CITEWELL_HOME="from-environment").home == folder / "from-environment"
    assert load(folder, toml, Path("from-flag"), CITEWELL_HOME="from-environment").home == folder / "from-flag"


def test_every_key_of_a_table_has_its_variable(folder):
    toml = "[agent]\npassages = 3\nmax_turns = 4"

    found = load(folder, toml, CITEWELL_AGENT_PASSAGES="5", CITEWELL_RETRIEVAL_DENSE_WEIGHT="0.25").agent
    assert (found.passages, found.max_turns) == (5, 4)
    assert load(folder, CITEWELL_RETRIEVAL_DENSE_WEIGHT="0.25").retrieval.dense_weight == 0.25
    assert load(folder, CITEWELL_AGENT_MODEL="extractive").agent.model == "extractive"


def test_the_nearest_file_above_is_the_one_that_holds(folder):
    above = folder.parents[1]
    (above / "citewell.toml").write_text("[agent]\npassages = 2\nmax_turns = 2\n")
    assert load(folder).agent.passages == 2

    found = load(folder, "[agent]\npassages = 3\n", at=folder.parent)
    assert (found.agent.passages, found.agent.max_turns) == (3, 8), "files are not merged"


def test_relative_paths_begin_where_they_are_written(folder):
    above = folder.parents[1]
    (above / "models" / "mini").mkdir(parents=True)
    toml = 'home = "h"\n[eval]\ngold = "g.jsonl"\n[agent]\ncharter = "c.toml"\n[retrieval]\nmodel = "models/mini"'

    found = load(folder, toml, at=above)
    assert (found.home, found.eval.gold, found.agent.charter) == (above / "h", above / "g.jsonl", above / "c.toml")
    assert found.retrieval.model == str(above / "models" / "mini")
    found = load(folder, CITEWELL_HOME="h", CITEWELL_EVAL_GOLD="g.jsonl", CITEWELL_AGENT_CHARTER="c.toml")
    assert (found.home, found.eval.gold, found.agent.charter) == (folder / "h", folder / "g.jsonl", folder / "c.toml")
    assert found.retrieval.model == str(above / "models" / "mini")


def test_a_model_that_is_no_folder_stays_a_name(folder):
    assert load(folder, '[retrieval]\nmodel = "some/model"').retrieval.model == "some/model"


def test_a_home_in_the_users_own_folder_may_be_written_short(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert load(folder, 'home = "~/h"').home == tmp_path / "h"
    assert load(folder, CITEWELL_HOME="~/h").home == tmp_path / "h"
    assert load(folder, home=Path("~/h")).home == tmp_path / "h"


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_stands_in_the_place_of_a_charter_and_is_none_is_not_passed_over(folder, make):
    make(folder / "charter.toml")
    with pytest.raises(BadCharter, match="cannot be read"):
        load_charter(load(folder).agent.charter)


def test_a_charter_beside_the_file_is_found_and_another_may_be_named(folder):
    above = folder.parents[1]
    (above / "charter.toml").touch()

    assert load(folder).agent.charter is None, "without a settings file it is looked for in the current folder alone"
    assert load(above).agent.charter == above / "charter.toml"
    assert load(folder, "", at=above).agent.charter == above / "charter.toml"
    assert load(folder, '[agent]\ncharter = "c.toml"', at=above).agent.charter == above / "c.toml"
    assert load(folder, CITEWELL_AGENT_CHARTER="c.toml").agent.charter == folder / "c.toml"


def test_a_charter_beside_the_home_holds_from_wherever_that_is_used(folder):
    above = folder.parents[1]
    (above / "charter.toml").touch()

    assert load(folder, home=above / ".citewell").agent.charter == above / "charter.toml"
    assert load(folder, CITEWELL_HOME=str(above / ".citewell")).agent.charter == above / "charter.toml"


def test_a_setting_of_nought_is_nought(folder):
    toml = "[retrieval]\ndense_weight = 0\n[eval]\nmax_drop = 0\n[agent]\nprice_input = 0\nprice_output = 0"

    found = load(folder, toml)
    assert (found.retrieval.dense_weight, found.eval.max_drop, found.agent.price_input) == (0, 0, 0)
    assert load(folder, CITEWELL_RETRIEVAL_DENSE_WEIGHT="0", CITEWELL_EVAL_MAX_DROP="0").eval.max_drop == 0


def test_an_empty_variable_is_one_that_is_not_set(folder):
    empty = dict.fromkeys(("CITEWELL_HOME", "CITEWELL_EVAL_GOLD", "CITEWELL_AGENT_PRICE_INPUT"), "")

    assert load(folder, **empty, ANTHROPIC_API_KEY="", ANTHROPIC_BASE_URL="") == Settings(home=folder / ".citewell")


@pytest.mark.parametrize(
    "url", ["notaurl", "sk-secret", "localhost:8080", "ftp://x", "http://", "http://x:y", "http://[", "http://a b"]
)
def test_what_is_no_address_of_a_server_is_a_bad_setting_and_is_not_shown(folder, url):
    message = refused(folder, "", ANTHROPIC_BASE_URL=url)

    assert message.startswith("ANTHROPIC_BASE_URL holds no address of a server: set it to")
    assert url not in message.replace("http://127.0.0.1:8080", "")


def test_floors_are_a_table_of_metrics(folder):
    found = load(folder, '[eval.floors]\n"nDCG@10" = 0.6\n"Recall@100" = 0\n')

    assert found.eval.floors == {"nDCG@10": 0.6, "Recall@100": 0}


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("colour = 1", "colour"),
        ("[colours]\nred = 1", "colours"),
        ("[agent]\npasages = 3", "agent.pasages"),
        ("[agent]\npassages = 0", "agent.passages"),
        ('[agent]\npassages = "many"', "agent.passages"),
        ("[agent]\ndeadline = nan", "agent.deadline"),
        ("[retrieval]\ndense_weight = 1.5", "retrieval.dense_weight"),
        ("[retrieval]\ndense_weight = nan", "retrieval.dense_weight"),
        ("[eval]\nmax_drop = nan", "eval.max_drop"),
        ('[eval.floors]\n"nDCG@10" = "high"', "eval.floors.nDCG@10"),
        ("agent = 5", "agent"),
        ("eval = 5", "eval"),
        ("home = 5", "home"),
        ("home = 0", "home"),
        ("agent = ", "citewell.toml"),
        ('api_key = "sk-1"', "ANTHROPIC_API_KEY"),
        ('base_url = "http://x"', "ANTHROPIC_BASE_URL"),
        ('[agent]\napi_key = "sk-1"', "agent.api_key"),
    ],
)
def test_what_cannot_be_set_is_named_with_what_to_do(folder, toml, named):
    (folder / "charter.toml").touch()

    message = refused(folder, toml, CITEWELL_AGENT_MAX_TURNS="3", CITEWELL_EVAL_MAX_DROP="")
    assert named in message
    assert str(folder / "citewell.toml") in message
    assert "sk-1" not in message
    assert any(
        advice in message for advice in ("correct", "instead", "which is not a setting; the guide's settings.md")
    )


def test_limits_on_answers_are_read_with_and_without_quotation_marks(folder):
    written = """
[eval.floors]
"nDCG@10" = 0.6
answers.right = 0.7
"answers.rightly_refused" = 0.4
[eval.ceilings]
answers.beside = 0.1
[eval.tag_floors.billing]
answers.right = 0.5
[eval.tag_ceilings.billing]
answers.beside = 0.05
"""
    found = load(folder, written).eval
    if_both_are_kept = {"nDCG@10": 0.6, "answers.right": 0.7}
    assert load(folder, written.replace('"answers.rightly_refused" = 0.4', "")).eval.floors == if_both_are_kept
    assert found.floors == {**if_both_are_kept, "answers.rightly_refused": 0.4}
    assert found.ceilings == {"answers.beside": 0.1}
    assert found.tag_floors == {"billing": {"answers.right": 0.5}}
    assert found.tag_ceilings == {"billing": {"answers.beside": 0.05}}
    ceilings = load(folder, CITEWELL_EVAL_CEILINGS='{"answers.beside": 0.2}').eval.ceilings
    assert ceilings == {"answers.beside": 0.2}


def test_floors_come_from_the_environment_as_json(folder):
    toml = '[eval.floors]\n"MRR" = 0.9'

    assert load(folder, toml, CITEWELL_EVAL_FLOORS='{"nDCG@10": 0.6, "MRR": 0}').eval.floors == {
        "nDCG@10": 0.6,
        "MRR": 0,
    }
    assert load(folder, toml, CITEWELL_EVAL_FLOORS="").eval.floors == {"MRR": 0.9}


@pytest.mark.parametrize(
    ("floors", "named"),
    [
        ("nDCG@10=0.6", "CITEWELL_EVAL_FLOORS is not JSON"),
        ("[0.6]", "eval.floors"),
        ('{"MRR": "high"}', "eval.floors.MRR"),
    ],
)
def test_floors_that_are_none_are_named_with_what_to_write(folder, floors, named):
    message = refused(folder, CITEWELL_EVAL_FLOORS=floors)

    assert named in message
    assert "write it like" in message or "correct" in message


@pytest.mark.parametrize(
    ("name", "limits"),
    [("tag_floors", {"billing": {"nDCG@10": 0.5}}), ("tag_ceilings", {"billing": {"answers.beside": 0.1}})],
)
def test_limits_of_tags_come_from_the_environment_too(folder, name, limits):
    variable = f"CITEWELL_EVAL_{name.upper()}"
    assert getattr(load(folder, **{variable: json.dumps(limits)}).eval, name) == limits
    message = refused(folder, **{variable: "billing=0.5"})
    (example,) = re.findall(rf"{variable} is not JSON; write it like (.*)\.$", message)
    assert getattr(load(folder, **{variable: example}).eval, name) == limits


def test_the_variables_that_go_over_the_file_are_known(folder):
    environment = {"CITEWELL_RETRIEVAL_DENSE_WEIGHT": "0", "CITEWELL_RETRIEVAL_FUSION": "", "CITEWELL_HOME": "h"}

    assert set_in_environment("retrieval", ("fusion", "dense_weight", "model"), environment) == [
        "CITEWELL_RETRIEVAL_DENSE_WEIGHT"
    ]


def test_a_bad_variable_is_named(folder):
    message = refused(folder, CITEWELL_AGENT_MAX_TURNS="often")

    assert "agent.max_turns" in message
    assert "The environment" in message


def test_a_file_that_is_no_text_is_named(folder):
    (folder / "citewell.toml").write_bytes(b"\xff\xfe\x00")

    assert "citewell.toml" in refused(folder)


def test_the_key_comes_from_the_environment_and_is_never_shown(folder):
    found = load(folder, ANTHROPIC_API_KEY="sk-secret", ANTHROPIC_BASE_URL="http://127.0.0.1:1")

    assert (found.api_key, found.base_url, found.has_model) == ("sk-secret", "http://127.0.0.1:1", True)
    assert "sk-secret" not in repr(found)


def test_a_model_needs_a_key_or_a_server_and_may_be_switched_off(folder):
    assert not load(folder).has_model
    assert load(folder, ANTHROPIC_BASE_URL="http://127.0.0.1:1").has_model
    assert not load(folder, ANTHROPIC_API_KEY="sk", CITEWELL_AGENT_MODEL="extractive").has_model


def test_nothing_else_reads_the_environment():
    """Another module may set a variable for a library, and the workers hand on the few that Python needs to start; but
    what the user says comes through here alone."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in ("agent", "eval", "ingest", "plugins", "retrieval")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"os\.getenv|os\.environ(?!\.setdefault)", path.read_text("utf-8"))
    }

    assert readers == {"agent/settings.py", "ingest/read/sandbox/pool.py", "plugins/apart.py"}


def test_reading_settings_loads_no_heavy_library(folder):
    script = (
        "import json, sys; from agent.settings import load_settings; load_settings(); print(json.dumps([*sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert {"torch", "anthropic", "sentence_transformers"}.isdisjoint(json.loads(done.stdout))
