"""The context of one request: who asks, and what resolvers work with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.requests import Request

from db.reads import Reads
from domain.statistics import RequestStatistics
from domain.viewer import Viewer
from loaders import Loaders
from resolvers.context import Context
from server.authentication import bearer_token
from server.http.endpoint import request_id_of
from server.state import State


@asynccontextmanager
async def open_context(request: Request) -> AsyncIterator[Context]:
    """A context for as long as the operation runs; then whatever its loaders still do is stopped.

    Raises Unauthenticated when the request has a token that is not valid. Without a token nobody is signed in.
    """
    state: State = request.state.shinjp
    statistics = RequestStatistics()
    viewer = await _viewer(request, state)
    is_admin = viewer is not None and viewer.is_admin
    reads = Reads(state.services.database, viewer, statistics)
    loaders = Loaders(reads)
    try:
        yield Context(
            request_id=request_id_of(request),
            services=state.services,
            reads=reads,
            loaders=loaders,
            statistics=statistics,
            show_statistics=(state.settings.is_development or is_admin) and request.headers.get("x-debug-stats") == "1",
            introspection=state.settings.introspection_for_all or is_admin,
        )
    finally:
        await loaders.close()


async def _viewer(request: Request, state: State) -> Viewer | None:
    token = bearer_token(request.headers.get("authorization"))
    if token is None:
        return None
    claims = await state.tokens.verify(token)
    viewer = await state.viewers.viewer(claims.subject, email=claims.email, name=claims.name)
    structlog.contextvars.bind_contextvars(viewer=str(viewer.id))
    return viewer
