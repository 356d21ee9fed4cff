"""A replica is read only while it has everything that a request has to see, and no read fails when it fails."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from db.core.changes import Change
from db.core.database import Database, open_database
from db.core.read_session import ReadSession
from db.core.recent_changes import RecentChanges
from db.core.replication.position import ON_PRIMARY, UNKNOWN_POSITION, Position, end_of_records
from db.core.replication.replica_set import ReplicaSet, open_replicas
from db.core.statement import Query, Row
from domain.enums import Role
from domain.errors import ServiceUnavailable
from domain.ids import UserId
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from tests.databases import execute
from tests.named_statements import named_statements
from tests.postgres_cluster import processes, stopped
from tests.replicas import ReplicatedCluster, kill, replicated_cluster, start_replica

USER, OTHER = UserId(uuid4()), UserId(uuid4())


class Found(Row):
    __slots__ = ()
    in_recovery: bool


def query(sql: str = "select pg_is_in_recovery() as in_recovery") -> Query[Found]:
    return Query(text(sql), Found, rls_scoped=False)


@dataclass(frozen=True)
class Routing:
    database: Database
    changes: RecentChanges
    replicas: ReplicaSet

    async def chosen(self, user: UserId | None = USER, after: Position | None = None) -> str | None:
        replica = await self.replicas.choose(user, after)
        return None if replica is None else replica.name

    async def until(self, name: str | None, user: UserId | None = USER, after: Position | None = None) -> None:
        """Wait until this replica is chosen, None for the primary."""
        async with asyncio.timeout(60):
            while await self.chosen(user, after) != name:  # noqa: ASYNC110  # nothing announces it
                await asyncio.sleep(0.005)

    async def session(self) -> ReadSession:
        """A session that reads from replica 1."""
        await self.until("1")
        session = ReadSession(self.database, Viewer(USER, Role.LEARNER), RequestStatistics())
        session.read_from(self.replicas.replicas[0])
        return session

    async def position(self) -> Position:
        return await self.replicas.read_position()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # nothing announces it
            await asyncio.sleep(0.001)


@asynccontextmanager
async def routing(
    url: str, replicas: Sequence[str], *, max_lag: float = 1.0, max_wait: float = 0.0
) -> AsyncIterator[Routing]:
    changes = RecentChanges(max_lag)
    options: dict[str, Any] = {"min_size": 1, "max_size": 3, "timeout": 20.0}
    async with (
        open_database(url, **options, recent_changes=changes) as database,
        open_replicas(
            database, url, replicas, partial(open_database, **options), changes, max_lag=max_lag, max_wait=max_wait
        ) as opened,
    ):
        yield Routing(database, changes, opened)


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ReplicatedCluster]:
    async with replicated_cluster(tmp_path_factory.mktemp("replicated")) as cluster:
        yield cluster


@pytest.fixture
async def routed(cluster: ReplicatedCluster) -> AsyncIterator[Routing]:
    urls = [cluster.url(cluster.replica), cluster.url(cluster.late)]
    async with routing(cluster.url(cluster.primary), urls) as routed:
        await routed.until("1")
        yield routed


async def write(cluster: ReplicatedCluster) -> None:
    await execute(cluster.url(cluster.primary), "update books set version = version where false; select txid_current()")


async def test_late_replica_is_never_read(cluster: ReplicatedCluster, routed: Routing) -> None:
    await write(cluster)
    replicas = routed.replicas
    await until(lambda: bool(replicas.replicas[1].lag_bytes) and replicas.usable_count == 1)
    assert {await routed.chosen() for _ in range(20)} == {"1"}


async def test_user_reads_from_the_primary_until_the_replica_has_the_write(
    cluster: ReplicatedCluster, routed: Routing
) -> None:
    await write(cluster)
    routed.changes.record(USER)
    assert await routed.chosen(USER) is None
    await routed.until("1", OTHER)
    await routed.until("1", USER)


@pytest.mark.parametrize(
    ("change", "affected"),
    [
        (Change("books", {"id": [str(uuid4())]}), (USER, OTHER, None)),
        (Change("cards", None), (USER, OTHER, None)),
        (Change("cards", {"user_id": [str(USER)]}), (USER,)),
        (Change("users", {"id": [str(USER)]}), (USER,)),
    ],
)
async def test_notified_change_is_visible(routed: Routing, change: Change, affected: tuple[UserId | None, ...]) -> None:
    routed.changes.on_change(change)
    others = {USER, OTHER, None} - set(affected)
    assert [await routed.chosen(user) for user in affected] == [None] * len(affected)
    for user in others:
        await routed.until("1", user)
    for user in affected:
        await routed.until("1", user)


async def test_position_of_a_token_is_visible(cluster: ReplicatedCluster, routed: Routing) -> None:
    await write(cluster)
    position = await routed.position()
    assert await routed.chosen(OTHER, position) is None
    await routed.until("1", OTHER, position)
    assert await routed.chosen(OTHER, position._replace(bytes=position.bytes + 1_000_000)) is None
    assert await routed.chosen(OTHER, position._replace(system=position.system + 1)) is None


async def test_waiting_for_a_position(cluster: ReplicatedCluster) -> None:
    async with routing(cluster.url(cluster.primary), [cluster.url(cluster.replica)], max_wait=20) as routed:
        await routed.until("1")
        for _ in range(3):
            await write(cluster)
            assert await routed.chosen(USER, await routed.position()) == "1"
        # No replica will reach these.
        position = await routed.position()
        async with asyncio.timeout(10):
            for unreachable in (UNKNOWN_POSITION, ON_PRIMARY, position._replace(system=position.system + 1)):
                assert await routed.chosen(USER, unreachable) is None


async def test_statement_in_progress_is_repeated_after_a_kill(cluster: ReplicatedCluster, routed: Routing) -> None:
    session = await routed.session()
    assert [row.in_recovery for row in await session.rows(query())] == [True]
    reading = asyncio.create_task(
        session.rows(query("select pg_is_in_recovery() as in_recovery from pg_sleep(0.7 * pg_is_in_recovery()::int)"))
    )
    await until(lambda: routed.replicas.replicas[0].read_count == 1)
    await kill(cluster.replica)
    await asyncio.to_thread(start_replica, cluster.replica)
    assert [row.in_recovery for row in await reading] == [False]
    # The rest of the request reads from the primary, too.
    assert [row.in_recovery for row in await session.rows(query())] == [False]
    await routed.until("1")


async def test_replica_that_hangs_is_left_within_a_second(cluster: ReplicatedCluster, routed: Routing) -> None:
    session = await routed.session()
    sleep = query("select pg_is_in_recovery() as in_recovery from pg_sleep(60 * pg_is_in_recovery()::int)")
    with stopped(*processes(cluster.replica)):
        rows = await asyncio.gather(session.rows(sleep), session.rows(query()), session.rows(query()))
        assert [row.in_recovery for each in rows for row in each] == [False] * 3
        # The late one has everything after ten seconds without a write.
        assert await routed.chosen() != "1"
    await routed.until("1")


async def test_replica_that_stops_replaying_is_left(cluster: ReplicatedCluster, routed: Routing) -> None:
    await execute(cluster.url(cluster.replica), "select pg_wal_replay_pause()")
    await write(cluster)
    await routed.until(None)
    # A statement that needs what the replica does not have is repeated.
    await execute(cluster.url(cluster.primary), "create table newer as select pg_is_in_recovery() as in_recovery")
    await execute(cluster.url(cluster.primary), "grant select on newer to shinjp_app")
    session = ReadSession(routed.database, None, RequestStatistics())
    session.read_from(routed.replicas.replicas[0])
    assert [row.in_recovery for row in await session.rows(query("select in_recovery from newer"))] == [False]
    await execute(cluster.url(cluster.replica), "select pg_wal_replay_resume()")
    await routed.until("1")


async def test_other_servers_are_not_read(cluster: ReplicatedCluster, servers: tuple[str, str]) -> None:
    primary = cluster.url(cluster.primary)
    async with routing(primary, [primary, servers[0], cluster.url(cluster.replica)]) as routed:
        await routed.until("3")
        assert {await routed.chosen() for _ in range(20)} == {"3"}


async def test_pool_leaves_a_standby(cluster: ReplicatedCluster) -> None:
    """As after a failover behind a proxy that keeps connections open."""
    async with open_database(cluster.url(cluster.replica), min_size=2, max_size=2) as database:
        async with database.connection() as one, database.connection() as other:
            former = {one.get_server_pid(), other.get_server_pid()}
        async with database.connection() as in_use:
            assert in_use.get_server_pid() in former
            with pytest.raises(ServiceUnavailable):
                async with database.transaction("begin") as connection:
                    await connection.execute("delete from books where false")
        async with database.connection() as one, database.connection() as other:
            assert former.isdisjoint((one.get_server_pid(), other.get_server_pid()))


def test_queries_need_no_primary() -> None:
    needs = re.compile(
        r"\bfor (no key )?update\b|\bfor (key )?share\b|nextval|pg_current_xact_id\(|pg_advisory", re.IGNORECASE
    )
    queries = [statement for _, statement in named_statements() if isinstance(statement, Query)]
    assert len(queries) > 100
    assert [query.name for query in queries if needs.search(query.sql)] == []


async def test_start_without_a_replica(cluster: ReplicatedCluster) -> None:
    async with routing(cluster.url(cluster.primary), ["postgresql://nobody@127.0.0.1:1/none"]) as routed:
        session = ReadSession(routed.database, None, RequestStatistics())
        assert await routed.chosen() is None
        assert [row.in_recovery for row in await session.rows(query())] == [False]


@pytest.mark.parametrize("token", ["", "1", "x-1", "1-", "-1", "1-1-1", "1" * 17 + "-1", "1-1\n", "ï-1"])
def test_invalid_token(token: str) -> None:
    assert Position.parse(token) is None


def test_token_round_trip() -> None:
    for position in (Position(7_600_000_000_000_000_000, 123_456_789), ON_PRIMARY):
        assert Position.parse(position.encode()) == position


def test_position_behind_a_page_header_is_the_end_of_the_page_before() -> None:
    page = 16 * 1024 * 1024
    assert [end_of_records(page + offset) for offset in (0, 24, 40, 48)] == [page, page, page, page + 48]


def test_recent_changes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.core.recent_changes._MAX_USERS", 10)
    changes, users = RecentChanges(60), [UserId(uuid4()) for _ in range(30)]
    for user in users:
        before = time.monotonic()
        changes.record(user)
        assert changes.of(user) >= before
    assert len(changes._by_user) == 10
    # Those that were forgotten count for everybody.
    assert changes.of(None) >= changes.of(users[19])
    forgetful = RecentChanges(0)
    for user in users:
        forgetful.record(user)
    assert len(forgetful._by_user) <= 1
