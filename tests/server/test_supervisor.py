"""`shinjp serve --workers N`: starting, replacing and stopping processes."""

import asyncio
import os
import signal
import socket
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from server.auth.development_tokens import issue_token
from server.settings import Settings
from tests.clients import TEST_SECRET
from tests.fork_server import ForkedProcess
from tests.otlp_server import OtlpServer, otlp_server
from tests.processes import (
    ServerProcess,
    address_of,
    children,
    command_process,
    ending,
    server_process,
    shinjp,
    spawning_server_process,
)
from tests.server.test_metrics import parse
from tests.tcp_proxy import proxy_to

# uvicorn gives a process five seconds to start.
LONGER_THAN_UVICORN_WAITS = 6.0
# `make fuzz` has all combinations.
STARTS = [("1", signal.SIGINT), ("2", signal.SIGTERM)]
if "FUZZ_SEED" in os.environ:
    STARTS += [("1", signal.SIGTERM), ("2", signal.SIGINT)]


# Requests of tests only: others are for metrics.
REQUESTS = (
    "http_server_request_duration_seconds_count"
    '{http_request_method="POST",http_response_status_code="200",http_route="/graphql"}'
)


async def read_metrics(address: str) -> dict[str, float]:
    """The metrics of all processes, from any of them."""
    async with httpx.AsyncClient(timeout=30) as client:
        return parse((await client.get(address)).text)


def starting(log: Path, workers: str = "2", **settings: str) -> AbstractAsyncContextManager[ForkedProcess]:
    """Starts `shinjp serve` without waiting for it. Its processes are forked from it."""
    arguments = ("serve", "--workers", workers, "--no-worker", "--no-migrate")
    return command_process(*arguments, log=log, PORT="0", CACHE_WARMUP_FILE="off", **settings)


async def test_slow_start_has_no_time_limit(content_database_url: str, redis_url: str, tmp_path: Path) -> None:
    async with (
        proxy_to(content_database_url, held_after=1) as proxy,
        starting(tmp_path / "log", DATABASE_URL=proxy.url, REDIS_URL=redis_url) as process,
        asyncio.timeout(120),
    ):
        # One line of the command, then one of each process.
        await proxy.until_connected(3)
        started = children(process.pid)
        is_ready = asyncio.create_task(address_of(process))
        assert not (await asyncio.wait({is_ready}, timeout=LONGER_THAN_UVICORN_WAITS))[0]
        proxy.release()
        address = await is_ready
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.post(address, json={"query": "{ __typename }"})
        assert answer.status_code == 200
        # No process was killed and restarted meanwhile.
        assert children(process.pid) == started


