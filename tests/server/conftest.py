"""Fixtures of several tests: a PostgreSQL cluster of a single test, and the hits of the response cache."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from server.dev_servers import postgresql
from server.dev_servers.socket_paths import socket_directory
from server.graphql import response_cache
from tests.cluster_snapshot import TEMPLATE, restore_snapshot
from tests.databases import create, execute
from tests.postgres_cluster import cluster_url


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Path]:
    """The data directory of a PostgreSQL cluster with the content, which the test may stop and kill."""
    sockets = socket_directory(tmp_path)
    await asyncio.to_thread(restore_snapshot, tmp_path)
    await asyncio.to_thread(postgresql.start, tmp_path, sockets, lambda _: None)
    try:
        url = cluster_url(tmp_path)
        server_url = urlunsplit(urlsplit(url)._replace(path="/postgres"))
        await execute(server_url, f"drop database {postgresql.DATABASE}")
        await create(server_url, postgresql.DATABASE, TEMPLATE)
        # Durable, unlike the cluster of the other tests: this one may be killed.
        await execute(server_url, "alter system reset all")
        await execute(server_url, "select pg_reload_conf()")
        yield tmp_path
    finally:
        await asyncio.to_thread(postgresql.stop, tmp_path)


@pytest.fixture
def hits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each request was a hit."""
    hits: list[bool] = []
    get = response_cache.ResponseCache.get

    async def get_and_record(self: Any, *arguments: Any, **more: Any) -> Any:
        response = await get(self, *arguments, **more)
        hits.append(response is not None)
        return response

    monkeypatch.setattr(response_cache.ResponseCache, "get", get_and_record)
    return hits
