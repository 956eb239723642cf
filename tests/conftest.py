"""What the tests of several rooms share; what is heavy is made once a session, and only for those who ask."""

import os
import shutil

import pytest

from tests.places import SHARED

# Before torch is imported, here or in a process that a test starts. Two workers share two processors: threads of one
# that wait for each other take half as much again as they give.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_runtest_setup(item):
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        pytest.skip(f"the public collections are not there: {SHARED}")


@pytest.fixture(scope="session")
def encoder():
    """The embedded encoder; its tokenizer is quick, its weights are loaded with the first text that is encoded."""
    from retrieval.vectors.encoder import SentenceEncoder

    return SentenceEncoder()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A model that is quick and means little."""
    from tests.homes import tiny_model

    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="session")
def quick(tiny):
    """An encoder with that model."""
    from retrieval.vectors.encoder import SentenceEncoder

    return SentenceEncoder(str(tiny))


@pytest.fixture(scope="session")
def library(tmp_path_factory, quick):
    """A home with two versions; not to be changed, but copied."""
    from tests.homes import build

    return build(tmp_path_factory.mktemp("cli"), quick)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory, encoder):
    """The same home by the embedded encoder; not to be changed, but copied."""
    from tests.homes import build

    return build(tmp_path_factory.mktemp("furnished"), encoder)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A real browser without a window, which reaches no network."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("there is no Chromium with its driver on this machine")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = chromium
    quiet = ("background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage")
    for argument in (
        *("--headless=new", "--no-sandbox", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND"),
        *(f"--disable-{name}" for name in quiet),
        f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = Chrome(options=options, service=ChromeService(driver))
    yield opened
    opened.quit()


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of our own."""
    from tests.postgres import running

    with running() as server:
        yield server


@pytest.fixture
def shared():
    """The public collections beside the project."""
    return SHARED
