"""A loader that can be asked for many keys with one future."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from aiodataloader import DataLoader, dispatch_queue
from aiodataloader import Loader as QueuedKey

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")

# For how many turns of the event loop a batch waits for more keys. DataLoader waits two; a field that a plan answers
# asks up to two turns later for each level above it.
_TURNS = 10


class BatchLoader(DataLoader[KeyT, ValueT], ABC, Generic[KeyT, ValueT]):
    """Answers by `load_batch`, each key once.

    `load` asks for one key, as with any DataLoader. `load_all` asks for many without a future for each, which would
    cost more than the answer. What one has loaded the other finds. `running`: gets the tasks of batches, for whoever
    ends the request to cancel.
    """

    def __init__(self, running: "set[asyncio.Task[Any]] | None" = None) -> None:
        super().__init__()
        self._running: set[asyncio.Task[Any]] = set() if running is None else running
        # The values of keys that `load_all` was asked for.
        self.loaded: dict[KeyT, ValueT | Exception] = {}
        # Keys of `load_all` that are under way, and what says when their values are there.
        self._under_way: dict[KeyT, asyncio.Future[None]] = {}
        # Keys of `load_all` that go along with the next batch.
        self._joining: dict[KeyT, None] = {}
        self._joined: asyncio.Future[None] | None = None
        self._is_due = False

    @abstractmethod
    async def load_batch(self, keys: Sequence[KeyT]) -> list[ValueT]:
        """The values of these keys, in their order. An exception among them is the answer to its key alone."""

    def load(self, key: KeyT) -> "asyncio.Future[ValueT]":
        """The value of a key, with all keys that are asked for in the same turn of the event loop.

        Shielded: graphql-core cancels the siblings of a failed non-null field, and a future that others wait for too
        must outlive that.
        """
        if key in self._under_way or key in self.loaded:
            return asyncio.ensure_future(self._known(key, self._under_way.get(key)))
        return asyncio.shield(super().load(key))

    async def load_all(self, keys: Sequence[KeyT], *, at_once: bool) -> list[ValueT | Exception]:
        """The values of these keys, in their order.

        `at_once`: in a batch of their own now, because nobody else is about to ask for any; otherwise together with
        those that are asked for in the same turns of the event loop. Raises what a failed batch raised.
        """
        values = self.loaded
        missing = list(dict.fromkeys(keys))
        if values or self._cache:
            missing = [key for key in missing if key not in values and key not in self._cache]
        elsewhere: dict[KeyT, asyncio.Future[None]] = {}
        if self._under_way:
            elsewhere = {key: self._under_way[key] for key in missing if key in self._under_way}
            missing = [key for key in missing if key not in elsewhere]
        if missing and at_once:
            answers: list[ValueT | Exception] = [*await self._load_now(missing)]
            if len(answers) == len(keys):
                return answers
        elif missing:
            await self._join(missing)
        return [values[key] if key in values else await self._found_elsewhere(key, elsewhere) for key in keys]

    def do_resolve_reject(self, key: KeyT, future: "asyncio.Future[ValueT]") -> None:
        """Puts a key that was asked for one by one into DataLoader's queue."""
        self._queue.append(QueuedKey(key=key, future=future))
        self._make_due()

    async def batch_load_fn(self, keys: list[KeyT]) -> list[ValueT]:
        """Loads what was asked for one by one, and what joins it."""
        self._note_running(asyncio.current_task())
        joined, joining = self._take_joining()
        if joined is None:
            return await self.load_batch(keys)
        others = [key for key in joining if key not in keys]
        return (await self._load_for(joined, keys, others))[: len(keys)]

    async def _load_now(self, keys: list[KeyT]) -> list[ValueT]:
        done: asyncio.Future[None] = self.loop.create_future()
        self._under_way.update(dict.fromkeys(keys, done))
        return await self._load_for(done, [], keys)

    async def _join(self, keys: list[KeyT]) -> None:
        if self._joined is None:
            self._joined = self.loop.create_future()
        joined = self._joined
        self._joining.update(dict.fromkeys(keys))
        self._under_way.update(dict.fromkeys(keys, joined))
        self._make_due()
        await asyncio.shield(joined)

    def _make_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            task = asyncio.ensure_future(self._load_soon())
            task.add_done_callback(self._after_due)
            self._note_running(task)

    def _after_due(self, task: "asyncio.Task[None]") -> None:
        """Who waits for a batch that was stopped before it began is stopped too."""
        if task.cancelled():
            self._is_due = False
            joined, _ = self._take_joining()
            if joined is not None:
                joined.cancel()

    async def _load_soon(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._is_due = False
        if self._queue:
            dispatch_queue(self)
        else:
            joined, joining = self._take_joining()
            if joined is not None:
                with suppress(Exception):
                    # The error is told to those who wait.
                    await self._load_for(joined, [], joining)

    def _take_joining(self) -> "tuple[asyncio.Future[None] | None, list[KeyT]]":
        joined, joining = self._joined, list(self._joining)
        self._joined, self._joining = None, {}
        return joined, joining

    def _note_running(self, task: "asyncio.Task[Any] | None") -> None:
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _load_for(self, done: "asyncio.Future[None]", keys: list[KeyT], others: list[KeyT]) -> list[ValueT]:
        """One batch. `others`: the keys of `load_all`, whose values are remembered."""
        try:
            answers = await self.load_batch([*keys, *others])
            if len(answers) != len(keys) + len(others):
                raise TypeError(
                    f"{type(self).__name__} answered {len(keys) + len(others)} keys by {len(answers)} values"
                )
            self.loaded.update(zip(others, answers[len(keys) :], strict=True))
        except BaseException as error:
            if not done.done():
                _fail(done, error)
            raise
        finally:
            for key in others:
                self._under_way.pop(key, None)
        done.set_result(None)
        return answers

    async def _known(self, key: KeyT, batch: "asyncio.Future[None] | None") -> ValueT:
        if batch is not None:
            await asyncio.shield(batch)
        value = self.loaded[key] if key in self.loaded else await self._cache[key]
        if isinstance(value, Exception):
            raise value
        return value

    async def _found_elsewhere(self, key: KeyT, batches: "dict[KeyT, asyncio.Future[None]]") -> ValueT | Exception:
        """What somebody else asked for. An exception is the answer too."""
        try:
            return await (self._known(key, batches[key]) if key in batches else asyncio.shield(self._cache[key]))
        except Exception as error:
            return error


def _fail(done: "asyncio.Future[None]", error: BaseException) -> None:
    """Nobody may wait for it, which is no reason to complain."""
    if isinstance(error, Exception):
        done.set_exception(error)
        done.exception()
    else:
        done.cancel()
