"""The application: every route, and what is around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from execution.documents import Documents
from execution.limits import Limits
from execution.operations import Operations
from schema import schema, sdl
from schema.directives import weight_of
from server.authentication import issue_token
from server.context import open_context
from server.deprecated_usage import CLIENT_HEADERS, client_name
from server.graphiql import graphiql_assets, graphiql_page
from server.health import healthz, readyz
from server.http.endpoint import GraphQLEndpoint
from server.http.observation import Observation
from server.http.requests import PREFLIGHT_HEADERS
from server.logging import configure_logging
from server.settings import Settings
from server.state import State, open_state


def create_app(settings: Settings) -> Starlette:
    """An application that connects to everything when its lifespan begins."""
    configure_logging(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with open_state(settings) as state:
            yield {"shinjp": state}

    return Starlette(
        routes=[
            Route("/graphql", _graphql(settings)),
            Route("/schema.graphql", schema_text),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Mount("/graphiql", graphiql_assets()),
        ],
        middleware=[Middleware(Observation), *_cors(settings)],
        lifespan=lifespan,
    )


async def schema_text(_: Request) -> Response:
    """For code generators and people."""
    return PlainTextResponse(sdl())


def _graphql(settings: Settings) -> ASGIApp:
    documents = Documents(schema._schema, max_tokens=settings.max_query_tokens)
    limits = Limits(settings.max_query_depth, settings.max_query_aliases, settings.max_query_cost)
    demo_token = (lambda: issue_token(settings, "demo")) if settings.is_development else None
    return GraphQLEndpoint(
        Operations(schema, documents, limits, weight_of),
        open_context,
        graphiql_page(token=demo_token),
        on_deprecated=_count_deprecated,
        max_body_bytes=settings.max_body_bytes,
        timeout_seconds=settings.operation_timeout_seconds,
    )


def _count_deprecated(request: Request, coordinates: tuple[str, ...]) -> None:
    state: State = request.state.shinjp
    state.deprecated_usage.count(coordinates, client_name(request.headers))


def _cors(settings: Settings) -> list[Middleware]:
    if not settings.allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "X-Request-Id",
                "X-Debug-Stats",
                *CLIENT_HEADERS,
                *PREFLIGHT_HEADERS,
            ],
            expose_headers=["X-Request-Id"],
            max_age=3600,
        )
    ]
