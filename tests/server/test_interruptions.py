"""Cancellation of operations by disconnects, deadlines and shutdown."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from db.core.database import owner_connection
from tests.clients import TEST_SECRET, client_of
from tests.processes import ServerProcess, server_process

QUERY = "{ books(first: 1) { nodes { title } } }"
WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@asynccontextmanager
async def locked(database_url: str, table: str = "books") -> AsyncIterator[Any]:
    """Locks the table against reads; yields another connection."""
    async with owner_connection(database_url) as lock, owner_connection(database_url) as observer:
        transaction = lock.transaction()
        await transaction.start()
        await lock.execute(f"lock table {table} in access exclusive mode")
        try:
            yield observer
        finally:
            await transaction.rollback()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Polls the condition; fails after a minute."""
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  # there is no event for a statement that waits for a lock
            await asyncio.sleep(0.01)


async def until_waiting(observer: Any, number: int) -> None:
    """Waits until this number of statements wait for the lock."""

    async def reached() -> bool:
        found: int = await observer.fetchval(WAITING)
        return found == number

    await until(reached)


@pytest.fixture
async def server(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[ServerProcess]:
    settings = {"DATABASE_URL": writable_database_url, "REDIS_URL": redis_url, "JWT_SECRET": TEST_SECRET}
    async with server_process(tmp_path / "log", **settings) as server:
        yield server


async def test_disconnect_cancels_the_statement(server: ServerProcess, writable_database_url: str) -> None:
    address = urlsplit(server.address)
    async with locked(writable_database_url) as observer:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        body = b'{"query": "' + QUERY.encode() + b'"}'
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        await until_waiting(observer, 1)
        writer.close()
        await until_waiting(observer, 0)

        async def is_logged() -> bool:
            return "status=499" in await asyncio.to_thread(server.log.read_text)

        await until(is_logged)
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(server.address, json={"query": QUERY})
        assert "errors" not in answer.json()


async def test_operation_has_a_deadline(writable_database_url: str, redis_url: str) -> None:
    async with (
        client_of(writable_database_url, redis_url, operation_timeout_seconds=0.3) as client,
        locked(writable_database_url) as observer,
    ):
        answer = await client.run(QUERY)
        assert (answer.status, answer.error_codes) == (504, ["TIMEOUT"])
        assert "0.3 seconds" in answer.messages[0]
        await until_waiting(observer, 0)


async def test_cancelled_operation_leaves_no_open_transaction(writable_database_url: str, redis_url: str) -> None:
    settings = {"operation_timeout_seconds": 1.5, "db_pool_min": 1, "db_pool_max": 1}
    async with client_of(writable_database_url, redis_url, **settings) as client:
        async with locked(writable_database_url, "cards") as observer:
            answer = await client.run("{ viewer { dashboard { dueNow } } }", user="demo")
            assert answer.error_codes == ["TIMEOUT"]
            await until_waiting(observer, 0)
            states = "select state from pg_stat_activity where datname = current_database() and application_name = $1"
            assert [row["state"] for row in await observer.fetch(states, "shinjp")] == ["idle"]
        assert (await client.run("{ viewer { dashboard { dueNow } } }", user="demo")).data["viewer"]
        # The next user of the connection has no viewer, not that of the cancelled operation.
        assert (await client.run("{ books(first: 1) { nodes { progress { id } } } }")).data == {
            "books": {"nodes": [{"progress": None}]}
        }


async def test_exhausted_pool_is_reported(writable_database_url: str, redis_url: str) -> None:
    settings = {"db_pool_min": 1, "db_pool_max": 1, "db_pool_timeout_seconds": 0.2}
    async with client_of(writable_database_url, redis_url, **settings) as client:
        async with locked(writable_database_url) as observer:
            waiting = asyncio.create_task(client.run(QUERY))
            await until_waiting(observer, 1)
            answer = await client.run('{ kanji(character: "食") { id } }')
            assert answer.error_codes == ["SERVICE_UNAVAILABLE"]
            assert "exhausted" in answer.messages[0]
        assert (await waiting).data


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
async def test_shutdown_completes_running_requests(
    server: ServerProcess, writable_database_url: str, with_signal: signal.Signals
) -> None:
    address = urlsplit(server.address)
    async with httpx.AsyncClient(timeout=30) as client:
        async with locked(writable_database_url) as observer:
            running = asyncio.create_task(client.post(server.address, json={"query": QUERY}))
            await until_waiting(observer, 1)
            stopping = asyncio.create_task(server.stop(with_signal))

            async def refuses() -> bool:
                try:
                    _, writer = await asyncio.open_connection(address.hostname, address.port)
                except ConnectionError:  # refused, or reset if it waited in the backlog of the closed listener
                    return True
                writer.close()
                return False

            await until(refuses)
        assert (await running).json()["data"]["books"]["nodes"]
    assert await stopping == 0
