"""`python -m tests.import_worker URL UPLOADS`: a worker that imports in small batches, to be killed."""

import asyncio
import signal
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from common.storage import DirectoryStorage, StorageLimits
from domain.enums import JobKind
from jobs import imports as import_jobs
from tests.workers import running_worker

# Long enough for a busy machine: a late heartbeat would be another attempt.
HEARTBEAT = timedelta(seconds=5)
# Small, so that a test sees one of the last batches before the import is done.
BATCH_NOTES = 2


async def main(database_url: str, uploads: str) -> None:
    import_jobs.BATCH_NOTES = BATCH_NOTES
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    storage = DirectoryStorage(Path(uploads), StorageLimits(1_000, 2**30, 0))
    work = {JobKind.RUN_IMPORT: partial(import_jobs.run_import, storage=storage)}
    async with running_worker(database_url, work, heartbeat=HEARTBEAT):
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
