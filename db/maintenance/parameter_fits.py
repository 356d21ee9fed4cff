"""Enqueues a job each week that fits the parameters of FSRS, for each learner who studied since the last one."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from db.commands.jobs import insert_job, lock_job_events
from db.notify.job_entries import QueueEntry, enqueue
from domain.enums import JobKind
from domain.ids import JobId, UserId, new_id
from domain.jobs import POLICIES
from domain.scheduling.fitting import MIN_REVIEWS

_INTERVAL = timedelta(days=7)
# Of one run; the next run takes the others.
_MAX_LEARNERS = 200
# Learners and their days first: a distributed database has accounts and jobs on another server.
_LEARNERS = """
    with studied as materialized (
        select settings.user_id, fitted_at from user_settings as settings
        left join scheduling_fits as fits on fits.user_id = settings.user_id
        where scheduler = 'FSRS' and (fitted_at is null or fitted_at < now() - $1::interval)
            and (select sum(reviews - crammed) from review_days where review_days.user_id = settings.user_id) >= $2
            and exists (
                select from review_days where review_days.user_id = settings.user_id
                    and updated_at > coalesce(fitted_at, '-infinity')
            )
    )
    select user_id from studied
    join users on users.id = user_id and users.deleted_at is null
    where not exists (
        select from jobs where jobs.user_id = studied.user_id and kind = 'FIT_PARAMETERS'
            and created_at > now() - $1::interval
    )
    order by fitted_at nulls first limit $3
"""


async def enqueue_parameter_fits(connection: asyncpg.Connection) -> None:
    """Enqueue the jobs of learners with enough reviews. Runs as the owner of the tables."""
    now = await connection.fetchval("select now()")
    policy = POLICIES[JobKind.FIT_PARAMETERS]
    for row in await connection.fetch(_LEARNERS, _INTERVAL, MIN_REVIEWS, _MAX_LEARNERS):
        user_id: UUID = row["user_id"]
        entry = QueueEntry(new_id(), JobId(new_id()), UserId(user_id))
        values = {
            "id": entry.job_id,
            "user_id": user_id,
            "textbook_id": None,
            "kind": JobKind.FIT_PARAMETERS.value,
            "total_steps": 0,
            "max_attempts": policy.max_attempts,
            "priority": policy.priority,
            "entry_id": entry.id,
            "input": "{}",
            "scheduled_for": now,
            "idempotency_key": None,
            "created_at": now,
            "updated_at": now,
            "viewer_id": user_id,
            "now": now,
        }
        await connection.execute(lock_job_events.sql, *lock_job_events.arguments(values))
        await connection.execute(insert_job.sql, *insert_job.arguments(values))
        await enqueue(connection, JobKind.FIT_PARAMETERS, entry, priority=policy.priority, delay=timedelta())
