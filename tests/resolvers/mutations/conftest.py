"""Servers that a test may write to."""

from collections.abc import AsyncIterator

import pytest

from tests.clients import Client, client_of
from tests.learners import check_learner


@pytest.fixture
async def writable(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A server on content of its own."""
    async with client_of(writable_database_url, redis_url) as client:
        yield client


@pytest.fixture
async def study(writable: Client, writable_database_url: str) -> AsyncIterator[Client]:
    """The same, where in the end all of the demo learner's must fit together."""
    yield writable
    await check_learner(writable_database_url, "demo")
