"""Consistency tokens: positions of writes, which later requests send so that their reads see these writes."""

from starlette.requests import HTTPConnection

from server.http.headers import get_headers
from server.http.responses import Headers

HEADER = "X-Consistency-Token"
COOKIE = "shinjp_consistency"
# In `extensions` of requests and responses.
EXTENSION = "consistencyToken"

_HEADER = HEADER.lower().encode()
_COOKIE = COOKIE.encode()
# Much longer than a replica in use may lag behind.
_MAX_AGE_SECONDS = 60


def get_consistency_token(connection: HTTPConnection) -> str | None:
    """Return the token in the header, or else in the cookie."""
    headers = get_headers(connection.scope)
    token = headers.get(_HEADER)
    if token is not None:
        return token.decode("latin-1")
    for cookie in headers.get(b"cookie", b"").split(b";"):
        name, _, value = cookie.strip().partition(b"=")
        if name == _COOKIE:
            # Not by `http.cookies`, which takes seconds for the escapes of some quoted values.
            return value.decode("latin-1")
    return None


def build_token_headers(token: str, *, secure: bool) -> Headers:
    """Return the header and the cookie. `secure`: whether browsers send the cookie by HTTPS only."""
    cookie = (
        f"{COOKIE}={token}; Max-Age={_MAX_AGE_SECONDS}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
    )
    return [(_HEADER, token.encode()), (b"set-cookie", cookie.encode())]
