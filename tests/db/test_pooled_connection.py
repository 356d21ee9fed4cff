"""Prepared statements are executed as by asyncpg."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from db.core.connection import Connection
from db.core.database import open_database, owner_connection
from db.core.statement import Row

READ = "select value from measured order by value"


class MeasuredRow(Row):
    """A row of the test."""

    __slots__ = ()
    value: int


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Connection]:
    async with owner_connection(writable_database_url) as owner:
        await owner.execute("create table measured (value int); insert into measured values (1), (2)")
        await owner.execute("grant select on measured to public")
    async with (
        open_database(writable_database_url, min_size=1, max_size=1) as database,
        database.connection() as connection,
    ):
        yield connection


async def change_type(url: str) -> None:
    async with owner_connection(url) as owner:
        await owner.execute("alter table measured alter value type text using value::text || '!'")


async def read(connection: Connection) -> list[object]:
    rows = await connection.fetch(READ, record_class=MeasuredRow)
    assert all(type(row) is MeasuredRow for row in rows)
    return [row.value for row in rows]


async def test_prepared_statement_returns_rows_of_the_class(connection: Connection) -> None:
    assert [await read(connection) for _ in range(3)] == [[1, 2]] * 3
    # The class is part of the statement.
    assert type((await connection.fetch(READ))[0]) is asyncpg.Record


async def test_statement_is_prepared_again_after_a_change_of_types(
    connection: Connection, writable_database_url: str
) -> None:
    assert await read(connection) == [1, 2]
    await change_type(writable_database_url)
    assert [await read(connection) for _ in range(2)] == [["1!", "2!"]] * 2


async def test_change_of_types_fails_a_transaction(connection: Connection, writable_database_url: str) -> None:
    assert await read(connection) == [1, 2]
    await change_type(writable_database_url)
    await connection.execute("begin")
    with pytest.raises(asyncpg.InvalidCachedStatementError):
        await read(connection)
    await connection.execute("rollback")
    assert await read(connection) == ["1!", "2!"]


async def test_second_statement_at_a_time_is_rejected(connection: Connection) -> None:
    assert await read(connection) == [1, 2]
    found = await asyncio.gather(read(connection), read(connection), return_exceptions=True)
    assert found[0] == [1, 2]
    assert isinstance(found[1], asyncpg.InterfaceError)


async def test_cancelled_statement_leaves_the_connection_usable(connection: Connection) -> None:
    sleep = "select pg_sleep($1)"
    await connection.fetch(sleep, 0, record_class=MeasuredRow)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await connection.fetch(sleep, 60, record_class=MeasuredRow)
    assert await read(connection) == [1, 2]
