"""What all commands share: their settings are read once, and one home is opened."""

import pytest

import agent.settings
import agent.wire


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("index", "versions"),
        ("search", "logs"),
        ("runs", "list"),
        ("eval", "synthesize", "-o", "g", "-n", "1"),
    ],
    ids=" ".join,
)
def test_a_command_reads_its_settings_once_and_opens_one_home(citewell, home, monkeypatch, words):
    read, opened = [], []
    load, begin = agent.settings.load_settings, agent.wire.Citewell.__init__

    def loaded(**told):
        read.append(told)
        return load(**told)

    def begun(self, *given, **told):
        opened.append(given)
        begin(self, *given, **told)

    for module in (agent.settings, agent.wire):
        monkeypatch.setattr(module, "load_settings", loaded)
    monkeypatch.setattr(agent.wire.Citewell, "__init__", begun)
    assert citewell("--home", home, *words).code == 0

    assert (len(read), len(opened) <= 1) == (1, True)
