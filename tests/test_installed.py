"""Does Citewell work where it is installed as an application, and does it say so where its names are taken?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from citewell_names import NAMES
from tests.homes import PUBLIC, write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
UNUSED_BY_A_SEARCH = {
    "agent.doctor", "agent.evidence", "agent.governance", "agent.journal", "agent.models", "agent.run",
    "agent.service", "anthropic", "asyncio", "docstring_parser", "email", "eval.gate", "eval.gold", "eval.improve",
    "eval.measure", "eval.report", "fastapi", "filelock", "httpx2", "huggingface_hub", "ingest.find",
    "ingest.pipeline", "ingest.read", "ingest.split", "jinja2", "llama_index", "pathspec", "plugins",
    "pluggy", "pydantic", "py3langid", "qdrant_client", "retrieval.erasure", "retrieval.update",
    "retrieval.versions.candidate", "scipy", "sentence_transformers", "sklearn", "torch", "transformers",
    "uvicorn", "watchfiles", "yaml",
}  # fmt: skip
LEAVES_A_TRACE = "from pathlib import Path; Path(__file__).with_name('ran.txt').touch()\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What is installed, built from this checkout."""
    build = pytest.importorskip("hatchling.build", reason="hatchling builds the wheel; pip install hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return folder / build.build_wheel(str(folder))


@pytest.fixture(scope="module")
def application(wheel, tmp_path_factory):
    """An environment that holds Citewell, as pip installs it, and what it requires; nothing of this checkout."""
    folder = empty_environment(tmp_path_factory.mktemp("application") / "env")
    lend(metadata.requires("citewell"), site_packages(folder))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], check=True, timeout=120)
    return folder


@pytest.fixture
def changed(application, tmp_path):
    """A copy of it, to be changed."""
    return Path(shutil.copytree(application, tmp_path / "env", symlinks=True))


@pytest.fixture
def other(tmp_path):
    """The wheel of another distribution, which has a package `agent` as well."""
    path = tmp_path / "other-1.0-py3-none-any.whl"
    files = {
        "agent/__init__.py": LEAVES_A_TRACE,
        "agent/brain.py": "",
        "other-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n",
        "other-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files["other-1.0.dist-info/RECORD"] = "".join(f"{name},,\n" for name in [*files, "other-1.0.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return path


@pytest.fixture
def here(tmp_path):
    """The folder that a user stands in."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def empty_environment(folder):
    venv.EnvBuilder(symlinks=True).create(folder)
    return folder


def site_packages(environment):
    (found,) = environment.glob("lib/python*/site-packages")
    return found


def lend(requirements, place):
    """Puts what is required, and what that requires in turn, into another environment, by links."""
    wanted, seen = list(requirements), {"citewell"}
    while wanted:
        requirement = Requirement(wanted.pop())
        for extra in ("", *requirement.extras):
            name = f"{requirement.name}[{extra}]"
            if name in seen or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
                continue
            seen.add(name)
            distribution = metadata.distribution(requirement.name)
            wanted += [
                f"{needed.name}{f'[{chr(44).join(needed.extras)}]' if needed.extras else ''}"
                for needed in map(Requirement, distribution.requires or ())
                if needed.marker is None or needed.marker.evaluate({"extra": extra})
            ]
            for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
                if not (place / top).exists():
                    (place / top).symlink_to(distribution.locate_file(top))


def run(command, here, **variables):
    ours = re.compile("CITEWELL|ANTHROPIC|PYTHON")
    surroundings = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return subprocess.run(
        [str(word) for word in command],
        cwd=here,
        env=surroundings | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def citewell(environment, *words):
    return [environment / "bin" / "python", environment / "bin" / "citewell", *words]


def unpack(wheel, environment):
    """Puts files where an installer puts them, over whatever lies there."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site_packages(environment))


def refused(done):
    """The one sentence with which it refused to start."""
    assert done.returncode == 2
    assert re.fullmatch(r"citewell: [^\n]+\.\n", done.stderr)
    return done.stderr


@pytest.fixture(scope="module")
def handbook(application, tmp_path_factory):
    """A folder in which a home was made with it, and what the ingest said."""
    folder = tmp_path_factory.mktemp("ingested")
    write(folder / "handbook", PUBLIC)
    done = run(citewell(application, "ingest", "handbook", "--json"), folder)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_an_installed_wheel_ingests_and_answers(application, handbook):
    folder, report = handbook
    asked = run(citewell(application, "ask", "How long are logs kept?", "--json"), folder)
    assert asked.returncode == 0, asked.stderr

    assert report["documents"]["added"] == len(PUBLIC)
    answer = json.loads(asked.stdout)
    assert (answer["status"], answer["citations"][0]["document"]) == ("answered", "handbook/logs.md")


def test_a_search_loads_no_more_than_it_uses(application, handbook):
    """What it loads is most of the time that it takes from a cold shell."""
    command = [application / "bin/python", "-X", "importtime", "-m", "citewell_start", "search", "logs"]
    done = run(command, handbook[0])
    assert "logs.md" in done.stdout

    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert {"onnxruntime", "qdrant_edge", "retrieval.search.hybrid"} <= loaded
    assert loaded.isdisjoint(UNUSED_BY_A_SEARCH), loaded.intersection(UNUSED_BY_A_SEARCH)


def test_folders_of_these_names_where_one_stands_are_nothing_to_the_command(application, here):
    for name in NAMES:
        write(here / name, {"__init__.py": LEAVES_A_TRACE})

    done = run(citewell(application, "--version"), here)

    assert (done.returncode, done.stderr) == (0, "")
    assert not [*here.rglob("ran.txt")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", [".", ":/nowhere", "/nowhere:"])
def test_a_folder_on_the_import_path_is_told(application, here, name, path):
    write(here / name, {"__init__.py": LEAVES_A_TRACE})

    told = refused(run(citewell(application, "--version"), here, PYTHONPATH=path))

    assert f"`{name}`" in told
    assert f"means {here / name}: take {here} out of PYTHONPATH" in told
    assert not [*here.rglob("ran.txt")]


def test_a_module_on_the_import_path_is_told_as_a_package_is(application, here):
    write(here, {"eval.py": LEAVES_A_TRACE})

    told = refused(run(citewell(application, "--version"), here, PYTHONPATH=here))

    assert f"means {here / 'eval.py'}: take {here} out" in told
    assert not [*here.rglob("ran.txt")]


def test_a_folder_that_is_no_package_takes_no_name(application, here):
    for name in NAMES:
        write(here / name, {"notes.md": "# Notes"})

    done = run(citewell(application, "--version"), here, PYTHONPATH=".")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_script_asks_for_an_object_and_gets_the_error_as_one(application, here):
    write(here / "plugins", {"__init__.py": LEAVES_A_TRACE})

    done = run(citewell(application, "status", "--json"), here, PYTHONPATH=".")

    error = json.loads(done.stdout)["error"]
    assert error["code"] == "name_taken"
    assert refused(done) == f"citewell: {error['message']}\n"


def test_python_that_is_started_in_a_folder_with_such_a_name_is_told_to_use_the_command(application, here):
    write(here / "ingest", {"__init__.py": LEAVES_A_TRACE})

    told = refused(run([application / "bin/python", "-m", "citewell_start", "status"], here))

    assert f"`ingest`, which here means {here / 'ingest'}: rename that, or run Citewell" in told
    assert not [*here.rglob("ran.txt")]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "agent"])
