"""An encoder, a reranker and a metric of a plugin are used where a setting names them; what they get wrong is said."""

import json
import os
import re
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest

from agent.settings import BadSettings, Settings, load_settings
from agent.wire import Citewell
from eval.gold.load import load_gold
from eval.measure.evaluate import BadMeasure, evaluate
from eval.settings import EvalSettings
from plugins.manager import NoPart, load_plugins
from retrieval.search.rerank import ForeignReranker, NoReranker
from retrieval.search.settings import SearchSettings
from retrieval.vectors.foreign import ForeignEncoder
from retrieval.vectors.model_folder import NoEncoder
from retrieval.versions.manifest import ForeignIndex
from tests.plugins.test_manager import install  # noqa: F401 - a fixture
from tests.retrieval.words import searching

FILES = {
    "logs.md": "# Logs\n\nLogs are kept for thirty days. A nightly job deletes them, and nobody asks it to.\n",
    "zebra.md": "# Zebra\n\nZebras graze.\n",
}
GOLD = '{"id": "q1", "question": "How long are logs kept?", "relevant": [{"document": "docs/logs.md"}]}\n'


@pytest.fixture
def guide(request):
    """The plugin of the guide."""
    text = (request.config.rootpath / "docs" / "plugins.md").read_text("utf-8")
    [code] = [each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "citewell_encoders" in each]
    return code


@pytest.fixture
def opened(tmp_path):
    """A home whose settings name these."""
    homes = []

    def open_(**named):
        metrics = named.pop("metrics", ())
        retrieval = SearchSettings(**{"model": "plugin:letters", **named})
        homes.append(
            Citewell(Settings(home=tmp_path / "home", retrieval=retrieval, eval=EvalSettings(metrics=metrics)))
        )
        return homes[-1]

    for name, text in FILES.items():
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text(text, "utf-8")
    (tmp_path / "gold.jsonl").write_text(GOLD)
    yield open_
    for home in homes:
        home.close()


def test_the_guides_plugin_encodes_reranks_and_measures(install, opened, guide, tmp_path):  # noqa: F811 - the fixture
    install("mine", guide, version="3.1")
    citewell = opened(reranker="plugin:shortest", metrics=("FirstIsRight",))
    assert citewell.ingest(tmp_path / "docs").published
    with closing(citewell.searcher.open()) as version:
        assert version.manifest.encoder.model == "plugin:letters"
        assert version.manifest.encoder.dimensions == 26
    hits = citewell.search("How long are logs kept?").hits
    assert [hit.chunk.document for hit in hits] == ["docs/zebra.md", "docs/logs.md"], "the shortest comes first"
    assert hits[0].reranked is not None
    _, measured = citewell.evaluate(tmp_path / "gold.jsonl")
    assert measured.metrics["FirstIsRight"].mean == 0.0
    assert "nDCG@10" in measured.metrics


def test_an_index_of_another_version_of_the_encoder_is_not_searched(install, opened, guide, tmp_path):  # noqa: F811
    install("mine", guide)
    opened().ingest(tmp_path / "docs")
    assert opened().search("logs").hits
    (path,) = [path for path in sys.path if (tmp_path / "mine-1.0.dist-info").exists() and path == str(tmp_path)]
    [module] = [each for each in tmp_path.glob("plugin_under_test_*.py") if path]
    sys.modules.pop(module.stem)
    module.write_text(guide.replace('version = "1"', 'version = "two"'))
    with pytest.raises(ForeignIndex, match="was built with plugin:letters"):
        opened().search("logs")


def test_no_plugin_is_loaded_that_no_setting_names(opened, monkeypatch):
    from plugins import manager

    monkeypatch.setattr(manager, "load_plugins", lambda **_: pytest.fail("plugins were loaded"))
    citewell = opened(model="all-MiniLM-L6-v2")
    assert citewell.encoder.identity.dimensions == 384
    opened(reranker="plugin:shortest", metrics=("FirstIsRight",))  # not before it is used


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (
            {"model": "plugin:nope"},
            r"No plugin brings the encoder 'nope' that \[retrieval\] model names \(there are letters\)",
        ),
        ({"reranker": "plugin:nope"}, r"No plugin brings the reranker 'nope'"),
    ],
)
def test_what_no_plugin_brings_is_a_stated_error(install, opened, guide, tmp_path, named, told):  # noqa: F811
    install("mine", guide)
    if "reranker" in named:
        opened().ingest(tmp_path / "docs")
    citewell = opened(**named)
    with pytest.raises(NoPart, match=told):
        citewell.search("logs") if "reranker" in named else citewell.ingest(tmp_path / "docs")


def test_a_metric_that_no_plugin_brings_is_a_stated_error(install, opened, guide, tmp_path):  # noqa: F811
    install("mine", guide)
    with pytest.raises(NoPart, match="No plugin brings the metric 'nope'"):
        opened(metrics=("nope",)).evaluate(tmp_path / "gold.jsonl")


def encoder(**different):
    made = type(
        "Made", (), {"dimensions": 2, "window": 9, "version": "1", "encode": lambda _, texts: [[3, 4]] * len(texts)}
    )
    for name, value in different.items():
        setattr(made, name, value)
    return ForeignEncoder("made", lambda: ("mine 1.0", made))


