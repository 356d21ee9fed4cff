"""The number of connections is limited. Idle ones are closed before new ones are refused."""

import json

from server.transport.connection_limits import CloseReason
from tests.connections import GET, socket_server


async def test_longest_idle_connections_are_closed() -> None:
    async with socket_server(max_connections=5) as server:
        clients = []
        for number in range(1, 6):
            clients.append(await server.connect())
            await clients[-1].send(GET)
            assert (await clients[-1].answer())[0] == 200
            await server.until_open(number)
            server.later(2)
        for number in range(3):
            newcomer = await server.connect()
            await newcomer.send(GET)
            assert (await newcomer.answer())[0] == 200
            assert await clients[number].is_reset()
        assert server.closed == {CloseReason.EVICTED: 3}
        assert len(server.http.connections) == 5


async def test_connection_is_refused_if_none_is_idle() -> None:
    async with socket_server(max_connections=5) as server:
        server.app.may_answer.clear()
        busy = [await server.connect() for _ in range(5)]
        for client in busy:
            await client.send(GET)
        await server.until(lambda: server.app.requests == 5)
        server.later(2)
        for _ in range(3):
            refused = await server.connect()
            status, headers, body = await refused.answer()
            assert (status, headers["connection"], headers["retry-after"]) == (503, "close", "5")
            assert json.loads(body)["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert len(server.http.connections) == 5
        assert server.http.guard.refused == {503: 3}
        server.app.may_answer.set()
        for client in busy:
            assert (await client.answer())[0] == 200


async def test_connections_per_address_are_limited() -> None:
    async with socket_server(max_connections_per_address=2) as server:
        server.app.may_answer.clear()
        for client in [await server.connect() for _ in range(2)]:
            await client.send(GET)
        await server.until(lambda: server.app.requests == 2)
        status, _, body = await (await server.connect()).answer()
        assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")
        server.app.may_answer.set()


async def test_closed_connections_are_not_counted() -> None:
    async with socket_server(max_connections=3, max_connections_per_address=3) as server:
        for _ in range(10):
            client = await server.connect()
            await client.send(GET)
            assert (await client.answer())[0] == 200
            client.writer.close()
            await server.until_open(0)
        assert server.http.guard.refused == {}
        assert server.http.guard._by_network == {}
