"""The endpoint for a schema that a test declares."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import strawberry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

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
from server.state import open_state
from tests.clients import settings_of


async def _no_page(_: Request) -> Response:
    return PlainTextResponse("")


@asynccontextmanager
async def client_of_schema(
    schema: strawberry.Schema, database_url: str, **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose base URL is that of the endpoint."""
    documents = DocumentCache(FieldCosts(schema._schema, DeclaredCosts(), max_size=100), max_tokens=100)
    handler = GraphQLHandler(Operations(schema, documents, Limits(5, 5, 100)))
    endpoint = RequestLogMiddleware(
        GraphQLEndpoint(
            handler,
            ResponseCache(max_bytes=10_000, max_body_bytes=10_000),
            Subscriptions(handler, StreamLimits(1, 60, 60, 60)),
            _no_page,
            max_body_bytes=10_000,
            origins=Origins(),
            timeout_seconds=60,
        )
    )
    async with open_state(settings_of(database_url, None, cache="off", **settings)) as state:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await endpoint({**scope, "state": {"shinjp": state, "traces": state.traces}}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/graphql") as http:
            yield http
