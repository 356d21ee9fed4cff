"""The client of Redis or Valkey: a single server, one behind sentinels, or a cluster."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import structlog
from redis._parsers import AsyncCommandsParser
from redis.asyncio import ConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from cache.redis.circuit_breaker import CircuitBreaker
from cache.redis.errors import is_outage
from cache.redis.server_changes import ServerChanges
from common.error_descriptions import PlainMessage, describe_error
from common.metrics.instruments import Counter, Histogram
from common.throttle import Throttle
from common.tracing.span_types import REDIS
from common.tracing.trace import record

log = structlog.get_logger()

# A slower cache costs more than it saves.
TIMEOUT_SECONDS = 0.05
# Concurrent commands. Others wait for a slot; that wait is not part of the time-out.
MAX_CONNECTIONS = 20
# Keys of a step of a scan, which takes less than a millisecond.
_SCAN_COUNT = 1_000

# Of a pipeline, which counts once.
_SECONDS = Histogram(
    "shinjp_redis_duration_seconds",
    "Duration of commands and pipelines of Redis, including the wait for a connection.",
    bounds=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1),
)[()]
_SECONDS_BY_NAME = Histogram(
    "shinjp_redis_command_seconds",
    "Duration of commands and pipelines of Redis, by the first command.",
    ("db_operation_name",),
    bounds=(),
)
_FAILURES = Counter(
    "shinjp_redis_failures", "Commands and pipelines of Redis that failed, or were skipped by the circuit breaker."
)[()]

_OPTIONS: dict[str, Any] = {
    "socket_timeout": TIMEOUT_SECONDS,
    "socket_connect_timeout": TIMEOUT_SECONDS,
    # Callers work without Redis instead of retrying.
    "retry": Retry(NoBackoff(), 0),
}

# redis-py does not annotate its constructor.
_new_sentinel: Callable[..., Sentinel] = Sentinel

# A name and its arguments.
Command: TypeAlias = tuple[str | bytes | int, ...]


class CacheUnavailable(PlainMessage, Exception):
    """Redis is unavailable: an outage, a time-out, or an open circuit breaker."""


class _FirstArgumentIsKey(AsyncCommandsParser):
    """Every command here has its key as the first argument, except for scripts, whose keys are explicit.

    The base class asks the first node of the cluster where keys are: without that node nothing would work, and reading
    its reply takes longer than the time-out.
    """

    async def initialize(self, node: object = None) -> None:
        pass

    async def get_keys(self, *args: Any) -> tuple[Any, ...]:
        return args[1:2]


class _Cluster(RedisCluster):
    """Knows the nodes before it chooses one.

    The base class sends commands that start before it knows the nodes to any node, and closes all connections, also
    those in use, at every fifth command that a node redirects: the first concurrent commands failed.
    """

    async def execute_command(self, *arguments: Any, **options: Any) -> Any:
        await self.initialize()
        return await super().execute_command(*arguments, **options)


class _Pool(ConnectionPool):
    """Without metrics, events and a lock, which take a fifth of the time of a command. Nothing here awaits between
    looking at the connections and changing them.
    """

    async def get_connection(self, *_args: object, **_options: object) -> Any:
        connection = self.get_available_connection()  # type: ignore[no-untyped-call]  # redis-py
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: Any) -> None:
        self._in_use_connections.remove(connection)
        if connection.should_reconnect():
            await connection.disconnect()
        self._available_connections.append(connection)


class RedisClient:
    """Open it with `open_redis`. See `CircuitBreaker` for its behaviour during an outage.

    `server_changes`: of the connections of `redis`.
    """

    def __init__(self, redis: "Redis | RedisCluster", server_changes: ServerChanges) -> None:
        self._redis = redis
        self.server_changes = server_changes
        # redis-py turns the reply into a bool, also where the option GET makes it the old value.
        redis.set_response_callback("SET", lambda response, **_: response)
        self.breaker = CircuitBreaker()
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._throttle = Throttle()
        # Hashing a script takes a fifth as long as running it. There are few scripts, all of them constants.
        self._scripts: dict[str, Any] = {}

    async def ping(self) -> float:
        """Milliseconds of a round trip; ignores the circuit breaker. Raises CacheUnavailable."""
        started_at = time.perf_counter()
        async with self._slot("PING", always=True):
            await self._redis.ping()
        return (time.perf_counter() - started_at) * 1000

    async def eval(self, script: str, key: str, *arguments: str | int | float) -> Any:
        """The reply of a Lua script that accesses only `key`. Raises CacheUnavailable."""
        registered = self._scripts.get(script)
        if registered is None:
            registered = self._scripts[script] = self._redis.register_script(script)
        async with self._slot("EVALSHA"):
            # EVALSHA, and EVAL if the server does not have the script.
            return await registered(keys=[key], args=arguments)

    async def pipeline(self, commands: Sequence[Command]) -> list[Any]:
        """The replies, in order. Each command accesses one key, its first argument. Not a transaction.

        Raises CacheUnavailable.
        """
        async with self._slot(str(commands[0][0]), len(commands)):
            if len(commands) == 1:
                return [await self._redis.execute_command(*commands[0])]
            pipeline: Any = self._redis.pipeline(transaction=False)
            async with pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                replies: list[Any] = await pipeline.execute()
                return replies

    async def delete_containing(self, part: str) -> None:
        """Delete the keys that contain `part`, which has no special characters, by a scan of all keys.

        For maintenance: a million keys take about a second. Raises CacheUnavailable.
        """
        async with self._slot("SCAN"):
            found = [key async for key in self._redis.scan_iter(match=f"*{part}*", count=_SCAN_COUNT)]
        for start in range(0, len(found), _SCAN_COUNT):
            await self.pipeline([("UNLINK", key) for key in found[start : start + _SCAN_COUNT]])

    @asynccontextmanager
    async def _slot(self, name: str, count: int = 1, *, always: bool = False) -> AsyncIterator[None]:
        """`name`, `count`: of the first command, and of all, for traces."""
        started_at, failure = time.perf_counter(), None
        try:
            async with self._slots:
                if not always and not self.breaker.allow():
                    raise CacheUnavailable("The circuit breaker is open.")
                cancellations = _count_cancellations()
                try:
                    yield
                # AttributeError: redis-py closes connections of a cluster that is down while they are being opened.
                except (RedisError, RedisClusterException, OSError, AttributeError) as error:
                    if _count_cancellations() > cancellations:
                        raise asyncio.CancelledError from error
                    reason = describe_error(error)
                    if is_outage(error):
                        self.breaker.record_failure(reason)
                    elif isinstance(error, AttributeError):
                        raise
                    elif self._throttle.admit(reason) is not None:
                        # A bug in a command. Requests continue without Redis.
                        log.error("redis rejected a command", exc_info=error)
                    raise CacheUnavailable(reason) from error
                self.breaker.record_success()
                if _count_cancellations() > cancellations:
                    # asyncio.wait_for, which redis-py uses, swallows a cancellation that arrives when it is done
                    # (before Python 3.12).
                    raise asyncio.CancelledError
        except CacheUnavailable:
            failure = CacheUnavailable.__name__
            raise
        finally:
            ended_at = time.perf_counter()
            record(REDIS, name, started_at, ended_at, count, failure)
            seconds = ended_at - started_at
            _SECONDS.observe(seconds)
            _SECONDS_BY_NAME[name,].observe(seconds)
            if failure is not None:
                _FAILURES.add()


def _count_cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[RedisClient]:
    """Connects on first use, so that the server starts without Redis.

    `redis://`, `rediss://` and `unix://` name a single server, `redis+cluster://` a node of a cluster, and
    `redis+sentinel://host:port,host:port/name` sentinels and the name of the primary.
    """
    async with AsyncExitStack() as closing:
        server_changes = ServerChanges()
        redis = _client(url, server_changes, closing)
        closing.push_async_callback(redis.aclose)
        yield RedisClient(redis, server_changes)


def are_options_known(url: str) -> bool:
    """Whether redis-py accepts the query parameters of the URL of a single server or a cluster."""
    scheme, _, rest = url.partition("://")
    try:
        pool = ConnectionPool.from_url(f"{scheme.partition('+')[0]}://{rest}", **_OPTIONS)
        pool.connection_class(**pool.connection_kwargs)
    except (TypeError, ValueError, RedisError):
        return False
    return True


def _client(url: str, server_changes: ServerChanges, closing: AsyncExitStack) -> "Redis | RedisCluster":
    """`closing`: receives what else has to be closed."""
    scheme, _, rest = url.partition("://")
    if scheme in ("redis+cluster", "rediss+cluster"):
        # A redirect corrects the slot, without closing connections.
        cluster = _Cluster.from_url(f"{scheme.partition('+')[0]}://{rest}", reinitialize_steps=0, **_OPTIONS)
        cluster.commands_parser = _FirstArgumentIsKey()
        # Its constructor does not take this option.
        for options in (
            cluster.connection_kwargs,
            *(node.connection_kwargs for node in cluster.nodes_manager.startup_nodes.values()),
        ):
            options["redis_connect_func"] = server_changes.on_connect
        # After a failure the cluster client leaves connections open.
        for nodes in ("nodes_cache", "startup_nodes"):
            closing.push_async_callback(cluster.nodes_manager.aclose, nodes)
        return cluster
    if scheme == "redis+sentinel":
        return _behind_sentinels(url, server_changes, closing)
    # Never exhausted: commands wait for a slot, of which there are as many as connections.
    options = {**_OPTIONS, "redis_connect_func": server_changes.on_connect}
    return Redis.from_pool(_Pool.from_url(url, max_connections=MAX_CONNECTIONS, **options))


def _behind_sentinels(url: str, server_changes: ServerChanges, closing: AsyncExitStack) -> "Redis":
    parts = urlsplit(url)
    _, _, addresses = parts.netloc.rpartition("@")
    sentinels = [(host, int(port or 26379)) for host, _, port in (one.partition(":") for one in addresses.split(","))]
    name, _, database = parts.path.strip("/").partition("/")
    found = _new_sentinel(sentinels, sentinel_kwargs=_OPTIONS)
    closing.push_async_callback(found.aclose)
    username, password = (part and unquote(part) for part in (parts.username, parts.password))
    options = {**_OPTIONS, "redis_connect_func": server_changes.on_connect}
    primary: Redis = found.master_for(name, db=int(database or 0), username=username, password=password, **options)
    return primary
