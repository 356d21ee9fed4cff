"""The same schema, resolvers and loaders, executed by graphql-core behind Strawberry's view: the usual set-up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema import schema
from server.context import RequestInfo, open_context
from server.settings import Settings
from server.state import open_state

schema.execution_context_class = StrawberryGraphQLCoreExecutionContext


class PlainView(GraphQL[Any, None]):
    """Strawberry's view with the project's context."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["request_id"] = "plain"
        async with open_context(RequestInfo.from_connection(Request(scope))) as context:
            scope["state"]["context"] = context
            await super().__call__(scope, receive, send)

    async def get_context(self, request: Any, response: Response | Any) -> Any:
        return request.state.context


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    async with open_state(Settings.load()) as state:
        yield {"shinjp": state}


app = Starlette(routes=[Route("/graphql", PlainView(schema))], lifespan=lifespan)
