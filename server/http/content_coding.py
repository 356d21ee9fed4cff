"""Codings of request bodies, of which none is supported: a short body could become longer than any limit."""

from starlette.types import Scope

from common.text import truncate
from server.http.headers import get_headers

_NAME = b"content-encoding"
# Of the response to a coded body (RFC 9110, section 12.5.3).
SUPPORTED = {"Accept-Encoding": "identity"}


def find_coding_problem(scope: Scope) -> str | None:
    """Return a message if the body of the request is coded."""
    if _NAME not in get_headers(scope):
        return None
    coding = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == _NAME)
    if all(part.strip().lower() in ("", "identity") for part in coding.split(",")):
        return None
    return f"Compressed request bodies are not supported; omit Content-Encoding: {truncate(coding)}."
