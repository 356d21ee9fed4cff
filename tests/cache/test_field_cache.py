"""The field cache computes values once and never serves them after an invalidation: with a real Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from cache import store as module
from cache.metrics import CacheOutcome
from cache.store import FieldCache
from cache.types import ALL_TAG, CacheRequest
from tests.cache.values import Source, shown, text_of, value


async def test_value_is_computed_once_across_processes(cache: FieldCache, other_cache: FieldCache) -> None:
    source = Source()
    found = [await each.get_or_compute(source.request()) for each in (cache, cache, other_cache, other_cache)]
    assert [each and each.outcome for each in found] == [CacheOutcome.MISS, *[CacheOutcome.HIT] * 3]
    assert source.computed == 1
    assert shown(cache, b"key") == shown(other_cache, b"key") == ("0", True)


async def test_private_value_is_stored_in_redis_only(cache: FieldCache, other_cache: FieldCache) -> None:
    source = Source()
    request = source.request(is_shared=False)
    assert [await text_of(each, request) for each in (cache, other_cache, cache)] == ["0", "0", "0"]
    assert source.computed == 1
    assert len(cache.local) == len(other_cache.local) == 0


@pytest.mark.parametrize("is_shared", [True, False])
async def test_value_is_not_served_after_its_expiry_time(
    cache: FieldCache, other_cache: FieldCache, is_shared: bool
) -> None:
    """Neither fresh nor stale, in any process, whatever the policy's maximum age."""
    expires_at = datetime.now(UTC) + timedelta(seconds=0.7)
    source = Source(expires_at=expires_at)
    request = source.request(is_shared=is_shared)
    found = await cache.get_or_compute(request)
    assert found is not None
    assert found.fresh_until == found.stale_until == pytest.approx(expires_at.timestamp())
    await other_cache.get_or_compute(request)
    source.number, source.expires_at = 1, None
    async with asyncio.timeout(60):
        for each in (cache, other_cache):
            asked_at = datetime.now(UTC)
            shown = await text_of(each, request)
            while asked_at < expires_at:
                asked_at = datetime.now(UTC)
                shown = await text_of(each, request)
            assert shown == "1"


async def test_request_after_expiry_does_not_join_older_flight(cache: FieldCache) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=0.2)
    source = Source(expires_at=expires_at)
    read, joined = asyncio.Event(), asyncio.Event()

    async def after_reading() -> None:
        read.set()
        await joined.wait()

    source.after_reading = after_reading
    async with asyncio.timeout(60):
        first = asyncio.ensure_future(cache.get_or_compute(source.request()))
        await read.wait()
        while datetime.now(UTC) < expires_at:  # noqa: ASYNC110  # the clock tells nobody
            await asyncio.sleep(0.01)
        source.number, source.expires_at, source.after_reading = 1, None, None
        second = asyncio.ensure_future(cache.get_or_compute(source.request()))
        await asyncio.sleep(0)
        joined.set()
        before, after = await first, await second
    assert before is not None
    assert after is not None
    assert (before.value.chunks[0].decode(), after.value.chunks[0].decode()) == ("0", "1")


async def test_writer_reads_its_change_immediately(cache: FieldCache, other_cache: FieldCache) -> None:
    source = Source()
    for is_shared in (True, False):
        request = source.request(f"key-{is_shared}", is_shared=is_shared)
        before = await text_of(cache, request)
        source.number += 1
        assert await cache.invalidation.invalidate(["number"])
        other_cache.invalidation.on_notification(["number"])
        await other_cache.invalidation.drain()
        assert {await text_of(cache, request), await text_of(other_cache, request)} == {str(source.number)} != {before}


async def test_thousand_concurrent_requests_compute_once(cache: FieldCache, other_cache: FieldCache) -> None:
    source = Source()
    for is_shared in (True, False):
        source.computed = 0
        request = source.request(f"key-{is_shared}", is_shared=is_shared)
        found = await asyncio.gather(*(text_of(each, request) for each in (cache, other_cache) for _ in range(500)))
        assert set(found) == {"0"}
        assert source.computed == 1


async def test_single_flight_survives_cancelled_waiter(cache: FieldCache) -> None:
    reading, proceed = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reading.set()
        await proceed.wait()

    source = Source(after_reading=wait)
    leaver = asyncio.create_task(text_of(cache, source.request()))
    await reading.wait()
    stayer = asyncio.create_task(text_of(cache, source.request()))
    leaver.cancel()
    with suppress(asyncio.CancelledError):
        await leaver
    proceed.set()
    assert await stayer == "0"
    assert source.computed == 1


async def test_flight_is_cancelled_with_its_last_waiter(cache: FieldCache) -> None:
    reading, stopped = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reading.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    source = Source(after_reading=wait)
    leavers = [asyncio.create_task(text_of(cache, source.request())) for _ in range(2)]
    await reading.wait()
    for leaver in leavers:
        assert not stopped.is_set()
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
    source.after_reading = None
    assert await text_of(cache, source.request()) == "0"
    assert stopped.is_set()


