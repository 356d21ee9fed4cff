"""Builds the ASGI application: routes, middleware and lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from db.core.statement_names import name_statements
from domain.emails import UNSUBSCRIBE_PATH
from domain.usage import ClientName
from schema import schema
from server.auth.development_tokens import issue_demo_tokens
from server.caching.trusted_documents import run_trusted_documents
from server.context import admission_client_of
from server.example_app import APP_NAME, app_routes
from server.graphiql import closed_page, graphiql_assets, graphiql_page
from server.graphql.cache_warmup import run_cache_warmup
from server.graphql.deprecation_notice import warn_of_idle_brownouts
from server.graphql.endpoint import GraphQLEndpoint
from server.graphql.handler import GraphQLHandler
from server.graphql.operations import build_operations
from server.graphql.response_cache import ResponseCache
from server.graphql.subscriptions import StreamLimits, Subscriptions
from server.graphql.websocket.connection import ConnectionLimits
from server.graphql.websocket.endpoint import WebSocketEndpoint
from server.graphql.websocket.viewer_sockets import ViewerSockets
from server.http.cors import CORS
from server.http.direct_route import DirectRouteMiddleware
from server.http.exception_handlers import UnhandledErrorMiddleware
from server.http.origins import Origins
from server.http.overload import Overload
from server.http.redirects import redirect_trailing_slash
from server.http.request_log import RequestLogMiddleware
from server.http.single_headers import SingleHeadersMiddleware
from server.mcp.authorization import METADATA_PATH, metadata_url, send_metadata
from server.mcp.endpoint import MCP_PATH, MCPEndpoint
from server.mcp.tools import Tools
from server.observability.logging import configure_logging, flush_log
from server.rest.covers import send_cover
from server.rest.exports import StreamedExport, download
from server.rest.health import healthz, readyz
from server.rest.import_reports import download_report
from server.rest.metrics import metrics, register_collectors
from server.rest.schema_sdl import get_schema
from server.rest.unsubscribe import unsubscribe
from server.rest.uploads import Uploads
from server.rest.wanikani import WaniKaniFetch
from server.settings import Settings
from server.state import AppState, open_state
from server.transport.state import HttpState

GRAPHQL_PATH = "/graphql"
DOCUMENT_PATH = f"{GRAPHQL_PATH}/p/{{document_id}}"
# Of operations over HTTP.
OPERATION_PATHS = (GRAPHQL_PATH, DOCUMENT_PATH, MCP_PATH)


def create_app(settings: Settings, http: HttpState | None = None) -> Starlette:
    """Build an application that opens its connections in the lifespan. `http`: the state of the server running it."""
    http = http or HttpState()
    configure_logging(settings.log_level, json=settings.use_json_logs)
    name_statements()
    handler = GraphQLHandler(build_operations(settings), settings.max_running_operations)
    warn_of_idle_brownouts(settings.parsed_brownouts, handler.operations.documents.deprecations)
    subscriptions = _build_subscriptions(settings, handler)
    endpoint = _build_endpoint(settings, handler, subscriptions)
    exports = StreamedExport(settings)
    uploads = Uploads(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        try:
            async with open_state(settings) as state:
                register_collectors(app, state)
                async with (
                    run_trusted_documents(
                        state.trusted_documents, state.services.changes, handler.operations.documents
                    ),
                    state.services.metrics.running("server"),
                    run_cache_warmup(handler, state),
                ):
                    yield {"shinjp": state, "traces": state.traces}
        finally:
            flush_log()

    app = _Application(
        routes=[
            Route(GRAPHQL_PATH, endpoint),
            WebSocketRoute(GRAPHQL_PATH, _build_websocket_endpoint(settings, handler, subscriptions)),
            Route(DOCUMENT_PATH, endpoint),
            Route(f"{GRAPHQL_PATH}/", redirect_trailing_slash, methods=["GET", "POST", "QUERY"]),
            Route("/schema.graphql", get_schema),
            Route("/exports/files/{job_id:uuid}/{file_name}", download),
            Route("/exports/{name}", exports),
            Route("/imports/{user_id:uuid}/{import_id:uuid}/report.csv", download_report),
            Route("/uploads", uploads),
            Route("/uploads/{upload_id:uuid}", uploads),
            Route("/covers/{file_name}", send_cover),
            Route("/imports/wanikani", WaniKaniFetch(settings)),
            Route(UNSUBSCRIBE_PATH, unsubscribe, methods=["GET", "POST"]),
            *(_build_mcp_routes(settings, handler) if settings.mcp == "on" else []),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *([Route("/metrics", metrics)] if settings.metrics_port is None else []),
            *([Mount("/graphiql/assets", graphiql_assets())] if settings.public_introspection else []),
            *(app_routes(partial(issue_demo_tokens, settings), _is_app_registered) if settings.is_development else []),
        ],
        middleware=[
            Middleware(RequestLogMiddleware, operation_paths=OPERATION_PATHS),
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
    http.early_rejections = Overload(
        OPERATION_PATHS, handler.admission, admission_client_of, endpoint.has_cached_response, settings.origins
    )
    return app


def _is_app_registered(request: Request, version: str) -> bool:
    state: AppState = request.state.shinjp
    return state.trusted_documents.is_registered(ClientName(APP_NAME, version))


class _Application(Starlette):
    """Without Starlette's ServerErrorMiddleware: UnhandledErrorMiddleware responds to exceptions."""

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = ExceptionMiddleware(self.router)
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


def _build_endpoint(settings: Settings, handler: GraphQLHandler, subscriptions: Subscriptions) -> GraphQLEndpoint:
    demo_tokens = partial(issue_demo_tokens, settings) if settings.is_development else None
    return GraphQLEndpoint(
        handler,
        ResponseCache(max_bytes=settings.response_cache_bytes, max_body_bytes=settings.max_response_bytes),
        subscriptions,
        graphiql_page(demo_tokens) if settings.public_introspection else closed_page,
        origins=settings.origins,
        max_body_bytes=settings.max_body_bytes,
        timeout_seconds=settings.operation_timeout_seconds,
    )


def _build_mcp_routes(settings: Settings, handler: GraphQLHandler) -> list[Route]:
    tools = Tools(schema._schema, handler.operations.documents)
    routes = [Route(MCP_PATH, MCPEndpoint(handler, tools, settings))]
    if metadata_url(settings) is not None:
        routes.append(Route(METADATA_PATH, send_metadata(settings, MCP_PATH)))
    return routes


def _build_websocket_endpoint(
    settings: Settings, handler: GraphQLHandler, subscriptions: Subscriptions
) -> WebSocketEndpoint:
    limits = ConnectionLimits(
        init_timeout=settings.ws_init_timeout_seconds,
        max_operations=settings.max_streams_per_socket,
        idle=settings.ws_idle_seconds,
        anonymous_idle=settings.ws_anonymous_idle_seconds,
    )
    sockets = ViewerSockets(settings.max_sockets_per_learner)
    return WebSocketEndpoint(handler, subscriptions, sockets, settings.origins, limits)


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
