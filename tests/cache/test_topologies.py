"""The client and the cache behave the same with a Redis cluster and a sentinel as with one server."""

import asyncio
import gc
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from redis.asyncio import RedisCluster
from redis.crc import key_slot

from cache.metrics import CacheOutcome
from cache.redis import client
from cache.redis.client import CacheUnavailable, RedisClient, open_redis
from cache.store import FieldCache
from cache.types import CacheRequest
from tests.cache.redis_topologies import (
    FIRST_SLOTS,
    HOST,
    NAME,
    Cluster,
    Server,
    cluster,
    monitor,
    promote,
    replica_of,
    watched,
)
from tests.cache.test_cost_limits import processes_share_a_bucket
from tests.cache.test_rate_limits import processes_share_limits
from tests.cache.values import Source, field_cache, new_prefix, text_of

# Long enough for a busy machine, which must not look like an outage.
SOCKET_TIMEOUT_SECONDS = 5
# All concurrent requests must end, also while a server is unavailable.
BOUND_SECONDS = 60
ADD = "return redis.call('incrby', KEYS[1], ARGV[1])"


@pytest.fixture(scope="module")
async def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="module")
async def server_and_sentinel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Server, Server]]:
    async with watched(tmp_path_factory.mktemp("sentinel")) as started:
        yield started


@pytest.fixture(params=["cluster", "sentinel"])
def url(request: pytest.FixtureRequest, redis_cluster: Cluster, server_and_sentinel: tuple[Server, Server]) -> str:
    return redis_cluster.url if request.param == "cluster" else sentinel_url(server_and_sentinel[1])


@pytest.fixture
async def redis(url: str) -> AsyncIterator[RedisClient]:
    async with open_redis(url) as redis:
        yield redis


@pytest.fixture
async def caches(url: str) -> AsyncIterator[tuple[FieldCache, FieldCache]]:
    async with two_caches(url) as made:
        yield made


@pytest.fixture(autouse=True)
def long_socket_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not look like an outage."""
    for name in ("socket_timeout", "socket_connect_timeout"):
        monkeypatch.setitem(client._OPTIONS, name, SOCKET_TIMEOUT_SECONDS)


@pytest.fixture(autouse=True)
def no_open_connections() -> Iterator[None]:
    """Collects garbage, so that unclosed connections warn in this test."""
    yield
    gc.collect()


@asynccontextmanager
async def two_caches(url: str) -> AsyncIterator[tuple[FieldCache, FieldCache]]:
    """The field caches of two processes, on the same Redis."""
    prefix = new_prefix()
    async with field_cache(url, prefix) as one, field_cache(url, prefix) as other:
        yield one, other


def sentinel_url(sentinel: Server, account: str = "") -> str:
    return f"redis+sentinel://{account}{HOST}:{sentinel.port}/{NAME}"


def keys(number: int) -> list[str]:
    """Keys spread over all servers of the cluster."""
    made = [f"{new_prefix()}:{each}" for each in range(number)]
    assert {server_of(key) for key in made} == {0, 1, 2}
    return made


def server_of(key: str) -> int:
    """The index of the server that has the key's slot."""
    return bisect_right(FIRST_SLOTS, key_slot(key.encode())) - 1


async def until_redis_is_used(*caches: FieldCache) -> None:
    """Waits until all caches use Redis."""
    async with asyncio.timeout(60):
        while any(cache.backend != "redis" for cache in caches):
            # An open breaker needs a call to probe Redis.
            await asyncio.gather(*(cache.invalidation.wait_recovered() for cache in caches))
            await asyncio.gather(*(text_of(cache, Source().request("again", is_shared=False)) for cache in caches))


async def answer(redis: RedisClient, name: str) -> bytes | None:
    try:
        found: bytes = (await redis.pipeline([("GET", name)]))[0]
    except CacheUnavailable:
        return None
    return found


