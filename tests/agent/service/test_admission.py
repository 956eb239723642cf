"""More runs than are allowed are sent away, and nothing else waits for them."""

import asyncio
import contextlib
import http.client
import json
import time

from agent.service.admission import Runs
from agent.service.app import create_app
from agent.state import LEFT, Retrieve
from tests.serving import asking, raw, serving


def test_more_runs_than_allowed_are_sent_away_and_health_never_waits(service):
    with serving(create_app(service, limit=1)) as port, raw(port, *asking("wait", stream=True)) as busy:
        assert service.begun.wait(10)

        def call(method, path, body=None):
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
                response = connection.getresponse()
                return response.status, dict(response.headers), json.loads(response.read())

        status, headers, told = call("POST", "/ask", {"question": "x"})
        assert (status, told["code"]) == (503, "saturated")
        assert int(headers["retry-after"]) > 0
        assert call("GET", "/healthz")[0] == 200
        assert call("POST", "/search", {"query": "x"})[0] == 200
        status, _, told = call("GET", "/readyz")
        assert (status, told["reasons"][0].split(":")[0]) == (503, "saturated")
        service.go_on.set()
        lines = busy.makefile("rb")
        while b"event: done" not in lines.readline():
            pass
        until = time.monotonic() + 10  # the run puts its things in order after its last word
        while call("GET", "/readyz")[0] != 200:
            assert time.monotonic() < until
        assert call("POST", "/ask", {"question": "x"})[0] == 200


def test_one_that_is_halted_to_be_resumed_is_not_cancelled_for_good_when_its_client_leaves_too():
    said = []

    async def items():
        yield Retrieve("x")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            said.append(error.args)
            try:
                await asyncio.sleep(0.05)  # it puts its things in order
            except asyncio.CancelledError as error:
                said.append(error.args)
            raise

    async def stop():
        runs = Runs(1)
        live = runs.begin(items())
        await anext(live)
        runs.stop()
        while not said:
            await asyncio.sleep(0)
        await live.close()

    asyncio.run(stop())
    assert said == [(LEFT,)]
