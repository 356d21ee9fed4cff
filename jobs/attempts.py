"""One attempt at a job, as what does the work sees it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import orjson

from db.core.database import Database
from db.core.read_session import ReadSession
from db.core.transaction import Transaction, run_transaction
from db.queries.jobs import AttemptRow
from db.services import attempts
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Everything it reads and writes is its learner's: row-level security applies as it does to their requests."""

    job: AttemptRow
    viewer: Viewer
    database: Database

    @property
    def input(self) -> dict[str, Any]:
        """What the job was asked for."""
        found: dict[str, Any] = orjson.loads(self.job.input)
        return found

    def reads(self) -> ReadSession:
        return ReadSession(self.database, self.viewer, RequestStatistics())

    async def write(self, work: Callable[[Transaction], Awaitable[ResultT]]) -> ResultT:
        """One transaction. With `advance` among its work, a step is done once or not at all."""
        return await write_as(self.database, self.viewer, request_id_of(self.job.id), work)

    async def advance(self, message: str, *, done: int, of: int) -> None:
        """Tells the owner what is being done. Raises AttemptSuperseded where there is nothing more to do."""
        await self.write(partial(attempts.advance, attempt=self.job, message=message, done=done, of=of))


# What a kind of job does. Its result becomes the job's.
Work = Callable[[Attempt], Awaitable[Mapping[str, object] | None]]


def request_id_of(job_id: UUID) -> str:
    """What the audit log has as the request of whatever a job writes."""
    return f"job-{job_id}"


async def write_as(
    database: Database, viewer: Viewer, request_id: str, work: Callable[[Transaction], Awaitable[ResultT]]
) -> ResultT:
    return await run_transaction(database, viewer, datetime.now(UTC), request_id, RequestStatistics(), work)
