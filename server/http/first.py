"""The one path that most requests are for."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send


class First:
    """ASGI middleware: requests for the path go to the endpoint at once, without the router and what is around it."""

    def __init__(self, app: ASGIApp, path: str, endpoint: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        is_for_it = scope["type"] == "http" and scope["path"] == self._path
        return (self._endpoint if is_for_it else self._app)(scope, receive, send)
