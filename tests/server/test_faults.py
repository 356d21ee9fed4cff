"""No review and no attempt at an exercise is lost or counted twice when the server or the database dies while clients
send batches."""

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

from db.core.database import owner_connection
from domain.ids import global_id
from server.auth.development_tokens import issue_token
from server.settings import Settings
from tests.clients import TEST_SECRET, client_of
from tests.databases import column
from tests.postgres_cluster import cluster_url, kill_and_start, restart
from tests.processes import ServerProcess, server_process
from tests.review_assertions import REVIEW, answer, card_ids, check_learner

# `make fuzz` runs many.
BATCHES = int(os.environ.get("FUZZ_JOBS", "100"))
pytestmark = pytest.mark.timeout(max(600, 3 * BATCHES))
SIZE, CONNECTIONS = 10, 8

# Sends a batch and returns the response body. Raises httpx.TransportError if there is none.
Send = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass
class Stream:
    """A learner's batches, sent over several connections, and retried until they succeed.

    `mutation`: with the variable `input`, whose field `items` has a batch.
    """

    mutation: str
    items: str
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

        async with asyncio.timeout(max(120, len(self.batches))):
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
            body = await send({"query": self.mutation, "variables": {"input": {self.items: batch}}})
        except httpx.TransportError:
            self.unanswered += 1
            return False
        if "errors" in body:
            self.codes.update(error["extensions"]["code"] for error in body["errors"])
            return False
        [payload] = body["data"].values()
        results = payload["results"]
        assert [result["error"] for result in results] == [None] * len(batch)
        return True


async def stream_of(database_url: str) -> Stream:
    """Every batch has ten of the same sixty cards, so that batches conflict."""
    cards = await card_ids(database_url, "demo", 60)
    return Stream(
        REVIEW,
        "reviews",
        [
            [answer(cards[(7 * number + 13 * n) % len(cards)], f"{number}-{n}", (number + n) % 6) for n in range(SIZE)]
            for number in range(BATCHES)
        ],
    )


ANSWER = """
    mutation($input: AnswerExercisesInput!) { answerExercises(input: $input) { results { error { code } } } }
"""
EXERCISES = "select id, jsonb_array_length(prompts) as size from exercises order by id limit 12"


async def attempts_of(database_url: str) -> Stream:
    """Every batch has ten of the same twelve exercises. Each answer is sent in two batches, which conflict."""
    async with owner_connection(database_url) as owner:
        exercises = await owner.fetch(EXERCISES)

    def attempt(key: int) -> dict[str, Any]:
        exercise = exercises[key % len(exercises)]
        answers = [{"text": f"{key}"}, *({} for _ in range(exercise["size"] - 1))]
        return {"exerciseId": global_id("Exercise", exercise["id"]), "answers": answers, "idempotencyKey": f"{key}"}

    return Stream(
        ANSWER,
        "attempts",
        [[attempt(number * SIZE // 2 + n) for n in range(SIZE)] for number in range(BATCHES)],
    )


# Each attempt once, with a result for each prompt; chapters with their exercises done.
SAVED = """
    select count(*), count(distinct idempotency_key), bool_and(
        cardinality(results) = jsonb_array_length(answers)
            and correct_count = (select count(*) from unnest(results) as is_correct where is_correct)
    ) from exercise_attempts join users on users.id = user_id where subject = 'demo'
"""


async def check_attempts(stream: Stream, database_url: str) -> None:
    assert stream.answered == BATCHES
    keys = {attempt["idempotencyKey"] for batch in stream.batches for attempt in batch}
    async with owner_connection(database_url) as owner:
        [saved] = await owner.fetch(SAVED)
    assert tuple(saved) == (len(keys), len(keys), True)
    assert set(await column(database_url, "select idempotency_key from exercise_attempts")) == keys


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
    # A learner may not send a thousand batches in an hour.
    limits = {"REVIEWS_PER_HOUR": "100000", "WRITES_PER_HOUR": "100000", "COST_PLANS": "anonymous=1000000000/1000000"}
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "JWT_SECRET": TEST_SECRET, **limits}
    async with AsyncExitStack() as stack:
        server = Server(stack, log, settings)
        await server.start()
        yield server


async def test_server_kill(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    before = await check_learner(writable_database_url, "demo")
    stream, attempts = await stream_of(writable_database_url), await attempts_of(writable_database_url)
    token = issue_token(Settings.load(jwt_secret=SecretStr(TEST_SECRET)), "demo")
    async with (
        server_on(writable_database_url, redis_url, tmp_path / "log") as server,
        httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
    ):

        async def send(operation: dict[str, Any]) -> dict[str, Any]:
            body: dict[str, Any] = (await http.post(await server.address(), json=operation)).json()
            return body

        sending = asyncio.gather(stream.send_all(send), attempts.send_all(send))
        for number in (BATCHES // 10, BATCHES // 2):
            for each in (stream, attempts):
                await each.until_answered(number)
            await server.kill()
            await server.start()
        await sending
    # Eight batches of each were in progress at the first kill.
    for each in (stream, attempts):
        assert each.unanswered >= 2
        assert each.codes == Counter()
    await check(stream, writable_database_url, before)
    await check_attempts(attempts, writable_database_url)


async def test_database_restart(cluster: Path, redis_url: str) -> None:
    """Clean restarts and kills alternate, so often that leaked connections would exhaust the pool."""
    url = cluster_url(cluster)
    before = await check_learner(url, "demo")
    stream, attempts = await stream_of(url), await attempts_of(url)
    async with client_of(url, redis_url) as client:
        headers = {"Authorization": f"Bearer {client.token('demo')}"}

        async def send(operation: dict[str, Any]) -> dict[str, Any]:
            body: dict[str, Any] = (await client.http.post("/graphql", json=operation, headers=headers)).json()
            return body

        sending = asyncio.gather(stream.send_all(send), attempts.send_all(send))
        for number in range(20, BATCHES - 20, 40):
            await stream.until_answered(number)
            await restart(cluster)
            await stream.until_answered(number + 20)
            await kill_and_start(cluster)
        await sending
        assert (await client.run("{ viewer { dashboard { reviewsToday } } }", user="demo")).data
    assert set(stream.codes) == {"SERVICE_UNAVAILABLE"}
    assert set(attempts.codes) <= {"SERVICE_UNAVAILABLE"}
    await check(stream, url, before)
    await check_attempts(attempts, url)
