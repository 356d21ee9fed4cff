"""A queue that runs jobs one at a time, round robin between clients."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from engine.errors import Limit, QueueFull, TooManyPendingJobs
from engine.request.queue_limits import QueueLimits

KeyT = TypeVar("KeyT", bound=Hashable)
ResultT = TypeVar("ResultT")


@dataclass(slots=True, eq=False)
class _Job(Generic[ResultT]):
    """`results`: a future for each client that requested the job. `context`: of the first one."""

    run: Callable[[], Awaitable[ResultT]]
    results: dict[str, asyncio.Future[ResultT]] = field(default_factory=dict)
    is_running: bool = False
    context: Context = field(default_factory=copy_context)


class FairQueue(Generic[KeyT, ResultT]):
    """Clients take turns, whatever the number of their jobs: before its first job, a client waits for at most one job
    of each other client.

    A job requested by several clients is in the queue of each, and runs at the first turn. If the queue is full, the
    client with the most jobs loses its last one to a client that has fewer.

    `what`: plural noun for the jobs in error messages.
    """

    def __init__(self, what: str, limits: QueueLimits) -> None:
        self._what = what
        self._limits = limits
        self._jobs: dict[KeyT, _Job[ResultT]] = {}
        # Clients in the order of their turns, with the keys of their waiting jobs.
        self._waiting: dict[str, dict[KeyT, None]] = {}
        self._task: asyncio.Task[None] | None = None
        # The number of rejected jobs, by limit.
        self.refused: Counter[str] = Counter(total=0, client=0)

    def __len__(self) -> int:
        """The number of running and waiting jobs."""
        return len(self._jobs)

    async def run(self, client: str, key: KeyT, function: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """The result of the function, which runs once for all clients that request the key meanwhile.

        The job runs even if all clients stop waiting for it. Raises the exceptions of the function, TooManyPendingJobs
        for a client with too many waiting jobs, and QueueFull if there are too many in total.
        """
        job = self._jobs.get(key)
        result = None if job is None else job.results.get(client)
        if result is None:
            if job is None or not job.is_running:
                self._make_room(client)
                # The job may have been dropped to make room.
                job = self._jobs.setdefault(key, _Job(function))
                self._waiting.setdefault(client, {})[key] = None
            result = job.results[client] = asyncio.get_running_loop().create_future()
            self._start_next()
        return await asyncio.shield(result)

    def _make_room(self, client: str) -> None:
        own = len(self._waiting.get(client, ()))
        if own >= self._limits.per_client:
            self.refused["client"] += 1
            raise TooManyPendingJobs(
                f"Too many {self._what} of this client are queued ({own}); wait for their responses.",
                retry_after=1,
                limit=Limit.WAITING_DOCUMENTS_PER_CLIENT.value,
            )
        if sum(map(len, self._waiting.values())) < self._limits.total:
            return
        self.refused["total"] += 1
        full = QueueFull(
            f"Too many {self._what} are queued; please retry.", retry_after=1, limit=Limit.WAITING_DOCUMENTS.value
        )
        busiest = max(self._waiting, key=lambda other: len(self._waiting[other]))
        if len(self._waiting[busiest]) <= own + 1:
            raise full
        self._drop_last(busiest, full)

    def _drop_last(self, client: str, error: Exception) -> None:
        key = next(reversed(self._waiting[client]))
        job = self._jobs[key]
        _fail(job.results.pop(client), error)
        self._leave(client, key)
        if not job.results:
            del self._jobs[key]

    def _leave(self, client: str, key: KeyT) -> None:
        keys = self._waiting[client]
        del keys[key]
        if not keys:
            del self._waiting[client]

    def _start_next(self) -> None:
        if self._task is not None or not self._waiting:
            return
        client, keys = next(iter(self._waiting.items()))
        key = next(iter(keys))
        job = self._jobs[key]
        job.is_running = True
        for other in job.results:
            self._leave(other, key)
        if client in self._waiting:
            self._waiting[client] = self._waiting.pop(client)
        self._task = asyncio.create_task(self._run(key, job), context=job.context)

    async def _run(self, key: KeyT, job: _Job[ResultT]) -> None:
        try:
            value = await job.run()
        except asyncio.CancelledError:
            # The event loop is shutting down.
            for result in job.results.values():
                result.cancel()
            raise
        except Exception as error:
            for result in job.results.values():
                _fail(result, error)
        else:
            for result in job.results.values():
                result.set_result(value)
        del self._jobs[key]
        self._task = None
        self._start_next()


def _fail(result: asyncio.Future[ResultT], error: Exception) -> None:
    result.set_exception(error)
    # Marks the exception as retrieved: the client may have disconnected.
    result.exception()
