"""A route of its own for the path that most requests are for."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send


class DirectRouteMiddleware:
    """ASGI middleware that passes HTTP requests for `path` to `endpoint`, without the router.

    Starlette's router and its handlers of HTTP exceptions take a tenth of the CPU time of a cached response. The
    endpoint gets no path parameters, and raises no HTTPException.
    """

    def __init__(self, app: ASGIApp, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        is_direct = scope["type"] == "http" and scope["path"] == self._path
        return (self._endpoint if is_direct else self._app)(scope, receive, send)
