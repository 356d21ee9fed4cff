"""The connection to Redis or Valkey fails fast and is mended by itself."""

import asyncio
from pathlib import Path

import pytest

from cache.client import TIMEOUT_SECONDS, CacheUnavailable, open_cache


async def test_a_round_trip(redis_url: str) -> None:
    async with open_cache(redis_url) as cache:
        assert 0 < await cache.ping() < 1000


async def test_nobody_there(tmp_path: Path) -> None:
    async with open_cache(f"unix://{tmp_path / 'nobody.sock'}") as cache:
        with pytest.raises(CacheUnavailable):
            await cache.ping()


async def test_one_that_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    hanging = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hanging.wait()
        writer.close()

    address = tmp_path / "silent.sock"
    async with await asyncio.start_unix_server(say_nothing, address), open_cache(f"unix://{address}") as cache:
        started_at = asyncio.get_running_loop().time()
        with pytest.raises(CacheUnavailable):
            await cache.ping()
        assert asyncio.get_running_loop().time() - started_at < 20 * TIMEOUT_SECONDS
        hanging.set()
