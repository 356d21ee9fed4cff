"""Redis or Valkey: one server, one found through sentinels, or a cluster. Everything works without it, slower."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import structlog
from redis._parsers import AsyncCommandsParser
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from cache.redis.circuit_breaker import Breaker
from cache.redis.errors import is_outage
from common.throttle import Throttle

log = structlog.get_logger()

# A cache that answers later than this costs more than it saves.
TIMEOUT_SECONDS = 0.05
# So many commands at once: others wait for their turn, which is no fault of Redis and not part of its time.
MAX_CONNECTIONS = 20

_OPTIONS: dict[str, Any] = {
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
    # Whoever asks does without, instead of asking again.
    "retry": Retry(NoBackoff(), 0),
}


# Its name and its arguments.
Command: TypeAlias = tuple[str | bytes | int, ...]


class CacheUnavailable(Exception):
    """Redis did not answer in time, or not at all."""


class _KeyFirst(AsyncCommandsParser):
    """What is sent here has its key as the first argument, except for scripts, which are known elsewhere.

    So no server is asked where keys are: it would be the first of the cluster, without which nothing would work then,
    and to read its answer takes as long as the time-out.
    """

    async def initialize(self, node: object = None) -> None:
        pass

    async def get_keys(self, *args: Any) -> tuple[Any, ...]:
        return args[1:2]


class RedisClient:
    """Open it with `open_redis`. After some failures in a row it does not try for a second: see `Breaker`."""

    def __init__(self, redis: "Redis | RedisCluster") -> None:
        self._redis = redis
        # redis-py would make a bool even of the value that GET asks SET for.
        redis.set_response_callback("SET", lambda response, **_: response)
        self.breaker = Breaker()
        self._turns = asyncio.Semaphore(MAX_CONNECTIONS)
        self._throttle = Throttle()
        # Few, and constants of ours: to hash one takes a fifth as long as to run it.
        self._scripts: dict[str, Any] = {}

    async def ping(self) -> float:
        """Milliseconds of a round trip, tried in any case. Raises CacheUnavailable."""
        started_at = time.perf_counter()
        async with self._turn(always=True):
            await self._redis.ping()
        return (time.perf_counter() - started_at) * 1000

    async def run(self, script: str, key: str, *arguments: str | int | float) -> Any:
        """What a Lua script answers, which touches this key alone. Raises CacheUnavailable."""
        known = self._scripts.get(script)
        if known is None:
            known = self._scripts[script] = self._redis.register_script(script)
        async with self._turn():
            # By its hash, where the server knows it already.
            return await known(keys=[key], args=arguments)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """The answers, in order. Each command touches one key, its first argument: a cluster's servers share them.

        Raises CacheUnavailable.
        """
        async with self._turn():
            if len(commands) == 1:
                return [await self._redis.execute_command(*commands[0])]
            pipeline: Any = self._redis.pipeline(transaction=False)
            async with pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                answers: list[Any] = await pipeline.execute()
                return answers

    @asynccontextmanager
    async def _turn(self, *, always: bool = False) -> AsyncIterator[None]:
        async with self._turns:
            if not always and not self.breaker.lets_through():
                raise CacheUnavailable("Redis failed a moment ago.")
            cancellations = _count_cancellations()
            try:
                yield
            # The last one: a cluster that is down has its connections closed, even those that others are opening.
            except (RedisError, RedisClusterException, OSError, AttributeError) as error:
                if _count_cancellations() > cancellations:
                    raise asyncio.CancelledError from error
                reason = f"{type(error).__name__}: {error}"
                if is_outage(error):
                    self.breaker.failed(reason)
                elif isinstance(error, AttributeError):
                    raise
                elif self._throttle.admit(reason) is not None:
                    # A mistake of ours, on a server that is well. Requests do without all the same.
                    log.error("redis refused a command", exc_info=error)
                raise CacheUnavailable(reason) from error
            self.breaker.succeeded()
            if _count_cancellations() > cancellations:
                # asyncio.wait_for, by which redis-py sends, swallows one that comes when it is done (before Python
                # 3.12). Whoever cancelled this task waits for its end.
                raise asyncio.CancelledError


def _count_cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[RedisClient]:
    """Connects when it is first used, so a server without Redis still starts.

    `redis://`, `rediss://` and `unix://` name one server, `redis+cluster://` one of a cluster, and
    `redis+sentinel://host:port,host:port/name` sentinels that know the one of that name.
    """
    async with AsyncExitStack() as closing:
        redis = _client(url, closing)
        closing.push_async_callback(redis.aclose)
        yield RedisClient(redis)


def are_options_known(url: str) -> bool:
    """Whether connections can be made with what stands after the `?` of an address of one server or of a cluster."""
    scheme, _, rest = url.partition("://")
    try:
        pool = BlockingConnectionPool.from_url(f"{scheme.partition('+')[0]}://{rest}", **_OPTIONS)
        pool.make_connection()  # type: ignore[no-untyped-call]  # redis leaves it untyped
    except (TypeError, ValueError, RedisError):
        return False
    return True


def _client(url: str, closing: AsyncExitStack) -> "Redis | RedisCluster":
    """`closing`: is told what else is to be closed."""
    scheme, _, rest = url.partition("://")
    if scheme in ("redis+cluster", "rediss+cluster"):
        cluster: RedisCluster = RedisCluster.from_url(f"{scheme.partition('+')[0]}://{rest}", **_OPTIONS)
        cluster.commands_parser = _KeyFirst()
        # After a failure it leaves its connections open itself.
        for nodes in ("nodes_cache", "startup_nodes"):
            closing.push_async_callback(cluster.nodes_manager.aclose, nodes)
        return cluster
    if scheme == "redis+sentinel":
        return _behind_sentinels(url, closing)
    pool = BlockingConnectionPool.from_url(url, max_connections=MAX_CONNECTIONS, timeout=TIMEOUT_SECONDS, **_OPTIONS)
    return Redis.from_pool(pool)


def _behind_sentinels(url: str, closing: AsyncExitStack) -> "Redis":
    parts = urlsplit(url)
    _, _, addresses = parts.netloc.rpartition("@")
    sentinels = [(host, int(port or 26379)) for host, _, port in (one.partition(":") for one in addresses.split(","))]
    name, _, database = parts.path.strip("/").partition("/")
    found = Sentinel(sentinels, sentinel_kwargs=_OPTIONS)  # type: ignore[no-untyped-call]  # redis leaves it untyped
    closing.push_async_callback(found.aclose)
    username, password = (part and unquote(part) for part in (parts.username, parts.password))
    return found.master_for(  # type: ignore[no-any-return]  # redis leaves it untyped
        name, db=int(database or 0), username=username, password=password, **_OPTIONS
    )
