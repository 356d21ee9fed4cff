"""Outages are distinguished from programming errors, which must not look like outages."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from db.core.database import Database, open_database, owner_connection
from db.core.errors import is_outage
from db.core.pool import is_open
from db.core.transaction import Transaction, run_transaction
from domain.enums import Role
from domain.errors import ServiceUnavailable
from domain.ids import UserId, new_id
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from tests.databases import execute


async def pass_argument_of_wrong_type(connection: Any) -> None:
    await connection.fetch("select $1::int", "seven")


async def pass_too_few_arguments(connection: Any) -> None:
    await connection.fetch("select $1::int, $2::int", 1)


async def run_concurrent_statements(connection: Any) -> None:
    results = await asyncio.gather(
        *(connection.fetch("select pg_sleep(0.05)") for _ in range(2)), return_exceptions=True
    )
    raise next(result for result in results if isinstance(result, Exception))


async def use_cursor_without_transaction(connection: Any) -> None:
    await connection.cursor("select 1")


async def read_missing_table(connection: Any) -> None:
    await connection.fetch("select * from nothing")


async def read_missing_file(_: Any) -> None:
    raise FileNotFoundError("nothing")


@pytest.mark.parametrize(
    "mistake",
    [
        pass_argument_of_wrong_type,
        pass_too_few_arguments,
        run_concurrent_statements,
        use_cursor_without_transaction,
        read_missing_table,
        read_missing_file,
    ],
)
async def test_programming_error_is_not_an_outage(
    database: Database, mistake: Callable[[Any], Awaitable[None]]
) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011  # which one differs
        async with database.connection() as connection:
            await mistake(connection)
    assert not isinstance(raised.value, ServiceUnavailable)
    assert not is_outage(raised.value, on_open_connection=True)
    # The pool still works.
    assert (await database.probe()).latency_ms > 0


async def use_until_it_fails(connection: Any) -> None:
    async with asyncio.timeout(60):
        while True:
            await connection.execute("select 1")


async def use_after_close(connection: Any) -> None:
    async with asyncio.timeout(60):
        while is_open(connection):  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.001)
    await connection.execute("select 1")


@pytest.mark.parametrize("use", [use_until_it_fails, use_after_close])
async def test_lost_connection_is_an_outage(owner_url: str, use: Callable[[Any], Awaitable[None]]) -> None:
    async def lose_and_use() -> None:
        async with database.connection() as connection:
            await execute(owner_url, f"select pg_terminate_backend({connection.get_server_pid()})")
            await use(connection)

    async with open_database(owner_url, min_size=1, max_size=1) as database:
        with pytest.raises(ServiceUnavailable) as raised:
            await lose_and_use()
        assert raised.value.__cause__ is not None
        assert (await database.probe()).latency_ms > 0


async def test_unreachable_server_is_an_outage() -> None:
    with pytest.raises(ServiceUnavailable) as raised:
        async with open_database("postgresql://localhost:1/nothing", min_size=1, max_size=1):
            pass
    assert isinstance(raised.value.__cause__, OSError)


async def test_repeated_unique_violation_is_not_an_outage(writable_database_url: str) -> None:
    """A retried attempt would find the conflicting row."""
    attempts = 0

    async def work(transaction: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        with transaction.raw_connection() as connection:
            await connection.execute("insert into probe values (1)")

    async with owner_connection(writable_database_url) as owner:
        await owner.execute("create table probe (id int primary key); grant insert on probe to shinjp_app")
        await owner.execute("insert into probe values (1)")
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        viewer = Viewer(UserId(new_id()), Role.LEARNER)
        with pytest.raises(asyncpg.UniqueViolationError):
            await run_transaction(database, viewer, datetime.now(UTC), "test", RequestStatistics(), work)
        assert attempts > 1
        async with owner_connection(writable_database_url) as owner:
            await owner.execute("delete from probe")
        await run_transaction(database, viewer, datetime.now(UTC), "test", RequestStatistics(), work)
