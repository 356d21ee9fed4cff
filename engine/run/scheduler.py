"""Awaits the pending values of a run, completes them, and continues until nothing is pending.

There are no barriers between levels: values that are ready in one iteration of the event loop are completed together,
and what is pending below them starts immediately. Coroutines run as tasks in their order, as with graphql-core. The
keys of loader fields are passed to their loader together.

Long completions are sliced, with other tasks running between the slices: lists defer their remaining items, and ready
values wait. Nothing pending is started before all of it is completed, so that loaders receive the same keys together.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeAlias

from engine.loading.batch_loader import BatchLoader
from engine.nodes import ResponsePosition
from engine.run.context import ExecutionContext, Pending
from engine.run.discarding import discard_awaitables, discard_items
from engine.run.pending_values import complete_loaded, complete_pending, fail_all, yield_to_loop

_KeysByLoader: TypeAlias = dict[BatchLoader[Any, Any], list[Pending]]


async def run_until_complete(run: ExecutionContext) -> None:
    """Returns when nothing is pending, or the run was stopped. If cancelled, it cancels running tasks first.

    A mutation catches the cancellation of its deadline, and is stopped.
    """
    scheduler = _Scheduler(run)
    try:
        while run.stopped is None and (run.pending or run.pending_loads or run.running or run.deferred):
            await scheduler.step()
    except asyncio.CancelledError:
        deadline = run.deadline
        if not run.plan.is_serial or deadline is None or not deadline.take_over():
            raise
        run.stopped = deadline.error()
    finally:
        if run.running:
            await _cancel_all(run)
        if run.pending or run.pending_loads or run.deferred:
            _discard_all(run)


class _Scheduler:
    def __init__(self, run: ExecutionContext) -> None:
        self._run = run
        self._ready: list[asyncio.Future[object]] = []
        self._wakeup: asyncio.Future[None] | None = None

    async def step(self) -> None:
        """Starts what is pending, and completes the next ready values."""
        run = self._run
        if run.deferred:
            await yield_to_loop(run)
        pending, by_loader = await self._drain()
        if run.stopped is not None:
            run.pending += pending
            return
        # Awaiting directly is cheaper than a task, if nothing else is pending.
        if not run.running:
            if len(pending) == 1 and not by_loader:
                await self._wait_for(pending[0])
                return
            if not pending and len(by_loader) == 1:
                await self._load(*by_loader.popitem())
                return
        self._start(pending, by_loader)
        if run.running:
            await self._wait_any()
            await self._complete_ready()

    async def _drain(self) -> tuple[list[Pending], _KeysByLoader]:
        """Pending values and loads.

        Loaded keys are completed immediately: fields below may request more keys for the same batch.
        """
        run = self._run
        while True:
            pending, keys = run.drain()
            by_loader = _by_loader(run, keys)
            known, values = _take_loaded(by_loader)
            if not known:
                return pending, by_loader
            # Drained again later, without those below positions that are nulled now.
            run.pending, run.pending_loads = pending, [entry for entries in by_loader.values() for entry in entries]
            await complete_loaded(run, known, values)
            if run.deferred:
                await yield_to_loop(run)

    async def _wait_for(self, entry: Pending) -> None:
        run, (_, awaitable, position, path) = self._run, entry
        try:
            value = await awaitable
        except Exception as error:
            run.handle_async_error(error, position, path)
        except asyncio.CancelledError:
            if _is_being_cancelled():
                raise
            run.handle_async_error(_cancelled(), position, path)
        else:
            complete_pending(run, entry, value)

    async def _load(self, loader: BatchLoader[Any, Any], entries: list[Pending]) -> None:
        try:
            values = await loader.load_all([entry[1] for entry in entries], immediately=True)
        except Exception as error:
            fail_all(self._run, entries, error)
        else:
            await complete_loaded(self._run, entries, values)

    def _start(self, pending: list[Pending], by_loader: _KeysByLoader) -> None:
        """Starts coroutines in their order, then each loader with all of its keys."""
        for entry in pending:
            self._track(asyncio.ensure_future(entry[1]), [entry])
        # A loader waits for keys that coroutines are about to request.
        alone = not self._run.running
        for loader, entries in by_loader.items():
            keys = [entry[1] for entry in entries]
            self._track(asyncio.ensure_future(LoadResult.of(loader.load_all(keys, immediately=alone))), entries)

    def _track(self, future: "asyncio.Future[object]", entries: list[Pending]) -> None:
        # Two resolvers may return the same future.
        entries_of_future = self._run.running.setdefault(future, [])
        if not entries_of_future:
            future.add_done_callback(self._on_done)
        entries_of_future.extend(entries)

    def _on_done(self, future: "asyncio.Future[object]") -> None:
        self._ready.append(future)
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)

    async def _wait_any(self) -> None:
        if not self._ready:
            self._wakeup = asyncio.get_running_loop().create_future()
            await self._wakeup

    async def _complete_ready(self) -> None:
        run = self._run
        ready, self._ready = self._ready, []
        for future in ready:
            entries = run.running.pop(future)
            error = _get_error(future)
            if error is not None:
                fail_all(run, entries, error)
                continue
            value = future.result()
            if value.__class__ is LoadResult:
                await complete_loaded(run, entries, value.values)
            else:
                for entry in entries:
                    complete_pending(run, entry, value)
            if run.remaining < 0 and run.is_interrupted():
                await yield_to_loop(run)
                if run.stopped is not None:
                    return


class LoadResult:
    """The values of a loader, in contrast to the value of one field."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[object]) -> None:
        self.values = values

    @classmethod
    async def of(cls, loading: Awaitable[Sequence[object]]) -> "LoadResult":
        return cls(await loading)


def _by_loader(run: ExecutionContext, keys: list[Pending]) -> _KeysByLoader:
    found: _KeysByLoader = {}
    last: ResponsePosition | None = None
    for entry in keys:
        position = entry[2]
        if position is not last:
            loader_field = position.field.loader_field
            assert loader_field is not None
            entries = found.setdefault(loader_field.loader(run.context), [])
            last = position
        entries.append(entry)
    return found


def _take_loaded(by_loader: _KeysByLoader) -> tuple[list[Pending], list[object]]:
    """Removes and returns the loads whose keys are already loaded, with their values."""
    known: list[Pending] = []
    values: list[object] = []
    for loader, entries in by_loader.items():
        if loader.results:
            found = [entry for entry in entries if entry[1] in loader.results]
            known += found
            values += [loader.results[entry[1]] for entry in found]
            entries[:] = [entry for entry in entries if entry[1] not in loader.results]
    return known, values


def _get_error(future: "asyncio.Future[object]") -> Exception | None:
    if future.cancelled():
        return _cancelled()
    error = future.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    return error


def _cancelled() -> Exception:
    """The error of a field whose task was cancelled, but not with the run."""
    return RuntimeError("Field resolver was cancelled.")


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _discard_all(run: ExecutionContext) -> None:
    """Discards all pending values."""
    pending, run.pending, run.pending_loads = run.pending, [], []
    discard_awaitables(entry[1] for entry in pending)
    deferred, run.deferred = run.deferred, []
    discard_items(items for _, items, _, _ in deferred)


async def _cancel_all(run: ExecutionContext) -> None:
    """Cancels all running tasks, and waits for them."""
    tasks = [future for future in run.running if isinstance(future, asyncio.Task)]
    run.running.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
