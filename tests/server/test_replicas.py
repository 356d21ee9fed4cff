"""Learners see their own writes, whatever they read from: with a token on every server, without one on the same.

The histories of `test_field_cache_model.py` have the same results with replicas.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from db.core.replication.position import Position
from db.core.replication.replica_set import ReplicaSet
from domain.ids import global_id
from tests.clients import Answer, Client, client_of
from tests.cluster_snapshot import TEMPLATE
from tests.databases import column
from tests.replicas import ReplicatedCluster, replicated_cluster
from tests.server.test_field_cache_model import Cache, Servers, cache, run_histories
from tests.streams import StreamServer, stream_server
from tests.tcp_proxy import proxy_to

# `make replicas` runs many.
HISTORIES = int(os.environ.get("FUZZ_HISTORIES", "1"))

__all__ = ["cache"]

READ = "mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) { errors { code } } }"
PROGRESS = "query($id: ID!) { viewer { id } node(id: $id) { ... on Book { progress { currentPage } } } }"

BOOK = "query($id: ID!) { book(id: $id) { title version } }"
UPDATE = """mutation($input: UpdateBookInput!) {
    updateBook(input: $input) { book { version } errors { code message } } }"""


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReplicatedCluster]:
    async with replicated_cluster(tmp_path_factory.mktemp("replicated")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def replica_settings(cluster: ReplicatedCluster) -> dict[str, Any]:
    return {"replica_database_urls": (cluster.url(cluster.replica), cluster.url(cluster.late))}


@pytest.fixture(scope="module")
async def replicated(
    cluster: ReplicatedCluster, redis_url: str, replica_settings: dict[str, Any]
) -> AsyncIterator[tuple[Client, Client]]:
    """Clients of two servers."""
    url = cluster.url(cluster.primary)
    async with (
        client_of(url, redis_url, **replica_settings) as first,
        client_of(url, redis_url, **replica_settings) as other,
    ):
        yield first, other


@pytest.fixture(scope="module")
async def books(cluster: ReplicatedCluster) -> list[str]:
    ids = await column(cluster.url(cluster.primary), "select id from books where page_count > 25 order by id limit 10")
    return [global_id("Book", id) for id in ids]


async def read_page(client: Client, user: str, book: str, page: int) -> Answer:
    answer = await client.run(READ, {"input": {"bookId": book, "currentPage": page}}, user=user)
    assert answer.data["updateReadingProgress"]["errors"] == []
    return answer


async def shown_page(
    client: Client,
    user: str,
    book: str,
    headers: dict[str, str] | None = None,
    extensions: dict[str, str] | None = None,
) -> int | None:
    body = {"query": PROGRESS, "variables": {"id": book}, "extensions": extensions or {}}
    sent = {"Authorization": f"Bearer {client.token(user)}", **(headers or {})}
    progress = (await client.http.post("/graphql", json=body, headers=sent)).json()["data"]["node"]["progress"]
    return None if progress is None else progress["currentPage"]


async def replica_count(client: Client) -> float:
    """The number of queries of this process that were executed on a replica."""
    lines = (await client.http.get("/metrics")).text.splitlines()
    counts = [line for line in lines if line.startswith('shinjp_routed_queries_total{server="replica"}')]
    return sum(float(line.rpartition(" ")[2]) for line in counts)


async def read_replica(client: Client, user: str, book: str) -> None:
    """Read until the user's requests are executed on a replica."""
    before = await replica_count(client)
    async with asyncio.timeout(60):
        while await replica_count(client) == before:
            await shown_page(client, user, book)


@pytest.fixture
async def deaf(
    cluster: ReplicatedCluster, redis_url: str, replica_settings: dict[str, Any]
) -> AsyncIterator[tuple[Client, Client]]:
    """Clients of two servers that receive no notifications, which also announce most writes."""
    url = cluster.url(cluster.primary)
    async with proxy_to(url) as proxy:
        settings = {"listen_database_url": proxy.url, **replica_settings}
        async with client_of(url, redis_url, **settings) as first, client_of(url, redis_url, **settings) as other:
            proxy.stall()
            yield first, other


