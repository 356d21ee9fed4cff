"""Random queries over the whole schema: plans and graphql-core give equal results with as many statements at most."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from graphql import ExecutionResult

from cache.store import FieldCache
from db.core.read_session import ReadSession
from domain.ids import global_id
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from engine.caching.template import json_default
from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.operations import Operations
from engine.request.request_errors import RequestError
from loaders import Loaders
from resolvers.context import Context, Services
from schema import schema
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS
from server.auth.claims import Claims
from server.caching.request_cache import RequestCache
from server.state import open_state
from tests.clients import settings_of
from tests.databases import column
from tests.deliveries import check_delivery
from tests.engine.random_operations import RandomOperation
from tests.engine.result_comparison import LEAVES_COROUTINES, comparable_errors
from tests.executions import executed_by

pytestmark = LEAVES_COROUTINES

# `make fuzz` runs many, with other seeds each time.
OPERATIONS = int(os.environ.get("FUZZ_OPERATIONS", "600")) // 10
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LIMITS = Limits(depth=30, aliases=1_000, cost=10**9)
SETTINGS = settings_of("postgresql://nowhere", None)

# Fields that depend on the time or on the process.
MOMENTARY = {
    "Admin.health",
    "Admin.cacheStats",
    "Admin.poolStats",
    "Admin.slowQueries",
    "Admin.slowOperations",
    "Admin.errors",
    "Admin.deprecatedUsage",
    "Admin.schemaUsage",
    "Admin.unusedIndexes",
    # A look at a learner adds an entry.
    "Admin.auditLog",
    # Every request costs units, and they are restored over time.
    "Query.rateLimit",
    # A token has the time.
    "Changes.nextToken",
}

IDS = """
    select type || ':' || id from (
        (select 'Book' as type, id from books order by id limit 3) union all
        (select 'Textbook', id from textbooks order by id limit 3) union all
        (select 'Vocabulary', id from vocabulary order by id limit 3) union all
        (select 'Chapter', id from chapters order by id limit 1) union all
        (select 'Card', cards.id from cards join users on users.id = user_id where subject = 'demo' order by 2 limit 3)
    ) as nodes
"""


@dataclass(frozen=True)
class Platform:
    """A client and the viewers to run queries as."""

    services: Services
    viewers: list[Viewer | None]
    ids: list[str]
    cache: FieldCache

    def value(self, random: Random, coordinate: str, scalar: str) -> Any:
        """A value of an argument: mostly valid."""
        if scalar == "ID":
            return random.choice(self.ids)
        if scalar == "Int":
            return random.choice([1, 2, 3, 5, 5, 5, 101])
        if scalar in ("Date", "DateTime"):
            return "2026-10-01" if scalar == "Date" else "2026-10-01T00:00:00Z"
        if "ursor" in coordinate or "after" in coordinate or "before" in coordinate:
            return None
        return random.choice(["人", "a", "水", "travel", "nihon"])


@pytest.fixture(scope="module")
async def platform(content_database_url: str, redis_url: str) -> AsyncIterator[Platform]:
    async with open_state(settings_of(content_database_url, redis_url)) as state:
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        claims = [Claims(subject, None, None, None, expires_at) for subject in ("demo", "admin")]
        viewers = [await state.viewer_cache.get(of_one) for of_one in claims]
        ids = await column(content_database_url, IDS)
        found = [global_id(type_name, UUID(id)) for type_name, id in (found.split(":") for found in ids)]
        assert state.services.field_cache
        yield Platform(state.services, [None, *viewers], found, state.services.field_cache)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + OPERATIONS))
async def test_random_queries(platform: Platform, seed: int) -> None:
    await check(platform, seed)


async def check(platform: Platform, seed: int) -> None:
    """Runs a query with graphql-core, twice with its plan (interpreted, then compiled), and three times with the cache:
    empty, filled, and after a restart of the process with the same Redis. The cost of
    the query is never less than what the response delivers.
    """
    random = Random(seed)
    operation = RandomOperation(schema._schema, random, platform.value, exclude=frozenset(MOMENTARY))
    text, variables, viewer = operation.text, operation.variables, random.choice(platform.viewers)
    details = f"{seed}: {text}\n{variables}"
    documents = DocumentCache(COSTS, max_tokens=100_000)
    planned = Operations(schema, documents, LIMITS)
    with executed_by("graphql-core"):
        expected, expected_statements = await _run(planned, platform.services, viewer, text, variables)
    if expected.data is not None:
        check_delivery(text, variables, expected.data)
    for _ in range(2):
        found, statements = await _run(planned, platform.services, viewer, text, variables)
        assert json.dumps(found.data) == json.dumps(expected.data), details
        assert comparable_errors(found) == comparable_errors(expected), details
        assert expected.errors or statements <= expected_statements, details
    cached = Operations(schema, DocumentCache(COSTS, CACHE_POLICIES, max_tokens=100_000), LIMITS)
    for number in range(3):
        if number == 2:
            platform.cache.local.clear()
        found, _ = await _run(cached, platform.services, viewer, text, variables, platform.cache)
        assert orjson.dumps(found.data, json_default).decode() == orjson.dumps(expected.data).decode(), (
            f"{number} {details}"
        )
        assert comparable_errors(found) == comparable_errors(expected), details


async def _run(
    operations: Operations,
    services: Services,
    viewer: Viewer | None,
    text: str,
    variables: dict[str, Any],
    cache: FieldCache | None = None,
) -> tuple[ExecutionResult, int]:
    """The response and the number of statements."""
    statistics = RequestStatistics()
    reads = ReadSession(services.database, viewer, statistics)
    reads.now = NOW
    context = Context("request", services, reads, Loaders(reads), statistics)
    try:
        operation = operations.prepare(text, None, variables, introspection=True, read_only=True)
        access = None if cache is None else RequestCache(cache, services, SETTINGS, reads, "request")
        result = await operations.run(operation, context, cache=access)
    except RequestError as error:
        result = ExecutionResult(None, list(error.errors))
    finally:
        await context.loaders.close()
    return result, statistics.sql_statements
