"""Errors that no route expects."""

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.graphql.handler import errors_of


class Failures:
    """ASGI middleware: answers them by 500 and a masked error, inside of CORS, so that a page can read the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def send_noting(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except ClientDisconnect:
            raise
        except Exception as error:
            # An answer that has begun can only be broken off.
            if has_started:
                raise
            body = orjson.dumps({"errors": errors_of(error, scope["state"]["request_id"])})
            headers = {"Cache-Control": "no-store"}
            await Response(body, 500, headers, "application/json")(scope, receive, send)
