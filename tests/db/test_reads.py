"""Reads set the RLS context for one statement and release their connection after it."""

import asyncio
import pkgutil
import re
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import text

from db import commands, queries
from db.core.database import APPLICATION_ROLE, Database, open_database
from db.core.read_session import ReadSession
from db.core.row_level_security import with_rls_context
from db.core.statement import Query, Row
from domain.enums import Role
from domain.errors import ServiceUnavailable
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from tests.databases import column


class TextRow(Row):
    __slots__ = ()
    value: str


def query(statement: str, *, rls_scoped: bool = True) -> Query[TextRow]:
    return Query(text(statement), TextRow, rls_scoped=rls_scoped)


_WHO = """
    select coalesce(current_setting('app.user_id', true), '') || ' ' || coalesce(current_setting('app.role', true), '')
        as value
"""
WHO = query(_WHO)
WHO_IN_PUBLIC = query(_WHO, rls_scoped=False)
FAILS = query("select (1 / 0)::text as value")
SLOW = query("select pg_sleep(0.05)::text as value")

# Statements of modules; paged queries create further ones.
PERSONAL = {
    f"{module.name}.{name}": statement
    for package in (queries, commands)
    for module in pkgutil.iter_modules(package.__path__)
    for name, statement in vars(import_module(f"{package.__name__}.{module.name}")).items()
    if isinstance(statement, Query) and statement.rls_scoped
}


@pytest.fixture
async def small_database(content_database_url: str) -> AsyncIterator[Database]:
    """A pool of two connections."""
    async with open_database(content_database_url, min_size=1, max_size=2, timeout=60) as database:
        yield database


@pytest.fixture
async def demo(content_database_url: str) -> Viewer:
    [id] = await column(content_database_url, "select id from users where subject = 'demo'")
    return Viewer(id, Role.LEARNER)


def reads_of(database: Database, viewer: Viewer | None) -> ReadSession:
    return ReadSession(database, viewer, RequestStatistics())


async def value(reads: ReadSession, one: Query[TextRow], **values: object) -> str:
    [row] = await reads.rows(one, **values)
    return row.value


@pytest.mark.parametrize("role", Role)
async def test_rls_context_ends_with_the_statement(small_database: Database, demo: Viewer, role: Role) -> None:
    viewer = Viewer(demo.id, role)
    reads = reads_of(small_database, viewer)
    assert await value(reads, WHO) == f"{viewer.id.hex} {role.value}"
    # The same connection, now without a viewer.
    assert await value(reads, WHO_IN_PUBLIC) == " "
    assert await value(reads_of(small_database, None), WHO) == " "
    assert small_database.pool_stats().in_use == 0


@pytest.mark.parametrize(
    "statement",
    [
        "select who as value from users limit 1",
        "select who as value from users group by 1",
        "select max(who) as value from users",
        "select (select who) as value",
        "with named as materialized (select who as value from users) select value from named",
        "select who as value from users union select who",
        "select who as value from unnest(array[1]) as one, lateral (select id from users where who <> '') as below",
    ],
)
async def test_rls_context_is_set_before_rows_are_read(small_database: Database, demo: Viewer, statement: str) -> None:
    found = await value(
        reads_of(small_database, demo), query(statement.replace("who", "current_setting('app.user_id', true)"))
    )
    assert found == demo.id.hex


@pytest.mark.parametrize("name", PERSONAL)
async def test_rls_condition_is_the_top_of_the_plan(owner: Any, name: str) -> None:
    statement = PERSONAL[name]
    parameters = len(statement.parameters)
    await owner.execute(f"prepare personal as {with_rls_context(statement.sql, parameters)}")
    await owner.execute(f"set role {APPLICATION_ROLE}; set plan_cache_mode = force_generic_plan")
    values = ", ".join(["null"] * (parameters + 2))
    plan = [row[0].strip() for row in await owner.fetch(f"explain (costs off) execute personal({values})")]
    assert plan[0] == "Result"
    # The parameter is the result of the condition's subquery.
    assert re.fullmatch(r"One-Time Filter: \((\(InitPlan 1\)\.col1|\$\d+) IS NOT NULL\)", plan[1]), plan


async def test_rls_context_keeps_the_order(small_database: Database, demo: Viewer) -> None:
    numbers = query("select number::text as value from generate_series(1, 9) as number order by number desc limit 3")
    assert [row.value for row in await reads_of(small_database, demo).rows(numbers)] == ["9", "8", "7"]


async def test_statement_works_after_a_failed_one(small_database: Database, demo: Viewer) -> None:
    for role in Role:
        reads = reads_of(small_database, Viewer(demo.id, role))
        with pytest.raises(Exception, match="division by zero"):
            await value(reads, FAILS)
        assert await value(reads, WHO) == f"{demo.id.hex} {role.value}"
    assert small_database.pool_stats().in_use == 0


async def test_operations_finish_when_the_pool_is_exhausted(small_database: Database, demo: Viewer) -> None:
    async def operation() -> None:
        reads = reads_of(small_database, demo)
        for _ in range(3):
            await asyncio.gather(*(value(reads, SLOW) for _ in range(4)))

    await asyncio.gather(*(operation() for _ in range(6)))
    assert small_database.pool_stats().in_use == 0


async def test_cancelled_statement_releases_its_connection(small_database: Database, demo: Viewer) -> None:
    reads = reads_of(small_database, demo)
    long = query("select pg_sleep(60)::text as value")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await value(reads, long)
    assert await value(reads, WHO) == f"{demo.id.hex} learner"
    assert small_database.pool_stats().in_use == 0


async def test_lost_connection_is_not_reused(small_database: Database, demo: Viewer, owner: Any) -> None:
    reads = reads_of(small_database, demo)
    backend = query("select pg_backend_pid()::text as value")
    first = await value(reads, backend)
    # Waits until the backend has exited.
    assert await owner.fetchval("select pg_terminate_backend($1, 5000)", int(first))
    found = await value(reads, backend)
    assert found != first


async def test_waiter_times_out(content_database_url: str, demo: Viewer) -> None:
    async with open_database(content_database_url, min_size=1, max_size=1, timeout=0.5) as database:
        async with database.connection():
            with pytest.raises(ServiceUnavailable, match="exhausted"):
                await value(reads_of(database, demo), WHO)
        assert await value(reads_of(database, demo), WHO) == f"{demo.id.hex} learner"


async def test_waiters_are_served_in_order(content_database_url: str, demo: Viewer) -> None:
    async with open_database(content_database_url, min_size=1, max_size=1, timeout=60) as database:
        order: list[int] = []

        async def wait(number: int) -> None:
            async with database.connection():
                order.append(number)

        async with database.connection():
            waiting = [asyncio.ensure_future(wait(number)) for number in range(5)]
            await asyncio.sleep(0)
            assert database.pool_stats().waiting == 5
            # Cancelled waiters are skipped.
            waiting[1].cancel()
        await asyncio.wait(waiting)
        assert order == [0, 2, 3, 4]
        assert database.pool_stats().waiting == database.pool_stats().in_use == 0


async def test_broken_connection_is_replaced(content_database_url: str, demo: Viewer) -> None:
    async with open_database(content_database_url, min_size=1, max_size=1, timeout=60) as database:
        reads = reads_of(database, demo)
        failing = [asyncio.ensure_future(value(reads, FAILS)) for _ in range(3)]
        assert await value(reads, WHO) == f"{demo.id.hex} learner"
        assert all(isinstance(found, Exception) for found in await asyncio.gather(*failing, return_exceptions=True))
        assert database.pool_stats().in_use == 0