async def get_all(cache: FieldCache, request: list[CacheRequest]) -> set[str | None]:
    """Requests all values concurrently."""
    return set(await asyncio.gather(*(text_of(cache, each) for each in request)))


async def computed_once(source: Source, request: list[CacheRequest], *caches: FieldCache) -> None:
    """Asserts that the first cache computes the values, and the others read them from Redis."""
    source.computed = 0
    for cache in caches:
        assert await get_all(cache, request) == {str(source.number)}
        assert cache.backend == "redis"
        await until_stored_in_redis(cache)
    assert source.computed == len(request)


async def until_stored_in_redis(cache: FieldCache) -> None:
    """Waits until the computed values are in Redis."""
    await cache._tasks.join()


async def test_round_trip(redis: RedisClient) -> None:
    assert await redis.ping() > 0


async def test_commands_are_answered_in_their_order(redis: RedisClient) -> None:
    names = keys(100)
    assert await redis.pipeline([("SET", name, number) for number, name in enumerate(names)]) == [b"OK"] * 100
    assert await redis.pipeline([("GET", name) for name in names]) == [str(number).encode() for number in range(100)]
    assert await asyncio.gather(*(redis.pipeline([("GET", name.encode())]) for name in names)) == [
        [str(number).encode()] for number in range(100)
    ]


async def test_script_runs_on_the_node_of_its_key(redis: RedisClient) -> None:
    names = keys(50)
    assert [await redis.eval(ADD, name, number) for number, name in enumerate(names)] == list(range(50))
    assert [await redis.eval(ADD, name, 1) for name in names] == list(range(1, 51))


@pytest.mark.parametrize("share", [processes_share_limits, processes_share_a_bucket])
async def test_limits_are_exact_over_processes(url: str, share: Callable[[str], Awaitable[None]]) -> None:
    await share(url)


async def test_first_concurrent_commands_are_sent_to_the_node_of_their_key(redis_cluster: Cluster) -> None:
    for server in redis_cluster.servers:
        await server.command("CONFIG", "RESETSTAT")
    names = keys(60)
    async with open_redis(redis_cluster.url) as redis:
        assert await asyncio.gather(*(redis.eval(ADD, name, 1) for name in names)) == [1] * 60
    for server in redis_cluster.servers:
        assert "MOVED" not in await server.command("INFO", "errorstats")


async def test_many_moved_keys_close_no_connections(redis_cluster: Cluster) -> None:
    names = keys(60)
    async with open_redis(redis_cluster.url) as redis:
        await redis.pipeline([("SET", name, "there") for name in names])
        assert isinstance(redis._redis, RedisCluster)
        nodes = redis._redis.nodes_manager
        for node in nodes.nodes_cache.values():
            nodes.slots_cache.update({slot: [node] for slot in range(16384)})
            assert set(await asyncio.gather(*(answer(redis, name) for name in names))) == {b"there"}


async def test_value_is_computed_once_across_processes(caches: tuple[FieldCache, FieldCache]) -> None:
    source = Source()
    for cache, first in zip(caches, (CacheOutcome.MISS, CacheOutcome.HIT), strict=True):
        found = [await cache.get_or_compute(source.request()) for _ in range(2)]
        assert [each and each.outcome for each in found] == [first, CacheOutcome.HIT]
        await until_stored_in_redis(cache)
    assert source.computed == 1


async def test_invalidation_reaches_all_processes(caches: tuple[FieldCache, FieldCache]) -> None:
    one, other = caches
    source = Source()
    for is_shared in (True, False):
        request = source.request(f"key-{is_shared}", is_shared=is_shared)
        before = await text_of(one, request)
        assert await text_of(other, request) == before
        source.number += 1
        assert await one.invalidation.invalidate(["number"])
        other.invalidation.on_notification(["number"])
        await other.invalidation.drain()
        assert {await text_of(one, request), await text_of(other, request)} == {str(source.number)} != {before}


