"""Revisions of the protocol, and which one a request has.

Since 2026-07-28, each request states its revision in headers and in `_meta` of its parameters. Earlier ones begin with
`initialize`, whose result states the revision; the server needs no state for them, either.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from common.text import truncate
from server.mcp.messages import HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION, Message, ProtocolError

MODERN_VERSION = "2026-07-28"
# The newest first.
LEGACY_VERSIONS = ("2025-11-25", "2025-06-18")
VERSIONS = (MODERN_VERSION, *LEGACY_VERSIONS)

_PREFIX = "io.modelcontextprotocol/"
_META_VERSION, _META_CAPABILITIES = f"{_PREFIX}protocolVersion", f"{_PREFIX}clientCapabilities"
META_CLIENT, META_SERVER = f"{_PREFIX}clientInfo", f"{_PREFIX}serverInfo"
_VERSION_HEADER, _METHOD_HEADER, _NAME_HEADER = b"mcp-protocol-version", b"mcp-method", b"mcp-name"
# Parameters that are a header, too, by method.
_NAMED = {"tools/call": "name"}
_ENCODED_START, _ENCODED_END = "=?base64?", "?="


def find_version(message: Message, headers: Mapping[bytes, bytes]) -> str:
    """The revision of a request. Raises ProtocolError for other ones, and for headers that contradict the body."""
    given, stated = _header(headers, _VERSION_HEADER), message.meta.get(_META_VERSION)
    if stated is None and given != MODERN_VERSION:
        return _find_legacy_version(message, given)
    if not isinstance(stated, str) or not isinstance(message.meta.get(_META_CAPABILITIES), dict):
        raise ProtocolError(INVALID_PARAMS, f"`_meta` must have `{_META_VERSION}` and `{_META_CAPABILITIES}`.")
    _check_header("MCP-Protocol-Version", given, stated)
    if stated not in VERSIONS:
        raise _unsupported(stated)
    if stated != MODERN_VERSION:
        return stated
    _check_header("Mcp-Method", _header(headers, _METHOD_HEADER), message.method)
    name = message.params.get(_NAMED.get(message.method, ""))
    if isinstance(name, str):
        _check_header("Mcp-Name", _decode(_header(headers, _NAME_HEADER)), name)
    return stated


def negotiate_version(params: Mapping[str, Any]) -> str:
    """The revision of the result of `initialize`: the client's, or the newest one that has this method."""
    requested = params.get("protocolVersion")
    return requested if requested in LEGACY_VERSIONS else LEGACY_VERSIONS[0]


def _find_legacy_version(message: Message, given: str | None) -> str:
    if message.method == "initialize":
        return negotiate_version(message.params)
    if given is None:
        raise ProtocolError(HEADER_MISMATCH, "The header MCP-Protocol-Version is absent.")
    if given not in LEGACY_VERSIONS:
        raise _unsupported(given)
    return given


def _check_header(name: str, given: str | None, expected: str) -> None:
    if given != expected:
        found = "absent" if given is None else repr(truncate(given))
        raise ProtocolError(HEADER_MISMATCH, f"The header {name} is {found}, but the body has {truncate(expected)!r}.")


def _unsupported(version: str) -> ProtocolError:
    data = {"supported": VERSIONS, "requested": truncate(version)}
    return ProtocolError(UNSUPPORTED_VERSION, "Unsupported protocol version", data)


def _header(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


def _decode(value: str | None) -> str | None:
    """Names that are not ASCII are in Base64."""
    if value is None or not (value.startswith(_ENCODED_START) and value.endswith(_ENCODED_END)):
        return value
    try:
        return base64.b64decode(value[len(_ENCODED_START) : -len(_ENCODED_END)], validate=True).decode()
    except (binascii.Error, ValueError):
        return value
