"""A PostgreSQL of a test's own, which it may end as it likes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db import content
from db.migrations import upgrade
from server.embedded import postgresql
from server.embedded.sockets import socket_directory
from tests.clusters import cluster_url


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Path]:
    """The data directory of a PostgreSQL that belongs to the test alone, with the content."""
    sockets = socket_directory(tmp_path)
    await asyncio.to_thread(postgresql.ensure_running, tmp_path, sockets, lambda _: None)
    try:
        url = cluster_url(tmp_path)
        await asyncio.to_thread(upgrade, url)
        await asyncio.to_thread(content.load, url, lambda _: None, demo=True)
        yield tmp_path
    finally:
        await asyncio.to_thread(postgresql.stop, tmp_path)
