"""Four processes behind HAProxy lose no request while they are restarted and killed. `make balance` runs it."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.auth.development_tokens import issue_token
from server.settings import Settings
from tests.balanced_load import Load, Subscribers, bursts
from tests.clients import TEST_SECRET
from tests.databases import column
from tests.haproxy import SERVERS, HAProxy, haproxy, needs_haproxy
from tests.processes import ServerProcess, children, server_process
from tests.review_assertions import card_ids, check_learner

RATE = int(os.environ.get("BALANCE_RATE", "500"))
SOCKETS = 60
STREAM_SECONDS = 3
# Before the restarts.
FIRST_REQUESTS = 2_000
SETTINGS = {
    "JWT_SECRET": TEST_SECRET,
    "TRUSTED_PROXIES": "127.0.0.1",
    "SHUTDOWN_DELAY_SECONDS": "3",
    "STREAM_SHUTDOWN_SECONDS": str(STREAM_SECONDS),
    "KEEP_ALIVE_SECONDS": "75",
    # Overload is the subject of other tests.
    "MAX_RUNNING_OPERATIONS": "0",
    "OPERATION_TIMEOUT_SECONDS": "60",
    "DB_POOL_TIMEOUT_SECONDS": "60",
    "EXPORTS_PER_HOUR": "100000",
    "EXPORT_MAX_FILES_PER_LEARNER": "100000",
    "REVIEWS_PER_HOUR": "1000000",
    "STREAMS_PER_HOUR": "100000",
    "LOG_LEVEL": "warning",
}


@needs_haproxy
@pytest.mark.skipif("BALANCE" not in os.environ, reason="`make balance` runs it, with Debian's HAProxy.")
@pytest.mark.timeout(900)
async def test_restarts_lose_nothing(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    url = writable_database_url
    tokens = Settings.load(jwt_secret=SecretStr(TEST_SECRET))
    reviews_before, cards = await check_learner(url, "demo"), await card_ids(url, "demo", 200)
    settings = SETTINGS | {"DATABASE_URL": url, "REDIS_URL": redis_url, "EXPORT_DIR": str(tmp_path / "exports")}
    processes = ("--workers", "4", "--separate-ports", "--worker")
    async with (
        server_process(tmp_path / "log", *processes, **settings) as server,
        haproxy(tmp_path / "haproxy", [f"127.0.0.1:{port}" for port in server.ports]) as balancer,
    ):
        await balancer.wait_for("UP", *SERVERS)
        load = Load(balancer.host_and_port, issue_token(tokens, "demo"), cards)
        names = ["demo", *(f"learner-{number}" for number in range(5))]
        subscribers = Subscribers(balancer.address, [issue_token(tokens, name) for name in names])
        stopped = asyncio.Event()
        reading = asyncio.gather(subscribers.read_sockets(SOCKETS), subscribers.read_events())
        sending = asyncio.create_task(load.run(RATE, stopped))
        try:
            shares, groups = await disturb(server, balancer, load, subscribers)
        finally:
            stopped.set()
            await sending
        statistics = await balancer.statistics()
        ids = await all_events(url, subscribers)
        reading.cancel()
        await asyncio.wait({reading})
    retried = sum(int(statistics[name][column]) for name in SERVERS for column in ("wretr", "wredis"))
    print(  # noqa: T201  # the result of `make balance`
        f"\n{len(load.seconds)} requests, {len(load.seconds) / load.duration:.0f}/s: {dict(load.sent)}\n"
        f"p50 {load.percentile(50):.1f} ms, p99 {load.percentile(99):.0f} ms, longest {max(load.seconds):.1f} s\n"
        f"shares before the restarts {shares}; retried by HAProxy {retried}; repeated writes {load.duplicates}\n"
        f"{len(ids)} events; {subscribers.reconnects} reconnects, closed within "
        f"{[round(group[-1] - group[0], 1) for group in groups]} s\n"
        f"failures {len(load.failures)}, of exports {len(load.failed_exports)}: {load.failures[:3]}"
    )
    assert load.failures == []
    assert len(load.saved_keys) == load.sent["review"]
    assert await check_learner(url, "demo") == reviews_before + len(load.saved_keys)
    jobs = await column(url, "select status from jobs where kind = 'EXPORT'")
    assert jobs == ["SUCCEEDED"] * len(jobs)
    assert load.exports <= len(jobs) <= load.sent["export"]
    assert subscribers.event_ids == ids
    assert len(groups) == len(SERVERS)
    for group in groups:
        assert group[-1] - group[0] > STREAM_SECONDS / 3
    # Requests prefer processes that respond faster: equal shares need a machine that is not saturated.
    assert max(shares) < 3 * min(shares)


async def disturb(
    server: ServerProcess, balancer: HAProxy, load: Load, subscribers: Subscribers
) -> tuple[list[int], list[list[float]]]:
    """Replaces all processes, one after the other, then kills one.

    Returns the requests of each before, and the times at which WebSockets were closed, by process.
    """
    await until(lambda: len(load.seconds) >= FIRST_REQUESTS)
    shares = [int((await balancer.statistics())[name]["stot"]) for name in SERVERS]
    before = set(children(server.process.pid))
    server.process.send_signal(signal.SIGHUP)
    await until(lambda: not before & {*children(server.process.pid)} and len(children(server.process.pid)) == 4)
    groups = list(bursts(subscribers.closed_at))
    await balancer.wait_for("UP", *SERVERS)
    killed, *others = children(server.process.pid)
    os.kill(killed, signal.SIGKILL)
    await until(lambda: len({*children(server.process.pid)} - {killed}) > len(others))
    await balancer.wait_for("UP", *SERVERS)
    return shares, groups


async def all_events(url: str, subscribers: Subscribers) -> list[int]:
    """Waits until all jobs have ended and the last event was received; returns the ids of all events."""
    unfinished = "select count(*) from jobs where kind = 'EXPORT' and finished_at is null"
    while await column(url, unfinished) != [0]:  # noqa: ASYNC110  # the test has no listener
        await asyncio.sleep(0.1)
    ids = await column(url, "select id from job_events order by id")
    await until(lambda: bool(subscribers.event_ids) and subscribers.event_ids[-1] >= ids[-1])
    return ids


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(500):
        while not condition():  # noqa: ASYNC110  # processes and counters do not notify
            await asyncio.sleep(0.1)
