"""The base of all errors whose messages are written for clients."""

from collections.abc import Mapping
from typing import ClassVar

from common.error_descriptions import PlainMessage


class ClientError(Exception):
    """An error that the client may see: a message, and a stable code in `extensions.code`."""

    code: ClassVar[str]

    def __init__(self, message: str, **extensions: object) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: Mapping[str, object] = {"code": str(self.code), **extensions}


class RetryableError(PlainMessage, ClientError):
    """An error that a later attempt may not have. `retryAfter`: in seconds."""

    def __init__(self, message: str, *, retry_after: int, **extensions: object) -> None:
        super().__init__(message, retryAfter=retry_after, **extensions)
