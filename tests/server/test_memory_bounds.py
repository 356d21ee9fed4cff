"""The memory of a process is bounded by its settings, whatever clients send."""

import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import floods
from tests.clients import TEST_SECRET
from tests.databases import created
from tests.floods import Flood, connected, resident_bytes
from tests.processes import ServerProcess, server_process

MIB = 1024 * 1024

# RSS relative to a cache's bound: partly used pages, and evicted plans until garbage collection.
TOLERANCE = 1.3
# Arenas of allocators, and objects of requests until garbage collection. The same for all bounds.
ALLOWANCE_BYTES = 4 * MIB

BOUNDS = {
    "DOCUMENT_CACHE_BYTES": 8 * MIB,
    "RESPONSE_CACHE_BYTES": MIB,
    "PERSISTED_QUERY_CACHE_BYTES": MIB,
    "TOKEN_CACHE_BYTES": MIB,
    "VIEWER_CACHE_BYTES": MIB,
    "CACHE_MEMORY_BYTES": MIB,
}
QUOTA = {
    "MAX_NEW_DOCUMENTS": "1000000",
    "PERSISTED_QUERIES_PER_HOUR": "10000",
    "PERSISTED_QUERY_BYTES_PER_HOUR": str(1024 * MIB),
}


@dataclass(frozen=True)
class Case:
    """`count`: requests that fill the cache several times. `bound`: its setting; None if it is small."""

    flood: Flood
    count: int
    bound: str | None


CASES = [
    Case(floods.accept_headers, 3_000, None),
    Case(floods.bodies, 8_000, "RESPONSE_CACHE_BYTES"),
    Case(floods.documents, 300, "DOCUMENT_CACHE_BYTES"),
    Case(floods.operations, 60, "DOCUMENT_CACHE_BYTES"),
    Case(floods.refused_documents, 40, "DOCUMENT_CACHE_BYTES"),
    Case(floods.persisted_queries, 300, "PERSISTED_QUERY_CACHE_BYTES"),
    Case(floods.tokens, 6_000, "TOKEN_CACHE_BYTES"),
    Case(floods.subjects, 200, "VIEWER_CACHE_BYTES"),
    Case(floods.cost_variables, 60, "DOCUMENT_CACHE_BYTES"),
    Case(floods.client_names, 1_000, None),
    Case(floods.cached_fields, 100, "CACHE_MEMORY_BYTES"),
]


@pytest.fixture(scope="module")
async def server(
    servers: tuple[str, str], template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServerProcess]:
    directory: Path = tmp_path_factory.mktemp("memory")
    async with created(servers[0], f"shinjp_memory_{uuid.uuid4().hex[:8]}", template) as url:
        settings = {name: str(bound) for name, bound in BOUNDS.items()} | QUOTA
        async with server_process(
            directory / "log",
            DATABASE_URL=url,
            REDIS_URL=servers[1],
            JWT_SECRET=TEST_SECRET,
            LOG_LEVEL="warning",
            **settings,
        ) as server:
            yield server


async def send(server: ServerProcess, flood: Flood, numbers: range) -> None:
    async with connected(server.address) as connection:
        for body, headers in flood(numbers):
            await connection.post(body, headers)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux tells what a process holds in memory")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.flood.__name__)
async def test_memory_stays_within_its_bound(server: ServerProcess, case: Case) -> None:
    bound = BOUNDS[case.bound] if case.bound is not None else 0
    # Modules and tables that the first requests load remain.
    await send(server, case.flood, range(10_000, 10_002))
    before = resident_bytes(server.process.pid)
    await send(server, case.flood, range(20_000, 20_000 + case.count))
    grown = resident_bytes(server.process.pid) - before
    assert grown <= TOLERANCE * bound + ALLOWANCE_BYTES, f"{grown / MIB:.1f} MiB of {bound / MIB:g}"
