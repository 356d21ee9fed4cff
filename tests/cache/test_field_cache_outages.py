"""The field cache without Redis, after outages, and with lost or damaged entries."""

import asyncio
import gc

import pytest

from cache import store as module
from cache.entry_codec import Entry
from cache.keys import FieldKeys
from cache.redis.client import CacheUnavailable, RedisClient
from cache.store import FieldCache
from cache.tag_versions import TagVersions
from cache.types import CacheRequest
from domain.errors import ServiceUnavailable
from engine.caching.template import Template
from tests.cache.values import Source, field_cache, text_of, value


async def test_lost_tag_versions_do_not_revalidate_stale_entries(
    cache: FieldCache, redis: RedisClient, prefix: str
) -> None:
    """An entry is invalidated, and then Redis loses the tag versions."""
    source = Source()
    request = source.request(is_shared=False)
    await text_of(cache, request)
    [entry] = await redis.pipeline([("GET", f"shinjp:{prefix}:field:1:{{key}}")])
    source.number = 1
    await cache.invalidation.invalidate(["number"])
    # As after an eviction of the version, with the stale entry still stored.
    await redis.pipeline([("DEL", f"shinjp:{prefix}:tag:number")])
    await redis.pipeline([("SET", f"shinjp:{prefix}:field:1:{{key}}", entry)])
    assert await text_of(cache, request) == "1"
    assert (await TagVersions(redis, FieldKeys(prefix, "1")).get_or_create(["number"]))["number"] not in Entry.decode(
        entry
    ).versions


async def test_flushed_redis_is_refilled(cache: FieldCache, redis: RedisClient, prefix: str) -> None:
    source = Source()
    request = source.request(is_shared=False)
    await text_of(cache, request)
    await redis.pipeline([("DEL", f"shinjp:{prefix}:{key}") for key in ("field:1:{key}", "tag:number", "tag:*")])
    source.number = 1
    assert [await text_of(cache, request) for _ in range(2)] == ["1", "1"]
    assert source.computed == 2


async def test_redis_is_invalidated_after_an_outage_before_use(cache: FieldCache, other_cache: FieldCache) -> None:
    """A process that missed notifications does not know what changed meanwhile."""
    source = Source()
    request = source.request()
    await text_of(cache, request)
    cache.invalidation.on_disconnected()
    other_cache.invalidation.on_disconnected()
    assert [await text_of(each, request) for each in (cache, other_cache)] == [None, None]
    source.number = 1
    cache.invalidation.on_connected()
    assert await text_of(cache, request) == "1"
    await cache.invalidation.wait_recovered()
    other_cache.invalidation.on_connected()
    await other_cache.invalidation.wait_recovered()
    assert await text_of(other_cache, request) == "1"


async def test_public_values_are_cached_locally_without_redis(prefix: str) -> None:
    source = Source()
    async with field_cache(None, prefix) as cache:
        assert [await text_of(cache, source.request()) for _ in range(3)] == ["0", "0", "0"]
        assert source.computed == 1
        assert await cache.get_or_compute(source.request("own", is_shared=False)) is None
        assert await cache.invalidation.invalidate(["number"])
        source.number = 1
        assert await text_of(cache, source.request()) == "1"
        assert cache.backend == "memory"


async def test_redis_outage_fails_no_request(tmp_path: object, prefix: str) -> None:
    source = Source()
    async with field_cache(f"unix://{tmp_path}/nobody.sock", prefix) as cache:
        assert [await text_of(cache, source.request()) for _ in range(3)] == ["0", "0", "0"]
        entry = cache.local._entries.get(b"key")
        assert entry is not None
        assert entry.stale_until - entry.fresh_until < module.LOCAL_ONLY_TTL_SECONDS
        assert await cache.get_or_compute(source.request("own", is_shared=False)) is None
        assert not await cache.invalidation.invalidate(["number"])
        source.number = 1
        assert await text_of(cache, source.request()) == "1"
        assert "down" in cache.backend


async def test_damaged_entry_is_recomputed(cache: FieldCache, redis: RedisClient, prefix: str) -> None:
    source = Source()
    for damaged in (b"", b"{}\nx", b"[1]\nx", b"\xff"):
        await redis.pipeline([("SET", f"shinjp:{prefix}:field:1:{{key}}", damaged)])
        assert await text_of(cache, source.request(is_shared=False)) == "0"


async def test_abandoned_lock_expires(
    cache: FieldCache, redis: RedisClient, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of a process that has died."""
    monkeypatch.setattr(module, "_MAX_LOCK_WAIT_SECONDS", 0.05)
    await redis.pipeline([("SET", f"shinjp:{prefix}:lock:1:{{key}}", "somebody", "PX", 5_000)])
    assert await text_of(cache, Source().request()) == "0"


async def test_invalidation_during_a_redis_outage_is_caught_up(
    redis_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis still has the stale value when it is available again."""
    source = Source()
    request = source.request(is_shared=False)
    async with field_cache(redis_url, prefix) as cache:
        assert await text_of(cache, request) == "0"

        async def unavailable(*_: object) -> None:
            raise CacheUnavailable("unavailable")

        assert cache._versions is not None
        with monkeypatch.context() as patch:
            patch.setattr(cache._versions, "bump", unavailable)
            source.number = 1
            assert not await cache.invalidation.invalidate(["number"])
            # Redis, which the change did not reach, is not read.
            assert await cache.get_or_compute(request) is None
        async with asyncio.timeout(60):
            while await text_of(cache, request) is None:
                await cache.invalidation.wait_recovered()
        assert await text_of(cache, request) == "1"


async def test_outage_reaches_all_waiters(cache: FieldCache) -> None:
    made = 0

    async def make(_: object) -> Template | None:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        raise ServiceUnavailable("The database is busy.")

    unexpected: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unexpected.append(context))
    request = CacheRequest(b"key", 60, True, make)
    found = await asyncio.gather(*(cache.get_or_compute(request) for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in found] == [ServiceUnavailable] * 5
    assert made == 1
    cache.revalidate(request)
    cache.shadow_check(request, value("0"))
    await cache._tasks.join()
    assert made == 3
    assert cache.metrics.shadow_mismatches == 0
    # The next request retries.
    with pytest.raises(ServiceUnavailable):
        await cache.get_or_compute(request)
    del found
    gc.collect()
    assert unexpected == []
