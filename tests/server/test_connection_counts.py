"""The number of connections is limited. Idle ones are closed before new ones are refused."""

import json

from server.http.client_address import TrustedProxies
from server.transport.connection_limits import CloseReason
from server.transport.protocol import HttpProtocol
from tests.connections import GET, POST, socket_server


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


def forwarded(request: bytes, address: str) -> bytes:
    return request.replace(b"Host: test", b"Host: test\r\nX-Forwarded-For: " + address.encode())


STREAM = GET.replace(b" / ", b" /stream ")
LOCAL_PROXY = TrustedProxies.parse(("127.0.0.1",))


async def test_requests_of_an_address_behind_a_proxy_are_limited() -> None:
    async with socket_server(proxies=LOCAL_PROXY, max_connections_per_address=2) as server:
        server.app.may_answer.clear()
        streaming, waiting = await server.connect(), await server.connect()
        await streaming.send(forwarded(STREAM, "192.0.2.1"))
        await waiting.send(forwarded(POST % 2 + b"ab", "192.0.2.1"))
        await server.until(lambda: server.app.requests == 2)
        # A forged address in front of the one that the proxy appended.
        refused = await server.connect()
        await refused.send(forwarded(GET, "192.0.2.9, 192.0.2.1"))
        status, headers, body = await refused.answer()
        assert (status, headers["connection"], headers["retry-after"]) == (429, "close", "5")
        extensions = json.loads(body)["errors"][0]["extensions"]
        assert (extensions["code"], extensions["limit"]) == ("RATE_LIMITED", "MAX_CONNECTIONS_PER_ADDRESS")
        assert server.http.guard.refused == {429: 1}
        # Other clients of the proxy, and the proxy itself, are not affected.
        server.app.may_answer.set()
        for request in (forwarded(GET, "192.0.2.2"), *[GET] * 3, forwarded(GET, "127.0.0.1")):
            client = await server.connect()
            await client.send(request)
            assert (await client.answer())[0] == 200
        # The proxy reuses its connections for other clients: only requests in progress count.
        assert (await waiting.answer())[0] == 200
        for _ in range(3):
            await client.send(forwarded(GET, "192.0.2.1"))
            assert (await client.answer())[0] == 200
        assert server.app.requests == 10
        streaming.writer.close()
        await server.until(lambda: server.app.streams_closed == 1)
        await server.until(lambda: set(server.http.guard._by_network) == {"127.0.0.1"})


async def test_bodies_of_an_address_behind_a_proxy_have_one_turn_together() -> None:
    async with socket_server(proxies=LOCAL_PROXY) as server:
        sending = await server.connect()
        await sending.send(forwarded(POST % 2 + b"a", "2001:db8::1:2"))
        await server.until(lambda: server.app.requests == 1)
        [connection] = server.http.connections
        assert isinstance(connection, HttpProtocol)
        assert connection.network == "2001:db8::/64"
        await sending.send(b"b")
        assert (await sending.answer())[0] == 200
        assert connection.network == "127.0.0.1"


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
