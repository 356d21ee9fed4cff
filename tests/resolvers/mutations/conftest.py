"""A learner studies, on content of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.clients import Client, client_of
from tests.learners import check_learner


@pytest.fixture
async def study(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A server on content of its own. In the end all of the demo learner's must fit together."""
    async with client_of(writable_database_url, redis_url) as client:
        yield client
    await check_learner(writable_database_url, "demo")
