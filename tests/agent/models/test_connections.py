"""Runs that go on at the same time share their connections, and the last of them closes what they shared."""

import asyncio

from agent.models.claude import Claude
from agent.models.connections import let_go, taken


class Client:
    closed = False

    async def aclose(self):
        self.closed = True


def test_those_of_a_loop_share_one_client_which_the_last_of_them_closes():
    async def share():
        first, second = taken(Client), taken(Client)
        assert first is second
        await let_go()
        assert not first.closed
        await let_go()
        assert first.closed
        assert taken(Client) is not first
        await let_go()

    asyncio.run(share())


def test_another_loop_has_another_client():
    async def take():
        return taken(Client)

    first, second = asyncio.run(take()), asyncio.run(take())
    assert first is not second


def test_models_of_many_runs_hold_one_set_of_connections():
    async def connect():
        models = [Claude("m", api_key="k", base_url="http://127.0.0.1:9") for _ in range(3)]
        clients = {id(model._connect()._client) for model in models}
        for model in models:
            await model.aclose()
        return clients

    assert len(asyncio.run(connect())) == 1
