"""Fixtures for tests of jobs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from db.core.database import owner_connection
from tests.clients import Client, client_of


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Any]:
    """The owner's connection to the writable database."""
    async with owner_connection(writable_database_url) as connection:
        yield connection


@pytest.fixture
async def importing(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server that stores uploads and exports in folders of `tmp_path`, and limits no imports."""
    async with client_of(
        writable_database_url,
        redis_url,
        uploads_per_hour=1_000,
        imports_per_hour=1_000,
        upload_dir=tmp_path / "uploads",
        export_dir=tmp_path / "exports",
    ) as client:
        yield client