async def test_process_exit_before_ready_aborts_startup(
    content_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with (
        proxy_to(content_database_url, held_after=1) as proxy,
        starting(log, DATABASE_URL=proxy.url, REDIS_URL=redis_url) as process,
        asyncio.timeout(120),
    ):
        await proxy.until_connected(3)
        first, second = children(process.pid)
        os.kill(first, signal.SIGKILL)
        assert await process.wait() == 1
        assert second not in children(process.pid)
    assert "A server process exited with status -9 before it was ready." in await asyncio.to_thread(log.read_text)


@pytest.mark.parametrize(("workers", "with_signal"), STARTS)
async def test_signal_aborts_waiting_startup(
    content_database_url: str, redis_url: str, tmp_path: Path, with_signal: signal.Signals, workers: str
) -> None:
    log = tmp_path / "log"
    async with (
        proxy_to(content_database_url, held_after=1) as proxy,
        starting(log, workers, DATABASE_URL=proxy.url, REDIS_URL=redis_url) as process,
        asyncio.timeout(60),
    ):
        await proxy.until_connected(1 + int(workers))
        process.send_signal(with_signal)
        assert await process.wait() == 0
    assert "Traceback" not in await asyncio.to_thread(log.read_text)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_failed_startup_is_reported(content_database_url: str, workers: str) -> None:
    """With one process and with several."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = f"postgresql://postgres@127.0.0.1:{probe.getsockname()[1]}/postgres"
    settings = {"PORT": "0", "DATABASE_URL": nobody, "MIGRATION_DATABASE_URL": content_database_url}
    status, output, errors = await shinjp("serve", "--no-migrate", "--no-worker", "--workers", workers, **settings)
    assert (status, output) == (1, "")
    assert errors.splitlines()[-1].startswith("Error: ")
    assert "before it was ready" in errors.splitlines()[-1]


async def test_several_processes_serve_one_port_and_a_dead_one_is_replaced(
    writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Spawned processes, unlike those of other tests. They end when their parent is killed."""
    settings = {
        "DATABASE_URL": writable_database_url,
        "REDIS_URL": redis_url,
        "JWT_SECRET": TEST_SECRET,
        "EXPORT_DIR": str(tmp_path / "exports"),
        "TRACE_SAMPLE_RATIO": "1",
    }
    async with (
        otlp_server() as collector,
        spawning_server_process(
            tmp_path / "log",
            *("--workers", "2", "--worker", "--no-migrate"),
            **settings,
            OTLP_ENDPOINT=collector.address,
        ) as server,
    ):
        async with httpx.AsyncClient(timeout=30) as client:
            posts = (client.post(server.address, json={"query": "{ __typename }"}) for _ in range(10))
            assert {answer.status_code for answer in await asyncio.gather(*posts)} == {200}
        metrics = server.address.replace("/graphql", "/metrics")
        async with asyncio.timeout(60):
            # A request is recorded after its response was sent.
            while (found := await read_metrics(metrics)).get(REQUESTS, 0) < 10:
                assert found['shinjp_processes{kind="server"}'] == 2
        pid = server.process.pid
        first, second = children(pid)
        async with ending(first):
            os.kill(first, signal.SIGKILL)
        found = await read_metrics(metrics)
        assert found[REQUESTS] == 10
        assert found["db_client_operation_duration_seconds_count{}"] > 0
        async with asyncio.timeout(60):
            while len(now := set(children(pid)) - {first}) < 2:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.05)
        assert second in now
        await check_traces(server, collector)
        assert (await read_metrics(metrics))[REQUESTS] >= 10
        running = children(pid)
        assert len(running) == 2
        async with AsyncExitStack() as ends:
            for child in running:
                await ends.enter_async_context(ending(child))
            server.process.kill()
            await server.process.wait()


async def check_traces(server: ServerProcess, collector: OtlpServer) -> None:
    """Each process sends its own, and that of a job in the worker is linked to the request."""
    token = issue_token(Settings.load(jwt_secret=SecretStr(TEST_SECRET)), "demo")
    export = "mutation Export { requestExport(input: {kind: CARDS, format: CSV}) { errors { code } } }"
    async with httpx.AsyncClient(timeout=60) as client:
        response = await client.post(
            server.address, json={"query": export}, headers={"Authorization": f"Bearer {token}"}
        )
        assert response.json() == {"data": {"requestExport": {"errors": []}}}
    job, *_ = await collector.trace("job EXPORT")
    request, *spans = await collector.trace("mutation Export")
    [(trace_id, span_id)] = job.links
    assert trace_id == request.trace_id
    assert span_id in {span.id for span in (request, *spans)}
    assert job.resource["shinjp.process"] == "worker"
    assert request.resource["shinjp.process"] == "server"
    assert request.resource["process.pid"] in children(server.process.pid)
    assert job.resource["process.pid"] not in children(server.process.pid)


async def test_each_process_has_a_port(content_database_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": content_database_url, "REDIS_URL": redis_url}
    async with server_process(tmp_path / "log", "--workers", "2", "--separate-ports", **settings) as server:
        assert len({*server.ports}) == 2
        assert server.address == f"http://127.0.0.1:{server.ports[0]}/graphql"
        async with httpx.AsyncClient(timeout=60) as client:
            for port in server.ports:
                assert (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        # Without an open connection, for which the processes would wait.
        assert await server.stop() == 0
