"""Waits for what a run has pending, completes it, and so on until nothing is pending.

There are no barriers between levels: what is ready in one turn of the event loop is completed together, and what is
pending below it starts at once. Coroutines run as tasks, begun in their order, as graphql-core's do. The keys of loader
fields are handed to their loader together.

What takes long to complete is completed in slices, between which other tasks run: lists defer the rest of their items,
and what is ready waits for its turn. Nothing pending is begun before all of it is completed, so that loaders are asked
for the same keys together.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias

from engine.loading.batch_loader import BatchLoader
from engine.plan.nodes import Position
from engine.run.complete_value import abandon_deferred
from engine.run.context import Deferred, Pending, Run, abandon

_KeysByLoader: TypeAlias = dict[BatchLoader[Any, Any], list[Pending]]


async def settle(run: Run) -> None:
    """Until nothing is pending, or the run is stopped. Cancelled, it ends what is under way first.

    A mutation takes over the cancellation at its deadline, and is stopped.
    """
    waiting = _Waiting(run)
    try:
        while run.stopped is None and (run.pending or run.keys or run.running or run.deferred):
            await waiting.go_on()
    except asyncio.CancelledError:
        deadline = run.deadline
        if not run.plan.is_serial or deadline is None or not deadline.take_over():
            raise
        run.stopped = deadline.error()
    finally:
        if run.running:
            await _end(run)
        if run.pending or run.keys or run.deferred:
            _abandon_all(run)


class _Waiting:
    def __init__(self, run: Run) -> None:
        self._run = run
        self._ready: list[asyncio.Future[Any]] = []
        self._turn: asyncio.Future[None] | None = None

    async def go_on(self) -> None:
        """Begins what is pending, and completes what is ready next."""
        run = self._run
        if run.deferred:
            await _let_others_run(run)
        pending, by_loader = await self._take()
        if run.stopped is not None:
            run.pending += pending
            return
        # A task costs more than waiting right here, where there is nothing to do beside.
        if not run.running:
            if len(pending) == 1 and not by_loader:
                await self._wait_for(pending[0])
                return
            if not pending and len(by_loader) == 1:
                await self._load(*by_loader.popitem())
                return
        self._begin(pending, by_loader)
        if run.running:
            await self._next_turn()
            await self._complete_ready()

    async def _take(self) -> tuple[list[Pending], _KeysByLoader]:
        """What is pending, and the keys to load.

        Where a key's value is there already it is completed: what is below may ask for more keys, which go along.
        """
        run = self._run
        while True:
            pending, keys = run.take_pending()
            by_loader = _by_loader(run, keys)
            known, values = _take_known(by_loader)
            if not known:
                return pending, by_loader
            # They are taken again, without those below a position that becomes null now.
            run.pending, run.keys = pending, [entry for entries in by_loader.values() for entry in entries]
            await _complete_loaded(run, known, values)
            if run.deferred:
                await _let_others_run(run)

    async def _wait_for(self, entry: Pending) -> None:
        run, (_, awaitable, position, path) = self._run, entry
        try:
            value = await awaitable
        except Exception as error:
            run.fail_later(error, position, path)
        except asyncio.CancelledError:
            if _is_being_cancelled():
                raise
            run.fail_later(_cancelled(), position, path)
        else:
            _complete(run, entry, value)

    async def _load(self, loader: BatchLoader[Any, Any], entries: list[Pending]) -> None:
        try:
            values = await loader.load_all([entry[1] for entry in entries], at_once=True)
        except Exception as error:
            _fail_all(self._run, entries, error)
        else:
            await _complete_loaded(self._run, entries, values)

    def _begin(self, pending: list[Pending], by_loader: _KeysByLoader) -> None:
        """Starts everything: coroutines in their order, then loaders, each with all its keys."""
        for entry in pending:
            self._watch(asyncio.ensure_future(entry[1]), [entry])
        # A loader waits for the keys that coroutines are about to ask for.
        alone = not self._run.running
        for loader, entries in by_loader.items():
            keys = [entry[1] for entry in entries]
            self._watch(asyncio.ensure_future(_Loading.of(loader.load_all(keys, at_once=alone))), entries)

    def _watch(self, future: "asyncio.Future[Any]", entries: list[Pending]) -> None:
        # Two resolvers may give the same future.
        watched = self._run.running.setdefault(future, [])
        if not watched:
            future.add_done_callback(self._note)
        watched.extend(entries)

    def _note(self, future: "asyncio.Future[Any]") -> None:
        self._ready.append(future)
        if self._turn is not None and not self._turn.done():
            self._turn.set_result(None)

    async def _next_turn(self) -> None:
        if not self._ready:
            self._turn = asyncio.get_running_loop().create_future()
            await self._turn

    async def _complete_ready(self) -> None:
        run = self._run
        ready, self._ready = self._ready, []
        for future in ready:
            entries = run.running.pop(future)
            error = _error_of(future)
            if error is not None:
                _fail_all(run, entries, error)
                continue
            value = future.result()
            if value.__class__ is _Loading:
                await _complete_loaded(run, entries, value.values)
            else:
                for entry in entries:
                    _complete(run, entry, value)
            if run.left < 0 and run.is_interrupted():
                await _let_others_run(run)
                if run.stopped is not None:
                    return


class _Loading:
    """What a loader gave, and not a value of one field."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[object]) -> None:
        self.values = values

    @classmethod
    async def of(cls, loading: Any) -> "_Loading":
        return cls(await loading)