async def test_own_write_is_seen(deaf: tuple[Client, Client], books: list[str]) -> None:
    for carrier in ("header", "cookie", "extension", "none"):
        # Without a token, the server that the client wrote to remembers.
        writer, reader = deaf if carrier != "none" else (deaf[0], deaf[0])
        for page in range(1, 6):
            await read_replica(reader, carrier, books[0])
            answer = await read_page(writer, carrier, books[0], page)
            token = answer.headers["x-consistency-token"]
            assert answer.headers["set-cookie"].startswith(f"shinjp_consistency={token};")
            assert answer.body["extensions"]["consistencyToken"] == token
            headers = {"header": {"X-Consistency-Token": token}, "cookie": {"Cookie": f"shinjp_consistency={token}"}}
            extensions = {"consistencyToken": token} if carrier == "extension" else {}
            # httpx keeps cookies, as browsers do.
            writer.http.cookies.clear()
            assert await shown_page(reader, carrier, books[0], headers.get(carrier), extensions) == page


@pytest.mark.parametrize(
    "sql",
    ["select pg_terminate_backend(pg_backend_pid())", "set statement_timeout = 1; select pg_sleep(1)"],
    ids=["connection lost", "timeout"],
)
async def test_own_write_is_seen_if_its_position_cannot_be_read(
    deaf: tuple[Client, Client], books: list[str], monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    async def fail(replicas: ReplicaSet) -> Position:
        with monkeypatch.context() as patch:
            patch.setattr("db.core.replication.replica_set.PRIMARY_SQL", sql)
            return await read_position(replicas)

    read_position = ReplicaSet.read_position
    monkeypatch.setattr(ReplicaSet, "read_position", fail)
    writer, reader = deaf
    for page in range(1, 4):
        await read_replica(reader, "unlucky", books[3])
        answer = await read_page(writer, "unlucky", books[3], page)
        token = {"X-Consistency-Token": answer.headers["x-consistency-token"]}
        writer.http.cookies.clear()
        assert await shown_page(reader, "unlucky", books[3], token) == page


async def test_every_own_write_is_seen(replicated: tuple[Client, Client], books: list[str]) -> None:
    """Of concurrent learners, on either server."""

    async def learn(number: int) -> None:
        user, book = f"busy-{number}", books[number]
        for page in range(1, 11):
            answer = await read_page(replicated[page % 2], user, book, page)
            token = {"X-Consistency-Token": answer.headers["x-consistency-token"]}
            assert [await shown_page(client, user, book, token) for client in replicated] == [page, page]

    await asyncio.gather(*(learn(number) for number in range(5)))


async def test_replicas_are_read(replicated: tuple[Client, Client], books: list[str]) -> None:
    client = replicated[0]
    await read_page(client, "patient", books[0], 3)
    await read_replica(client, "patient", books[0])
    assert await shown_page(client, "patient", books[0]) == 3
    ready = (await client.http.get("/readyz")).json()
    assert [check["status"] for check in ready["checks"] if check["name"] == "replicas"] in (["OK"], ["DEGRADED"])


async def test_unknown_token_reads_from_the_primary(replicated: tuple[Client, Client], books: list[str]) -> None:
    client = replicated[0]
    before = await replica_count(client)
    for token in ("nonsense", "1-1", "f" * 16 + "-" + "f" * 16):
        await shown_page(client, "patient", books[0], {"X-Consistency-Token": token})
    assert await replica_count(client) == before


async def test_mutation_reads_from_the_primary(replicated: tuple[Client, Client], books: list[str]) -> None:
    client = replicated[0]
    before = await replica_count(client)
    selection = "progress { currentPage book { id progress { currentPage } } } errors { code }"
    mutation = READ.replace("errors { code }", selection)
    for page in range(1, 6):
        answer = await client.run(mutation, {"input": {"bookId": books[1], "currentPage": page}}, user="patient")
        payload = answer.data["updateReadingProgress"]
        assert payload["progress"]["book"]["progress"]["currentPage"] == page
    assert await replica_count(client) == before


async def test_value_below_a_row_of_a_replica_is_not_cached(
    replicated: tuple[Client, Client], cluster: ReplicatedCluster
) -> None:
    client = replicated[0]
    [book] = await column(cluster.url(cluster.primary), "select book_id from book_pages limit 1")
    query = "{ viewer { continue { book { book { coverage { words { total } } } } } } }"
    await read_page(client, "resumer", global_id("Book", book), 1)
    before = await replica_count(client)
    async with asyncio.timeout(60):
        while await replica_count(client) == before:
            answer = await client.run(query, user="resumer")
    assert answer.data["viewer"]["continue"]["book"]["book"]["coverage"]
    assert "Book.coverage" not in answer.body["extensions"]["stats"].get("cache", {})
    # The value of the viewer does not depend on a row.
    dashboard = await client.run("{ viewer { dashboard { dueNow } } }", user="resumer")
    assert dashboard.body["extensions"]["stats"]["cache"]["Viewer.dashboard"]


async def test_shared_change_is_seen_by_everybody(
    cluster: ReplicatedCluster, redis_url: str, replica_settings: dict[str, Any]
) -> None:
    """Without the field cache, whose values are read from the primary."""
    url = cluster.url(cluster.primary)
    [id] = await column(url, "select id from books order by id desc limit 1")
    async with (
        client_of(url, redis_url, cache="off", **replica_settings) as writer,
        client_of(url, redis_url, cache="off", **replica_settings) as reader,
    ):
        for number in range(10):
            before = await replica_count(reader)
            async with asyncio.timeout(60):
                while await replica_count(reader) == before:
                    shown = (await reader.run(BOOK, {"id": global_id("Book", id)})).data["book"]
            change = {"id": global_id("Book", id), "expectedVersion": shown["version"], "title": f"Title {number}"}
            payload = (await writer.run(UPDATE, {"input": change}, user="editor")).data["updateBook"]
            assert payload["errors"] == []
            shown = (await reader.run(BOOK, {"id": global_id("Book", id)})).data["book"]
            assert shown == {"title": f"Title {number}", "version": payload["book"]["version"]}


async def test_token_over_websockets(cluster: ReplicatedCluster, redis_url: str, books: list[str]) -> None:
    replicas = (cluster.url(cluster.replica), cluster.url(cluster.late))
    settings = {"replica_database_urls": replicas}
    async with (
        stream_server(cluster.url(cluster.primary), redis_url, **settings) as writer,
        stream_server(cluster.url(cluster.primary), redis_url, **settings) as reader,
    ):
        token: str | None = None
        for page in range(1, 6):
            [written] = await operate(writer, READ, {"input": {"bookId": books[2], "currentPage": page}}, token)
            token = written["extensions"]["consistencyToken"]
            [shown] = await operate(reader, PROGRESS, {"id": books[2]}, token)
            assert shown["data"]["node"]["progress"]["currentPage"] == page


async def operate(
    server: StreamServer, query: str, variables: dict[str, Any], token: str | None
) -> list[dict[str, Any]]:
    """The results of an operation over a new socket."""
    payload = {"query": query, "variables": variables, "extensions": {"consistencyToken": token}}
    async with connect(f"ws://{server.address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        authorization = f"Bearer {server.client.token('socket')}"
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": authorization}}))
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        results = []
        while (message := json.loads(await socket.recv()))["type"] != "complete":
            if message["type"] == "next":
                results.append(message["payload"])
        return results


async def test_no_token_without_replicas(client: Client) -> None:
    """`client` has no replicas."""
    answer = await client.run("{ viewer { id } }", user="demo", headers={"X-Consistency-Token": "1-1"})
    assert answer.data["viewer"]
    assert not {"x-consistency-token", "set-cookie"} & set(answer.headers)
    assert "shinjp_replica_usable" not in (await client.http.get("/metrics")).text


class TokenClient(Client):
    """Sends the token of the user's last write, which may have been to another server."""

    def __init__(self, client: Client, tokens: dict[str | None, str]) -> None:
        super().__init__(client.http, client.settings)
        self._tokens = tokens

    async def run(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        user: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        token = self._tokens.get(user)
        sent = {**(headers or {}), **({} if token is None else {"X-Consistency-Token": token})}
        answer = await super().run(query, variables, user=user, headers=sent)
        if "x-consistency-token" in answer.headers:
            self._tokens[user] = answer.headers["x-consistency-token"]
        return answer


class ReplicatedServers(Servers):
    """Two servers that read from replicas."""

    def __init__(self, cluster: ReplicatedCluster, cache: Cache) -> None:
        self._cluster = cluster
        self._tokens: dict[str | None, str] = {}
        super().__init__(cluster.url(cluster.primary, "postgres"), TEMPLATE, cache)

    async def _open_client(self, url: str) -> Client:
        name = urlsplit(url).path.removeprefix("/")
        replicas = tuple(self._cluster.url(path, name) for path in (self._cluster.replica, self._cluster.late))
        opening = client_of(url, self.cache.url, replica_database_urls=replicas)
        return TokenClient(await self._stack.enter_async_context(opening), self._tokens)


async def test_no_value_is_stale_with_replicas(cluster: ReplicatedCluster, cache: Cache) -> None:
    def open_servers() -> Servers:
        if not cache.runs:
            cache.start()
        return ReplicatedServers(cluster, cache)

    await asyncio.to_thread(run_histories, open_servers, HISTORIES)
