"""A flood of health checks, which uses one connection of the pool.

Concurrent requests share one check, so the database receives no more queries than from one client.
"""

import asyncio
import time

import httpx

from bench.attacks import Target

CONNECTIONS = 200
SECONDS = 5.0


async def attack(target: Target) -> None:
    """Raises RuntimeError for a response other than those of a ready or unavailable server."""
    ends_at = time.monotonic() + SECONDS
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=target.url, timeout=60, limits=limits) as client:

        async def ask() -> None:
            while time.monotonic() < ends_at:
                response = await client.get("/readyz")
                if response.status_code not in (200, 503):
                    raise RuntimeError(f"/readyz answered {response.status_code}")

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))
