"""Erases accounts some time after they were deleted: their rows, files and keys in Redis."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

from cache.redis.client import CacheUnavailable, RedisClient
from common.executors import FILES, run_in
from common.storage import Storage
from db.maintenance import erasure
from domain.accounts import GRACE_PERIOD
from jobs.export_files import ExportFiles

log = structlog.get_logger()

_FIRST = UUID(int=0)
# Of the clocks of servers, by which users restore accounts until the last moment.
_CLOCK_TOLERANCE = timedelta(hours=1)


async def erase_accounts(
    connection: asyncpg.Connection, files: ExportFiles, uploads: Storage, redis: RedisClient | None
) -> None:
    """Erase all accounts that are due. Runs as the owner of the tables, outside of a transaction.

    An account whose keys cannot be removed, because Redis is down, is left for the next run.
    """
    erased: list[UUID] = []
    last = _FIRST
    while (id := await erasure.next_erasure(connection, GRACE_PERIOD + _CLOCK_TOLERANCE, last)) is not None:
        last = id
        # Before the rows, which have their names.
        await run_in(FILES, files.remove, await erasure.exported_files(connection, id))
        for part in await erasure.uploaded_files(connection, id):
            await run_in(FILES, uploads.delete, part)
        await erasure.erase_rows(connection, id)
        try:
            await _erase_keys(redis, id)
        except CacheUnavailable as error:
            log.warning("account not erased", reason=str(error))
        else:
            erased.append(id)
    if erased:
        await erasure.recompute_totals(connection)
        for id in erased:
            await erasure.erase_account(connection, id)
        log.info("accounts erased", number=len(erased))


async def _erase_keys(redis: RedisClient | None, id: UUID) -> None:
    if redis is not None:
        for form in (str(id), id.hex):
            await redis.delete_containing(form)