async def test_many_different_keys_concurrently(caches: tuple[FieldCache, FieldCache]) -> None:
    source = Source()
    await computed_once(source, [source.request(key) for key in keys(200)], *caches)


async def test_requests_succeed_while_a_cluster_node_is_down(redis_cluster: Cluster) -> None:
    """Before the others detect the failure, after that, and when the server is back, empty."""
    source, killed = Source(), redis_cluster.servers[2]
    request = [source.request(key, is_shared=number % 2 == 0) for number, key in enumerate(keys(60))]
    async with two_caches(redis_cluster.url) as (one, other):
        assert await get_all(one, request) == {"0"}
        async with redis_cluster.without(killed):
            async with asyncio.timeout(BOUND_SECONDS):
                assert await get_all(other, request) <= {"0", None}
            await redis_cluster.agreed("fail", without=killed)
            source.number = 1
            async with asyncio.timeout(BOUND_SECONDS):
                assert not await one.invalidation.invalidate(["number"])
                other.invalidation.on_notification(["number"])
                await other.invalidation.drain()
                for cache in (one, other):
                    assert await get_all(cache, request) <= {"1", None}
        await until_redis_is_used(one, other)
        assert await get_all(one, request) == await get_all(other, request) == {"1"}
        await computed_once(source, [source.request(key) for key in keys(60)], one, other)


async def test_cluster_node_failure_leaves_other_nodes_usable(redis_cluster: Cluster) -> None:
    """With partial coverage. New clients find the other nodes even if the first one is down."""
    names, killed = keys(60), redis_cluster.servers[0]
    async with redis_cluster.with_partial_coverage(), open_redis(redis_cluster.url) as before:
        await before.pipeline([("SET", name, "there") for name in names])
        async with redis_cluster.without(killed), open_redis(redis_cluster.url_without(killed)) as now:
            for redis in (before, now):
                # The first command may be sent to any node.
                await answer(redis, names[0])
                for name in names:
                    if server_of(name) != 0:
                        assert await redis.pipeline([("GET", name)]) == [b"there"]
                with pytest.raises(CacheUnavailable):
                    await redis.pipeline([("GET", name) for name in names])
                # A failed command at the end: its connections must be closed.
                assert [await answer(redis, name) for name in names if server_of(name) == 0][-1] is None


async def test_closed_connection_bypasses_redis(redis_cluster: Cluster) -> None:
    """A call that detects an outage closes all connections of the client, also those being opened."""
    names = keys(40)
    async with open_redis(redis_cluster.url) as redis:
        await redis.pipeline([("SET", name, "there") for name in names])
        for steps in range(60):
            asking = [asyncio.create_task(answer(redis, name)) for name in names]
            for _ in range(steps):
                await asyncio.sleep(0)
            await redis._redis.aclose()
            assert set(await asyncio.gather(*asking)) <= {b"there", None}
            redis.breaker.record_success()
        assert await answer(redis, names[0]) == b"there"


async def test_sentinel_with_credentials(server_and_sentinel: tuple[Server, Server]) -> None:
    """Credentials with characters that are special in URLs."""
    server, sentinel = server_and_sentinel
    name, password = "who@here", "a:b/c@d%"
    await server.command("ACL", "SETUSER", name, "on", f">{password}", "~*", "+@all")
    async with open_redis(sentinel_url(sentinel, f"{quote(name, safe='')}:{quote(password, safe='')}@")) as redis:
        assert await redis.pipeline([("ACL", "WHOAMI")]) == [name.encode()]
    async with open_redis(sentinel_url(sentinel, f"{quote(name, safe='')}:wrong@")) as redis:
        with pytest.raises(CacheUnavailable):
            await redis.ping()


