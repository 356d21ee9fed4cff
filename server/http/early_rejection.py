"""Responses that are decided before the application is called."""

from collections.abc import MutableMapping
from typing import Any, NamedTuple, Protocol


class EarlyRejection(NamedTuple):
    """The headers and the body of a response with status 503."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class EarlyRejections(Protocol):
    """Decides which requests are rejected, by their ASGI scope."""

    def may_reject(self, scope: MutableMapping[str, Any]) -> bool:
        """Whether `reject` has to be called for the request."""

    def reject(self, scope: MutableMapping[str, Any], body: bytes | None) -> EarlyRejection | None:
        """Return the response to a request that is rejected. `body`: None if it has not arrived completely."""
