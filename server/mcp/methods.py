"""Methods of the protocol, apart from `tools/call`: what the server is, and which tools it has."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from common.text import truncate
from server.mcp.messages import INVALID_PARAMS, METHOD_NOT_FOUND, Message, ProtocolError
from server.mcp.revisions import META_SERVER, MODERN_VERSION, VERSIONS, negotiate_version
from server.mcp.tools import ToolList

Result = dict[str, Any]

SERVER = {"name": "shinjp", "title": "ShinJP", "version": "1"}
CALL = "tools/call"
_INSTRUCTIONS = (
    "Tools for people who learn Japanese. The token of a request decides whose words, cards and texts a tool reads and "
    "changes. Each result is a GraphQL response: `data`, and `errors` with a code each."
)
_CAPABILITIES: Mapping[str, Any] = {"tools": {}}
# A push of documents changes the tools.
_TTL_MS = 60_000


def respond(message: Message, version: str, tools: ToolList) -> Result:
    """The result of a request other than `tools/call`. Raises ProtocolError."""
    methods = _MODERN if version == MODERN_VERSION else _LEGACY
    method = methods.get(message.method)
    if method is None:
        raise ProtocolError(METHOD_NOT_FOUND, f"Method {truncate(message.method)!r} is not supported.")
    return complete(method(message, tools), version)


def complete(result: Result, version: str) -> Result:
    """Add the fields that all results of the revision have."""
    if version != MODERN_VERSION:
        return result
    return {"resultType": "complete", **result, "_meta": {META_SERVER: SERVER}}


def _initialize(message: Message, _: ToolList) -> Result:
    return {
        "protocolVersion": negotiate_version(message.params),
        "capabilities": _CAPABILITIES,
        "serverInfo": SERVER,
        "instructions": _INSTRUCTIONS,
    }


def _ping(_message: Message, _tools: ToolList) -> Result:
    return {}


def _discover(_message: Message, _tools: ToolList) -> Result:
    return {"supportedVersions": VERSIONS, "capabilities": _CAPABILITIES, "instructions": _INSTRUCTIONS, **_caching()}


def _list_tools(message: Message, tools: ToolList) -> Result:
    if message.params.get("cursor") is not None:
        raise ProtocolError(INVALID_PARAMS, "`cursor` is unknown: the list has one page.")
    return {"tools": orjson.Fragment(tools.encoded)}


def _list_cacheable_tools(message: Message, tools: ToolList) -> Result:
    return _list_tools(message, tools) | _caching()


def _caching() -> Result:
    # The same for all clients.
    return {"ttlMs": _TTL_MS, "cacheScope": "public"}


_Method = Callable[[Message, ToolList], Result]
_MODERN: Mapping[str, _Method] = {"server/discover": _discover, "tools/list": _list_cacheable_tools}
_LEGACY: Mapping[str, _Method] = {"initialize": _initialize, "ping": _ping, "tools/list": _list_tools}
