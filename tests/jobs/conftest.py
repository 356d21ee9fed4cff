"""A server that a test may write to, and a look behind it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.database import connected
from tests.clients import Client, client_of


@pytest.fixture
async def writable(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A server on content of its own."""
    async with client_of(writable_database_url, redis_url) as client:
        yield client


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Any]:
    """The owner's."""
    async with connected(writable_database_url) as connection:
        yield connection
