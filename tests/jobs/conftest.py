"""Fixtures for tests of jobs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.core.database import owner_connection


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Any]:
    """The owner's connection to the writable database."""
    async with owner_connection(writable_database_url) as connection:
        yield connection
