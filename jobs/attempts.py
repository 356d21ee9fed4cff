"""One attempt at a job, as its handler sees it."""

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
    """Reads and writes as the job's owner: row-level security applies as in their requests.

    `on_commit`: called after each write.
    """

    job: AttemptRow
    viewer: Viewer
    database: Database
    on_commit: Callable[[], None] = lambda: None

    @property
    def input(self) -> dict[str, Any]:
        """The input of the job."""
        found: dict[str, Any] = orjson.loads(self.job.input)
        return found

    def reads(self) -> ReadSession:
        return ReadSession(self.database, self.viewer, RequestStatistics())

    async def write(self, work: Callable[[Transaction], Awaitable[ResultT]]) -> ResultT:
        """Run `work` in one transaction. With `advance` in it, a step is done exactly once."""
        result = await run_transaction_as(self.database, self.viewer, job_request_id(self.job.id), work)
        self.on_commit()
        return result

    async def advance(self, message: str, *, done: int, of: int) -> None:
        """Report progress. Raises AttemptSuperseded if the job was cancelled or another attempt started."""
        await self.write(partial(attempts.advance, attempt=self.job, message=message, done=done, of=of))


# A handler of a kind of job. Its result is that of the job.
Work = Callable[[Attempt], Awaitable[Mapping[str, object] | None]]


def job_request_id(job_id: UUID) -> str:
    """The request id of a job's writes in the audit log."""
    return f"job-{job_id}"


async def run_transaction_as(
    database: Database, viewer: Viewer, request_id: str, work: Callable[[Transaction], Awaitable[ResultT]]
) -> ResultT:
    return await run_transaction(database, viewer, datetime.now(UTC), request_id, RequestStatistics(), work)
