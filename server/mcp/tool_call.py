"""Calls of tools: executes a trusted document with the arguments as variables.

What the operation reports is a result, which agents read and react to. Only a request without the authentication that
the operation requires fails as a request, so that clients ask people to sign in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from common.text import truncate
from domain.errors import ErrorCode
from server.context import RequestInfo
from server.error_format import error_dict, format_request_error
from server.graphql.handler import GraphQLHandler
from server.graphql.response_body import Body
from server.http.cancellation import cancel_on_disconnect
from server.http.request import GraphQLRequest
from server.mcp.messages import INVALID_PARAMS, UNAUTHENTICATED, ProtocolError
from server.mcp.tools import Tool, ToolList
from server.observability.error_log import bind_fields, record_code


class ToolCaller:
    def __init__(self, handler: GraphQLHandler, timeout_seconds: float) -> None:
        self._handler = handler
        self._timeout_seconds = timeout_seconds

    async def call(
        self, request_info: RequestInfo, receive: Receive, tools: ToolList, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Raises ProtocolError for an unknown tool, and if the operation requires authentication."""
        name, arguments = params.get("name"), params.get("arguments")
        tool = tools.by_name.get(name) if isinstance(name, str) else None
        if tool is None:
            raise ProtocolError(INVALID_PARAMS, f"Unknown tool: {truncate(str(name))}")
        if arguments is not None and not isinstance(arguments, dict):
            raise ProtocolError(INVALID_PARAMS, "`arguments` must be an object.")
        bind_fields(tool=tool.name)
        body = await self._execute(request_info, receive, tool, arguments or {})
        if request_info.authorization is None and _has_code(body.errors, ErrorCode.UNAUTHENTICATED):
            raise unauthenticated(body.errors[0]["message"])
        return {
            "content": [{"type": "text", "text": body.encoded.decode()}],
            "structuredContent": orjson.Fragment(body.encoded),
            "isError": bool(body.errors) or (tool.is_mutation and _has_user_errors(body)),
        }

    async def _execute(
        self, request_info: RequestInfo, receive: Receive, tool: Tool, arguments: dict[str, Any]
    ) -> Body:
        # GraphQL ignores variables that the operation does not have.
        unknown = sorted(arguments.keys() - tool.argument_names)
        if unknown:
            message = f"{tool.name} has no argument {truncate(unknown[0])!r}."
            record_code(ErrorCode.BAD_USER_INPUT)
            extensions = {"code": ErrorCode.BAD_USER_INPUT.value}
            return Body.from_errors([error_dict(message, extensions, request_info.request_id)])
        request = GraphQLRequest("", None, arguments, {}, tool.document_id)
        try:
            async with cancel_on_disconnect(receive, self._timeout_seconds) as deadline:
                response = await self._handler.execute(request_info, request, deadline, read_only=not tool.is_mutation)
            return response.body
        except ClientDisconnect:
            raise
        except Exception as error:
            return Body.from_errors(format_request_error(error, request_info.request_id))


def unauthenticated(message: str) -> ProtocolError:
    return ProtocolError(UNAUTHENTICATED, message, {"code": ErrorCode.UNAUTHENTICATED.value})


def _has_code(errors: Sequence[Mapping[str, Any]], code: ErrorCode) -> bool:
    return any(error["extensions"]["code"] == code for error in errors)


def _has_user_errors(body: Body) -> bool:
    """Whether a payload has errors that the user can correct."""
    data = orjson.loads(body.encoded).get("data") or {}
    return any(isinstance(payload, dict) and bool(payload.get("errors")) for payload in data.values())
