"""A server of the streams of a module, and new learners for it."""

from collections.abc import AsyncIterator

import pytest

from tests.streams import StreamServer, stream_server


@pytest.fixture(scope="module")
async def server(shared_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    """The server of a module's tests, whose jobs have different owners."""
    async with stream_server(shared_database_url, redis_url, stream_keepalive_seconds=0.1) as server:
        yield server


@pytest.fixture
def learner(request: pytest.FixtureRequest) -> str:
    """The subject of a new account."""
    return f"learner of {request.node.name}"
