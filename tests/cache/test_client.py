"""The connection to Redis or Valkey fails fast and is mended by itself."""

import asyncio
import random
from pathlib import Path

import pytest

from cache.client import MAX_CONNECTIONS, TIMEOUT_SECONDS, CacheUnavailable, RedisClient, open_redis


async def test_a_round_trip(redis_url: str) -> None:
    async with open_redis(redis_url) as redis:
        assert 0 < await redis.ping() < 1000


async def test_nobody_there(tmp_path: Path) -> None:
    async with open_redis(f"unix://{tmp_path / 'nobody.sock'}") as redis:
        with pytest.raises(CacheUnavailable):
            await redis.ping()


async def test_one_that_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    hanging = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        writer.close()

    address = tmp_path / "silent.sock"
    async with await asyncio.start_unix_server(say_nothing, address), open_redis(f"unix://{address}") as redis:
        started_at = asyncio.get_running_loop().time()
        with pytest.raises(CacheUnavailable):
            await redis.ping()
        assert asyncio.get_running_loop().time() - started_at < 20 * TIMEOUT_SECONDS
        hanging.set()


@pytest.mark.parametrize("seed", range(3))
async def test_cancelled_commands_lose_no_turn(redis_url: str, seed: int) -> None:
    """Whenever a command is cancelled, even twice, as many as before can be under way at once."""
    chances = random.Random(seed)

    async def cancel_one(redis: RedisClient) -> None:
        commands = [("SET", "turn", "1")] * chances.choice((1, 3))
        sending = asyncio.ensure_future(redis.send(commands))
        for _ in range(chances.choice((1, 2))):
            for _ in range(chances.randrange(12)):
                await asyncio.sleep(0)
            sending.cancel()
        await asyncio.wait({sending})

    async with open_redis(redis_url) as redis, asyncio.timeout(30):
        for _ in range(40):
            await asyncio.gather(*(cancel_one(redis) for _ in range(2 * MAX_CONNECTIONS)))
        # They all wait for an answer at the same time.
        script = "return redis.call('GET', KEYS[1])"
        found = await asyncio.gather(*(redis.run(script, "turn") for _ in range(MAX_CONNECTIONS)))
        assert found == [b"1"] * MAX_CONNECTIONS
