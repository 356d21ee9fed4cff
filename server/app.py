"""Builds the ASGI application: routes, middleware and lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route, WebSocketRoute

from engine.budget import ResultLimits, Turn
from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.operations import Operations
from engine.request.queue_limits import QueueLimits
from schema import schema
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS
from server.auth.development_tokens import issue_token
from server.graphiql import closed_page, graphiql_assets, graphiql_page
from server.graphql.cache_warmup import run_cache_warmup
from server.graphql.endpoint import GraphQLEndpoint
from server.graphql.handler import GraphQLHandler
from server.graphql.response_cache import ResponseCache
from server.graphql.subscriptions import StreamLimits, Subscriptions
from server.graphql.websocket.connection import ConnectionLimits
from server.graphql.websocket.endpoint import WebSocketEndpoint
from server.http.cors import CORS
from server.http.direct_route import DirectRouteMiddleware
from server.http.exception_handlers import UnhandledErrorMiddleware
from server.http.origins import Origins
from server.http.redirects import redirect_trailing_slash
from server.http.request_log import RequestLogMiddleware
from server.http.single_headers import SingleHeadersMiddleware
from server.observability.logging import configure_logging, flush_log
from server.rest.exports import StreamedExport, download
from server.rest.health import healthz, readyz
from server.rest.metrics import metrics
from server.rest.schema_sdl import get_schema
from server.settings import Settings
from server.state import open_state
from server.transport.state import HttpState

GRAPHQL_PATH = "/graphql"


def create_app(settings: Settings, http: HttpState | None = None) -> Starlette:
    """Build an application that opens its connections in the lifespan. `http`: the state of the server running it."""
    http = http or HttpState()
    configure_logging(settings.log_level, json=settings.use_json_logs)
    handler = _build_handler(settings)
    subscriptions = _build_subscriptions(settings, handler)
    endpoint = _build_endpoint(settings, handler, subscriptions)
    exports = StreamedExport(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        try:
            async with open_state(settings) as state, run_cache_warmup(handler, state):
                yield {"shinjp": state}
        finally:
            flush_log()

    app = Starlette(
        routes=[
            Route(GRAPHQL_PATH, endpoint),
            WebSocketRoute(GRAPHQL_PATH, _build_websocket_endpoint(settings, handler, subscriptions)),
            Route(f"{GRAPHQL_PATH}/", redirect_trailing_slash),
            Route("/schema.graphql", get_schema),
            Route("/exports/files/{job_id:uuid}/{file_name}", download),
            Route("/exports/{name}", exports),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *([Mount("/graphiql", graphiql_assets())] if settings.public_introspection else []),
        ],
        middleware=[
            Middleware(RequestLogMiddleware),
            Middleware(SingleHeadersMiddleware),
            *_build_cors(settings.origins),
            Middleware(UnhandledErrorMiddleware),
            Middleware(DirectRouteMiddleware, path=GRAPHQL_PATH, endpoint=endpoint),
        ],
        lifespan=lifespan,
    )
    # Starlette redirects to the host in the request's Host header.
    app.router.redirect_slashes = False
    app.state.subscriptions = subscriptions
    app.state.exports = exports.slots
    app.state.http = http
    app.state.documents = handler.operations.documents
    http.on_close(subscriptions.close)
    return app


def _build_endpoint(settings: Settings, handler: GraphQLHandler, subscriptions: Subscriptions) -> GraphQLEndpoint:
    demo_token = (lambda: issue_token(settings, "demo")) if settings.is_development else None
    return GraphQLEndpoint(
        handler,
        ResponseCache(max_bytes=settings.response_cache_bytes, max_body_bytes=settings.max_response_bytes),
        subscriptions,
        graphiql_page(token=demo_token) if settings.public_introspection else closed_page,
        origins=settings.origins,
        max_body_bytes=settings.max_body_bytes,
        timeout_seconds=settings.operation_timeout_seconds,
    )


def _build_websocket_endpoint(
    settings: Settings, handler: GraphQLHandler, subscriptions: Subscriptions
) -> WebSocketEndpoint:
    limits = ConnectionLimits(
        init_timeout=settings.ws_init_timeout_seconds,
        max_operations=settings.max_streams_per_socket,
    )
    return WebSocketEndpoint(handler, subscriptions, settings.origins, limits)


def _build_handler(settings: Settings) -> GraphQLHandler:
    documents = DocumentCache(
        COSTS,
        CACHE_POLICIES,
        max_tokens=settings.max_query_tokens,
        max_text_bytes=settings.max_query_bytes,
        max_steps=settings.max_query_merge_steps,
        max_fields=settings.max_query_fields,
        max_bytes=settings.document_cache_bytes,
        max_waiting=QueueLimits(settings.max_waiting_documents, settings.max_waiting_documents_per_client),
        # PostgreSQL cannot store null characters.
        allow_null_characters=False,
    )
    limits = Limits(settings.max_query_depth, settings.max_query_aliases, settings.max_query_cost)
    result_limits = ResultLimits(settings.max_result_values, settings.max_response_bytes, Turn())
    return GraphQLHandler(Operations(schema, documents, limits, result_limits))


def _build_subscriptions(settings: Settings, handler: GraphQLHandler) -> Subscriptions:
    return Subscriptions(
        handler,
        StreamLimits(
            max_per_user=settings.max_streams_per_learner,
            max_lifetime=settings.stream_max_lifetime_seconds,
            keepalive_interval=settings.stream_keepalive_seconds,
            event_timeout=settings.operation_timeout_seconds,
        ),
    )


def _build_cors(origins: Origins) -> list[Middleware]:
    return [Middleware(CORS, origins=origins)] if origins.allowed or origins.localhost else []
