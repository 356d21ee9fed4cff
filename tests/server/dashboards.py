"""A server on whose dashboard nothing changes by itself, and the events of the dashboard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.databases import execute
from tests.streams import SSE, Events, StreamServer, stream_server

FIELDS = """
    id streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d
    limits { date endsAt newCards reviews newLeft reviewsLeft }
    forecast(days: 30) { date due }
    activity(days: 30) { date reviews recalled }
    levels { jlptLevel total learning mature }
    currentlyReading { id currentPage percent status lastReadAt book { title pageCount } }
"""
QUERY = f"{{ viewer {{ dashboard {{ {FIELDS} }} }} }}"

# No card of the demo learner becomes due during a test, except those that the test sets.
QUIET = """
    update cards set due_at = due_at + interval '1 day' where due_at between now() and now() + interval '1 day';
    update users set role = 'editor' where subject = 'demo';
"""


@pytest.fixture
async def server(writable_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    await execute(writable_database_url, QUIET)
    async with stream_server(writable_database_url, redis_url) as server:
        yield server


@asynccontextmanager
async def watching(server: StreamServer, fields: str = FIELDS) -> AsyncIterator[Callable[[], Any]]:
    """Yields a function that waits for the next dashboard event."""
    async with server.stream(SSE, f"subscription {{ dashboardUpdated {{ {fields} }} }}") as events:
        yield lambda: following(events)


async def following(events: Events) -> Any:
    async with asyncio.timeout(60):
        return (await anext(events)).data["dashboardUpdated"]


async def dashboard(server: StreamServer) -> Any:
    return (await server.client.run(QUERY, user="demo")).data["viewer"]["dashboard"]
