"""What comes in is known by a name, of a size that is taken, and from where it may come."""

import json

import pytest
from starlette.testclient import TestClient

from agent.service.app import create_app
from tests.agent.service.scripted import Ready, is_problem
from tests.serving import raw, serving


def test_wherever_there_is_get_there_is_head_without_a_body(client, service):
    service.ready = Ready(False, ("no index",), None)
    got = [path for path, methods in client.get("/openapi.json").json()["paths"].items() if "get" in methods]
    for path in [*got, "/docs", "/openapi.json", "/nowhere", "/ask"]:
        told, head = client.get(path), client.head(path)
        assert head.content == b""
        assert head.status_code == told.status_code
        for name in ("content-type", "content-length"):
            assert head.headers[name] == told.headers[name], path


def test_options_names_the_methods_of_an_address(client):
    for path, allowed in (("/ask", "POST, OPTIONS"), ("/readyz", "GET, HEAD, OPTIONS")):
        response = client.options(path)
        assert (response.status_code, response.content, response.headers["allow"]) == (204, b"", allowed)
    assert client.options("/nowhere").status_code == 404


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_a_megabyte_is_413(client, service, announced):
    body = json.dumps({"question": "x" * 1_000_000}).encode()
    content = body if announced else iter([body[:600_000], body[600_000:]])
    response = client.post("/ask", content=content, headers={"Content-Type": "application/json"})
    is_problem(response, 413, "too_large")
    assert service.asked == []


@pytest.mark.parametrize(("given", "echoed"), [("abc-1.2_3", True), ("a b", False), ("x" * 129, False), ("é", False)])
def test_a_plain_request_id_is_echoed_and_any_other_replaced(client, given, echoed):
    id_ = client.get("/healthz", headers={"X-Request-Id": given.encode()}).headers["x-request-id"]
    assert (id_ == given) is echoed
    assert id_


@pytest.mark.parametrize(
    ("host", "origin", "code"),
    [
        ("localhost", None, None),
        ("LOCALHOST:8000", None, None),
        ("127.0.0.1:1", "http://127.0.0.1:1", None),
        ("[::1]:8000", "http://[::1]:8000", None),
        ("answers.example", "https://answers.example", None),
        ("evil.example", None, "unknown_host"),
        ("localhost.evil.example", None, "unknown_host"),
        ("localhost@evil.example", None, "unknown_host"),
        ("127.0.0.1.evil.example:80", None, "unknown_host"),
        ("", None, "unknown_host"),
        ("localhost:8000", "http://localhost:8001", "foreign_origin"),
        ("localhost:8000", "http://evil.example", "foreign_origin"),
        ("localhost:8000", "null", "foreign_origin"),
        ("localhost:8000", "", "foreign_origin"),
        ("localhost:8000", "http://127.0.0.1:8000", "foreign_origin"),
    ],
)
def test_only_known_hosts_and_own_origins_come_in(service, host, origin, code):
    client = TestClient(create_app(service, hosts=["Answers.example"]), base_url="http://localhost")
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    for method, path in (("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/ask")):
        response = client.request(method, path, headers=headers, json={"question": "x"} if method == "POST" else None)
        if code:
            is_problem(response, 403, code)
        else:
            assert response.status_code == 200
    assert len(service.asked) == (0 if code else 1)


def test_a_name_is_allowed_by_the_command_line(tmp_path, monkeypatch, capsys):
    from agent.cli import main

    served = []
    monkeypatch.setattr("agent.service.server.serve", lambda app, *_, **__: served.append(app))
    monkeypatch.setattr("agent.wire.Citewell.keep_up", lambda _: None)
    words = ["serve", "--home", str(tmp_path / "home"), "--host-name", "answers.example"]
    with pytest.raises(SystemExit):
        main(words)
    for host, status in (("answers.example", 200), ("evil.example", 403)):
        told = TestClient(served[0], base_url="http://localhost").get("/healthz", headers={"Host": host})
        assert told.status_code == status
    assert "citewell serve --host-name NAME" in told.json()["detail"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--host-name", "https://answers.example:80"])
    assert ended.value.code == 2
    assert "without a port" in capsys.readouterr().err


def test_a_missing_or_doubled_host_is_refused_on_the_wire(service):
    with serving(create_app(service)) as port:
        for head in ("GET /healthz HTTP/1.0\n", "GET /healthz HTTP/1.1\nHost: evil.example:80\nConnection: close\n"):
            with raw(port, head) as connection:
                assert b" 403 " in connection.makefile("rb").readline()
        with raw(port, "GET /healthz HTTP/1.1\nHost: localhost\nHost: evil.example\nConnection: close\n") as connection:
            assert b" 40" in connection.makefile("rb").readline()
        with raw(port, f"GET /healthz HTTP/1.1\nHost: localhost:{port}\nConnection: close\n") as connection:
            assert b" 200 " in connection.makefile("rb").readline()


def test_a_body_announced_too_large_is_refused_before_it_is_sent(service):
    head = "POST /ask HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 1000001\n"
    with serving(create_app(service)) as port, raw(port, head) as connection:
        assert b" 413 " in connection.makefile("rb").readline()
