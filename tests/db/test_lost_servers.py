"""Connections whose server disappears without closing them: a machine without power, or a broken network."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db.core.database import open_database, owner_connection
from db.core.replication.monitored_server import MonitoredServer
from db.notify.job_queue import _connect
from db.notify.listener import open_listener
from jobs.outbox_loop import run_outbox
from jobs.periodic import ScheduledTask, run_scheduler
from tests.tcp_proxy import TcpProxy, proxy_to

ROOT = Path(__file__).parents[2]
LAYERS = ("cache", "common", "content", "db", "jobs", "loaders", "resolvers", "server")


def test_all_connections_are_watched() -> None:
    opening = re.compile(r"asyncpg\.(?:connect|create_pool)\b")
    found = {
        str(path.relative_to(ROOT))
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*.py")
        if "node_modules" not in path.parts and opening.search(path.read_text())
    }
    # The pool has a class of connections of its own.
    assert found == {"db/core/database.py", "db/core/watched_connection.py"}


@asynccontextmanager
async def connections_of(url: str) -> AsyncIterator[list[Any]]:
    """A connection of each kind."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(url, min_size=1, max_size=2))
        listener = await stack.enter_async_context(open_listener(url))
        monitored = MonitoredServer(url)
        stack.callback(monitored.disconnect)
        await monitored.ask("select 1")
        yield [
            await stack.enter_async_context(database.connection()),
            await stack.enter_async_context(database.sign_in(in_transaction=False)),
            await stack.enter_async_context(owner_connection(url)),
            await stack.enter_async_context(_connect(url)),
            listener._connection,
            monitored._connection,
        ]


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Not an option of this system.")
async def test_kernel_ends_connections_to_lost_machines(content_database_url: str) -> None:
    async with proxy_to(content_database_url) as proxy, connections_of(proxy.url) as connections:
        for connection in connections:
            opened = connection._transport.get_extra_info("socket")
            assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
            idle, interval, probes, unacknowledged = (opened.getsockopt(socket.IPPROTO_TCP, each) for each in options)
            assert idle + interval * probes <= 30
            assert 0 < unacknowledged <= 30_000


async def run_periodic_work(url: str, stopping: asyncio.Event, begin: Callable[[], None]) -> None:
    async def work(connection: "asyncpg.Connection") -> None:
        begin()
        await connection.execute("select pg_sleep(0.05)")

    # The lost session has the lock of one of them until the server ends it.
    await run_scheduler(url, stopping, [ScheduledTask(name, timedelta(), work) for name in ("one", "other")])


async def run_outbox_loop(url: str, stopping: asyncio.Event, begin: Callable[[], None]) -> None:
    async def send(connection: "asyncpg.Connection") -> int:
        begin()
        await connection.execute("select pg_sleep(0.05)")
        return 0

    async def nothing_is_due(_: "asyncpg.Connection") -> float | None:
        return None

    await run_outbox(url, "channel", stopping, send, nothing_is_due)


@pytest.mark.parametrize("run", [run_periodic_work, run_outbox_loop])
async def test_periodic_work_continues_after_its_server_was_lost(
    writable_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[[str, asyncio.Event, Callable[[], None]], Coroutine[Any, Any, None]],
) -> None:
    """A statement was in flight, to which no reply arrives."""
    for module in ("periodic", "outbox_loop"):
        monkeypatch.setattr(f"jobs.{module}._STATEMENT_SECONDS", 1.0)
    for name in ("jobs.periodic.POLL_INTERVAL", "jobs.outbox_loop._POLL_INTERVAL"):
        monkeypatch.setattr(name, timedelta(seconds=0.05))
    monkeypatch.setattr("db.core.database.REPLY_GRACE_SECONDS", 1.0)
    stopping, progress = asyncio.Event(), asyncio.Semaphore(0)
    async with proxy_to(writable_database_url) as proxy:
        running = asyncio.create_task(run(proxy.url, stopping, progress.release))
        try:
            await stall_during_work(proxy, progress)
            # Each statement until the connection is closed may wait for its reply.
            async with asyncio.timeout(30):
                for _ in range(3):
                    await progress.acquire()
            assert not running.done()
        finally:
            stopping.set()
            await asyncio.wait_for(running, 30)


async def stall_during_work(proxy: TcpProxy, progress: asyncio.Semaphore) -> None:
    async with asyncio.timeout(30):
        for _ in range(2):
            await progress.acquire()
    proxy.stall()
    while not progress.locked():
        await progress.acquire()
    proxy.recover()


async def test_server_ends_the_session_of_a_lost_listener(content_database_url: str) -> None:
    """Otherwise every change of shared content waits a second for its acknowledgement until the session ends."""
    async with open_listener(content_database_url) as listener:
        connection: Any = listener._connection
        async with listener._lock:
            rows = await connection.fetch("select name from pg_settings where source = 'session' and name like 'tcp_%'")
    assert {row["name"] for row in rows} == {
        "tcp_keepalives_count",
        "tcp_keepalives_idle",
        "tcp_keepalives_interval",
        "tcp_user_timeout",
    }
