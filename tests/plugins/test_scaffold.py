"""A new plugin is a whole package that passes the checks; nothing is overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.scaffold import BadName, write_plugin


@pytest.mark.slow
def test_a_new_plugin_installs_and_passes_its_own_test_and_the_checks(tmp_path, request):
    root = Path(request.config.rootpath)
    folder = write_plugin("tide-table", tmp_path)[0].parent
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, folder], check=True, timeout=120)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(root)])}

    def run(*arguments):
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    checked = run("citewell_start", "plugins", "--check", "tide-table", "--json")
    told = json.loads(checked.stdout)
    assert (checked.returncode, told["ok"], told["failed"]) == (0, True, 0), checked.stdout
    assert {each["tool"] for each in told["checks"]} == {"", "tide_table_length"}
    tested = run("pytest", "-q", "-p", "no:cacheprovider", str(folder))
    assert tested.returncode == 0, tested.stdout


def test_nothing_that_is_there_is_overwritten(tmp_path):
    mine = write_plugin("weather", tmp_path)[1]
    mine.write_text("mine")
    with pytest.raises(BadName, match="is there already, and nothing in it is overwritten"):
        write_plugin("weather", tmp_path)
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../up", "cannot name a plugin"),
        ("Weather", "small letters"),
        ("a--b", "cannot name a plugin"),
        ("", "cannot name a plugin"),
        ("x" * 51, "up to 50"),
        ("json", "is there already, in Python or in Citewell"),
        ("agent", "is there already, in Python or in Citewell"),
        ("lambda", "is there already"),
    ],
)
def test_a_name_that_no_plugin_can_have_writes_nothing(tmp_path, name, why):
    with pytest.raises(BadName, match=why):
        write_plugin(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_stated_error(tmp_path):
    with pytest.raises(BadName, match="cannot be written"):
        write_plugin("weather", tmp_path / "nowhere")


@pytest.mark.parametrize(("into", "said"), [(".", "pip install ./rain"), ("made", "pip install ./made/rain")])
def test_pip_is_told_the_folder_and_not_a_name_that_a_registry_may_have(tmp_path, monkeypatch, into, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "made").mkdir()
    files = write_plugin("rain", Path(into))

    assert said in next(path for path in files if path.name == "README.md").read_text("utf-8")
