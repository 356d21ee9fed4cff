"""Responses to unhandled exceptions."""

from collections.abc import Awaitable

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.error_format import format_request_error


class UnhandledErrorMiddleware:
    """ASGI middleware that responds to unhandled exceptions with 500 and a masked error.

    It runs inside the CORS middleware, so that pages can read the response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        def send_and_mark_started(message: Message) -> Awaitable[None]:
            nonlocal has_started
            has_started = True
            return send(message)

        try:
            await self._app(scope, receive, send_and_mark_started)
        except ClientDisconnect:
            raise
        except Exception as error:
            # A started response can only be aborted.
            if has_started:
                raise
            body = orjson.dumps({"errors": format_request_error(error, scope["state"]["request_id"])})
            headers = {"Cache-Control": "no-store"}
            await Response(body, 500, headers, "application/json")(scope, receive, send)
