"""Parses and validates messages of the graphql-transport-ws protocol."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

from server.http.request import GraphQLRequest, HTTPError, validate_parameters

PROTOCOL = "graphql-transport-ws"
_MAX_ID_LENGTH = 128


class CloseCode(IntEnum):
    """Close codes of the server. Those from 4400 are defined by the protocol."""

    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    IDLE = 4410
    TOO_MANY_INITIALISATION_REQUESTS = 4429


class CloseSocket(Exception):
    """Raised to close the socket."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        # RFC 6455 limits the reason to 123 bytes.
        self.reason = reason.encode()[:123].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """A message with a valid type and payload; other properties are validated on access."""

    type: str
    id: str | None
    payload: dict[str, Any] | None

    @property
    def operation_id(self) -> str:
        """Raises CloseSocket for a missing or invalid id."""
        if self.id is None or not 1 <= len(self.id) <= _MAX_ID_LENGTH:
            raise CloseSocket(CloseCode.BAD_REQUEST, f"`id` must be a string of 1 to {_MAX_ID_LENGTH} characters.")
        return self.id

    @property
    def parameters(self) -> GraphQLRequest:
        """The GraphQL request of a `subscribe` message. Raises CloseSocket."""
        try:
            return validate_parameters(self.payload or {})
        except HTTPError as error:
            raise CloseSocket(CloseCode.BAD_REQUEST, f"Invalid payload: {error.message}") from None


def parse_message(text: str | bytes) -> ClientMessage:
    """Raises CloseSocket for an invalid message."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise CloseSocket(CloseCode.BAD_REQUEST, "Message is not valid JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise CloseSocket(CloseCode.BAD_REQUEST, "Message must be a JSON object with `type`.")
    id, payload = message.get("id"), message.get("payload")
    if id is not None and not isinstance(id, str):
        raise CloseSocket(CloseCode.BAD_REQUEST, "`id` must be a string.")
    if payload is not None and not isinstance(payload, dict):
        raise CloseSocket(CloseCode.BAD_REQUEST, "`payload` must be an object.")
    return ClientMessage(message["type"], id, payload)
