"""Jobs and the ordered log of their changes. Row-level security: user-owned."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Double, Identity, Index, Integer, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, timestamps
from domain.enums import JobKind, JobStatus

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    reference("user_id", "users.id", nullable=True),
    reference("textbook_id", "textbooks.id", nullable=True),
    enum_column("kind", JobKind),
    enum_column("status", JobStatus),
    Column("progress", Double, CheckConstraint("progress between 0 and 1", name="progress_range"), nullable=False),
    Column("completed_steps", Integer, nullable=False),
    Column("total_steps", Integer, nullable=False),
    Column("message", Text),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    # The current entry in the queue. Earlier entries are ignored.
    Column("entry_id", UUID),
    # The current attempt. A superseded attempt cannot change the job.
    Column("attempt_id", UUID),
    Column("idempotency_key", Text),
    Column("input", JSONB, nullable=False),
    # Made by the first attempt and reused by later ones.
    Column("plan", JSONB),
    Column("error", JSONB),
    Column("result", JSONB),
    Column("scheduled_for", Timestamp, nullable=False),
    Column("started_at", Timestamp),
    Column("finished_at", Timestamp),
    *timestamps(),
)
Index(None, jobs.c.user_id, jobs.c.id)
Index(None, jobs.c.textbook_id, jobs.c.id)
Index(None, jobs.c.status, jobs.c.scheduled_for)
Index(None, jobs.c.finished_at)
Index(
    "uq_jobs_idempotency_key",
    jobs.c.user_id,
    jobs.c.kind,
    jobs.c.idempotency_key,
    unique=True,
    postgresql_where=jobs.c.idempotency_key.is_not(None),
)

job_events = Table(
    "job_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    reference("job_id", "jobs.id"),
    reference("user_id", "users.id", nullable=True),
    Column("at", Timestamp, nullable=False),
    Column("state", JSONB, nullable=False),
    Index(None, "job_id", "id"),
    Index(None, "user_id", "id"),
)

# Requests to language models and their cost. Rows outlive the job.
model_usage = Table(
    "model_usage",
    metadata,
    id_column(),
    reference("user_id", "users.id", nullable=True),
    Column("job_id", UUID, nullable=False),
    Column("at", Timestamp, nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    # In US dollars, from the prices in the settings.
    Column("cost", Numeric(12, 6), nullable=False),
    Index(None, "user_id", "at"),
    Index(None, "job_id"),
)

# When each periodic task last ran. Row-level security: administrators read it, and request runs.
periodic_work = Table(
    "periodic_work",
    metadata,
    Column("name", Text, primary_key=True),
    # When it last succeeded.
    Column("done_at", Timestamp, nullable=False),
    # Null until a worker of a version with these columns runs it.
    Column("interval_seconds", Integer),
    # Of the last run.
    Column("started_at", Timestamp),
    Column("duration_ms", Integer),
    # Null if it succeeded.
    Column("failed_at", Timestamp),
    Column("error", Text),
    # When an administrator requested a run that has not ended.
    Column("requested_at", Timestamp),
)
