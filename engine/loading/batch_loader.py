"""A data loader that loads many keys with one future."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Generic, TypeVar

from aiodataloader import DataLoader, dispatch_queue
from aiodataloader import Loader as QueuedKey

from common.task_set import TaskSet
from common.tracing.trace import current_span_id

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

# Of the batch that runs in this context.
_askers: ContextVar[tuple[int, ...]] = ContextVar("askers", default=())

# Ticks of the event loop that a batch waits for more keys. DataLoader waits two; a planned field may request its key
# up to two ticks later for each level above it.
_MAX_TICKS = 10


class BatchLoader(DataLoader[KeyT, ValueT], ABC, Generic[KeyT, ValueT]):
    """Loads each key once, in batches, by `load_batch`.

    `load` takes one key, as any DataLoader. `load_all` takes many without a future for each, which would cost more than
    the rest. Both share their results. `running`: receives the tasks of batches, to be cancelled with the request.
    """

    def __init__(self, running: TaskSet | None = None) -> None:
        # DataLoader's constructor takes longer than all others of a request: it inspects `batch_load_fn`.
        self.loop = asyncio.get_running_loop()
        self._cache = {}
        self._queue = []
        self._running = TaskSet() if running is None else running
        # By key, of `load_all`.
        self.results: dict[KeyT, ValueT | Exception] = {}
        # Keys of `load_all` in flight, with the future of their batch.
        self._in_flight: dict[KeyT, asyncio.Future[None]] = {}
        # Keys of `load_all` for the next batch.
        self._queued_keys: dict[KeyT, None] = {}
        self._batch_future: asyncio.Future[None] | None = None
        self._is_scheduled = False
        # Spans whose keys are in the next batch.
        self._asking: dict[int, None] = {}

    @staticmethod
    def get_cache_key(key: KeyT) -> KeyT:
        """A key is its own cache key."""
        return key

    @abstractmethod
    async def load_batch(self, keys: Sequence[KeyT]) -> list[ValueT]:
        """The values of the keys, in their order. An exception among them is the result of its key only."""

    def load(self, key: KeyT) -> "asyncio.Future[ValueT]":
        """The value of a key, loaded with other keys of the same ticks of the event loop.

        The future is shielded: graphql-core cancels the siblings of a failed non-null field, and others may wait for
        it.
        """
        if key in self._in_flight or key in self.results:
            return asyncio.ensure_future(self._await_known(key, self._in_flight.get(key)))
        return asyncio.shield(super().load(key))

    async def load_all(self, keys: Sequence[KeyT], *, immediately: bool) -> list[ValueT | Exception]:
        """The values of the keys, in their order.

        `immediately`: in a batch of their own, if nothing else is about to request keys; otherwise with other keys of
        the same ticks of the event loop. Raises the exception of a failed batch.
        """
        values = self.results
        missing = list(dict.fromkeys(keys))
        if values or self._cache:
            missing = [key for key in missing if key not in values and key not in self._cache]
        elsewhere: dict[KeyT, asyncio.Future[None]] = {}
        if self._in_flight:
            elsewhere = {key: self._in_flight[key] for key in missing if key in self._in_flight}
            missing = [key for key in missing if key not in elsewhere]
        if missing and immediately:
            answers: list[ValueT | Exception] = [*await self._load_now(missing)]
            if len(answers) == len(keys):
                return answers
        elif missing:
            await self._join(missing)
        return [values[key] if key in values else await self._load_elsewhere(key, elsewhere) for key in keys]

    def do_resolve_reject(self, key: KeyT, future: "asyncio.Future[ValueT]") -> None:
        """Adds a single key to DataLoader's queue."""
        self._queue.append(QueuedKey(key=key, future=future))
        self._schedule()

    async def batch_load_fn(self, keys: list[KeyT]) -> list[ValueT]:
        """Loads single keys, together with the queued keys of `load_all`."""
        self._track(asyncio.current_task())
        joined, joining = self._take_queued()
        if joined is None:
            return await self.load_batch(keys)
        others = [key for key in joining if key not in keys]
        return (await self._load_for(joined, keys, others))[: len(keys)]

    async def _load_now(self, keys: list[KeyT]) -> list[ValueT]:
        done: asyncio.Future[None] = self.loop.create_future()
        self._in_flight.update(dict.fromkeys(keys, done))
        return await self._load_for(done, [], keys)

    async def _join(self, keys: list[KeyT]) -> None:
        if self._batch_future is None:
            self._batch_future = self.loop.create_future()
        joined = self._batch_future
        self._queued_keys.update(dict.fromkeys(keys))
        self._in_flight.update(dict.fromkeys(keys, joined))
        self._schedule()
        await asyncio.shield(joined)

    def _schedule(self) -> None:
        self._asking[current_span_id()] = None
        if not self._is_scheduled:
            self._is_scheduled = True
            task = asyncio.ensure_future(self._dispatch())
            task.add_done_callback(self._on_dispatched)
            self._track(task)

    def _on_dispatched(self, task: "asyncio.Task[None]") -> None:
        """Cancels those who wait for a batch that was cancelled before it started."""
        if task.cancelled():
            self._is_scheduled = False
            joined, _ = self._take_queued()
            if joined is not None:
                joined.cancel()

    async def _dispatch(self) -> None:
        for _ in range(_MAX_TICKS):
            await asyncio.sleep(0)
        self._is_scheduled = False
        _askers.set(tuple(self._asking))
        self._asking.clear()
        if self._queue:
            dispatch_queue(self)
        else:
            joined, joining = self._take_queued()
            if joined is not None:
                with suppress(Exception):
                    # The future of the batch has the error.
                    await self._load_for(joined, [], joining)

    def _take_queued(self) -> "tuple[asyncio.Future[None] | None, list[KeyT]]":
        joined, joining = self._batch_future, list(self._queued_keys)
        self._batch_future, self._queued_keys = None, {}
        return joined, joining

    def _track(self, task: "asyncio.Task[object] | None") -> None:
        if task is not None:
            self._running.add(task)

    async def _load_for(self, done: "asyncio.Future[None]", keys: list[KeyT], others: list[KeyT]) -> list[ValueT]:
        """Loads one batch. `others`: keys of `load_all`, whose results are stored."""
        try:
            answers = await self.load_batch([*keys, *others])
            if len(answers) != len(keys) + len(others):
                raise TypeError(
                    f"{type(self).__name__} answered {len(keys) + len(others)} keys by {len(answers)} values"
                )
            self.results.update(zip(others, answers[len(keys) :], strict=True))
        except BaseException as error:
            if not done.done():
                _fail(done, error)
            raise
        finally:
            for key in others:
                self._in_flight.pop(key, None)
        done.set_result(None)
        return answers

    async def _await_known(self, key: KeyT, batch: "asyncio.Future[None] | None") -> ValueT:
        if batch is not None:
            await asyncio.shield(batch)
        value = self.results[key] if key in self.results else await self._cache[key]
        if isinstance(value, Exception):
            raise value
        return value

    async def _load_elsewhere(self, key: KeyT, batches: "dict[KeyT, asyncio.Future[None]]") -> ValueT | Exception:
        """The result of a key that another caller requested; an exception is a result, too."""
        try:
            return await (self._await_known(key, batches[key]) if key in batches else asyncio.shield(self._cache[key]))
        except Exception as error:
            return error


def asking_spans() -> tuple[int, ...]:
    """The ids of the spans that requested keys of the batch that runs in this context, besides the current span."""
    current = current_span_id()
    return tuple([id for id in _askers.get() if id != current])


def _fail(done: "asyncio.Future[None]", error: BaseException) -> None:
    """The exception is marked as retrieved: possibly nobody waits for it."""
    if isinstance(error, Exception):
        done.set_exception(error)
        done.exception()
    else:
        done.cancel()
