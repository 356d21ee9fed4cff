"""JSON-RPC 2.0 messages, as the Model Context Protocol restricts them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import orjson

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
# Of the protocol.
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022
# Codes of the application are outside of the range that JSON-RPC reserves: they are the HTTP statuses.
UNAUTHENTICATED = 401
FORBIDDEN = 403

RequestId: TypeAlias = str | int

_STATUS = {METHOD_NOT_FOUND: 404, INTERNAL_ERROR: 500, UNAUTHENTICATED: 401, FORBIDDEN: 403}


class ProtocolError(Exception):
    """A request that is not executed. `status`: of HTTP, by default that of the code."""

    def __init__(
        self,
        code: int,
        message: str,
        data: Any = None,
        *,
        id: RequestId | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.id = id
        self.status = status or _STATUS.get(code, 400)
        self.headers = dict(headers or {})


class Message(NamedTuple):
    """A request, or a notification, whose `id` is None."""

    id: RequestId | None
    method: str
    params: dict[str, Any]

    @property
    def meta(self) -> dict[str, Any]:
        """`_meta` of the parameters; empty if it is absent, or no object."""
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}


def parse_message(body: bytes) -> Message:
    """Raises ProtocolError."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ProtocolError(PARSE_ERROR, "Request body is not valid JSON encoded in UTF-8.") from None
    if isinstance(found, list):
        raise ProtocolError(INVALID_REQUEST, "Batches of messages are not supported.")
    if not isinstance(found, dict) or found.get("jsonrpc") != "2.0":
        raise ProtocolError(INVALID_REQUEST, "Request body must be a JSON-RPC 2.0 message.")
    id = found.get("id")
    if "id" in found and (isinstance(id, bool) or not isinstance(id, str | int)):
        raise ProtocolError(INVALID_REQUEST, "`id` must be a string or an integer.")
    method, params = found.get("method"), found.get("params", {})
    if not isinstance(method, str):
        raise ProtocolError(INVALID_REQUEST, "`method` must be a string.", id=id)
    if not isinstance(params, dict):
        raise ProtocolError(INVALID_PARAMS, "`params` must be an object.", id=id)
    return Message(id, method, params)


def encode_result(id: RequestId, result: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"jsonrpc": "2.0", "id": id, "result": result})


def encode_error(id: RequestId | None, error: ProtocolError) -> bytes:
    described: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        described["data"] = error.data
    return orjson.dumps({"jsonrpc": "2.0", **({} if id is None else {"id": id}), "error": described})
