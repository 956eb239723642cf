"""What is attached is shown: plugins, their tools, and who may call them."""


def test_plugins(citewell, tmp_path, monkeypatch):
    charter = tmp_path / "charter.toml"
    charter.write_text('[tools]\nread_around = "deny"\nroll_dise = "deny"\n')
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(charter))
    found = citewell("plugins", "--json").json

    assert {"name": "citewell", "version": "0.1.0"} in found["plugins"]
    tools = {tool["name"]: tool for tool in found["tools"]}
    assert tools["search_documents"].keys() >= {"name", "plugin", "effect", "authorization"}
    assert tools["read_around"]["authorization"] == "deny"
    assert isinstance(found["failures"], list)
    (problem,) = found["problems"]
    assert "'roll_dise'" in problem
    assert problem in citewell("plugins").out
