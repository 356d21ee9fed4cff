"""Fixtures for tests of mutations."""

from collections.abc import AsyncIterator

import pytest

from tests.clients import Client
from tests.review_assertions import check_learner


@pytest.fixture
async def checked_client(writable: Client, writable_database_url: str) -> AsyncIterator[Client]:
    """The writable client; at teardown, the demo learner's records must be consistent."""
    yield writable
    await check_learner(writable_database_url, "demo")
