"""A scripted service, and a client of it."""

import pytest
from starlette.testclient import TestClient

from agent.service.app import create_app
from tests.agent.service.scripted import Scripted


@pytest.fixture
def service():
    return Scripted()


@pytest.fixture
def client(service):
    with TestClient(create_app(service), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client
