"""The reads of an operation share a transaction, and nobody keeps a connection while waiting for another."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from db.database import Database, open_database
from db.query import Query, Row
from db.reads import Reads
from domain.errors import ServiceUnavailable
from domain.statistics import RequestStatistics
from domain.values import Role
from domain.viewer import Viewer
from tests.databases import column, execute


class TextRow(Row):
    __slots__ = ()
    value: str


def query(statement: str, *, personal: bool = True) -> Query[TextRow]:
    return Query(text(statement), TextRow, personal=personal)


TRANSACTION = query("select pg_current_xact_id_if_assigned()::text, now()::text || pg_backend_pid() as value")
WHO = query("select current_setting('app.user_id', true) as value")
WHO_IN_PUBLIC = query("select current_setting('app.user_id', true) as value", personal=False)
FAILS = query("select (1 / 0)::text as value")
SLOW = query("select pg_sleep(0.05)::text || pg_backend_pid() as value")


@pytest.fixture
async def small(content_database_url: str) -> AsyncIterator[Database]:
    """A pool of two connections."""
    async with open_database(content_database_url, min_size=1, max_size=2, timeout=5) as database:
        yield database


@pytest.fixture
async def demo(content_database_url: str) -> Viewer:
    [id] = await column(content_database_url, "select id from users where subject = 'demo'")
    return Viewer(id, Role.LEARNER)


def reads_of(database: Database, viewer: Viewer | None) -> Reads:
    return Reads(database, viewer, RequestStatistics())


async def value(reads: Reads, one: Query[TextRow], **values: object) -> str:
    [row] = await reads.rows(one, **values)
    return row.value


async def test_statements_of_an_operation_share_a_transaction(small: Database, demo: Viewer) -> None:
    reads = reads_of(small, demo)
    async with reads.one_transaction():
        first, second = [await value(reads, TRANSACTION) for _ in range(2)]
        assert small.figures().in_use == 1
    assert first == second
    assert small.figures().in_use == 0
    assert await value(reads, TRANSACTION) != first


async def test_the_transaction_names_the_viewer_and_nothing_outlives_it(small: Database, demo: Viewer) -> None:
    reads = reads_of(small, demo)
    async with reads.one_transaction():
        assert await value(reads, WHO) == demo.id.hex
        assert await value(reads, WHO_IN_PUBLIC) == demo.id.hex
    # The connection that comes next is the same, and knows nobody.
    assert await value(reads_of(small, None), WHO_IN_PUBLIC) in (None, "")


async def test_it_cannot_write(small: Database, demo: Viewer) -> None:
    reads = reads_of(small, demo)
    async with reads.one_transaction():
        assert await value(reads, query("select current_setting('transaction_read_only') as value")) == "on"


async def test_a_statement_sees_what_was_committed_before_it(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        [id] = await column(writable_database_url, "select id from users where subject = 'demo'")
        reads = reads_of(database, Viewer(id, Role.LEARNER))
        title = query("select title as value from books order by id limit 1")
        async with reads.one_transaction():
            await value(reads, title)
            await execute(writable_database_url, "update books set title = 'changed'")
            assert await value(reads, title) == "changed"


async def test_after_a_failure_the_next_statement_works(small: Database, demo: Viewer) -> None:
    reads = reads_of(small, demo)
    async with reads.one_transaction():
        with pytest.raises(Exception, match="division by zero"):
            await value(reads, FAILS)
        assert await value(reads, WHO) == demo.id.hex
    assert small.figures().in_use == 0


async def test_statements_of_a_moment_run_side_by_side(small: Database, demo: Viewer) -> None:
    reads = reads_of(small, demo)
    async with reads.one_transaction():
        assert len(set(await asyncio.gather(*(value(reads, SLOW) for _ in range(2))))) == 2


async def test_operations_that_want_more_connections_than_there_are_all_end(small: Database, demo: Viewer) -> None:
    async def operation() -> None:
        reads = reads_of(small, demo)
        async with reads.one_transaction():
            for _ in range(3):
                await asyncio.gather(*(value(reads, SLOW) for _ in range(4)))

    await asyncio.gather(*(operation() for _ in range(6)))
    assert small.figures().in_use == 0


async def test_a_cancelled_statement_gives_its_connection_back(small: Database, demo: Viewer) -> None:
    reads = reads_of(small, demo)
    long = query("select pg_sleep(60)::text as value")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), reads.one_transaction():
            await value(reads, long)
    assert await value(reads, WHO) == demo.id.hex
    assert small.figures().in_use == 0


async def test_a_connection_that_was_lost_is_not_lent_again(small: Database, demo: Viewer, owner: Any) -> None:
    reads = reads_of(small, demo)
    backend = query("select pg_backend_pid()::text as value")
    first = await value(reads, backend)
    # It waits until the backend is gone.
    assert await owner.fetchval("select pg_terminate_backend($1, 5000)", int(first))
    found = await value(reads, backend)
    assert found != first


async def test_who_waits_too_long_is_told(content_database_url: str, demo: Viewer) -> None:
    async with open_database(content_database_url, min_size=1, max_size=1, timeout=0.1) as database:
        holding = reads_of(database, demo)
        async with holding.one_transaction():
            await value(holding, WHO)
            with pytest.raises(ServiceUnavailable, match="busy"):
                await value(reads_of(database, demo), WHO)
            await holding.pause()
            assert await value(reads_of(database, demo), WHO) == demo.id.hex
            assert await value(holding, WHO) == demo.id.hex


async def test_who_has_waited_longest_is_next(content_database_url: str, demo: Viewer) -> None:
    async with open_database(content_database_url, min_size=1, max_size=1, timeout=5) as database:
        order: list[int] = []

        async def wait(number: int) -> None:
            async with database.connection():
                order.append(number)

        async with database.connection():
            waiting = [asyncio.ensure_future(wait(number)) for number in range(5)]
            await asyncio.sleep(0)
            assert database.figures().waiting == 5
            # Those who leave are passed over.
            waiting[1].cancel()
        await asyncio.wait(waiting)
        assert order == [0, 2, 3, 4]
        assert database.figures().waiting == database.figures().in_use == 0


async def test_a_connection_that_broke_lets_the_next_have_another(content_database_url: str, demo: Viewer) -> None:
    async with open_database(content_database_url, min_size=1, max_size=1, timeout=5) as database:
        reads = reads_of(database, demo)
        failing = [asyncio.ensure_future(value(reads, FAILS)) for _ in range(3)]
        assert await value(reads, WHO) == demo.id.hex
        assert all(isinstance(found, Exception) for found in await asyncio.gather(*failing, return_exceptions=True))
        assert database.figures().in_use == 0
