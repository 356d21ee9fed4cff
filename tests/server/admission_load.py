"""Operations on an admission, at the time of a test."""

import asyncio
from random import Random

import pytest

from domain.errors import ServiceUnavailable
from server.http.admission import TICK_SECONDS, Admission, AdmissionClient


class Clock:
    """The time of a test, which a test advances."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Load:
    """Operations that a test ends."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.running: list[str] = []
        self.rejected: list[str] = []
        self._ends: dict[str, list[asyncio.Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, key: str, count: int = 1, *, signed_in: bool = True) -> None:
        for _ in range(count):
            task = asyncio.create_task(self._run(AdmissionClient(key, signed_in)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await self.settle()

    async def _run(self, client: AdmissionClient) -> None:
        try:
            async with self.admission.slot(client):
                end = asyncio.Event()
                self.running.append(client.key)
                self._ends.setdefault(client.key, []).append(end)
                try:
                    await end.wait()
                finally:
                    self.running.remove(client.key)
                    self._ends[client.key].remove(end)
        except ServiceUnavailable:
            self.rejected.append(client.key)

    async def end(self, key: str) -> None:
        self._ends[key][0].set()
        await self.settle()

    async def advance(self, clock: Clock, seconds: float) -> None:
        """Let time pass with a responsive event loop."""
        for _ in range(round(seconds / TICK_SECONDS)):
            clock.now += TICK_SECONDS
            self.tick()
        await self.settle()

    def tick(self) -> None:
        if self.admission._tick is not None:
            self.admission._tick.cancel()
            self.admission._on_tick()

    async def cancel_one(self, random: Random) -> None:
        """A running or a waiting one."""
        random.choice(sorted(self._tasks, key=lambda task: task.get_name())).cancel()
        await self.settle()

    async def cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()
