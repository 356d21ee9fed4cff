"""No review is lost or counted twice when the server or the database dies while clients send batches."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from server.auth.development_tokens import issue_token
from server.settings import Settings
from tests.clients import TEST_SECRET, client_of
from tests.databases import column
from tests.postgres_cluster import cluster_url, kill_and_start, restart
from tests.processes import ServerProcess, server_process
from tests.review_assertions import REVIEW, answer, card_ids, check_learner

pytestmark = pytest.mark.timeout(600)

# `make fuzz` runs many.
BATCHES = int(os.environ.get("FUZZ_JOBS", "100"))
SIZE, CONNECTIONS = 10, 8

# Sends a batch and returns the response body. Raises httpx.TransportError if there is none.
Send = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass
class Stream:
    """A learner's batches, sent over several connections, and retried until they succeed."""

    batches: list[list[dict[str, Any]]]
    answered: int = 0
    unanswered: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def send_all(self, send: Send) -> None:
        waiting = list(self.batches)

        async def connection() -> None:
            while waiting:
                await self._send(waiting.pop(), send)

        async with asyncio.timeout(120):
            await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))

    async def until_answered(self, number: int) -> None:
        async with asyncio.timeout(60), self._moved:
            await self._moved.wait_for(lambda: self.answered >= number)

    async def _send(self, batch: list[dict[str, Any]], send: Send) -> None:
        while not await self._is_saved(batch, send):  # noqa: ASYNC110  # devices retry after a delay
            await asyncio.sleep(0.05)
        async with self._moved:
            self.answered += 1
            self._moved.notify_all()

    async def _is_saved(self, batch: list[dict[str, Any]], send: Send) -> bool:
        try:
            body = await send({"query": REVIEW, "variables": {"input": {"reviews": batch}}})
        except httpx.TransportError:
            self.unanswered += 1
            return False
        if "errors" in body:
            self.codes.update(error["extensions"]["code"] for error in body["errors"])
            return False
        results = body["data"]["reviewCards"]["results"]
        assert [result["error"] for result in results] == [None] * len(batch)
        return True


async def stream_of(database_url: str) -> Stream:
    """Every batch has ten of the same sixty cards, so that batches conflict."""
    cards = await card_ids(database_url, "demo", 60)
    return Stream(
        [
            [answer(cards[(7 * number + 13 * n) % len(cards)], f"{number}-{n}", (number + n) % 6) for n in range(SIZE)]
            for number in range(BATCHES)
        ]
    )


async def check(stream: Stream, database_url: str, before: int) -> None:
    assert stream.answered == BATCHES
    assert await check_learner(database_url, "demo") == before + BATCHES * SIZE
    keys = {review["idempotencyKey"] for batch in stream.batches for review in batch}
    assert keys <= set(await column(database_url, "select idempotency_key from reviews"))


class Server:
    """`shinjp serve`, which can be killed and restarted, on another port each time."""

    def __init__(self, stack: AsyncExitStack, log: Path, settings: dict[str, str]) -> None:
        self._stack = stack
        self._log = log
        self._settings = settings
        self._server: ServerProcess | None = None
        self._runs = asyncio.Event()

    async def start(self) -> None:
        self._server = await self._stack.enter_async_context(
            server_process(self._log, "--no-migrate", **self._settings)
        )
        self._runs.set()

    async def kill(self) -> None:
        assert self._server
        self._runs.clear()
        await self._server.stop(signal.SIGKILL)

    async def address(self) -> str:
        await self._runs.wait()
        assert self._server
        return self._server.address


@asynccontextmanager
async def server_on(database_url: str, redis_url: str, log: Path) -> AsyncIterator[Server]:
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "JWT_SECRET": TEST_SECRET}
    async with AsyncExitStack() as stack:
        server = Server(stack, log, settings)
        await server.start()
        yield server


async def test_server_kill(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    before = await check_learner(writable_database_url, "demo")
    stream = await stream_of(writable_database_url)
    token = issue_token(Settings.load(jwt_secret=SecretStr(TEST_SECRET)), "demo")
    async with (
        server_on(writable_database_url, redis_url, tmp_path / "log") as server,
        httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
    ):

        async def send(operation: dict[str, Any]) -> dict[str, Any]:
            body: dict[str, Any] = (await http.post(await server.address(), json=operation)).json()
            return body

        sending = asyncio.create_task(stream.send_all(send))
        for number in (BATCHES // 10, BATCHES // 2):
            await stream.until_answered(number)
            await server.kill()
            await server.start()
        await sending
    # Eight batches were in progress at each kill.
    assert stream.unanswered >= 2
    assert stream.codes == Counter()
    await check(stream, writable_database_url, before)


async def test_database_restart(cluster: Path, redis_url: str) -> None:
    """Clean restarts and kills alternate, so often that leaked connections would exhaust the pool."""
    url = cluster_url(cluster)
    before = await check_learner(url, "demo")
    stream = await stream_of(url)
    async with client_of(url, redis_url) as client:
        headers = {"Authorization": f"Bearer {client.token('demo')}"}

        async def send(operation: dict[str, Any]) -> dict[str, Any]:
            body: dict[str, Any] = (await client.http.post("/graphql", json=operation, headers=headers)).json()
            return body

        sending = asyncio.create_task(stream.send_all(send))
        for number in range(20, BATCHES - 20, 40):
            await stream.until_answered(number)
            await restart(cluster)
            await stream.until_answered(number + 20)
            await kill_and_start(cluster)
        await sending
        assert (await client.run("{ viewer { dashboard { reviewsToday } } }", user="demo")).data
    assert set(stream.codes) == {"SERVICE_UNAVAILABLE"}
    await check(stream, url, before)
