"""While a replica is promoted under load, nothing is lost or counted twice, and the server follows the new primary."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from db.core.replication.position import REPLICA_SQL
from server.dev_servers.socket_paths import socket_directory
from tests.clients import Client, client_of
from tests.databases import column, execute, wait_for_listeners
from tests.db.test_replicas import routing
from tests.replicas import DATABASE, ReplicatedCluster, kill, promote, replicated_cluster
from tests.review_assertions import check_learner
from tests.server.test_faults import check, stream_of

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.environ.get("REPLICAS") != "1", reason="`make replicas` runs it."),
]

# Committed reviews are on the replica that is promoted.
SYNCHRONOUS = ("alter system set synchronous_standby_names = 'replica'", "alter system set synchronous_commit = 'on'")
BOOKS = "{ books(first: 3) { nodes { title } } viewer { settings { newCardsPerDay } } }"


@dataclass
class Reads:
    """Reads without a pause. `failed_at`: when requests failed, by code; monotonic."""

    count: int = 0
    failed_at: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def failed_seconds(self) -> float:
        return self.failed_at[-1] - self.failed_at[0] if self.failed_at else 0.0

    async def repeat(self, client: Client, user: str | None) -> None:
        while True:
            answer = await client.run(BOOKS if user else BOOKS.partition(" viewer")[0] + "}", user=user)
            self.count += 1
            if answer.error_codes:
                self.codes.update(answer.error_codes)
                self.failed_at.append(time.monotonic())
            await asyncio.sleep(0.01)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ReplicatedCluster]:
    async with replicated_cluster(tmp_path / "replicated", late_ms=50) as cluster:
        for statement in (*SYNCHRONOUS, "select pg_reload_conf()"):
            await execute(cluster.url(cluster.primary, "postgres"), statement)
        yield cluster


def url_of_any(*servers: Path) -> str:
    """The database on whichever of the servers is the primary."""
    hosts = ",".join(str(socket_directory(server)) for server in servers)
    return f"postgresql://shinjp@/{DATABASE}?host={hosts}&target_session_attrs=read-write"


async def test_promotion_under_load(cluster: ReplicatedCluster, redis_url: str) -> None:
    url = url_of_any(cluster.primary, cluster.replica)
    replicas = (cluster.url(cluster.replica), cluster.url(cluster.late))
    before = await check_learner(cluster.url(cluster.primary), "demo")
    stream, reads = await stream_of(cluster.url(cluster.primary)), Reads()
    async with client_of(url, redis_url, replica_database_urls=replicas) as client, asyncio.TaskGroup() as tasks:
        headers = {"Authorization": f"Bearer {client.token('demo')}"}

        async def send(operation: dict[str, Any]) -> dict[str, Any]:
            body: dict[str, Any] = (await client.http.post("/graphql", json=operation, headers=headers)).json()
            return body

        reading = [tasks.create_task(reads.repeat(client, user)) for user in (None, "one", "two")]
        sending = tasks.create_task(stream.send_all(send))
        await stream.until_answered(20)
        await kill(cluster.primary)
        await asyncio.to_thread(promote, cluster.replica)
        await sending
        new = cluster.url(cluster.replica)
        await check(stream, new, before)
        # The listener has connected again, and changes of others are seen.
        await wait_for_listeners(new, 1)
        await execute(new, "update books set title = 'After the promotion'")
        await wait_for_listeners(new, 1)
        answer = await client.run(BOOKS, user="one")
        assert {book["title"] for book in answer.data["books"]["nodes"]} == {"After the promotion"}
        # The other replica follows the new primary, and is read again.
        await until_used(client)
        for task in reading:
            task.cancel()
    assert set(reads.codes) | set(stream.codes) <= {"SERVICE_UNAVAILABLE"}
    assert reads.failed_seconds < 5


async def until_used(client: Client) -> None:
    async with asyncio.timeout(60):
        usable = 'shinjp_replica_usable{replica="2"} 1.0'
        while usable not in (await client.http.get("/metrics")).text:  # noqa: ASYNC110  # nothing announces it
            await asyncio.sleep(0.05)


async def test_replica_of_a_former_primary_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a log that the present primary does not have: its rows may never have existed. Also if it cannot be known
    from where it receives the log, and after the log of the present primary has become the longer one.
    """
    async with replicated_cluster(tmp_path / "replicated", late_ms=0) as cluster:
        await asyncio.to_thread(promote, cluster.replica)
        former, new, late = (cluster.url(server) for server in (cluster.primary, cluster.replica, cluster.late))
        for round_number, timeline in enumerate(("null::int", "received_tli")):
            monkeypatch.setattr(
                "db.core.replication.replica.REPLICA_SQL", REPLICA_SQL.replace("received_tli", timeline)
            )
            await fill(former, f"lost{round_number}", 300_000)
            async with asyncio.timeout(60):
                while await column(late, f"select to_regclass('lost{round_number}') is null") == [True]:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            async with routing(new, [late]) as routed:
                [replica] = routed.replicas.replicas
                while replica.position is None:  # noqa: ASYNC110  # nothing announces it
                    await asyncio.sleep(0.001)
                for number in range(100):
                    assert await routed.chosen() is None
                    if number == 50:
                        await fill(new, f"own{round_number}", 500_000)
                        assert replica.position is not None
                        assert replica.position.is_before(await routed.position())
                    await asyncio.sleep(0.01)


async def fill(url: str, table: str, rows: int) -> None:
    await execute(url, f"create table {table} as select number from generate_series(1, {rows}) as number")
