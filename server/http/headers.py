"""The headers of a request by name."""

from starlette.types import Scope


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Names in lower case; of a header that came more than once, the last value.

    Built once for each request. Starlette's Headers walk over all headers for each one that is looked up.
    """
    state = scope.setdefault("state", {})
    headers: dict[bytes, bytes] | None = state.get("headers")
    if headers is None:
        headers = state["headers"] = dict(scope["headers"])
    return headers


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a header, None where there is none."""
    value = headers_of(scope).get(name)
    return None if value is None else value.decode("latin-1")


def add_response_header(scope: Scope, name: bytes, value: bytes) -> None:
    """A header that the response gets in any case, whatever sends it. Cheaper than wrapping `send` once more."""
    scope["state"].setdefault("response_headers", []).append((name, value))