def test_a_script_beside_such_a_folder_ends_with_what_to_do(application, here, name):
    write(here / name, {"__init__.py": LEAVES_A_TRACE})
    write(here, {"script.py": "from agent.wire import open_citewell"})

    done = run([application / "bin/python", "script.py"], here)

    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"citewell_names.NameTaken: Citewell needs the package name `{name}`, which here means")
    assert last.endswith("rename that, or run Citewell as a program of its own (`citewell ask`, `citewell serve`).")
    assert not [*here.rglob("ran.txt")]


def test_a_distribution_that_is_installed_over_it_is_named(changed, other, here):
    unpack(other, changed)

    told = refused(run(citewell(changed, "ask", "why"), here))

    assert "other 1.0 lies in the same environment as Citewell and has a package `agent` too" in told
    assert "install Citewell into an environment of its own" in told


def test_a_distribution_that_it_was_installed_over_is_named(changed, other, wheel, here):
    unpack(other, changed)
    unpack(wheel, changed)

    assert "other 1.0 lies in the same environment" in refused(run(citewell(changed, "ask", "why"), here))


def test_what_an_uninstalled_distribution_took_with_it_is_missed(changed, other, here):
    unpack(other, changed)
    with zipfile.ZipFile(other) as packed:
        for name in packed.namelist():
            (site_packages(changed) / name).unlink()

    told = refused(run(citewell(changed, "--version"), here))

    assert f"own file {site_packages(changed) / 'agent' / '__init__.py'} is missing: install Citewell" in told


def test_a_distribution_that_stands_before_it_on_the_import_path_is_named(application, other, here, tmp_path):
    environment = empty_environment(tmp_path / "checkout")
    unpack(other, environment)
    (site_packages(environment) / "citewell.pth").write_text(str(ROOT))  # as an editable installation does

    told = refused(run([environment / "bin/python", "-c", "import citewell_start; citewell_start.main()"], here))

    assert f"means {site_packages(environment) / 'agent'}, installed by other 1.0: install Citewell into" in told


def test_its_own_files_may_be_changed_where_nobody_else_has_its_names(changed, here):
    with (site_packages(changed) / "agent" / "cli.py").open("a") as file:
        file.write("# looked at\n")

    assert run(citewell(changed, "--version"), here).returncode == 0
