"""The Redis client fails fast and recovers from outages."""

import asyncio
import random
from pathlib import Path

import pytest
from redis import exceptions
from structlog.testing import capture_logs

from cache.redis.circuit_breaker import FAILURE_THRESHOLD
from cache.redis.client import MAX_CONNECTIONS, CacheUnavailable, RedisClient, open_redis
from cache.redis.errors import is_outage


async def test_round_trip(redis_url: str) -> None:
    async with open_redis(redis_url) as redis:
        assert await redis.ping() > 0


async def test_connection_refused(tmp_path: Path) -> None:
    async with open_redis(f"unix://{tmp_path / 'nobody.sock'}") as redis:
        with pytest.raises(CacheUnavailable):
            await redis.ping()


async def test_unresponsive_server_times_out(tmp_path: Path) -> None:
    hanging = asyncio.Event()

    async def accept_silently(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        writer.close()

    address = tmp_path / "silent.sock"
    async with (
        await asyncio.start_unix_server(accept_silently, address),
        open_redis(f"unix://{address}") as redis,
        asyncio.timeout(60),
    ):
        with pytest.raises(CacheUnavailable):
            await redis.ping()
        hanging.set()


@pytest.mark.parametrize("seed", range(3))
async def test_cancelled_commands_release_their_slot(redis_url: str, seed: int) -> None:
    """Commands cancelled at any point, even twice, release their slot."""
    chances = random.Random(seed)

    async def cancel_one(redis: RedisClient) -> None:
        commands = [("SET", "turn", "1")] * chances.choice((1, 3))
        sending = asyncio.ensure_future(redis.pipeline(commands))
        for _ in range(chances.choice((1, 2))):
            for _ in range(chances.randrange(12)):
                await asyncio.sleep(0)
            sending.cancel()
        await asyncio.wait({sending})

    async with open_redis(redis_url) as redis, asyncio.timeout(30):
        for _ in range(40):
            await asyncio.gather(*(cancel_one(redis) for _ in range(2 * MAX_CONNECTIONS)))
        # All of them wait for a reply at the same time.
        script = "return redis.call('GET', KEYS[1])"
        found = await asyncio.gather(*(redis.eval(script, "turn") for _ in range(MAX_CONNECTIONS)))
        assert found == [b"1"] * MAX_CONNECTIONS


@pytest.mark.parametrize("count", [1, 2])
async def test_rejected_command_is_not_an_outage(redis_url: str, count: int) -> None:
    """A bug of the project: the breaker stays closed, and the log names the command."""
    async with open_redis(redis_url) as redis:
        await redis.pipeline([("SET", "probe:text", "1")])
        with capture_logs() as logged:
            for _ in range(2 * FAILURE_THRESHOLD):
                with pytest.raises(CacheUnavailable, match="WRONGTYPE"):
                    await redis.pipeline([("LPUSH", "probe:text", "1")] * count)
                with pytest.raises(CacheUnavailable):
                    await redis.eval("return nothing()", "probe:text")
        assert not redis.breaker.is_open
        assert await redis.pipeline([("GET", "probe:text")]) == [b"1"]
    assert {(line["event"], line["log_level"]) for line in logged} == {("redis rejected a command", "error")}
    # Once per kind of error, however often it occurs.
    assert 2 <= len(logged) <= 4


@pytest.mark.parametrize(
    ("error", "is_an_outage"),
    [
        (exceptions.ConnectionError("refused"), True),
        (exceptions.TimeoutError("late"), True),
        (exceptions.BusyLoadingError("loading"), True),
        (exceptions.ReadOnlyError("a replica"), True),
        (exceptions.ClusterDownError("down"), True),
        (exceptions.OutOfMemoryError("full"), True),
        (exceptions.RedisClusterException("nobody answers"), True),
        (exceptions.ResponseError("MISCONF cannot save"), True),
        (exceptions.ResponseError("Command # 1 (SET a 1) of pipeline caused error: MISCONF cannot save"), True),
        (exceptions.ResponseError("WRONGTYPE of a key"), False),
        (exceptions.ResponseError("ERR unknown command 'BUSY'"), False),
        (exceptions.DataError("Invalid input of type: 'dict'"), False),
        (exceptions.NoScriptError("none"), False),
        (exceptions.ClusterCrossSlotError("two slots"), False),
        (AttributeError("a misspelt name"), False),
    ],
)
def test_outages_are_distinguished_from_bugs(error: Exception, *, is_an_outage: bool) -> None:
    assert is_outage(error) is is_an_outage


@pytest.mark.parametrize("is_connected", [True, False])
async def test_cancellation_of_a_command_is_never_swallowed(redis_url: str, is_connected: bool) -> None:
    """At any iteration of the event loop: cancelling a stream waits for its end."""
    for command in (("GET", "none"), None):
        for turns in range(40):
            async with open_redis(redis_url) as redis:
                if is_connected:
                    await redis.ping()
                running = redis.eval("return 1", "none") if command is None else redis.pipeline([command])
                sending = asyncio.ensure_future(running)
                for _ in range(turns):
                    await asyncio.sleep(0)
                if sending.done():
                    break
                sending.cancel()
                async with asyncio.timeout(30):
                    await asyncio.wait({sending})
                assert sending.cancelled(), turns