@pytest.mark.parametrize("step", ["before_reading", "after_reading"])
@pytest.mark.parametrize("writer", ["own process", "other process", "not notified yet"])
@pytest.mark.parametrize("is_shared", [True, False], ids=["shared", "private"])
async def test_value_changed_during_computation_is_not_served(
    cache: FieldCache, other_cache: FieldCache, step: str, writer: str, is_shared: bool
) -> None:
    """A write during the computation of a value: later requests get the new value."""
    source = Source()

    async def write() -> None:
        if source.number == 0:
            source.number = 1
            # The writer bumps the tag versions; other processes are notified later.
            await (cache if writer == "own process" else other_cache).invalidation.invalidate(["number"])
            if writer == "other process":
                cache.invalidation.on_notification(["number"])
                await cache.invalidation.drain()

    setattr(source, step, write)
    request = source.request(is_shared=is_shared)
    assert await text_of(cache, request) == "1"
    assert await text_of(cache, request) == await text_of(other_cache, request) == "1"


async def test_request_after_invalidation_does_not_join_older_flight(cache: FieldCache) -> None:
    reading, proceed = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        if not reading.is_set():
            reading.set()
            await proceed.wait()

    source = Source(after_reading=wait)
    first = asyncio.create_task(text_of(cache, source.request()))
    await reading.wait()
    source.number = 1
    await cache.invalidation.invalidate(["number"])
    second = asyncio.create_task(text_of(cache, source.request()))
    await asyncio.sleep(0)
    proceed.set()
    assert await second == "1"
    assert await first == "1"


async def test_repeatedly_changing_value_is_not_cached(cache: FieldCache) -> None:
    source = Source()

    async def write() -> None:
        source.number += 1
        await cache.invalidation.invalidate(["number"])

    source.after_reading = write
    assert await text_of(cache, source.request()) is None
    assert len(cache.local) == 0


async def test_untagged_read_is_not_cached(cache: FieldCache) -> None:
    assert await text_of(cache, Source(tags=set()).request()) is None
    assert len(cache.local) == 0


async def test_failed_computation_is_not_cached_and_is_retried(cache: FieldCache) -> None:
    tried = []

    async def fail(_: object) -> None:
        tried.append(1)

    request: CacheRequest = CacheRequest(b"key", 60, True, fail)
    assert [await cache.get_or_compute(request) for _ in range(2)] == [None, None]
    assert len(tried) == 2


async def until_stale(cache: FieldCache, key: bytes) -> None:
    while (found := shown(cache, key)) and found[1]:  # noqa: ASYNC110  # time itself is what is tested
        await asyncio.sleep(0.001)


async def test_stale_value_is_served_while_revalidated(cache: FieldCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALE_WHILE_REVALIDATE_RATIO", 1e6)
    source = Source()
    request = source.request(seconds=0.001)
    await text_of(cache, request)
    await until_stale(cache, b"key")
    source.number = 1
    assert shown(cache, b"key") == ("0", False)
    for _ in range(5):
        cache.revalidate(request)
    await cache._tasks.join()
    assert cache.get_local(b"key") is not None
    assert source.computed == 2


async def test_stale_value_of_redis_is_served_and_revalidated(
    cache: FieldCache, other_cache: FieldCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALE_WHILE_REVALIDATE_RATIO", 1e6)
    source = Source()
    request = source.request(seconds=0.001)
    await text_of(cache, request)
    await until_stale(cache, b"key")
    source.number = 1
    found = await other_cache.get_or_compute(request)
    assert found
    assert (found.value.chunks[0].decode(), found.outcome) == ("0", CacheOutcome.STALE)
    async with asyncio.timeout(30):
        while source.computed < 2:
            await other_cache._tasks.join()
    there = shown(other_cache, b"key")
    assert there
    assert there[0] == "1"


async def test_shadow_check_counts_mismatches(cache: FieldCache) -> None:
    source = Source()
    request = source.request()
    await text_of(cache, request)
    cache.shadow_check(request, value("0"))
    await cache._tasks.join()
    assert (cache.metrics.shadow_checks, cache.metrics.shadow_mismatches) == (1, 0)
    # The value changes without an invalidation.
    source.number = 1
    cache.shadow_check(request, value("0"))
    await cache._tasks.join()
    assert (cache.metrics.shadow_checks, cache.metrics.shadow_mismatches) == (2, 1)


async def test_all_entries_are_invalidated_by_the_all_tag(cache: FieldCache, other_cache: FieldCache) -> None:
    source = Source()
    await text_of(other_cache, source.request())
    source.number = 1
    await cache.invalidation.invalidate([ALL_TAG])
    other_cache.invalidation.on_notification([ALL_TAG])
    await other_cache.invalidation.drain()
    assert await text_of(cache, source.request()) == await text_of(other_cache, source.request()) == "1"


Step = Callable[[], Awaitable[None]]