def _by_loader(run: Run, keys: list[Pending]) -> _KeysByLoader:
    found: _KeysByLoader = {}
    last: Position | None = None
    for entry in keys:
        position = entry[2]
        if position is not last:
            loader_field = position.field.loader_field
            assert loader_field is not None
            entries = found.setdefault(loader_field.loader(run.context), [])
            last = position
        entries.append(entry)
    return found


def _take_known(by_loader: _KeysByLoader) -> tuple[list[Pending], list[object]]:
    """Those whose values are there already, with the values. The others stay."""
    known: list[Pending] = []
    values: list[object] = []
    for loader, entries in by_loader.items():
        if loader.loaded:
            found = [entry for entry in entries if entry[1] in loader.loaded]
            known += found
            values += [loader.loaded[entry[1]] for entry in found]
            entries[:] = [entry for entry in entries if entry[1] not in loader.loaded]
    return known, values


def _complete(run: Run, entry: Pending, value: object) -> None:
    container, _, position, path = entry
    if run.nulled and run.is_nulled(path):
        return
    try:
        answer = position.complete(value, run, path)
    except Exception as error:
        run.fail_later(error, position, path)
    else:
        run.place(container, path, answer)


async def _complete_loaded(run: Run, entries: Sequence[Pending], values: Sequence[object]) -> None:
    """As `_complete` does for each, in one loop: there are many of them."""
    last: Position | None = None
    for (container, _, position, path), loaded in zip(entries, values, strict=True):
        if position is not last:
            loader_field = position.field.loader_field
            assert loader_field is not None
            value_of = loader_field.value
            complete = position.complete
            last = position
        try:
            if isinstance(loaded, Exception):
                raise loaded
            value = value_of(loaded)
            if run.nulled and run.is_nulled(path):
                continue
            answer = complete(value, run, path)
        except Exception as error:
            run.fail_later(error, position, path)
        else:
            if container is None:
                run.place(None, path, answer)
            else:
                container[path[1]] = answer  # type: ignore[index]  # the root is not loaded
        if run.left < 0 and run.is_interrupted():
            await _let_others_run(run)
            if run.stopped is not None:
                return


async def _let_others_run(run: Run) -> None:
    """A turn of the event loop for other tasks. Then goes on with lists, until all are complete."""
    lists: list[Deferred] = []
    try:
        while True:
            # Those inside of a list come before the rest of it.
            lists, run.deferred = run.deferred + lists, []
            await asyncio.sleep(0)
            while lists and not run.deferred and run.stopped is None:
                _go_on_with(run, lists.pop(0))
            if run.stopped is not None or not (lists or run.deferred):
                return
    finally:
        run.deferred += lists


def _go_on_with(run: Run, deferred: Deferred) -> None:
    found, items, position, path = deferred
    if run.nulled and run.is_nulled(path):
        abandon_deferred((deferred,))
        return
    try:
        position.fill(items, run, path, found)
    except Exception as error:
        assert position.item is not None
        run.fail_later(error, position.item, (path, len(found)))


def _fail_all(run: Run, entries: Sequence[Pending], error: Exception) -> None:
    for _, _, position, path in entries:
        run.fail_later(error, position, path)


def _error_of(future: "asyncio.Future[Any]") -> Exception | None:
    if future.cancelled():
        return _cancelled()
    error = future.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    return error


def _cancelled() -> Exception:
    """The work of a field was cancelled by something else than what cancels the run: it failed, and the run goes on."""
    return RuntimeError("Field resolution was cancelled.")


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _abandon_all(run: Run) -> None:
    """Of what nobody waits for any more."""
    pending, run.pending, run.keys = run.pending, [], []
    abandon(entry[1] for entry in pending)
    deferred, run.deferred = run.deferred, []
    abandon_deferred(deferred)


async def _end(run: Run) -> None:
    """Stops everything that is under way, and waits until it has stopped."""
    tasks = [future for future in run.running if isinstance(future, asyncio.Task)]
    run.running.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
