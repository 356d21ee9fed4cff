"""Embedded servers that are killed while in use are restarted."""

import asyncio
import os
import signal
from collections.abc import Callable, Set
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path

import httpx
import pytest

from db.migrations import upgrade
from server.dev_servers import EmbeddedServerError, embedded_servers, postgresql, valkey
from server.dev_servers.monitor import MonitoredServer, RestartBackoff, ServerMonitor
from server.dev_servers.socket_paths import socket_directory
from tests.postgres_cluster import postmaster, stopped
from tests.processes import ending, process_of_valkey, server_process

QUERY = "{ jlptContentStats { jlptLevel } }"


async def kill(*pids: int) -> None:
    async with AsyncExitStack() as stack:
        for pid in pids:
            await stack.enter_async_context(ending(pid))
            os.kill(pid, signal.SIGKILL)


def processes(data_dir: Path) -> tuple[int | None, int | None]:
    """The process ids of PostgreSQL and Valkey; None if there is none."""
    sockets = socket_directory(data_dir)
    return (
        postmaster(data_dir) if postgresql.is_running(data_dir) else None,
        process_of_valkey(data_dir) if valkey.is_ready(sockets) else None,
    )


async def until_well(client: httpx.AsyncClient, data_dir: Path, killed: Set[int]) -> set[str]:
    """Waits until both were replaced and a query succeeds; returns the errors of earlier queries."""
    codes: set[str] = set()
    async with asyncio.timeout(60):
        while True:
            running = await asyncio.to_thread(processes, data_dir)
            body = (await client.post("/graphql", json={"query": QUERY})).json()
            status = (await client.get("/readyz")).json()["status"]
            codes |= {error["extensions"]["code"] for error in body.get("errors", ())}
            if "errors" not in body and status == "OK" and None not in running and not killed & {*running}:
                assert len(body["data"]["jlptContentStats"]) == 5
                return codes


async def test_killed_servers_are_restarted_while_a_server_runs(tmp_path: Path) -> None:
    """The server keeps running, and meanwhile clients get SERVICE_UNAVAILABLE only."""
    data_dir, log = tmp_path / "data", tmp_path / "log"
    with embedded_servers(data_dir, lambda _: None) as servers:
        await asyncio.to_thread(upgrade, servers.database_url)
    settings = {"SHINJP_DATA_DIR": str(data_dir), "CACHE": "off", "OPERATION_TIMEOUT_SECONDS": "60"}
    async with server_process(log, "--no-migrate", **settings) as server:
        async with httpx.AsyncClient(base_url=server.address.removesuffix("/graphql"), timeout=60) as client:
            assert await until_well(client, data_dir, set()) == set()
            for which in ((1,), (0,), (0, 1)):
                running = await asyncio.to_thread(processes, data_dir)
                killed = {pid for index in which if (pid := running[index]) is not None}
                await kill(*killed)
                codes = await until_well(client, data_dir, killed)
                assert codes <= ({"SERVICE_UNAVAILABLE"} if 0 in which else set())
            async with asyncio.timeout(60):
                restarts = [f"{name} restarted." for name in ("PostgreSQL", "Valkey")]
                while any(log.read_text().count(line) < 2 for line in restarts):  # noqa: ASYNC110  # a file
                    await asyncio.sleep(0.02)
        logged = await server.stop_and_read()
    for name in ("PostgreSQL", "Valkey"):
        assert logged.count(f"{name} exited; restarting.") == 2
        assert logged.count(f"{name} restarted.") == 2
    # Stopping them with the server is not reported as a failure.
    assert not postgresql.is_running(data_dir)
    assert not valkey.is_running(socket_directory(data_dir))


async def test_slow_server_is_not_started_twice(tmp_path: Path) -> None:
    with embedded_servers(tmp_path, lambda _: None):
        sockets = socket_directory(tmp_path)
        pids = postmaster(tmp_path), process_of_valkey(tmp_path)
        with stopped(*pids):
            assert await asyncio.to_thread(postgresql.is_running, tmp_path)
            assert await asyncio.to_thread(valkey.is_running, sockets)


def test_delays_grow_and_are_reset() -> None:
    restarts = RestartBackoff()
    assert [restarts.next_delay(1) for _ in range(9)] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert restarts.next_delay(61) == 0
    for _ in range(5000):
        restarts.next_delay(0)
    assert restarts.next_delay(0) == 60


@pytest.mark.parametrize("reason", [None, EmbeddedServerError("It is broken."), OSError("No such directory")])
def test_repeatedly_exiting_server_waits_longer_with_instructions(reason: Exception | None) -> None:
    """Also if it never starts."""
    reports: list[str] = []
    waited: list[float] = []
    starts = 0

    def start() -> None:
        nonlocal starts
        starts += 1
        if reason is not None:
            raise reason

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return starts == 5

    report: Callable[[str], None] = reports.append
    server = MonitoredServer("It", lambda: False, start, "Look there.")
    # The work of the thread, run in this one.
    ServerMonitor(server, nullcontext, report, wait, lambda: 0.0).run()
    assert starts == 5
    assert waited == [0.5, 0.5, 1, 0.5, 2, 0.5, 4, 0.5, 8, 0.5]
    because = f" {reason}" if reason else ""
    assert reports[0] == "It exited; restarting."
    problems = [line for line in reports if line != "It restarted."]
    assert len(problems) == 5
    assert problems[-1] == (
        f"It exited or failed to start 5 times in a row.{because} Retrying in 8 seconds. Look there."
    )
    assert reports.count("It restarted.") == (0 if reason else 5)
