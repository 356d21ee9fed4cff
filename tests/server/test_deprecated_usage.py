"""Administrators see which clients still use what is deprecated."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import httpx
import pytest
import strawberry
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from db.core.database import open_database
from domain.request_stats import RequestStatistics
from engine.request.cost_analysis import Limits
from engine.request.document_cache import Documents
from engine.request.field_costs import FieldCosts
from engine.request.operations import Operations
from schema.costs import DeclaredCosts
from server.graphql.endpoint import GraphQLEndpoint
from server.graphql.handler import Pipeline
from server.graphql.persisted_queries import PersistedQueries
from server.graphql.response_cache import Shortcuts
from server.graphql.subscriptions import StreamCaller, StreamLimits, Streams
from server.graphql.usage import MAX_CLIENTS, DeprecatedUsage, client_name, open_deprecated_usage
from server.http.headers import get_headers
from server.http.origins import Origins
from server.http.request_log import RequestLogMiddleware
from tests.clients import client_of, settings_of
from tests.databases import column

USAGE = "{ admin { deprecatedUsage { coordinate client count reason sunset } } }"


@strawberry.type
class Query:
    name: str = "name"
    old: str = strawberry.field(default="old", deprecation_reason="Use `name`. Sunset: 2027-01-31.")


@dataclass
class NoContext:
    statistics: RequestStatistics = field(default_factory=RequestStatistics)
    show_statistics: bool = False
    introspection: bool = True
    cache: None = None


@asynccontextmanager
async def no_context(_: Request) -> AsyncIterator[NoContext]:
    yield NoContext()


class Asking(Request):
    async def admit_new_document(self, _text: str) -> str:
        return ""


async def no_page(_: Request) -> Response:
    return PlainTextResponse("")


async def test_the_endpoint_tells_what_an_operation_uses() -> None:
    told: list[tuple[str, tuple[str, ...]]] = []
    schema = strawberry.Schema(Query)
    pipeline = Pipeline(
        Operations(
            schema,
            Documents(FieldCosts(schema._schema, DeclaredCosts(), max_size=100), max_tokens=100),
            Limits(5, 5, 100),
        ),
        no_context,
        lambda request, coordinates: told.append((client_name(get_headers(request.scope)), coordinates)),
        lambda _: PersistedQueries(None, settings_of("postgresql://nowhere", None)),
    )
    endpoint = GraphQLEndpoint(
        pipeline,
        Shortcuts(lambda *_: None, max_bytes=10_000, max_body_bytes=10_000),
        Streams(pipeline, StreamLimits(1, 1, 1, 1)),
        lambda request: cast(StreamCaller, Asking(request.scope)),
        no_page,
        max_body_bytes=10_000,
        origins=Origins(),
        timeout_seconds=5,
    )
    app = Starlette(routes=[Route("/graphql", endpoint)], middleware=[Middleware(RequestLogMiddleware)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for query in ("{ name }", "{ old }", "{ old", "{ old }"):
            await client.post("/graphql", json={"query": query}, headers={"GraphQL-Client-Name": "web 1.2"})
    assert told == [("web 1.2", ("Query.old",))] * 2


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"graphql-client-name": "web"}, "web"),
        ({"apollographql-client-name": "mobile/2.0"}, "mobile/2.0"),
        ({"graphql-client-name": "web", "apollographql-client-name": "mobile"}, "web"),
        ({}, "unknown"),
        ({"graphql-client-name": ""}, "unknown"),
        ({"graphql-client-name": "x" * 65}, "unknown"),
        ({"graphql-client-name": "<script>"}, "unknown"),
    ],
)
def test_what_a_client_calls_itself(headers: dict[str, str], name: str) -> None:
    assert client_name(dict(Headers(headers).raw)) == name


async def test_counts_add_up_for_administrators(writable_database_url: str, redis_url: str) -> None:
    async with (
        open_database(writable_database_url, min_size=1, max_size=2) as database,
        # Two processes.
        open_deprecated_usage(database) as first,
        open_deprecated_usage(database) as second,
    ):
        for usage in (first, second):
            usage.count(["Book.gone", "Query.gone"], "web")
            usage.count(["Book.gone"], "mobile")
        await asyncio.gather(first.write(), second.write())
        first.count(["Book.gone"], "web")
    async with client_of(writable_database_url, redis_url) as client:
        found = (await client.run(USAGE, as_="admin")).data["admin"]["deprecatedUsage"]
        assert (await client.run(USAGE, as_="editor")).data == {"admin": None}
    gone = {"reason": "It is not part of the schema any more.", "sunset": None}
    assert found == [
        {"coordinate": "Book.gone", "client": "web", "count": 3, **gone},
        {"coordinate": "Book.gone", "client": "mobile", "count": 2, **gone},
        {"coordinate": "Query.gone", "client": "web", "count": 2, **gone},
    ]


async def test_many_names_are_counted_as_one(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        async with open_deprecated_usage(database) as usage:
            for number in range(MAX_CLIENTS + 50):
                usage.count(["Query.gone"], f"client {number}")
        async with database.connection() as connection:
            clients = await connection.fetchval("select count(*) from deprecated_usage")
            others = await connection.fetchval("select count from deprecated_usage where client = 'others'")
    assert (clients, others) == (MAX_CLIENTS + 1, 50)


async def test_what_cannot_be_written_is_kept(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=1, timeout=0.1) as database:
        usage = DeprecatedUsage(database)
        usage.count(["Query.gone"], "web")
        async with database.connection():
            # The only connection is lent out.
            await usage.write()
        usage.count(["Query.gone"], "web")
        await usage.write()
    assert await column(writable_database_url, "select count from deprecated_usage") == [2]