def test_what_an_encoder_gives_are_made_unit_vectors_and_it_may_read_questions_its_own_way():
    assert np.allclose(encoder().encode(["a"] * 40), [[0.6, 0.8]] * 40)
    asked = encoder(encode_query=lambda _, text: [0, 7])
    assert np.allclose(asked.encode_query("a"), [0, 1])
    assert np.allclose(asked.encode_queries(["a", "b"]), [[0, 1]] * 2)
    assert np.allclose(asked.encode_queries(["a"], as_documents=True), [[0.6, 0.8]])
    assert encoder().offsets("Two words!") == [(0, 3), (4, 9), (9, 10)]
    assert encoder(languages=["en"]).languages == {"en"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"encode": lambda _, texts: [[1, 2, 3]] * len(texts)},
        {"encode": lambda _, texts: [[1, 2]] * (len(texts) + 1)},
        {"encode": lambda _, texts: [[float("nan"), 1]] * len(texts)},
        {"encode": lambda _, texts: [[0, 0]] * len(texts)},
        {"encode": lambda _, texts: None},
        {"encode": lambda _, texts: 1 / 0},
        {"encode_query": lambda _, text: [1]},
        {"dimensions": "two"},
        {"window": 0},
        {"__init__": lambda _: 1 / 0},
    ],
)
def test_an_encoder_that_does_not_give_what_it_must_is_a_stated_error(wrong):
    with pytest.raises(NoEncoder, match=r"of mine 1\.0 .*mend the plugin, or set \[retrieval\] model to another"):
        encoder(**wrong).encode_query("a")


@pytest.mark.parametrize(
    "scores", [lambda p: [1.0], lambda p: [float("nan")] * len(p), lambda p: None, lambda p: 1 / 0]
)
def test_a_reranker_that_does_not_give_what_it_must_is_a_stated_error(scores):
    made = type("Made", (), {"scores": lambda _, query, passages: scores(passages)})
    with pytest.raises(NoReranker, match=r"of mine 1\.0 .*mend the plugin, or remove \[retrieval\] reranker"):
        ForeignReranker("made", lambda: ("mine 1.0", made)).scores("q", ["a", "b"])


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What a measure says of a ranking, among the figures."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "gold.jsonl").write_text(GOLD)
    gold = load_gold(folder / "gold.jsonl")
    with searching(folder / "home", {f"docs/{name}": text for name, text in FILES.items()}) as search:
        yield lambda **measures: evaluate(search.every, gold, search.version, measures=measures).metrics


def test_a_measure_is_given_names_best_first_and_grades_and_stands_among_the_figures(measured):
    seen = []
    figures = measured(Mine=lambda ranking, grades: seen.append((ranking, grades)) or 0.25)
    assert figures["Mine"].mean == 0.25
    assert figures["nDCG@10"].mean > 0
    [(ranking, grades)] = seen
    assert (sorted(ranking), grades) == (["docs/logs.md", "docs/zebra.md"], {"docs/logs.md": 1})


@pytest.mark.parametrize("gives", [lambda: float("nan"), lambda: "much", lambda: 1 / 0, lambda: None])
def test_a_metric_that_gives_no_number_is_a_stated_error_and_no_figure(measured, gives):
    with pytest.raises(BadMeasure, match=r"The metric Mine .* on query q1.*mend its plugin, or leave it out"):
        measured(Mine=lambda *_: gives())


def test_a_metric_cannot_take_the_name_of_ours(measured):
    with pytest.raises(BadMeasure, match="MAP is a metric of Citewell's own"):
        measured(MAP=lambda *_: 1)


def test_two_that_bring_one_name_are_both_refused_and_what_cannot_be_called_is(install, guide):  # noqa: F811
    install("alpha", guide)
    install("beta", guide.replace('"letters": Letters', '"letters": Letters, "bad name": Letters, "no": 3'))
    loaded = load_plugins()
    assert ("encoder", "letters") not in loaded.parts
    told = " ".join(failure.error for failure in loaded.failures)
    assert "the encoder letters that alpha brings is refused, because beta brings one, too" in told
    assert "'bad name' is no name" in told
    assert "the encoder no cannot be called" in told


def test_prefixes_are_not_for_a_plugins_encoder(opened):
    with pytest.raises(BadSettings, match="query_prefix is not for an encoder of a plugin: remove it"):
        opened(query_prefix="query: ")


def test_metrics_are_named_in_the_file_or_parted_by_commas_in_the_environment(tmp_path):
    (tmp_path / "citewell.toml").write_text('[eval]\nmetrics = ["One", "Two"]\n')
    assert load_settings(folder=tmp_path, environment={}).eval.metrics == ("One", "Two")
    told = load_settings(folder=tmp_path, environment={"CITEWELL_EVAL_METRICS": "Three, Four"})
    assert told.eval.metrics == ("Three", "Four")


@pytest.mark.slow
def test_the_command_line_shows_a_plugins_metric(install, guide, opened, tmp_path):  # noqa: F811
    install("mine", guide)
    opened().ingest(tmp_path / "docs")
    (tmp_path / "citewell.toml").write_text(
        'home = "home"\n[retrieval]\nmodel = "plugin:letters"\n[eval]\nmetrics = ["FirstIsRight"]\n'
    )
    command = [sys.executable, "-m", "citewell_start", "eval", "run", "gold.jsonl"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    listed = json.loads(
        subprocess.run(
            [*command[:3], "plugins", "--json"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            timeout=120,
            check=True,
        ).stdout
    )
    assert (listed["encoders"], listed["rerankers"], listed["metrics"]) == (["letters"], ["shortest"], ["FirstIsRight"])
    assert re.search(r"FirstIsRight\s+[01]\.", ended.stdout), ended.stdout + ended.stderr
