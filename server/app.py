"""The application: every route, and what is around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from engine.request.cost_analysis import Limits
from engine.request.document_cache import Documents
from engine.request.fair_queue import QueueLimits
from engine.request.operations import Operations
from engine.run.budget import ResultLimits, Turn
from schema import schema
from schema.cache_control import POLICIES
from schema.costs import COSTS
from server.auth.development_tokens import issue_token
from server.context import Caller, open_context
from server.graphiql import closed_page, graphiql_assets, graphiql_page
from server.graphql.cache_warmup import warming_up
from server.graphql.endpoint import GraphQLEndpoint
from server.graphql.handler import Pipeline
from server.graphql.response_cache import Shortcuts
from server.graphql.subscriptions import StreamLimits, Streams
from server.graphql.websocket.connection import ConnectionLimits
from server.graphql.websocket.endpoint import WebSocketEndpoint
from server.http.cors import OriginCORSMiddleware
from server.http.exception_handlers import UnhandledErrorMiddleware
from server.http.origins import Origins
from server.http.redirects import redirect_trailing_slash
from server.http.request_log import RequestLogMiddleware
from server.http.single_headers import SingleHeadersMiddleware
from server.observability.logging import configure_logging, flush_log
from server.observability.metrics import metrics
from server.rest.exports import DirectExports, download
from server.rest.health import healthz, readyz
from server.rest.schema_sdl import schema_text
from server.settings import Settings
from server.state import open_state
from server.transport.state import HttpState

GRAPHQL_PATH = "/graphql"


def create_app(settings: Settings, http: HttpState | None = None) -> Starlette:
    """An application that connects to everything when its lifespan begins. `http`: of the server that runs it."""
    http = http or HttpState()
    configure_logging(settings)
    pipeline = _pipeline(settings)
    streams = _streams(settings, pipeline)
    graphql = _graphql(settings, pipeline, streams)
    exports = DirectExports(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        try:
            async with open_state(settings) as state, warming_up(pipeline, state):
                yield {"shinjp": state}
        finally:
            flush_log()

    app = Starlette(
        routes=[
            Route(GRAPHQL_PATH, graphql),
            WebSocketRoute(GRAPHQL_PATH, _websocket(settings, pipeline, streams)),
            Route(f"{GRAPHQL_PATH}/", redirect_trailing_slash),
            Route("/schema.graphql", schema_text),
            Route("/exports/files/{job_id:uuid}/{file_name}", download),
            Route("/exports/{name}", exports),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *([Mount("/graphiql", graphiql_assets())] if settings.introspection_for_all else []),
        ],
        middleware=[
            Middleware(RequestLogMiddleware),
            Middleware(SingleHeadersMiddleware),
            *_cors(settings.origins),
            Middleware(UnhandledErrorMiddleware),
        ],
        lifespan=lifespan,
    )
    # Starlette's own redirects go to whatever host the request names.
    app.router.redirect_slashes = False
    app.state.streams = streams
    app.state.exports = exports.slots
    app.state.http = http
    app.state.documents = pipeline.operations.documents
    http.on_close(streams.stop)
    return app


def _graphql(settings: Settings, pipeline: Pipeline, streams: Streams) -> ASGIApp:
    demo_token = (lambda: issue_token(settings, "demo")) if settings.is_development else None
    return GraphQLEndpoint(
        pipeline,
        Shortcuts(
            _count_deprecated,
            max_bytes=settings.response_cache_bytes,
            max_body_bytes=settings.max_response_bytes,
        ),
        streams,
        Caller.of,
        graphiql_page(token=demo_token) if settings.introspection_for_all else closed_page,
        origins=settings.origins,
        max_body_bytes=settings.max_body_bytes,
        timeout_seconds=settings.operation_timeout_seconds,
    )


def _websocket(settings: Settings, pipeline: Pipeline, streams: Streams) -> WebSocketEndpoint:
    limits = ConnectionLimits(
        init_seconds=settings.socket_init_seconds,
        operations=settings.max_streams_per_socket,
        message_bytes=settings.max_body_bytes,
    )
    return WebSocketEndpoint(
        pipeline,
        streams,
        lambda socket, authorization: Caller.of(socket).with_authorization(authorization),
        settings.origins,
        limits,
    )


def _pipeline(settings: Settings) -> Pipeline:
    documents = Documents(
        COSTS,
        POLICIES,
        max_tokens=settings.max_query_tokens,
        max_text_bytes=settings.max_query_bytes,
        max_steps=settings.max_query_merge_steps,
        max_fields=settings.max_query_fields,
        max_bytes=settings.document_cache_bytes,
        max_waiting=QueueLimits(settings.max_waiting_documents, settings.max_waiting_documents_per_client),
        # PostgreSQL cannot store them.
        allow_null_characters=False,
    )
    limits = Limits(settings.max_query_depth, settings.max_query_aliases, settings.max_query_cost)
    result_limits = ResultLimits(settings.max_result_values, settings.max_response_bytes, Turn())
    operations = Operations(schema, documents, limits, result_limits)
    return Pipeline(
        operations,
        open_context,
        _count_deprecated,
        lambda caller: caller.state.persisted_queries,
    )


def _streams(settings: Settings, pipeline: Pipeline) -> Streams:
    return Streams(
        pipeline,
        StreamLimits(
            of_a_learner=settings.max_streams_per_learner,
            longest_life=settings.stream_max_seconds,
            pause=settings.stream_pause_seconds,
            event_timeout=settings.operation_timeout_seconds,
        ),
    )


def _count_deprecated(caller: Caller, coordinates: tuple[str, ...]) -> None:
    caller.state.deprecated_usage.count(coordinates, caller.client)


def _cors(origins: Origins) -> list[Middleware]:
    return [Middleware(OriginCORSMiddleware, origins=origins)] if origins.allowed or origins.localhost else []
