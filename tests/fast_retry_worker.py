"""`python -m tests.fast_retry_worker URL`: a worker with short heartbeats and retries, to be killed."""

import asyncio
import signal
import sys
from datetime import timedelta

from domain.enums import JobKind
from domain.jobs import JobPolicy
from tests.workers import running_worker

# Longer than a worker on a busy machine takes to read the dictionary. Otherwise workers take jobs from one another.
HEARTBEAT = timedelta(seconds=5)
# No limits on attempts and on concurrent jobs of a user.
POLICIES = {
    JobKind.GENERATE_TEXTBOOK: JobPolicy(
        max_attempts=50, first_retry=timedelta(), max_concurrent=1_000, max_concurrent_per_user=1_000
    )
}


async def main(database_url: str) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with running_worker(database_url, policies=POLICIES, heartbeat=HEARTBEAT):
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
