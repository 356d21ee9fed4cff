"""Caches on a real Redis."""

from collections.abc import AsyncIterator

import pytest

from cache.redis.client import RedisClient, open_redis
from cache.store import FieldCache
from tests.cache.values import field_cache, new_prefix


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
def prefix() -> str:
    return new_prefix()


@pytest.fixture
async def cache(redis_url: str, prefix: str) -> AsyncIterator[FieldCache]:
    async with field_cache(redis_url, prefix) as cache:
        yield cache


@pytest.fixture
async def other_cache(redis_url: str, prefix: str, cache: FieldCache) -> AsyncIterator[FieldCache]:
    """The cache of another process, on the same Redis."""
    async with field_cache(redis_url, prefix) as cache:
        yield cache
