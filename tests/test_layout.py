"""Is the house built as it is said to be: five packages, their start, nothing else, each module with its question?"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import tomllib
import zipfile
from collections import defaultdict
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("agent", "eval", "ingest", "plugins", "retrieval")
NAMES = ROOT / "citewell_names.py"
STARTS = [NAMES, ROOT / "citewell_start.py"]
FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
)
MODULES = [*STARTS, *(path for path in FILES if path.suffix == ".py")]

# A library that is slow to import, or one vendor's: the modules that may name it at their top. They are themselves
# imported inside functions only.
ADAPTERS = {
    "anthropic": {"agent/models/claude.py"},
    "qdrant_edge": {"retrieval/stores/edge.py"},
    "qdrant_client": {"retrieval/stores/server.py", "retrieval/stores/connection.py"},
    "onnxruntime": {"retrieval/vectors/export.py"},
    "sentence_transformers": {"retrieval/vectors/encoder.py"},
    "torch": {"retrieval/vectors/encoder.py"},
    "llama_index": {"ingest/llama.py", "retrieval/llama.py"},
    "mcp": {"plugins/mcp.py", "agent/service/mcp.py"},
    "mcp_types": {"plugins/mcp.py", "agent/service/mcp.py"},
    "mammoth": {"ingest/read/office/word.py"},
    "oxmsg": {"ingest/read/mail/outlook.py"},
    "pptx": {"ingest/read/office/slides.py", "ingest/read/office/slide_looks.py"},
    "python_calamine": {"ingest/read/sheets/sheets.py"},
    "scipy": {"eval/calibrate/fit.py"},
    "sklearn": {"eval/calibrate/fit.py"},
    "pypdfium2": {
        "ingest/read/pdf/pdf.py",
        "ingest/read/pdf/page.py",
        "ingest/read/pdf/extras.py",
        "ingest/read/pdf/grounds.py",
    },
}
MOST_IN_A_ROOM = 15  # files, its own docstring's not counted


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_name_means_this_checkout(package):
    found = importlib.util.find_spec(package)

    assert found is not None
    assert Path(str(found.origin)) == ROOT / package / "__init__.py"


def test_no_other_installed_distribution_claims_a_package_name():
    claimed = metadata.packages_distributions()

    others = {name: set(claimed.get(name, ())) - {"citewell"} for name in PACKAGES}
    assert not any(others.values()), others


@pytest.mark.slow
def test_every_library_that_is_asked_for_is_used():
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    modules = defaultdict(set)
    for module, distributions in metadata.packages_distributions().items():
        for distribution in distributions:
            modules[canonicalize_name(distribution)].add(module)
    asked = [canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]]
    unused = [
        name
        for name in asked
        if not any(re.search(rf"(?:import|from) {module}\b|[\"']{module}\b", code) for module in modules[name])
    ]
    assert not unused


def test_no_package_is_named_like_the_standard_library():
    assert not set(PACKAGES) & set(sys.stdlib_module_names)


def test_what_asks_for_the_names_needs_no_library_and_none_of_the_packages_that_it_asks_for():
    nodes = list(ast.walk(ast.parse(NAMES.read_text(encoding="utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}

    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_the_wheel_holds_all_of_the_five_packages_and_their_start_and_nothing_else(tmp_path, monkeypatch):
    build = pytest.importorskip("hatchling.build", reason="hatchling builds the wheel; pip install hatchling")
    monkeypatch.chdir(ROOT)

    with zipfile.ZipFile(tmp_path / build.build_wheel(str(tmp_path))) as wheel:
        names = wheel.namelist()
        entry_points = next(name for name in names if name.endswith(".dist-info/entry_points.txt"))
        listed = wheel.read(entry_points).decode()

    tops = {name.split("/")[0] for name in names}
    information = f"citewell-{PROJECT['project']['version']}.dist-info"
    assert tops == {*PACKAGES, *(path.name for path in STARTS), information}
    packed = {name for name in names if not name.startswith(information)}
    assert packed == {relative(path) for path in (*FILES, *STARTS)}
    assert {f"{package}/py.typed" for package in PACKAGES} <= packed
    assert "citewell = citewell_start:main" in listed
    assert "builtin = plugins.builtin" in listed
    assert {name.rsplit("/", 1)[1] for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_begins_with_the_question_that_it_answers(path):
    source = path.read_text(encoding="utf-8")

    first = question(source)
    assert first.endswith("?"), f"{relative(path)} should begin with a question that it answers, not {first!r}"
    if path.name == "__init__.py" and path.parent.parent == ROOT:
        assert len(ast.parse(source).body) == 1, f"{relative(path)} should hold its docstring alone"


@pytest.mark.slow
def test_no_two_modules_answer_the_same_question():
    asked = defaultdict(list)
    for path in MODULES:
        asked[question(path.read_text(encoding="utf-8"))].append(relative(path))

    assert not [modules for modules in asked.values() if len(modules) > 1]


@pytest.mark.parametrize("package", ["agent", "eval", "retrieval"])
def test_a_room_is_taken_in_at_a_glance(package):
    crowded = {
        relative(room): count
        for room in {path.parent for path in (ROOT / package).rglob("*.py")}
        if (count := len(list(room.glob("[!_]*.py")))) > MOST_IN_A_ROOM
    }

    assert not crowded, "an idea in each of these rooms wants one of its own"


def test_the_tests_of_a_room_stand_in_its_own():
    astray = [
        relative(path)
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.parent != ROOT / "tests" and not (ROOT / path.parent.relative_to(ROOT / "tests")).is_dir()
    ]

    assert not astray


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_vendor_is_imported_at_the_top_of_its_own_adapter_alone(path):
    strangers = {
        vendor
        for vendor in imported_at_the_top(ast.parse(path.read_text(encoding="utf-8")))
        if vendor in ADAPTERS and relative(path) not in ADAPTERS[vendor]
    }

    assert not strangers, f"{relative(path)} should import {', '.join(strangers)} inside the function that needs it"


def test_every_requirement_has_one_tested_version():
    pinned = {
        name.lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if (name := line.partition("==")[0]) and not line.startswith("#")
    }
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
    names = {requirement_name(requirement) for requirement in wanted}

    assert names <= pinned, f"constraints.txt lacks {sorted(names - pinned)}; its head says how it is renewed"


def test_the_notice_names_the_weights_that_the_encoder_checks():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    (named,) = [word for word in notice.split() if len(word) == 64]

    assert any(named in path.read_text(encoding="utf-8") for path in (ROOT / "retrieval").rglob("*.py"))


def question(source):
    """The first sentence of a module, which stands on its first line."""
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return re.split(r"(?<=[.?!])\s", docstring.partition("\n")[0])[0]


def imported_at_the_top(module):
    for node in module.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def requirement_name(requirement):
    end = next((place for place, sign in enumerate(requirement) if sign in "<>=!~[; "), len(requirement))
    return requirement[:end].lower().replace("_", "-")
