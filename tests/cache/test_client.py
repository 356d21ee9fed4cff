"""The connection to Redis or Valkey fails fast and is mended by itself."""

import asyncio
from pathlib import Path

import pytest

from cache.client import TIMEOUT_SECONDS, CacheUnavailable, open_redis


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
