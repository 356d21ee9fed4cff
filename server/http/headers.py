"""Access to request headers by name, and headers added to every response."""

from starlette.types import Scope


def get_headers(scope: Scope) -> dict[bytes, bytes]:
    """Request headers by lower-case name; the last value of a repeated header.

    Built once per request: Starlette's `Headers` scans the whole list on each lookup.
    """
    headers: dict[bytes, bytes]
    try:
        headers = scope["state"]["headers"]
    except KeyError:
        headers = scope.setdefault("state", {})["headers"] = dict(scope["headers"])
    return headers


def get_header(scope: Scope, name: bytes) -> str | None:
    """Return the value of a request header, or None."""
    value = get_headers(scope).get(name)
    return None if value is None else value.decode("latin-1")


def add_response_header(scope: Scope, name: bytes, value: bytes) -> None:
    """Add a header to the response, whatever sends it. Cheaper than wrapping `send` again."""
    scope["state"].setdefault("response_headers", []).append((name, value))
