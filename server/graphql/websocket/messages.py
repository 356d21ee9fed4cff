"""Messages of `graphql-transport-ws`, checked before anything is done with them."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson

from server.http.request import GraphQLRequest, HTTPError, validate_parameters

PROTOCOL = "graphql-transport-ws"
_MAX_ID_LENGTH = 128


class CloseCode(IntEnum):
    """Why the server closes a socket. Those from 4400 are the protocol's own."""

    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INITIALISATION_REQUESTS = 4429


class Closed(Exception):
    """The socket is to be closed."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        # A close frame has room for 123 bytes.
        self.reason = reason.encode()[:123].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """`payload`: an object, or None where there is none."""

    type: str
    id: str | None
    payload: dict[str, Any] | None

    @property
    def operation_id(self) -> str:
        """Raises Closed where there is none that can be used."""
        if self.id is None or not 1 <= len(self.id) <= _MAX_ID_LENGTH:
            raise Closed(CloseCode.BAD_REQUEST, f"id: a text of 1 to {_MAX_ID_LENGTH} characters is needed.")
        return self.id

    @property
    def parameters(self) -> GraphQLRequest:
        """What is asked for. Raises Closed."""
        try:
            return validate_parameters(self.payload or {})
        except HTTPError as error:
            raise Closed(CloseCode.BAD_REQUEST, f"payload.{error.message}") from None


def parsed(text: str | bytes) -> ClientMessage:
    """Raises Closed for what is no message."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closed(CloseCode.BAD_REQUEST, "A message is not JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(CloseCode.BAD_REQUEST, "A message is not a JSON object with a `type`.")
    id, payload = message.get("id"), message.get("payload")
    if id is not None and not isinstance(id, str):
        raise Closed(CloseCode.BAD_REQUEST, "id: it is not a text.")
    if payload is not None and not isinstance(payload, dict):
        raise Closed(CloseCode.BAD_REQUEST, "payload: it is not a JSON object.")
    return ClientMessage(message["type"], id, payload)
