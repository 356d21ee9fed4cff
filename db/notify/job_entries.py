"""Entries of the job queue, as servers add them.

PgQueuer's modules take 3 MiB, and 6 % of the time of a server's imports. Only workers import them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from uuid import UUID

from common.tracing.trace_context import TraceContext
from db.core.connection import Connection
from domain.enums import JobKind
from domain.ids import JobId, UserId

# As PgQueuer does, for one entry.
_ENQUEUE = """
    with entry as (
        insert into queue.entries (priority, entrypoint, payload, execute_after, dedupe_key, headers, status)
            values ($1, $2, $3, now() + $4, $5, 'null', 'queued')
            returning id, entrypoint, priority
    )
    insert into queue.log (job_id, status, entrypoint, priority) select id, 'queued', entrypoint, priority from entry
"""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """An entry of the queue. Only the last entry of a job counts; handlers ignore earlier ones.

    `cause`: the span that enqueued it.
    """

    id: UUID
    job_id: JobId
    user_id: UserId
    cause: TraceContext | None = None

    def to_payload(self) -> bytes:
        cause = b"" if self.cause is None else self.cause.to_bytes()
        return self.id.bytes + self.job_id.bytes + self.user_id.bytes + cause

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        id, job_id, user_id = (UUID(bytes=payload[start : start + 16]) for start in (0, 16, 32))
        return cls(id, JobId(job_id), UserId(user_id), TraceContext.from_bytes(payload[48:]))


async def enqueue(connection: Connection, kind: JobKind, entry: QueueEntry, *, priority: int, delay: timedelta) -> None:
    """Enqueue an entry in the current transaction of the connection, with one statement."""
    await connection.execute(_ENQUEUE, priority, kind.value, entry.to_payload(), delay, entry.id.hex)
