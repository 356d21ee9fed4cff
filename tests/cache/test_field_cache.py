"""Values are made once, kept while nothing changes, and never shown after it did: with a real Redis."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from cache import store as module
from cache.entry_codec import Entry
from cache.metrics import Outcome
from cache.redis.client import CacheUnavailable, RedisClient, open_redis
from cache.store import FieldCache
from cache.tag_versions import Versions
from cache.types import EVERYTHING, Wanted
from domain.errors import ServiceUnavailable
from tests.cache.values import Source, Text, field_cache, new_prefix, shown, text_of


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[RedisClient]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
def prefix() -> str:
    return new_prefix()


@pytest.fixture
async def one(redis_url: str, prefix: str) -> AsyncIterator[FieldCache[Text]]:
    async with field_cache(redis_url, prefix) as cache:
        yield cache


@pytest.fixture
async def other(redis_url: str, prefix: str, one: FieldCache[Text]) -> AsyncIterator[FieldCache[Text]]:
    """Another process, on the same Redis."""
    async with field_cache(redis_url, prefix) as cache:
        yield cache


async def test_a_value_is_made_once_for_all_processes(one: FieldCache[Text], other: FieldCache[Text]) -> None:
    source = Source()
    found = [await cache.fetch(source.wanted()) for cache in (one, one, other, other)]
    assert [each and each.outcome for each in found] == [Outcome.MISS, *[Outcome.HIT] * 3]
    assert source.made == 1
    assert shown(one, b"key") == shown(other, b"key") == (Text("0"), True)


async def test_what_is_somebodys_own_is_in_redis_alone(one: FieldCache[Text], other: FieldCache[Text]) -> None:
    source = Source()
    wanted = source.wanted(is_shared=False)
    assert [await text_of(cache, wanted) for cache in (one, other, one)] == ["0", "0", "0"]
    assert source.made == 1
    assert len(one.memory) == len(other.memory) == 0


@pytest.mark.parametrize("is_shared", [True, False])
async def test_value_that_the_clock_changes_is_not_shown_after_its_moment(
    one: FieldCache[Text], other: FieldCache[Text], is_shared: bool
) -> None:
    """Neither fresh nor stale, in any process, however long its policy lets it be kept."""
    expires_at = datetime.now(UTC) + timedelta(seconds=0.7)
    source = Source(expires_at=expires_at)
    wanted = source.wanted(is_shared=is_shared)
    found = await one.fetch(wanted)
    assert found is not None
    assert found.fresh_until == found.stale_until == pytest.approx(expires_at.timestamp())
    await other.fetch(wanted)
    source.number, source.expires_at = 1, None
    async with asyncio.timeout(10):
        for cache in (one, other):
            asked_at = datetime.now(UTC)
            shown = await text_of(cache, wanted)
            while asked_at < expires_at:
                asked_at = datetime.now(UTC)
                shown = await text_of(cache, wanted)
            assert shown == "1"


async def test_who_asks_after_the_moment_does_not_join_a_making_from_before(one: FieldCache[Text]) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=0.2)
    source = Source(expires_at=expires_at)
    read, joined = asyncio.Event(), asyncio.Event()

    async def after_reading() -> None:
        read.set()
        await joined.wait()

    source.after_reading = after_reading
    async with asyncio.timeout(10):
        first = asyncio.ensure_future(one.fetch(source.wanted()))
        await read.wait()
        while datetime.now(UTC) < expires_at:  # noqa: ASYNC110  # the clock tells nobody
            await asyncio.sleep(0.01)
        source.number, source.expires_at, source.after_reading = 1, None, None
        second = asyncio.ensure_future(one.fetch(source.wanted()))
        await asyncio.sleep(0)
        joined.set()
        before, after = await first, await second
    assert before is not None
    assert after is not None
    assert (before.value.text, after.value.text) == ("0", "1")


async def test_a_change_is_seen_by_who_made_it_at_once(one: FieldCache[Text], other: FieldCache[Text]) -> None:
    source = Source()
    for is_shared in (True, False):
        wanted = source.wanted(f"key-{is_shared}", is_shared=is_shared)
        before = await text_of(one, wanted)
        source.number += 1
        assert await one.invalidation.change(["number"])
        other.invalidation.heard(["number"])
        await other.invalidation.settled()
        assert {await text_of(one, wanted), await text_of(other, wanted)} == {str(source.number)} != {before}


async def test_a_thousand_at_once_make_it_once(one: FieldCache[Text], other: FieldCache[Text]) -> None:
    source = Source()
    for is_shared in (True, False):
        source.made = 0
        wanted = source.wanted(f"key-{is_shared}", is_shared=is_shared)
        found = await asyncio.gather(*(text_of(cache, wanted) for cache in (one, other) for _ in range(500)))
        assert set(found) == {"0"}
        assert source.made == 1


async def test_who_leaves_does_not_stop_the_making(one: FieldCache[Text]) -> None:
    reading, going_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reading.set()
        await going_on.wait()

    source = Source(after_reading=wait)
    leaver = asyncio.create_task(text_of(one, source.wanted()))
    await reading.wait()
    stayer = asyncio.create_task(text_of(one, source.wanted()))
    leaver.cancel()
    with suppress(asyncio.CancelledError):
        await leaver
    going_on.set()
    assert await stayer == "0"
    assert source.made == 1


async def test_when_all_have_left_the_making_stops(one: FieldCache[Text]) -> None:
    reading, stopped = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reading.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    source = Source(after_reading=wait)
    leavers = [asyncio.create_task(text_of(one, source.wanted())) for _ in range(2)]
    await reading.wait()
    for leaver in leavers:
        assert not stopped.is_set()
        leaver.cancel()
        await asyncio.gather(leaver, return_exceptions=True)
    source.after_reading = None
    assert await text_of(one, source.wanted()) == "0"
    assert stopped.is_set()


@pytest.mark.parametrize("step", ["before_reading", "after_reading"])
@pytest.mark.parametrize("writer", ["own process", "other process", "not heard yet"])
@pytest.mark.parametrize("is_shared", [True, False], ids=["shared", "private"])
async def test_what_changes_while_it_is_made_is_not_shown(
    one: FieldCache[Text], other: FieldCache[Text], step: str, writer: str, is_shared: bool
) -> None:
    """The race: a value is being made, somebody writes, the value is there. Who asks afterwards gets the new one."""
    source = Source()

    async def write() -> None:
        if source.number == 0:
            source.number = 1
            # Whoever writes raises the versions; the notification comes to the others sooner or later.
            await (one if writer == "own process" else other).invalidation.change(["number"])
            if writer == "other process":
                one.invalidation.heard(["number"])
                await one.invalidation.settled()

    setattr(source, step, write)
    wanted = source.wanted(is_shared=is_shared)
    assert await text_of(one, wanted) == "1"
    assert await text_of(one, wanted) == await text_of(other, wanted) == "1"


async def test_who_asks_after_a_change_does_not_join_what_began_before(one: FieldCache[Text]) -> None:
    reading, going_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        if not reading.is_set():
            reading.set()
            await going_on.wait()

    source = Source(after_reading=wait)
    first = asyncio.create_task(text_of(one, source.wanted()))
    await reading.wait()
    source.number = 1
    await one.invalidation.change(["number"])
    second = asyncio.create_task(text_of(one, source.wanted()))
    await asyncio.sleep(0)
    going_on.set()
    assert await second == "1"
    assert await first == "1"


async def test_what_changes_again_and_again_is_not_kept(one: FieldCache[Text]) -> None:
    source = Source()

    async def write() -> None:
        source.number += 1
        await one.invalidation.change(["number"])

    source.after_reading = write
    assert await text_of(one, source.wanted()) is None
    assert len(one.memory) == 0


async def test_what_nobody_can_follow_is_not_kept(one: FieldCache[Text]) -> None:
    assert await text_of(one, Source(tags=set()).wanted()) is None
    assert len(one.memory) == 0


async def test_one_that_fails_is_not_kept_and_is_tried_again(one: FieldCache[Text]) -> None:
    tried = []

    async def fail(_: object) -> None:
        tried.append(1)

    wanted: Wanted[Text] = Wanted(b"key", 60, True, fail)
    assert [await one.fetch(wanted) for _ in range(2)] == [None, None]
    assert len(tried) == 2


async def test_versions_that_redis_lost_make_nothing_valid_again(
    one: FieldCache[Text], redis: RedisClient, prefix: str
) -> None:
    """An entry from before a change, the change, and then the memory of the change is gone."""
    source = Source()
    wanted = source.wanted(is_shared=False)
    await text_of(one, wanted)
    [entry] = await redis.send([("GET", f"{prefix}:field:1:{{key}}")])
    source.number = 1
    await one.invalidation.change(["number"])
    # As after an eviction, with the old entry there still.
    await redis.send([("DEL", f"{prefix}:tag:number")])
    await redis.send([("SET", f"{prefix}:field:1:{{key}}", entry)])
    assert await text_of(one, wanted) == "1"
    assert (await Versions(redis, prefix).before_reading(["number"]))["number"] not in Entry.decode(entry).versions


async def test_a_flushed_redis_is_filled_anew(one: FieldCache[Text], redis: RedisClient, prefix: str) -> None:
    source = Source()
    wanted = source.wanted(is_shared=False)
    await text_of(one, wanted)
    await redis.send([("DEL", f"{prefix}:{key}") for key in ("field:1:{key}", "tag:number", "tag:*")])
    source.number = 1
    assert [await text_of(one, wanted) for _ in range(2)] == ["1", "1"]
    assert source.made == 2


async def test_what_redis_has_is_not_believed_before_it_was_told_of_the_outage(
    one: FieldCache[Text], other: FieldCache[Text]
) -> None:
    """A process that did not listen for a while cannot say what changed meanwhile."""
    source = Source()
    wanted = source.wanted()
    await text_of(one, wanted)
    one.invalidation.distrust()
    other.invalidation.distrust()
    assert [await text_of(cache, wanted) for cache in (one, other)] == [None, None]
    source.number = 1
    one.invalidation.trust()
    assert await text_of(one, wanted) == "1"
    await one.invalidation.recovered()
    other.invalidation.trust()
    await other.invalidation.recovered()
    assert await text_of(other, wanted) == "1"


async def test_a_stale_value_is_shown_while_it_is_made_anew(
    one: FieldCache[Text], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALE_SHARE", 1e6)
    source = Source()
    wanted = source.wanted(seconds=0.001)
    await text_of(one, wanted)
    await asyncio.sleep(0.01)  # time itself is what is tested
    source.number = 1
    assert shown(one, b"key") == (Text("0"), False)
    for _ in range(5):
        one.refresh(wanted)
    await one._tasks.ended()
    assert one.look_up(b"key") is not None
    assert source.made == 2


async def test_a_stale_value_of_redis_is_shown_and_made_anew(
    one: FieldCache[Text], other: FieldCache[Text], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALE_SHARE", 1e6)
    source = Source()
    wanted = source.wanted(seconds=0.001)
    await text_of(one, wanted)
    await asyncio.sleep(0.01)  # time itself is what is tested
    source.number = 1
    found = await other.fetch(wanted)
    assert found
    assert (found.value.text, found.outcome) == ("0", Outcome.STALE)
    async with asyncio.timeout(5):
        while source.made < 2:
            await other._tasks.ended()
    there = shown(other, b"key")
    assert there
    assert there[0] == Text("1")


async def test_without_redis_a_process_keeps_what_is_shared(prefix: str) -> None:
    source = Source()
    async with field_cache(None, prefix) as cache:
        assert [await text_of(cache, source.wanted()) for _ in range(3)] == ["0", "0", "0"]
        assert source.made == 1
        assert await cache.fetch(source.wanted("own", is_shared=False)) is None
        assert await cache.invalidation.change(["number"])
        source.number = 1
        assert await text_of(cache, source.wanted()) == "1"
        assert cache.backend == "memory"


async def test_a_redis_that_is_away_stops_nothing(tmp_path: object, prefix: str) -> None:
    source = Source()
    async with field_cache(f"unix://{tmp_path}/nobody.sock", prefix) as cache:
        assert [await text_of(cache, source.wanted()) for _ in range(3)] == ["0", "0", "0"]
        kept = cache.memory._kept[b"key"]
        assert kept.stale_until - kept.fresh_until < module.UNSHARED_SECONDS
        assert await cache.fetch(source.wanted("own", is_shared=False)) is None
        assert not await cache.invalidation.change(["number"])
        source.number = 1
        assert await text_of(cache, source.wanted()) == "1"
        assert "down" in cache.backend


async def test_a_sample_of_hits_finds_what_is_wrong(one: FieldCache[Text]) -> None:
    source = Source()
    wanted = source.wanted()
    await text_of(one, wanted)
    one.verify(wanted, Text("0"))
    await one._tasks.ended()
    assert (one.statistics.samples, one.statistics.differences) == (1, 0)
    # It changed, and nobody was told.
    source.number = 1
    one.verify(wanted, Text("0"))
    await one._tasks.ended()
    assert (one.statistics.samples, one.statistics.differences) == (2, 1)


async def test_an_entry_that_is_damaged_is_made_anew(one: FieldCache[Text], redis: RedisClient, prefix: str) -> None:
    source = Source()
    for damaged in (b"", b"{}\nx", b"[1]\nx", b"\xff"):
        await redis.send([("SET", f"{prefix}:field:1:{{key}}", damaged)])
        assert await text_of(one, source.wanted(is_shared=False)) == "0"


async def test_everything_can_be_forgotten_at_once(one: FieldCache[Text], other: FieldCache[Text]) -> None:
    source = Source()
    await text_of(other, source.wanted())
    source.number = 1
    await one.invalidation.change([EVERYTHING])
    other.invalidation.heard([EVERYTHING])
    await other.invalidation.settled()
    assert await text_of(one, source.wanted()) == await text_of(other, source.wanted()) == "1"


Step = Callable[[], Awaitable[None]]


async def test_a_lock_that_nobody_gives_back_is_not_waited_for_long(
    one: FieldCache[Text], redis: RedisClient, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that held it is gone."""
    monkeypatch.setattr(module, "_LONGEST_WAIT_SECONDS", 0.05)
    await redis.send([("SET", f"{prefix}:lock:1:{{key}}", "somebody", "PX", 5_000)])
    assert await text_of(one, Source().wanted()) == "0"


