"""What the tests of the agent share: a home, and `citewell` with nothing of the developer's around it."""

import logging
import os
from contextlib import ExitStack

import pytest

from agent.cli import main
from tests.agent.program import Done
from tests.homes import copied
from tests.messages_server import MessagesServer
from tests.places import ROOT


@pytest.fixture(autouse=True)
def no_certificates(monkeypatch, tmp_path):
    """Loopback needs none, and loading them for every client takes most of the time of these tests."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


@pytest.fixture
def home(library, tmp_path):
    """A home of one's own, with two versions in it."""
    return copied(library, tmp_path / "kept" / "home")


@pytest.fixture
def surroundings(monkeypatch, tmp_path, tiny):
    """Nothing of the developer's own: no key, no settings, an empty folder."""
    for name in [name for name in os.environ if name.startswith(("CITEWELL_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CITEWELL_RETRIEVAL_MODEL", str(tiny))
    monkeypatch.setenv("CITEWELL_RETRIEVAL_DENSE_WEIGHT", "0.1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def citewell(surroundings, capsys):
    """Runs a command in this process."""

    def run(*words):
        root = logging.getLogger()
        before, level = list(root.handlers), root.level
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
        root.setLevel(level)
        shown = capsys.readouterr()
        return Done(left.value.code or 0, shown.out, shown.err)

    return run


@pytest.fixture
def served(monkeypatch):
    """A model's server that says what a script says, and is asked by what is started after it."""
    with ExitStack() as running:

        def serve(*steps):
            server = running.enter_context(MessagesServer(steps))
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
            return server

        yield serve
