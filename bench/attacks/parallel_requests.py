"""One signed-in client has 200 requests at a time, each with a page of books and the viewer's progress."""

import asyncio
import time
from collections import Counter

import httpx

from bench.attacks import Target

CONNECTIONS = 200
SECONDS = 15.0
BOOKS = "{ books(first: 20) { totalCount nodes { id title author description progress { percent currentPage } } } }"


async def attack(target: Target) -> str:
    deadline = time.monotonic() + SECONDS
    statuses: Counter[int] = Counter()
    limits = httpx.Limits(max_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {target.token}"}

    async with httpx.AsyncClient(base_url=target.url, timeout=60, limits=limits, headers=headers) as client:

        async def requests() -> None:
            while time.monotonic() < deadline:
                response = await client.post("/graphql", json={"query": BOOKS})
                statuses[response.status_code] += 1
                # Rejected clients wait at least a little.
                if response.status_code != 200:
                    await asyncio.sleep(0.2)

        await asyncio.gather(*(requests() for _ in range(CONNECTIONS)))
    return ", ".join(f"{count} times {status}" for status, count in sorted(statuses.items()))