async def test_renewing_what_cannot_be_told_is_made_up_for(
    redis_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change during an outage of Redis, which has the old value still when it comes back."""
    source = Source()
    wanted = source.wanted(is_shared=False)
    async with field_cache(redis_url, prefix) as cache:
        assert await text_of(cache, wanted) == "0"

        async def unavailable(*_: object) -> None:
            raise CacheUnavailable("away")

        assert cache._versions is not None
        with monkeypatch.context() as patch:
            patch.setattr(cache._versions, "renew", unavailable)
            source.number = 1
            assert not await cache.invalidation.change(["number"])
            # Nobody is asked whom the change did not reach.
            assert await cache.fetch(wanted) is None
        async with asyncio.timeout(10):
            while await text_of(cache, wanted) is None:
                await cache.invalidation.recovered()
        assert await text_of(cache, wanted) == "1"


async def test_outage_is_told_to_all_who_wait_and_is_no_news_where_nobody_does(one: FieldCache[Text]) -> None:
    made = 0

    async def make(_: object) -> Text | None:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        raise ServiceUnavailable("The database is busy.")

    unexpected: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unexpected.append(context))
    wanted = Wanted(b"key", 60, True, make)
    found = await asyncio.gather(*(one.fetch(wanted) for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in found] == [ServiceUnavailable] * 5
    assert made == 1
    one.refresh(wanted)
    one.verify(wanted, Text("0"))
    await one._tasks.ended()
    assert made == 3
    assert one.statistics.differences == 0
    # The next one asks again.
    with pytest.raises(ServiceUnavailable):
        await one.fetch(wanted)
    del found
    gc.collect()
    assert unexpected == []
