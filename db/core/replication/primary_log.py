"""Samples of the primary's position, by which replicas are measured."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import structlog

from common.error_descriptions import describe_error
from common.throttle import Throttle
from db.core.errors import DATABASE_ERRORS
from db.core.replication.monitored_server import MonitoredServer
from db.core.replication.position import SAMPLE_SQL, Position, end_of_records

log = structlog.get_logger()

# Of the same error.
_LOG_INTERVAL_SECONDS = 30.0


class Sample(NamedTuple):
    """A position of the primary with everything that was committed before `taken_at`, which is monotonic.

    `timeline`: of its log.
    """

    taken_at: float
    position: Position
    timeline: int


class PrimaryLog:
    """The samples of the last `max_age` seconds. `on_standby`: called if the address leads to a standby."""

    def __init__(self, url: str, max_age: float, on_standby: Callable[[], None]) -> None:
        self._server = MonitoredServer(url)
        self._max_age = max_age
        self._on_standby = on_standby
        self._samples: deque[Sample] = deque()
        self._sampled = asyncio.Event()
        self._throttle = Throttle(_LOG_INTERVAL_SECONDS)

    @property
    def newest(self) -> Sample | None:
        return self._samples[-1] if self._samples else None

    async def sample(self) -> None:
        """Add a sample, if the primary answers."""
        taken_at = time.monotonic()
        try:
            row = await self._server.ask(SAMPLE_SQL)
        except DATABASE_ERRORS as error:
            if self._throttle.admit(describe_error(error)) is not None:
                log.warning("position of the primary unknown", reason=describe_error(error))
            return
        if row["position"] is None:
            self._server.disconnect()
            self._on_standby()
            return
        position = Position(row["system"], end_of_records(row["position"]))
        newest, timeline = self.newest, row["timeline"]
        if newest is not None and not (newest.timeline == timeline and newest.position.is_before(position)):
            # Another server was promoted, or another cluster is at this address.
            self._samples.clear()
        while self._samples and self._samples[0].taken_at < taken_at - self._max_age:
            self._samples.popleft()
        self._samples.append(Sample(taken_at, position, timeline))
        self._sampled.set()
        self._sampled = asyncio.Event()

    async def next(self) -> Sample:
        """Wait for the next sample."""
        await self._sampled.wait()
        return self._samples[-1]

    def covered_by(self, position: Position) -> float:
        """When the newest of the samples was taken that are not above the position; 0 if all are."""
        return next((sample.taken_at for sample in reversed(self._samples) if sample.position.is_before(position)), 0.0)

    def close(self) -> None:
        self._server.disconnect()
