"""How many connections of PostgreSQL serving processes need."""

import asyncio
from contextlib import AsyncExitStack

from tests.clients import Client, client_of
from tests.databases import column

PROCESSES, POOL = 4, 4
VIEWER = "{ viewer { dashboard { reviewsToday } } books(first: 3) { nodes { progress { percent } } } }"
CONNECTIONS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""


async def test_full_load_needs_the_pools_and_the_listeners(writable_database_url: str, redis_url: str) -> None:
    """Of learners that are signed in: a new session may use a reserved connection while all others are in use."""
    url, counts, done = writable_database_url, [0], asyncio.Event()

    async def count() -> None:
        while not done.is_set():
            counts.extend(await column(url, CONNECTIONS))

    async def load(client: Client) -> None:
        await asyncio.gather(*(client.run(VIEWER, user=f"learner-{number % 7}") for number in range(80)))

    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(client_of(url, redis_url, db_pool_max=POOL, cache="off"))
            for _ in range(PROCESSES)
        ]
        for client in clients:
            for number in range(7):
                await client.run(VIEWER, user=f"learner-{number}")
        counting = asyncio.create_task(count())
        await asyncio.gather(*map(load, clients))
        done.set()
        await counting
    assert PROCESSES * POOL <= max(counts) <= PROCESSES * (POOL + 1)
