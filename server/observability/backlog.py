"""Measures how much background work waits in the database."""

import asyncio
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from common.metrics.prometheus import SharedGaugeFamily
from db.core.database import Database, owner_connection
from db.core.errors import DATABASE_ERRORS
from db.core.read_session import ReadSession
from db.queries.backlog import event_backlog, job_backlog, unsent_changes
from domain.enums import JobKind
from domain.errors import ClientError
from domain.request_stats import RequestStatistics
from domain.viewer import ADMINISTRATOR

_TIMEOUT_SECONDS = 2.0
_JOB_GAUGES = {
    "waiting": ("shinjp_job_queue_depth", "Jobs that wait for a worker, or for their next attempt."),
    "running": ("shinjp_jobs_running", "Running jobs."),
    "oldest_seconds": ("shinjp_job_queue_age_seconds", "How long the oldest waiting job has been due."),
    "attempts": ("shinjp_job_queue_attempts", "Largest number of attempts of an unfinished job."),
}


class JobSampler:
    """Nothing is measured while all connections are in use: clients need them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> Iterable[Metric]:
        if self._database.is_full:
            return ()
        reads = ReadSession(self._database, ADMINISTRATOR, RequestStatistics())
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                by_kind = {row.kind: row for row in await reads.rows(job_backlog)}
        except (ClientError, TimeoutError):
            # Health checks report the outage.
            return ()
        gauges: list[GaugeMetricFamily] = []
        for column, (name, help) in _JOB_GAUGES.items():
            gauge = SharedGaugeFamily(name, help, labels=("kind",))
            for kind in JobKind:
                gauge.add_metric((kind.value,), by_kind[kind][column] if kind in by_kind else 0)
            gauges.append(gauge)
        return gauges


class OutboxSampler:
    """Domain events and the change outbox, which the owner of the tables alone may read.

    `owner_url`: connects as the owner.
    """

    def __init__(self, owner_url: str) -> None:
        self._owner_url = owner_url

    async def __call__(self) -> Iterable[Metric]:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS), owner_connection(self._owner_url) as connection:
                [events] = await event_backlog.run(connection, {}, RequestStatistics())
                [changes] = await unsent_changes.run(connection, {}, RequestStatistics())
        except (*DATABASE_ERRORS, TimeoutError):
            return ()
        return (
            SharedGaugeFamily("shinjp_event_backlog", "Domain events that wait for a worker.", events.waiting),
            SharedGaugeFamily(
                "shinjp_event_lag_seconds", "Age of the oldest unhandled domain event.", events.oldest_seconds
            ),
            SharedGaugeFamily(
                "shinjp_unsent_changes",
                "Changes of personal rows of which processes are not notified yet.",
                changes.waiting,
            ),
        )
