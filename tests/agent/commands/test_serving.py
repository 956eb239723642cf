"""What is attached is shown: plugins, their tools, and who may call them."""

import pytest


def test_plugins(citewell, tmp_path, monkeypatch):
    charter = tmp_path / "charter.toml"
    charter.write_text('[tools]\nread_around = "deny"\nroll_dise = "deny"\n')
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(charter))
    found = citewell("plugins", "--json").json

    assert {"name": "citewell", "version": "0.1.0"} in found["plugins"]
    tools = {tool["name"]: tool for tool in found["tools"]}
    assert tools["search_documents"].keys() >= {"name", "plugin", "effect", "authorization"}
    assert tools["read_around"]["authorization"] == "deny"
    told = {"timeout": 60.0, "retries": 0, "idempotent": False, "apart": False}
    assert tools["count_documents"].items() >= told.items()
    assert isinstance(found["failures"], list)
    (problem,) = found["problems"]
    assert "'roll_dise'" in problem
    assert problem in citewell("plugins").out


@pytest.mark.slow
def test_plugins_are_checked_and_what_fails_ends_the_command_with_one(citewell, monkeypatch):
    from plugins import checking
    from plugins.conformance import Finding

    told = citewell("plugins", "--check", "citewell", "--json").json
    assert (told["ok"], told["failed"]) == (True, 0)
    assert {"plugin", "tool", "check", "ok", "detail"} == set(told["checks"][0])
    assert "citewell calculate: 9 of 9 checks passed" in citewell("plugins", "--check").out

    slowly = Finding("citewell", "", "loads quickly", ok=False, detail="loading all plugins took 9 seconds")
    with monkeypatch.context() as patched:
        patched.setattr(checking, "check_apart", lambda _: [slowly])
        slow = citewell("plugins", "--check", "citewell")
    assert slow.code == 1
    assert "loads quickly: loading all plugins took" in slow.out
    missing = citewell("plugins", "--check", "nope", "--json")
    assert (missing.code, missing.json["error"]["code"]) == (2, "no_plugin")
    both = citewell("plugins", "--check", "citewell", "new", "weather")
    assert (both.code, "leave one out" in both.err) == (2, True)


def test_a_new_plugin_is_written_and_never_over_another(citewell, tmp_path):
    written = citewell("plugins", "new", "weather", "--into", str(tmp_path), "--json").json
    assert written["path"] == str(tmp_path / "weather")
    assert (tmp_path / "weather" / "weather.py").exists()
    again = citewell("plugins", "new", "weather", "--into", str(tmp_path))
    assert (again.code, "nothing in it is overwritten" in again.err) == (2, True)
