"""What a learner studies, checked in the end."""

from collections.abc import AsyncIterator

import pytest

from tests.clients import Client
from tests.review_assertions import check_learner


@pytest.fixture
async def checked_client(writable: Client, writable_database_url: str) -> AsyncIterator[Client]:
    """The same, where in the end all of the demo learner's must fit together."""
    yield writable
    await check_learner(writable_database_url, "demo")