async def test_sentinel_server_is_lost_and_recovers(
    server_and_sentinel: tuple[Server, Server],
) -> None:
    server, sentinel = server_and_sentinel
    source = Source()
    async with two_caches(sentinel_url(sentinel)) as (one, other):
        assert await text_of(one, source.request(is_shared=False)) == "0"
        await server.kill()
        async with asyncio.timeout(BOUND_SECONDS):
            source.number = 1
            assert not await one.invalidation.invalidate(["number"])
            for cache in (one, other):
                assert await text_of(cache, source.request()) == "1"
                assert await text_of(cache, source.request("own", is_shared=False)) is None
        await server.start()
        await until_redis_is_used(one, other)
        assert await text_of(one, source.request("own", is_shared=False)) == "1"


async def test_server_that_has_lost_the_latest_changes(server_and_sentinel: tuple[Server, Server]) -> None:
    """It restarted with an older snapshot, while no process sent a command: versions are those of before a change."""
    server, _ = server_and_sentinel
    source = Source()
    async with two_caches(f"redis://{HOST}:{server.port}") as caches:
        await stored_and_changed(source, caches, partial(server.command, "SAVE"))
        await server.kill()
        await server.start()
        await changed_value_is_seen(source, caches)


async def test_promoted_replica_that_has_not_received_the_latest_changes(
    server_and_sentinel: tuple[Server, Server], tmp_path: Path
) -> None:
    """The former primary was reachable until then."""
    server, sentinel = server_and_sentinel
    source = Source()
    async with replica_of(server, tmp_path) as replica, two_caches(sentinel_url(sentinel)) as caches:
        await stored_and_changed(source, caches, partial(promote, replica, server))
        await server.kill()
        await monitor(sentinel, replica)
        await changed_value_is_seen(source, caches)
    await server.start()
    await monitor(sentinel, server)


async def test_changes_of_each_server_of_a_cluster_are_noticed(redis_cluster: Cluster) -> None:
    names, changed = keys(20), asyncio.Event()
    async with open_redis(redis_cluster.url) as redis, asyncio.timeout(BOUND_SECONDS):
        redis.server_changes.on_change.append(changed.set)
        for server in redis_cluster.servers:
            for name in names:
                await answer(redis, name)
            changed.clear()
            # A history of its own, as after a restart.
            await server.command("DEBUG", "CHANGE-REPL-ID")
            await server.command("CLIENT", "KILL", "TYPE", "normal")
            while not changed.is_set():
                redis.breaker.record_success()
                for name in names:
                    await answer(redis, name)


async def test_account_without_the_right_to_see_changes(server_and_sentinel: tuple[Server, Server]) -> None:
    server, _ = server_and_sentinel
    await server.command("ACL", "SETUSER", "limited", "on", ">secret", "~*", "+@all", "-info")
    async with open_redis(f"redis://limited:secret@{HOST}:{server.port}") as redis:
        assert await redis.pipeline([("ACL", "WHOAMI")]) == [b"limited"]


async def stored_and_changed(
    source: Source, caches: tuple[FieldCache, FieldCache], before_change: Callable[[], Awaitable[object]]
) -> None:
    """Values are in Redis when `before_change` is called, and are invalidated afterwards."""
    one, other = caches
    assert await get_all(one, own_requests(source)) == {"0"}
    await until_stored_in_redis(one)
    await before_change()
    source.number = 1
    assert await one.invalidation.invalidate(["number"])
    other.invalidation.on_notification(["number"])
    await other.invalidation.drain()


async def changed_value_is_seen(source: Source, caches: tuple[FieldCache, FieldCache]) -> None:
    for cache in caches:
        for request in own_requests(source):
            assert await text_of(cache, request) in ("1", None)
    await until_redis_is_used(*caches)
    for cache in caches:
        assert await get_all(cache, own_requests(source)) == {"1"}


def own_requests(source: Source) -> list[CacheRequest]:
    """Their values are in Redis only."""
    return [source.request(key, is_shared=False) for key in ("one", "two", "three", "four")]
