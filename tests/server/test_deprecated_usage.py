"""Usage of deprecated fields is counted by client and shown to administrators."""

import asyncio
from contextlib import AbstractAsyncContextManager
from functools import partial

import httpx
import pytest
import strawberry
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from db.core.database import Database, open_database
from db.services.deprecated_usage import add_deprecated_usage
from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.field_costs import FieldCosts
from engine.request.operations import Operations
from schema.costs import DeclaredCosts
from server.graphql.endpoint import GraphQLEndpoint
from server.graphql.handler import GraphQLHandler
from server.graphql.response_cache import ResponseCache
from server.graphql.subscriptions import StreamLimits, Subscriptions
from server.http.origins import Origins
from server.http.request_log import RequestLogMiddleware
from server.observability.client_usage import MAX_CLIENTS, ClientUsage, get_client_name, open_client_usage
from server.state import open_state
from tests.clients import client_of, settings_of
from tests.databases import column

USAGE = "{ admin { deprecatedUsage { coordinate client count reason sunset } } }"


@strawberry.type
class Query:
    name: str = "name"
    old: str = strawberry.field(default="old", deprecation_reason="Use `name`. Sunset: 2027-01-31.")


async def no_page(_: Request) -> Response:
    return PlainTextResponse("")


async def test_endpoint_records_operations_with_deprecated_fields(writable_database_url: str) -> None:
    schema = strawberry.Schema(Query)
    documents = DocumentCache(FieldCosts(schema._schema, DeclaredCosts(), max_size=100), max_tokens=100)
    handler = GraphQLHandler(Operations(schema, documents, Limits(5, 5, 100)))
    endpoint = RequestLogMiddleware(
        GraphQLEndpoint(
            handler,
            ResponseCache(max_bytes=10_000, max_body_bytes=10_000),
            Subscriptions(handler, StreamLimits(1, 1, 1, 1)),
            no_page,
            max_body_bytes=10_000,
            origins=Origins(),
            timeout_seconds=5,
        )
    )
    async with open_state(settings_of(writable_database_url, None, cache="off")) as state:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await endpoint({**scope, "state": {"shinjp": state, "traces": state.traces}}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            for query in ("{ name }", "{ old }", "{ old", "{ old }"):
                await client.post("/graphql", json={"query": query}, headers={"GraphQL-Client-Name": "web 1.2"})
    usage = await column(
        writable_database_url, "select concat_ws(': ', coordinate, client, count) from deprecated_usage"
    )
    assert usage == ["Query.old: web 1.2: 2"]


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
def test_client_name_is_validated(headers: dict[str, str], name: str) -> None:
    assert get_client_name(dict(Headers(headers).raw)) == name


def open_usage(database: Database) -> AbstractAsyncContextManager[ClientUsage]:
    return open_client_usage("deprecated usage", partial(add_deprecated_usage, database))


async def test_counts_add_up_for_administrators(writable_database_url: str, redis_url: str) -> None:
    async with (
        open_database(writable_database_url, min_size=1, max_size=2) as database,
        # Two processes.
        open_usage(database) as first,
        open_usage(database) as second,
    ):
        for usage in (first, second):
            usage.record(["Book.gone", "Query.gone"], "web")
            usage.record(["Book.gone"], "mobile")
        await asyncio.gather(first.flush(), second.flush())
        first.record(["Book.gone"], "web")
    async with client_of(writable_database_url, redis_url) as client:
        found = (await client.run(USAGE, user="admin")).data["admin"]["deprecatedUsage"]
        assert (await client.run(USAGE, user="editor")).data == {"admin": None}
    gone = {"reason": "Removed from the schema.", "sunset": None}
    assert found == [
        {"coordinate": "Book.gone", "client": "web", "count": 3, **gone},
        {"coordinate": "Book.gone", "client": "mobile", "count": 2, **gone},
        {"coordinate": "Query.gone", "client": "web", "count": 2, **gone},
    ]


async def test_further_clients_are_counted_together(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        async with open_usage(database) as usage:
            for number in range(MAX_CLIENTS + 50):
                usage.record(["Query.gone"], f"client {number}")
        async with database.connection() as connection:
            clients = await connection.fetchval("select count(*) from deprecated_usage")
            others = await connection.fetchval("select count from deprecated_usage where client = 'others'")
    assert (clients, others) == (MAX_CLIENTS + 1, 50)


async def test_counts_that_cannot_be_flushed_are_kept(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=1, timeout=0.5) as database:
        usage = ClientUsage("deprecated usage", partial(add_deprecated_usage, database))
        usage.record(["Query.gone"], "web")
        async with database.connection():
            # The pool has no other connection.
            await usage.flush()
        usage.record(["Query.gone"], "web")
        await usage.flush()
    assert await column(writable_database_url, "select count from deprecated_usage") == [2]
