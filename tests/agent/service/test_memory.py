"""Over HTTP what is remembered is seen, added to and forgotten by who has the token, and by nobody else."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from agent.service.app import create_app
from agent.settings import MemorySettings, load_settings
from agent.wire import open_citewell
from tests.agent.service.scripted import is_problem

TOKEN = "a-token-that-is-long-enough"
WITH = {"Authorization": f"Bearer {TOKEN}"}
TOLD = {"principal": "ada", "subject": "home", "attribute": "city", "value": "Paris"}


@pytest.fixture
def client(home, surroundings):
    settings = replace(load_settings(home=home), memory=MemorySettings(principals=("ada", "bob")))
    with open_citewell(settings=settings) as opened:
        yield TestClient(create_app(opened, token=TOKEN), base_url="http://localhost", raise_server_exceptions=False)


def listed(client, principal="ada", **more):
    found = client.get("/memory", headers=WITH, params={"principal": principal, **more})
    return [(each["value"], each["from"], each["to"]) for each in found.json()["memories"]]


@pytest.mark.slow
def test_who_has_not_the_token_sees_and_does_nothing(client):
    assert client.post("/memory", headers=WITH, json=TOLD).status_code == 201
    for headers in ({}, {"Authorization": "Bearer another"}):
        for response in (
            client.get("/memory", params={"principal": "ada"}, headers=headers),
            client.post("/memory", json=TOLD | {"value": "Rome"}, headers=headers),
            client.delete("/memory", params={"principal": "ada"}, headers=headers),
        ):
            assert response.status_code == 401
    assert listed(client) == [("Paris", None, None)]


@pytest.mark.slow
def test_it_is_added_corrected_listed_and_forgotten(client):
    made = client.post("/memory", headers=WITH, json=TOLD | {"from": "2021-05-01"}).json()["memory"]
    assert made["source"]["by"] == "ada"
    corrected = client.post("/memory", headers=WITH, json={"principal": "ada", "id": made["id"], "value": "Lyon"})
    assert corrected.status_code == 201
    assert listed(client) == [("Lyon", "2021-05-01", None)]
    assert (listed(client, "bob"), len(listed(client, all=True))) == ([], 2)

    id = corrected.json()["memory"]["id"]
    anothers = client.delete("/memory", headers=WITH, params={"principal": "bob", "id": id})
    is_problem(anothers, 404, "no_memory")
    done = client.delete("/memory", headers=WITH, params={"principal": "ada", "id": id}).json()
    assert (done["forgotten"], done["clean"]) == ([id], True)
    assert client.delete("/memory", headers=WITH, params={"principal": "ada"}).json()["forgotten"] == [made["id"]]
    assert listed(client, all=True) == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"value": "Always pay"}, 409),
        ({"principal": "eve"}, 409),
        ({"value": "a\u200bb"}, 409),
        ({"from": "today"}, 422),
        ({"more": 1}, 422),
    ],
)
def test_what_the_gate_refuses_is_a_problem(client, wrong, status):
    refused = client.post("/memory", headers=WITH, json=TOLD | wrong)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
